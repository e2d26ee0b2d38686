import { createServer, type Server as HttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type AnyJson, type Client, clientOf } from '../support/client.ts';
import { type KeyedProvider, startKeyedProvider } from '../support/keyed-provider.ts';
import { until } from '../support/redis.ts';
import { makeKey, openSqlite, type Server, type StoreOfTest, startServer } from '../support/server.ts';

const KEY = 'kt-key-that-nothing-may-show';
const OWNER = 'owner-that-nothing-may-show';
const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const SPAN = '00f067aa0ba902b7';

describe('what is told to machines', { timeout: 60_000 }, () => {
  let provider: KeyedProvider;
  let store: StoreOfTest;
  let collector: HttpServer;
  const received: AnyJson[] = [];
  const asked: { path: string | undefined; authorization: string | undefined }[] = [];
  let server: Server;
  let plain: Server;
  let operator: Client;
  let account: string;

  beforeAll(async () => {
    collector = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const body = Buffer.concat(chunks);
        received.push(
          JSON.parse((request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body).toString()),
        );
        asked.push({ path: request.url, authorization: request.headers.authorization });
        response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
      });
    }).listen(0, '127.0.0.1');
    [provider, store] = await Promise.all([startKeyedProvider(), openSqlite()]);
    provider.keys.set(KEY, { id: 'anna', scopes: 'read,write' });
    const env = { ...store.env, ...provider.env };
    const { port } = collector.address() as AddressInfo;
    server = await startServer({
      ...env,
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}/`,
      OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Bearer%20collector-key',
      CORBEL_TRACE_PROPAGATION: 'true',
    });
    operator = clientOf(server.origin, server.operatorKey);
    plain = await startServer({ ...env, CORBEL_METRICS: 'open' });
    const profile = await operator.post('/connector_profiles', {
      ...{ name: 'Keys', connector: 'keyed', authentication: 'key', scopes: ['read', 'write'] },
    });
    const made = await operator.post('/accounts', {
      ...{ connector_profile_id: profile.json.id, owner_id: OWNER, credential: { api_key: KEY } },
    });
    expect(made.status, made.text).toBe(201);
    account = made.json.id;
  });
  afterAll(async () => {
    await Promise.all([server?.stop('SIGKILL'), plain?.stop('SIGKILL')]);
    collector?.closeAllConnections();
    collector?.close();
    await provider?.stop();
    await store?.remove();
  });

  const call = (client: Client, action: string, headers: Record<string, string> = {}, body: unknown = {}) =>
    client.call('POST', `/actions/${action}`, { headers: { 'x-account-id': account, ...headers }, body });

  it('counts calls, requests, the store and the process, under labels of what is declared', async () => {
    expect((await call(operator, 'keyed_list_things')).status).toBe(200);
    expect((await call(operator, 'keyed_list_things')).status).toBe(200);
    expect((await call(operator, `nothing_${'x'.repeat(50)}`)).status).toBe(404);
    provider.twist = ({ path }) => (path === '/things' ? { status: 503, body: {} } : undefined);
    expect((await call(operator, 'keyed_list_things')).status).toBeGreaterThanOrEqual(500);
    provider.twist = undefined;
    const { status, text, headers } = await operator.get('/metrics');
    expect([status, headers['content-type']]).toEqual([200, expect.stringContaining('text/plain')]);
    const value = (name: string) =>
      Number(
        text
          .split('\n')
          .find((line) => line.startsWith(`${name} `))
          ?.split(' ')[1],
      );
    const ofAction = 'connector="keyed",action="keyed_list_things"';
    expect(value(`corbel_calls_total{${ofAction},code="ok"}`)).toBe(2);
    expect(text).toMatch(/corbel_calls_total\{connector="unknown",action="unknown",code="action_\w+"\} 1\n/);
    expect(text).toMatch(new RegExp(`corbel_calls_total\\{${ofAction},code="provider_\\w+"\\} 1\n`));
    expect(value('corbel_call_own_seconds_count{connector="keyed"}')).toBe(3);
    expect(value('corbel_call_provider_seconds_count{connector="keyed"}')).toBe(3);
    // The key was tried when the account was made.
    expect(value('corbel_provider_requests_total{purpose="call",host="127.0.0.1",outcome="2xx"}')).toBe(3);
    const failed = value('corbel_provider_requests_total{purpose="call",host="127.0.0.1",outcome="5xx"}');
    expect(value('corbel_provider_retries_total{purpose="call",host="127.0.0.1"}')).toBe(failed - 1);
    expect(value('corbel_calls_running')).toBe(0);
    expect(value('corbel_uploads_open')).toBe(0);
    expect(value('corbel_request_log_dropped_total')).toBe(0);
    expect(value('corbel_store_seconds_count{operation="get"}')).toBeGreaterThan(0);
    expect(text).toContain('nodejs_eventloop_lag_seconds');
    for (const secret of [KEY, OWNER, account, server.operatorKey ?? '', 'xxxxx', '/things'])
      expect(text).not.toContain(secret);
  });

  it('is read by operators unless it is open, and not there when it is off', async () => {
    const backend = clientOf(server.origin, (await makeKey(operator, { role: 'backend' })).token);
    expect((await backend.get('/metrics')).json.code).toBe('role_forbidden');
    expect((await clientOf(server.origin).get('/metrics')).json.code).toBe('key_missing');
    expect((await clientOf(plain.origin).get('/metrics')).text).toContain('corbel_info');
    const off = await startServer({ ...store.env, ...provider.env, CORBEL_METRICS: 'off' });
    const reply = await clientOf(off.origin, server.operatorKey).get('/metrics');
    expect([reply.status, reply.json.code]).toEqual([404, 'route_not_found']);
    await off.stop();
  });

  const spansOf = (trace: string): AnyJson[] =>
    received
      .flatMap(({ resourceSpans }) => resourceSpans)
      .flatMap(({ scopeSpans }: AnyJson) => scopeSpans)
      .flatMap(({ spans }: AnyJson) => spans)
      .filter(({ traceId }: AnyJson) => traceId === trace);
  const attributesOf = (span: AnyJson) =>
    Object.fromEntries(span.attributes.map(({ key, value }: AnyJson) => [key, Object.values(value)[0]])) as Record<
      string,
      unknown
    >;

  it('is a span per call, within the caller’s trace, with one for every stage and attempt', async () => {
    const reply = await call(operator, 'keyed_list_things', { traceparent: `00-${TRACE}-${SPAN}-01` });
    expect(reply.status).toBe(200);
    await until(10_000, 'no spans came', () => spansOf(TRACE).length >= 8);
    const spans = spansOf(TRACE);
    const root = spans.find(({ parentSpanId }) => parentSpanId === SPAN);
    expect(root).toMatchObject({ name: 'call keyed_list_things', kind: 2 });
    expect(attributesOf(root)).toMatchObject({
      'corbel.request_id': reply.json.request_id,
      'corbel.action': 'keyed_list_things',
      'corbel.connector': 'keyed',
    });
    const children = spans.filter(({ parentSpanId }) => parentSpanId === root.spanId);
    expect(children.map(({ name }) => name).sort()).toEqual(
      ['GET /things', 'authorize', 'bind', 'gate', 'render', 'resolve', 'send', 'shape'].sort(),
    );
    const attempt = children.find(({ name }) => name === 'GET /things');
    expect(attempt.kind).toBe(3);
    expect(attributesOf(attempt)).toMatchObject({ 'http.request.method': 'GET', 'url.template': '/things' });
    for (const { startTimeUnixNano, endTimeUnixNano } of children) {
      expect(Number(startTimeUnixNano)).toBeLessThanOrEqual(Number(endTimeUnixNano));
      expect(Number(endTimeUnixNano)).toBeLessThanOrEqual(Number(root.endTimeUnixNano) + 2_000_000);
    }
    const sent = provider.seen.findLast(({ path }) => path === '/things');
    expect(sent?.headers.traceparent).toBe(`00-${TRACE}-${root.spanId}-01`);
    expect(asked[0]).toEqual({ path: '/v1/traces', authorization: 'Bearer collector-key' });
  });

  it('names what failed, follows a caller that does not record, and shows nothing that a call carried', async () => {
    const silent = 'a'.repeat(32);
    await call(operator, 'keyed_list_things', { traceparent: `00-${silent}-${SPAN}-00` });
    expect(provider.seen.at(-1)?.headers.traceparent).toMatch(new RegExp(`^00-${silent}-[0-9a-f]{16}-00$`));
    const failing = 'b'.repeat(32);
    provider.twist = ({ path }) => (path === '/things' ? { status: 404, body: {} } : undefined);
    await call(operator, 'keyed_make_thing', { traceparent: `00-${failing}-${SPAN}-01` });
    provider.twist = undefined;
    await call(operator, 'keyed_list_things', { traceparent: 'nonsense' }, { input_that_nothing_may_show: 1 });
    await until(10_000, 'no spans came', () => spansOf(failing).some(({ name }) => name.startsWith('call ')));
    const root = spansOf(failing).find(({ name }) => name.startsWith('call '));
    expect(attributesOf(root)['error.type']).toMatch(/^provider_/);
    expect(spansOf(silent)).toEqual([]);
    const all = JSON.stringify(received);
    for (const secret of [KEY, OWNER, account, 'nothing_may_show', server.operatorKey ?? '', 'collector-key'])
      expect(all).not.toContain(secret);
  });

  it('is not told to providers, and costs nothing, where no collector is set', async () => {
    const client = clientOf(plain.origin, server.operatorKey);
    const count = received.length;
    await call(client, 'keyed_list_things', { traceparent: `00-${'c'.repeat(32)}-${SPAN}-01` });
    expect(provider.seen.at(-1)?.headers.traceparent).toBeUndefined();
    expect(spansOf('c'.repeat(32))).toEqual([]);
    expect(received.length).toBeGreaterThanOrEqual(count);
  });
});
