import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import type { Audit } from './audit/audit.ts';
import type { Clock } from './clock.ts';
import type { Registry } from './connector/connector.ts';
import type { LoadStatus } from './connector/registry.ts';
import { newRequestId } from './domain/ids.ts';
import { createDiagnosis } from './engine/diagnose.ts';
import { createEngine } from './engine/execute.ts';
import { createProfileTest } from './engine/profile-test.ts';
import type { Events } from './events/events.ts';
import { accountCredentialRoutes } from './http/account-credential.ts';
import { accountRoutes } from './http/accounts.ts';
import { actionSourceRoute } from './http/action-source.ts';
import { actionRoutes } from './http/actions.ts';
import { apiKeyRoutes } from './http/api-keys.ts';
import { auditRoutes } from './http/audit.ts';
import { auditRequests } from './http/audited-requests.ts';
import { requireKeys } from './http/authentication.ts';
import { limitBodyTime } from './http/body-deadline.ts';
import { logRequests } from './http/call-log.ts';
import { catalogueRoutes } from './http/catalogue.ts';
import { connectorProfileRoutes } from './http/connector-profiles.ts';
import { connectorStatusRoute } from './http/connector-status.ts';
import { consoleRoutes } from './http/console.ts';
import { consoleSessionRoutes } from './http/console-session.ts';
import { diagnosisRoutes } from './http/diagnosis.ts';
import { finishCallsBeforeClose } from './http/draining.ts';
import { guideRoutes } from './http/guides.ts';
import { acceptJson, checkBodies } from './http/json-body.ts';
import { linkRoutes } from './http/link-routes.ts';
import { machineRoutes } from './http/machines.ts';
import { metricsRoute } from './http/metrics.ts';
import { overviewRoute } from './http/overview.ts';
import { answerWithProblems, problemOf, rawProblem, sendProblem } from './http/problem-responses.ts';
import { projectRoutes } from './http/projects.ts';
import { recordCalls } from './http/recorded-calls.ts';
import { requestRoutes } from './http/requests.ts';
import { createSessionCookie } from './http/session-cookie.ts';
import { webhookEndpointRoutes } from './http/webhook-endpoints.ts';
import { createProviderOAuth } from './link/provider-oauth.ts';
import { createPublicAddress } from './link/public-address.ts';
import type { Grants } from './oauth/grants.ts';
import type { TokenBroker } from './oauth/token-broker.ts';
import type { Random } from './random.ts';
import type { RequestLog } from './request-log/request-log.ts';
import type { MetricsAccess } from './settings.ts';
import type { RecordCache } from './store/record-cache.ts';
import type { Store } from './store/store.ts';
import type { Metrics } from './telemetry/metrics.ts';
import type { UsageWriter } from './telemetry/usage-writer.ts';
import type { AddressGuard } from './upstream/address-guard.ts';
import type { RateBudgets } from './upstream/rate-budgets.ts';
import type { Door } from './upstream/types.ts';
import type { Vault } from './vault/vault.ts';

export interface ServerDependencies {
  store: Store;
  cache: RecordCache;
  vault: Vault;
  broker: TokenBroker;
  grants: Grants;
  events: Events;
  /** Which addresses may be called. */
  guard: AddressGuard;
  requestLog: RequestLog;
  /** Undefined: nothing is counted for machines. */
  metrics: Metrics | undefined;
  metricsAccess: MetricsAccess;
  usage: UsageWriter;
  audit: Audit;
  door: Door;
  registry: () => Registry;
  loadStatus: () => LoadStatus;
  connectorsDirectory: string;
  clock: Clock;
  random: Random;
  logger: Logger;
  draining: () => boolean;
  /** Undefined: http at the address listened on. */
  publicUrl: URL | undefined;
  /** Proxies whose X-Forwarded-For is believed. */
  trustedProxies: readonly string[];
  bodyLimitBytes: number;
  fileLimitBytes: number;
  budgets: RateBudgets;
  version: string;
}

