import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { createAccounts } from './account-store.ts';
import type { Answer } from './answer.ts';
import { createAnswerCache } from './answer-cache.ts';
import { answerApi } from './api.ts';
import { answerControl, CONTROL_PREFIX } from './control-api.ts';
import { createControls, type SandboxControls } from './controls.ts';
import { DEFAULT_APPS, SANDBOX_CLIENT_ID, SANDBOX_SEED, type SandboxApp } from './defaults.ts';
import { deliver, deliverStream, destroySocket, sendAnswer } from './delivery.ts';
import { Refusal } from './errors.ts';
import { replacementAnswer } from './fault-answers.ts';
import { createFaultRegistry, type Fault } from './faults.ts';
import { createLinks, type Links } from './links.ts';
import { createOauth, type OauthRequest } from './oauth.ts';
import { createAppRegistry } from './oauth-apps.ts';
import { createOauthControls, type OauthControls } from './oauth-controls.ts';
import { createGrantStore } from './oauth-grants.ts';
import { TOKEN_PATH } from './oauth-paths.ts';
import { createServiceAccounts } from './oauth-service-accounts.ts';
import { createOss, type StorageReport } from './oss.ts';
import { createRateLimiter } from './rate-limits.ts';
import { readBody } from './read-body.ts';
import { readHalf } from './read-half.ts';
import { createRecorder } from './recorder.ts';
import { createRouter } from './router.ts';
import { ROUTES } from './routes.ts';
import { createSandboxClock } from './sandbox-clock.ts';
import { createPeople } from './sandbox-people.ts';
import type { Switches } from './switches.ts';
import { grantTypeOf } from './token-endpoint.ts';
import { createTokenIssuer } from './token-issuer.ts';
import { createWebhooks } from './webhook-store.ts';
import { createWorld, type World } from './world.ts';

export interface SandboxOptions {
  apps?: readonly SandboxApp[];
  /** The same seed gives the same hubs, projects, folders, items and versions. */
  seed?: string;
  usProjects?: number;
  emeaProjects?: number;
  largeFolderEntries?: number;
  /** Adds a third hub: a team hub, with `a.` ids and the core extension types. */
  teamHub?: boolean;
  /** What the switches are at the start, and after a reset of them. */
  switches?: Partial<Switches>;
  /** Origin written into hrefs, where clients reach the sandbox by another name than it listens on. */
  publicOrigin?: string;
  /** How many requests are remembered with their headers; all are counted. */
  recordLimit?: number;
  /** Milliseconds since the epoch; with what `advanceClock` adds, decides about token expiry and rate windows. */
  now?: () => number;
}

export interface Sandbox extends SandboxControls, OauthControls {
  /** What the sandbox serves, for tests that want an id without asking for it. */
  readonly world: World;
  /** Those of the start. */
  readonly apps: readonly SandboxApp[];
  /** What was uploaded, part by part. */
  storage(): StorageReport;
  /** `port` 0 (default) takes a free one; `host` is 127.0.0.1 by default. The origin is where it really listens. */
  listen(at?: { port?: number; host?: string }): Promise<{ origin: string }>;
  /** Ends at once, cutting open connections; may be called more than once. */
  close(): Promise<void>;
}

const DEFAULT_US_PROJECTS = 430;
const DEFAULT_EMEA_PROJECTS = 36;
const DEFAULT_LARGE_FOLDER_ENTRIES = 244;
const DEFAULT_RECORD_LIMIT = 2_000;
const MAX_FORM_BYTES = 64 * 1024;
/** Longer than any pause of a client's pool, so that the sandbox is never the one that closes an idle connection. */
const KEEP_ALIVE_MS = 120_000;

