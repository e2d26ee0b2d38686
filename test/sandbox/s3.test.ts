import { createHash } from 'node:crypto';
import { connect } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { MAX_KEPT_BYTES } from '../../sandbox/aps/content-store.ts';
import { type Running, startSandbox } from './client.ts';
import {
  atSandbox,
  type CallApi,
  caller,
  enc,
  jsonOf,
  type Loose,
  MIB,
  objectPath,
  pathOfUrn,
  put,
  upload,
} from './upload-client.ts';

let running: Running;
let api: CallApi;
let time = Date.UTC(2026, 0, 1);
let objects = 0;

beforeAll(async () => {
  running = await startSandbox({ now: () => time, usProjects: 3, emeaProjects: 1 });
  const scope = 'bucket:create data:read data:write data:create';
  api = await caller(running, await running.token(scope));
  await api('POST', '/oss/v2/buckets', { bucketKey: 's3-tests', policyKey: 'transient' });
});
afterAll(() => running.stop());
beforeEach(() => {
  running.sandbox.resetSwitches();
  running.sandbox.clearFaults();
});

function newObject(): string {
  objects += 1;
  return objectPath('s3-tests', `object-${objects}`);
}
const begin = async (object: string, query = '') => jsonOf(await api('GET', `${object}/signeds3upload${query}`));
const codeOf = (reply: { bytes: Buffer }) => /<Code>(\w+)<\/Code>/.exec(reply.bytes.toString())?.[1];
const downloadUrl = async (object: string): Promise<string> =>
  atSandbox(jsonOf(await api('GET', `${object}/signeds3download`)).url);