// A caller that takes longer to send the head of its request is broken or hostile (slow loris).
const HEADERS_TIMEOUT_MS = 15_000;
// Longer than common load balancers keep idle connections, so that they close first and never race a request.
const KEEP_ALIVE_TIMEOUT_MS = 72_000;
// Version URNs of providers run over 100 characters once encoded.
const MAX_PARAM_LENGTH = 512;

/** The HTTP surface, unstarted. */
export function buildServer(dependencies: ServerDependencies): FastifyInstance {
  const { store, cache, vault, random, clock, logger, registry, broker } = dependencies;
  const app = Fastify({
    bodyLimit: dependencies.bodyLimitBytes,
    // A large file may take hours: see limitBodyTime for what watches bodies instead.
    requestTimeout: 0,
    http: { headersTimeout: HEADERS_TIMEOUT_MS },
    keepAliveTimeout: KEEP_ALIVE_TIMEOUT_MS,
    // Only once the calls under way are finished: see finishCallsBeforeClose.
    forceCloseConnections: true,
    return503OnClosing: false,
    genReqId: () => newRequestId(random, clock.now()),
    requestIdHeader: false,
    trustProxy: dependencies.trustedProxies.length > 0 && [...dependencies.trustedProxies],
    routerOptions: { maxParamLength: MAX_PARAM_LENGTH },
    frameworkErrors: (error, request, reply) => {
      const problem = problemOf(error);
      // No hook sees these requests, so they are logged here.
      const { id: request_id, method } = request;
      logger.warn({ request_id, method, route: null, status: problem.status, problem: problem.code }, 'request');
      sendProblem(reply as FastifyReply, request as FastifyRequest, problem);
    },
    clientErrorHandler: (error, socket) => {
      if (error.code !== 'ECONNRESET' && socket.writable) socket.end(rawProblem(error));
      else socket.destroy();
    },
  });
  limitBodyTime(app);
  checkBodies(app);
  acceptJson(app);
  logRequests(app, logger);
  answerWithProblems(app, logger);
  finishCallsBeforeClose(app, dependencies.draining);
  const address = createPublicAddress(dependencies.publicUrl, () => app.server.address());
  const cookie = createSessionCookie(() => address.secure());
  requireKeys(app, { cache, store, clock, logger, cookie, address });
  auditRequests(app, dependencies);
  recordCalls(app, dependencies.requestLog);
  app.addHook('onSend', async (_request, reply) => {
    reply.header('x-content-type-options', 'nosniff');
  });

  machineRoutes(app, dependencies);
  const engine = createEngine(dependencies);
  // In a scope of their own: nothing else takes files.
  app.register(async (scope) => actionRoutes(scope, { engine, registry, fileLimitBytes: dependencies.fileLimitBytes }));
  catalogueRoutes(app, store, registry);
  connectorStatusRoute(app, dependencies);
  actionSourceRoute(app, dependencies);
  guideRoutes(app, dependencies);
  connectorProfileRoutes(app, {
    store,
    vault,
    random,
    clock,
    registry,
    profileTest: createProfileTest({ registry, cache, vault, broker, clock }),
  });
  diagnosisRoutes(app, createDiagnosis(dependencies));
  accountRoutes(app, dependencies);
  accountCredentialRoutes(app, dependencies);
  webhookEndpointRoutes(app, dependencies);
  linkRoutes(app, { ...dependencies, oauth: createProviderOAuth(dependencies) });
  consoleSessionRoutes(app, { ...dependencies, cookie, address });
  auditRoutes(app, store);
  apiKeyRoutes(app, { store, random, clock });
  projectRoutes(app, { store, random, clock });
  requestRoutes(app, { log: dependencies.requestLog, store });
  overviewRoute(app, dependencies);
  metricsRoute(app, dependencies);
  app.register(async (scope) => consoleRoutes(scope, dependencies));
  return app;
}
