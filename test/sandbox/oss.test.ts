import { createHash } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { SANDBOX_CLIENT_ID, SANDBOX_CLIENT_SECRET } from '../../sandbox/aps/defaults.ts';
import { type Running, startSandbox } from './client.ts';
import { atSandbox, type CallApi, caller, jsonOf, MIB, objectPath, put, upload } from './upload-client.ts';

const ALL = 'bucket:create bucket:read bucket:delete data:read data:write data:create';
const OTHER = { clientId: 'other-client', clientSecret: 'other-secret' };

let running: Running;
let api: CallApi;
let other: CallApi;
let buckets = 0;

beforeAll(async () => {
  const apps = [{ clientId: SANDBOX_CLIENT_ID, clientSecret: SANDBOX_CLIENT_SECRET }, OTHER];
  running = await startSandbox({ apps });
  api = await caller(running, await running.token(ALL));
  const token = await running.sandbox.issueToken({ scope: ALL, client_id: OTHER.clientId });
  other = await caller(running, token.access_token);
});
afterAll(() => running.stop());
beforeEach(() => {
  running.sandbox.resetSwitches();
});

async function newBucket(): Promise<string> {
  buckets += 1;
  const bucketKey = `test-bucket.${buckets}`;
  const reply = await api('POST', '/oss/v2/buckets', { bucketKey, policyKey: 'transient' });
  expect(reply.status).toBe(200);
  return bucketKey;
}

