import type { FastifyReply } from 'fastify';
import { Problem } from '../problems.ts';

/** Aborted when the caller's connection closes before the answer is out, or has closed already. */
export function goneSignal(reply: FastifyReply): AbortSignal {
  const controller = new AbortController();
  const onClose = () => {
    if (!reply.raw.writableFinished) controller.abort(new Problem('caller_gone', 'The caller went away.'));
  };
  if (reply.raw.closed) onClose();
  else reply.raw.once('close', onClose);
  return controller.signal;
}
