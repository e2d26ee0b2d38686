import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { FolderNode } from '../../sandbox/aps/project-tree.ts';
import type { Project } from '../../sandbox/aps/world.ts';
import { type Reply, type Running, startSandbox } from './client.ts';
import { atSandbox, type CallApi, caller, enc, jsonOf, type Loose, pathOfUrn, upload } from './upload-client.ts';

const SCOPES = 'data:read data:write data:create data:search';

let running: Running;
let api: CallApi;
let project: Project;
let team: Project;
let names = 0;

beforeAll(async () => {
  running = await startSandbox({ usProjects: 60, teamHub: true });
  api = await caller(running, await running.token(SCOPES), 'application/vnd.api+json');
  project = present(running.sandbox.world.hubs[0]?.projects[0]);
  team = present(running.sandbox.world.hubs[2]?.projects[0]);
});
afterAll(() => running.stop());
beforeEach(() => {
  running.sandbox.resetSwitches();
});

function present<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('the seed no longer has what this test looks for');
  return value;
}
const data = (of: Project, path: string) => `/data/v1/projects/${of.id}/${path}`;
const nameOf = (what: string) => `${what} ${++names}`;
const childOf = (folder: FolderNode, name: string): FolderNode =>
  present(folder.children.find((child): child is FolderNode => child.kind === 'folder' && child.name === name));
const filesFolder = (): FolderNode => childOf(running.sandbox.world.tree(project).root, 'Project Files');
const teamFolder = (): FolderNode => childOf(running.sandbox.world.tree(team).root, 'Designs');
const contents = async (of: Project, folder: string, query = '') =>
  jsonOf(await api('GET', `${data(of, `folders/${enc(folder)}/contents`)}${query}`));
const outcome = (reply: Reply) => [reply.status, jsonOf(reply).errors?.[0]?.code];
const jsonapi = { version: '1.0' };

function folderBody(parentId: string, name: string, kind = 'bim360'): Loose {
  return {
    jsonapi,
    data: {
      type: 'folders',
      attributes: { name, extension: { type: `folders:autodesk.${kind}:Folder`, version: '1.0' } },
      relationships: { parent: { data: { type: 'folders', id: parentId } } },
    },
  };
}
async function newFolder(parentId: string, name: string, of = project): Promise<Loose> {
  const reply = await api('POST', data(of, 'folders'), folderBody(parentId, name, of.hub.platform));
  expect(reply.status).toBe(201);
  return jsonOf(reply).data;
}
function patchFolder(id: string, more: object): Promise<Reply> {
  return api('PATCH', data(project, `folders/${enc(id)}`), { jsonapi, data: { type: 'folders', id, ...more } });
}
async function newStorage(of: Project, type: 'folders' | 'items', id: string, name: string): Promise<string> {
  const target = { data: { type, id } };
  const body = { jsonapi, data: { type: 'objects', attributes: { name }, relationships: { target } } };
  const reply = await api('POST', data(of, 'storage'), body);
  expect(reply.status).toBe(201);
  expect(jsonOf(reply).data.relationships.target.data).toEqual({ type, id });
  return jsonOf(reply).data.id;
}
async function newContent(of: Project, folder: string, name: string, content = name): Promise<string> {
  const urn = await newStorage(of, 'folders', folder, name);
  const json = await caller(running, await running.token(SCOPES));
  expect((await upload(running, json, pathOfUrn(urn), [Buffer.from(content)])).status).toBe(200);
  return urn;
}
function itemBody(of: Project, folder: string, name: string, storage: string, type = 'File'): Loose {
  const extension = (kind: string) => ({ type: `${kind}:autodesk.${of.hub.platform}:${type}`, version: '1.0' });
  return {
    jsonapi,
    data: {
      type: 'items',
      attributes: { displayName: name, extension: extension('items') },
      relationships: {
        tip: { data: { type: 'versions', id: '1' } },
        parent: { data: { type: 'folders', id: folder } },
      },
    },
    included: [
      {
        type: 'versions',
        id: '1',
        attributes: { name, extension: extension('versions') },
        relationships: { storage: { data: { type: 'objects', id: storage } } },
      },
    ],
  };
}
async function newItem(of: Project, folder: string, name: string, content = name): Promise<Loose> {
  const storage = await newContent(of, folder, name, content);
  const reply = await api('POST', data(of, 'items'), itemBody(of, folder, name, storage));
  expect(reply.status).toBe(201);
  return jsonOf(reply);
}
function versionBody(of: Project, item: string, name: string, storage?: string, type?: string): Loose {
  return {
    jsonapi,
    data: {
      type: 'versions',
      attributes: {
        name,
        extension: { type: type ?? `versions:autodesk.${of.hub.platform}:File`, version: '1.0' },
      },
      relationships: {
        item: { data: { type: 'items', id: item } },
        ...(storage && { storage: { data: { type: 'objects', id: storage } } }),
      },
    },
  };
}

