import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { runCommand } from '../../../src/cli/run/run-command.ts';
import type { RunOptions } from '../../../src/cli/run/run-options.ts';
import { loadRegistry } from '../../../src/connector/load.ts';
import { checkExample } from '../../../src/local/check/check-example.ts';
import { openReplayStage } from '../../../src/local/replay.ts';
import { startNode } from '../../support/node-process.ts';
import { type Acme, memoryTerminal, startAcme } from './support.ts';

const KEY = 'acme-key-0123456789-planted';
const EMAIL = 'grace.hopper@navy.example';
const JWT = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJwbGFudGVkIn0.cGxhbnRlZC1zaWduYXR1cmU';
const PLANTED = [
  KEY,
  EMAIL,
  JWT,
  'Hopper',
  'Grace',
  'Lovelace',
  '0199 4711',
  '203.0.113.77',
  'a1b2c3d4e5f60718',
  'pg-token-777',
];

const ANSWER = {
  things: [
    {
      id: 4711,
      title: `Plan, checked by Grace Hopper for ${EMAIL}`,
      owner: { display_name: 'Grace Hopper', email: EMAIL, phone: '+49 151 0199 4711' },
      download_url: `https://files.acme.example/4711?Signature=a1b2c3d4e5f60718&user=${encodeURIComponent(EMAIL)}`,
      members: [[{ name: 'Ada Lovelace' }], { 'Lovelace, Ada': EMAIL }],
      token_echo: `Bearer ${JWT}`,
      state: Buffer.from(JSON.stringify({ user: EMAIL, key: KEY })).toString('base64'),
      seen_from: 'last login from 203.0.113.77 by ADA LOVELACE',
      raw: JSON.stringify({ createdBy: 'Grace Hopper', inner: JSON.stringify({ access_token: KEY }) }),
    },
  ],
  next_page_token: 'pg-token-777',
};

let acme: Acme;
beforeAll(async () => {
  acme = await startAcme();
});
afterAll(() => acme.close());

function options(change: Partial<RunOptions>): RunOptions {
  return {
    ...{ directory: acme.directory, inputs: [], accountId: undefined, account: [], auth: undefined, server: undefined },
    ...{ local: true, raw: false, dryRun: false, file: undefined, maxPages: 1 },
    ...{ record: true as const, exampleName: undefined, scrubIds: false, yes: true },
    ...change,
  };
}

const file = () => join(acme.directory, 'acme', 'examples', 'things.yaml');

/** Whether every example of the directory passes as `corbel test` sees it. */
async function differences() {
  const registry = await loadRegistry(acme.directory);
  const stage = await openReplayStage(registry);
  try {
    const found: unknown[] = [];
    for (const action of registry.actions.values()) {
      const connector = registry.connectors.get(action.connector);
      for (const example of action.examples)
        if (connector) found.push(...(await checkExample(stage, connector, action, example)).differences);
    }
    return found;
  } finally {
    await stage.close();
  }
}

