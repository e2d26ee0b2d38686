import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { formatPage } from '../../scripts/format-page.ts';
import { type PublishedSchema, publishedSchemas } from '../../src/connector/json-schema.ts';
import { loadRegistry } from '../../src/connector/load.ts';
import { checkExample } from '../../src/local/check/check-example.ts';
import { openReplayStage } from '../../src/local/replay.ts';

const introduction = await readFile('scripts/format-intro.md', 'utf8');
const page = formatPage(introduction, publishedSchemas());

it('the worked example is a connector whose example passes', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'corbel-docs-'));
  onTestFinished(() => rm(directory, { recursive: true }));
  const blocks = [...introduction.matchAll(/```yaml file=(\S+)\n([\s\S]*?)```/g)];
  expect(blocks.map(([, path]) => path)).toEqual(['connector.yaml', 'actions/issues.yaml', 'examples/issues.yaml']);
  for (const [, path = '', text = ''] of blocks) {
    const file = join(directory, 'tracker', path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text);
  }

  const registry = await loadRegistry(directory);
  const action = registry.actions.get('tracker_list_issues');
  const connector = registry.connectors.get('tracker');
  const [example] = action?.examples ?? [];
  if (!action || !connector || !example) throw new Error('the worked example lacks something');
  const stage = await openReplayStage(registry);
  onTestFinished(() => stage.close());
  expect((await checkExample(stage, connector, action, example)).differences).toEqual([]);
});

it('every key of the schemas has a row in the section of its object, or in that of the kind that it is', () => {
  const [, reference = ''] = page.split('## Every key');
  const rows = reference.split('\n').filter((line) => line.startsWith('| `'));
  const keys = (schema: PublishedSchema): string[] => [
    ...Object.entries(schema.properties ?? {}).flatMap(([name, key]) => [name, ...keys(key)]),
    ...Object.values(schema.patternProperties ?? {}).flatMap(keys),
    ...(schema.anyOf ?? []).flatMap(keys),
    ...(schema.items ? keys(schema.items) : []),
  ];
  const told = new Set(rows.map((line) => /^\| `([^`]+)`/.exec(line)?.[1]));
  const all = Object.values(publishedSchemas()).flatMap(keys);
  expect([...new Set(all)].filter((name) => !told.has(name))).toEqual([]);
  expect(rows.filter((row) => row.replaceAll('\\|', '').split('|').length !== 7)).toEqual([]);
});
