import { fork } from 'node:child_process';
import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemRandom } from '../../src/random.ts';
import { KeyRingError, loadOrCreateKeyFile, parseKeyRing } from '../../src/vault/key-ring.ts';

const KEY_A = Buffer.alloc(32, 'a quite usable key, for tests.').toString('base64');
const KEY_B = Buffer.alloc(32, 'another usable key, for tests..').toString('base64');

describe('a key ring', () => {
  it('has the first key as its primary and knows every key by its id', () => {
    const ring = parseKeyRing(`new-2:${KEY_B}, old_1:${KEY_A}`);
    expect(ring.primaryId).toBe('new-2');
    expect(ring.ids).toEqual(['new-2', 'old_1']);
    expect(ring.key('old_1')?.export().toString('base64')).toBe(KEY_A);
    expect(ring.key('other')).toBeUndefined();
  });

  it('takes base64url without padding as well', () => {
    const urlSafe = Buffer.from(KEY_A, 'base64').toString('base64url');
    expect(parseKeyRing(`a:${urlSafe}`).key('a')?.export().toString('base64')).toBe(KEY_A);
  });

  it.each([
    ['no id', KEY_A],
    ['an id in upper case', `A:${KEY_A}`],
    ['an id of 33 characters', `${'a'.repeat(33)}:${KEY_A}`],
    ['an empty ring', ''],
    ['an empty entry', `a:${KEY_A},`],
    ['a key of 31 bytes', `a:${Buffer.alloc(31, 'xy').toString('base64')}`],
    ['a key of 33 bytes', `a:${Buffer.alloc(33, 'xy').toString('base64')}`],
    ['a key that is not base64', `a:${'!'.repeat(43)}`],
    ['a key of zeros', `a:${Buffer.alloc(32).toString('base64')}`],
    ['the same id twice', `a:${KEY_A},a:${KEY_B}`],
    ['the same key twice', `a:${KEY_A},b:${KEY_A}`],
  ])('refuses %s, without naming the key', (_what, text) => {
    const error = catchError(() => parseKeyRing(text));
    expect(error).toBeInstanceOf(KeyRingError);
    for (const entry of text.split(',')) {
      const key = entry.slice(entry.indexOf(':') + 1);
      if (key.length > 8) expect(error.message).not.toContain(key.slice(0, 8));
    }
  });

  it('prints no key when it is inspected', async () => {
    const { inspect } = await import('node:util');
    const ring = parseKeyRing(`a:${KEY_A}`);
    expect(inspect(ring, { depth: 9, showHidden: true })).not.toContain(KEY_A.slice(0, 8));
    expect(inspect(ring.key('a'), { depth: 9, showHidden: true })).not.toContain('97, 32');
  });
});

describe('a key file', () => {
  let directory: string;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'corbel-key-'));
  });
  afterEach(() => rm(directory, { recursive: true, force: true }));

  it('is made when missing, readable by its owner only, and stays the same', async () => {
    const path = join(directory, 'deep', 'keys');
    const made = await loadOrCreateKeyFile(path, systemRandom);
    const read = await loadOrCreateKeyFile(path, systemRandom);
    expect(read.primaryId).toBe(made.primaryId);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect((await stat(join(directory, 'deep'))).mode & 0o777).toBe(0o700);
    expect(await readdir(join(directory, 'deep'))).toEqual(['keys']);
  });

  it('may hold several keys, one per line', async () => {
    const path = join(directory, 'keys');
    await writeFile(path, `b:${KEY_B}\na:${KEY_A}\n`, { mode: 0o600 });
    expect((await loadOrCreateKeyFile(path, systemRandom)).ids).toEqual(['b', 'a']);
  });

  it.each([0o640, 0o604, 0o620])('is refused with mode %o', async (mode) => {
    const path = join(directory, 'keys');
    await writeFile(path, `a:${KEY_A}\n`);
    await chmod(path, mode);
    await expect(loadOrCreateKeyFile(path, systemRandom)).rejects.toBeInstanceOf(KeyRingError);
  });

  it('that is damaged is refused, never replaced', async () => {
    const path = join(directory, 'keys');
    await writeFile(path, 'a:damaged\n', { mode: 0o600 });
    await expect(loadOrCreateKeyFile(path, systemRandom)).rejects.toBeInstanceOf(KeyRingError);
    expect(await readFile(path, 'utf8')).toBe('a:damaged\n');
  });

  it('is the same for all processes that make it at once', async () => {
    const path = join(directory, 'keys');
    const program = new URL('./support/make-key-file.ts', import.meta.url);
    const keys = await Promise.all(
      Array.from({ length: 6 }, () => {
        const child = fork(program, [path], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
        return new Promise<unknown>((resolve, reject) => {
          child.once('message', resolve);
          child.once('exit', (code) => reject(new Error(`exit ${code}`)));
        });
      }),
    );
    expect(new Set(keys).size).toBe(1);
    expect(await readdir(directory)).toEqual(['keys']);
  });
});

function catchError(work: () => unknown): Error {
  try {
    work();
  } catch (error) {
    if (error instanceof Error) return error;
  }
  throw new Error('nothing was thrown');
}
