import type { Answer } from './answer.ts';
import { documentAnswer } from './answer.ts';
import { type ApiContext, requireActiveProject } from './api-context.ts';
import { folderAnswer, itemAnswer, versionAnswer } from './documents.ts';
import { badUrn, notFound } from './errors.ts';
import { compileFilters } from './filters.ts';
import { listDocument, paginate } from './json-api.ts';
import type { ItemNode } from './project-tree.ts';
import { queryFlag } from './query.ts';
import { versionResource } from './version-resource.ts';
import type { Project } from './world.ts';

const ITEM_URN = /^urn:adsk\.wip[a-z]+:dm\.lineage:[A-Za-z0-9_-]+$/;

/** 400 when the URN is malformed, 404 when the project has no such item. */
export function requireItem(context: ApiContext): { project: Project; item: ItemNode } {
  const project = requireActiveProject(context);
  return { project, item: requireItemOf(context, project, context.params.item_id ?? '') };
}

/** The same of an id in a body. */
export function requireItemOf(context: ApiContext, project: Project, id: string): ItemNode {
  if (!ITEM_URN.test(id)) throw badUrn();
  const item = context.world.tree(project).item(id);
  if (item === undefined) throw notFound('The item does not exist.');
  return item;
}

export function getItem(context: ApiContext): Answer {
  const { project, item } = requireItem(context);
  return itemAnswer(item, project, context, queryFlag(context.query, 'includePathInProject'));
}

export function getItemTip(context: ApiContext): Answer {
  const { project, item } = requireItem(context);
  return versionAnswer(item, item.versions, project, context);
}

export function getItemParent(context: ApiContext): Answer {
  const { project, item } = requireItem(context);
  return folderAnswer(item.parent, project, context.links);
}

/** Newest first. */
export function listItemVersions(context: ApiContext): Answer {
  const { project, item } = requireItem(context);
  const versions = Array.from({ length: item.versions }, (_, index) =>
    versionResource(item, item.versions - index, project, context.links, context.world.seed),
  ).filter(compileFilters(context.query));
  const page = paginate(versions, context);
  return documentAnswer(listDocument(page.links, page.entries));
}
