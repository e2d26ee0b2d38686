import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { wantsJson, wholeNumber } from '../../src/cli/command-line.ts';
import { corbel } from './support/corbel.ts';

describe('a command line with --json', () => {
  it.each([
    { args: ['--json'], code: 2, message: /^Which command\?/ },
    { args: ['validat', '--json'], code: 2, message: /unknown command 'validat' .*validate/ },
    { args: ['scopes', 'gitlab', '--separator', 'tab', '--json'], code: 2, message: /Allowed choices are/ },
    { args: ['keys', '--json'], code: 2, message: /^Which command\?/ },
    { args: ['dev', 'gitlap', '--json'], code: 2, message: /no connector "gitlap".*gitlab/ },
  ])('is answered with one document also when it is not understood: $args', async ({ args, code, message }) => {
    const answered = await corbel(args);
    expect([answered.code, answered.stderr]).toEqual([code, '']);
    expect(JSON.parse(answered.stdout)).toEqual({
      error: { message: expect.stringMatching(message), ...(args[0] !== 'dev' && { hint: expect.any(String) }) },
    });
  });

  it('is answered so by help, the version, and the making of a key file', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'corbel-keys-'));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    const file = join(folder, 'keys');
    const [help, version, keys] = await Promise.all([
      corbel(['validate', '--help', '--json']),
      corbel(['--version', '--json']),
      corbel(['keys', 'encryption', file, '--json']),
    ]);
    expect(JSON.parse(help.stdout)).toEqual({ help: expect.stringMatching(/^Usage: corbel validate/) });
    expect(JSON.parse(version.stdout)).toEqual({ version: expect.stringMatching(/^\d+\.\d+\.\d+$/) });
    expect(JSON.parse(keys.stdout)).toEqual({ file, key_id: expect.stringMatching(/^k[0-9a-f]{8}$/) });
  });

  it('ends at two dashes', () => {
    expect(wantsJson(['run', 'acme.x', '--json'])).toBe(true);
    expect(wantsJson(['run', '--', 'acme.x', '--json'])).toBe(false);
  });
});

describe('a whole number on the command line', () => {
  it.each(['', '1.5', '-1', '1e2', '0x1', 'abc', '0', '8', '99999999999'])('is not %j, from 1 to 7', (text) => {
    expect(() => wholeNumber(1, 7)(text)).toThrow(expect.objectContaining({ code: 'commander.invalidArgument' }));
  });

  it('is one in its range', () => {
    expect(wholeNumber(1, 7)('7')).toBe(7);
  });
});
