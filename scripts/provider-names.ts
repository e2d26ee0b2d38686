import { glob, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Names that belong into connectors/ and sandbox/ only. "Forget" is no provider. */
export const PROVIDER_NAMES = /autodesk|\baps\b|forge(?!t)|\bgitlab|\bstripe\b/i;

/** Every line below a directory that names a provider, as `file:line: text`. */
export async function providerNamesIn(directory: string): Promise<string[]> {
  const found: string[] = [];
  for await (const file of glob('**/*', { cwd: directory })) {
    if (!/\.(ts|lua|json|html|css)$/.test(file)) continue;
    const lines = (await readFile(join(directory, file), 'utf8')).split('\n');
    for (const [index, line] of lines.entries()) {
      if (PROVIDER_NAMES.test(line)) found.push(`${join(directory, file)}:${index + 1}: ${line.trim()}`);
    }
  }
  return found.sort();
}
