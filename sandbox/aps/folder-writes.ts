import type { Answer } from './answer.ts';
import { type ApiContext, requireActiveProject } from './api-context.ts';
import { folderAnswer } from './documents.ts';
import { badInput } from './errors.ts';
import { allowedTypes, folderType } from './folder-resource.ts';
import { requireFolder, requireFolderOf } from './folders.ts';
import type { FolderNode } from './project-tree.ts';
import { invalid, readResource } from './resource-body.ts';
import type { Project } from './world.ts';
import { actor, forbidden, newKey, requireFreeName, requireName } from './write-rules.ts';

/** Of nested folders, below the project's root folder (description of the operation). */
const MAX_LEVELS = 25;

export function createFolder(context: ApiContext): Answer {
  const project = requireActiveProject(context);
  const body = readResource(context, 'folders');
  const name = requireName(body.text('data.attributes.name'));
  const type = body.text('data.attributes.extension.type');
  body.text('data.attributes.extension.version');
  if (type !== folderType(project)) throw badInput(`The extension type ${type} does not fit the project.`);
  const parent = requireFolderOf(context, project, body.relation('data.relationships.parent', ['folders']).id);
  requireRoom(parent, project, 1);
  requireFreeName(context, parent, name, 'folder');

  const id = `urn:adsk.${project.hub.urnSpace}:fs.folder:co.${newKey()}`;
  const at = context.now();
  context.world.change(project, { kind: 'folder_added', id, parentId: parent.id, name, at, user: actor(context) });
  return folderAnswer(requireFolderOf(context, project, id), project, context.links, 201);
}

/** Renames, hides (deletes), shows (restores) and moves, in any combination. */
export function updateFolder(context: ApiContext): Answer {
  const { project, folder } = requireFolder(context);
  const body = readResource(context, 'folders');
  if (body.text('data.id') !== folder.id) throw invalid('data.id');
  const asked = body.optionalText('data.attributes.name');
  const name = asked === undefined ? folder.name : requireName(asked);
  const hidden = body.optionalFlag('data.attributes.hidden') ?? folder.hidden;
  const target = body.optionalRelation('data.relationships.parent', ['folders']);
  refuseFixed(folder, project);
  const parent = target === undefined ? folder.parent : requireFolderOf(context, project, target.id);
  if (parent === undefined) throw forbidden('The root folder cannot be changed.');
  if (parent !== folder.parent) {
    if (isWithin(parent, folder)) throw badInput('A folder cannot be moved into itself.');
    requireRoom(parent, project, heightOf(folder));
  }
  if (!hidden) requireFreeName(context, parent, name, 'folder', folder);

  const { id } = folder;
  context.world.change(project, { kind: 'folder_changed', id, at: context.now(), name, hidden, parentId: parent.id });
  return folderAnswer(requireFolderOf(context, project, id), project, context.links);
}

/** The folders that the products of an account put into its projects belong to those products. */
function refuseFixed(folder: FolderNode, project: Project): void {
  const isTop = folder.parent === undefined || folder.parent.parent === undefined;
  if (folder.parent === undefined || (project.hub.platform === 'bim360' && isTop)) {
    throw forbidden('This folder cannot be changed.');
  }
}

function requireRoom(parent: FolderNode, project: Project, levels: number): void {
  if (!allowedTypes(parent, project).includes('folders')) throw forbidden('No folder can be put into this folder.');
  if (depthOf(parent) + levels > MAX_LEVELS) throw badInput(`Folders can be nested up to ${MAX_LEVELS} levels deep.`);
}

/** 0 for the root folder. */
function depthOf(folder: FolderNode): number {
  let depth = 0;
  for (let at = folder.parent; at !== undefined; at = at.parent) depth += 1;
  return depth;
}

/** 1 for a folder without folders. */
function heightOf(folder: FolderNode): number {
  const heights = folder.children.map((child) => (child.kind === 'folder' ? heightOf(child) : 0));
  return 1 + Math.max(0, ...heights);
}

function isWithin(folder: FolderNode, ancestor: FolderNode): boolean {
  for (let at: FolderNode | undefined = folder; at !== undefined; at = at.parent) if (at === ancestor) return true;
  return false;
}