/** A simulated provider that is not yet listening. */
export function createSandbox(options: SandboxOptions = {}): Sandbox {
  const trueTime = options.now ?? Date.now;
  const clock = createSandboxClock(trueTime);
  const { now } = clock;
  const apps = options.apps ?? DEFAULT_APPS;
  const world = createWorld({
    seed: options.seed ?? SANDBOX_SEED,
    usProjects: options.usProjects ?? DEFAULT_US_PROJECTS,
    emeaProjects: options.emeaProjects ?? DEFAULT_EMEA_PROJECTS,
    largeFolderEntries: options.largeFolderEntries ?? DEFAULT_LARGE_FOLDER_ENTRIES,
    teamHub: options.teamHub ?? false,
  });
  const issuer = createTokenIssuer(now);
  const faults = createFaultRegistry();
  const recorder = createRecorder(trueTime, options.recordLimit ?? DEFAULT_RECORD_LIMIT);
  const cache = createAnswerCache();
  const limiter = createRateLimiter(now);
  const accounts = createAccounts(world);
  const controls = createControls({
    recorder,
    faults,
    issuer,
    cache,
    world,
    accounts,
    defaultClientId: apps[0]?.clientId ?? SANDBOX_CLIENT_ID,
    initialSwitches: options.switches ?? {},
  });
  const oauthState = {
    apps: createAppRegistry(apps),
    grants: createGrantStore(now, (family) => issuer.revokeFamily(family.id)),
    serviceAccounts: createServiceAccounts(),
    people: createPeople(world, accounts),
    issuer,
  };
  const answerOauth = createOauth({ ...oauthState, limiter, now, switches: controls.switches });
  const allControls = { ...controls, ...createOauthControls({ ...oauthState, world, accounts, cache, clock }) };
  const webhooks = createWebhooks();
  const oss = createOss(world, now);
  const router = createRouter(ROUTES);
  const parts = { world, accounts, webhooks, oss, now, router, issuer, limiter, cache };
  let links: Links = createLinks(options.publicOrigin ?? 'http://localhost');

  const answer = async (request: OauthRequest): Promise<Answer> => {
    const { incoming, path } = request;
    try {
      const { method = '', url = '' } = incoming;
      const switches = controls.switches();
      return await (answerOauth(request) ?? answerApi({ method, url, path, incoming }, { ...parts, links, switches }));
    } catch (error) {
      if (error instanceof Refusal) return error.answer;
      throw error;
    }
  };

  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const url = request.url ?? '/';
    const path = url.split('?', 1)[0] ?? '/';
    if (path.startsWith(CONTROL_PREFIX))
      return sendAnswer(response, await answerControl(request, path, allControls, oss.report));

    if (clock.offsetS() !== 0) response.setHeader('Date', new Date(now()).toUTCString());
    const entry = recorder.begin(request, path === TOKEN_PATH);
    let form: Promise<string | undefined> | undefined;
    const readForm = () => {
      form ??= readBody(request, MAX_FORM_BYTES);
      return form;
    };
    const wantsForm = path === TOKEN_PATH && faults.wantsGrantType();
    const grantType = wantsForm ? grantTypeOf(request.headers, (await readForm()) ?? '') : undefined;
    const { delayMs, lateDelayMs, fault } = faults.take({ method: request.method ?? '', path, grantType });
    if (delayMs > 0) await delay(delayMs, undefined, { ref: false });
    if (fault?.kind === 'huge_body' || fault?.kind === 'gzip_bomb') {
      entry.status = 200;
      return deliverStream(response, fault);
    }
    if (fault !== undefined && cutsAtOnce(fault)) return destroySocket(response);
    if (fault?.kind === 'reset' && fault.at === 'during_body') {
      if (form === undefined) await readHalf(request);
      return destroySocket(response);
    }
    const result =
      (fault && replacementAnswer(fault, now(), path)) ?? (await answer({ incoming: request, path, readForm, entry }));
    if (lateDelayMs > 0) await delay(lateDelayMs, undefined, { ref: false });
    if (fault?.kind !== 'reset') entry.status = result.status;
    return deliver(response, result, fault);
  };

  const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS, noDelay: true }, (request, response) => {
    handle(request, response).catch(() => destroySocket(response));
  });

  return {
    ...allControls,
    world,
    apps,
    storage: oss.report,
    async listen(at = {}) {
      const host = at.host ?? '127.0.0.1';
      await new Promise<void>((resolve, reject) => {
        server.once('error', reject);
        server.listen(at.port ?? 0, host, () => {
          server.off('error', reject);
          resolve();
        });
      });
      const { port } = server.address() as AddressInfo;
      const origin = `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
      links = createLinks(options.publicOrigin ?? origin);
      cache.clear();
      return { origin };
    },
    close() {
      return new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
    },
  };
}

function cutsAtOnce(fault: Fault): boolean {
  return fault.kind === 'reset' && (fault.at === undefined || fault.at === 'before_processing');
}
