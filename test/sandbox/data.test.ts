import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { FolderNode, ItemNode } from '../../sandbox/aps/project-tree.ts';
import type { Project } from '../../sandbox/aps/world.ts';
import { type Reply, type Running, startSandbox } from './client.ts';

let running: Running;
let project: Project;
let base: string;

beforeAll(async () => {
  running = await startSandbox();
  project = present(running.sandbox.world.hubs[1]?.projects[0]);
  base = `/data/v1/projects/${project.id}`;
});
afterAll(() => running.stop());

const enc = encodeURIComponent;
const byName = (name: string): FolderNode => {
  const find = (folder: FolderNode): FolderNode | undefined => {
    if (folder.name === name) return folder;
    return folder.children.flatMap((child) => (child.kind === 'folder' ? (find(child) ?? []) : []))[0];
  };
  return present(find(running.sandbox.world.tree(project).root));
};
const itemWhere = (accepts: (item: ItemNode) => boolean): ItemNode =>
  present(byName('Sheets').children.find((child): child is ItemNode => child.kind === 'item' && accepts(child)));
const contents = (name: string, query = ''): Promise<Reply> =>
  running.get(`${base}/folders/${enc(byName(name).id)}/contents${query}`);
const topFolders = (query: string, headers = {}): Promise<Reply> =>
  running.get(`/project/v1/hubs/${project.hub.id}/projects/${project.id}/topFolders${query}`, headers);

