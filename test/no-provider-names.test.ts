import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { providerNamesIn } from '../scripts/provider-names.ts';

it('no file of the engine names a provider', async () => {
  expect(await providerNamesIn('src')).toEqual([]);
});

it('the search finds names where there are some, and no mere likenesses', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'corbel-names-'));
  try {
    await writeFile(join(directory, 'a.ts'), "forget();\nconst laps = 1;\nif (provider === 'Autodesk') {}\n// APS\n");
    expect((await providerNamesIn(directory)).map((line) => line.split(':')[1])).toEqual(['3', '4']);
  } finally {
    await rm(directory, { recursive: true });
  }
});
