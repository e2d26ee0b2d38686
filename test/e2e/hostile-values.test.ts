import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { clientOf, expectData, expectProblem } from '../support/client.ts';
import { makeKey, openSqlite, seedAccount, startServer, startWorld, type World } from '../support/server.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld(openSqlite, { furtherActions: ['folders'] });
  expectData(await world.backend.act('list_hubs', world.account));
});
afterAll(() => world?.stop());
beforeEach(() => world.sandbox.reset());

const sent = async () => (await world.sandbox.log()).requests;

describe('values for a path', () => {
  it.each([
    ...[
      '.',
      '..',
      '%2e',
      '%2e%2e',
      '.%2e',
      '%2E.',
      '%252e%252e',
      '%25252e%25252e',
      '..%2f..',
      '../x',
      'a/b',
      'a%2fb',
      'a%252Fb',
    ],
    ...[
      'a\\b',
      'a%5cb',
      '\\..\\..',
      '/',
      '//evil.example',
      'http://evil.example/',
      '',
      'a\nb',
      'a\r\nX: 1',
      'a\u0000b',
      '%00',
      '%0d%0aX:1',
    ],
    ...['\u007f', 'a\tb', '\ud800', 'a\udfffb'],
  ])('%j never leaves', async (hub_id) => {
    const reply = await world.backend.act('list_projects', world.account, { hub_id });
    const { errors } = expectProblem(reply, 'path_value_rejected');
    expect(errors).toEqual([{ path: '/hub_id', message: expect.any(String) }]);
    expectProblem(
      await world.backend.act('list_projects', world.account, { hub_id }, 'dry_run=true'),
      'path_value_rejected',
    );
    expect(await sent()).toEqual([]);
  });

  it.each([
    'a b',
    'ä€😀',
    '100%',
    'a%b',
    'b.1?x=1&y=2',
    'b.1#x',
    'a;b=c',
    'user:pw@evil.example',
    '...',
    '..a',
    '*',
    "'",
    '<b>',
    '%C3%A4',
  ])('%j arrives as one segment', async (hub_id) => {
    const reply = await world.backend.act('list_projects', world.account, { hub_id });
    expectProblem(reply, 'provider_rejected_request');
    const [request] = await sent();
    const [path = '', query] = request?.path.split('?') ?? [];
    expect(path.split('/').map(decodeURIComponent)).toEqual(['', 'project', 'v1', 'hubs', hub_id, 'projects']);
    expect(query).toBeUndefined();
  });

  it('that make the address too long are refused', async () => {
    expectProblem(await world.backend.act('get_hub', world.account, { hub_id: 'x'.repeat(9_000) }), 'inputs_invalid');
    expect(await sent()).toEqual([]);
  });
});

describe('values for a query', () => {
  it.each(['a&filter[id]=b', 'a=b', '#x', 'a+b c', '%26', 'ä', 'a\r\nHost: evil', '\u0000', '../..'])(
    '%j arrives as that value and adds nothing',
    async (name) => {
      await world.backend.act('list_hubs', world.account, { name });
      const [request] = await sent();
      const { pathname, searchParams } = new URL(request?.path ?? '', world.sandbox.origin);
      expect(pathname).toBe('/project/v1/hubs');
      expect([...searchParams]).toEqual([['filter[name]', name]]);
    },
  );

  it('that are no Unicode are refused', async () => {
    expectProblem(await world.backend.act('list_hubs', world.account, { name: 'a\ud800' }), 'inputs_invalid');
    expect(await sent()).toEqual([]);
  });
});