describe('a created folder', () => {
  it('answers 201, is read by its id and listed by its parent', async () => {
    const parent = filesFolder().id;
    const name = nameOf('Übersicht & Plan');
    const reply = await api('POST', data(project, 'folders'), folderBody(parent, name));
    const created = jsonOf(reply).data;
    expect([reply.status, reply.headers['content-type']]).toEqual([201, 'application/vnd.api+json']);
    expect(created).toMatchObject({
      type: 'folders',
      id: expect.stringMatching(/^urn:adsk\.wipprod:fs\.folder:co\.[\w-]{22}$/),
      attributes: { name, displayName: name, hidden: false, objectCount: 0 },
      relationships: { parent: { data: { type: 'folders', id: parent } } },
    });
    expect(jsonOf(await api('GET', data(project, `folders/${enc(created.id)}`))).data).toEqual(created);
    expect((await contents(project, parent, '?filter[type]=folders')).data).toContainEqual(created);
    expect((await contents(project, created.id)).data).toEqual([]);
  });

  it('outlives the cache of generated trees', async () => {
    const folder = await newFolder(filesFolder().id, nameOf('Lasting'));
    const item = await newItem(project, folder.id, 'lasting.txt');
    for (const one of running.sandbox.world.hubs[0]?.projects ?? []) running.sandbox.world.tree(one);
    expect((await contents(project, folder.id)).data.map((entry: Loose) => entry.id)).toEqual([item.data.id]);
  });

  it('is named after whom the app acts for', async () => {
    const token = await running.token(SCOPES);
    const post = (headers: object) =>
      running.call(data(project, 'folders'), {
        method: 'POST',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', ...headers },
        body: JSON.stringify(folderBody(filesFolder().id, nameOf('By'))),
      });
    expect(jsonOf(await post({})).data.attributes.createUserId).toBe('');
    expect(jsonOf(await post({ 'x-user-id': 'SANDBOXUSER2' })).data.attributes).toMatchObject({
      createUserId: 'SANDBOXUSER2',
      createUserName: 'Sandbox User 2',
    });
  });

  it('is refused when something of it is wrong', async () => {
    const parent = filesFolder().id;
    const root = running.sandbox.world.tree(project).root;
    const create = async (body: unknown) => outcome(await api('POST', data(project, 'folders'), body));
    const name = nameOf('Taken');
    await newFolder(parent, name);
    expect(await create(folderBody(parent, name))).toEqual([409, 'CONFLICT']);
    expect((await create(folderBody(parent, name.toLowerCase())))[0]).toBe(201);
    running.sandbox.setSwitches({ names_ignore_case: true });
    expect(await create(folderBody(parent, name.toUpperCase()))).toEqual([409, 'CONFLICT']);

    for (const bad of ['', 'a/b', 'a:b', 'what?', 'tab\t', "it's", 'x'.repeat(256)]) {
      expect(await create(folderBody(parent, bad))).toEqual([400, 'BAD_INPUT']);
    }
    expect(await create(folderBody(parent, nameOf('Core'), 'core'))).toEqual([400, 'BAD_INPUT']);
    expect(await create(folderBody(`${parent.slice(0, -3)}abc`, nameOf('Lost')))).toEqual([404, 'NOT_FOUND']);
    expect(await create(folderBody('nonsense', nameOf('Lost')))).toEqual([400, 'BAD_INPUT']);
    expect(await create(folderBody(root.id, nameOf('Top')))).toEqual([403, 'BIM360DM_ERROR']);
  });

  it('is refused below 25 levels', async () => {
    let { id } = await newFolder(filesFolder().id, nameOf('Deep'));
    for (let level = 3; level <= 25; level++) id = (await newFolder(id, `Level ${level}`)).id;
    const reply = await api('POST', data(project, 'folders'), folderBody(id, 'Level 26'));
    expect(outcome(reply)).toEqual([400, 'BAD_INPUT']);
  });
});

