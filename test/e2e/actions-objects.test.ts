import { createHash, randomBytes } from 'node:crypto';
import { request } from 'undici';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { SANDBOX_S3_ORIGINS } from '../../sandbox/aps/signed-urls.ts';
import { type AnyJson, type Client, expectData, expectProblem, type Reply } from '../support/client.ts';
import { ALL_SCOPES, watchCalls } from '../support/covered-actions.ts';
import { onBothStores, startWorld, type World } from '../support/server.ts';
import { sendFile } from '../support/uploads.ts';

const MIB = 1024 ** 2;
const BUCKET = 'corbel-test_bucket.1';
/** Each is a trap for whoever encodes keys once too often or too seldom. */
const ODD_KEYS = [
  'drawings/ground floor/plan.dwg',
  'Pläne/Grundriß 東京 😀.dwg',
  'a+b&c=d.txt',
  '100% #1?.txt',
  'already%20encoded%2Fhere.txt',
  "quote'(1)!*;:@$,[x].txt",
  'a//b/c/',
  ' leading and trailing ',
  'tilde~|^`{}"<>.txt',
];

onBothStores('the Object Storage Service', (open) => {
  const watched = watchCalls('objects');
  let world: World;
  let backend: Client;

  beforeAll(async () => {
    world = await startWorld(open, { allActions: true, scopes: ALL_SCOPES });
    backend = watched.client(world.backend);
    await act('create_bucket', { bucket_key: BUCKET, policy_key: 'transient' });
  });
  afterAll(() => world?.stop());
  beforeEach(() => world.sandbox.reset());

  const call = (action: string, inputs: Record<string, unknown> = {}, as = world.account): Promise<Reply> =>
    backend.act(action, as, inputs);
  const act = async (action: string, inputs: Record<string, unknown> = {}, as = world.account): Promise<AnyJson> =>
    expectData(await call(action, inputs, as));
  const put = async (object_key: string, content: Buffer, more: Record<string, string> = {}): Promise<AnyJson> =>
    expectData(
      await sendFile(backend, 'signed_s3_upload', world.account, { bucket_key: BUCKET, object_key, ...more }, content),
    );
  const signedDownload = (object_key: string, more: Record<string, unknown> = {}) =>
    act('get_signed_s3_download_url', { bucket_key: BUCKET, object_key, ...more });
  /** What a browser would get from a signed URL: S3's names lead nowhere here, the sandbox has their paths. */
  const download = async (url: string) => {
    const { origin } = new URL(url);
    const there = SANDBOX_S3_ORIGINS.find((one) => one === origin) ? url.replace(origin, world.sandbox.origin) : url;
    const response = await request(there);
    return {
      status: response.statusCode,
      headers: response.headers,
      bytes: Buffer.from(await response.body.arrayBuffer()),
    };
  };

  it('creates, lists, reads and deletes buckets, by region', async () => {
    const keys = Array.from({ length: 23 }, (_, index) => `paged-${String(index).padStart(2, '0')}`);
    const made = await act('create_bucket', {
      bucket_key: keys[0],
      policy_key: 'persistent',
      allow: [{ client_id: 'another-app', access: 'read' }],
    });
    expect(made).toEqual({
      bucket_key: keys[0],
      owner: world.sandbox.clientId,
      created_at: expect.stringMatching(/^\d{4}-.*Z$/),
      policy_key: 'persistent',
      permissions: [
        { client_id: world.sandbox.clientId, access: 'full' },
        { client_id: 'another-app', access: 'read' },
      ],
    });
    expect(await act('get_bucket_details', { bucket_key: keys[0] })).toEqual(made);
    for (const bucket_key of keys.slice(1)) await act('create_bucket', { bucket_key, policy_key: 'transient' });
    await act('create_bucket', { bucket_key: 'far-away', policy_key: 'transient', region: 'EMEA' });

    const seen: string[] = [];
    let next: string | null = null;
    do {
      const reply = await call('list_buckets', { page_size: 10, ...(next !== null && { next }) });
      const page = expectData(reply).map(({ bucket_key }: AnyJson) => bucket_key);
      expect(page.length).toBeLessThanOrEqual(10);
      seen.push(...page);
      next = reply.json.next;
    } while (next !== null);
    expect(seen).toEqual([BUCKET, ...keys]);
    expect((await act('list_buckets', { region: 'EMEA' })).map(({ bucket_key }: AnyJson) => bucket_key)).toEqual([
      'far-away',
    ]);

    expectProblem(await call('create_bucket', { bucket_key: keys[0], policy_key: 'transient' }), 'provider_conflict');
    expect(await act('delete_bucket', { bucket_key: keys[0] })).toEqual({ bucket_key: keys[0], deleted: true });
    expectProblem(await call('get_bucket_details', { bucket_key: keys[0] }), 'provider_not_found');
    expectProblem(await call('get_bucket_details', { bucket_key: 'wip.dm.prod' }), 'provider_forbidden');
    expectProblem(await call('list_bucket_objects', { bucket_key: 'wip.dm.prod' }), 'provider_forbidden');
    expectProblem(
      await call('create_bucket', { bucket_key: 'No_Capitals', policy_key: 'transient' }),
      'inputs_invalid',
    );
  });

  it.each(ODD_KEYS)('carries the key %j through upload, list, download and deletion', async (object_key) => {
    const content = randomBytes(1_000);
    const made = await put(object_key, content);
    expect(made).toMatchObject({
      id: `urn:adsk.objects:os.object:${BUCKET}/${object_key}`,
      bucket_key: BUCKET,
      object_key,
      size: 1_000,
    });
    const [listed] = await act('list_bucket_objects', { bucket_key: BUCKET, begins_with: object_key });
    const sha1 = createHash('sha1').update(content).digest('hex');
    expect(listed).toMatchObject({ object_key, id: made.id, size: 1_000, sha1 });
    const signed = await signedDownload(object_key);
    expect(signed).toMatchObject({ status: 'complete', size: 1_000, sha1 });
    expect((await download(signed.url)).bytes.equals(content)).toBe(true);
    const deleted = { bucket_key: BUCKET, object_key, deleted: true };
    expect(await act('delete_object', { bucket_key: BUCKET, object_key })).toEqual(deleted);
    expectProblem(await call('delete_object', { bucket_key: BUCKET, object_key }), 'provider_not_found');
    expect(await act('list_bucket_objects', { bucket_key: BUCKET })).toEqual([]);
  });

  it('refuses keys that no path can carry before anything is sent', async () => {
    const { count } = await world.sandbox.log();
    for (const object_key of ['..', '../x', 'a/../../b', 'a/./b', 'a\\b', 'a\0b', '']) {
      const reply = await call('delete_object', { bucket_key: BUCKET, object_key });
      expect([object_key, reply.status]).toEqual([object_key, 400]);
    }
    expect((await world.sandbox.log()).count).toBe(count);
  });

  it('lists objects page by page, each once, also with odd keys at the page’s edge', async () => {
    const keys = Array.from({ length: 25 }, (_, index) => `list/ü+%20&${String(index).padStart(2, '0')}`);
    await Promise.all(keys.map((key) => put(key, Buffer.from(key))));
    const seen: string[] = [];
    let next: string | null = null;
    do {
      const more: Record<string, unknown> = next === null ? {} : { next };
      const inputs = { bucket_key: BUCKET, begins_with: 'list/', page_size: 10, ...more };
      const reply = await call('list_bucket_objects', inputs);
      seen.push(...expectData(reply).map(({ object_key }: AnyJson) => object_key));
      next = reply.json.next;
    } while (next !== null);
    expect(seen).toEqual(keys);
    await Promise.all(keys.map((object_key) => act('delete_object', { bucket_key: BUCKET, object_key })));
  });

  it('gives download URLs in all the provider’s shapes', async () => {
    const object_key = 'shapes/two parts.bin';
    const content = randomBytes(5 * MIB + 1);
    await put(object_key, content, { content_type: 'application/acad' });

    const complete = await signedDownload(object_key, {
      minutes_expiration: 10,
      response_content_disposition: 'attachment; filename="plan.dwg"',
      response_content_type: 'text/plain',
      use_cdn: true,
    });
    expect(complete).toMatchObject({ status: 'complete', size: content.length, url: expect.stringMatching(/^https:/) });
    expect(complete).not.toHaveProperty('urls');
    const whole = await download(complete.url);
    expect(whole.headers['content-disposition']).toBe('attachment; filename="plan.dwg"');
    expect(whole.headers['content-type']).toBe('text/plain');
    expect(whole.bytes.equals(content)).toBe(true);

    await world.sandbox.switches({ assembling: true });
    const chunked = await signedDownload(object_key);
    expect(chunked.status).toBe('chunked');
    expect(chunked).not.toHaveProperty('url');
    expect(Object.keys(chunked.urls)).toEqual([`0-${5 * MIB - 1}`, `${5 * MIB}-${5 * MIB}`]);
    const chunks = await Promise.all(Object.values<string>(chunked.urls).map(download));
    expect(Buffer.concat(chunks.map(({ bytes }) => bytes)).equals(content)).toBe(true);

    const fallback = await signedDownload(object_key, { public_resource_fallback: true });
    expect(fallback.status).toBe('fallback');
    expect((await download(fallback.url)).bytes.equals(content)).toBe(true);
    await world.sandbox.switches({ assembling: false });

    const { headers } = whole;
    const unchanged = await signedDownload(object_key, { if_none_match: String(headers.etag) });
    expect(unchanged).toEqual({ status: 'not_modified' });
    const later = 'Wed, 21 Oct 2099 07:28:00 GMT';
    expect(await signedDownload(object_key, { if_modified_since: later })).toEqual({ status: 'not_modified' });
    expect(await signedDownload(object_key, { if_none_match: '"another"' })).toMatchObject({ status: 'complete' });
    await act('delete_object', { bucket_key: BUCKET, object_key });
  });

  it('gives download URLs of files in projects, and lets them end', async () => {
    const { hubs } = await world.sandbox.world();
    const { project_id, version_id } = hubs[0]?.files ?? {};
    const { storage_id, size } = await act('get_version', { project_id, version_id });
    const [, bucket_key, object_key] = /os\.object:([^/]+)\/(.+)$/.exec(storage_id) ?? [];
    await world.sandbox.switches({ signed_url_life_s: 1 });
    const signed = await act('get_signed_s3_download_url', { bucket_key, object_key });
    expect(signed).toMatchObject({ status: 'complete', size });
    // Signed for whole seconds: from the second second on it is over.
    await new Promise((resolve) => setTimeout(resolve, 1_050));
    expect((await download(signed.url)).status).toBe(403);
  });

  it('gives upload URLs for any part, and more of them for an upload that was begun', async () => {
    const object_key = 'by hand/ü.bin';
    const first = await act('get_signed_s3_upload_urls', { bucket_key: BUCKET, object_key, parts: 3 });
    expect(first).toMatchObject({ upload_key: expect.any(String), urls_expire_at: expect.any(String) });
    expect(first.urls).toHaveLength(3);
    const { upload_key } = first;
    const more = { bucket_key: BUCKET, object_key, upload_key, parts: 25, first_part: 4, minutes_expiration: 60 };
    const next = await act('get_signed_s3_upload_urls', more);
    expect(next.upload_key).toBe(upload_key);
    expect(new Set([...first.urls, ...next.urls]).size).toBe(28);
    expectProblem(
      await call('get_signed_s3_upload_urls', { ...more, upload_key: 'unknown' }),
      'provider_rejected_request',
    );
    expectProblem(await call('get_signed_s3_upload_urls', { ...more, parts: 26 }), 'inputs_invalid');
  });
});
