import type { FastifyInstance } from 'fastify';
import type { Registry } from '../connector/connector.ts';
import { connectorJsonSchema } from '../connector/json-schema.ts';
import { Problem } from '../problems.ts';
import type { Store } from '../store/store.ts';

export interface MachineRouteDependencies {
  store: Store;
  registry: () => Registry;
  /** True as soon as the process is about to stop. */
  draining: () => boolean;
  version: string;
}

// A probe should fail while it is still asked for, not hang with the store.
const READY_TIMEOUT_MS = 2_000;

/** For machines, without a key: `/healthz` (the process runs), `/readyz` (it can serve), `/schema/connector.json`. */
export function machineRoutes(
  app: FastifyInstance,
  { store, registry, draining, version }: MachineRouteDependencies,
): void {
  const open = { config: { access: 'open' as const } };

  app.get('/healthz', open, async () => {
    const { hash, actions } = registry();
    return { status: 'ok', version, registry: { hash, actions: actions.size } };
  });

  app.get('/readyz', open, async () => {
    if (draining()) throw new Problem('shutting_down', 'The server is stopping.');
    const timeout = new Promise<never>((_resolve, reject) => {
      setTimeout(
        () => reject(new Problem('store_unavailable', 'The store does not answer in time.')),
        READY_TIMEOUT_MS,
      ).unref();
    });
    await Promise.race([store.check(), timeout]);
    return { status: 'ready' };
  });

  // Few ask for it, and making it takes milliseconds of the start.
  let schema: string | undefined;
  app.get('/schema/connector.json', open, async (_request, reply) => {
    schema ??= JSON.stringify(connectorJsonSchema());
    return reply.type('application/schema+json').send(schema);
  });
}
