import { access, glob, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';

const KINDS: readonly [files: string, schema: string][] = [
  ['connectors/*/connector.yaml', 'connector'],
  ['connectors/*/actions/*.yaml', 'actions'],
  ['connectors/*/examples/*.yaml', 'examples'],
  ['connectors/*/guides/*.yaml', 'guides'],
];

it('every YAML file of every connector tells editors which schema it has', async () => {
  const headers = new Map<string, string | undefined>();
  for (const [files, schema] of KINDS)
    for await (const file of glob(files)) {
      const [first = ''] = (await readFile(file, 'utf8')).split('\n');
      const target = /^# yaml-language-server: \$schema=(\S+)$/.exec(first)?.[1];
      headers.set(file, target && join(dirname(file), target) === `docs/schema/${schema}.json` ? schema : first);
      await access(`docs/schema/${schema}.json`);
    }
  const all: string[] = [];
  for await (const file of glob('connectors/**/*.{yaml,yml}')) all.push(file);
  expect(headers.size).toBeGreaterThan(40);
  expect([...headers.keys()].sort()).toEqual(all.sort());
  expect([...headers].filter(([, schema]) => !KINDS.some(([, kind]) => kind === schema))).toEqual([]);
});
