import { Writable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { createLogger, maskSecrets } from '../src/logger.ts';
import { Problem } from '../src/problems.ts';
import { Secret } from '../src/secret.ts';

const KEY = `ck_${'a'.repeat(22)}_${'B'.repeat(22)}_${'c'.repeat(43)}`;
const JWT = 'eyJhbGciOiJSUzI1NiJ9.eyJzY29wZSI6WyJkYXRhOnJlYWQiXX0.c2lnbmF0dXJl';

function logged(write: (logger: ReturnType<typeof createLogger>) => void): {
  text: string;
  record: Record<string, unknown>;
} {
  const chunks: string[] = [];
  const destination = new Writable({
    write(chunk, _encoding, done) {
      chunks.push(String(chunk));
      done();
    },
  });
  write(createLogger('trace', destination));
  const text = chunks.join('');
  return { text, record: JSON.parse(text) as Record<string, unknown> };
}

describe('a log line', () => {
  it('is one JSON object with a readable level and an ISO time', () => {
    const { text, record } = logged((logger) => logger.warn({ request_id: 'req_1' }, 'two\nlines'));
    expect(text.trimEnd()).not.toContain('\n');
    expect(record).toMatchObject({ level: 'warn', request_id: 'req_1', msg: 'two\nlines' });
    expect(new Date(String(record.time)).toISOString()).toBe(record.time);
  });

  it.each([
    'authorization',
    'cookie',
    'client_secret',
    'access_token',
    'refresh_token',
    'code_verifier',
    'token',
    'password',
  ])('hides the member %s at every depth that is logged', (name) => {
    const { text } = logged((logger) =>
      logger.info({ [name]: 'hunter2', headers: { [name]: 'hunter2' }, a: { b: { [name]: 'hunter2' } } }, 'x'),
    );
    expect(text).not.toContain('hunter2');
    expect(text).toContain('[secret]');
  });

  it.each([
    ['a bearer token', `Bearer ${JWT}`],
    ['basic credentials', 'Basic dXNlcjpwYXNzd29yZA=='],
    ['an API key', KEY],
    ['a JWT', JWT],
    ['credentials in a URL', 'redis://:hunter2hunter2@host:6379/0'],
    ['a signed address', 'https://s3.example/x?X-Amz-Signature=0123456789abcdef&x=1'],
    ['an authorization code', 'https://x/callback?state=s&code=hunter2hunter2'],
  ])('hides %s wherever it stands: in texts, members, errors and their causes', (_title, secret) => {
    const values = [
      logged((logger) => logger.error(`before ${secret} after`)),
      logged((logger) => logger.error({ deep: [{ text: secret }] }, 'x')),
      logged((logger) => logger.error({ err: new Error(secret, { cause: new Error(secret) }) }, 'x')),
      logged((logger) => logger.error({ err: new Problem('internal', 'x', { cause: new Error(secret) }) }, 'x')),
      logged((logger) => logger.error({ [secret]: 1 }, 'x')),
    ];
    for (const { text } of values) {
      expect(text).not.toContain(secret);
      expect(text).toContain('[secret]');
    }
  });

  it('prints a secret of the code as a mask', () => {
    const { text } = logged((logger) => logger.info({ value: new Secret('hunter2') }, `${new Secret('hunter2')}`));
    expect(text).not.toContain('hunter2');
  });

  it('tells of an error what it was and what caused it, and nothing of its other members', () => {
    const error = Object.assign(
      new Error('outer', { cause: Object.assign(new Error('inner'), { code: 'ECONNRESET' }) }),
      {
        request: { headers: 'private' },
        args: ['private'],
      },
    );
    const { text, record } = logged((logger) => logger.error({ err: error }, 'x'));
    expect(record.err).toMatchObject({ message: 'outer', cause: { message: 'inner', code: 'ECONNRESET' } });
    expect(text).not.toContain('private');
  });

  it('ends a chain of causes that has no end', () => {
    const error = new Error('round');
    error.cause = error;
    expect(logged((logger) => logger.error({ err: error }, 'x')).text).toContain('round');
  });

  it('leaves what is no secret as it is', () => {
    for (const text of [
      'urn:adsk.wipprod:fs.file:vf.x?version=2',
      'acc_0123456789abcdefghijkl',
      'https://a.example/b?c=d',
      'code: provider_timeout',
    ])
      expect(maskSecrets(text)).toBe(text);
  });
});
