import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Reply, type Running, startSandbox } from './client.ts';

let running: Running;
let usHub: string;

beforeAll(async () => {
  running = await startSandbox();
  usHub = running.sandbox.world.hubs[0]?.id ?? '';
});
afterAll(() => running.stop());
beforeEach(() => {
  running.sandbox.resetSwitches();
});

const encode = (query: Record<string, string>) => new URLSearchParams(query).toString();

describe('hubs', () => {
  it('lists one US and one EMEA hub in the recorded shape', async () => {
    const reply = await running.get('/project/v1/hubs', { accept: 'application/json' });
    expect(reply.headers['content-type']).toBe('application/vnd.api+json');
    expect(reply.headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/);
    expect(Object.keys(reply.json)).toEqual(['jsonapi', 'links', 'data']);
    expect(reply.json.links).toEqual({ self: { href: `${running.origin}/project/v1/hubs` } });
    expect(reply.json.data.map((hub) => hub.attributes.region)).toEqual(['US', 'EMEA']);
    expect(reply.json.data[0]).toEqual({
      type: 'hubs',
      id: expect.stringMatching(/^b\.[0-9a-f-]{36}$/),
      attributes: {
        name: 'Sandbox Hub US',
        extension: {
          type: 'hubs:autodesk.bim360:Account',
          version: '1.0',
          schema: { href: `${running.origin}/schema/v1/versions/hubs:autodesk.bim360:Account-1.0` },
          data: {},
        },
        region: 'US',
      },
      links: { self: { href: `${running.origin}/project/v1/hubs/${usHub}` } },
      relationships: {
        projects: { links: { related: { href: `${running.origin}/project/v1/hubs/${usHub}/projects` } } },
      },
    });
  });

  it.each([
    [{ 'filter[id]': 'b.no' }, 0],
    [{ 'filter[name]': 'Sandbox Hub US' }, 1],
    [{ 'filter[attributes.name]': 'sandbox hub us' }, 0],
    [{ 'filter[attributes.name]-contains': 'Hub' }, 2],
    [{ 'filter[extension.type]': 'hubs:autodesk.bim360:Account' }, 2],
    [
      { 'filter[extension.type]': 'hubs:autodesk.core:Hub,hubs:autodesk.bim360:Account', 'filter[name]-ends': 'EMEA' },
      1,
    ],
    [{ 'filter[no.such.field]': 'x' }, 0],
  ])('filters by %j, minding case', async (query, count) => {
    const reply = await running.get(`/project/v1/hubs?${encode(query)}`);
    expect([reply.status, reply.json.data.length]).toEqual([200, count]);
  });

  it('refuses an unknown comparison', async () => {
    expect((await running.get(`/project/v1/hubs?${encode({ 'filter[name]-like': 'x' })}`)).status).toBe(400);
  });

  it('leaves out the hubs of a region that failed, and warns in PascalCase with the status as text', async () => {
    running.sandbox.setSwitches({ hubs_warning: ['APAC', 'EMEA'] });
    const reply = await running.get('/project/v1/hubs');
    expect(reply.status).toBe(200);
    expect(reply.json.data).toHaveLength(1);
    expect(reply.json.meta.warnings[0]).toEqual({
      Id: null,
      HttpStatusCode: '403',
      ErrorCode: 'BIM360DM_ERROR',
      Title: 'Unable to get hubs from BIM360DM APAC.',
      Detail: "You don't have permission to access this API",
      AboutLink: null,
      Source: null,
      meta: null,
    });
  });

  it('answers 200 with nothing but warnings of all regions to an app that is not provisioned', async () => {
    running.sandbox.setSwitches({ provisioned: false });
    const reply = await running.get('/project/v1/hubs');
    expect([reply.status, reply.json.data, reply.json.meta.warnings.length]).toEqual([200, [], 8]);
    const projects = await running.get(`/project/v1/hubs/${usHub}/projects`);
    expect([projects.status, projects.json.errors[0]?.code]).toEqual([403, 'BIM360DM_ERROR']);
  });

  it('tells unknown from malformed ids, wrong methods and unknown paths', async () => {
    const unknown = await running.get('/project/v1/hubs/b.00000000-0000-4000-8000-000000000000');
    expect(unknown.status).toBe(404);
    expect(unknown.json).toMatchObject({ jsonapi: { version: '1.0' }, errors: [{ status: '404', code: 'NOT_FOUND' }] });
    expect((await running.get('/project/v1/hubs/no-prefix')).json.errors[0]?.code).toBe('BAD_INPUT');
    expect((await running.get('/project/v1/hubs/%zz')).status).toBe(400);
    const token = await running.token();
    const authorization = `Bearer ${token}`;
    const wrong = await running.call('/project/v1/hubs', { method: 'DELETE', headers: { authorization } });
    expect([wrong.status, wrong.headers.allow, typeof wrong.json.developerMessage]).toEqual([405, 'GET', 'string']);
    const nowhere = await running.get('/project/v9/hubs');
    expect([nowhere.status, typeof nowhere.json.developerMessage]).toEqual([404, 'string']);
  });
});

