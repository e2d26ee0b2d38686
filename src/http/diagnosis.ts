import type { FastifyInstance } from 'fastify';
import type { Diagnose } from '../engine/diagnose.ts';
import { Problem } from '../problems.ts';
import { callerOf } from './authentication.ts';
import { callObserver } from './call-log.ts';
import { goneSignal } from './gone-signal.ts';

/** `POST /accounts/:id/diagnose`: goes through the checklist of an account's set-up at the provider. */
export function diagnosisRoutes(app: FastifyInstance, diagnose: Diagnose): void {
  app.post<{ Params: { id: string } }>('/accounts/:id/diagnose', async (request, reply) => {
    const key = callerOf(request);
    const { id } = request.params;
    if (key.accounts !== null && !key.accounts.includes(id))
      throw new Problem('account_not_found', 'There is no such account.');
    const data = await diagnose({
      project: key.project,
      account: id,
      signal: goneSignal(reply),
      observe: callObserver(request),
    });
    return { data };
  });
}
