import { type Answer, documentAnswer } from './answer.ts';
import type { ApiContext } from './api-context.ts';
import { folderResource } from './folder-resource.ts';
import { itemResource, pathInProject } from './item-resource.ts';
import { singleDocument } from './json-api.ts';
import type { Links } from './links.ts';
import type { FolderNode, ItemNode } from './project-tree.ts';
import { versionId, versionResource } from './version-resource.ts';
import type { Project } from './world.ts';

/** `links.self` names the resource that was answered, not the route that was asked: so do the documented examples. */
export function folderAnswer(folder: FolderNode, project: Project, links: Links): Answer {
  return documentAnswer(singleDocument(links.folder(project.id, folder.id), folderResource(folder, project, links)));
}

/** An item with its tip version in `included`. */
export function itemAnswer(item: ItemNode, project: Project, context: ApiContext, withPath = false): Answer {
  const { links, world } = context;
  const resource = itemResource(item, project, links, world.seed);
  if (withPath) resource.attributes.pathInProject = pathInProject(item);
  const included = [versionResource(item, item.versions, project, links, world.seed)];
  return documentAnswer(singleDocument(links.item(project.id, item.id), resource, { included }));
}

export function versionAnswer(item: ItemNode, number: number, project: Project, context: ApiContext): Answer {
  const { links, world } = context;
  const self = links.version(project.id, versionId(item, number, project));
  return documentAnswer(singleDocument(self, versionResource(item, number, project, links, world.seed)));
}
