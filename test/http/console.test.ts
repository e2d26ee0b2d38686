import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliCompressSync } from 'node:zlib';
import Fastify, { type FastifyInstance } from 'fastify';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { consoleRoutes } from '../../src/http/console.ts';
import { answerWithProblems } from '../../src/http/problem-responses.ts';
import { systemRandom } from '../../src/random.ts';

const INDEX = `<meta name="corbel-base" content="__CORBEL_BASE__"><meta name="corbel-nonce" content="__CORBEL_NONCE__">
<script type="module" src="./assets/index-abc.js"></script>`;
const SCRIPT = 'console'.repeat(1_000);

describe('the console as it is served', () => {
  let directory: string;
  let app: FastifyInstance;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'corbel-console-'));
  });
  afterEach(async () => {
    await app.close();
    await rm(directory, { recursive: true });
  });

  async function serve(publicUrl?: string): Promise<void> {
    app = Fastify();
    answerWithProblems(app, pino({ level: 'silent' }));
    const url = publicUrl === undefined ? undefined : new URL(publicUrl);
    await app.register(async (scope) => consoleRoutes(scope, { random: systemRandom, publicUrl: url, directory }));
  }
  async function build(): Promise<void> {
    await mkdir(join(directory, 'assets'));
    await writeFile(join(directory, 'index.html'), INDEX);
    await writeFile(join(directory, 'assets/index-abc.js'), SCRIPT);
    await writeFile(join(directory, 'assets/index-abc.js.br'), brotliCompressSync(SCRIPT));
  }
  const get = (url: string, headers = {}) => app.inject({ url, headers });

  it('gives the page wherever its router leads, and for public guides', async () => {
    await build();
    await serve();
    for (const url of ['/console', '/console/', '/console/accounts/acc_1', '/guides/somewhere/two_legged']) {
      const answer = await get(url);
      expect(answer.statusCode).toBe(200);
      expect(answer.headers['content-type']).toBe('text/html; charset=utf-8');
      expect(answer.headers['cache-control']).toBe('no-store');
      expect(answer.body).toContain('src="/console/assets/index-abc.js"');
    }
  });

  it('allows scripts of its own only, and styles with the nonce of this one answer', async () => {
    await build();
    await serve();
    const nonces = new Set<string>();
    for (const url of ['/console', '/console']) {
      const { headers, body } = await get(url);
      const policy = String(headers['content-security-policy']);
      const [, nonce = ''] = /style-src 'self' 'nonce-([\w-]{22})'/.exec(policy) ?? [];
      expect(body).toContain(`content="${nonce}"`);
      nonces.add(nonce);
      expect(policy).toContain("default-src 'none'; script-src 'self';");
      expect(policy).toContain("frame-ancestors 'none'");
      expect(headers).toMatchObject({ 'referrer-policy': 'no-referrer', 'cross-origin-opener-policy': 'same-origin' });
    }
    expect(nonces.size).toBe(2);
  });

  it('names its files below the path of the public URL', async () => {
    await build();
    await serve('https://example.com/connect/');
    const { body } = await get('/console');
    expect(body).toContain('src="/connect/console/assets/index-abc.js"');
    expect(body).toContain('name="corbel-base" content="/connect"');
  });

  it('gives files for ever and compressed, and none from elsewhere', async () => {
    await build();
    await serve();
    const compressed = await get('/console/assets/index-abc.js', { 'accept-encoding': 'gzip, br' });
    expect(compressed.headers).toMatchObject({
      'content-encoding': 'br',
      'content-type': 'application/javascript; charset=utf-8',
      'cache-control': 'public, max-age=31536000, immutable',
      vary: 'accept-encoding',
    });
    const plain = await get('/console/assets/index-abc.js');
    expect(plain.headers['content-encoding']).toBeUndefined();
    expect(plain.body).toBe(SCRIPT);
    for (const url of [
      '/console/assets/none.js',
      '/console/assets/..%2findex.html',
      '/console/assets/%2e%2e/index.html',
    ]) {
      const answer = await get(url);
      expect(answer.body).not.toContain('__CORBEL');
      expect([200, 403, 404]).toContain(answer.statusCode);
    }
    for (const url of [
      '/console/assets/none.js',
      '/console/assets/',
      '/console/assets/%00',
      '/console/assets//etc/passwd',
      '/console/assets/..%5cindex.html',
    ])
      expect([url, (await get(url)).statusCode]).toEqual([url, 404]);
    for (const range of ['bytes=0-9', 'bytes=999999999-', 'bytes=9-1', 'x'])
      expect((await get('/console/assets/index-abc.js', { range })).statusCode).toBe(200);
  });

  it('is where the root leads, below the path of the public URL', async () => {
    await build();
    await serve('https://example.com/connect/');
    const answer = await get('/?next=//evil.example');
    expect([answer.statusCode, answer.headers.location]).toEqual([302, '/connect/console']);
  });

  it('says which command builds it where it is not built, and gives it once it is', async () => {
    await serve();
    const missing = await get('/console');
    expect(missing.statusCode).toBe(503);
    expect(missing.body).toContain('npm run build:console');
    await build();
    expect((await get('/console')).statusCode).toBe(200);
    expect((await get('/console/assets/index-abc.js')).statusCode).toBe(200);
  });
});
