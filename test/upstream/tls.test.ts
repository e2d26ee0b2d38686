import { execFileSync } from 'node:child_process';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import tls from 'node:tls';
import { describe, expect, it, onTestFinished } from 'vitest';
import { attemptLog, openDoor, problemOf, read, sending, write } from './support.ts';

/** A certificate for secure.test that signs itself, made with the machine's openssl; undefined where there is none. */
function selfSigned(): { key: string; cert: string } | undefined {
  const request = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2'];
  const names = ['-subj', '/CN=secure.test', '-addext', 'subjectAltName=DNS:secure.test'];
  try {
    const stdio = ['ignore', 'pipe', 'ignore'] as ['ignore', 'pipe', 'ignore'];
    const pem = execFileSync('openssl', [...request, ...names, '-keyout', '-', '-out', '-'], {
      encoding: 'utf8',
      stdio,
    });
    const at = pem.indexOf('-----BEGIN CERTIFICATE');
    return at > 0 ? { key: pem.slice(0, at), cert: pem.slice(at) } : undefined;
  } catch {
    return undefined;
  }
}

const identity = selfSigned();

async function secureUpstream() {
  const server = createServer({ ...identity, ALPNProtocols: ['h2', 'http/1.1'] }, (_request, response) => {
    response.end('secure');
  });
  let handshakes = 0;
  let requests = 0;
  server.on('connection', () => {
    handshakes += 1;
  });
  server.on('request', () => {
    requests += 1;
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { port, handshakes: () => handshakes, requests: () => requests };
}

const toLoopback = async () => [{ address: '127.0.0.1', family: 4 }];

describe.skipIf(!identity)('over TLS', () => {
  it('a certificate that nobody vouches for ends the call, once, before anything is sent', async () => {
    const upstream = await secureUpstream();
    const request = write(`https://secure.test:${upstream.port}/`);
    const log = attemptLog();
    const sent = openDoor({ lookup: toLoopback }).send(request, sending(request, { onAttempt: log.onAttempt }));
    expect((await problemOf(sent)).code).toBe('provider_unreachable');
    expect(log.attempts.map((attempt) => attempt.error)).toEqual(['DEPTH_ZERO_SELF_SIGNED_CERT']);
    expect(upstream.requests()).toBe(0);
  });

  it('a trusted provider is reached under its name, and no other name', async () => {
    const before = tls.getCACertificates('default');
    tls.setDefaultCACertificates([...before, identity?.cert ?? '']);
    onTestFinished(() => tls.setDefaultCACertificates(before));
    const upstream = await secureUpstream();
    const door = openDoor({ lookup: toLoopback });

    const request = read(`https://secure.test:${upstream.port}/`);
    expect((await door.send(request, sending(request))).body.toString()).toBe('secure');
    const other = read(`https://other.test:${upstream.port}/`);
    const log = attemptLog();
    const refused = await problemOf(door.send(other, sending(other, { onAttempt: log.onAttempt })));
    expect(refused.code).toBe('provider_unreachable');
    expect(log.attempts.map((attempt) => attempt.error)).toEqual(['ERR_TLS_CERT_ALTNAME_INVALID']);

    // A host header would change the name that TLS asks for, and so the certificate that is believed.
    const disguised = read(`https://other.test:${upstream.port}/`, { headers: { host: 'secure.test' } });
    expect((await problemOf(door.send(disguised, sending(disguised)))).code).toBe('provider_unreachable');
    expect(upstream.requests()).toBe(1);
  });
});
