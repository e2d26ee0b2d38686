import { lstat, readdir, readFile, realpath, stat } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import type { ConnectorSources } from './compile-connector.ts';
import { ConnectorError, type Diagnostic } from './diagnostics.ts';
import { MAX_FILE_BYTES } from './yaml-file.ts';

/** A file as it was read. */
export interface SourceFile {
  /** As people see it in a diagnostic. */
  file: string;
  /** Below the directory: the same from wherever the process was started. */
  path: string;
  text: string;
}

/** A file of which the text may be missing, because it could not be read. */
export type UnreadFile = Omit<SourceFile, 'text'> & { text: string | undefined };

/** The texts of one connector, with the place of each below the directory. */
export interface ReadSources extends ConnectorSources {
  connector: UnreadFile;
  actions: readonly UnreadFile[];
  examples: readonly SourceFile[];
  guides: readonly SourceFile[];
}

/**
 * The directory's folders, links to folders included; hidden ones are somebody else's. Throws {@link ConnectorError} when the
 * directory is none; links that lead nowhere are faults.
 */
export async function connectorFolders(directory: string, faults: Diagnostic[]): Promise<string[]> {
  const names = await readdir(directory).catch((error: unknown) => {
    throw new ConnectorError([unreadable(directory, error)]);
  });
  const kept = await Promise.all(
    names.filter((name) => !name.startsWith('.')).map((name) => folderName(directory, name, faults)),
  );
  return kept.flat().sort();
}

async function folderName(directory: string, name: string, faults: Diagnostic[]): Promise<string[]> {
  const path = join(directory, name);
  try {
    return (await stat(path)).isDirectory() ? [name] : [];
  } catch (error) {
    // It was to be a connector; a server that starts without it would surprise.
    if (await isLink(path)) faults.push(unreadable(path, error));
    return [];
  }
}

/** The texts of the connector in one folder of the directory; what cannot be read is a fault and missing. */
export async function readSources(directory: string, id: string, faults: Diagnostic[]): Promise<ReadSources> {
  const readAll = async (folder: string) => {
    const path = join(id, folder);
    const names = await readdir(join(directory, path)).catch((error: unknown) => {
      // A connector may do without the folder, but one that is there must not go unnoticed.
      if (codeOf(error) !== 'ENOENT') faults.push(unreadable(join(directory, path), error));
      return [];
    });
    const wanted = names.filter((name) => isYamlName(name)).sort();
    return Promise.all(wanted.map((name) => readSource(directory, id, join(folder, name), faults)));
  };
  const isRead = (source: UnreadFile): source is SourceFile => source.text !== undefined;
  await refuseMisnamed(directory, id, faults);
  return {
    folder: id,
    connector: await readSource(directory, id, 'connector.yaml', faults),
    actions: await readAll('actions'),
    examples: (await readAll('examples')).filter(isRead),
    guides: (await readAll('guides')).filter(isRead),
  };
}

const FOLDERS = ['actions', 'examples', 'guides'];

/** A folder `action` or `Examples` would be passed over, with everything in it. */
async function refuseMisnamed(directory: string, id: string, faults: Diagnostic[]): Promise<void> {
  const stem = (name: string) => name.toLowerCase().replace(/s$/, '');
  // One that cannot be listed has other faults.
  const names = await readdir(join(directory, id)).catch(() => []);
  for (const name of names) {
    const meant = FOLDERS.find((folder) => name !== folder && stem(name) === stem(folder));
    if (meant === undefined) continue;
    const file = relative(process.cwd(), join(directory, id, name));
    const message = `is not read: the folder is named "${meant}"`;
    faults.push({ file, line: 1, column: 1, rule: 'YML004', message, frame: '' });
  }
}

/** Whether a file of that name in a connector's folders is read. Editors keep hidden ones beside what is edited. */
export function isYamlName(name: string): boolean {
  return /\.ya?ml$/.test(name) && !name.startsWith('.');
}

async function readSource(directory: string, id: string, name: string, faults: Diagnostic[]): Promise<UnreadFile> {
  const path = join(id, name);
  const full = join(directory, path);
  const file = relative(process.cwd(), full);
  const refuse = (fault: Pick<Diagnostic, 'message'> & Partial<Diagnostic>) => {
    faults.push({ file, line: 1, column: 1, rule: 'YML004', frame: '', ...fault });
    return { file, path, text: undefined };
  };
  try {
    const found = await stat(full);
    // A pipe would never end, a device never fill.
    if (!found.isFile())
      return refuse({ message: `is ${found.isDirectory() ? 'a folder' : 'no file'}, not a YAML file` });
    // Whoever writes connectors must not get to see, in a diagnostic, what else this process may read.
    const [real, own] = await Promise.all([realpath(full), realpath(join(directory, id))]);
    if (!real.startsWith(own + sep))
      return refuse({ message: 'is a link that leads out of the folder of the connector' });
    // Read no more than needed to be refused for its size.
    if (found.size > MAX_FILE_BYTES) return { file, path, text: ' '.repeat(MAX_FILE_BYTES + 1) };
    const bytes = await readFile(full);
    const text = decode(bytes);
    return text === undefined ? refuse(notText(bytes)) : { file, path, text };
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') faults.push(unreadable(full, error));
    else refuse({ message: (await isLink(full)) ? 'is a link that leads nowhere' : 'is missing' });
    return { file, path, text: undefined };
  }
}

async function isLink(path: string): Promise<boolean> {
  return lstat(path).then(
    (found) => found.isSymbolicLink(),
    () => false,
  );
}

/** The text of UTF-8; undefined when it is something else. A byte order mark stays: the parser knows it. */
function decode(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** Where the first byte stands that is no UTF-8, and what the file is instead. */
function notText(bytes: Buffer): Pick<Diagnostic, 'line' | 'column' | 'message'> {
  const wide = (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff);
  if (wide) return { line: 1, column: 1, message: 'is UTF-16; save the file as UTF-8' };
  const decoded = bytes.toString('utf8');
  // The replacement character may stand in the file itself, too: then it is three bytes of its own.
  let before = decoded.indexOf('\uFFFD');
  while (before >= 0 && bytes.subarray(Buffer.byteLength(decoded.slice(0, before))).indexOf('\uFFFD') === 0)
    before = decoded.indexOf('\uFFFD', before + 1);
  const lines = decoded.slice(0, Math.max(0, before)).split('\n');
  return {
    line: lines.length,
    column: (lines.at(-1)?.length ?? 0) + 1,
    message: 'is not UTF-8 text from here on; save the file as UTF-8',
  };
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  ENOTDIR: 'is a file, not a folder',
  EISDIR: 'is a folder, not a file',
  EACCES: 'this process may not read it',
  EPERM: 'this process may not read it',
  ELOOP: 'is a link that leads to itself',
};

function unreadable(path: string, error: unknown): Diagnostic {
  const file = relative(process.cwd(), path) || '.';
  const code = codeOf(error);
  const reason = REASONS[code];
  const message = `cannot be read: ${reason === undefined ? code : `${reason} (${code})`}`;
  return { file, line: 1, column: 1, rule: 'YML004', message, frame: '' };
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
}
