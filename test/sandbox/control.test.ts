import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createSandbox, type Sandbox } from '../../sandbox/aps/sandbox.ts';
import { createWorld } from '../../sandbox/aps/world.ts';
import { cpuMsOf } from '../support/cpu-time.ts';
import { type Running, startSandbox, tokenRequest } from './client.ts';

let running: Running;
beforeAll(async () => {
  running = await startSandbox({ recordLimit: 5 });
});
afterAll(() => running.stop());
beforeEach(() => {
  running.sandbox.resetRequests();
  running.sandbox.resetSwitches();
});

const put = (path: string, body: unknown) =>
  running.call(path, { method: 'PUT', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });

describe('the control API', () => {
  it('records requests with their credentials masked, and forgets them on demand', async () => {
    await running.call('/authentication/v2/token', tokenRequest({ scope: 'data:read' }));
    const token = await running.token();
    const headers = { authorization: `Bearer ${token}`, 'x-user-id': 'SANDBOXUSER1' };
    await running.call('/project/v1/hubs?filter[name]=x', { headers });
    await running.call('/project/v1/hubs', { headers });
    const log = (await running.call('/_sandbox/requests')).json;
    expect(log).toMatchObject({ count: 4, token_requests: 2, dropped: 0 });
    expect(JSON.stringify(log)).not.toContain(token);
    expect(JSON.stringify(log)).not.toContain(running.sandbox.apps[0]?.clientSecret);
    expect(log.requests[0]).toMatchObject({
      number: 1,
      method: 'POST',
      path: '/authentication/v2/token',
      status: 200,
      form: { grant_type: 'client_credentials', scope: 'data:read', client_secret: expect.stringMatching(/^\*\*\*/) },
    });
    expect(log.requests[2]).toMatchObject({
      path: '/project/v1/hubs?filter[name]=x',
      headers: { authorization: expect.stringMatching(/^Bearer \*\*\*[0-9a-f]{8}$/), 'x-user-id': 'SANDBOXUSER1' },
    });
    expect(log.requests[2]?.headers.authorization).toBe(log.requests[3]?.headers.authorization);
    expect((await running.call('/_sandbox/requests', { method: 'DELETE' })).status).toBe(204);
    expect((await running.call('/_sandbox/requests')).json).toMatchObject({
      count: 0,
      token_requests: 0,
      requests: [],
    });
  });

  it('counts all requests but lists only the latest', async () => {
    for (let index = 0; index < 8; index++) await running.call(`/nowhere/${index}`);
    const log = running.sandbox.requests();
    expect([log.count, log.dropped, log.requests.map((one) => one.path)]).toEqual([
      8,
      3,
      ['/nowhere/3', '/nowhere/4', '/nowhere/5', '/nowhere/6', '/nowhere/7'],
    ]);
  });

  it('sets, shows and clears faults, and never lets a fault meet itself', async () => {
    const set = await put('/_sandbox/faults', { faults: [{ kind: 'status', status: 500, path: '/', times: 1 }] });
    expect(set.json.faults).toMatchObject([{ fault: { kind: 'status' }, hits: 0, remaining: 1 }]);
    expect((await running.call('/_sandbox/faults')).status).toBe(200);
    expect((await running.call('/project/v1/hubs')).status).toBe(500);
    expect((await running.call('/_sandbox/faults')).json.faults).toMatchObject([{ hits: 1, remaining: 0 }]);
    expect((await running.call('/_sandbox/faults', { method: 'DELETE' })).status).toBe(204);
    expect((await running.call('/_sandbox/faults')).json.faults).toEqual([]);
  });

  it('refuses malformed faults and switches, and then changes nothing', async () => {
    await put('/_sandbox/faults', [{ kind: 'latency', ms: 0 }]);
    for (const bad of [
      [{ kind: 'explode' }],
      [{ kind: 'status' }],
      [{ kind: 'latency', ms: 1, tmies: 3 }],
      [null],
      { fault: [] },
      'text',
    ]) {
      expect((await put('/_sandbox/faults', bad)).status).toBe(400);
    }
    expect(running.sandbox.faults()).toHaveLength(1);
    running.sandbox.clearFaults();
    expect((await put('/_sandbox/switches', { provisionned: false })).status).toBe(400);
    expect((await put('/_sandbox/switches', { expires_in: 'soon' })).status).toBe(400);
    expect((await put('/_sandbox/switches', { expires_in: 5 })).json).toMatchObject({
      expires_in: 5,
      provisioned: true,
    });
    expect((await running.call('/_sandbox/switches', { method: 'DELETE' })).json.expires_in).toBe(3599);
    expect((await running.call('/_sandbox/nothing')).status).toBe(404);
    expect((await running.call('/_sandbox/switches', { method: 'POST' })).status).toBe(405);
    const broken = await running.call('/_sandbox/switches', { method: 'PUT', body: '{' });
    expect(broken.status).toBe(400);
  });
});

