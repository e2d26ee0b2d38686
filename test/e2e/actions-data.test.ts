import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import type { HubSummary } from '../../sandbox/aps/account-summary.ts';
import { type AnyJson, type Client, expectData, expectProblem, type Reply } from '../support/client.ts';
import { ALL_SCOPES, watchCalls } from '../support/covered-actions.ts';
import { onBothStores, startWorld, type World } from '../support/server.ts';
import { sendFile } from '../support/uploads.ts';

type Files = Required<NonNullable<HubSummary['files']>>;

onBothStores('Data Management', (open) => {
  const watched = watchCalls('data');
  let world: World;
  let backend: Client;
  /** A construction account's project and a team hub's, with the hub each is in. */
  let acc: Files & { hub_id: string };
  let team: Files & { hub_id: string };
  let acting: string;

  beforeAll(async () => {
    world = await startWorld(open, { allActions: true, scopes: ALL_SCOPES, sandbox: ['--team-hub'] });
    backend = watched.client(world.backend);
    const { hubs } = await world.sandbox.world();
    acc = filesOf(hubs, 'bim360');
    team = filesOf(hubs, 'core');
    const made = await world.operator.post('/accounts', {
      connector_profile_id: world.profile,
      owner_id: 'person',
      settings: { user_id: 'SANDBOXUSER1' },
    });
    acting = made.json.id;
  });
  afterAll(() => world?.stop());
  beforeEach(() => world.sandbox.reset());

  const call = (action: string, inputs: Record<string, unknown> = {}, as = world.account): Promise<Reply> =>
    backend.act(action, as, inputs);
  const act = async (action: string, inputs: Record<string, unknown> = {}, as = world.account): Promise<AnyJson> =>
    expectData(await call(action, inputs, as));
  const folder = (name: string, parent = acc): Promise<AnyJson> =>
    act('create_folder', { project_id: parent.project_id, parent_id: parent.folder_id, name });
  const names = async (inputs: Record<string, unknown>): Promise<string[]> =>
    (await act('list_folder_contents', inputs)).map(({ name }: AnyJson) => name);
  /** Uploads a content, and gives the object URN with which items and versions are made. */
  const stored = async (project_id: string, target: Record<string, string>, content: string): Promise<string> => {
    const storage = await act('create_storage', { project_id, name: 'file.txt', ...target });
    const { bucket_key, object_key } = storage;
    expect(storage.id).toBe(`urn:adsk.objects:os.object:${bucket_key}/${object_key}`);
    const inputs = { bucket_key, object_key };
    expectData(await sendFile(backend, 'signed_s3_upload', world.account, inputs, Buffer.from(content)));
    return storage.id;
  };

  it('reads from the hubs down to the versions of a file, on construction accounts and team hubs', async () => {
    const hubs = await act('list_hubs');
    expect(hubs.map(({ type }: AnyJson) => type)).toEqual([
      'hubs:autodesk.bim360:Account',
      'hubs:autodesk.bim360:Account',
      'hubs:autodesk.core:Hub',
    ]);
    for (const { hub_id, project_id, folder_id, item_id } of [acc, team]) {
      expect(await act('get_hub', { hub_id })).toEqual(hubs.find(({ id }: AnyJson) => id === hub_id));
      expect(await act('list_projects', { hub_id, id: [project_id] })).toEqual([
        await act('get_project', { hub_id, project_id }),
      ]);
      const top = await act('list_top_folders', { hub_id, project_id });
      expect(top.map(({ id }: AnyJson) => id)).toContain(folder_id);
      expect(await act('get_folder', { project_id, folder_id })).toMatchObject({ id: folder_id, hidden: false });
      const items = await act('list_folder_contents', { project_id, folder_id, kind: 'items' });
      const item = items.find(({ id }: AnyJson) => id === item_id);
      expect(await act('get_item', { project_id, item_id, include_path: true })).toMatchObject({
        id: item_id,
        version_id: item.version_id,
        storage_id: item.storage_id,
        path: expect.stringContaining('/'),
      });
      const versions = await act('list_item_versions', { project_id, item_id });
      expect(versions[0]).toEqual(await act('get_item_tip', { project_id, item_id }));
      expect(versions[0]).toEqual(await act('get_version', { project_id, version_id: item.version_id }));
    }
  });

  it('takes a project id without its "b.", too', async () => {
    const project_id = acc.project_id.slice(2);
    expect(project_id).toHaveLength(36);
    expect(await act('get_folder', { project_id, folder_id: acc.folder_id })).toMatchObject({ id: acc.folder_id });
    expect(await act('get_project', { hub_id: acc.hub_id, project_id })).toMatchObject({ id: acc.project_id });
    const { path } = (await world.sandbox.log()).requests.at(-1) ?? {};
    expect(path).toContain(`/${acc.project_id}`);
  });

  it('creates, renames, hides, restores and moves a folder', async () => {
    const { project_id } = acc;
    const made = await folder('Entwürfe & more');
    expect(made).toMatchObject({ name: 'Entwürfe & more', parent_id: acc.folder_id, hidden: false });
    expect(made.type).toBe('folders:autodesk.bim360:Folder');
    const change = (inputs: Record<string, unknown>) =>
      act('update_folder', { project_id, folder_id: made.id, ...inputs });
    expect(await change({ name: 'Renamed' })).toMatchObject({ id: made.id, name: 'Renamed' });
    const here = { project_id, folder_id: acc.folder_id, kind: 'folders' };
    expect(await names(here)).toContain('Renamed');
    expect(await change({ hidden: true })).toMatchObject({ hidden: true });
    expect(await names(here)).not.toContain('Renamed');
    expect(await names({ ...here, include_hidden: true })).toContain('Renamed');
    expect(await change({ hidden: false, name: 'Back' })).toMatchObject({ hidden: false, name: 'Back' });
    const target = await folder('Target');
    expect(await change({ parent_id: target.id })).toMatchObject({ parent_id: target.id, name: 'Back' });
    expect(await names({ project_id, folder_id: target.id })).toEqual(['Back']);
    expect(await act('get_folder', { project_id, folder_id: made.id })).toMatchObject({ parent_id: target.id });
  });

  it('tells why a folder cannot be made or changed', async () => {
    const { project_id, folder_id } = acc;
    await folder('Only once');
    const make = (name: string, parent_id = folder_id) => call('create_folder', { project_id, parent_id, name });
    expectProblem(await make('Only once'), 'provider_conflict');
    for (const name of ['a/b', 'what?', '"quoted"']) expectProblem(await make(name), 'provider_rejected_request');
    expectProblem(await make('In the root', acc.root_folder_id), 'provider_forbidden');
    expectProblem(await make('Nowhere', 'urn:adsk.wipprod:fs.folder:co.AAAAAAAAAAAAAAAAAAAAAA'), 'provider_not_found');
    expectProblem(await call('update_folder', { project_id, folder_id, name: 'Mine' }), 'provider_forbidden');
    const { count } = await world.sandbox.log();
    expectProblem(await call('update_folder', { project_id, folder_id }), 'inputs_invalid');
    expect((await world.sandbox.log()).count).toBe(count);
  });

  it('creates an item of uploaded content and versions of it, and reads each back', async () => {
    const { project_id } = acc;
    const { id: folder_id } = await folder('Items');
    const storage_id = await stored(project_id, { folder_id }, 'first');
    const item = await act('create_item', { project_id, folder_id, name: 'plan über.txt', storage_id });
    expect(item).toMatchObject({ name: 'plan über.txt', type: 'items:autodesk.bim360:File', version_number: 1 });
    const item_id = item.id;
    const [listed] = await act('list_folder_contents', { project_id, folder_id });
    expect(listed).toMatchObject({ kind: 'item', id: item_id, version_number: 1, size: 5, storage_id });

    // A storage of the item, and one of its folder: both are allowed.
    for (const [number, target] of [
      [2, { item_id }],
      [3, { folder_id }],
    ] as const) {
      const storage = await stored(project_id, target, 'x'.repeat(number));
      const made = await act('create_version', { project_id, item_id, name: 'plan über.txt', storage_id: storage });
      expect(made).toMatchObject({ item_id, version_number: number, type: 'versions:autodesk.bim360:File' });
      expect(await act('get_version', { project_id, version_id: made.id })).toMatchObject({
        size: number,
        storage_id: storage,
      });
    }
    const renamed = await act('create_version', {
      project_id,
      item_id,
      name: 'new name.txt',
      copy_from: item.version_id,
    });
    expect(renamed).toMatchObject({ version_number: 4, name: 'new name.txt' });
    expect(await act('get_item', { project_id, item_id })).toMatchObject({ name: 'new name.txt', size: 5 });
    const versions = await act('list_item_versions', { project_id, item_id });
    expect(versions.map(({ version_number }: AnyJson) => version_number)).toEqual([4, 3, 2, 1]);
    const some = await act('list_item_versions', { project_id, item_id, version_number: [1, 3] });
    expect(some.map(({ version_number }: AnyJson) => version_number)).toEqual([3, 1]);

    const copied = await act('create_item', { project_id, folder_id, name: 'copy.txt', copy_from: versions[3].id });
    expect(copied).toMatchObject({ name: 'copy.txt', version_number: 1 });
    const type = 'versions:autodesk.core:Deleted';
    await act('create_version', { project_id, item_id, name: 'new name.txt', extension_type: type });
    expect(await names({ project_id, folder_id })).toEqual(['copy.txt']);
  });

  it('tells why an item cannot be made', async () => {
    const { project_id } = acc;
    const { id: folder_id } = await folder('Refusals');
    const storage_id = await stored(project_id, { folder_id }, 'content');
    const item = { project_id, folder_id, name: 'a.txt', storage_id };
    await act('create_item', item);
    expectProblem(await call('create_item', item), 'provider_conflict');
    const empty = await act('create_storage', { project_id, folder_id, name: 'b.txt' });
    expectProblem(
      await call('create_item', { ...item, name: 'b.txt', storage_id: empty.id }),
      'provider_rejected_request',
    );
    const odd = { ...item, name: 'c.txt', extension_type: 'items:autodesk.core:File' };
    expectProblem(await call('create_item', odd), 'provider_rejected_request');
    const { count } = await world.sandbox.log();
    for (const inputs of [
      { project_id, folder_id, name: 'd.txt' },
      { ...item, name: 'd.txt', copy_from: acc.version_id },
    ])
      expectProblem(await call('create_item', inputs), 'inputs_invalid');
    expect((await world.sandbox.log()).count).toBe(count);
  });

  it('renames items of team hubs only, and chooses their types from the ids', async () => {
    const { project_id } = team;
    const made = await folder('In the team', team);
    expect(made.type).toBe('folders:autodesk.core:Folder');
    const folder_id = made.id;
    const storage_id = await stored(project_id, { folder_id }, 'team');
    const item = await act('create_item', { project_id, folder_id, name: 'model.f3d', storage_id });
    expect(item.type).toBe('items:autodesk.core:File');
    const renamed = await act('update_item', { project_id, item_id: item.id, name: 'better.f3d' });
    expect(renamed).toMatchObject({ id: item.id, name: 'better.f3d' });
    expect(await names({ project_id, folder_id })).toEqual(['better.f3d']);
    const next = await stored(project_id, { item_id: item.id }, 'team 2');
    const version = { project_id, item_id: item.id, name: 'better.f3d', storage_id: next };
    expect(await act('create_version', version)).toMatchObject({
      version_number: 2,
      type: 'versions:autodesk.core:File',
    });
    const unsupported = { project_id: acc.project_id, item_id: acc.item_id, name: 'no.txt' };
    expectProblem(await call('update_item', unsupported), 'provider_rejected_request');
  });

  it('searches a folder and all below it, page by page', async () => {
    const { project_id } = acc;
    const { id: folder_id } = await folder('Search');
    const below = await act('create_folder', { project_id, parent_id: folder_id, name: 'Below' });
    for (const [where, name] of [
      [folder_id, 'Floor 1.pdf'],
      [below.id, 'Floor 2.pdf'],
      [below.id, 'Roof.dwg'],
    ]) {
      const storage_id = await stored(project_id, { folder_id: where }, name);
      await act('create_item', { project_id, folder_id: where, name, storage_id });
    }
    const search = async (inputs: Record<string, unknown>) =>
      (await act('search_folder', { project_id, folder_id, ...inputs })).map(({ name }: AnyJson) => name).toSorted();
    expect(await search({})).toEqual(['Floor 1.pdf', 'Floor 2.pdf', 'Roof.dwg']);
    expect(await search({ name_contains: 'Floor' })).toEqual(['Floor 1.pdf', 'Floor 2.pdf']);
    expect(await search({ name_contains: 'floor' })).toEqual([]);
    expect(await search({ file_type: ['dwg', 'rvt'] })).toEqual(['Roof.dwg']);
    expect(await search({ created_from: '2099-01-01' })).toEqual([]);
    const [found] = await act('search_folder', { project_id, folder_id, file_type: ['dwg'] });
    expect(found).toMatchObject({ parent_id: below.id, item_id: expect.stringContaining('lineage'), size: 8 });

    const ids: string[] = [];
    let next: string | null = null;
    do {
      const more: Record<string, unknown> = next === null ? {} : { next };
      const reply = await call('search_folder', { project_id, folder_id: acc.large_folder_id, ...more });
      ids.push(...expectData(reply).map(({ id }: AnyJson) => id));
      next = reply.json.next;
    } while (next !== null);
    expect(ids.length).toBeGreaterThan(200);
    expect(new Set(ids).size).toBe(ids.length);

    await world.sandbox.switches({ search_needs_user: true });
    expect((await call('search_folder', { project_id, folder_id })).status).toBe(403);
    expect(await act('search_folder', { project_id, folder_id }, acting)).toHaveLength(3);
  });

  it('gives the formats into which a version can be converted, and the downloads there are of it', async () => {
    const { project_id, version_id } = acc;
    const { file_type } = await act('get_version', { project_id, version_id });
    expect(await act('get_version_download_formats', { project_id, version_id })).toEqual([{ file_type }]);
    expect(await act('get_version_downloads', { project_id, version_id, file_type: ['pdf'] })).toEqual([]);
    expect(version_id).toMatch(/\?version=\d+$/);
    expectProblem(
      await call('get_version_download_formats', { project_id, version_id: version_id.replace(/\d+$/, '99999') }),
      'provider_not_found',
    );
  });

  it('shows what was written in the name of whom the account acts for', async () => {
    const { project_id, folder_id } = acc;
    const mine = await act('create_folder', { project_id, parent_id: folder_id, name: 'By a person' }, acting);
    const named = { project_id, parent_id: folder_id, name: 'By another person', user_id: 'SANDBOXUSER2' };
    const theirs = await act('create_folder', named, acting);
    const app = await folder('By the app');
    expect(mine.created_by).toMatch(/\S/);
    expect(new Set([mine, theirs, app].map(({ created_by }) => created_by)).size).toBe(3);
  });
});

function filesOf(hubs: readonly HubSummary[], platform: string): Files & { hub_id: string } {
  const hub = hubs.find((one) => one.platform === platform);
  if (hub?.files === undefined) throw new Error(`no files on ${platform}`);
  return { ...(hub.files as Files), hub_id: hub.id };
}