describe('buckets', () => {
  it('are created with 200, known by their details, and unique among all apps', async () => {
    const created = await api('POST', '/oss/v2/buckets', { bucketKey: 'apptestbucket', policyKey: 'temporary' });
    expect([created.status, created.headers['content-type']]).toEqual([200, 'application/json; charset=utf-8']);
    expect(jsonOf(created)).toEqual({
      bucketKey: 'apptestbucket',
      bucketOwner: SANDBOX_CLIENT_ID,
      createdDate: expect.any(Number),
      permissions: [{ authId: SANDBOX_CLIENT_ID, access: 'full' }],
      policyKey: 'temporary',
    });
    expect(jsonOf(await api('GET', '/oss/v2/buckets/apptestbucket/details'))).toEqual(jsonOf(created));
    const again = await other('POST', '/oss/v2/buckets', { bucketKey: 'apptestbucket', policyKey: 'transient' });
    expect([again.status, jsonOf(again)]).toEqual([409, { reason: 'Bucket already exists' }]);
  });

  it.each([
    [{ bucketKey: 'UPPER', policyKey: 'transient' }, /\[-_\.a-z0-9\]\{3,128\}/],
    [{ bucketKey: 'ab', policyKey: 'transient' }, /bucketKey/],
    [{ policyKey: 'transient' }, /bucketKey/],
    [{ bucketKey: 'fine-key', policyKey: 'forever' }, /policyKey/],
    [{ bucketKey: 'fine-key', policyKey: 'transient', allow: [{ authId: 'x', access: 'write' }] }, /allow/],
    [[], /malformed/],
  ])('are refused for %j', async (body, reason) => {
    const reply = await api('POST', '/oss/v2/buckets', body);
    expect([reply.status, jsonOf(reply).reason]).toEqual([400, expect.stringMatching(reason)]);
  });

  it('are listed by region and page, and next loses the limit', async () => {
    const keys = await Promise.all([newBucket(), newBucket(), newBucket()]);
    const token = await running.token(ALL);
    const emea = await running.call('/oss/v2/buckets', {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, region: 'EMEA', 'content-type': 'application/json' },
      body: JSON.stringify({ bucketKey: 'emea-bucket', policyKey: 'transient' }),
    });
    expect(emea.status).toBe(200);
    const inEmea = jsonOf(await api('GET', '/oss/v2/buckets?region=EMEA'));
    expect(inEmea).toEqual({
      items: [{ bucketKey: 'emea-bucket', createdDate: expect.any(Number), policyKey: 'transient' }],
    });
    const first = jsonOf(await api('GET', '/oss/v2/buckets?limit=2'));
    const last = first.items[1].bucketKey;
    expect(first.next).toBe(`${running.origin}/oss/v2/buckets?region=US&startAt=${last}`);
    const second = jsonOf(await api('GET', first.next));
    expect(second.next).toBeUndefined();
    const all = [...first.items, ...second.items].map((one: { bucketKey: string }) => one.bucketKey);
    expect(all).toEqual([...all].sort());
    expect(all).toEqual(expect.arrayContaining(keys));
    expect(jsonOf(await other('GET', '/oss/v2/buckets')).items).toEqual([]);
    for (const query of ['limit=300', 'limit=0', 'limit=x']) {
      const reply = await api('GET', `/oss/v2/buckets?${query}`);
      expect([reply.status, jsonOf(reply)]).toEqual([400, { reason: 'Invalid limit' }]);
    }
    expect((await api('GET', '/oss/v2/buckets?region=MOON')).status).toBe(400);
  });

  it('answer other apps 403 without a body, and say when there is none', async () => {
    const key = await newBucket();
    for (const path of [`/oss/v2/buckets/${key}/details`, `/oss/v2/buckets/${key}/objects`]) {
      const reply = await other('GET', path);
      expect([reply.status, reply.bytes.length, reply.headers['content-type']]).toEqual([403, 0, undefined]);
    }
    expect((await api('GET', '/oss/v2/buckets/wip.dm.prod/details')).status).toBe(403);
    const missing = await api('GET', '/oss/v2/buckets/no-such-bucket/details');
    expect([missing.status, jsonOf(missing)]).toEqual([404, { reason: 'Bucket not found' }]);
    expect((await api('GET', '/oss/v2/buckets/NO/details')).status).toBe(400);
  });

  it('are deleted with 200 and nothing, and their objects with them', async () => {
    const key = await newBucket();
    await upload(running, api, objectPath(key, 'a'), [Buffer.from('x')]);
    const reply = await api('DELETE', `/oss/v2/buckets/${key}`);
    expect([reply.status, reply.bytes.length]).toEqual([200, 0]);
    expect((await api('GET', `/oss/v2/buckets/${key}/objects`)).status).toBe(404);
    expect(running.sandbox.storage().objects.filter((object) => object.bucket === key)).toEqual([]);
  });

  it('are for apps alone, and every route wants its own scopes', async () => {
    const person = await running.sandbox.issueToken({ scope: ALL, user_id: 'SANDBOXUSER1' });
    const asPerson = await caller(running, person.access_token);
    expect((await asPerson('GET', '/oss/v2/buckets')).status).toBe(403);
    const key = await newBucket();
    expect((await other('DELETE', `/oss/v2/buckets/${key}`)).status).toBe(403);
    const reader = await caller(running, await running.token('bucket:read'));
    expect((await reader('GET', `/oss/v2/buckets/${key}/details`)).status).toBe(200);
    const refused = await reader('GET', `/oss/v2/buckets/${key}/objects`);
    expect([refused.status, jsonOf(refused).errorCode]).toEqual([403, 'AUTH-010']);
    const writer = await caller(running, await running.token('data:write'));
    expect((await writer('GET', `${objectPath(key, 'a')}/signeds3upload`)).status).toBe(403);
    expect((await running.call('/oss/v2/buckets')).status).toBe(401);
  });

  it('share one budget of requests over all routes', async () => {
    const key = await newBucket();
    running.sandbox.setSwitches({ rate_limits: 2 });
    const statuses = [
      (await api('GET', '/oss/v2/buckets')).status,
      (await api('GET', `/oss/v2/buckets/${key}/details`)).status,
      (await api('GET', `/oss/v2/buckets/${key}/objects`)).status,
    ];
    expect(statuses).toEqual([200, 200, 429]);
  });
});