describe('projects', () => {
  it('walk in pages by links.next, which the last page lacks', async () => {
    const seen: string[] = [];
    const counts: number[] = [];
    let next: string | undefined = `/project/v1/hubs/${usHub}/projects`;
    while (next !== undefined) {
      const page: Reply = await running.get(next);
      seen.push(...page.json.data.map((project) => project.id));
      counts.push(page.json.data.length);
      if (page.json.links.next === undefined) expect(page.json.links.prev.href).toContain('page%5Bnumber%5D=1');
      next = page.json.links.next?.href;
    }
    expect(counts).toEqual([200, 200, 30]);
    expect(new Set(seen).size).toBe(430);
  });

  it('have self and first only when one page holds all', async () => {
    const emea = running.sandbox.world.hubs[1]?.id;
    const reply = await running.get(`/project/v1/hubs/${emea}/projects`);
    expect(Object.keys(reply.json.links)).toEqual(['self', 'first']);
    expect(reply.json.meta).toBeUndefined();
  });

  it('keep the page limit in the links, and give an empty page beyond the end', async () => {
    const path = `/project/v1/hubs/${usHub}/projects`;
    const reply = await running.get(`${path}?page[limit]=10&page[number]=3`);
    expect(reply.json.data).toHaveLength(10);
    expect(reply.json.links.next.href).toBe(`${running.origin}${path}?page%5Blimit%5D=10&page%5Bnumber%5D=4`);
    expect((await running.get(`${path}?page[number]=99`)).json.data).toEqual([]);
  });

  it.each(['page[limit]=0', 'page[limit]=201', 'page[limit]=ten', 'page[number]=-1', 'page[number]=1.5'])(
    'refuse %s with a JSON:API error',
    async (query) => {
      const reply = await running.get(`/project/v1/hubs/${usHub}/projects?${query}`);
      expect([reply.status, reply.json.errors[0]?.status]).toEqual([400, '400']);
    },
  );

  it('are found under their own hub only, and say 403 on top folders while inactive', async () => {
    const [us, emea] = running.sandbox.world.hubs;
    const id = us?.projects[0]?.id ?? '';
    const project = await running.get(`/project/v1/hubs/${us?.id}/projects/${id}`);
    expect(project.json.data).toMatchObject({
      type: 'projects',
      id,
      attributes: {
        extension: { type: 'projects:autodesk.bim360:Project', data: { projectType: expect.any(String) } },
      },
      relationships: { hub: { data: { id: us?.id } }, rootFolder: { data: { type: 'folders' } } },
    });
    expect((await running.get(`/project/v1/hubs/${us?.id}/projects/${id}/hub`)).json.data.id).toBe(us?.id);
    expect((await running.get(`/project/v1/hubs/${emea?.id}/projects/${id}`)).status).toBe(404);
    running.sandbox.setSwitches({ inactive_projects: [id] });
    const refused = await running.get(`/project/v1/hubs/${us?.id}/projects/${id}/topFolders`);
    expect(refused.status).toBe(403);
    expect(refused.json.errors).toEqual([
      { status: '403', code: 'BIM360DM_ERROR', detail: `Project is not active: ${id}` },
    ]);
  });

  it('count against the published rate limits when those are switched on', async () => {
    running.sandbox.setSwitches({ rate_limits: 2 });
    const path = `/project/v1/hubs/${usHub}`;
    const replies = [
      await running.get(path),
      await running.get(path),
      await running.get(path),
      await running.get(path),
    ];
    const limited = replies.filter((reply) => reply.status === 429);
    // Four calls may straddle a minute; at most two pass in each.
    expect(limited.length + replies.filter((reply) => reply.status === 200).length).toBe(4);
    for (const reply of limited) {
      expect(reply.json).toEqual({ developerMessage: 'Quota limit exceeded.' });
      expect(Number(reply.headers['retry-after'])).toBeGreaterThan(0);
    }
  });
});
