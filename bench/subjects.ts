import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { actionUrl, startCorbel } from './corbel.ts';
import type { LoadRequest } from './load.ts';
import { jsonLineWith, start } from './processes.ts';
import { type Sandbox, sandboxToken } from './sandbox.ts';

/** What is measured: a server and the call that makes it list projects. */
export interface Subject {
  id: SubjectId;
  label: string;
  /** Undefined where the processor time is not of interest. */
  pid: number | undefined;
  /** The same list of the same hub, whoever is asked. */
  call(items: number): LoadRequest;
  stop(): Promise<void>;
}

export type SubjectId = 'corbel' | 'undici' | 'sdk' | 'direct';

/** Starts everything that is compared. `opened` is told of each process at once, so that none outlives a failure. */
export async function startSubjects(
  sandbox: Sandbox,
  directory: string,
  opened: (running: { stop(): Promise<void> }) => void,
): Promise<Subject[]> {
  const corbel = await startCorbel({
    sandbox,
    dataDirectory: join(directory, 'data'),
    connectorsDirectory: join(directory, 'connectors'),
    outputFile: join(directory, 'corbel.log'),
  });
  opened(corbel);
  const key = randomBytes(32).toString('base64url');
  const handler = async (id: SubjectId, label: string, program: string): Promise<Subject> => {
    const running = await start(
      {
        program,
        outputFile: join(directory, `${id}.log`),
        environment: {
          BENCH_PROVIDER_ORIGIN: sandbox.origin,
          BENCH_CLIENT_ID: sandbox.clientId,
          BENCH_CLIENT_SECRET: sandbox.clientSecret,
          BENCH_KEY: key,
        },
      },
      jsonLineWith('origin'),
    );
    opened(running);
    const url = `${running.found.origin}/projects`;
    return { id, label, pid: running.pid, stop: running.stop, call: (items) => post(url, key, listBody(items)) };
  };
  const listBody = (items: number) => ({ hub_id: sandbox.hub, page_size: items });
  const token = await sandboxToken(sandbox);

  return [
    {
      id: 'corbel',
      label: 'Corbel',
      pid: corbel.pid,
      stop: corbel.stop,
      call: (items) => post(actionUrl(corbel.origin), corbel.key, listBody(items), { 'x-account-id': corbel.account }),
    },
    await handler('undici', '(a) by hand: Fastify + undici', 'bench/handler/undici-server.ts'),
    await handler('sdk', "(b) by hand: Fastify + Autodesk's SDK", 'bench/handler/sdk-server.ts'),
    {
      id: 'direct',
      label: 'the sandbox itself',
      pid: undefined,
      stop: async () => {},
      call: (items) => ({
        url: `${sandbox.origin}/project/v1/hubs/${sandbox.hub}/projects?page[number]=0&page[limit]=${items}`,
        method: 'GET',
        headers: { authorization: `Bearer ${token}` },
      }),
    },
  ];
}

function post(url: string, key: string, body: object, headers: Record<string, string> = {}): LoadRequest {
  return {
    url,
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  };
}
