import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { ActionsFileFormat, ExamplesFileFormat } from '../src/connector/format.ts';
import { connectorJsonSchema } from '../src/connector/json-schema.ts';
import { loadRegistry } from '../src/connector/load.ts';
import { settingsTable } from '../src/settings.ts';
import { actionsTable } from './actions-table.ts';

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

const DRAFT = { $schema: 'http://json-schema.org/draft-07/schema#' };
await put('docs/schema/connector.json', schemaText(connectorJsonSchema()));
await put(
  'docs/schema/actions.json',
  schemaText({ ...DRAFT, title: 'actions/*.yaml of a Corbel connector', ...ActionsFileFormat }),
);
await put(
  'docs/schema/examples.json',
  schemaText({ ...DRAFT, title: 'examples/*.yaml of a Corbel connector', ...ExamplesFileFormat }),
);

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
const readme = await readFile('README.md', 'utf8');
await put('README.md', between(between(readme, 'settings', settingsTable()), 'actions', actionsTable(registry)));

if (stale.length > 0) {
  console.log(`${check ? 'Out of date, run "npm run generate":' : 'Written:'} ${stale.join(', ')}`);
  if (check) process.exitCode = 1;
}
