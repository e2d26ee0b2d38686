import type { FastifyInstance } from 'fastify';
import { readActionSource } from '../connector/action-source.ts';
import type { Registry } from '../connector/connector.ts';
import { resolveAction } from '../engine/resolve.ts';
import { Problem } from '../problems.ts';
import { below } from './connector-status.ts';

/** `GET /actions/{id}/source`. */
export interface ActionSourceView {
  /** Below the connectors' directory. */
  file: string;
  /** Of the first line, from 1. */
  line: number;
  yaml: string;
}

export interface ActionSourceDependencies {
  registry: () => Registry;
  connectorsDirectory: string;
}

/**
 * `GET /actions/{id}/source`, for operators: the declaration that is in force, as it stands in its file. `version_conflict`
 * when the file is another by now.
 */
export function actionSourceRoute(
  app: FastifyInstance,
  { registry, connectorsDirectory }: ActionSourceDependencies,
): void {
  app.get<{ Params: { id: string } }>('/actions/:id/source', async (request): Promise<ActionSourceView> => {
    const { action, connector } = resolveAction(registry(), request.params.id);
    const source = connector.sources.get(action.id);
    const yaml = source && (await readActionSource(source));
    if (!source || yaml === undefined)
      throw new Problem('version_conflict', 'The file of the action changed since it was loaded.', {
        hint: 'Reload the connectors (send SIGHUP to the server), then ask again.',
        retryable: false,
      });
    return { file: below(connectorsDirectory, source.file), line: source.line, yaml };
  });
}
