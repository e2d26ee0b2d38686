import { createHash, randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { StorageReport } from '../../sandbox/aps/oss.ts';
import { type AnyJson, type Client, clientOf, expectData, expectProblem, type Reply } from '../support/client.ts';
import { ALL_SCOPES, watchCalls } from '../support/covered-actions.ts';
import { until } from '../support/redis.ts';
import { onBothStores, openSqlite, seedAccount, startWorld, type World } from '../support/server.ts';
import {
  formOf,
  generatedFile,
  partsOfGenerated,
  type StreamedCall,
  sendFile,
  streamFile,
} from '../support/uploads.ts';

const MIB = 1024 ** 2;
const PART = 5 * MIB;
const BUCKET = 'uploads';
/** What a caller that went away may still cause. */
const QUIET_WITHIN_MS = 2_000;
/** Running calls are written every second. */
const WRITTEN_MS = 5_000;

onBothStores('uploads', (open) => {
  const watched = watchCalls('uploads');
  let world: World;
  let backend: Client;
  let project_id: string;
  let folder_id: string;

  beforeAll(async () => {
    world = await startWorld(open, {
      servers: 2,
      furtherActions: ['uploads', 'signed-s3', 'storage', 'folders', 'items', 'versions'],
      scopes: ALL_SCOPES,
    });
    backend = watched.client(world.backend);
    await act('create_bucket', { bucket_key: BUCKET, policy_key: 'transient' });
    const { files } = (await world.sandbox.world()).hubs[0] ?? {};
    project_id = files?.project_id ?? '';
    const made = await act('create_folder', { project_id, parent_id: files?.folder_id, name: 'Uploads' });
    folder_id = made.id;
  });
  afterAll(() => world?.stop());
  beforeEach(() => world.sandbox.reset());

  const call = (action: string, inputs: Record<string, unknown>): Promise<Reply> =>
    backend.act(action, world.account, inputs);
  const act = async (action: string, inputs: Record<string, unknown>): Promise<AnyJson> =>
    expectData(await call(action, inputs));
  const start = (about: Omit<StreamedCall, 'account'> & { account?: string }) =>
    streamFile({ origin: world.server.origin, key: world.backend.key }, { account: world.account, ...about });
  const stream = async (about: Omit<StreamedCall, 'account'> & { account?: string }): Promise<Reply> =>
    watched.note(about.action, await start(about).reply);
  const objectUpload = (object_key: string) => ({
    action: 'signed_s3_upload',
    inputs: { bucket_key: BUCKET, object_key },
  });
  const folderUpload = (file_name: string) => ({
    action: 'upload_file_in_project_folder',
    inputs: { project_id, folder_id, file_name },
  });
  /** What the storage has of an object URN. */
  const storedAt = async (urn: string): Promise<StorageReport['objects'][number]> => {
    const [, bucket, object] = /os\.object:([^/]+)\/(.+)$/.exec(urn) ?? [];
    const found = (await world.sandbox.storage()).objects.find((one) => one.bucket === bucket && one.object === object);
    if (found === undefined) throw new Error(`nothing is stored at ${urn}`);
    return found;
  };
  const sent = async (prefix: string, method?: string) =>
    (await world.sandbox.log()).requests.filter(
      (one) => one.path.startsWith(prefix) && (method === undefined || one.method === method),
    );
  const completions = async () =>
    (await sent('/oss/', 'POST')).filter(({ path }) => path.split('?')[0]?.endsWith('/signeds3upload'));
  const expectNoCredentials = async () => {
    const puts = await sent('/s3/');
    expect(puts.length).toBeGreaterThan(0);
    for (const { headers } of puts) {
      expect(Object.keys(headers)).not.toEqual(expect.arrayContaining(['authorization']));
      expect(JSON.stringify(headers)).not.toContain('Bearer');
    }
  };

  describe('to a signed URL', () => {
    const signed = async (object_key: string): Promise<string> =>
      (await act('get_signed_s3_upload_urls', { bucket_key: BUCKET, object_key })).urls[0];
    const put = (url: string, content: Buffer) => sendFile(backend, 'upload_to_s3', world.account, { url }, content);

    it.each([0, 1, PART + 1])('sends %i bytes without credentials, and gives the ETag', async (size) => {
      const content = randomBytes(size);
      const md5 = createHash('md5').update(content).digest('hex');
      const reply = await put(await signed(`by-url-${size}`), content);
      expect(expectData(reply)).toEqual({ etag: md5, size });
      const { uploads } = await world.sandbox.storage();
      expect(uploads.find(({ object }) => object === `by-url-${size}`)?.parts).toEqual([{ number: 1, size, md5 }]);
      await expectNoCredentials();
    });

    it('takes URLs of the storage alone', async () => {
      const good = await signed('never');
      const { count } = await world.sandbox.log();
      const urls = [
        'https://example.com/upload',
        'http://corbel-sandbox.s3.amazonaws.com/upload',
        'https://s3.amazonaws.com.example.com/upload',
        'https://127.0.0.1/upload',
        'https://user@corbel-sandbox.s3.amazonaws.com/upload',
        'https://169.254.169.254/latest/meta-data',
        'file:///etc/passwd',
        'no url',
      ];
      for (const url of urls) expectProblem(await put(url, Buffer.from('x')), 'url_refused');
      // More than is held in memory: the storage must then be told the length first.
      const long = { action: 'upload_to_s3', inputs: { url: good }, content: generatedFile(17 * MIB) };
      expectProblem(await stream(long), 'file_length_required');
      expectProblem(await call('upload_to_s3', { url: good }), 'file_missing');
      expect((await world.sandbox.log()).count).toBe(count);
    });
  });

  it.each([
    ['nothing', 0],
    ['one part', PART],
    ['one part and a byte', PART + 1],
  ])('stores %s (%i bytes) as an object and as a file, its length known or not', async (_, size) => {
    const parts = partsOfGenerated(size, PART);
    for (const known of [true, false]) {
      const name = `${size}-${known}`;
      const file = () => ({ content: generatedFile(size), ...(known && { size }) });
      const object = expectData(await stream({ ...objectUpload(name), ...file() }));
      expect(object).toMatchObject({ bucket_key: BUCKET, object_key: name, size });
      expect(await storedAt(object.id)).toMatchObject({ size, parts });

      const item = expectData(await stream({ ...folderUpload(`${name}.bin`), ...file() }));
      expect(item).toMatchObject({ created: 'item', version_number: 1, name: `${name}.bin`, size });
      expect(await storedAt(item.storage_id)).toMatchObject({ size, parts });
      expect(await act('get_item', { project_id, item_id: item.item_id })).toMatchObject({
        name: `${name}.bin`,
        version_id: item.version_id,
        storage_id: item.storage_id,
        size,
      });
    }
    await expectNoCredentials();
  });

  it('takes multipart bodies, and calls the file what the form calls it', async () => {
    const size = PART + 1;
    const form = formOf(
      { project_id, folder_id },
      { name: 'from a form.pdf', type: 'application/pdf', content: generatedFile(size) },
    );
    const made = expectData(await stream({ action: 'upload_file_in_project_folder', ...form }));
    expect(made).toMatchObject({ created: 'item', name: 'from a form.pdf', size });
    expect(await storedAt(made.storage_id)).toMatchObject({ size, parts: partsOfGenerated(size, PART) });
    const [, bucket_key, object_key] = /os\.object:([^/]+)\/(.+)$/.exec(made.storage_id) ?? [];
    const signed = await act('get_signed_s3_download_url', { bucket_key, object_key });
    expect(signed.params['content-type']).toBe('application/pdf');

    const object = formOf({ bucket_key: BUCKET, object_key: 'form/ü.bin' }, { name: 'x', content: generatedFile(7) });
    expect(expectData(await stream({ action: 'signed_s3_upload', ...object }))).toMatchObject({
      object_key: 'form/ü.bin',
      size: 7,
    });
    const late = formOf({ project_id, folder_id }, { name: '', content: generatedFile(7) });
    expect((await stream({ action: 'upload_file_in_project_folder', ...late })).status).toBe(400);
  });

  it('makes the next version of a file whose name is there already', async () => {
    const name = 'Grundriß, 1. Stock (v+1).txt';
    const uploads: AnyJson[] = [];
    for (const content of ['one', 'two!', 'three']) {
      const { action, inputs } = folderUpload(name);
      uploads.push(expectData(await sendFile(backend, action, world.account, inputs, Buffer.from(content))));
    }
    expect(uploads.map(({ created, version_number, size }) => [created, version_number, size])).toEqual([
      ['item', 1, 3],
      ['version', 2, 4],
      ['version', 3, 5],
    ]);
    expect(new Set(uploads.map(({ item_id }) => item_id)).size).toBe(1);
    const versions = await act('list_item_versions', { project_id, item_id: uploads[0].item_id });
    expect(versions.map(({ id }: AnyJson) => id)).toEqual(uploads.map(({ version_id }) => version_id).toReversed());
  });

  it('makes one item of two uploads that race for a new name', async () => {
    // Both have looked for the name before either item is made.
    await world.sandbox.faults([
      { kind: 'latency', method: 'POST', path: `/data/v1/projects/${project_id}/items`, ms: 400 },
    ]);
    const { action, inputs } = folderUpload('race.txt');
    const replies = await Promise.all(
      ['first', 'second'].map((content) => sendFile(backend, action, world.account, inputs, Buffer.from(content))),
    );
    const made = replies.map(expectData);
    expect(made.map(({ created }) => created).toSorted()).toEqual(['item', 'version']);
    expect(made.map(({ version_number }) => version_number).toSorted()).toEqual([1, 2]);
    expect(new Set(made.map(({ item_id }) => item_id)).size).toBe(1);
    const statuses = (await sent(`/data/v1/projects/${project_id}/items`, 'POST')).map(({ status }) => status);
    expect(statuses.toSorted()).toEqual([201, 409]);
  });

  it.each(['with a length', 'without a length'])('stops at once when its caller goes away, %s', async (how) => {
    const size = 60 * MIB;
    async function* slowly(): AsyncGenerator<Buffer> {
      let at = 0;
      for (const block of generatedFile(size)) {
        yield block;
        at += block.length;
        if (at % MIB === 0) await delay(20);
      }
    }
    const correlation = `cut ${how}`.replaceAll(' ', '-');
    const running = start({
      ...objectUpload('cut'),
      content: slowly(),
      ...(how === 'with a length' && { size }),
      headers: { 'x-correlation-id': correlation },
    });
    const settled = running.reply.catch(() => {});
    await until(30_000, 'no part was sent', async () => (await sent('/s3/')).some(({ status }) => status === 200));
    running.cut();
    await settled;
    const ended = async () =>
      (await world.operator.get(`/requests?correlation_id=${correlation}&state=failed`)).json.data as AnyJson[];
    await until(QUIET_WITHIN_MS, 'it went on', async () => (await ended()).length === 1);
    expect(await ended()).toMatchObject([{ status: null, code: 'caller_gone', fault: 'caller' }]);
    // What was in the sockets still arrives, later on a busy machine.
    const still = async () => [(await world.sandbox.log()).count, (await world.sandbox.storage()).kept_bytes].join();
    await expect
      .poll(async () => {
        const before = await still();
        await delay(400);
        return (await still()) === before;
      })
      .toBe(true);
    expect((await world.sandbox.storage()).kept_bytes).toBeLessThan(size);
    expect(await completions()).toEqual([]);
    expectData(
      await sendFile(backend, 'signed_s3_upload', world.account, objectUpload('after').inputs, Buffer.from('x')),
    );
  });

  it('shows in every process how far an upload is, while it runs', async () => {
    const size = 3 * PART;
    const observers = [world.operator, clientOf(world.servers[1]?.origin ?? '', world.operator.key)];
    const progress = async (observer: Client): Promise<AnyJson> =>
      (await observer.get('/requests?correlation_id=watched&state=running')).json.data[0]?.upload;
    // Goes on when everybody has seen the part before the last one, which has begun.
    async function* inSteps(): AsyncGenerator<Buffer> {
      let at = 0;
      for (const block of generatedFile(size)) {
        yield block;
        if (at > 0 && at % PART === 0) {
          const parts = at / PART;
          const seen = { step: 'upload', bytes: at, parts, total_bytes: size };
          for (const observer of observers) {
            const message = `part ${parts} was not shown`;
            await until(WRITTEN_MS, message, async () => (await progress(observer))?.parts === parts);
            expect(await progress(observer)).toEqual(seen);
          }
        }
        at += block.length;
      }
    }
    const headers = { 'x-correlation-id': 'watched' };
    const reply = await stream({ ...folderUpload('watched.bin'), content: inSteps(), size, headers });
    expectData(reply);
    for (const observer of observers) {
      await until(WRITTEN_MS, 'no end seen', async () => {
        const { json } = await observer.get(`/requests/${reply.json.request_id}`);
        return json.state === 'succeeded' && json.upload.bytes === size && json.upload.parts === 3;
      });
    }
  });

  // Nothing of this gets to the store, and it takes its time: once is enough.
  if (open !== openSqlite) return;
  describe('on their way to the storage', () => {
    it('stores 26 parts, for which it asks for URLs more than once', async () => {
      const size = 25 * PART + 1;
      const parts = partsOfGenerated(size, PART);
      expect(parts).toHaveLength(26);
      const known = expectData(await stream({ ...folderUpload('large.bin'), content: generatedFile(size), size }));
      expect(await storedAt(known.storage_id)).toMatchObject({ size, parts });
      const asked = (await sent('/oss/', 'GET')).map(({ path }) => new URLSearchParams(path.split('?')[1]));
      expect(asked.map((query) => [query.get('firstPart'), query.get('parts')])).toEqual([
        ['1', '25'],
        ['26', '1'],
      ]);
      expect(asked[1]?.get('uploadKey')).toMatch(/\S/);
      const unknown = expectData(await stream({ ...objectUpload('large'), content: generatedFile(size) }));
      expect(await storedAt(unknown.id)).toMatchObject({ size, parts });
      await expectNoCredentials();
    });

    it('tells that a URL is over', async () => {
      await world.sandbox.switches({ signed_url_life_s: 1 });
      const url = (await act('get_signed_s3_upload_urls', { bucket_key: BUCKET, object_key: 'late' })).urls[0];
      await delay(1_050);
      const { provider, hint } = expectProblem(
        await sendFile(backend, 'upload_to_s3', world.account, { url }, Buffer.from('late')),
        'upload_refused',
      );
      expect(provider).toMatchObject({ status: 403, code: 'AccessDenied' });
      expect(hint).toMatch(/URL/);
    });
    it('asks for a new URL when one is over', async () => {
      await world.sandbox.switches({ signed_url_life_s: 1 });
      await world.sandbox.faults([{ kind: 'latency', path: '/s3/', ms: 1_100, times: 1 }]);
      const size = PART + 1;
      const object = expectData(await stream({ ...objectUpload('renewed'), content: generatedFile(size), size }));
      expect(await storedAt(object.id)).toMatchObject({ size, parts: partsOfGenerated(size, PART) });
      expect((await sent('/s3/')).map(({ status }) => status)).toContain(403);
      expect((await sent('/oss/', 'GET')).length).toBeGreaterThan(1);
      await expectNoCredentials();
    });

    it.each([
      { kind: 'status', path: '/s3/', status: 503, times: 1 },
      { kind: 'reset', path: '/s3/', at: 'during_body', times: 1 },
      { kind: 'reset', path: '/s3/', at: 'after_processing', times: 1 },
    ] as const)('sends a part again after %j', async (fault) => {
      await world.sandbox.faults([fault]);
      const size = PART + 1;
      const object = expectData(await stream({ ...objectUpload('again'), content: generatedFile(size) }));
      expect(await storedAt(object.id)).toMatchObject({ size, parts: partsOfGenerated(size, PART) });
      expect(await sent('/s3/')).toHaveLength(3);
      await expectNoCredentials();
    });

    it.each([200, 400])('calls an upload failed that the provider calls incomplete with status %i', async (status) => {
      await world.sandbox.faults([
        {
          kind: 'status',
          method: 'POST',
          path: '/oss/',
          status,
          body: { uploadKey: 'key', status: 'error', reason: 'MissingOrInvalidParts', size: {}, parts: [] },
        },
      ]);
      const { action, inputs } = folderUpload(`incomplete-${status}.txt`);
      const reply = await sendFile(backend, action, world.account, inputs, Buffer.from('content'));
      const { provider } = expectProblem(reply, 'provider_rejected_request');
      expect(provider).toMatchObject({ status, message: expect.stringContaining('MissingOrInvalidParts') });
      const names = (await act('list_folder_contents', { project_id, folder_id })).map(({ name }: AnyJson) => name);
      expect(names).not.toContain(inputs.file_name);
    });

    it('answers a large upload that the gate or the inputs refuse, without asking the provider', async () => {
      const { account } = await seedAccount(world.operator, world.sandbox, { profile: { name: 'Reader' } });
      const size = 64 * MIB;
      const { action, inputs } = folderUpload('refused.bin');
      for (const known of [true, false]) {
        const file = () => ({ content: generatedFile(size), ...(known && { size }) });
        expectProblem(await stream({ action, inputs, account, ...file() }), 'scopes_missing');
        expectProblem(await stream({ action, inputs: { project_id }, ...file() }), 'inputs_invalid');
        expectProblem(await stream({ action: 'list_hubs', ...file() }), 'file_unexpected');
      }
      expect((await world.sandbox.log()).count).toBe(0);
    });

    it('answers a large upload that the provider refuses while it comes', async () => {
      await world.sandbox.faults([{ kind: 'status', path: '/s3/', status: 403 }]);
      const size = 64 * MIB;
      const reply = await stream({ ...objectUpload('refused'), content: generatedFile(size), size });
      expectProblem(reply, 'upload_refused');
      expect(await completions()).toEqual([]);
    });
  });
});
