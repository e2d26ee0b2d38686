import type { FastifyInstance, FastifyRequest } from 'fastify';
import { maskSecrets } from '../logger.ts';
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

// What is told of a call whose caller did not wait for the answer.
const GONE = { code: 'caller_gone', fault: 'caller' } as const;

/** Begins a record for every call of a recorded route that has a valid key. Must be added after the check of keys. */
export function recordCalls(app: FastifyInstance, log: RequestLog): void {
  app.decorateRequest('recorded', undefined);
  app.addHook('onRequest', (request, _reply, done) => {
    const { key } = request;
    if (key && request.routeOptions.config.recorded) {
      const { id: action } = request.params as { id?: string };
      const { dry_run: dryRun } = request.query as { dry_run?: unknown };
      const recorded = log.begin({
        id: request.id,
        project: key.project,
        key: key.id,
        role: key.role,
        correlationId: request.correlationId,
        action: action === undefined ? null : maskSecrets(action),
        dryRun: dryRun === 'true' || dryRun === '',
      });
      request.recorded = recorded;
      request.trace = recorded.trace;
    }
    done();
  });
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
