import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ProblemCode } from '../../src/problems.ts';
import { type AnyJson, type Client, clientOf, expectData, expectProblem, type Reply } from '../support/client.ts';
import { expectHarmless } from '../support/harmless.ts';
import { makeKey, onBothStores, seedAccount, startWorld, type World } from '../support/server.ts';

onBothStores('what callers may not do', (open) => {
  let world: World;
  let foreign: { operator: Client; account: string; profile: string };
  beforeAll(async () => {
    world = await startWorld(open);
    const project = await world.operator.post('/projects', { name: 'Other' });
    const operator = clientOf(world.server.origin, project.json.operator_key.token);
    foreign = { operator, ...(await seedAccount(operator, world.sandbox)) };
    expectData(await world.backend.act('list_hubs', world.account));
  });
  afterAll(() => world?.stop());

  const refused = (code: ProblemCode, call: () => Promise<Reply>) => expectHarmless(world, code, call);

  describe('for their key', () => {
    const hubs = (key?: string) => clientOf(world.server.origin, key).act('list_hubs', world.account);

    it('refuses a call without a key', async () => {
      await refused('key_missing', () => hubs());
    });

    it('says in WWW-Authenticate how to authenticate', async () => {
      expect((await hubs()).headers['www-authenticate']).toMatch(/^Bearer/);
    });

    it('refuses a key in the query', async () => {
      const path = `/actions/autodesk_list_hubs?api_key=${world.backend.key}`;
      await refused('key_missing', () => clientOf(world.server.origin).call('POST', path, { body: {} }));
    });

    it('refuses keys that are wrong, truncated, lengthened, or of no form at all', async () => {
      const key = world.backend.key ?? '';
      const last = key.endsWith('A') ? 'B' : 'A';
      for (const wrong of [key.slice(0, -1) + last, key.slice(0, -1), `${key}A`, 'x', 'ck_', "' OR 1=1 --"]) {
        const reply = await hubs(wrong);
        expectProblem(reply, /\s/.test(wrong) ? 'key_missing' : 'key_invalid');
      }
    });

    it('refuses the secret of one key with the id of another', async () => {
      const [, project, , secret] = (world.backend.key ?? '').split('_');
      const [, , id] = (world.operator.key ?? '').split('_');
      await refused('key_invalid', () => hubs(`ck_${project}_${id}_${secret}`));
    });

    it('takes the key as the user name of Basic, too', async () => {
      const basic = Buffer.from(`${world.backend.key}:`).toString('base64');
      const open = clientOf(world.server.origin);
      const headers = { authorization: `Basic ${basic}`, 'x-account-id': world.account };
      expectData(await open.call('POST', '/actions/autodesk_list_hubs', { headers }));
    });

    it('refuses a revoked key', async () => {
      const { id, token } = await makeKey(world.operator, { role: 'backend' });
      expectData(await hubs(token));
      expect((await world.operator.delete(`/api_keys/${id}`)).json.revoked_at).toEqual(expect.any(String));
      await new Promise((resolve) => setTimeout(resolve, 1_000));
      await refused('key_revoked', () => hubs(token));
    });

    it('refuses an expired key', async () => {
      const expires_at = new Date(Date.now() + 1_500).toISOString();
      const { token } = await makeKey(world.operator, { role: 'backend', expires_at });
      expectData(await hubs(token));
      await new Promise((resolve) => setTimeout(resolve, Date.parse(expires_at) + 50 - Date.now()));
      await refused('key_expired', () => hubs(token));
    });

    it('refuses backends what only operators may do', async () => {
      await refused('role_forbidden', () => world.backend.get('/connector_profiles'));
      await refused('role_forbidden', () => world.backend.post('/api_keys', { name: 'Mine', role: 'operator' }));
    });

    it('refuses operators of other projects to make projects', async () => {
      await refused('role_forbidden', () => foreign.operator.post('/projects', { name: 'Mine' }));
    });

    it('refuses a key what it is not narrowed to: actions, accounts', async () => {
      const other = await seedAccount(world.operator, world.sandbox);
      const { token } = await makeKey(world.operator, {
        role: 'backend',
        actions: ['autodesk_list_hubs'],
        accounts: [world.account],
      });
      const narrowed = clientOf(world.server.origin, token);
      expectData(await narrowed.act('list_hubs', world.account));
      await refused('key_not_allowed', () => narrowed.act('get_hub', world.account, { hub_id: world.hub }));
      await refused('key_not_allowed', () => narrowed.act('list_hubs', other.account));
      await refused('key_not_allowed', () => narrowed.get('/actions/autodesk_get_hub'));
      await refused('account_not_found', () => narrowed.get(`/accounts/${other.account}`));
      expect((await narrowed.get('/accounts')).json.data.map(({ id }: AnyJson) => id)).toEqual([world.account]);
      expect((await narrowed.get('/actions')).json.data.map(({ id }: AnyJson) => id)).toEqual(['autodesk_list_hubs']);
    });

    it('refuses keys that could not work: narrowed operators, expiries in the past or without a zone', async () => {
      for (const body of [
        { name: 'x', role: 'operator', actions: ['autodesk_list_hubs'] },
        { name: 'x', role: 'backend', expires_at: '2020-01-01T00:00:00Z' },
        { name: 'x', role: 'backend', expires_at: '2099-01-01T00:00:00' },
        { name: 'x', role: 'admin' },
        { role: 'backend', secret: 'mine', project: 'prj_x' },
      ]) {
        await refused('request_invalid', () => world.operator.post('/api_keys', body));
      }
    });
  });

  describe('for the action and the account', () => {
    it('refuses an unknown action and says which one was meant', async () => {
      const document = await refused('action_unknown', () => world.backend.act('list_hub', world.account));
      expect(document.did_you_mean).toBe('autodesk_list_hubs');
      expect(document.hint).toContain('autodesk_list_hubs');
    });

    it('refuses a call that names no account', async () => {
      await refused('account_missing', () => world.backend.post('/actions/autodesk_list_hubs', {}));
      const nameless = { headers: { 'x-account-id': '' }, body: {} };
      await refused('account_missing', () => world.backend.call('POST', '/actions/autodesk_list_hubs', nameless));
    });

    it('refuses accounts that do not exist, are no ids, are several, or belong to another project, all alike', async () => {
      const unknown = `acc_${'0'.repeat(22)}`;
      const details = new Set<string>();
      const several = `${world.account}, ${foreign.account}`;
      for (const id of [unknown, 'x', '../x', '__proto__', world.profile, several, foreign.account]) {
        details.add((await refused('account_not_found', () => world.backend.act('list_hubs', id))).detail);
      }
      expect(details.size).toBe(1);
    });

    it('refuses a suspended account with its reasons until it is resumed', async () => {
      const { account } = await seedAccount(world.operator, world.sandbox);
      await world.operator.post(`/accounts/${account}/suspend`);
      const document = await refused('account_inactive', () => world.backend.act('list_hubs', account));
      expect(document).toMatchObject({ account, account_status: 'inactive', status_reasons: [{ code: 'suspended' }] });
      await world.operator.post(`/accounts/${account}/resume`);
      await new Promise((resolve) => setTimeout(resolve, 1_000));
      expectData(await world.backend.act('list_hubs', account));
    });

    it('refuses accounts of a disabled profile, and shows them as inactive', async () => {
      const { account, profile } = await seedAccount(world.operator, world.sandbox, { profile: { enabled: false } });
      const document = await refused('profile_disabled', () => world.backend.act('list_hubs', account));
      expect(document.connector_profile).toBe(profile);
      expect((await world.backend.get(`/accounts/${account}`)).json).toMatchObject({
        status: 'inactive',
        status_reasons: [{ code: 'profile_disabled' }],
      });
    });

    it('refuses a deleted account', async () => {
      const { account } = await seedAccount(world.operator, world.sandbox);
      expect((await world.operator.delete(`/accounts/${account}`)).json).toEqual({ revoked: 'nothing' });
      await refused('account_not_found', () => world.backend.act('list_hubs', account));
    });

    it('refuses an action that the profile does not enable', async () => {
      const { account } = await seedAccount(world.operator, world.sandbox, {
        profile: { actions: ['autodesk_list_hubs'] },
      });
      const document = await refused('action_disabled', () =>
        world.backend.act('get_hub', account, { hub_id: world.hub }),
      );
      expect(document).toMatchObject({ action: 'autodesk_get_hub', fault: 'operator' });
    });

    it('refuses an action whose scopes the profile lacks: names them and the remedy, asks for no token', async () => {
      const { account, profile } = await seedAccount(world.operator, world.sandbox, {
        profile: { scopes: ['data:write', 'bucket:read'] },
      });
      const { token_requests } = await world.sandbox.log();
      const document = await refused('scopes_missing', () => world.backend.act('list_hubs', account));
      expect(document).toMatchObject({
        status: 403,
        action: 'autodesk_list_hubs',
        missing_scopes: ['data:read'],
        connector_profile: profile,
        granted_by: 'operator',
      });
      expect(document.hint).toContain('data:read');
      expect((await world.sandbox.log()).token_requests).toBe(token_requests);
      await refused('scopes_missing', () => world.backend.act('list_hubs', account, {}, 'dry_run=true'));
    });

    it('refuses to delete a profile in use', async () => {
      await refused('in_use', () => world.operator.delete(`/connector_profiles/${world.profile}`));
    });
  });

  it('has logged every refusal with its code and no failure of its own', () => {
    const records = world.server.records();
    expect(records.some(({ problem }) => problem === 'scopes_missing')).toBe(true);
    expect(records.filter(({ level }) => level === 'error' || level === 'fatal')).toEqual([]);
    expect(world.server.stderr()).toBe('');
  });
});
