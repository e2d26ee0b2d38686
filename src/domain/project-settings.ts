import type { RecordKey, Store } from '../store/store.ts';

/** What a project's operators set once for all of its links. */
export interface ProjectSettings {
  /** By which end users know the project; null: the project's own name. */
  workspace_name: string | null;
  /** Where a browser may be sent after a link: compared as they are, character by character. */
  return_urls: string[];
  /** Origins of pages that may open the link page in a popup and are told the outcome. */
  popup_origins: string[];
}

const NONE: ProjectSettings = { workspace_name: null, return_urls: [], popup_origins: [] };

function keyOf(project: string): RecordKey {
  return { partition: project, kind: 'project_settings', id: 'current' };
}

export async function getProjectSettings(store: Store, project: string): Promise<ProjectSettings> {
  const record = await store.get(keyOf(project));
  return record ? { ...NONE, ...(JSON.parse(record.value) as ProjectSettings) } : NONE;
}

/** Replaces all settings of the project. */
export async function putProjectSettings(store: Store, project: string, settings: ProjectSettings): Promise<void> {
  await store.put(keyOf(project), JSON.stringify(settings));
}
