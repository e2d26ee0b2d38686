import { queryOptions } from '@tanstack/react-query';
import type { AccountStatus } from '../../../src/domain/account.ts';
import type { Diagnosis } from '../../../src/engine/diagnose.ts';
import type { CredentialView } from '../../../src/http/account-credential.ts';
import type { AccountView } from '../../../src/http/account-view.ts';
import type { AccountChangeRequest, NewAccountRequest } from '../../../src/http/accounts.ts';
import type { AccountListView, ListedAccountView } from '../../../src/http/listed-accounts.ts';
import type { Revoked } from '../../../src/oauth/grant-removal.ts';
import { inBackground } from './background.ts';
import { type ApiClient, path } from './client.ts';
import { listOptions } from './lists.ts';

export type Account = AccountView;
export type ListedAccount = ListedAccountView;
export type { AccountStatus, CredentialView, Diagnosis, Revoked };

export interface AccountFilters {
  status?: AccountStatus | undefined;
  connector?: string | undefined;
  connector_profile_id?: string | undefined;
  owner_id?: string | undefined;
  /** Prefix or word of the owner's id or name. */
  text?: string | undefined;
}

export const accountKeys = {
  all: ['accounts'] as const,
  list: (filters: AccountFilters) => ['accounts', 'list', filters] as const,
  one: (id: string) => ['accounts', 'one', id] as const,
  credential: (id: string) => ['accounts', 'credential', id] as const,
};

export const accountsOptions = (api: ApiClient, filters: AccountFilters = {}) =>
  listOptions<ListedAccount, AccountListView>(api, accountKeys.list(filters), '/accounts', { limit: 50, ...filters });

/** One page, for work that goes through all of them and shows none. */
export const accountsPage = (api: ApiClient, filters: AccountFilters, next: string | undefined) =>
  api.request<AccountListView>('GET', '/accounts', { query: { limit: 100, ...filters, next } });

export const accountOptions = (api: ApiClient, id: string) =>
  queryOptions({
    queryKey: accountKeys.one(id),
    // What the page asks for again by itself is no use of the session.
    queryFn: ({ signal, client, queryKey }) =>
      (client.getQueryData(queryKey) ? inBackground(api) : api).request<Account>('GET', path`/accounts/${id}`, {
        signal,
      }),
  });

export const credentialOptions = (api: ApiClient, id: string) =>
  queryOptions({
    queryKey: accountKeys.credential(id),
    queryFn: ({ signal }) => api.request<CredentialView>('GET', path`/accounts/${id}/credential`, { signal }),
  });

export const createAccount = (api: ApiClient, body: NewAccountRequest) =>
  api.request<Account>('POST', '/accounts', { body });

export const changeAccount = (api: ApiClient, id: string, body: AccountChangeRequest) =>
  api.request<Account>('PATCH', path`/accounts/${id}`, { body });

export const deleteAccount = (api: ApiClient, id: string) =>
  api.request<{ revoked: Revoked }>('DELETE', path`/accounts/${id}`);

export const suspendAccount = (api: ApiClient, id: string) =>
  api.request<Account>('POST', path`/accounts/${id}/suspend`);

export const resumeAccount = (api: ApiClient, id: string) => api.request<Account>('POST', path`/accounts/${id}/resume`);

export const refreshAccount = (api: ApiClient, id: string) =>
  api.request<CredentialView>('POST', path`/accounts/${id}/refresh`);

/** Of accounts whose method takes a key or a token. The secret goes in, and never comes out. */
export const replaceCredential = (
  api: ApiClient,
  id: string,
  body: NewAccountRequest['credential'] & { allow_identity_change?: boolean },
) => api.request<CredentialView>('PUT', path`/accounts/${id}/credential`, { body });

export const diagnoseAccount = async (api: ApiClient, id: string, signal?: AbortSignal) =>
  (await api.request<{ data: Diagnosis }>('POST', path`/accounts/${id}/diagnose`, { ...(signal && { signal }) })).data;
