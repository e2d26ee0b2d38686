import type { FastifyInstance, FastifyRequest } from 'fastify';
import { maskSecrets } from '../logger.ts';
import { Problem } from '../problems.ts';
import type { RecordedCall } from '../request-log/recorded-call.ts';
import type { RequestLog } from '../request-log/request-log.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** The call's entry in the request log; undefined on routes that are not recorded. */
    recorded: RecordedCall | undefined;
  }
  interface FastifyContextConfig {
    /** Calls of this route stand in the request log. */
    recorded?: true;
  }
}

// A secret that got there by mistake is found in it; to look through a megabyte of a hostile caller's would take minutes.
const MASKED_NAME_CHARS = 1_000;

// What is told of a call whose caller did not wait for the answer.
const GONE = { code: 'caller_gone', fault: 'caller' } as const;

/** Begins a record for every call of a recorded route that has a valid key. Must be added after the check of keys. */
export function recordCalls(app: FastifyInstance, log: RequestLog): void {
  app.decorateRequest('recorded', undefined);
  app.addHook('onRequest', (request, reply, done) => {
    const { key } = request;
    if (key && request.routeOptions.config.recorded) {
      // Whoever left while the key was looked up wants no answer, and nothing would end the record.
      if (reply.raw.closed) {
        done(new Problem('caller_gone', 'The caller went away.'));
        return;
      }
      const { id: action } = request.params as { id?: string };
      const { dry_run: dryRun } = request.query as { dry_run?: unknown };
      const recorded = log.begin({
        id: request.id,
        project: key.project,
        key: key.id,
        role: key.role,
        correlationId: request.correlationId,
        action: action === undefined ? null : loggableName(action),
        dryRun: dryRun === 'true' || dryRun === '',
        traceparent: textHeader(request, 'traceparent'),
        tracestate: textHeader(request, 'tracestate'),
      });
      request.recorded = recorded;
      request.trace = recorded.trace;
    }
    done();
  });
}

function textHeader({ headers }: FastifyRequest, name: string): string | undefined {
  const value = headers[name];
  return typeof value === 'string' ? value : undefined;
}

/** The action as a caller named it, cut and masked for logs. */
export function loggableName(action: string): string {
  return maskSecrets(action.slice(0, MASKED_NAME_CHARS));
}

/** The entry of a call on a recorded route. */
export function recordOf(request: FastifyRequest): RecordedCall {
  if (!request.recorded) throw new Error('recordOf on a route that is not recorded');
  return request.recorded;
}

/** Ends a call's record, if it has one. `status`: null when the answer was not handed to the connection whole. */
export function endRecord(request: FastifyRequest, status: number | null, durationMs: number): void {
  const { problem } = request;
  request.recorded?.end({
    status,
    problem: problem ? { code: problem.code, fault: problem.fault } : status === null ? GONE : null,
    durationMs,
  });
}
