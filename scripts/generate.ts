import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { connectorJsonSchema, publishedSchemas } from '../src/connector/json-schema.ts';
import { loadRegistry } from '../src/connector/load.ts';
import { updateReference } from '../src/reference/folder.ts';
import { settingsTable } from '../src/settings.ts';
import { connectorsTable } from './connectors-table.ts';
import { errorsPage } from './errors-page.ts';
import { formatPage } from './format-page.ts';
import { rulesPage } from './rules-page.ts';

// Everything in the repository that is made from the code. `--check` writes nothing and fails when something is out of date.
const check = process.argv.includes('--check');
const stale: string[] = [];

async function put(path: string, text: string): Promise<void> {
  const present = await readFile(path, 'utf8').catch(() => undefined);
  if (present === text) return;
  stale.push(path);
  if (check) return;
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text);
}

function schemaText(schema: object): string {
  return `${JSON.stringify(schema, null, 2)}\n`;
}

const schemas = publishedSchemas();
for (const [kind, schema] of Object.entries({ ...schemas, connector: connectorJsonSchema() }))
  await put(`docs/schema/${kind}.json`, schemaText(schema));
await put('docs/connector-format.md', formatPage(await readFile('scripts/format-intro.md', 'utf8'), schemas));
await put('docs/errors.md', errorsPage());

await put('docs/rules.md', rulesPage());

function between(text: string, name: string, made: string): string {
  const begin = `<!-- ${name}: made by npm run generate -->`;
  const end = `<!-- /${name} -->`;
  const [before, rest = ''] = text.split(begin);
  const [, after] = rest.split(end);
  if (before === undefined || after === undefined)
    throw new Error(`README.md lacks the marks around the table of ${name}`);
  return `${before}${begin}\n\n${made}\n\n${end}${after}`;
}

const registry = await loadRegistry('connectors');
stale.push(...(await updateReference('docs/connectors', registry.connectors.values(), { check, whole: true })));
const readme = await readFile('README.md', 'utf8');
await put('README.md', between(between(readme, 'settings', settingsTable()), 'connectors', connectorsTable(registry)));

if (stale.length > 0) {
  console.log(`${check ? 'Out of date, run "npm run generate":' : 'Written:'} ${stale.join(', ')}`);
  if (check) process.exitCode = 1;
}