describe('folders', () => {
  it('at the top are 16 for an app, most of them system containers with uuid names', async () => {
    const { json } = await topFolders('');
    expect(json.data).toHaveLength(16);
    const attributes = json.data.map((folder) => folder.attributes);
    expect(attributes[0]).toMatchObject({
      name: 'Project Files',
      createTime: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{7}Z$/),
      extension: { type: 'folders:autodesk.bim360:Folder', data: { isRoot: true, folderType: 'normal' } },
    });
    expect(attributes[1]?.name).toBe('Plans');
    const containers = attributes.filter((one) => one.extension.data.folderType === 'CONTAINER_VIRTUAL');
    expect(containers).toHaveLength(13);
    expect(containers[0]?.name).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('at the top obey excludeDeleted and projectFilesOnly with a user context only', async () => {
    const user = { 'x-user-id': 'SANDBOXUSER1' };
    expect((await topFolders('?excludeDeleted=true&projectFilesOnly=true')).json.data).toHaveLength(16);
    expect((await topFolders('?excludeDeleted=true', user)).json.data).toHaveLength(15);
    expect((await topFolders('?projectFilesOnly=true', user)).json.data).toHaveLength(1);
    expect((await topFolders('?projectFilesOnly=yes', user)).status).toBe(400);
  });

  it('know their parents up to the root folder, which has none', async () => {
    const names: string[] = [];
    let at: string | undefined = `${base}/folders/${byName('Archive').id}`;
    let last: Reply | undefined;
    while (at !== undefined) {
      last = await running.get(at);
      names.push(last.json.data.attributes.name);
      at = last.json.data.relationships.parent?.links.related.href;
    }
    expect(names).toEqual([
      'Archive',
      'Tower A',
      'Models',
      'Architecture',
      'Project Files',
      `${project.uuid}-root-folder`,
    ]);
    expect((await running.get(`${base}/folders/${enc(project.rootFolderId)}/parent`)).status).toBe(404);
  });

  it('answer 304 without a body when not modified since', async () => {
    const folder = byName('Structure');
    const path = `${base}/folders/${folder.id}`;
    const later = new Date(folder.modifiedAt + 1000).toISOString();
    const reply = await running.get(path, { 'if-modified-since': later });
    expect([reply.status, reply.bytes.length]).toEqual([304, 0]);
    expect(reply.headers['last-modified']).toBe(new Date(folder.modifiedAt).toUTCString());
    expect((await running.get(path, { 'if-modified-since': '2001-01-01T00:00:00Z' })).status).toBe(200);
  });

  it('tell malformed URNs (400) from unknown ones (404)', async () => {
    const malformed = await running.get(`${base}/folders/abc`);
    expect([malformed.status, malformed.json.errors[0]?.detail]).toEqual([400, 'Urn is not in the proper format']);
    expect((await running.get(`${base}/folders/urn:adsk.wipemea:fs.folder:co.nothing`)).status).toBe(404);
    const usUrn = byName('Sheets').id.replace('wipemea', 'wipprod');
    expect((await running.get(`${base}/folders/${usUrn}`)).status).toBe(404);
    expect((await running.get(`/data/v1/projects/${project.uuid}/folders/${usUrn}`)).status).toBe(400);
  });
});

describe('folder contents', () => {
  it('mix folders and items over more than one page, with the tip version of each item of the page', async () => {
    const first = await contents('Sheets');
    const second = await running.get(first.json.links.next.href);
    expect(first.json.data).toHaveLength(200);
    expect(second.json.links.next).toBeUndefined();
    for (const page of [first, second]) {
      const tips = page.json.data
        .filter((entry) => entry.type === 'items')
        .map((item) => item.relationships.tip.data.id);
      expect(page.json.included.map((version) => version.id)).toEqual(tips);
    }
    const all = [...first.json.data, ...second.json.data];
    expect(new Set(all.map((entry) => entry.type))).toEqual(new Set(['folders', 'items']));
    expect(all.every((entry) => entry.id.startsWith('urn:adsk.wipemea:'))).toBe(true);
    expect(all.some((e) => e.attributes.createUserName === '')).toBe(true);
    expect(all.every((entry) => !entry.attributes.hidden)).toBe(true);
  });

  it('filter by type, name, extension type and deletion', async () => {
    const folders = await contents('Sheets', '?filter[type]=folders');
    expect(folders.json.data).toHaveLength(4);
    expect(folders.json.included).toBeUndefined();
    const item = itemWhere((one) => !one.hidden && one.name.includes('&'));
    const named = await contents('Sheets', `?filter[attributes.displayName]=${enc(item.name)}`);
    expect(named.json.data.map((entry) => entry.id)).toEqual([item.id]);
    expect(
      (await contents('Models', '?filter[extension.type]=items:autodesk.bim360:C4RModel')).json.data.length,
    ).toBeGreaterThan(0);
    const hidden = await contents('Sheets', '?filter[hidden]=true');
    expect(hidden.json.data.length).toBeGreaterThan(0);
    expect(hidden.json.data.every((entry) => entry.attributes.hidden)).toBe(true);
    const all = await contents('Sheets', '?includeHidden=true&page[number]=1');
    expect(all.json.data).toHaveLength(44);
    const times = await contents('Sheets', '?filter[lastModifiedTimeRollup]-ge=2024-01-01T00:00:00');
    expect(times.json.data.length).toBeGreaterThan(0);
    expect((await contents('Empty')).json.data).toEqual([]);
  });
});

describe('items and versions', () => {
  it('list versions newest first, agree about the tip, and filter by number', async () => {
    const item = itemWhere((one) => one.versions >= 3);
    const path = `${base}/items/${enc(item.id)}`;
    const versions = await running.get(`${path}/versions`);
    const numbers = versions.json.data.map((v) => v.attributes.versionNumber);
    expect(numbers).toEqual(Array.from({ length: item.versions }, (_, index) => item.versions - index));
    const tip = await running.get(`${path}/tip`);
    expect(tip.json.data).toEqual(versions.json.data[0]);
    expect((await running.get(path)).json.included).toEqual([tip.json.data]);
    const two = await running.get(`${path}/versions?filter[versionNumber]=2`);
    expect(two.json.data.map((version) => version.id)).toEqual([`urn:adsk.wipemea:fs.file:vf.${item.key}?version=2`]);
    expect((await running.get(`${path}/versions?filter[versionNumber]=two`)).status).toBe(400);
    const walked = await running.get(`${path}/versions?page[limit]=1`);
    expect(walked.json.links.next.href).toContain('page%5Bnumber%5D=1');
  });

  it('say the path in the project when asked', async () => {
    const item = itemWhere(() => true);
    const path = `${base}/items/${item.id}`;
    expect((await running.get(path)).json.data.attributes.pathInProject).toBeUndefined();
    const asked = await running.get(`${path}?includePathInProject=true`);
    expect(asked.json.data.attributes.pathInProject).toBe('/Project Files/Sheets');
    expect((await running.get(`${path}/parent`)).json.data.attributes.name).toBe('Sheets');
  });

  it('need the version id percent-encoded: a raw question mark makes the URN malformed', async () => {
    const item = itemWhere(() => true);
    const id = `urn:adsk.wipemea:fs.file:vf.${item.key}?version=1`;
    const raw = await running.get(`${base}/versions/${id}`);
    expect(raw.status).toBe(400);
    expect(raw.json.errors[0]).toMatchObject({ code: 'BAD_INPUT', detail: 'Urn is not in the proper format' });
    const encoded = await running.get(`${base}/versions/${enc(id)}`);
    expect(encoded.json.data).toMatchObject({
      type: 'versions',
      id,
      attributes: { versionNumber: 1, storageSize: expect.any(Number), fileType: expect.any(String) },
      relationships: {
        item: { data: { type: 'items', id: item.id } },
        storage: {
          data: { type: 'objects', id: expect.stringMatching(/^urn:adsk\.objects:os\.object:wip\.dm\.emea\.2\//) },
        },
      },
    });
    expect((await running.get(`${base}/versions/${enc(id)}/item`)).json.data.id).toBe(item.id);
    expect((await running.get(`${base}/versions/${enc(id.replace(/1$/, '99'))}`)).status).toBe(404);
  });
});

function present<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('the seed no longer has what this test looks for');
  return value;
}
