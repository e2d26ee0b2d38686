import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isProjectAdmin } from '../../sandbox/aps/account-model.ts';
import { createAccounts } from '../../sandbox/aps/account-store.ts';
import { ADMIN, type Oauth, startOauth } from './oauth-client.ts';

const SCOPE = 'data:read data:write data:create data:search account:read account:write bucket:read';
const MEMBER = 'SANDBOXUSER5';
let oauth: Oauth;
let us: { id: string; account_id: string };
/** Ids of the US projects that the member is in, and that he is not in. */
let mine: string[];
let others: string[];

beforeAll(async () => {
  oauth = await startOauth({ usProjects: 24, emeaProjects: 2, teamHub: true });
  us = oauth.sandbox.worldSummary().hubs[0] as typeof us;
  // Seeded again, as the sandbox seeded its own.
  const account = createAccounts(oauth.sandbox.world).account(us.account_id);
  const projects = [...(account?.projects.values() ?? [])].filter((one) => one.world !== undefined);
  const isIn = (one: (typeof projects)[number]) =>
    [...(account?.members(one).values() ?? [])].some(({ user }) => user.uid === MEMBER);
  mine = projects.filter(isIn).map(({ id }) => id);
  others = projects.filter((one) => !isIn(one)).map(({ id }) => id);
  expect(projects.every((one) => [...(account?.members(one).values() ?? [])].some(isProjectAdmin))).toBe(true);
});
afterAll(() => oauth.stop());

async function as(user: string) {
  const { access_token } = await oauth.link(user, SCOPE);
  return (path: string, headers: Record<string, string> = {}) =>
    oauth.call(path, { headers: { authorization: `Bearer ${access_token}`, ...headers } });
}
const ids = (reply: { json: { data: { id: string }[] } }) => reply.json.data.map(({ id }) => id);

describe('a person’s token', () => {
  it('of an account administrator reaches every hub and project', async () => {
    const get = await as(ADMIN);
    expect(ids(await get('/project/v1/hubs'))).toHaveLength(3);
    expect(ids(await get(`/project/v1/hubs/${us.id}/projects`))).toHaveLength(24);
    expect((await get(`/project/v1/hubs/${us.id}/projects/b.${others[0]}/topFolders`)).status).toBe(200);
  });

  it('of a member reaches the projects that the person is in', async () => {
    const get = await as(MEMBER);
    expect(mine.length * others.length).toBeGreaterThan(0);
    expect(ids(await get('/project/v1/hubs'))).toHaveLength(3);
    expect(ids(await get(`/project/v1/hubs/${us.id}/projects`))).toEqual(mine.map((id) => `b.${id}`));
    for (const [id, status] of [
      [mine[0], 200],
      [others[0], 403],
    ] as const) {
      expect((await get(`/project/v1/hubs/${us.id}/projects/b.${id}`)).status).toBe(status);
      const project = oauth.sandbox.world.project(`b.${id}`);
      const folder = encodeURIComponent(project?.rootFolderId ?? '');
      const reply = await get(`/data/v1/projects/b.${id}/folders/${folder}/contents`);
      expect([reply.status, reply.json.errors?.[0]?.code]).toEqual([
        status,
        status === 200 ? undefined : 'BIM360DM_ERROR',
      ]);
    }
    const listed = await get(`/construction/admin/v1/accounts/${us.account_id}/projects?limit=200`);
    const { results } = listed.json as unknown as { results: { id: string }[] };
    expect(results.map(({ id }) => id)).toEqual(expect.arrayContaining(mine));
    expect(results.map(({ id }) => id)).not.toContain(others[0]);
  });

  it('is not widened by x-user-id, nor by what others asked for before', async () => {
    const [admin, member] = [await as(ADMIN), await as(MEMBER)];
    const path = `/project/v1/hubs/${us.id}/projects`;
    expect(ids(await admin(path))).toHaveLength(24);
    expect(ids(await member(path, { 'x-user-id': ADMIN }))).toHaveLength(mine.length);
    expect(ids(await admin(path, { 'x-user-id': MEMBER }))).toHaveLength(24);
  });

  it('of somebody whom no account knows, or knows as inactive, reaches team hubs alone', async () => {
    for (const user of ['SANDBOXSTRANGER', 'SANDBOXUSER31']) {
      const get = await as(user);
      const hubs = ids(await get('/project/v1/hubs'));
      expect([hubs.length, hubs[0]?.startsWith('a.')]).toEqual([1, true]);
      expect((await get(`/project/v1/hubs/${us.id}`)).status).toBe(403);
      expect((await get(`/project/v1/hubs/${us.id}/projects`)).status).toBe(403);
    }
  });

  it('is refused where apps act for themselves alone', async () => {
    const get = await as(ADMIN);
    expect((await get(`/hq/v1/accounts/${us.account_id}/users`)).status).toBe(403);
    expect((await get('/oss/v2/buckets')).status).toBe(403);
  });
});
