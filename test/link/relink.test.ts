import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { changeAccount, deleteAccount, findAccount, getAccount } from '../../src/domain/account.ts';
import { Problem } from '../../src/problems.ts';
import { begin, type LinkWorld, startLinkWorld } from './support.ts';

describe('linking an account again', () => {
  let world: LinkWorld;
  beforeAll(async () => {
    world = await startLinkWorld();
  });
  afterAll(() => world?.stop());

  const session = async (id: string) => (await world.backend('GET', `/connect_sessions/${id}`)).json;
  const account = (id: string) => getAccount(world.store, world.project, id);
  const person = (index: number) => world.people[index]?.id ?? '';

  async function link(body: Record<string, unknown> = {}, user = person(0)) {
    const { id, token } = await world.invite(body);
    const browser = world.browser();
    await browser.get(await world.consent(await begin(browser, token), { user }));
    return session(id);
  }

  it('brings an account back, with the settings as they are put in now', async () => {
    const { account_id } = await link();
    await changeAccount(world.store, Date.now(), world.project, account_id, () => ({
      status: 'reauth_required',
      status_reasons: [{ code: 'grant_refused', description: '', at: '' }],
    }));
    const before = world.grants.get(account_id);
    const again = await link({ account_id });
    expect(again).toMatchObject({ state: 'authenticated', account_id });
    expect(await account(account_id)).toMatchObject({ status: 'active', status_reasons: [], owner_id: 'customer-1' });
    expect(world.grants.get(account_id)).not.toBe(before);
    expect(world.events).toContainEqual({ project: world.project, account: account_id, type: 'account.updated' });
  });

  it('refuses another person, revokes what that person granted, and changes nothing', async () => {
    const { account_id } = await link();
    const before = await account(account_id);
    const grant = world.grants.get(account_id);
    const refused = await link({ account_id }, person(1));
    expect(refused).toMatchObject({ state: 'error', error: { code: 'identity_changed' } });
    expect(await account(account_id)).toEqual(before);
    expect(world.grants.get(account_id)).toBe(grant);
    const { grants } = await world.control('GET', 'grants');
    const ofOther = grants.filter(({ user }: { user: string }) => user === person(1));
    expect(ofOther.map(({ alive }: { alive: boolean }) => alive)).toEqual([false]);
  });

  it('without anybody’s consent ends what a person granted before', async () => {
    const { account_id } = await link();
    const connector_profile_id = await world.makeProfile({ authentication: 'two_legged' });
    const { id, token } = await world.invite({ account_id, connector_profile_id });
    const browser = world.browser();
    await browser.post('/hub/session', { token });
    const reply = await browser.post('/hub/start', { token, settings: {} });
    expect(reply.json).toMatchObject({ outcome: { state: 'authenticated', account_id } });
    expect((await session(id)).state).toBe('authenticated');
    expect(world.removed).toContain(account_id);
    expect(await account(account_id)).toMatchObject({ profile_id: connector_profile_id, granted_scopes: null });
  });

  it('takes another person where the session allows it', async () => {
    const { account_id } = await link();
    const changed = await link({ account_id, allow_identity_change: true }, person(1));
    expect(changed.state).toBe('authenticated');
    expect((await account(account_id)).identity?.subject).toBe(person(1));
  });

  it('does not resume what an operator suspended', async () => {
    const { account_id } = await link();
    await changeAccount(world.store, Date.now(), world.project, account_id, () => ({ status: 'inactive' }));
    expect((await link({ account_id })).state).toBe('authenticated');
    expect((await account(account_id)).status).toBe('inactive');
  });

  it('does not bring back an account that was deleted meanwhile', async () => {
    const { account_id } = await link();
    const { id, token } = await world.invite({ account_id });
    const browser = world.browser();
    const path = await world.consent(await begin(browser, token));
    await deleteAccount(world.store, world.project, account_id);
    await browser.get(path);
    expect(await session(id)).toMatchObject({ state: 'error', error: { code: 'account_not_found' } });
    expect(await findAccount(world.store, world.project, account_id)).toBeUndefined();
  });

  it("needs an account of the profile's connector and its own owner", async () => {
    const { account_id } = await link();
    const post = (body: unknown) => world.backend('POST', '/connect_sessions', body);
    const owner = await post({ connector_profile_id: world.profile, account_id, owner_id: 'somebody-else' });
    expect(owner.json.errors).toEqual([{ path: '/owner_id', message: expect.any(String) }]);
    const unknown = await post({ connector_profile_id: world.profile, account_id: `acc_${'0'.repeat(22)}` });
    expect(unknown.json.code).toBe('account_not_found');
    expect((await post({ connector_profile_id: world.profile })).json.errors[0].path).toBe('/owner_id');
  });
});

describe('a link that breaks off in the middle', () => {
  it('leaves nothing, or an account that works, and makes one account when it is done again', async () => {
    let fail: 'never' | 'before' | 'after' = 'never';
    const world = await startLinkWorld({
      install: async () => {
        if (fail === 'before') throw new Problem('store_unavailable', 'Injected.');
      },
    });
    try {
      const { id, token } = await world.invite({ expires_in_s: 1_800 });
      const browser = world.browser();
      fail = 'before';
      expect((await browser.get(await world.consent(await begin(browser, token)))).status).toBe(503);
      expect((await world.store.list(world.project, 'account', { limit: 10 })).records).toEqual([]);
      // Taken by a process that may be dead: after a minute the same link can be used again.
      expect((await browser.post('/hub/start', { token, settings: {} })).json.code).toBe('connect_session_finished');
      world.pass(60_001);
      fail = 'never';
      expect((await browser.get(await world.consent(await begin(browser, token)))).status).toBe(303);
      const { records } = await world.store.list(world.project, 'account', { limit: 10 });
      expect(records).toHaveLength(1);
      const { account_id } = (await world.backend('GET', `/connect_sessions/${id}`)).json;
      expect(records[0]?.key.id).toBe(account_id);
      expect(world.grants.has(account_id)).toBe(true);
    } finally {
      await world.stop();
    }
  });
});
