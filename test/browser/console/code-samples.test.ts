import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { samplesOf } from '../../../console/src/pages/try-it/code-samples.ts';

const run = promisify(execFile);

// What ends a text, starts an expression, or turns the text around, somewhere.
const HOSTILE = [
  `'"\`$(touch owned)\${process.exit(9)}\\`,
  '@/etc/passwd',
  '-o owned',
  '\r\nx-injected: yes',
  '{a,b}[1-9]%s%%\n#',
  '\u202e\u2066right to left\u2069\u2028',
  '</script><!--',
  "''' \"\"\" \\'",
  '日本語 🏗️ \ud800',
];
const INPUTS = {
  ...Object.fromEntries(HOSTILE.map((text, index) => [`text_${index}`, text])),
  'a key\'s "name"': [true, false, null, 1.5e21, -0.25, { nested: HOSTILE }, [], {}],
};

interface Received {
  method: string | undefined;
  url: string | undefined;
  headers: IncomingMessage['headers'];
  body: string;
}

describe('the same call in code', () => {
  let directory: string;
  let server: Server;
  let received: Received[] = [];
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'corbel-samples-'));
    server = createServer(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const { method, url, headers } = request;
      received.push({ method, url, headers, body: Buffer.concat(chunks).toString('utf8') });
      response.setHeader('content-type', 'application/json').end('{"data":"answered"}');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });
  afterAll(async () => {
    server?.closeAllConnections();
    server?.close();
    await rm(directory, { recursive: true, force: true });
  });

  const RUN = {
    curl: (code: string) => run('sh', ['-c', `${code} --silent --show-error`], options()),
    typescript: async (code: string) => {
      await writeFile(join(directory, 'sample.mts'), code);
      return run(process.execPath, ['sample.mts'], options());
    },
    python: (code: string) => run('python3', ['-c', code], options()),
  };
  const options = () => ({ cwd: directory, env: { ...process.env, CORBEL_KEY: 'ck_test' }, timeout: 15_000 });

  async function receivedFrom(
    id: keyof typeof RUN,
    call: Parameters<typeof samplesOf>[0],
  ): Promise<Received | undefined> {
    const code = samplesOf(call).find((sample) => sample.id === id)?.code ?? '';
    expect(code).not.toMatch(/[\u202a-\u202e\u2066-\u2069\u2028]/);
    received = [];
    const { stdout } = await RUN[id](code).catch((error: { code?: string }) => {
      // Not every machine has curl and Python; what is there is tried.
      if (error.code === 'ENOENT') return { stdout: '' };
      throw error;
    });
    if (stdout === '') return undefined;
    expect(stdout).toContain('answered');
    expect(received).toHaveLength(1);
    return received[0];
  }
  const url = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}/actions/some_action`;

  it('has nothing in it that a terminal would obey when it is pasted there', () => {
    const paste = '\x1b[201~\u009b201~\x03touch owned';
    const inputs = { [paste]: paste };
    for (const file of [undefined, paste])
      for (const { code } of samplesOf({ url: `${url()}?${paste}`, account: paste, inputs, file }))
        expect(code).not.toMatch(/(?![\t\n])\p{Cc}/u);
  });

  for (const id of ['curl', 'typescript', 'python'] as const) {
    it(`sends exactly the inputs, whatever they are (${id})`, async () => {
      const got = await receivedFrom(id, { url: url(), account: 'acc_1', inputs: INPUTS, file: undefined });
      if (!got) return;
      expect(got).toMatchObject({ method: 'POST', url: '/actions/some_action' });
      expect(got.headers).toMatchObject({ authorization: 'Bearer ck_test', 'x-account-id': 'acc_1' });
      expect(got.headers['content-type']).toBe('application/json');
      expect(got.headers['x-injected']).toBeUndefined();
      expect(JSON.parse(got.body)).toEqual(INPUTS);
    });

    it(`sends a file by its name, whatever it is (${id})`, async () => {
      for (const file of [`-it's {a,b} $(x) "[1].bin`, 'plain.bin']) {
        await writeFile(join(directory, file), `content of ${file}`);
        const query = new URLSearchParams({ name: HOSTILE.slice(0, 8).join(' ') }).toString();
        const got = await receivedFrom(id, { url: `${url()}?${query}`, account: 'acc_1', inputs: {}, file });
        if (!got) return;
        expect(got.url).toBe(`/actions/some_action?${query}`);
        expect(got.headers['content-type']).toBe('application/octet-stream');
        expect(got.headers['content-length']).toBe(String(Buffer.byteLength(got.body)));
        expect(got.body).toBe(`content of ${file}`);
      }
    });
  }
});