describe('a changed folder', () => {
  it('is renamed, deleted and restored, and moved', async () => {
    const parent = await newFolder(filesFolder().id, nameOf('From'));
    const target = await newFolder(filesFolder().id, nameOf('To'));
    const { id } = await newFolder(parent.id, 'Before');
    const renamed = jsonOf(await patchFolder(id, { attributes: { name: 'After' } })).data;
    expect([renamed.attributes.name, renamed.attributes.displayName]).toEqual(['After', 'After']);

    expect(jsonOf(await patchFolder(id, { attributes: { hidden: true } })).data.attributes.hidden).toBe(true);
    expect((await contents(project, parent.id)).data).toEqual([]);
    expect((await contents(project, parent.id, '?filter[hidden]=true')).data).toHaveLength(1);
    const { id: usurper } = await newFolder(parent.id, 'After');
    expect(outcome(await patchFolder(id, { attributes: { hidden: false } }))).toEqual([409, 'CONFLICT']);
    expect((await patchFolder(id, { attributes: { hidden: false, name: 'Back' } })).status).toBe(200);

    const to = (folder: string) => ({ relationships: { parent: { data: { type: 'folders', id: folder } } } });
    expect((await patchFolder(id, to(target.id))).status).toBe(200);
    expect((await contents(project, target.id)).data.map((entry: Loose) => entry.id)).toEqual([id]);
    expect((await contents(project, parent.id)).data.map((entry: Loose) => entry.id)).toEqual([usurper]);
    expect(outcome(await patchFolder(target.id, to(id)))).toEqual([400, 'BAD_INPUT']);
  });

  it('is none that a product put into the project', async () => {
    for (const id of [filesFolder().id, running.sandbox.world.tree(project).root.id]) {
      expect(outcome(await patchFolder(id, { attributes: { name: 'Mine' } }))).toEqual([403, 'BIM360DM_ERROR']);
    }
  });

  it('is named in the body as in the path', async () => {
    const { id } = await newFolder(filesFolder().id, nameOf('Same'));
    const body = { jsonapi, data: { type: 'folders', id: filesFolder().id, attributes: { name: 'x' } } };
    expect(outcome(await api('PATCH', data(project, `folders/${enc(id)}`), body))).toEqual([400, 'BAD_INPUT']);
  });
});

