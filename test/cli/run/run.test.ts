import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCommand } from '../../../src/cli/run/run-command.ts';
import type { RunOptions } from '../../../src/cli/run/run-options.ts';
import { clientOf } from '../../support/client.ts';
import { openSqlite, type Server, type StoreOfTest, startServer } from '../../support/server.ts';
import { corbel } from '../support/corbel.ts';
import { type Acme, memoryTerminal, startAcme } from './support.ts';

const TIMEOUT_MS = 60_000;

let acme: Acme;
beforeAll(async () => {
  acme = await startAcme();
  acme.answerWith((request, response) => {
    response.setHeader('content-type', 'application/json');
    const url = new URL(request.url ?? '', 'http://x');
    if (url.pathname === '/oauth/token') {
      response.end(JSON.stringify({ access_token: 'token', token_type: 'Bearer', expires_in: 60 }));
    } else if (url.pathname === '/v1/things') {
      const page = Number(url.searchParams.get('page_token') ?? '1');
      const next_page_token = page < 5 ? String(page + 1) : undefined;
      response.end(JSON.stringify({ things: [{ id: page, title: `t\u202e${page}`, owner: {} }], next_page_token }));
    } else response.writeHead(403).end(JSON.stringify({ code: 'x', message: 'not for you' }));
  });
});
afterAll(() => acme.close());

function options(change: Partial<RunOptions>): RunOptions {
  return {
    ...{ directory: acme.directory, inputs: [], accountId: undefined, account: [], auth: undefined, server: undefined },
    ...{ local: true, raw: false, dryRun: false, file: undefined, maxPages: 1 },
    ...{ record: undefined, exampleName: undefined, scrubIds: false, yes: false },
    ...change,
  };
}

async function run(action: string, change: Partial<RunOptions>, env: Record<string, string> = {}, json = false) {
  const terminal = memoryTerminal({ ...acme.env, CORBEL_API_KEY: 'key-of-acme', ...env }, json);
  const code = await runCommand(terminal, action, options(change));
  return { code, out: terminal.out.join('\n'), err: terminal.err.join('\n') };
}

describe('corbel run --local', () => {
  it('prints the data, and nothing but the data, to standard output', async () => {
    const { code, out, err } = await run('acme.list_things', {});
    expect(code).toBe(0);
    expect(JSON.parse(out)).toEqual([{ id: 1, title: 't\uFFFD1' }]);
    expect(err).toMatch(/further page.*next=/);
  });

  it('follows pages up to a bound and puts lists together', async () => {
    const { out } = await run('acme.list_things', { maxPages: 3 }, {}, true);
    const document = JSON.parse(out);
    expect(document).toMatchObject({ pages: 3, data: [{ id: 1 }, { id: 2 }, { id: 3 }], warnings: [] });
    expect(document.next).toEqual(expect.any(String));
    expect(JSON.parse((await run('acme.list_things', { maxPages: 10 }, {}, true)).out)).toMatchObject({
      pages: 5,
      next: null,
    });
  });

  it('gives inputs their types, and the settings of an account', async () => {
    await run('acme.list_things', { inputs: ['limit=3', '{"owner": "a"}'], account: ['team=red'] });
    expect(acme.seen.at(-1)).toBe('GET /v1/things?owner=a&team=red&limit=3');
  });

  it('shows what it would send, masked, and sends nothing', async () => {
    const before = acme.seen.length;
    const { out } = await run('acme.get_thing', { inputs: ['id=7'], dryRun: true });
    expect(JSON.parse(out).requests[0].headers['x-api-key']).toBe('[secret]');
    expect(acme.seen.length).toBe(before);
  });

  it('tells a refusal with its code and its remedy, and fails', async () => {
    const { code, out, err } = await run('acme.get_thing', { inputs: ['id=7'] });
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(err).toMatch(/^provider_forbidden: The provider answered 403: not for you\n\S/);
    const invalid = await run('acme.get_thing', { inputs: ['idd=7'] }, {}, true);
    expect(JSON.parse(invalid.out).error).toMatchObject({ code: 'inputs_invalid', errors: expect.any(Array) });
  });

  it('names the variables that are missing for each method', async () => {
    const asked = run('acme.list_things', {}, { CORBEL_API_KEY: '' });
    await expect(asked).rejects.toMatchObject({
      exitCode: 2,
      hint: expect.stringContaining('key: CORBEL_API_KEY\n  app: CORBEL_CLIENT_ID, CORBEL_CLIENT_SECRET'),
    });
    await expect(run('acme.list_things', { auth: 'keys' })).rejects.toThrow('did you mean "key"?');
  });
});

describe('corbel run on a server', { timeout: TIMEOUT_MS }, () => {
  let store: StoreOfTest;
  let server: Server;
  let accountId = '';
  beforeAll(async () => {
    store = await openSqlite();
    server = await startServer({ ...store.env, ...acme.env });
    const client = clientOf(server.origin, server.operatorKey);
    const profile = await client.post('/connector_profiles', {
      ...{
        name: 'acme',
        connector: 'acme',
        authentication: 'app',
        client_id: 'id',
        client_secret: 'secret',
        scopes: [],
      },
    });
    const account = await client.post('/accounts', { connector_profile_id: profile.json.id, owner_id: 'one' });
    accountId = account.json.id;
  }, TIMEOUT_MS);
  afterAll(async () => {
    await server.stop();
    await store.remove();
  });

  const env = () => ({ CORBEL_URL: server.origin, CORBEL_KEY: server.operatorKey ?? '' });

  it('executes the action there, with typed inputs and all pages', async () => {
    const args = ['run', 'acme.list_things', 'limit=2', '--account-id', accountId, '--all-pages', '--max-pages', '2'];
    const { code, stdout, stderr } = await corbel(args, env());
    expect({ code, data: JSON.parse(stdout) }).toEqual({
      code: 0,
      data: [
        { id: 1, title: 't\uFFFD1' },
        { id: 2, title: 't\uFFFD2' },
      ],
    });
    expect(acme.seen.at(-1)).toMatch(/limit=2&page_token=2$/);
    expect(stderr).toContain('2 pages');
  });

  it('tells a refusal of the server', async () => {
    const refused = await run('acme.get_thing', { local: false, inputs: ['id=7'], accountId }, env());
    expect(refused.code).toBe(1);
    expect(refused.err).toMatch(/^provider_forbidden: /);
    expect(
      await run('acme.get_thing', { local: false, accountId }, { ...env(), CORBEL_KEY: 'ck_wrong' }),
    ).toMatchObject({
      code: 1,
      err: expect.stringMatching(/^key_invalid: /),
    });
  });

  it('says what is not there: a key, a server, a Corbel', async () => {
    const there = { local: false, accountId };
    await expect(run('acme.get_thing', there, { CORBEL_URL: server.origin })).rejects.toThrow('CORBEL_KEY is not set');
    const elsewhere = { CORBEL_KEY: 'x', CORBEL_URL: 'http://127.0.0.1:1' };
    await expect(run('acme.get_thing', there, elsewhere)).rejects.toMatchObject({ exitCode: 3 });
    await expect(run('acme.get_thing', { local: false })).rejects.toMatchObject({ exitCode: 2 });
  });
});
