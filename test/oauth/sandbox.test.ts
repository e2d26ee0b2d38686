import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { requestAppToken } from '../../src/oauth/token-endpoint.ts';
import { Secret } from '../../src/secret.ts';
import type { Door } from '../../src/upstream/types.ts';
import { makeDoor, testClock } from './support/fixture.ts';

let sandbox: ChildProcess;
let about: { origin: string; client_id: string; client_secret: string };
let door: Door;

beforeAll(async () => {
  const program = new URL('../../sandbox/aps/main.ts', import.meta.url).pathname;
  sandbox = spawn(process.execPath, [program], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line]: Buffer[] = sandbox.stdout ? await once(sandbox.stdout, 'data') : [];
  about = JSON.parse(String(line));
  door = makeDoor();
});
afterAll(async () => {
  sandbox.kill('SIGKILL');
  await door.close();
});

describe('against the sandbox in a process of its own, a client credentials request', () => {
  it.each(['client_secret_basic', 'client_secret_post'] as const)(
    'with %s gives a token that is accepted',
    async (way) => {
      const { token, expiresAt, obtainedAt } = await request({ way });
      expect(expiresAt - obtainedAt).toBe(3_539_000);
      const hubs = await fetch(`${about.origin}/project/v1/hubs`, {
        headers: { authorization: `Bearer ${token.reveal()}` },
      });
      expect(hubs.status).toBe(200);
    },
  );

  it.each(['rfc6749', 'gateway'])('is refused with the right code when errors have the shape %s', async (shape) => {
    await fetch(`${about.origin}/_sandbox/switches`, {
      method: 'PUT',
      body: JSON.stringify({ token_error_shape: shape }),
    });
    await expect(request({ secret: 'wrong' })).rejects.toMatchObject({ code: 'token_client_rejected' });
    await expect(request({ scopes: ['data:raed'] })).rejects.toMatchObject({ code: 'token_scope_rejected' });
    await expect(request({ scopes: [] })).rejects.toMatchObject({
      code: expect.stringMatching(/^token_\w+_rejected$/),
    });
  });
});

function request(changes: { way?: 'client_secret_basic' | 'client_secret_post'; secret?: string; scopes?: string[] }) {
  const clock = testClock();
  const url = new URL('/authentication/v2/token', about.origin);
  return requestAppToken(
    { door, clock },
    {
      endpoint: { url, clientAuthentication: changes.way ?? 'client_secret_basic' },
      clientId: about.client_id,
      clientSecret: new Secret(changes.secret ?? about.client_secret),
      scopes: changes.scopes ?? ['data:read'],
      allowedOrigins: new Set([about.origin]),
      deadlineAt: clock.now() + 5_000,
    },
  );
}
