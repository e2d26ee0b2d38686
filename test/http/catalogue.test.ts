import { afterAll, beforeAll, describe, expect, it } from 'vitest';
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
