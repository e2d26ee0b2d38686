import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { request } from 'undici';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Running, startSandbox, tokenRequest } from './client.ts';

const HUBS = '/project/v1/hubs';
const TOKEN = '/authentication/v2/token';
let running: Running;

beforeAll(async () => {
  running = await startSandbox();
  await running.token();
});
afterAll(() => running.stop());
afterEach(() => running.sandbox.clearFaults());

describe('a fault', () => {
  it('latency delays the true answer, and adds to another fault', async () => {
    running.sandbox.setFaults([
      { kind: 'latency', path: HUBS, ms: 60 },
      { kind: 'latency', path: HUBS, ms: 60 },
      { kind: 'status', path: HUBS, status: 503 },
    ]);
    const start = performance.now();
    expect((await running.get(HUBS)).status).toBe(503);
    expect(performance.now() - start).toBeGreaterThanOrEqual(118);
  });

  it('status answers 429 in the edge shape with Retry-After in seconds or as a date, and 500 with its own body', async () => {
    running.sandbox.setFaults([
      { kind: 'status', status: 429, retry_after: { seconds: 25 }, times: 1 },
      { kind: 'status', status: 429, retry_after: { date_in_seconds: 60 }, times: 1 },
      { kind: 'status', status: 500, body: { oops: true }, headers: { 'X-Extra': '1' }, times: 1 },
      { kind: 'status', status: 403, body: '', times: 1 },
      { kind: 'status', status: 502, times: 1 },
    ]);
    const seconds = await running.get(HUBS);
    expect([seconds.status, seconds.headers['retry-after']]).toEqual([429, '25']);
    expect(seconds.json).toEqual({ developerMessage: 'Quota limit exceeded.' });
    const date = Date.parse(String((await running.get(HUBS)).headers['retry-after']));
    expect(date - Date.now()).toBeGreaterThan(50_000);
    const own = await running.get(HUBS);
    expect([own.status, own.json, own.headers['x-extra']]).toEqual([500, { oops: true }, '1']);
    expect((await running.get(HUBS)).bytes.length).toBe(0);
    expect((await running.get(HUBS)).json.errorCode).toBe('ERR-003');
    expect((await running.get(HUBS)).status).toBe(200);
  });

  it('is narrowed by path, method, times and skip, and meets the token path too', async () => {
    running.sandbox.setFaults([{ kind: 'status', status: 500, path: TOKEN, method: 'POST', skip: 1, times: 2 }]);
    const statuses: number[] = [];
    for (let index = 0; index < 4; index++)
      statuses.push((await running.call(TOKEN, tokenRequest({ scope: 'data:read' }))).status);
    expect(statuses).toEqual([200, 500, 500, 200]);
    expect((await running.get(HUBS)).status).toBe(200);
    expect(running.sandbox.faults()).toMatchObject([{ hits: 2, remaining: 0 }]);
  });

  it('drip sends the true answer in pieces', async () => {
    const whole = await running.get(HUBS);
    running.sandbox.setFaults([{ kind: 'drip', bytes_per_chunk: Math.ceil(whole.bytes.length / 4), interval_ms: 30 }]);
    const start = performance.now();
    expect((await running.get(HUBS)).json).toEqual(whole.json);
    expect(performance.now() - start).toBeGreaterThanOrEqual(85);
  });

  it('reset cuts the connection before, after processing, or after the headers', async () => {
    running.sandbox.setFaults([{ kind: 'reset', path: HUBS }]);
    await expect(running.get(HUBS)).rejects.toMatchObject({
      code: expect.stringMatching(/^(ECONNRESET|UND_ERR_SOCKET)$/),
    });

    running.sandbox.setFaults([{ kind: 'reset', path: TOKEN, at: 'after_processing' }]);
    const before = running.sandbox.revokeAllTokens();
    expect(before).toBeGreaterThan(0);
    await expect(running.call(TOKEN, tokenRequest({ scope: 'data:read' }))).rejects.toThrow();
    expect(running.sandbox.revokeAllTokens()).toBe(1);

    running.sandbox.setFaults([{ kind: 'reset', path: HUBS, at: 'after_headers' }]);
    const token = await running.token();
    const response = await request(running.origin + HUBS, { headers: { authorization: `Bearer ${token}` } });
    expect(response.statusCode).toBe(200);
    await expect(response.body.text()).rejects.toThrow();
  });

  it('truncated promises more bytes than it sends', async () => {
    running.sandbox.setFaults([{ kind: 'truncated', missing_bytes: 7 }]);
    const response = await request(running.origin + HUBS);
    expect(response.statusCode).toBe(401);
    await expect(response.body.text()).rejects.toThrow();
  });

  it('huge_body streams valid JSON of at least that size, and survives a reader that leaves', async () => {
    const bytes = 5_000_000;
    running.sandbox.setFaults([{ kind: 'huge_body', bytes }]);
    const reply = await running.get(HUBS);
    expect(reply.bytes.length).toBeGreaterThanOrEqual(bytes);
    expect(reply.bytes.length).toBeLessThan(bytes + 1000);
    expect(reply.json.data).toHaveLength(1);
    const response = await request(running.origin + HUBS);
    response.body.on('error', () => undefined).destroy();
    running.sandbox.clearFaults();
    expect((await running.call(HUBS)).status).toBe(401);
  });

  it('gzip_bomb is small on the wire and large when decoded', async () => {
    running.sandbox.setFaults([{ kind: 'gzip_bomb', decoded_bytes: 20_000_000 }]);
    const reply = await running.get(HUBS);
    expect(reply.headers['content-encoding']).toBe('gzip');
    expect(reply.bytes.length).toBeLessThan(100_000);
    expect(gunzipSync(reply.bytes).length).toBeGreaterThanOrEqual(20_000_000);
  });

  it('encoding applies brotli, stacked codings, and codings that are cut short', async () => {
    running.sandbox.setFaults([
      { kind: 'encoding', encodings: ['br'], times: 1 },
      { kind: 'encoding', encodings: ['gzip', 'br'], times: 1 },
      { kind: 'encoding', encodings: ['gzip'], corrupt: true, times: 1 },
    ]);
    const brotli = await running.call(HUBS);
    expect(brotli.headers['content-encoding']).toBe('br');
    expect(brotliDecompressSync(brotli.bytes).toString()).toContain('AUTH-010');
    const stacked = await running.call(HUBS);
    expect(stacked.headers['content-encoding']).toBe('gzip, br');
    expect(gunzipSync(brotliDecompressSync(stacked.bytes)).toString()).toContain('AUTH-010');
    const cut = await running.call(HUBS);
    expect(() => gunzipSync(cut.bytes)).toThrow();
  });

  it('not_json answers HTML, under a false content type if asked, and redirect points elsewhere', async () => {
    running.sandbox.setFaults([
      { kind: 'not_json', times: 1 },
      { kind: 'not_json', status: 502, content_type: 'application/json', times: 1 },
      { kind: 'redirect', location: 'http://169.254.169.254/', times: 1 },
      { kind: 'redirect', location: '/elsewhere', status: 307, times: 1 },
    ]);
    const html = await running.get(HUBS);
    expect([html.status, html.headers['content-type']]).toEqual([200, 'text/html; charset=utf-8']);
    expect(html.bytes.toString()).toMatch(/^<!DOCTYPE html>/);
    const lying = await running.get(HUBS);
    expect([lying.status, lying.headers['content-type']]).toEqual([502, 'application/json']);
    const away = await running.get(HUBS);
    expect([away.status, away.headers.location]).toEqual([302, 'http://169.254.169.254/']);
    expect((await running.get(HUBS)).status).toBe(307);
  });
});
