import type { FastifyInstance } from 'fastify';
import { getProject } from '../domain/project.ts';
import { Problem } from '../problems.ts';
import type { MetricsAccess } from '../settings.ts';
import type { Store } from '../store/store.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import { callerOf } from './authentication.ts';

export interface MetricsRouteDependencies {
  store: Store;
  /** Undefined: there is no such route. */
  metrics: Metrics | undefined;
  metricsAccess: MetricsAccess;
}

/**
 * `GET /metrics`, in the text form of Prometheus: of this process, and of all projects together. So it is for the root
 * project's operators, unless it is open to all who reach the port.
 */
export function metricsRoute(app: FastifyInstance, { store, metrics, metricsAccess }: MetricsRouteDependencies): void {
  if (!metrics) return;
  const open = metricsAccess === 'open';
  app.get('/metrics', open ? { config: { access: 'open' as const } } : {}, async (request, reply) => {
    if (!open && !(await getProject(store, callerOf(request).project)).root)
      throw new Problem('role_forbidden', 'Only operators of the root project may read the metrics.');
    const { type, text } = await metrics.expose();
    return reply.type(type).header('cache-control', 'no-store').send(text);
  });
}