describe('search', () => {
  it('finds tip versions in all folders below, with their items, and pages by number alone', async () => {
    const path = data(project, `folders/${enc(filesFolder().id)}/search`);
    const first = jsonOf(await api('GET', `${path}?page[limit]=1`));
    expect(first.data.length).toBe(200);
    expect(first.data.every((one: Loose) => one.type === 'versions')).toBe(true);
    expect(first.included.map((one: Loose) => one.relationships.tip.data.id)).toEqual(
      first.data.map((one: Loose) => one.id),
    );
    expect(first.links.next.href).not.toContain('limit');
    const second = jsonOf(await api('GET', atSandbox(first.links.next.href)));
    expect(second.data.length).toBeGreaterThan(0);
    expect(second.links.next).toBeUndefined();

    const found = jsonOf(await api('GET', `${path}?filter[fileType]=ifc&filter[attributes.versionNumber]=2`));
    expect(found.data.length).toBeGreaterThan(0);
    for (const { attributes } of found.data)
      expect([attributes.fileType, attributes.versionNumber]).toEqual(['ifc', 2]);
    expect(jsonOf(await api('GET', `${path}?filter[name]=nothing`))).not.toHaveProperty('included');
  });

  it('finds what was just created, needs its scope, and can be made to want a person', async () => {
    const folder = await newFolder(filesFolder().id, nameOf('Searched'));
    const { included } = await newItem(project, folder.id, 'needle.rvt');
    const path = data(project, `folders/${enc(filesFolder().id)}/search?filter[name]=needle.rvt`);
    expect(jsonOf(await api('GET', path)).data).toEqual(included);
    const reader = await caller(running, await running.token('data:read'));
    expect((await reader('GET', path)).status).toBe(403);
    running.sandbox.setSwitches({ search_needs_user: true });
    expect((await api('GET', path)).status).toBe(403);
    const person = await running.sandbox.issueToken({ scope: SCOPES, user_id: 'SANDBOXUSER1' });
    const asPerson = await caller(running, person.access_token);
    expect((await asPerson('GET', path)).status).toBe(200);
  });
});

describe('a created item', () => {
  it('has its uploaded content as first version, in every place that shows it', async () => {
    const folder = await newFolder(filesFolder().id, nameOf('Files'));
    const { data: item, included } = await newItem(project, folder.id, 'Grundriß Nord.dwg', 'twelve bytes');
    expect(item).toMatchObject({
      type: 'items',
      attributes: { displayName: 'Grundriß Nord.dwg', extension: { type: 'items:autodesk.bim360:File' } },
      relationships: { parent: { data: { id: folder.id } }, tip: { data: { id: included[0].id } } },
    });
    expect(included[0]).toMatchObject({
      type: 'versions',
      id: expect.stringMatching(/^urn:adsk\.wipprod:fs\.file:vf\.[\w-]{22}\?version=1$/),
      attributes: { name: 'Grundriß Nord.dwg', versionNumber: 1, storageSize: 12, fileType: 'dwg' },
    });
    expect(await contents(project, folder.id)).toMatchObject({ data: [item], included });
    const path = data(project, `items/${enc(item.id)}`);
    expect(jsonOf(await api('GET', path))).toMatchObject({ data: item, included });
    expect(jsonOf(await api('GET', `${path}/versions`)).data).toEqual(included);
    const version = data(project, `versions/${enc(included[0].id)}`);
    expect(jsonOf(await api('GET', version)).data).toEqual(included[0]);
    expect(jsonOf(await api('GET', `${version}/downloadFormats`)).data.attributes.formats).toEqual([
      { fileType: 'dwg' },
    ]);
    expect(jsonOf(await api('GET', `${version}/downloads?filter[format.fileType]=dwg`)).data).toEqual([]);
    const object = pathOfUrn(included[0].relationships.storage.data.id);
    const { url } = jsonOf(await api('GET', `${object}/signeds3download`));
    expect((await running.call(atSandbox(url))).bytes.toString()).toBe('twelve bytes');
  });

  it('is refused when something of it is wrong', async () => {
    const { id: folder } = await newFolder(filesFolder().id, nameOf('Refusing'));
    const storage = await newContent(project, folder, 'a.txt');
    const create = async (body: Loose, of = project) => outcome(await api('POST', data(of, 'items'), body));
    const good = (name = 'a.txt') => itemBody(project, folder, name, storage);
    expect(await create(good())).toEqual([201, undefined]);
    expect(await create(good())).toEqual([409, 'CONFLICT']);

    const unfinished = await newStorage(project, 'folders', folder, 'b.txt');
    expect(await create(itemBody(project, folder, 'b.txt', unfinished))).toEqual([400, 'BAD_INPUT']);
    expect(await create(itemBody(project, folder, 'b.txt', `${storage}x`))).toEqual([400, 'BAD_INPUT']);
    expect(await create(itemBody(project, folder, 'b.txt', 'nonsense'))).toEqual([400, 'BAD_INPUT']);
    const foreign = await newContent(team, teamFolder().id, 'b.txt');
    expect(await create(itemBody(project, folder, 'b.txt', foreign))).toEqual([400, 'BAD_INPUT']);

    expect(await create(itemBody(project, folder, 'b?.txt', storage))).toEqual([400, 'BAD_INPUT']);
    expect(await create(itemBody(project, folder, 'b.txt', storage, 'Unknown'))).toEqual([400, 'BAD_INPUT']);
    const root = running.sandbox.world.tree(project).root.id;
    expect(await create(itemBody(project, root, 'b.txt', storage))).toEqual([400, 'BAD_INPUT']);
    const core = good('b.txt');
    core.data.attributes.extension.type = 'items:autodesk.core:File';
    expect(await create(core)).toEqual([400, 'BAD_INPUT']);
    const mixed = good('b.txt');
    mixed.included[0].attributes.extension.type = 'versions:autodesk.bim360:Document';
    expect(await create(mixed)).toEqual([400, 'BAD_INPUT']);
    const { included: _, ...alone } = good('b.txt');
    expect(await create(alone)).toEqual([400, 'BAD_INPUT']);
  });

  it('can be a copy of a version of the same project', async () => {
    const folder = await newFolder(filesFolder().id, nameOf('Source'));
    const target = await newFolder(filesFolder().id, nameOf('Copies'));
    const { included } = await newItem(project, folder.id, 'original.pdf');
    const { data: body } = itemBody(project, target.id, 'copy.pdf', '');
    const query = `?copyFrom=${enc(included[0].id)}`;
    const reply = await api('POST', data(project, `items${query}`), { jsonapi, data: body });
    expect(reply.status).toBe(201);
    const copy = jsonOf(reply).included[0];
    expect([copy.attributes.name, copy.relationships.storage]).toEqual(['copy.pdf', included[0].relationships.storage]);
    const missing = included[0].id.replace('version=1', 'version=7');
    const none = await api('POST', data(project, `items?copyFrom=${enc(missing)}`), { jsonapi, data: body });
    expect(none.status).toBe(404);
  });

  it('cannot be renamed in construction accounts', async () => {
    const folder = await newFolder(filesFolder().id, nameOf('Fixed'));
    const { id } = (await newItem(project, folder.id, 'fixed.txt')).data;
    const body = { jsonapi, data: { type: 'items', id, attributes: { displayName: 'x.txt' } } };
    expect(outcome(await api('PATCH', data(project, `items/${enc(id)}`), body))).toEqual([400, 'BAD_INPUT']);
  });
});

