import type { FastifyInstance } from 'fastify';
import { type Static, Type } from 'typebox';
import type { Action, Connector, Example, Registry } from '../connector/connector.ts';
import { type Account, getAccount } from '../domain/account.ts';
import type { ApiKey } from '../domain/api-key.ts';
import { getProfile, type PublicProfile } from '../domain/connector-profile.ts';
import { resolveAction } from '../engine/resolve.ts';
import { minimalScopes } from '../guide/minimal-scopes.ts';
import { Problem } from '../problems.ts';
import type { Store } from '../store/store.ts';
import { ANY_ROLE, callerOf } from './authentication.ts';
import { onlyParameters, textParameter } from './query.ts';

type Query = Record<string, string | string[] | undefined>;

const SearchBody = Type.Object(
  {
    query: Type.Optional(Type.String({ maxLength: 200 })),
    connector: Type.Optional(Type.String()),
    account: Type.Optional(Type.String()),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 500 })),
  },
  { additionalProperties: false },
);

/** An entry of `GET /actions`. */
export type ActionSummaryView = ReturnType<typeof summary>;
/** `GET /actions/{id}`. */
export type ActionView = ReturnType<typeof detail>;
/** An entry of `GET /connectors`. */
export type ConnectorSummaryView = ReturnType<typeof connectorSummary>;
/** `GET /connectors/{id}`. */
export type ConnectorView = ReturnType<typeof connectorDetail>;

const DEFAULT_SEARCH_LIMIT = 100;

/** The catalogue: `GET /actions`, `GET /actions/{id}`, `POST /actions/search`, `GET /connectors`, `/connectors/{c}`, `/connectors/{c}/scopes`. */
export function catalogueRoutes(app: FastifyInstance, store: Store, registry: () => Registry): void {
  const open = { config: { access: ANY_ROLE } };

  app.get<{ Querystring: Query }>('/actions', open, async (request) => {
    onlyParameters(request.query, ['connector', 'account', 'text']);
    const found = await find(callerOf(request), {
      connector: textParameter(request.query, 'connector'),
      account: textParameter(request.query, 'account'),
      text: textParameter(request.query, 'text'),
    });
    return { data: found.map(summary), next: null };
  });

  app.post<{ Body: Static<typeof SearchBody> }>(
    '/actions/search',
    { ...open, schema: { body: SearchBody } },
    async (request) => {
      const { connector, account, query: text, limit = DEFAULT_SEARCH_LIMIT } = request.body;
      const found = await find(callerOf(request), { connector, account, text });
      return { data: found.slice(0, limit).map(summary), next: null };
    },
  );

  app.get<{ Params: { id: string } }>('/actions/:id', open, async (request) => {
    const { action } = resolveAction(registry(), request.params.id);
    if (!mayCall(callerOf(request), action))
      throw new Problem('key_not_allowed', `This key may not call ${action.id}.`);
    return detail(action);
  });

  app.get('/connectors', open, async () => ({
    data: [...registry().connectors.values()].map(connectorSummary),
    next: null,
  }));

  app.get<{ Params: { id: string } }>('/connectors/:id', open, async (request) => {
    const connector = requireConnector(request.params.id);
    return connectorDetail(connector);
  });

  app.get<{ Params: { id: string }; Querystring: Query }>('/connectors/:id/scopes', open, async (request) => {
    onlyParameters(request.query, ['actions']);
    const connector = requireConnector(request.params.id);
    const named = textParameter(request.query, 'actions');
    const actions =
      named === undefined
        ? [...connector.actions.values()]
        : named.split(',').map((id) => resolveAction(registry(), id.trim()).action);
    return minimalScopes(connector, actions);
  });

  async function find(
    key: ApiKey,
    wanted: Record<'connector' | 'account' | 'text', string | undefined>,
  ): Promise<Action[]> {
    let usable: { account: Account; profile: PublicProfile } | undefined;
    if (wanted.account !== undefined) {
      const account = await getAccount(store, key.project, wanted.account);
      if (key.accounts !== null && !key.accounts.includes(account.id))
        throw new Problem('account_not_found', 'There is no such account.');
      usable = { account, profile: await getProfile(store, key.project, account.profile_id) };
    }
    const words = wanted.text?.toLowerCase().split(/\s+/).filter(Boolean) ?? [];
    return [...registry().actions.values()].filter(
      (action) =>
        mayCall(key, action) &&
        (wanted.connector === undefined || action.connector === wanted.connector) &&
        (!usable ||
          (action.connector === usable.account.connector && (usable.profile.actions?.includes(action.id) ?? true))) &&
        words.every((word) => `${action.id} ${action.label} ${action.description}`.toLowerCase().includes(word)),
    );
  }

  function requireConnector(id: string): Connector {
    const connector = registry().connectors.get(id);
    if (!connector) throw new Problem('not_found', 'There is no such connector.');
    return connector;
  }
}

function mayCall(key: ApiKey, action: Action): boolean {
  return key.actions === null || key.actions.includes(action.id);
}

function summary({ id, label, description, connector, effect, scopes, providerScopes, token }: Action) {
  return { id, label, description, connector, effect, scopes, provider_scopes: providerScopes, token };
}

function detail(action: Action) {
  return {
    ...summary(action),
    api: action.api ?? null,
    file: action.file ? { description: action.file.description ?? null } : null,
    input_schema: action.inputs.schema,
    output_schema: action.output.schema,
    requires: action.requires.map(({ message, input, token }) => ({
      message,
      input: input ?? null,
      token: token ?? null,
    })),
    paginated: action.pagination !== undefined,
    examples: action.examples.map(shownExample),
    docs: action.docs ?? null,
  };
}

function shownExample({ name, source, inputs, file, exchanges, output, problem }: Example) {
  return {
    name,
    source,
    inputs,
    ...(file && { file: { bytes: file.bytes, name: file.name, content_type: file.contentType } }),
    exchanges,
    ...(output && { output: { data: output.data, warnings: output.warnings } }),
    ...(problem && { problem }),
  };
}

function connectorDetail(connector: Connector) {
  return {
    ...connectorSummary(connector),
    scopes: [...connector.scopes].map(([name, { description, covers }]) => ({
      name,
      description,
      includes: [...covers].filter((covered) => covered !== name),
    })),
    account_settings: connector.accountSettings.schema,
    actions: [...connector.actions.keys()],
  };
}

function connectorSummary(connector: Connector) {
  const { id, label, description, version, docs, authentication, actions, guides } = connector;
  return {
    id,
    label,
    description,
    version: version ?? null,
    docs: docs ?? null,
    authentication: [...authentication.values()].map(
      ({ id: method, label: name, description: text, grant, publicClients, tokens }) => ({
        id: method,
        label: name,
        description: text ?? null,
        grant,
        public_clients: publicClients,
        tokens: [...tokens],
      }),
    ),
    guides: [...guides.keys()],
    action_count: actions.size,
  };
}
