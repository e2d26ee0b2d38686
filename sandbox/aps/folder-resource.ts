import type { Resource } from './filters.ts';
import { customRelationships, type Links, related, webView } from './links.ts';
import { createdAndModified } from './people.ts';
import type { FolderNode } from './project-tree.ts';
import { formatTime } from './seed.ts';
import type { Project } from './world.ts';

export function folderResource(folder: FolderNode, project: Project, links: Links): Resource & Record<string, unknown> {
  const self = links.folder(project.id, folder.id);
  const type = folderType(project);
  const types = allowedTypes(folder, project);
  return {
    type: 'folders',
    id: folder.id,
    attributes: {
      name: folder.name,
      displayName: folder.name,
      ...createdAndModified(folder.user, folder.createdAt, folder.modifiedAt),
      lastModifiedTimeRollup: formatTime(folder.modifiedAt),
      objectCount: folder.children.filter((child) => !child.hidden).length,
      hidden: folder.hidden,
      extension: {
        type,
        version: '1.0',
        schema: links.schema(type, '1.0'),
        data: {
          allowedTypes: types,
          visibleTypes: types,
          ...(project.hub.platform === 'bim360' && {
            isRoot: folder.isRoot,
            folderType: folder.folderType,
            folderParents: folderParents(folder),
            namingStandardIds: [],
          }),
        },
      },
    },
    links: { self: { href: self }, ...webView(project, folder.id) },
    relationships: {
      ...(folder.parent === undefined
        ? {}
        : { parent: { data: { type: 'folders', id: folder.parent.id }, ...related(`${self}/parent`) } }),
      ...customRelationships(self),
      contents: related(`${self}/contents`),
    },
  };
}

export function folderType(project: Project): string {
  return `folders:autodesk.${project.hub.platform}:Folder`;
}

/**
 * What may be put into the folder. In construction accounts the project's root folder holds the folders of the account's
 * products, and only the system puts something into its own containers.
 */
export function allowedTypes(folder: FolderNode, project: Project): string[] {
  if (project.hub.platform === 'core') return ['folders', 'items:autodesk.core:File'];
  if (folder.folderType !== 'normal' || folder.parent === undefined) return [];
  return ['folders', 'items:autodesk.bim360:File', 'items:autodesk.bim360:Document'];
}

function folderParents(folder: FolderNode): object[] {
  const parents: object[] = [];
  for (let at = folder.parent; at?.parent !== undefined; at = at.parent) {
    parents.unshift({ urn: at.id, isRoot: at.isRoot, title: at.name, parentUrn: at.parent.id });
  }
  return parents;
}