describe('corbel run --record', () => {
  afterEach(() => rm(join(acme.directory, 'acme', 'examples'), { recursive: true, force: true }));

  it('writes an example that passes its test unedited and has nothing in it that was planted', async () => {
    acme.answerWith((_request, response) => {
      response.writeHead(200, {
        'content-type': 'application/json',
        'x-request-id': `req-${KEY}`,
        'set-cookie': `s=${JWT}`,
      });
      response.end(JSON.stringify(ANSWER));
    });
    const run = startNode(
      'src/cli/corbel.ts',
      ['run', 'acme.list_things', `owner=${EMAIL}`, '--local', '--record', '--yes'],
      {
        ...acme.env,
        CORBEL_API_KEY: KEY,
      },
    );
    expect(await run.ended).toMatchObject({ code: 0 });
    const text = await readFile(file(), 'utf8');
    for (const [what, where] of [
      ['the file', text],
      ['standard output', run.stdout()],
      ['standard error', run.stderr()],
    ] as const)
      for (const planted of PLANTED) expect(where, `${planted} in ${what}`).not.toContain(planted);
    for (const encoded of text.match(/[A-Za-z0-9+/]{40,}={0,2}/g) ?? [])
      for (const planted of PLANTED) expect(Buffer.from(encoded, 'base64').toString()).not.toContain(planted);
    expect(run.stderr()).toMatch(/e-mail +inputs\.owner +person1@example\.com/);
    expect(acme.seen.at(-1)).toBe(`GET /v1/things?owner=${encodeURIComponent(EMAIL)}&team=blue`);
    expect(text).toContain('https://api.acme.example/v1/things?owner=person1%40example.com&team=blue');
    expect(text).not.toMatch(/set-cookie|127\.0\.0\.1/);
    expect(text).toContain('more: true');
    expect(await differences()).toEqual([]);
  });

  it('keeps what the file has, and says nothing is written until somebody agrees', async () => {
    acme.answerWith((_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ things: [{ id: 1, title: 'one', owner: {} }] }));
    });
    const record = async (change: Partial<RunOptions>) => {
      const terminal = memoryTerminal({ ...acme.env, CORBEL_API_KEY: KEY });
      return { code: await runCommand(terminal, 'acme.list_things', options(change)), terminal };
    };
    expect(await record({ exampleName: 'The first.' })).toMatchObject({ code: 0 });
    const before = await readFile(file(), 'utf8');
    const asked = await record({ yes: false });
    expect(asked.code).toBe(1);
    expect(asked.terminal.err.join('\n')).toContain('--yes');
    expect(await readFile(file(), 'utf8')).toBe(before);
    await record({ exampleName: 'The second.', inputs: ['limit=3'] });
    const after = await readFile(file(), 'utf8');
    expect(after.startsWith(before.trimEnd())).toBe(true);
    expect(after).toContain('The second.');
    expect(await differences()).toEqual([]);
  });

  it('records a refusal, with the code that callers get', async () => {
    acme.answerWith((_request, response) => {
      response.writeHead(409, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ code: 'nope', message: `taken by ${EMAIL}`, owner: EMAIL }));
    });
    const terminal = memoryTerminal({ ...acme.env, CORBEL_API_KEY: KEY });
    expect(await runCommand(terminal, 'acme.get_thing', options({ inputs: ['id=7'] }))).toBe(1);
    const text = await readFile(file(), 'utf8');
    expect(text).toContain('provider_conflict');
    expect(`${text}${terminal.out}${terminal.err}`).not.toContain(EMAIL);
    expect(await differences()).toEqual([]);
  });

  it('leaves no credential of an app behind that was obtained on the way', async () => {
    const token = 'obtained-token-0123456789';
    acme.answerWith((request, response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      if (request.url === '/oauth/token')
        response.end(JSON.stringify({ access_token: token, token_type: 'Bearer', expires_in: 60 }));
      else
        response.end(JSON.stringify({ data: { id: '7', attributes: { titel: `for ${token} and secret-of-app-1` } } }));
    });
    const env = { ...acme.env, CORBEL_CLIENT_ID: 'client-of-app-1', CORBEL_CLIENT_SECRET: 'secret-of-app-1' };
    const terminal = memoryTerminal(env, true);
    expect(await runCommand(terminal, 'acme_get_thing', options({ inputs: ['id=7'] }))).toBe(0);
    const text = `${await readFile(file(), 'utf8')}${terminal.out}${terminal.err}`;
    expect(text).not.toMatch(/obtained-token|secret-of-app-1|client-of-app-1|oauth\/token/);
    const [document] = terminal.out.map((one) => JSON.parse(one) as Record<string, unknown>);
    expect(document).toMatchObject({
      data: { id: '7' },
      scrubbed: [{ kind: 'credential', place: 'exchanges[].response.body.data.attributes.titel' }, {}],
    });
  });

  it.each([
    [{ local: false, server: 'http://127.0.0.1:1' }, /--local/],
    [{ maxPages: 3 }, /--all-pages/],
    [{ raw: true }, /--raw/],
  ])('is refused where it cannot be done: %j', async (change, message) => {
    const terminal = memoryTerminal({ ...acme.env, CORBEL_KEY: 'x' });
    await expect(runCommand(terminal, 'acme.get_thing', options(change))).rejects.toThrow(message);
  });
});
