import { readFile } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { createFormatChecks } from '../../connector/compile-connector.ts';
import type { Connector } from '../../connector/connector.ts';
import { ConnectorError, type Diagnostic } from '../../connector/diagnostics.ts';
import { NAME_PATTERN } from '../../connector/format/parts.ts';
import type { ActionFormat, ConnectorFormat } from '../../connector/format.ts';
import { connectorFolders, type ReadSources, readSources } from '../../connector/read-sources.ts';
import { parseYamlFile } from '../../connector/yaml-file.ts';
import type { ExampleDraft } from '../../openapi/draft.ts';
import type { Note } from '../../openapi/notes.ts';
import { noSuchConnector } from '../command-line.ts';
import { CommandFailure, EXIT } from '../outcome.ts';
import type { Terminal } from '../terminal.ts';
import { addScopes } from './add-scopes.ts';
import { appendItem } from './append-item.ts';
import { completeExamples } from './complete-examples.ts';
import { compiled, type FileChange, withChanges } from './connector-sources.ts';
import { resourceFile } from './resource-file.ts';
import { schemaHeader } from './schema-header.ts';
import type { Made } from './show-new.ts';
import { writeFiles } from './write-files.ts';
import { listItemText } from './yaml-text.ts';

/** A connector that an action is to be added to, without faults. */
export interface OpenedConnector {
  id: string;
  folder: string;
  sources: ReadSources;
  compiled: Connector;
  declared: ConnectorFormat;
  actions: readonly ActionFormat[];
}

/** An action to be added, from wherever it comes. */
export interface NewAction {
  action: ActionFormat;
  examples: readonly ExampleDraft[];
  notes: readonly Note[];
  newScopes: ReadonlyMap<string, string>;
}

/**
 * Reads a connector. Throws {@link CommandFailure} (usage) when there is none of that name, {@link ConnectorError} with its
 * faults when it has some: what is added to a broken one cannot be tried.
 */
export async function openConnector(directory: string, id: string): Promise<OpenedConnector> {
  const faults: Diagnostic[] = [];
  const folders = await connectorFolders(directory, []);
  if (!folders.includes(id)) throw noSuchConnector(id, folders, `A new one is made by: corbel new connector ${id}`);
  const sources = await readSources(directory, id, faults);
  if (faults.length > 0) throw new ConnectorError(faults);
  return {
    id,
    folder: join(directory, id),
    sources,
    compiled: compiled(sources, createFormatChecks()),
    declared: parsedValue(sources.connector) as ConnectorFormat,
    actions: sources.actions.flatMap((file) => parsedValue(file) as ActionFormat[]),
  };
}

function parsedValue({ file, text = '' }: { file: string; text: string | undefined }): unknown {
  const parsed = parseYamlFile(file, text);
  return Array.isArray(parsed) ? undefined : parsed.value;
}

/** `connector.action` in its parts. Throws {@link CommandFailure} (usage). */
export function partsOf(name: string): { connector: string; action: string } {
  const [connector = '', action = '', ...rest] = name.split('.');
  if (/^[a-z][a-z0-9]*$/.test(connector) && new RegExp(NAME_PATTERN).test(action) && rest.length === 0)
    return { connector, action };
  throw new CommandFailure(
    EXIT.usage,
    `"${name.slice(0, 100)}" is no name of an action.`,
    'It is connector.action, the action a verb and its object: acme.list_items.',
  );
}

/** Throws {@link CommandFailure} (usage) when the connector has an action of that id. */
export function assertNew({ id, actions }: OpenedConnector, action: string): void {
  if (actions.some((one) => one.id === action))
    throw new CommandFailure(
      EXIT.usage,
      `${id}.${action} is there already; it is not overwritten.`,
      'Choose another name, or edit it.',
    );
}

/**
 * Adds an action and its examples to the connector's files: all or nothing, and only when the whole is without fault then.
 * Throws {@link CommandFailure}, {@link ConnectorError}.
 */
