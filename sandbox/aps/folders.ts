import { type Answer, documentAnswer, emptyAnswer } from './answer.ts';
import { type ApiContext, requireActiveProject } from './api-context.ts';
import { folderAnswer } from './documents.ts';
import { badUrn, notFound } from './errors.ts';
import { compileFilters, filtersOn, type Resource } from './filters.ts';
import { folderResource } from './folder-resource.ts';
import { itemResource } from './item-resource.ts';
import { listDocument, paginate } from './json-api.ts';
import type { EntryNode, FolderNode } from './project-tree.ts';
import { queryFlag } from './query.ts';
import { versionResource } from './version-resource.ts';
import type { Project } from './world.ts';

const FOLDER_URN = /^urn:adsk\.wip[a-z]+:(?:fs\.folder:co\.|dm\.folder:)[A-Za-z0-9_-]+$/;

/** 400 when the URN is malformed, 404 when the project has no such folder. */
export function requireFolder(context: ApiContext): { project: Project; folder: FolderNode } {
  const project = requireActiveProject(context);
  return { project, folder: requireFolderOf(context, project, context.params.folder_id ?? '') };
}

/** The same of an id in a body. */
export function requireFolderOf(context: ApiContext, project: Project, id: string): FolderNode {
  if (!FOLDER_URN.test(id)) throw badUrn();
  const folder = context.world.tree(project).folder(id);
  if (folder === undefined) throw notFound('The folder does not exist.');
  return folder;
}

/** Answers 304 without a body when `If-Modified-Since` is not before the last modification (OpenAPI document). */
export function getFolder(context: ApiContext): Answer {
  const { project, folder } = requireFolder(context);
  const since = Date.parse(context.headers['if-modified-since'] ?? '');
  if (since >= folder.modifiedAt) {
    return emptyAnswer(304, { 'Last-Modified': new Date(folder.modifiedAt).toUTCString() });
  }
  return folderAnswer(folder, project, context.links);
}

/** 404 for the project's root folder, which alone has no parent. */
export function getFolderParent(context: ApiContext): Answer {
  const { project, folder } = requireFolder(context);
  if (folder.parent === undefined) throw notFound('The folder has no parent.');
  return folderAnswer(folder.parent, project, context.links);
}

/** Folders and items mixed; `included` has the tip versions of the page's items, and is absent when there are none. */
export function listContents(context: ApiContext): Answer {
  const { project, folder } = requireFolder(context);
  const { links, query, world } = context;
  const showHidden = queryFlag(query, 'includeHidden') || filtersOn(query, 'hidden');
  const matches = compileFilters(query);
  const entries = folder.children
    .filter((entry) => showHidden || !entry.hidden)
    .map((entry) => ({ entry, resource: entryResource(entry, project, context) }))
    .filter(({ resource }) => matches(resource));
  const page = paginate(entries, context);
  const included = page.entries.flatMap(({ entry }) =>
    entry.kind === 'item' ? [versionResource(entry, entry.versions, project, links, world.seed)] : [],
  );
  const data = page.entries.map(({ resource }) => resource);
  return documentAnswer(listDocument(page.links, data, included.length === 0 ? {} : { included }));
}

function entryResource(entry: EntryNode, project: Project, context: ApiContext): Resource & Record<string, unknown> {
  if (entry.kind === 'folder') return folderResource(entry, project, context.links);
  return itemResource(entry, project, context.links, context.world.seed);
}
