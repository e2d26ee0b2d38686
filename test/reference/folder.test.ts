import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { updateReference } from '../../src/reference/folder.ts';
import { compiledOf, GOOD } from '../connector/support/sources.ts';

it('writes nothing where a link in its folder leads', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'corbel-pages-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const victim = join(folder, 'victim');
  await writeFile(victim, 'mine');
  await mkdir(join(folder, 'out/acme'), { recursive: true });
  await symlink(victim, join(folder, 'out/acme/README.md'));
  const connector = compiledOf(GOOD);
  await updateReference(join(folder, 'out'), [connector], { check: false });
  expect(await readFile(victim, 'utf8')).toBe('mine');
  expect(await readFile(join(folder, 'out/acme/README.md'), 'utf8')).toContain('Made by');

  await mkdir(join(folder, 'elsewhere'));
  await symlink(join(folder, 'elsewhere'), join(folder, 'linked'));
  await mkdir(join(folder, 'other'));
  await symlink(join(folder, 'elsewhere'), join(folder, 'other/acme'));
  await expect(updateReference(join(folder, 'other'), [connector], { check: false })).rejects.toThrow('is a link');
  // The folder that somebody names may be one.
  expect(await updateReference(join(folder, 'linked'), [connector], { check: false })).not.toEqual([]);
});

it('removes the pages of connectors that are gone where it is told that there are no others, and nothing else', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'corbel-pages-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const connector = compiledOf(GOOD);
  const gone = join(folder, 'gone');
  await updateReference(folder, [connector], { check: false });
  await mkdir(gone);
  await writeFile(join(gone, 'README.md'), await readFile(join(folder, 'acme/README.md'), 'utf8'));
  await writeFile(join(gone, 'mine.md'), 'mine');
  expect(await updateReference(folder, [connector], { check: true })).toEqual([]);
  for (const check of [true, false])
    expect(await updateReference(folder, [connector], { check, whole: true })).toEqual([join(gone, 'README.md')]);
  expect(await readdir(gone)).toEqual(['mine.md']);
});