describe('the simulated data', () => {
  const shape = (seed: string) => {
    const world = createWorld({ seed, usProjects: 3, emeaProjects: 1, largeFolderEntries: 10 });
    const [, emea] = world.hubs;
    const project = emea?.projects[0];
    const tree = project === undefined ? undefined : world.tree(project);
    const flat = tree?.root.children.flatMap((child) => (child.kind === 'folder' ? [child.id, child.name] : []));
    return JSON.stringify([world.hubs.map((hub) => [hub.id, hub.projects.map(({ id, name }) => [id, name])]), flat]);
  };

  it('is the same for the same seed and another for another', () => {
    expect(shape('one')).toBe(shape('one'));
    expect(shape('one')).not.toBe(shape('two'));
  });

  it('is served byte for byte alike by two sandboxes, whatever was asked before', async () => {
    const publicOrigin = 'http://aps.example';
    const [first, second] = await Promise.all([startSandbox({ publicOrigin }), startSandbox({ publicOrigin })]);
    try {
      const project = first.sandbox.world.hubs[0]?.projects[7];
      const folder = encodeURIComponent(project?.rootFolderId ?? '');
      await second.get(`/project/v1/hubs/${project?.hub.id}/projects?page[limit]=3`);
      const path = `/data/v1/projects/${project?.id}/folders/${folder}/contents`;
      const [one, two] = await Promise.all([first.get(path), second.get(path)]);
      expect(one.status).toBe(200);
      expect(one.bytes.equals(two.bytes)).toBe(true);
      expect(one.json.links.self.href).toBe(publicOrigin + path);
    } finally {
      await Promise.all([first.stop(), second.stop()]);
    }
  });
});

describe('the process', () => {
  it('is created in well under 100 ms', async () => {
    const durations: number[] = [];
    for (let index = 0; index < 8; index++) {
      let sandbox: Sandbox | undefined;
      const tookMs = await cpuMsOf(async () => {
        sandbox = createSandbox();
        await sandbox.listen();
      });
      durations.push(tookMs);
      await sandbox?.close();
      await sandbox?.close();
    }
    expect(Math.min(...durations)).toBeLessThan(100);
  });

  it.each(['SIGTERM', 'SIGINT'] as const)(
    'prints one line of JSON when it listens, and ends cleanly on %s',
    async (signal) => {
      const child: ChildProcess = spawn('node', ['sandbox/aps/main.ts', '--port', '0'], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      try {
        if (child.stdout === null) throw new Error('no standard output');
        const lines = createInterface({ input: child.stdout });
        const [line] = await once(lines, 'line');
        const said = JSON.parse(line);
        expect(said).toMatchObject({ client_id: 'sandbox-client', client_secret: expect.any(String) });
        // An open keep-alive connection must not hold it up.
        expect((await fetch(`${said.origin}/project/v1/hubs`)).status).toBe(401);
        child.kill(signal);
        expect(await once(child, 'exit')).toEqual([0, null]);
      } finally {
        child.kill('SIGKILL');
      }
    },
  );
});
