import type { FastifyInstance } from 'fastify';
import { type Static, Type } from 'typebox';
import type { Clock } from '../clock.ts';
import { ACCOUNT_EVENT_TYPES } from '../domain/account-event.ts';
import {
  changeEndpoint,
  createEndpoint,
  deleteEndpoint,
  type EndpointChange,
  getEndpoint,
  listEndpoints,
  type PublicEndpoint,
  rotateSecret,
} from '../domain/webhook-endpoint.ts';
import { listDeliveries } from '../events/delivery.ts';
import { faultOfEndpointUrl, MAX_URL_CHARS } from '../events/endpoint-url.ts';
import type { Events } from '../events/events.ts';
import { Problem } from '../problems.ts';
import type { Random } from '../random.ts';
import type { Store } from '../store/store.ts';
import type { AddressGuard } from '../upstream/address-guard.ts';
import type { Vault } from '../vault/vault.ts';
import { callerOf } from './authentication.ts';
import { listQuery, onlyParameters } from './query.ts';

const strict = { additionalProperties: false } as const;
const Url = Type.String({ minLength: 1, maxLength: MAX_URL_CHARS });
const Description = Type.Union([Type.String({ minLength: 1, maxLength: 200 }), Type.Null()]);
const EventTypes = Type.Union([
  Type.Array(Type.Enum(ACCOUNT_EVENT_TYPES), { minItems: 1, uniqueItems: true }),
  Type.Null(),
]);

const NewEndpointBody = Type.Object(
  {
    url: Url,
    description: Type.Optional(Description),
    events: Type.Optional(EventTypes),
    enabled: Type.Optional(Type.Boolean()),
  },
  strict,
);
const EndpointChangeBody = Type.Object(
  {
    url: Type.Optional(Url),
    description: Type.Optional(Description),
    events: Type.Optional(EventTypes),
    enabled: Type.Optional(Type.Boolean()),
  },
  { ...strict, minProperties: 1 },
);
const RedeliverBody = Type.Object({ event_id: Type.String() }, strict);

/** The body of `POST /webhook_endpoints`. */
export type NewEndpointRequest = Static<typeof NewEndpointBody>;
/** The body of `PATCH /webhook_endpoints/{id}`. */
export type EndpointChangeRequest = Static<typeof EndpointChangeBody>;
/** The answers that make a secret: the only ones that have it. */
export type EndpointSecretView = PublicEndpoint & { secret: string };

type ById = { Params: { id: string } };
type WithQuery = { Querystring: Record<string, string | string[] | undefined> };

export interface WebhookEndpointRouteDependencies {
  store: Store;
  vault: Vault;
  random: Random;
  clock: Clock;
  events: Events;
  guard: AddressGuard;
}

/** `/webhook_endpoints`: where a project's events go. A secret stands in the answers that make one, and nowhere else. */
export function webhookEndpointRoutes(app: FastifyInstance, dependencies: WebhookEndpointRouteDependencies): void {
  const { store, vault, random, clock, events, guard } = dependencies;

  app.post<{ Body: Static<typeof NewEndpointBody> }>(
    '/webhook_endpoints',
    { schema: { body: NewEndpointBody } },
    async (request, reply) => {
      const { url, description = null, events: types = null, enabled = true } = request.body;
      checkUrl(url);
      const { project } = callerOf(request);
      const wanted = { url, description, events: types, enabled };
      const { endpoint, secret } = await createEndpoint(store, vault, random, clock.now(), project, wanted);
      reply.code(201).header('cache-control', 'no-store');
      return { ...endpoint, secret: secret.reveal() };
    },
  );

  app.get<WithQuery>('/webhook_endpoints', async (request) => {
    onlyParameters(request.query, ['limit', 'next']);
    return listEndpoints(store, callerOf(request).project, listQuery(request.query));
  });

  app.get<ById>('/webhook_endpoints/:id', async (request) =>
    getEndpoint(store, callerOf(request).project, request.params.id),
  );

  app.patch<ById & { Body: Static<typeof EndpointChangeBody> }>(
    '/webhook_endpoints/:id',
    { schema: { body: EndpointChangeBody } },
    async (request) => {
      const change: EndpointChange = request.body;
      if (change.url !== undefined) checkUrl(change.url);
      return changeEndpoint(store, vault, clock.now(), callerOf(request).project, request.params.id, change);
    },
  );

  app.delete<ById>('/webhook_endpoints/:id', async (request, reply) => {
    await deleteEndpoint(store, callerOf(request).project, request.params.id);
    return reply.code(204).send();
  });

  app.post<ById>('/webhook_endpoints/:id/rotate_secret', async (request, reply) => {
    const { project } = callerOf(request);
    const { endpoint, secret } = await rotateSecret(store, vault, random, clock.now(), project, request.params.id);
    reply.header('cache-control', 'no-store');
    return { ...endpoint, secret: secret.reveal() };
  });

  app.get<ById & WithQuery>('/webhook_endpoints/:id/deliveries', async (request) => {
    onlyParameters(request.query, ['limit', 'next']);
    const { project } = callerOf(request);
    const { id } = await getEndpoint(store, project, request.params.id);
    return listDeliveries(store, project, id, listQuery(request.query));
  });

  app.post<ById & { Body: Static<typeof RedeliverBody> }>(
    '/webhook_endpoints/:id/redeliver',
    { schema: { body: RedeliverBody } },
    async (request, reply) => {
      const delivery = await events.redeliver(callerOf(request).project, request.params.id, request.body.event_id);
      return reply.code(202).send(delivery);
    },
  );

  function checkUrl(url: string): void {
    const message = faultOfEndpointUrl(guard, url);
    if (message !== undefined)
      throw new Problem('request_invalid', 'The webhook endpoint is not valid.', {
        errors: [{ path: '/url', message }],
      });
  }
}