describe('objects', () => {
  it('keep slashes, spaces and letters beyond ASCII in their keys', async () => {
    const bucket = await newBucket();
    const keys = ['a/b c/Grundriß №1.pdf', 'a/b?x=1&y=%2F#z', 'Ω/日本語.rvt'];
    for (const key of keys) {
      const done = await upload(running, api, objectPath(bucket, key), [Buffer.from(key)]);
      expect(jsonOf(done)).toEqual({
        bucketKey: bucket,
        objectId: `urn:adsk.objects:os.object:${bucket}/${key}`,
        objectKey: key,
        size: Buffer.byteLength(key),
        contentType: 'application/octet-stream',
        location: `${running.origin}${objectPath(bucket, key)}`,
      });
    }
    const listed = jsonOf(await api('GET', `/oss/v2/buckets/${bucket}/objects`)).items;
    expect(listed.map((one: { objectKey: string }) => one.objectKey)).toEqual([...keys].sort());
    expect(listed[0].sha1).toBe(createHash('sha1').update(listed[0].objectKey).digest('hex'));
    const begun = await api('GET', `/oss/v2/buckets/${bucket}/objects?beginsWith=${encodeURIComponent('a/b ')}`);
    expect(jsonOf(begun).items).toHaveLength(1);
    for (const key of keys) {
      const url = jsonOf(await api('GET', `${objectPath(bucket, key)}/signeds3download`)).url;
      expect((await running.call(atSandbox(url))).bytes.toString('utf8')).toBe(key);
    }
  });

  it('are listed by pages, deleted with 200 and nothing, and gone then', async () => {
    const bucket = await newBucket();
    for (const key of ['1', '2', '3']) await upload(running, api, objectPath(bucket, key), [Buffer.from(key)]);
    const first = jsonOf(await api('GET', `/oss/v2/buckets/${bucket}/objects?limit=2`));
    expect(first.next).toBe(`${running.origin}/oss/v2/buckets/${bucket}/objects?startAt=2`);
    expect(jsonOf(await api('GET', first.next)).items.map((one: { objectKey: string }) => one.objectKey)).toEqual([
      '3',
    ]);
    const gone = await api('DELETE', objectPath(bucket, '3'));
    expect([gone.status, gone.bytes.length]).toEqual([200, 0]);
    expect((await api('DELETE', objectPath(bucket, '3'))).status).toBe(404);
    expect((await api('GET', `${objectPath(bucket, '3')}/signeds3download`)).status).toBe(404);
  });
});

