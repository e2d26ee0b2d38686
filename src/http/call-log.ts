import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import type { CallEvent } from '../engine/execute.ts';
import { PROBLEMS } from '../problems.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** What the log line of this request tells besides the usual. */
    logged: Record<string, unknown>;
  }
}

/**
 * One log line per request, also when the caller goes away before the answer, with the route's pattern instead of the URL:
 * ids and query values stay out of the log.
 */
export function logRequests(app: FastifyInstance, logger: Logger): void {
  app.decorateRequest('logged', null as unknown as Record<string, unknown>);
  app.addHook('onRequest', async (request, reply) => {
    request.logged = {};
    reply.header('x-request-id', request.id);
    // Not the onResponse hook, which is for answers that went out: a call that nobody waited for reached the provider too.
    reply.raw.once('close', () => {
      if (reply.raw.writableEnded) write(request, reply, true);
      // What the abort of the call brings to light comes in the same turn.
      else setImmediate(write, request, reply, false);
    });
  });

  function write(request: FastifyRequest, reply: FastifyReply, answered: boolean): void {
    const { problem } = request;
    const record = {
      request_id: request.id,
      method: request.method,
      route: request.routeOptions.url ?? null,
      ...(answered ? { status: reply.statusCode } : { status: null, aborted: true }),
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
  }
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
