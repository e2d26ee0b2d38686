import type { PublicEndpoint } from '../../../src/domain/webhook-endpoint.ts';
import type { Delivery } from '../../../src/events/delivery.ts';
import type {
  EndpointChangeRequest,
  EndpointSecretView,
  NewEndpointRequest,
} from '../../../src/http/webhook-endpoints.ts';
import { type ApiClient, path } from './client.ts';
import { listOptions } from './lists.ts';

export type WebhookEndpoint = PublicEndpoint;
export type { Delivery, EndpointChangeRequest, EndpointSecretView, NewEndpointRequest };

export const webhookKeys = {
  all: ['webhook_endpoints'] as const,
  list: ['webhook_endpoints', 'list'] as const,
  deliveries: (id: string) => ['webhook_endpoints', 'deliveries', id] as const,
};

export const webhookEndpointsOptions = (api: ApiClient) =>
  listOptions<WebhookEndpoint>(api, webhookKeys.list, '/webhook_endpoints', { limit: 50 });

export const deliveriesOptions = (api: ApiClient, id: string) =>
  listOptions<Delivery>(api, webhookKeys.deliveries(id), path`/webhook_endpoints/${id}/deliveries`, { limit: 25 });

/** This answer and that of {@link rotateWebhookSecret} have the secret; no other has. */
export const createWebhookEndpoint = (api: ApiClient, body: NewEndpointRequest) =>
  api.request<EndpointSecretView>('POST', '/webhook_endpoints', { body });

export const changeWebhookEndpoint = (api: ApiClient, id: string, body: EndpointChangeRequest) =>
  api.request<WebhookEndpoint>('PATCH', path`/webhook_endpoints/${id}`, { body });

export const deleteWebhookEndpoint = (api: ApiClient, id: string) =>
  api.request<void>('DELETE', path`/webhook_endpoints/${id}`);

export const rotateWebhookSecret = (api: ApiClient, id: string) =>
  api.request<EndpointSecretView>('POST', path`/webhook_endpoints/${id}/rotate_secret`);

export const redeliver = (api: ApiClient, id: string, eventId: string) =>
  api.request<Delivery>('POST', path`/webhook_endpoints/${id}/redeliver`, { body: { event_id: eventId } });
