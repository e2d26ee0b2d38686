import { readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { inspect } from 'node:util';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { LocalCall, LocalEngine } from '../../src/local/local-engine.ts';
import { openLocalEngine } from '../../src/local/open-local-engine.ts';
import { Problem } from '../../src/problems.ts';
import { Secret } from '../../src/secret.ts';
import type { Door, OutgoingRequest } from '../../src/upstream/types.ts';
import { registryOf, SHOP } from './support/shop.ts';

const CALL: LocalCall = {
  action: 'acme_list_orders',
  inputs: {},
  account: {},
  credentials: { authentication: 'key', token: new Secret('key-of-somebody') },
};

/** An engine whose door leads nowhere, and what was sent through it. */
async function engineOf(answer: object = []): Promise<{ engine: LocalEngine; sent: OutgoingRequest[] }> {
  const sent: OutgoingRequest[] = [];
  const door = (real: Door): Door => ({
    close: () => real.close(),
    send: async (request) => {
      sent.push(request);
      return { status: 200, headers: {}, body: Buffer.from(JSON.stringify(answer)), attempts: 1 };
    },
  });
  const engine = await openLocalEngine({ registry: registryOf(SHOP).registry, door, impatient: true });
  onTestFinished(() => engine.close());
  return { engine, sent };
}

const codeOf = (error: unknown) => (error instanceof Problem ? error.code : error);

describe('the local engine', () => {
  it('executes with a key that nobody is asked about, and fills in the defaults of settings', async () => {
    const { engine, sent } = await engineOf([{ id: 'o1', total: 1 }]);
    expect(await engine.execute(CALL)).toMatchObject({ data: [{ id: 'o1', total: 1 }] });
    expect(sent.map(({ url, headers }) => [url.href, headers['x-key'], headers['x-region']])).toEqual([
      ['https://api.acme.test/orders', 'key-of-somebody', 'US'],
    ]);
  });

  it('asks for a token where credentials are those of an app', async () => {
    const { engine, sent } = await engineOf({ access_token: 't', token_type: 'Bearer', expires_in: 60 });
    const credentials = { authentication: 'app', clientId: 'c', clientSecret: new Secret('s') };
    await engine.execute({ ...CALL, credentials }).catch(() => undefined);
    expect(sent.map(({ url }) => url.href)).toEqual(['https://auth.acme.test/token', 'https://api.acme.test/orders']);
  });

  it.each([
    ['an unknown action', { action: 'acme_nothing' }, 'action_unknown'],
    ['an unknown authentication', { credentials: { authentication: 'nothing' } }, 'request_invalid'],
    ['an unknown scope', { credentials: { ...CALL.credentials, scopes: ['nothing'] } }, 'request_invalid'],
    ['a wrong setting', { account: { region: 'MOON' } }, 'request_invalid'],
    ['a missing scope', { credentials: { ...CALL.credentials, scopes: [] } }, 'scopes_missing'],
    ['an action that is not enabled', { credentials: { ...CALL.credentials, actions: [] } }, 'action_disabled'],
    ['a missing key', { credentials: { authentication: 'key' } }, 'token_kind_unavailable'],
  ])('refuses %s, and sends nothing', async (_what, change, code) => {
    const { engine, sent } = await engineOf();
    expect(await engine.execute({ ...CALL, ...change }).catch(codeOf)).toBe(code);
    expect(sent).toEqual([]);
  });

  it('shows the requests and no secret of a dry run', async () => {
    const { engine } = await engineOf();
    const answer = await engine.execute({ ...CALL, dryRun: true });
    expect(inspect(answer, { depth: 9 })).not.toContain('key-of-somebody');
  });

  it('leaves no file behind', async () => {
    const before = await filesOf();
    const engine = await openLocalEngine({ registry: registryOf(SHOP).registry });
    await engine.execute({ ...CALL, dryRun: true });
    await engine.close();
    expect((await filesOf()).filter((name) => !before.includes(name))).toEqual([]);
  });
});

/** Those of other processes come and go. */
async function filesOf(): Promise<string[]> {
  return (await readdir(tmpdir())).filter((name) => name.startsWith(`corbel-local-${process.pid}-`));
}