describe('a created version', () => {
  it('is the next one, and gives the item its name', async () => {
    const folder = await newFolder(filesFolder().id, nameOf('Versions'));
    const { data: item } = await newItem(project, folder.id, 'plan.dwg');
    const storage = await newContent(project, folder.id, 'plan.dwg', 'more content');
    const reply = await api('POST', data(project, 'versions'), versionBody(project, item.id, 'plan B.dwg', storage));
    const created = jsonOf(reply);
    expect([reply.status, created.data.attributes.versionNumber, created.data.attributes.storageSize]).toEqual([
      201, 2, 12,
    ]);
    expect(created.included[0]).toMatchObject({ id: item.id, attributes: { displayName: 'plan B.dwg' } });
    const versions = jsonOf(await api('GET', data(project, `items/${enc(item.id)}/versions`))).data;
    expect(versions.map((one: Loose) => [one.attributes.versionNumber, one.attributes.name])).toEqual([
      [2, 'plan B.dwg'],
      [1, 'plan.dwg'],
    ]);
    expect((await contents(project, folder.id)).included).toEqual([created.data]);
  });

  it('follows the generated ones, with storage that was made for the item', async () => {
    const item = present(filesFolder().children.find((child) => child.kind === 'item' && !child.hidden));
    const before = jsonOf(await api('GET', data(project, `items/${enc(item.id)}/tip`))).data;
    const urn = await newStorage(project, 'items', item.id, item.name);
    const json = await caller(running, await running.token(SCOPES));
    await upload(running, json, pathOfUrn(urn), [Buffer.from('next')]);
    const reply = await api('POST', data(project, 'versions'), versionBody(project, item.id, item.name, urn));
    const next = jsonOf(reply).data;
    expect([reply.status, next.attributes.versionNumber]).toEqual([201, before.attributes.versionNumber + 1]);
    const versions = jsonOf(await api('GET', data(project, `items/${enc(item.id)}/versions`))).data;
    expect(versions.slice(0, 2)).toEqual([next, before]);
  });

  it('is refused when something of it is wrong', async () => {
    const { id: folder } = await newFolder(filesFolder().id, nameOf('Wrong'));
    const { data: item } = await newItem(project, folder, 'one.txt');
    await newItem(project, folder, 'two.txt');
    const storage = await newContent(project, folder, 'one.txt');
    const create = async (body: Loose) => outcome(await api('POST', data(project, 'versions'), body));
    expect(await create(versionBody(project, item.id, 'two.txt', storage))).toEqual([409, 'CONFLICT']);
    expect(await create(versionBody(project, item.id, 'one.txt'))).toEqual([400, 'BAD_INPUT']);
    const unfinished = await newStorage(project, 'items', item.id, 'one.txt');
    expect(await create(versionBody(project, item.id, 'one.txt', unfinished))).toEqual([400, 'BAD_INPUT']);
    const core = versionBody(project, item.id, 'one.txt', storage, 'versions:autodesk.core:File');
    expect(await create(core)).toEqual([400, 'BAD_INPUT']);
    const lost = versionBody(project, `${item.id.slice(0, -3)}abc`, 'one.txt', storage);
    expect(await create(lost)).toEqual([404, 'NOT_FOUND']);
  });

  it('can delete the item, and a copy of an earlier one brings it back', async () => {
    const folder = await newFolder(filesFolder().id, nameOf('Deleting'));
    const { data: item, included } = await newItem(project, folder.id, 'gone.txt');
    const type = 'versions:autodesk.core:Deleted';
    const deleting = await api(
      'POST',
      data(project, 'versions'),
      versionBody(project, item.id, 'gone.txt', undefined, type),
    );
    expect(jsonOf(deleting)).toMatchObject({
      data: { attributes: { versionNumber: 2, extension: { type } } },
      included: [{ attributes: { hidden: true } }],
    });
    expect((await contents(project, folder.id)).data).toEqual([]);
    expect(await newItem(project, folder.id, 'gone.txt')).toBeDefined();

    const restore = (name: string) =>
      api(
        'POST',
        data(project, `versions?copyFrom=${enc(included[0].id)}`),
        versionBody(project, item.id, name, undefined),
      );
    expect((await restore('gone.txt')).status).toBe(409);
    const back = jsonOf(await restore('back.txt'));
    expect(back.data.attributes).toMatchObject({ versionNumber: 3, name: 'back.txt' });
    expect(back.included[0].attributes.hidden).toBe(false);
  });
});

