import { queryOptions } from '@tanstack/react-query';
import type { PublicApiKey } from '../../../src/domain/api-key.ts';
import type { ApiKeyChangeRequest, NewApiKeyRequest, NewApiKeyView } from '../../../src/http/api-keys.ts';
import { type ApiClient, path } from './client.ts';
import { listOptions } from './lists.ts';

export type ApiKey = PublicApiKey;
export type { ApiKeyChangeRequest, NewApiKeyRequest, NewApiKeyView };

export const apiKeyKeys = {
  all: ['api_keys'] as const,
  list: ['api_keys', 'list'] as const,
  one: (id: string) => ['api_keys', 'one', id] as const,
};

export const apiKeysOptions = (api: ApiClient) => listOptions<ApiKey>(api, apiKeyKeys.list, '/api_keys', { limit: 50 });

export const apiKeyOptions = (api: ApiClient, id: string) =>
  queryOptions({
    queryKey: apiKeyKeys.one(id),
    queryFn: ({ signal }) => api.request<ApiKey>('GET', path`/api_keys/${id}`, { signal }),
  });

/** The answer has the token, which is shown nowhere else: keep it in no query cache. */
export const createApiKey = (api: ApiClient, body: NewApiKeyRequest) =>
  api.request<NewApiKeyView>('POST', '/api_keys', { body });

/** Its name, and fewer rights: more are refused. */
export const changeApiKey = (api: ApiClient, id: string, body: ApiKeyChangeRequest) =>
  api.request<ApiKey>('PATCH', path`/api_keys/${id}`, { body });

export const revokeApiKey = (api: ApiClient, id: string) => api.request<ApiKey>('DELETE', path`/api_keys/${id}`);