export async function addAction(
  terminal: Terminal,
  connector: OpenedConnector,
  { action, examples, notes, newScopes }: NewAction,
  { file, write }: { file: string | undefined; write: boolean },
): Promise<Made & { changes: readonly FileChange[] }> {
  const { sources, folder, id } = connector;
  const name = stemOf(file) ?? resourceFile(action.id, stems(sources.actions));
  const base = relative(process.cwd(), folder);
  const checks = createFormatChecks();
  const changes = [...scopesChange(connector, newScopes), change(connector, 'actions', name, [action])];
  const compiledConnector = told(terminal, () =>
    compiled(withChanges({ ...sources, guides: [] }, base, changes), checks),
  );
  const compiledAction = compiledConnector.actions.get(`${id}_${action.id}`);
  if (!compiledAction) throw new CommandFailure(EXIT.failed, 'The action was not compiled.');
  const complete = await completeExamples(compiledConnector, compiledAction, examples);
  if (complete.examples.length > 0) changes.push(change(connector, 'examples', name, complete.examples));
  // The whole as it will be loaded.
  told(terminal, () => compiled(withChanges(sources, base, changes), checks));
  if (write) await writeFiles(folder, changes);
  return {
    actions: [`${id}_${action.id}`],
    files: changes.map(({ path, before }) => ({
      path: relative(terminal.cwd, join(folder, path)),
      created: before === undefined,
    })),
    notes: [...notes, ...complete.notes],
    changes,
  };
}

/** The files that faults are in are not there: whoever looks for the places should know. */
export function told<T>(terminal: Terminal, compile: () => T): T {
  try {
    return compile();
  } catch (error) {
    if (error instanceof ConnectorError && !terminal.json)
      terminal.note('Nothing was written. The files would be wrong so:\n');
    throw error;
  }
}

function scopesChange({ sources }: OpenedConnector, scopes: NewAction['newScopes']): FileChange[] {
  const { text: before = '' } = sources.connector;
  if (scopes.size === 0) return [];
  const after = addScopes(before, scopes);
  if (after === undefined)
    throw new CommandFailure(
      EXIT.found,
      `The scopes ${[...scopes.keys()].join(' ')} cannot be added to connector.yaml.`,
      'Add them by hand.',
    );
  return [{ path: 'connector.yaml', before, after }];
}

/** The file of that stem with further items, or a new one. Throws {@link CommandFailure} where it cannot be added to. */
export function change(
  { sources, folder }: OpenedConnector,
  part: 'actions' | 'examples',
  name: string,
  items: readonly unknown[],
): FileChange {
  const present = sources[part].find(({ path }) => stemOf(path.split(/[/\\]/).at(-1)) === name);
  const path = `${part}/${present ? present.path.split(/[/\\]/).at(-1) : `${name}.yaml`}`;
  const before = present?.text;
  if (before === undefined) {
    const after = `${schemaHeader(join(folder, path), part)}${items.map((item) => listItemText(item)).join('\n')}`;
    return { path, before: undefined, after };
  }
  let after: string | undefined = before;
  for (const item of items) after = after === undefined ? undefined : appendItem(after, item);
  if (after === undefined)
    throw new CommandFailure(
      EXIT.found,
      `${relative(process.cwd(), resolve(folder, path))} cannot be added to without touching what stands there.`,
      'Name another file with --file, or write the list with a dash for each item.',
    );
  return { path, before, after };
}

function stems(files: readonly { path: string }[]): string[] {
  return files.map(({ path }) => stemOf(path.split(/[/\\]/).at(-1)) ?? '');
}

/** Throws {@link CommandFailure} (usage) for what is no plain name. */
function stemOf(file: string | undefined): string | undefined {
  const stem = file?.replace(/\.ya?ml$/, '');
  if (stem === undefined || /^[A-Za-z0-9][A-Za-z0-9_-]*$/.test(stem)) return stem;
  throw new CommandFailure(
    EXIT.usage,
    `--file ${JSON.stringify(stem.slice(0, 80))} is no name of a file in actions/.`,
    'Such as: --file buckets',
  );
}

/** The text of a file that the command line names. Throws {@link CommandFailure} (usage). */
export async function readNamed(terminal: Terminal, path: string): Promise<string> {
  try {
    return await readFile(resolve(terminal.cwd, path), 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
    throw new CommandFailure(EXIT.usage, `${path} cannot be read (${code}).`);
  }
}
