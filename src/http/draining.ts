import type { FastifyInstance } from 'fastify';
import { Problem } from '../problems.ts';

/**
 * Lets `app.close()` wait for the calls under way and for nothing else: idle connections, and those on which nothing was
 * ever sent, would hold it up until their time-outs, which Node stops watching at that moment. Needs
 * `forceCloseConnections: true`. From the beginning of the close on, new requests get `shutting_down`.
 */
export function finishCallsBeforeClose(app: FastifyInstance, draining: () => boolean): void {
  let underWay = 0;
  let closing = false;
  let finished = () => {};

  app.addHook('onRequest', async (_request, reply) => {
    underWay += 1;
    // Once per answer, also when the caller goes away before it.
    reply.raw.once('close', () => {
      underWay -= 1;
      if (underWay === 0) finished();
    });
    if (closing) throw new Problem('shutting_down', 'The server is stopping.');
  });
  app.addHook('onSend', async (_request, reply) => {
    if (draining()) reply.header('connection', 'close');
  });
  app.addHook('preClose', async () => {
    closing = true;
    if (underWay === 0) return;
    await new Promise<void>((resolve) => {
      finished = resolve;
    });
  });
}
