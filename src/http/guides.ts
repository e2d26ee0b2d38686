import type { FastifyInstance } from 'fastify';
import type { Action, Connector, Registry } from '../connector/connector.ts';
import { resolveAction } from '../engine/resolve.ts';
import { adjustGuide } from '../guide/adjust-guide.ts';
import { fullGuide } from '../guide/full-guide.ts';
import { guideMarkdown } from '../guide/guide-markdown.ts';
import { createPublicAddress } from '../link/public-address.ts';
import { Problem } from '../problems.ts';
import { callbackPath } from './oauth-callback.ts';
import { onlyParameters } from './query.ts';

export interface GuideRouteDependencies {
  registry: () => Registry;
  /** Undefined: http at the address listened on. */
  publicUrl: URL | undefined;
}

type Query = Record<string, string | string[] | undefined>;

/**
 * `GET /connectors/{connector}/guides/{authentication}`, without a key: the set-up guide, adjusted to `actions` (public ids,
 * or those without the connector's prefix, separated by commas; empty: none; not given: all), as JSON or with `format=md` as
 * Markdown. With `format=full` everything that any selection may show, see `FullGuideView`.
 */
export function guideRoutes(app: FastifyInstance, { registry, publicUrl }: GuideRouteDependencies): void {
  const address = createPublicAddress(publicUrl, () => app.server.address());

  app.get<{ Params: { id: string; authentication: string }; Querystring: Query }>(
    '/connectors/:id/guides/:authentication',
    { config: { access: 'open' as const } },
    async (request, reply) => {
      onlyParameters(request.query, ['actions', 'format']);
      const connector = registry().connectors.get(request.params.id);
      const guide = connector?.guides.get(request.params.authentication);
      if (!connector || !guide) throw new Problem('not_found', 'There is no such guide.');
      const { format = 'json', actions } = request.query;
      if (format !== 'json' && format !== 'md' && format !== 'full')
        throw invalid('/format', 'must be json, md or full');
      if (Array.isArray(actions)) throw invalid('/actions', 'must stand once');
      if (format === 'full' && actions !== undefined) throw invalid('/actions', 'has no meaning with format=full');
      const selected = selectedActions(connector, actions);
      const full = await fullGuide(connector, guide, {
        callback_url: address.url(callbackPath(connector.id)),
        public_url: address.url(''),
      });
      if (format === 'full') return full;
      const offered = new Set(full.actions.map(({ id }) => id));
      const beyond = actions === undefined ? undefined : selected.find(({ id }) => !offered.has(id));
      if (beyond)
        throw invalid('/actions', `${beyond.id} cannot be called by the authentication ${guide.authentication}`);
      const view = adjustGuide(
        full,
        selected.map(({ id }) => id),
      );
      return format === 'json' ? view : reply.type('text/markdown; charset=utf-8').send(guideMarkdown(view));
    },
  );

  function selectedActions(connector: Connector, actions: string | undefined): Action[] {
    if (actions === undefined) return [...connector.actions.values()];
    return idsIn(actions).map((id) => {
      const short = connector.actions.get(`${connector.id}_${id}`);
      const { action } = short ? { action: short } : resolveAction(registry(), id);
      if (action.connector !== connector.id) throw invalid('/actions', `${action.id} is no action of ${connector.id}`);
      return action;
    });
  }
}

function idsIn(list: string): string[] {
  return [...new Set(list.split(',').map((id) => id.trim()))].filter((id) => id !== '');
}

function invalid(path: string, message: string): Problem {
  return new Problem('request_invalid', 'The query is not valid.', { errors: [{ path, message }] });
}