describe('signed uploads', () => {
  it('give as many URLs as asked, of the form that S3 signs, and go on under their upload key', async () => {
    const object = objectPath(await newBucket(), 'file.bin');
    const first = jsonOf(await api('GET', `${object}/signeds3upload?parts=2&minutesExpiration=5`));
    expect(first).toEqual({
      uploadKey: expect.any(String),
      uploadExpiration: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
      urlExpiration: expect.stringMatching(/Z$/),
      urls: [expect.any(String), expect.any(String)],
    });
    const url = new URL(first.urls[1]);
    expect([url.origin, url.searchParams.get('partNumber')]).toEqual([
      'https://corbel-sandbox.s3-accelerate.amazonaws.com',
      '2',
    ]);
    expect(Object.fromEntries(url.searchParams)).toMatchObject({
      'X-Amz-Algorithm': 'AWS4-HMAC-SHA256',
      'X-Amz-Expires': '300',
      'X-Amz-SignedHeaders': 'host',
      'X-Amz-Signature': expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    const query = `parts=1&firstPart=3&useAcceleration=false&uploadKey=${first.uploadKey}`;
    const more = jsonOf(await api('GET', `${object}/signeds3upload?${query}`));
    expect(more.uploadKey).toBe(first.uploadKey);
    expect(more.urls[0]).toMatch(/^https:\/\/corbel-sandbox\.s3\.amazonaws\.com\/s3\/.*partNumber=3/);
  });

  it.each([
    'parts=0',
    'parts=26',
    'firstPart=0',
    'parts=2&firstPart=10000',
    'minutesExpiration=61',
    'minutesExpiration=0',
    'useAcceleration=1',
    'uploadKey=unknown',
  ])('refuse %s', async (query) => {
    const reply = await api('GET', `${objectPath(await newBucket(), 'x')}/signeds3upload?${query}`);
    expect([reply.status, jsonOf(reply).reason]).toEqual([400, expect.stringMatching(/^Invalid /)]);
  });

  it('are one PUT when begun with one part: it can be signed again, and has no further parts', async () => {
    const bucket = await newBucket();
    const object = objectPath(bucket, 'single');
    const begun = jsonOf(await api('GET', `${object}/signeds3upload`));
    expect(begun.urls[0]).not.toContain('partNumber');
    const key = `uploadKey=${begun.uploadKey}`;
    expect((await api('GET', `${object}/signeds3upload?parts=1&firstPart=1&${key}`)).status).toBe(200);
    expect((await api('GET', `${object}/signeds3upload?parts=2&${key}`)).status).toBe(400);
    expect((await api('GET', `${object}/signeds3upload?firstPart=2&${key}`)).status).toBe(400);
    expect((await api('GET', `${objectPath(bucket, 'elsewhere')}/signeds3upload?${key}`)).status).toBe(400);
  });

  it('tell in a 200 what is wrong with the parts, and can be mended then', async () => {
    const object = objectPath(await newBucket(), 'parts.bin');
    const { uploadKey, urls } = jsonOf(await api('GET', `${object}/signeds3upload?parts=3`));
    const complete = async (more: object = {}) => {
      const reply = await api('POST', `${object}/signeds3upload`, { uploadKey, ...more });
      return [reply.status, jsonOf(reply)];
    };
    const error = { uploadKey, status: 'error', reason: 'MissingOrInvalidParts' };
    expect(await complete()).toEqual([200, { ...error, size: { detected: 0 }, parts: [] }]);

    const small = Buffer.alloc(1000, 1);
    const full = Buffer.alloc(5 * MIB, 2);
    const md5 = (part: Buffer) => createHash('md5').update(part).digest('hex');
    await put(running, urls[1], small);
    await put(running, urls[2], small);
    const part = (number: number, status: string, content?: Buffer) => ({
      part: number,
      size: content?.length ?? 0,
      eTag: content === undefined ? '' : md5(content),
      status,
    });
    expect(await complete()).toEqual([
      200,
      {
        ...error,
        size: { detected: 2000 },
        parts: [part(1, 'Pending'), part(2, 'TooSmall', small), part(3, 'Ok', small)],
      },
    ]);

    await put(running, urls[0], full);
    await put(running, urls[1], full);
    const size = 2 * full.length + small.length;
    const eTags = [md5(full), `"${md5(full)}"`, md5(small)];
    expect((await complete({ size: 1, eTags }))[1]).toMatchObject({ size: { expected: 1, detected: size } });
    running.sandbox.setSwitches({ complete_error_status: 400 });
    const wrong = await complete({ size, eTags: [md5(small), ...eTags.slice(1)] });
    expect(wrong).toEqual([400, expect.objectContaining({ status: 'error' })]);
    expect((await complete({ size, eTags: [...eTags, md5(small)] }))[1].parts[3]).toEqual(part(4, 'Pending'));
    expect(await complete({ size, eTags })).toEqual([200, expect.objectContaining({ size, objectKey: 'parts.bin' })]);
    expect((await complete())[0]).toBe(400);
  });

  it('keep the content type that the completion names, and replace an earlier object', async () => {
    const object = objectPath(await newBucket(), 'twice.txt');
    await upload(running, api, object, [Buffer.from('first')]);
    const { uploadKey, urls } = jsonOf(await api('GET', `${object}/signeds3upload`));
    await put(running, urls[0], Buffer.from('second!'));
    const done = await running.call(`${object}/signeds3upload`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${await running.token(ALL)}`,
        'content-type': 'application/json',
        'x-ads-meta-content-type': 'text/plain',
      },
      body: JSON.stringify({ uploadKey }),
    });
    expect(jsonOf(done)).toMatchObject({ size: 7, contentType: 'text/plain' });
    const signed = jsonOf(await api('GET', `${object}/signeds3download`));
    expect(signed.params).toEqual({
      'content-type': 'text/plain',
      'content-disposition': 'attachment; filename="twice.txt"',
    });
    expect((await running.call(atSandbox(signed.url))).bytes.toString()).toBe('second!');
  });

  it.each([{}, { uploadKey: 1 }, { uploadKey: 'k', size: -1 }, { uploadKey: 'k', eTags: [1] }, []])(
    'refuse to complete %j',
    async (body) => {
      const object = objectPath(await newBucket(), 'x');
      expect((await api('POST', `${object}/signeds3upload`, body)).status).toBe(400);
    },
  );

  it('reach the buckets of project files only where a storage location was made', async () => {
    expect((await api('GET', `${objectPath('wip.dm.prod', 'made-up.dwg')}/signeds3upload`)).status).toBe(404);
  });
});

describe('signed downloads', () => {
  it('are one URL, whose answer can be shaped by the query', async () => {
    const object = objectPath(await newBucket(), 'file.bin');
    await upload(running, api, object, [Buffer.from('content')]);
    const shaped = '?response-content-type=text/x&response-content-disposition=inline&useCdn=true&minutesExpiration=60';
    const reply = await api('GET', `${object}/signeds3download${shaped}`);
    const body = jsonOf(reply);
    expect(body).toEqual({
      status: 'complete',
      url: expect.stringMatching(/^https:\/\/corbel-sandbox\.cloudfront\.net\/s3\/objects\/.*X-Amz-Expires=3600/),
      params: { 'content-type': 'text/x', 'content-disposition': 'inline' },
      size: 7,
      sha1: createHash('sha1').update('content').digest('hex'),
    });
    const content = await running.call(atSandbox(body.url));
    expect([content.status, content.headers['content-type'], content.headers['content-disposition']]).toEqual([
      200,
      'text/x',
      'inline',
    ]);
    expect((await api('GET', `${object}/signeds3download?useCdn=yes`)).status).toBe(400);
    expect((await api('GET', `${object}/signeds3download?minutesExpiration=90`)).status).toBe(400);
  });

  it('answer 304 without a body to what the caller has', async () => {
    const object = objectPath(await newBucket(), 'cached.bin');
    await upload(running, api, object, [Buffer.from('content')]);
    const ask = async (headers: Record<string, string>) => {
      const authorization = `Bearer ${await running.token(ALL)}`;
      return running.call(`${object}/signeds3download`, { headers: { authorization, ...headers } });
    };
    const { headers } = await ask({});
    const eTag = String(headers.etag);
    expect(eTag).toBe(`"${createHash('md5').update('content').digest('hex')}"`);
    for (const one of [eTag, eTag.replaceAll('"', ''), '*', `"x", ${eTag}`]) {
      const reply = await ask({ 'if-none-match': one });
      expect([reply.status, reply.bytes.length]).toEqual([304, 0]);
    }
    expect((await ask({ 'if-none-match': '"x"' })).status).toBe(200);
    expect((await ask({ 'if-modified-since': String(headers['last-modified']) })).status).toBe(304);
    expect((await ask({ 'if-modified-since': 'Mon, 01 Jan 2001 00:00:00 GMT' })).status).toBe(200);
  });

  it('are a map of parts, or a signed address of the service, while the object is put together', async () => {
    const object = objectPath(await newBucket(), 'large.bin');
    const parts = [Buffer.alloc(5 * MIB, 'a'), Buffer.from('the end')];
    await upload(running, api, object, parts);
    running.sandbox.setSwitches({ assembling: true });
    const chunked = jsonOf(await api('GET', `${object}/signeds3download`));
    expect(chunked).toMatchObject({ status: 'chunked', size: 5 * MIB + 7 });
    expect(chunked.url).toBeUndefined();
    expect(Object.keys(chunked.urls)).toEqual(['0-5242879', '5242880-5242886']);
    const [, last = ''] = Object.values<string>(chunked.urls);
    expect((await running.call(atSandbox(last))).bytes.toString()).toBe('the end');

    const fallback = jsonOf(await api('GET', `${object}/signeds3download?public-resource-fallback=true`));
    expect([fallback.status, fallback.urls]).toEqual(['fallback', undefined]);
    expect(fallback.url.startsWith(`${running.origin}/oss/v2/signedresources/`)).toBe(true);
    expect((await running.call(fallback.url)).bytes.equals(Buffer.concat(parts))).toBe(true);
  });
});
