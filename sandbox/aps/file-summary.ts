import type { FolderNode, ItemNode } from './project-tree.ts';
import { versionFacts, versionId } from './version-resource.ts';
import type { Hub, World } from './world.ts';

/** Seeded ids of one project's files, all as Data Management wants them. */
export interface FileSummary {
  /** The hub's first project, with its prefix. */
  project_id: string;
  /** Takes nothing in construction accounts. */
  root_folder_id: string;
  /** Takes folders and files; `Project Files` in construction accounts. */
  folder_id: string;
  /** More than one page of entries; not in team hubs. */
  large_folder_id?: string;
  /** In `folder_id`, not deleted, with its tip version and that one's content. */
  item_id?: string;
  version_id?: string;
  storage_id?: string;
}

/** `undefined` for a hub without projects. */
export function summarizeFiles(hub: Hub, world: World): FileSummary | undefined {
  const [project] = hub.projects;
  if (project === undefined) return undefined;
  const { root } = world.tree(project);
  const folder = root.children.find(isFolder) ?? root;
  const large = folder.children.find((child) => isFolder(child) && child.name === 'Sheets');
  const item = folder.children.find((child): child is ItemNode => child.kind === 'item' && !child.hidden);
  const storage = item && versionFacts(item, item.versions, project, world.seed).storageUrn;
  return {
    project_id: project.id,
    root_folder_id: root.id,
    folder_id: folder.id,
    ...(large && { large_folder_id: large.id }),
    ...(item && { item_id: item.id, version_id: versionId(item, item.versions, project) }),
    ...(storage !== undefined && { storage_id: storage }),
  };
}

function isFolder(child: FolderNode | ItemNode): child is FolderNode {
  return child.kind === 'folder' && !child.hidden;
}
