import { Problem } from '../problems.ts';
import type { RecordKey, Store, StoredRecord } from '../store/store.ts';
import { isId } from './ids.ts';
import { type ListQuery, listRecords, type Page } from './listing.ts';

/** The tenant. */
export interface Project {
  id: string;
  name: string;
  /** The one made at the first start: only its operators may make and list projects. */
  root: boolean;
  /** ISO 8601. */
  created_at: string;
}

const PARTITION = 'global';
const KIND = 'project';

/** Where a project is kept. */
export function projectKey(id: string): RecordKey {
  return { partition: PARTITION, kind: KIND, id };
}

/** Writes a project that must not exist. */
export async function insertProject(store: Store, project: Project): Promise<void> {
  const { ok } = await store.put(projectKey(project.id), JSON.stringify(project), { expectedVersion: 0 });
  if (!ok) throw new Problem('already_exists', 'There is such a project.');
}

/** The project, or the problem `not_found`. */
export async function getProject(store: Store, id: string): Promise<Project> {
  const record = isId('prj', id) ? await store.get(projectKey(id)) : undefined;
  if (!record) throw new Problem('not_found', 'There is no such project.');
  return parseProject(record);
}

export async function renameProject(store: Store, id: string, name: string): Promise<Project> {
  const record = isId('prj', id) ? await store.get(projectKey(id)) : undefined;
  if (!record) throw new Problem('not_found', 'There is no such project.');
  const project = { ...parseProject(record), name };
  const { ok } = await store.put(projectKey(id), JSON.stringify(project), { expectedVersion: record.version });
  if (!ok) throw new Problem('version_conflict', 'The project was changed meanwhile.');
  return project;
}

export function listProjects(store: Store, query: ListQuery): Promise<Page<Project>> {
  return listRecords(store, PARTITION, KIND, query, parseProject);
}

/** Every partition of the store, for work that goes over all records. */
export async function* partitions(store: Pick<Store, 'list'>): AsyncGenerator<string> {
  yield PARTITION;
  let after: string | undefined;
  do {
    const page = await store.list(PARTITION, KIND, { limit: 100, ...(after !== undefined && { after }) });
    for (const { key } of page.records) yield key.id;
    after = page.next;
  } while (after !== undefined);
}

function parseProject({ value }: StoredRecord): Project {
  return JSON.parse(value) as Project;
}
