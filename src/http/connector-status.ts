import { relative, resolve } from 'node:path';
import type { FastifyInstance } from 'fastify';
import type { Registry } from '../connector/connector.ts';
import type { Diagnostic } from '../connector/diagnostics.ts';
import type { LoadStatus } from '../connector/registry.ts';
import { Problem } from '../problems.ts';

/** `GET /connectors/{id}/status`. Times are ISO 8601. */
export interface ConnectorStatusView {
  connector: string;
  loaded_at: string;
  /** Of all connectors together: they are loaded together. */
  registry_hash: string;
  /** Null: there was none since this process started. */
  last_reload: {
    at: string;
    outcome: 'swapped' | 'unchanged' | 'refused';
    /** Of all connectors: a fault in one keeps all of them as they were. Files are below the connectors' directory. */
    faults: Diagnostic[];
    /** There may be more than are told. */
    fault_count: number;
  } | null;
}

export interface ConnectorStatusDependencies {
  registry: () => Registry;
  loadStatus: () => LoadStatus;
  connectorsDirectory: string;
}

/** `GET /connectors/{id}/status`, for operators: what this process serves, and what came of its last reload. */
export function connectorStatusRoute(
  app: FastifyInstance,
  { registry, loadStatus, connectorsDirectory }: ConnectorStatusDependencies,
): void {
  app.get<{ Params: { id: string } }>('/connectors/:id/status', async (request): Promise<ConnectorStatusView> => {
    const connector = registry().connectors.get(request.params.id);
    if (!connector) throw new Problem('not_found', 'There is no such connector.');
    const { loadedAt, hash, lastReload } = loadStatus();
    return {
      connector: connector.id,
      loaded_at: new Date(loadedAt).toISOString(),
      registry_hash: hash,
      last_reload: lastReload
        ? {
            at: new Date(lastReload.at).toISOString(),
            outcome: lastReload.outcome,
            faults: lastReload.faults.map((fault) => ({ ...fault, file: below(connectorsDirectory, fault.file) })),
            fault_count: lastReload.faultCount,
          }
        : null,
    };
  });
}

/** A file as it is called below a directory: where that is on the machine is nobody's business. */
export function below(directory: string, file: string): string {
  return relative(resolve(directory), resolve(file)) || '.';
}
