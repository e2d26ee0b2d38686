import type { Resource } from './filters.ts';
import { customRelationships, type Links, related, webView } from './links.ts';
import { createdAndModified, userId, userName } from './people.ts';
import type { ItemNode } from './project-tree.ts';
import { formatTime, type Seed } from './seed.ts';
import { versionFacts, versionId } from './version-resource.ts';
import type { Project } from './world.ts';

export function itemResource(
  item: ItemNode,
  project: Project,
  links: Links,
  seed: Seed,
): Resource & Record<string, unknown> {
  const self = links.item(project.id, item.id);
  const type = `items:autodesk.${project.hub.platform}:${item.type}`;
  const extensionVersion = item.type === 'C4RModel' ? '1.0.0' : '1.0';
  const tip = versionFacts(item, item.versions, project, seed);
  const modified = tip.createdAt;
  const reservation = item.reserved
    ? { reservedTime: formatTime(modified), reservedUserId: userId(item.user), reservedUserName: userName(item.user) }
    : {};
  return {
    type: 'items',
    id: item.id,
    attributes: {
      displayName: item.name,
      ...createdAndModified(item.user, item.createdAt, modified),
      lastModifiedTimeRollup: formatTime(modified),
      hidden: item.hidden,
      reserved: item.reserved,
      ...reservation,
      extension: {
        type,
        version: extensionVersion,
        schema: links.schema(type, extensionVersion),
        data: { sourceFileName: item.name },
      },
    },
    links: { self: { href: self }, ...webView(project, item.parent.id, item.id) },
    relationships: {
      tip: { data: { type: 'versions', id: versionId(item, item.versions, project) }, ...related(`${self}/tip`) },
      versions: related(`${self}/versions`),
      parent: { data: { type: 'folders', id: item.parent.id }, ...related(`${self}/parent`) },
      ...customRelationships(self),
    },
  };
}

/** Folder names from below the root folder, as `includePathInProject` asks. */
export function pathInProject(item: ItemNode): string {
  const names: string[] = [];
  for (let at = item.parent; at.parent !== undefined; at = at.parent) names.unshift(at.name);
  return `/${names.join('/')}`;
}
