import type { FastifyReply } from 'fastify';
import { Problem } from '../problems.ts';

/** Aborted when the caller's connection closes before the answer is out. */
export function goneSignal(reply: FastifyReply): AbortSignal {
  const controller = new AbortController();
  reply.raw.once('close', () => {
    if (!reply.raw.writableFinished) controller.abort(new Problem('caller_gone', 'The caller went away.'));
  });
  return controller.signal;
}
