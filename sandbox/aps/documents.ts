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
export function folderAnswer(folder: FolderNode, project: Project, links: Links, status = 200): Answer {
  const self = links.folder(project.id, folder.id);
  return documentAnswer(singleDocument(self, folderResource(folder, project, links)), status);
}

/** An item with its tip version in `included`. */
export function itemAnswer(
  item: ItemNode,
  project: Project,
  context: ApiContext,
  withPath = false,
  status = 200,
): Answer {
  const { links, world } = context;
  const resource = itemResource(item, project, links, world.seed);
  if (withPath) resource.attributes.pathInProject = pathInProject(item);
  const included = [versionResource(item, item.versions, project, links, world.seed)];
  return documentAnswer(singleDocument(links.item(project.id, item.id), resource, { included }), status);
}

export function versionAnswer(item: ItemNode, number: number, project: Project, context: ApiContext): Answer {
  const { links, world } = context;
  const self = links.version(project.id, versionId(item, number, project));
  return documentAnswer(singleDocument(self, versionResource(item, number, project, links, world.seed)));
}

/** 201: a new version with its item in `included`. */
export function createdVersionAnswer(item: ItemNode, project: Project, context: ApiContext): Answer {
  const { links, world } = context;
  const self = links.version(project.id, versionId(item, item.versions, project));
  const included = [itemResource(item, project, links, world.seed)];
  const resource = versionResource(item, item.versions, project, links, world.seed);
  return documentAnswer(singleDocument(self, resource, { included }), 201);
}
