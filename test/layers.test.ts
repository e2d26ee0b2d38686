import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { wrongImportsIn } from '../scripts/layers.ts';

it('src/ has no import that points the wrong way', async () => {
  expect(await wrongImportsIn('src')).toEqual([]);
});

it('the check finds one, static or dynamic, where there is one', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'corbel-layers-'));
  try {
    for (const folder of ['connector/format', 'engine', 'scrub'])
      await mkdir(join(directory, folder), { recursive: true });
    await writeFile(
      join(directory, 'connector/format/a.ts'),
      "import { x } from '../../engine/b.ts';\nimport '../c.ts';\n",
    );
    await writeFile(join(directory, 'engine/b.ts'), "const x = await import('../cli/corbel.ts');\n");
    await writeFile(join(directory, 'scrub/s.ts'), "import { y } from '../json-scan.ts';\n");
    expect(await wrongImportsIn(directory)).toEqual([
      'connector/format/a.ts -> engine/b.ts',
      'engine/b.ts -> cli/corbel.ts',
    ]);
  } finally {
    await rm(directory, { recursive: true });
  }
});
