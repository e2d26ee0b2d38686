import type { FastifyInstance } from 'fastify';
import { Problem } from '../problems.ts';
import { lingerAfterAnswer } from './linger.ts';

// A caller that takes longer to send a JSON body is broken or hostile (slow loris).
const BODY_TIMEOUT_MS = 15_000;

/**
 * Keeps callers from holding connections with bodies that do not come. Gives up on bodies that come too slowly, with `request_timeout`. Not Node's own request time-out, which would end every
 * upload of a large file as well: those are watched for silence instead, see {@link incomingStream}.
 */
export function limitBodyTime(app: FastifyInstance, timeoutMs = BODY_TIMEOUT_MS): void {
  // An answer before the end of the body: what is left of it would be read to its end, were the connection to be kept.
  app.addHook('onSend', async (request, reply) => {
    if (request.raw.complete) return;
    reply.header('connection', 'close');
    lingerAfterAnswer(request.raw);
  });
  app.addHook('preParsing', async (request, reply, payload) => {
    if (request.raw.complete || isFile(request.headers['content-type'])) return payload;
    const timer = setTimeout(() => {
      reply.header('connection', 'close');
      // Whoever reads the body is told; destroying it would take the connection, and the answer with it.
      payload.emit('error', new Problem('request_timeout', `The body did not arrive within ${timeoutMs / 1_000} s.`));
    }, timeoutMs);
    // The connection keeps the process; a request within it has none, and may have no end either.
    timer.unref();
    payload.once('end', () => clearTimeout(timer));
    payload.once('close', () => clearTimeout(timer));
    return payload;
  });
}

function isFile(contentType: string | undefined): boolean {
  return /^(application\/octet-stream|multipart\/form-data)\b/i.test(contentType ?? '');
}