describe('a signed PUT', () => {
  it('answers with the quoted MD5 as ETag, and no header of the provider', async () => {
    const { urls } = await begin(newObject());
    const reply = await put(running, urls[0], Buffer.from('hello'));
    expect([reply.status, reply.bytes.length]).toEqual([200, 0]);
    expect(reply.headers.etag).toBe(`"${createHash('md5').update('hello').digest('hex')}"`);
    expect(reply.headers['x-amz-request-id']).toMatch(/^[0-9A-F]{16}$/);
    expect(reply.headers['x-request-id']).toBeUndefined();
  });

  it('refuses a bearer token beside the signature', async () => {
    const { urls } = await begin(newObject());
    const reply = await put(running, urls[0], Buffer.from('x'), { authorization: 'Bearer abc' });
    expect([reply.status, codeOf(reply)]).toEqual([400, 'InvalidArgument']);
    expect(reply.bytes.toString()).toContain('Only one auth mechanism allowed');
  });

  it('refuses a missing, a changed and a used-elsewhere signature', async () => {
    const { urls } = await begin(newObject(), '?parts=2');
    const plain = new URL(urls[0]);
    const attempts = [
      [`${plain.origin}${plain.pathname}`, 'AccessDenied'],
      [String(urls[0]).replace('partNumber=1', 'partNumber=9'), 'SignatureDoesNotMatch'],
      [`${urls[0]}&extra=1`, 'SignatureDoesNotMatch'],
      [`${urls[0]}0`, 'SignatureDoesNotMatch'],
    ] as const;
    for (const [url, code] of attempts) {
      const reply = await put(running, url, Buffer.from('x'));
      expect([reply.status, codeOf(reply)]).toEqual([403, code]);
    }
    expect((await running.call(atSandbox(urls[0]))).status).toBe(405);
  });

  it('refuses an expired URL, for which the same upload gives a fresh one', async () => {
    const object = newObject();
    const { urls, uploadKey } = await begin(object, '?parts=2');
    time += 120_000;
    const late = await put(running, urls[1], Buffer.from('x'));
    expect([late.status, codeOf(late)]).toEqual([403, 'AccessDenied']);
    expect(late.bytes.toString()).toContain('<Message>Request has expired</Message>');
    const fresh = await begin(object, `?firstPart=2&uploadKey=${uploadKey}`);
    expect((await put(running, fresh.urls[0], Buffer.from('x'))).status).toBe(200);

    running.sandbox.setSwitches({ signed_url_life_s: 1 });
    const brief = await begin(object, `?uploadKey=${uploadKey}&minutesExpiration=60`);
    expect(brief.urls[0]).toContain('X-Amz-Expires=1&');
    time += 1000;
    expect((await put(running, brief.urls[0], Buffer.from('x'))).status).toBe(403);
  });

  it('needs a Content-Length', async () => {
    const { urls } = await begin(newObject());
    const reply = await fetch(running.origin + atSandbox(urls[0]), {
      method: 'PUT',
      body: new Blob(['chunked']).stream(),
      duplex: 'half',
    } as RequestInit);
    expect([reply.status, (await reply.text()).includes('<Code>MissingContentLength</Code>')]).toEqual([411, true]);
  });

  it('that breaks off in the middle leaves no part', async () => {
    const object = newObject();
    const { urls, uploadKey } = await begin(object);
    const { hostname, port } = new URL(running.origin);
    await new Promise<void>((resolve) => {
      const socket = connect(Number(port), hostname, () => {
        socket.write(
          `PUT ${atSandbox(urls[0])} HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n${'x'.repeat(400)}`,
          () => setTimeout(() => socket.destroy(), 50),
        );
      });
      socket.once('close', () => resolve());
    });
    const done = jsonOf(await api('POST', `${object}/signeds3upload`, { uploadKey }));
    expect(done).toMatchObject({ status: 'error', parts: [] });
    await expect.poll(() => running.sandbox.storage().kept_bytes).toBeLessThan(400);
  });

  it('can be repeated, and the last one counts', async () => {
    const object = newObject();
    const { urls, uploadKey } = await begin(object);
    await put(running, urls[0], Buffer.from('first try'));
    await put(running, urls[0], Buffer.from('second'));
    const done = jsonOf(await api('POST', `${object}/signeds3upload`, { uploadKey, size: 6 }));
    expect(done.size).toBe(6);
    expect((await running.call(await downloadUrl(object))).bytes.toString()).toBe('second');
    const after = await put(running, urls[0], Buffer.from('third'));
    expect([after.status, codeOf(after)]).toEqual([404, 'NoSuchUpload']);
  });

  it('takes nothing as content, too', async () => {
    const object = newObject();
    const done = jsonOf(await upload(running, api, object, [Buffer.alloc(0)]));
    expect(done.size).toBe(0);
    const content = await running.call(await downloadUrl(object));
    expect([content.status, content.bytes.length, content.headers.etag]).toEqual([
      200,
      0,
      '"d41d8cd98f00b204e9800998ecf8427e"',
    ]);
  });

  it('of an upload that was not completed within a day is for nothing', async () => {
    const object = newObject();
    const { uploadKey } = await begin(object);
    time += 24 * 3600_000;
    api = await caller(running, await running.token('bucket:create data:read data:write data:create'));
    expect((await api('GET', `${object}/signeds3upload?uploadKey=${uploadKey}`)).status).toBe(400);
  });
});

