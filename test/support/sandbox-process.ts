import { request } from 'undici';
import type { HubSummary } from '../../sandbox/aps/account-summary.ts';
import type { Fault } from '../../sandbox/aps/faults.ts';
import type { ConsentRequest, OauthControls } from '../../sandbox/aps/oauth-controls.ts';
import type { StorageReport } from '../../sandbox/aps/oss.ts';
import type { RequestLog } from '../../sandbox/aps/recorder.ts';
import type { Switches } from '../../sandbox/aps/switches.ts';
import { startNode } from './node-process.ts';

/** The simulated provider as a process of its own, with its control API. */
export interface SandboxProcess {
  origin: string;
  clientId: string;
  clientSecret: string;
  /** Of an app without a secret. */
  publicClientId: string;
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
  /** Any request of the control API, by its path below `/_sandbox/`; see sandbox/aps/README.md. */
  control(method: 'GET' | 'PUT' | 'DELETE' | 'POST' | 'PATCH', path: string, body?: unknown): Promise<unknown>;
  /** Where a browser would be sent when the person allows what the address asks for (`deny`: refuses it). */
  consent(about: ConsentRequest): Promise<URL>;
  /** What came of each consent, without tokens. */
  grants(): Promise<ReturnType<OauthControls['grants']>>;
  /** Moves the sandbox's time. */
  advanceClock(seconds: number): Promise<void>;
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
    public_client_id: string;
    hubs: SandboxProcess['hubs'];
  };
  const control = async (method: 'GET' | 'PUT' | 'DELETE' | 'POST' | 'PATCH', path: string, body?: unknown) => {
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
    publicClientId: said.public_client_id,
    hubs: said.hubs,
    log: () => control('GET', 'requests'),
    clearLog: () => control('DELETE', 'requests'),
    faults: (faults) => control('PUT', 'faults', { faults }),
    switches: (switches) => control('PUT', 'switches', switches),
    storage: () => control('GET', 'storage'),
    revokeTokens: () => control('POST', 'tokens/revoke_all'),
    world: () => control('GET', 'world'),
    control,
    consent: async (about) => new URL((await control('POST', 'consent', about)).redirect_url),
    grants: () => control('GET', 'grants'),
    advanceClock: (seconds) => control('POST', 'clock', { advance_s: seconds }),
    async reset() {
      await control('DELETE', 'faults');
      await control('DELETE', 'switches');
      await control('DELETE', 'requests');
    },
    stop: () => child.stop(),
  };
}