describe('values for a header', () => {
  it.each(['a\r\nX-Evil: 1', 'a\nb', 'a\u0000b', 'ä', '\u2028', '\ud800', '\u007f'])(
    '%j never leaves',
    async (user_id) => {
      const { account } = await seedAccount(world.operator, world.sandbox, { account: { settings: { user_id } } });
      expectProblem(await world.backend.act('list_hubs', account), 'header_value_rejected');
      expect(await sent()).toEqual([]);
    },
  );

  it('that are fine arrive as they are', async () => {
    const user_id = 'A~!#$%&*:;=?@ b';
    const { account } = await seedAccount(world.operator, world.sandbox, { account: { settings: { user_id } } });
    expectData(await world.backend.act('list_hubs', account));
    expect((await sent()).at(-1)?.headers['x-user-id']).toBe(user_id);
  });

  it("of the caller's own request never reach the provider", async () => {
    const headers = { 'x-account-id': world.account, 'x-user-id': 'EVIL', cookie: 'a=b', 'x-forwarded-host': 'evil' };
    expectData(await world.backend.call('POST', '/actions/autodesk_list_hubs', { headers }));
    const [request] = await sent();
    for (const name of ['x-user-id', 'cookie', 'x-forwarded-host', 'x-account-id'])
      expect(request?.headers[name]).toBeUndefined();
  });
});

describe('a cursor', () => {
  const inputs = () => ({ hub_id: world.hub, page_size: 20 });
  const page = (more: Record<string, unknown>, account = world.account, action = 'list_projects') =>
    world.backend.act(action, account, { ...inputs(), ...more });
  let next: string;
  beforeAll(async () => {
    next = (await page({})).json.next;
  });

  it('does not tell what is in it', () => {
    expect(Buffer.from(next, 'base64url').toString('latin1')).not.toMatch(/pages|checkpoint/);
  });

  it('is refused when any of its characters was changed, or some are missing', async () => {
    for (let at = 0; at < next.length; at += 5) {
      const other = next[at] === 'A' ? 'B' : 'A';
      expectProblem(await page({ next: next.slice(0, at) + other + next.slice(at + 1) }), 'cursor_invalid');
    }
    for (const wrong of ['x', next.slice(0, -2), next + next, 'v1.k1.AAAA', '{"at":3}'])
      expectProblem(await page({ next: wrong }), 'cursor_invalid');
    expect(await sent()).toEqual([]);
  });

  it('is refused with other inputs, another page size, another action, another account, another project', async () => {
    const { account } = await seedAccount(world.operator, world.sandbox);
    expectProblem(await page({ next, extension_type: 'x' }), 'cursor_invalid');
    expectProblem(await page({ next, page_size: 21 }), 'cursor_invalid');
    expectProblem(await page({ next, hub_id: 'b.x' }), 'cursor_invalid');
    expectProblem(await page({ next }, account), 'cursor_invalid');
    const contents = { project_id: 'b.x', folder_id: 'x', next };
    expectProblem(await world.backend.act('list_folder_contents', world.account, contents), 'cursor_invalid');

    const project = await world.operator.post('/projects', { name: 'Other' });
    const operator = clientOf(world.server.origin, project.json.operator_key.token);
    const other = await seedAccount(operator, world.sandbox);
    const { token } = await makeKey(operator, { role: 'backend' });
    const foreign = clientOf(world.server.origin, token);
    expectProblem(await foreign.act('list_projects', other.account, { ...inputs(), next }), 'cursor_invalid');
    expect(await sent()).toEqual([]);
  });

  it('is taken by another process that shares store and key', async () => {
    const server = await startServer(world.env);
    try {
      const backend = clientOf(server.origin, world.backend.key);
      const reply = await backend.act('list_projects', world.account, { ...inputs(), next });
      expect(expectData(reply)).toHaveLength(20);
    } finally {
      await server.stop();
    }
  });

  it('ends a walk in which the provider gives the same page for ever', async () => {
    const project = { type: 'projects', id: 'b.1', attributes: { name: 'x', extension: { type: 'x' } } };
    const body = { data: [project], links: { next: { href: `${world.sandbox.origin}/x` } } };
    await world.sandbox.faults([{ kind: 'status', path: '/project/', status: 200, body }]);
    let reply = await page({});
    let pages = 1;
    while (reply.status === 200 && pages < 20) {
      reply = await page({ next: reply.json.next });
      pages += 1;
    }
    expectProblem(reply, 'pagination_cycle');
    expect(pages).toBeLessThanOrEqual(4);
  });
});