describe('a signed GET', () => {
  it('answers ranges', async () => {
    const object = newObject();
    await upload(running, api, object, [Buffer.from('0123456789')]);
    const url = await downloadUrl(object);
    const ask = async (range: string) => {
      const reply = await running.call(url, { headers: { range } });
      return [reply.status, reply.bytes.toString(), reply.headers['content-range']];
    };
    expect(await ask('bytes=2-4')).toEqual([206, '234', 'bytes 2-4/10']);
    expect(await ask('bytes=7-')).toEqual([206, '789', 'bytes 7-9/10']);
    expect(await ask('bytes=-3')).toEqual([206, '789', 'bytes 7-9/10']);
    expect(await ask('bytes=5-99')).toEqual([206, '56789', 'bytes 5-9/10']);
    expect(await ask('bytes=0-1,4-5')).toEqual([200, '0123456789', undefined]);
    expect((await ask('bytes=10-'))[0]).toBe(416);
  });

  it('refuses a bearer token, a changed address and an expired one', async () => {
    const object = newObject();
    await upload(running, api, object, [Buffer.from('x')]);
    const url = await downloadUrl(object);
    expect((await running.call(url, { headers: { authorization: 'Bearer x' } })).status).toBe(400);
    expect((await running.call(url.replace('/objects/', '/objects/a'))).status).toBe(403);
    time += 120_000;
    expect((await running.call(url)).status).toBe(403);
  });

  it('serves generated files in the size that their versions have', async () => {
    const item = [...running.sandbox.world.hubs].flatMap((hub) => hub.projects)[0];
    const root = running.sandbox.world.tree(item as NonNullable<typeof item>).root;
    const folder = root.children[0];
    const contents = await running.get(`/data/v1/projects/${item?.id}/folders/${folder?.id}/contents`);
    const version = jsonOf(contents).included[0];
    const object = pathOfUrn(version.relationships.storage.data.id);
    const signed = jsonOf(await api('GET', `${object}/signeds3download`));
    expect([signed.status, signed.size]).toEqual(['complete', version.attributes.storageSize]);
    const end = await running.call(atSandbox(signed.url), { headers: { range: 'bytes=-5' } });
    expect([end.status, end.bytes.length]).toEqual([206, 5]);
    const beyond = await running.call(atSandbox(signed.url), { headers: { range: 'bytes=65530-65550' } });
    const start = await running.call(atSandbox(signed.url), { headers: { range: 'bytes=0-13' } });
    expect(beyond.bytes.subarray(6, 20).equals(start.bytes)).toBe(true);
    running.sandbox.setSwitches({ assembling: true });
    const large = jsonOf(contents).included.find((one: Loose) => one.attributes.storageSize > 20_000_000);
    const chunked = jsonOf(await api('GET', `${pathOfUrn(large.relationships.storage.data.id)}/signeds3download`));
    expect(Object.keys(chunked.urls)[0]).toBe('0-10747471');
    expect(Object.keys(chunked.urls).at(-1)).toMatch(new RegExp(`-${large.attributes.storageSize - 1}$`));
    const changed = object.replace(/[0-9a-f](?=\.\w+$)/, (digit) => (digit === '0' ? '1' : '0'));
    expect((await api('GET', `${changed}/signeds3download`)).status).toBe(404);
  });
});

describe('the storage', () => {
  it('stays small: a large upload is counted and hashed, not kept, and pushes no small one out', async () => {
    const small = newObject();
    await upload(running, api, small, [Buffer.from('small')]);
    const large = newObject();
    const part = Buffer.alloc(8 * MIB, 7);
    const done = jsonOf(
      await upload(
        running,
        api,
        large,
        Array.from({ length: 8 }, () => part),
      ),
    );
    expect(done.size).toBe(64 * MIB);
    const { kept_bytes, objects: stored } = running.sandbox.storage();
    expect(kept_bytes).toBeLessThanOrEqual(MAX_KEPT_BYTES);
    const report = stored.find((one) => objectPath(one.bucket, one.object) === large);
    expect(report).toMatchObject({ content_kept: false, etag: expect.stringMatching(/^"[0-9a-f]{32}-8"$/) });
    expect(report?.parts[7]).toEqual({
      number: 8,
      size: part.length,
      md5: createHash('md5').update(part).digest('hex'),
    });
    const gone = await running.call(await downloadUrl(large));
    expect([gone.status, codeOf(gone)]).toEqual([404, 'NoSuchKey']);
    expect((await running.call(await downloadUrl(small))).bytes.toString()).toBe('small');
  });

  it('drops the oldest content first', async () => {
    const sizes = [12, 12, 12];
    const paths: string[] = [];
    for (const size of sizes) {
      const object = newObject();
      await upload(running, api, object, [Buffer.alloc(size * MIB, size)]);
      paths.push(object);
    }
    const statuses = [];
    for (const object of paths) {
      statuses.push((await running.call(await downloadUrl(object), { headers: { range: 'bytes=0-0' } })).status);
    }
    expect(statuses).toEqual([404, 206, 206]);
    expect(running.sandbox.storage().kept_bytes).toBeLessThanOrEqual(MAX_KEPT_BYTES);
  });
});

