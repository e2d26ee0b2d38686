import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { adjustGuide } from '../../src/guide/adjust-guide.ts';
import { type AnyJson, type Client, clientOf } from '../support/client.ts';
import { openSqlite, type Server, type StoreOfTest, startServer } from '../support/server.ts';

let store: StoreOfTest;
let server: Server;
let operator: Client;

beforeAll(async () => {
  store = await openSqlite();
  server = await startServer({ ...store.env });
  operator = clientOf(server.origin, server.operatorKey);
});
afterAll(async () => {
  await server?.stop();
  await store?.remove();
});

const detailOf = async (id: string): Promise<AnyJson> => (await operator.get(`/actions/${id}`)).json;

describe('the entry of an action in the catalogue', () => {
  it('says which inputs it takes, and shows its examples with every request and answer', async () => {
    const hub = await detailOf('autodesk_get_hub');
    expect(hub).toMatchObject({ id: 'autodesk_get_hub', file: null, paginated: false });
    expect(hub.input_schema).toMatchObject({ required: ['hub_id'], additionalProperties: false });
    expect(hub.examples.length).toBeGreaterThan(0);
    for (const { exchanges } of hub.examples) {
      expect(exchanges).toHaveLength(1);
      expect(exchanges[0]).toMatchObject({ request: { method: 'GET' }, response: { status: expect.any(Number) } });
    }
  });

  it('says of an action that takes a file that it does, and nothing of its steps', async () => {
    const upload = await detailOf('autodesk_upload_file_in_project_folder');
    expect(Object.keys(upload.file)).toEqual(['description']);
    expect(upload.api === null || typeof upload.api === 'string').toBe(true);
    expect(Object.keys(upload)).not.toContain('steps');
    expect(upload.input_schema.properties).not.toHaveProperty('file');
  });

  it('is there for every action, with schemas that are JSON', async () => {
    const list = (await operator.get('/actions')).json.data;
    expect(list.length).toBeGreaterThan(0);
    for (const { id } of list) {
      const detail = await detailOf(id);
      expect(detail, id).toMatchObject({ id, input_schema: { type: 'object' }, output_schema: expect.any(Object) });
    }
  });
});

describe('the list of connectors', () => {
  it('says the version of those that have one', async () => {
    const { data } = (await operator.get('/connectors')).json;
    const versions = new Map(data.map(({ id, version }: AnyJson) => [id, version]));
    expect(versions.get('gitlab')).toMatch(/^\d+\.\d+\.\d+$/);
    for (const [id, version] of versions) expect(version === null || typeof version === 'string', `${id}`).toBe(true);
  });
});

describe('a guide', () => {
  const path = '/connectors/autodesk/guides/two_legged';

  it('is open to everybody, adjusted to the actions that are asked for, as JSON and as Markdown', async () => {
    const anybody = clientOf(server.origin, undefined);
    const all = (await anybody.get(path)).json;
    expect(all.selection.actions.length).toBeGreaterThan(50);
    const one = (await anybody.get(`${path}?actions=autodesk_list_hubs`)).json;
    expect(one.selection).toMatchObject({ scopes: ['data:read'], actions: ['autodesk_list_hubs'] });
    expect((await anybody.get(`${path}?actions=`)).json.selection.actions).toEqual([]);
    expect((await anybody.get(`${path}?actions=list_hubs`)).json).toEqual(one);
    const full = (await anybody.get(`${path}?format=full`)).json;
    expect(adjustGuide(full, ['autodesk_list_hubs'])).toEqual(one);
    expect(
      adjustGuide(
        full,
        full.actions.map(({ id }: AnyJson) => id),
      ),
    ).toEqual(all);
    const markdown = await fetch(`${server.origin}${path}?actions=autodesk_list_hubs&format=md`);
    expect(markdown.headers.get('content-type')).toBe('text/markdown; charset=utf-8');
    expect(await markdown.text()).toContain(`${server.origin}/connect/oauth2/autodesk/callback`);
  });

  it.each([
    ['/connectors/autodesk/guides/toString', 'not_found'],
    ['/connectors/nobody/guides/two_legged', 'not_found'],
    [`${path}?actions=autodesk_nothing`, 'action_unknown'],
    [`${path}?format=html`, 'request_invalid'],
    [`${path}?format=full&actions=list_hubs`, 'request_invalid'],
    [`${path}?actions=gitlab_list_issues`, 'request_invalid'],
    [`${path}?actions=get_current_user`, 'request_invalid'],
    [`${path}?action=autodesk_list_hubs`, 'request_invalid'],
  ])('is refused at %s with %s', async (at, code) => {
    expect((await operator.get(at)).json.code).toBe(code);
  });
});
