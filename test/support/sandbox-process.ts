import { request } from 'undici';
import type { HubSummary } from '../../sandbox/aps/account-summary.ts';
import type { Fault } from '../../sandbox/aps/faults.ts';
import type { StorageReport } from '../../sandbox/aps/oss.ts';
import type { RequestLog } from '../../sandbox/aps/recorder.ts';
import type { Switches } from '../../sandbox/aps/switches.ts';
import { startNode } from './node-process.ts';

/** The simulated provider as a process of its own, with its control API. */
export interface SandboxProcess {
  origin: string;
  clientId: string;
  clientSecret: string;
  hubs: { id: string; region: string }[];
  log(): Promise<RequestLog>;
  clearLog(): Promise<void>;
  faults(faults: Fault[]): Promise<void>;
  switches(switches: Partial<Switches>): Promise<void>;
  /** What was uploaded, part by part. */
  storage(): Promise<StorageReport>;
  revokeTokens(): Promise<void>;
  /** Seeded ids by their use. */
  world(): Promise<{ hubs: HubSummary[] }>;
  /** No faults, initial switches, empty log. */
  reset(): Promise<void>;
  stop(): Promise<unknown>;
}

/** With `--team-hub` in `options` there is a third hub, whose ids begin with `a.`. */
export async function startSandboxProcess(options: readonly string[] = []): Promise<SandboxProcess> {
  const child = startNode('sandbox/aps/main.ts', ['--port', '0', ...options]);
  const said = (await child.record((record) => typeof record.origin === 'string')) as {
    origin: string;
    client_id: string;
    client_secret: string;
    hubs: SandboxProcess['hubs'];
  };
  const control = async (method: 'GET' | 'PUT' | 'DELETE' | 'POST', path: string, body?: unknown) => {
    const response = await request(`${said.origin}/_sandbox/${path}`, {
      method,
      ...(body !== undefined && { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    });
    const text = await response.body.text();
    if (response.statusCode >= 300) throw new Error(`sandbox control ${method} ${path}: ${text}`);
    return text === '' ? undefined : JSON.parse(text);
  };
  return {
    origin: said.origin,
    clientId: said.client_id,
    clientSecret: said.client_secret,
    hubs: said.hubs,
    log: () => control('GET', 'requests'),
    clearLog: () => control('DELETE', 'requests'),
    faults: (faults) => control('PUT', 'faults', { faults }),
    switches: (switches) => control('PUT', 'switches', switches),
    storage: () => control('GET', 'storage'),
    revokeTokens: () => control('POST', 'tokens/revoke_all'),
    world: () => control('GET', 'world'),
    async reset() {
      await control('DELETE', 'faults');
      await control('DELETE', 'switches');
      await control('DELETE', 'requests');
    },
    stop: () => child.stop(),
  };
}
