import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type AnyJson, clientOf } from '../support/client.ts';
import { noConnectors } from '../support/connectors.ts';
import { type NodeProcess, startNode } from '../support/node-process.ts';
import { onBothStores, printedKeys, type Server, type StoreOfTest, startServer } from '../support/server.ts';

const KEY = /ck_[0-9A-Za-z]{22}_[0-9A-Za-z]{22}_[0-9A-Za-z]{43}/g;

onBothStores('the first start', (open) => {
  let store: StoreOfTest;
  let processes: NodeProcess[];
  beforeEach(async () => {
    store = await open();
    store.env.CORBEL_CONNECTORS_DIR = await noConnectors();
    processes = [];
  });
  afterEach(async () => {
    await Promise.all(processes.map((one) => one.stop('SIGKILL')));
    await store.remove();
  });

  const start = async (): Promise<Server> => {
    const server = await startServer(store.env);
    processes.push(server);
    return server;
  };
  const corbel = async (command: string, env: Record<string, string> = store.env) => {
    const child = startNode('src/cli/corbel.ts', command.split(' '), env);
    processes.push(child);
    return { ...(await child.ended), stdout: child.stdout(), stderr: child.stderr() };
  };
  const projectsOf = async (server: Server, key: string | undefined): Promise<AnyJson> =>
    (await clientOf(server.origin, key).get('/projects')).json.data;

  /** `corbel keys operator` gives who holds the encryption key further operator keys, and nobody else. */
  async function makesFurtherKeys(server: Server, printed: string | undefined): Promise<void> {
    const { code, stdout, stderr } = await corbel('keys operator');
    expect(stderr).toBe('');
    expect(code).toBe(0);
    expect(stdout.trim()).toMatch(new RegExp(`^${KEY.source}$`));
    expect(stdout.trim()).not.toBe(printed);
    expect(await projectsOf(server, stdout.trim())).toHaveLength(1);

    const refused = await corbel('keys operator', {
      ...store.env,
      CORBEL_ENCRYPTION_KEYS: `k1:${Buffer.alloc(32, 7).toString('base64')}`,
    });
    expect([refused.code, refused.stdout]).toEqual([3, '']);
    expect(refused.stderr).toMatch(/^The encryption keys are refused/);
  }

  it('prints a working operator key once, a restart prints none, and `corbel keys operator` makes further ones', async () => {
    const before = await corbel('keys operator');
    expect(before.code).toBe(3);
    expect(before.stderr).toMatch(/start the server once/);
    expect(before.stdout).toBe('');

    const first = await start();
    const output = first.stdout() + first.stderr();
    expect(output.match(KEY)).toEqual([first.operatorKey]);
    expect(await projectsOf(first, first.operatorKey)).toMatchObject([{ root: true, name: 'default' }]);
    expect(await first.stop()).toEqual({ code: 0, signal: null });

    const second = await start();
    expect(`${second.stdout()}${second.stderr()}`).not.toMatch(KEY);
    expect(await projectsOf(second, first.operatorKey)).toHaveLength(1);
    await makesFurtherKeys(second, first.operatorKey);
  });

  it('prints one key when several processes start at once', async () => {
    const servers = await Promise.all([start(), start(), start()]);
    const keys = servers.flatMap((server) => printedKeys(server.stdout()));
    expect(keys).toHaveLength(1);
    for (const server of servers) expect(await projectsOf(server, keys[0])).toHaveLength(1);
  });

  it('locks nobody out when the process is killed on the way', async () => {
    const keys: string[] = [];
    // The same code does it on every store: that it begins and ends is enough to see on the second.
    for (const afterMs of store.kind === 'sqlite' ? [200, 300, 400, 550] : [250, 450]) {
      const child = startNode('src/main.ts', [], { CORBEL_PORT: '0', ...store.env });
      processes.push(child);
      await delay(afterMs);
      await child.stop('SIGKILL');
      keys.push(...printedKeys(child.stdout()));
    }
    const server = await start();
    keys.push(...printedKeys(server.stdout()));
    expect(keys.length).toBeGreaterThan(0);
    expect(await projectsOf(server, keys.at(-1))).toHaveLength(1);
  });
});
