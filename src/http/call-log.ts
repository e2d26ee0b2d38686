import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import type { CallEvent } from '../engine/execute.ts';
import { PROBLEMS } from '../problems.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** What the log line of this request tells besides the usual. */
    logged: Record<string, unknown>;
  }
}

/** One log line per request, with the route's pattern instead of the URL: ids and query values stay out of the log. */
export function logRequests(app: FastifyInstance, logger: Logger): void {
  app.decorateRequest('logged', null as unknown as Record<string, unknown>);
  app.addHook('onRequest', async (request, reply) => {
    request.logged = {};
    reply.header('x-request-id', request.id);
  });
  app.addHook('onResponse', async (request, reply) => {
    const { problem } = request;
    const record = {
      request_id: request.id,
      method: request.method,
      route: request.routeOptions.url ?? null,
      status: reply.statusCode,
      duration_ms: Math.round(reply.elapsedTime * 10) / 10,
      ...(request.key && { project: request.key.project, key: request.key.id }),
      ...request.logged,
      ...(problem && {
        problem: problem.code,
        fault: problem.fault,
        ...(problem.options.provider && {
          provider: { status: problem.options.provider.status, request_id: problem.options.provider.request_id },
        }),
      }),
    };
    const ours = problem !== undefined && PROBLEMS[problem.code].fault === 'server';
    logger[ours ? 'error' : problem ? 'warn' : 'info'](record, 'request');
  });
  app.addHook('onRequestAbort', async (request) => {
    logger.info({ request_id: request.id, route: request.routeOptions.url ?? null }, 'request aborted by the caller');
  });
}

/** Collects the events of a call into the members of its log line. */
export function callObserver(logged: Record<string, unknown>): (event: CallEvent) => void {
  const stages: Record<string, number> = {};
  const attempts: unknown[] = [];
  return (event) => {
    if (event.type === 'stage') {
      stages[event.stage] = (stages[event.stage] ?? 0) + event.durationMs;
      logged.stages_ms = stages;
    } else if (event.type === 'resolved') {
      Object.assign(logged, { account: event.account, profile: event.profile, connector: event.connector });
    } else if (event.type === 'attempt') {
      const { status, error, durationMs } = event.attempt;
      attempts.push({
        ...(status !== undefined && { status }),
        ...(error !== undefined && { error }),
        duration_ms: durationMs,
      });
      logged.attempts = attempts;
    } else {
      logged.provider_request_id = event.requestId;
    }
  };
}
