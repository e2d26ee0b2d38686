import { queryOptions } from '@tanstack/react-query';
import type { Project } from '../../../src/domain/project.ts';
import type { ProjectSettingsRequest, ProjectSettingsView } from '../../../src/http/project-settings.ts';
import type { NewProjectView } from '../../../src/http/projects.ts';
import { type ApiClient, path } from './client.ts';
import { listOptions } from './lists.ts';

export type { NewProjectView, Project, ProjectSettingsRequest, ProjectSettingsView };

export const projectKeys = {
  settings: ['project_settings'] as const,
  all: ['projects'] as const,
  list: ['projects', 'list'] as const,
};

/** Every project for the operators of the root project, their own for all others. */
export const projectsOptions = (api: ApiClient) =>
  listOptions<Project>(api, projectKeys.list, '/projects', { limit: 50 });

/** The answer has the token of the first operator key, which is shown nowhere else: keep it in no query cache. */
export const createProject = (api: ApiClient, name: string) =>
  api.request<NewProjectView>('POST', '/projects', { body: { name } });

export const projectSettingsOptions = (api: ApiClient) =>
  queryOptions({
    queryKey: projectKeys.settings,
    queryFn: ({ signal }) => api.request<ProjectSettingsView>('GET', '/project_settings', { signal }),
  });

/** All of them at once. */
export const putProjectSettings = (api: ApiClient, body: ProjectSettingsRequest) =>
  api.request<ProjectSettingsView>('PUT', '/project_settings', { body });

/** The name of the own one stands in the session too: invalidate `SESSION_KEY`. */
export const renameProject = (api: ApiClient, id: string, name: string) =>
  api.request<Project>('PATCH', path`/projects/${id}`, { body: { name } });
