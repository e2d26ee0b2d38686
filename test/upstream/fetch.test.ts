import { gzipSync } from 'node:zlib';
import {
  allowInsecureRequests,
  ClientSecretBasic,
  Configuration,
  clientCredentialsGrant,
  customFetch,
} from 'openid-client';
import { describe, expect, it } from 'vitest';
import { Problem } from '../../src/problems.ts';
import { doorFetch } from '../../src/upstream/fetch.ts';
import type { SendOptions } from '../../src/upstream/types.ts';
import { httpUpstream, openDoor, problemOf } from './support.ts';

const optionsFor =
  (origin: string, more: Partial<SendOptions> = {}) =>
  (): SendOptions => ({
    allowedOrigins: new Set([origin]),
    deadlineAt: Date.now() + 5_000,
    maxResponseBytes: 64 * 1024,
    retry: 'unsent',
    ...more,
  });

const POST = { method: 'POST', headers: {}, redirect: 'manual' } as const;

describe('openid-client through the door', () => {
  it('obtains a token, compressed or not', async () => {
    let form = '';
    const upstream = await httpUpstream(async (request, response) => {
      for await (const chunk of request) form += chunk;
      response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' });
      response.end(gzipSync('{"access_token":"t","token_type":"Bearer","expires_in":3599}'));
    });
    const server = { issuer: upstream.origin, token_endpoint: `${upstream.origin}/token` };
    const configuration = new Configuration(server, 'id', undefined, ClientSecretBasic('secret'));
    allowInsecureRequests(configuration);
    configuration[customFetch] = doorFetch(openDoor(), optionsFor(upstream.origin));

    const tokens = await clientCredentialsGrant(configuration, { scope: 'data:read' });
    expect(tokens.access_token).toBe('t');
    expect(new URLSearchParams(form).get('grant_type')).toBe('client_credentials');
    expect(upstream.requests[0]?.headers).toMatchObject({
      authorization: `Basic ${Buffer.from('id:secret').toString('base64')}`,
      'content-type': expect.stringContaining('application/x-www-form-urlencoded'),
      'accept-encoding': 'gzip',
    });
  });

  it('gets the door’s problems as the cause of its own errors', async () => {
    const server = { issuer: 'https://10.0.0.1', token_endpoint: 'https://10.0.0.1/token' };
    const configuration = new Configuration(server, 'id', 'secret');
    configuration[customFetch] = doorFetch(openDoor(), optionsFor('https://10.0.0.1'));
    const error = await clientCredentialsGrant(configuration).catch((thrown: Error) => thrown);
    expect((error as Error).cause).toBeInstanceOf(Problem);
    expect(((error as Error).cause as Problem).code).toBe('host_refused');
  });
});

describe('the fetch adapter', () => {
  it('gives the decoded body without the headers that described the wire', async () => {
    const upstream = await httpUpstream((_request, response) => {
      response.writeHead(200, { 'content-encoding': 'gzip', 'x-request-id': 'r1' }).end(gzipSync('plain'));
    });
    const send = doorFetch(openDoor(), optionsFor(upstream.origin));
    const response = await send(upstream.origin, { ...POST, body: new Uint8Array([1, 2]) });
    expect(await response.text()).toBe('plain');
    expect(response.headers.get('content-encoding')).toBeNull();
    expect(response.headers.get('content-length')).toBeNull();
    expect(response.headers.get('x-request-id')).toBe('r1');
  });

  it('gives answers that have no body', async () => {
    const upstream = await httpUpstream((_request, response) => response.writeHead(204).end());
    const response = await doorFetch(openDoor(), optionsFor(upstream.origin))(upstream.origin, { ...POST, body: null });
    expect(response.status).toBe(204);
  });

  it('refuses redirects, and statuses that a Response cannot have', async () => {
    const upstream = await httpUpstream((request, response) => {
      response.writeHead(request.url === '/odd' ? 799 : 302, { location: '/elsewhere' }).end();
    });
    const send = doorFetch(openDoor(), optionsFor(upstream.origin));
    const redirected = await problemOf(send(`${upstream.origin}/token`, { ...POST, body: 'a=b' }));
    expect(redirected.code).toBe('provider_redirect_refused');
    const odd = await problemOf(send(`${upstream.origin}/odd`, { ...POST, body: 'a=b' }));
    expect(odd.code).toBe('provider_response_invalid');
  });

  it('is ended by the request’s own signal as well as by the options’', async () => {
    const upstream = await httpUpstream(() => {});
    for (const side of ['request', 'options']) {
      const ending = new AbortController();
      const more = side === 'options' ? { signal: ending.signal } : {};
      const send = doorFetch(openDoor(), optionsFor(upstream.origin, more));
      const sent = send(upstream.origin, { ...POST, body: null, ...(side === 'request' && { signal: ending.signal }) });
      setTimeout(() => ending.abort(new Error(side)), 50);
      await expect(sent).rejects.toThrow(side);
    }
  });
});
