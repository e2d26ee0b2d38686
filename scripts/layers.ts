import { glob, readFile } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';

/** What these folders of src/ may import besides themselves. The others are not looked at, but for `cli`. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  expression: ['problems.ts'],
  connector: ['expression', 'problems.ts'],
  guide: ['connector', 'expression'],
  reference: ['connector', 'guide'],
  openapi: ['connector', 'expression'],
  'connector-diff': ['connector'],
  scrub: ['json-scan.ts'],
};

/** Nothing but the process itself may stand upon it. */
const TOP = 'cli';

/** Every import below a directory that points the wrong way, as `file -> file`. */
export async function wrongImportsIn(directory: string): Promise<string[]> {
  const wrong: string[] = [];
  for await (const file of glob('**/*.ts', { cwd: directory })) {
    const [from = ''] = file.split(sep);
    const text = await readFile(join(directory, file), 'utf8');
    for (const [, path = ''] of text.matchAll(/(?:from|import\()\s*'(\.[^']+)'/g)) {
      const target = relative(directory, join(directory, dirname(file), path));
      const [to = ''] = target.split(sep);
      const allowed = MAY_IMPORT[from];
      if (from !== to && (to === TOP || (allowed && !allowed.includes(to)))) wrong.push(`${file} -> ${target}`);
    }
  }
  return wrong.sort();
}
