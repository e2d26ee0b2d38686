import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import type { CallEvent } from '../engine/call.ts';
import { maskSecrets } from '../logger.ts';
import { PROBLEMS } from '../problems.ts';
import { CallTrace } from '../request-log/call-trace.ts';
import { endRecord } from './recorded-calls.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** By which its caller knows it; null when it gave none. */
    correlationId: string | null;
    /** What was told of its requests to a provider; undefined when it can have none. */
    trace: CallTrace | undefined;
  }
}

// The step of actions that have only one.
const SINGLE_STEP = 'request';
// What a caller may call its request: printable and short, so that it can stand in a header, a line and a record.
const CORRELATION_ID = /^[\x21-\x7e]{1,128}$/;

/**
 * One log line per request, also when the caller goes away before the answer, with the route's pattern instead of the URL:
 * ids and query values stay out of the log.
 */
export function logRequests(app: FastifyInstance, logger: Logger): void {
  app.decorateRequest('correlationId', null);
  app.decorateRequest('trace', undefined);
  app.addHook('onRequest', async (request, reply) => {
    reply.header('x-request-id', request.id);
    request.correlationId = correlationIdOf(request);
    if (request.correlationId !== null) reply.header('x-correlation-id', request.correlationId);
    const since = performance.now();
    // Not the onResponse hook, which is for answers that went out: a call that nobody waited for reached the provider too.
    reply.raw.once('close', () => {
      const durationMs = Math.round((performance.now() - since) * 10) / 10;
      if (reply.raw.writableEnded) write(request, reply, true, durationMs);
      // What the abort of the call brings to light comes in the same turn.
      else setImmediate(write, request, reply, false, durationMs);
    });
  });

  function write(request: FastifyRequest, reply: FastifyReply, answered: boolean, durationMs: number): void {
    const { problem, recorded, trace } = request;
    endRecord(request, answered ? reply.statusCode : null, durationMs);
    const record = {
      request_id: request.id,
      method: request.method,
      route: request.routeOptions.url ?? null,
      ...(answered ? { status: reply.statusCode } : { status: null, aborted: true }),
      duration_ms: durationMs,
      ...(request.key && { project: request.key.project, key: request.key.id }),
      ...(request.correlationId !== null && { correlation_id: request.correlationId }),
      ...(recorded && recorded.action !== null && { action: recorded.action }),
      ...(trace && traceMembers(trace)),
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

/** The caller's own name for the request, unless it is none, or is a secret that got there by mistake. */
function correlationIdOf({ headers }: FastifyRequest): string | null {
  const text = headers['x-correlation-id'];
  if (typeof text !== 'string' || !CORRELATION_ID.test(text)) return null;
  return maskSecrets(text) === text ? text : null;
}

/** Collects the events of a call that is not in the request log, for the log line of its request. */
export function callObserver(request: FastifyRequest): (event: CallEvent) => void {
  const trace = new CallTrace();
  request.trace = trace;
  return (event) => trace.observe(event);
}

function traceMembers({ resolved, stagesMs, sent }: CallTrace): Record<string, unknown> {
  const requests = sent.list();
  const attempts = requests.flatMap(({ step, attempts }) =>
    attempts.map((attempt) => (step === SINGLE_STEP ? attempt : { step, ...attempt })),
  );
  const requestId = requests.findLast(({ provider_request_id }) => provider_request_id !== null)?.provider_request_id;
  return {
    ...resolved,
    stages_ms: stagesMs,
    ...(attempts.length > 0 && { attempts }),
    ...(requestId !== undefined && { provider_request_id: requestId }),
  };
}
