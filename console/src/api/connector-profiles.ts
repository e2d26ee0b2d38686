import { queryOptions } from '@tanstack/react-query';
import type { PublicProfile } from '../../../src/domain/connector-profile.ts';
import type { ProfileTestResult } from '../../../src/engine/profile-test.ts';
import type {
  ConnectorProfileView,
  NewProfileRequest,
  ProfileChangeRequest,
} from '../../../src/http/connector-profiles.ts';
import { type ApiClient, path } from './client.ts';
import { fetchAll, listOptions } from './lists.ts';

export type Profile = ConnectorProfileView;
export type { NewProfileRequest, ProfileChangeRequest, ProfileTestResult };

export interface ProfileFilters {
  connector?: string | undefined;
  authentication?: string | undefined;
  enabled?: string | undefined;
  /** Words of the name, the id and the client id. */
  text?: string | undefined;
}

export const profileKeys = {
  all: ['connector_profiles'] as const,
  list: (filters: ProfileFilters) => ['connector_profiles', 'list', filters] as const,
  every: ['connector_profiles', 'every'] as const,
  one: (id: string) => ['connector_profiles', 'one', id] as const,
};

export const profilesOptions = (api: ApiClient, filters: ProfileFilters = {}) =>
  listOptions<Profile>(api, profileKeys.list(filters), '/connector_profiles', { limit: 50, ...filters });

/** All of them, for selects and for names in tables. */
export const everyProfileOptions = (api: ApiClient) =>
  queryOptions({
    queryKey: profileKeys.every,
    queryFn: ({ signal }) => fetchAll<Profile>(api, '/connector_profiles', signal),
  });

export const profileOptions = (api: ApiClient, id: string) =>
  queryOptions({
    queryKey: profileKeys.one(id),
    queryFn: ({ signal }) => api.request<Profile>('GET', path`/connector_profiles/${id}`, { signal }),
  });

export const createProfile = (api: ApiClient, body: NewProfileRequest) =>
  api.request<PublicProfile>('POST', '/connector_profiles', { body });

export const changeProfile = (api: ApiClient, id: string, body: ProfileChangeRequest) =>
  api.request<PublicProfile>('PATCH', path`/connector_profiles/${id}`, { body });

/** Rejects with `in_use` while accounts are linked under it. */
export const deleteProfile = (api: ApiClient, id: string) =>
  api.request<void>('DELETE', path`/connector_profiles/${id}`);

export const testProfile = (api: ApiClient, id: string) =>
  api.request<ProfileTestResult>('POST', path`/connector_profiles/${id}/test`);
