import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import { Problem, type ProblemCode, problemDocument } from '../problems.ts';

const MEDIA_TYPE = 'application/problem+json; charset=utf-8';

const FASTIFY_CODES: Readonly<Record<string, ProblemCode>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: 'body_too_large',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'media_type_unsupported',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'body_not_json',
  FST_ERR_BAD_URL: 'route_not_found',
  FST_ERR_MAX_PARAM_LENGTH: 'route_not_found',
  FST_ERR_ASYNC_CONSTRAINT: 'route_not_found',
  FST_ERR_HANDLER_TIMEOUT: 'deadline_exceeded',
};

/** Makes every refusal and every failure of an app a problem document (RFC 9457). */
export function answerWithProblems(app: FastifyInstance, logger: Logger): void {
  app.setErrorHandler((error: FastifyError | Problem, request, reply) => {
    // The caller went away in the middle of its request: there is nobody to answer, and nothing failed.
    const gone = request.raw.destroyed && !request.raw.complete;
    const problem = gone ? new Problem('caller_gone', 'The request broke off.', { cause: error }) : problemOf(error);
    if (problem.code === 'internal') logger.error({ request_id: request.id, err: error }, 'unexpected failure');
    request.problem = problem;
    return sendProblem(reply, request, problem);
  });
  app.setNotFoundHandler((request, reply) => {
    const problem = new Problem('route_not_found', `There is no ${request.method} route at this path.`);
    request.problem = problem;
    return sendProblem(reply, request, problem);
  });
}

/** Sends a problem document. */
export function sendProblem(reply: FastifyReply, request: FastifyRequest, problem: Problem): FastifyReply {
  const { retryAfterS } = problem.options;
  if (retryAfterS !== undefined) reply.header('retry-after', String(retryAfterS));
  // Set here too: what the framework refuses before routing passes no hooks.
  reply.header('x-request-id', request.id).header('x-content-type-options', 'nosniff');
  if (problem.status === 401) reply.header('www-authenticate', 'Bearer realm="corbel"');
  return reply
    .code(problem.status)
    .type(MEDIA_TYPE)
    .send(JSON.stringify(problemDocument(problem, request.id)));
}

/** Any thrown thing as a problem; what is not known becomes `internal`, whose detail tells nothing. */
export function problemOf(error: unknown): Problem {
  if (error instanceof Problem) return error;
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const known = FASTIFY_CODES[code];
  return known
    ? new Problem(known, 'The request was refused.', { cause: error })
    : new Problem('internal', 'An unexpected failure.', { cause: error });
}

/** The bytes of a whole HTTP/1.1 answer for requests that could not even be parsed. */
export function rawProblem(error: Error & { code?: string }): string {
  const [code, line] =
    error.code === 'ERR_HTTP_REQUEST_TIMEOUT'
      ? (['request_timeout', '408 Request Timeout'] as const)
      : error.code === 'HPE_HEADER_OVERFLOW'
        ? (['request_invalid', '431 Request Header Fields Too Large'] as const)
        : (['request_invalid', '400 Bad Request'] as const);
  const problem = new Problem(code, 'The request is not well-formed HTTP.');
  const body = JSON.stringify({ ...problemDocument(problem, ''), status: Number(line.slice(0, 3)) });
  return `HTTP/1.1 ${line}\r\nContent-Type: ${MEDIA_TYPE}\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`;
}