describe('the control API', () => {
  it('tells what was uploaded, and ids to begin with', async () => {
    const object = newObject();
    await upload(running, api, object, [Buffer.from('told')]);
    const storage = jsonOf(await running.call('/_sandbox/storage'));
    expect(storage.objects.find((one: Loose) => objectPath(one.bucket, one.object) === object)).toEqual({
      bucket: 's3-tests',
      object: decodeURIComponent(object.split('/').at(-1) ?? ''),
      size: 4,
      etag: `"${createHash('md5').update('told').digest('hex')}"`,
      content_kept: true,
      parts: [{ number: 1, size: 4, md5: createHash('md5').update('told').digest('hex') }],
    });
    const { files } = jsonOf(await running.call('/_sandbox/world')).hubs[0];
    const base = `/data/v1/projects/${files.project_id}`;
    for (const id of [files.root_folder_id, files.folder_id, files.large_folder_id]) {
      expect((await running.get(`${base}/folders/${enc(id)}`)).status).toBe(200);
    }
    const item = jsonOf(await running.get(`${base}/items/${enc(files.item_id)}`));
    expect(item.included[0]).toMatchObject({
      id: files.version_id,
      relationships: { storage: { data: { id: files.storage_id } } },
    });
  });
});

describe('faults and records', () => {
  it('meet S3 as well: throttling in XML, a reset in the middle, a cut download', async () => {
    const object = newObject();
    const { urls, uploadKey } = await begin(object);
    running.sandbox.setFaults([{ kind: 'status', status: 503, path: '/s3/', method: 'PUT', times: 1 }]);
    const slow = await put(running, urls[0], Buffer.alloc(4 * MIB));
    expect([slow.status, codeOf(slow)]).toEqual([503, 'SlowDown']);

    running.sandbox.setFaults([{ kind: 'reset', at: 'during_body', path: '/s3/', times: 1 }]);
    await expect(put(running, urls[0], Buffer.alloc(4 * MIB))).rejects.toThrow();
    expect(running.sandbox.storage().uploads.at(-1)?.parts).toEqual([]);

    running.sandbox.setFaults([{ kind: 'reset', at: 'after_processing', path: '/s3/', times: 1 }]);
    await expect(put(running, urls[0], Buffer.from('arrived'))).rejects.toThrow();
    await api('POST', `${object}/signeds3upload`, { uploadKey });
    const url = await downloadUrl(object);
    running.sandbox.setFaults([{ kind: 'truncated', path: '/s3/', missing_bytes: 3, times: 1 }]);
    await expect(running.call(url)).rejects.toThrow();
    running.sandbox.setFaults([{ kind: 'reset', at: 'after_headers', path: '/s3/', times: 1 }]);
    await expect(running.call(url)).rejects.toThrow();
    expect((await running.call(url)).bytes.toString()).toBe('arrived');
  });

  it('show sizes and whether a token was sent, and keep neither content nor signature', async () => {
    const { urls } = await begin(newObject());
    running.sandbox.resetRequests();
    await put(running, urls[0], Buffer.from('only its size is recorded'));
    await put(running, urls[0], Buffer.from('x'), { authorization: 'Bearer secret-token' });
    const { requests } = running.sandbox.requests();
    expect(requests.map(({ headers }) => [headers['content-length'], headers.authorization !== undefined])).toEqual([
      ['25', false],
      ['1', true],
    ]);
    const text = JSON.stringify(requests);
    expect(text).not.toContain(new URL(urls[0]).searchParams.get('X-Amz-Signature'));
    expect(text).not.toContain('secret-token');
    expect(text).not.toContain('only its size');
  });
});
