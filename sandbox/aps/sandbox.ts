import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { createAccounts } from './account-store.ts';
import { type Answer, jsonAnswer } from './answer.ts';
import { createAnswerCache } from './answer-cache.ts';
import { answerApi } from './api.ts';
import { answerControl, CONTROL_PREFIX } from './control-api.ts';
import { createControls, type SandboxControls } from './controls.ts';
import { SANDBOX_CLIENT_ID, SANDBOX_CLIENT_SECRET, SANDBOX_SEED, type SandboxApp } from './defaults.ts';
import { deliver, deliverStream, destroySocket, sendAnswer } from './delivery.ts';
import { gatewayError, methodRefused, Refusal } from './errors.ts';
import { replacementAnswer } from './fault-answers.ts';
import { createFaultRegistry, type Fault } from './faults.ts';
import { createLinks, type Links } from './links.ts';
import { createOss, type StorageReport } from './oss.ts';
import { createRateLimiter } from './rate-limits.ts';
import { readBody } from './read-body.ts';
import { readHalf } from './read-half.ts';
import { createRecorder, type RecordedEntry } from './recorder.ts';
import { createRouter } from './router.ts';
import { ROUTES } from './routes.ts';
import type { Switches } from './switches.ts';
import { answerToken, TOKEN_PATH } from './token-endpoint.ts';
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
  /** Milliseconds since the epoch; decides about token expiry and rate windows. */
  now?: () => number;
}

export interface Sandbox extends SandboxControls {
  /** What the sandbox serves, for tests that want an id without asking for it. */
  readonly world: World;
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
const MAX_TOKEN_BODY_BYTES = 64 * 1024;
const KEYS_PATH = '/authentication/v2/keys';
/** Published for the token endpoint, per app. */
const TOKENS_PER_MINUTE = 500;
/** Longer than any pause of a client's pool, so that the sandbox is never the one that closes an idle connection. */
const KEEP_ALIVE_MS = 120_000;

/** A simulated provider that is not yet listening. */
export function createSandbox(options: SandboxOptions = {}): Sandbox {
  const now = options.now ?? Date.now;
  const apps = options.apps ?? [{ clientId: SANDBOX_CLIENT_ID, clientSecret: SANDBOX_CLIENT_SECRET }];
  const world = createWorld({
    seed: options.seed ?? SANDBOX_SEED,
    usProjects: options.usProjects ?? DEFAULT_US_PROJECTS,
    emeaProjects: options.emeaProjects ?? DEFAULT_EMEA_PROJECTS,
    largeFolderEntries: options.largeFolderEntries ?? DEFAULT_LARGE_FOLDER_ENTRIES,
    teamHub: options.teamHub ?? false,
  });
  const issuer = createTokenIssuer(now);
  const faults = createFaultRegistry();
  const recorder = createRecorder(now, options.recordLimit ?? DEFAULT_RECORD_LIMIT);
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
  const webhooks = createWebhooks();
  const oss = createOss(world, now);
  const router = createRouter(ROUTES);
  const parts = { world, accounts, webhooks, oss, now, router, issuer, limiter, cache };
  let links: Links = createLinks(options.publicOrigin ?? 'http://localhost');

  const answerTokenRequest = async (request: IncomingMessage, entry: RecordedEntry): Promise<Answer> => {
    if (request.method !== 'POST') throw methodRefused('POST');
    const body = await readBody(request, MAX_TOKEN_BODY_BYTES);
    if (body === undefined) throw gatewayError(413, 'The request body is too large.');
    entry.form = body;
    const switches = controls.switches();
    limiter.count('token', TOKENS_PER_MINUTE, switches.rate_limits);
    return answerToken({ headers: request.headers, body }, { apps, issuer, switches });
  };

  const answer = async (request: IncomingMessage, path: string, entry: RecordedEntry): Promise<Answer> => {
    try {
      if (path === TOKEN_PATH) return await answerTokenRequest(request, entry);
      if (path === KEYS_PATH && request.method === 'GET')
        return jsonAnswer(200, await issuer.jwks(), 'application/json');
      const { method = '', url = '' } = request;
      const switches = controls.switches();
      return await answerApi({ method, url, path, incoming: request }, { ...parts, links, switches });
    } catch (error) {
      if (error instanceof Refusal) return error.answer;
      throw error;
    }
  };

  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const url = request.url ?? '/';
    const path = url.split('?', 1)[0] ?? '/';
    if (path.startsWith(CONTROL_PREFIX))
      return sendAnswer(response, await answerControl(request, path, controls, oss.report));

    const entry = recorder.begin(request, path === TOKEN_PATH);
    const { delayMs, fault } = faults.take(request.method ?? '', path);
    if (delayMs > 0) await delay(delayMs, undefined, { ref: false });
    if (fault?.kind === 'huge_body' || fault?.kind === 'gzip_bomb') {
      entry.status = 200;
      return deliverStream(response, fault);
    }
    if (fault !== undefined && cutsAtOnce(fault)) return destroySocket(response);
    if (fault?.kind === 'reset' && fault.at === 'during_body') {
      await readHalf(request);
      return destroySocket(response);
    }
    const result = (fault && replacementAnswer(fault, now(), path)) ?? (await answer(request, path, entry));
    if (fault?.kind !== 'reset') entry.status = result.status;
    return deliver(response, result, fault);
  };

  const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS, noDelay: true }, (request, response) => {
    handle(request, response).catch(() => destroySocket(response));
  });

  return {
    ...controls,
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
