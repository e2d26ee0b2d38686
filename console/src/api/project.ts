import { queryOptions } from '@tanstack/react-query';
import type { Project } from '../../../src/domain/project.ts';
import type { ProjectSettingsRequest, ProjectSettingsView } from '../../../src/http/project-settings.ts';
import { type ApiClient, path } from './client.ts';

export type { Project, ProjectSettingsRequest, ProjectSettingsView };

export const projectKeys = { settings: ['project_settings'] as const };

export const projectSettingsOptions = (api: ApiClient) =>
  queryOptions({
    queryKey: projectKeys.settings,
    queryFn: ({ signal }) => api.request<ProjectSettingsView>('GET', '/project_settings', { signal }),
  });

/** All of them at once. */
export const putProjectSettings = (api: ApiClient, body: ProjectSettingsRequest) =>
  api.request<ProjectSettingsView>('PUT', '/project_settings', { body });

/** The name stands in the session too: invalidate `SESSION_KEY`. */
export const renameProject = (api: ApiClient, id: string, name: string) =>
  api.request<Project>('PATCH', path`/projects/${id}`, { body: { name } });