describe('bodies', () => {
  const path = () => data(project, 'folders');

  it.each([
    [{}, 'jsonapi.version'],
    [{ jsonapi: { version: '2.0' }, data: { type: 'folders' } }, 'jsonapi.version'],
    [{ jsonapi }, 'data.type'],
    [{ jsonapi, data: { type: 'items' } }, 'data.type'],
    [{ jsonapi, data: { type: 'folders' } }, 'data.attributes.name'],
    [{ jsonapi, data: { type: 'folders', attributes: { name: 7 } } }, 'data.attributes.name'],
    [[], 'jsonapi.version'],
  ])('like %j are refused, naming what is wrong', async (body, field) => {
    const reply = await api('POST', path(), body);
    expect([reply.status, jsonOf(reply)]).toEqual([
      400,
      {
        jsonapi,
        errors: [expect.objectContaining({ status: '400', code: 'BAD_INPUT', detail: expect.stringContaining(field) })],
      },
    ]);
  });

  it('must be JSON, of a type that says so', async () => {
    const token = await running.token(SCOPES);
    const post = async (contentType: string, body: string) => {
      const headers = { authorization: `Bearer ${token}`, 'content-type': contentType };
      return (await running.call(path(), { method: 'POST', headers, body })).status;
    };
    const body = () => JSON.stringify(folderBody(filesFolder().id, nameOf('Typed')));
    expect(await post('application/json', body())).toBe(201);
    expect(await post('application/vnd.api+json; charset=utf-8', body())).toBe(201);
    expect(await post('text/plain', body())).toBe(415);
    expect(await post('application/json', '{')).toBe(400);
  });

  it('need data:create or data:write', async () => {
    const reader = await caller(running, await running.token('data:read data:search'));
    for (const kind of ['folders', 'storage', 'items', 'versions']) {
      const reply = await reader('POST', data(project, kind), {});
      expect([reply.status, jsonOf(reply).errorCode]).toEqual([403, 'AUTH-010']);
    }
    const creator = await caller(running, await running.token('data:create'));
    const id = filesFolder().id;
    expect((await creator('PATCH', data(project, `folders/${enc(id)}`), {})).status).toBe(403);
  });
});

describe('a team hub', () => {
  it('has a. ids and the core types', async () => {
    const hubs = jsonOf(await api('GET', '/project/v1/hubs')).data;
    expect(hubs[2]).toMatchObject({
      id: expect.stringMatching(/^a\./),
      attributes: { extension: { type: 'hubs:autodesk.core:Hub' } },
    });
    const projects = jsonOf(await api('GET', `/project/v1/hubs/${hubs[2].id}/projects`)).data;
    expect(projects[0]).toMatchObject({
      id: expect.stringMatching(/^a\./),
      attributes: { extension: { type: 'projects:autodesk.core:Project' } },
    });
    const top = jsonOf(await api('GET', `/project/v1/hubs/${hubs[2].id}/projects/${projects[0].id}/topFolders`)).data;
    expect(top.map((one: Loose) => [one.attributes.name, one.attributes.extension.type])).toEqual([
      ['Designs', 'folders:autodesk.core:Folder'],
      ['Drawings', 'folders:autodesk.core:Folder'],
    ]);
  });

  it('takes folders, items and versions of the core types only, and renames items', async () => {
    const parent = teamFolder().id;
    const wrong = await api('POST', data(team, 'folders'), folderBody(parent, nameOf('Wrong')));
    expect(outcome(wrong)).toEqual([400, 'BAD_INPUT']);
    const folder = await newFolder(parent, nameOf('Team'), team);
    const { data: item, included } = await newItem(team, folder.id, 'part.f3d');
    expect(item.attributes.extension.type).toBe('items:autodesk.core:File');
    expect(included[0].attributes.extension.type).toBe('versions:autodesk.core:File');
    const storage = await newContent(team, folder.id, 'part.f3d');
    const bim = versionBody(team, item.id, 'part.f3d', storage, 'versions:autodesk.bim360:File');
    expect(outcome(await api('POST', data(team, 'versions'), bim))).toEqual([400, 'BAD_INPUT']);
    const composite = versionBody(team, item.id, 'part.f3d', storage, 'versions:autodesk.a360:CompositeDesign');
    const made = jsonOf(await api('POST', data(team, 'versions'), composite));
    expect(made.data.attributes.extension.type).toBe('versions:autodesk.a360:CompositeDesign');
    const body = { jsonapi, data: { type: 'items', id: item.id, attributes: { displayName: 'renamed.f3d' } } };
    const renamed = await api('PATCH', data(team, `items/${enc(item.id)}`), body);
    expect([renamed.status, jsonOf(renamed).data.attributes.displayName]).toEqual([200, 'renamed.f3d']);
  });
});
