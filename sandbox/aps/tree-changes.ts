import type { User } from './people.ts';
import type { AddedVersion, FolderNode, ItemNode, ItemType, ProjectTree } from './project-tree.ts';

/** What a write did to a project's tree, in a form that can be done again to a freshly generated one. Times are in ms. */
export type TreeChange =
  | { kind: 'folder_added'; id: string; parentId: string; name: string; at: number; user: User }
  | { kind: 'folder_changed'; id: string; at: number; name?: string; hidden?: boolean; parentId?: string }
  | { kind: 'item_added'; id: string; key: string; parentId: string; type: ItemType; version: AddedVersion }
  | { kind: 'item_renamed'; id: string; name: string; at: number }
  | { kind: 'version_added'; itemId: string; version: AddedVersion };

/** Expects that everything the change names exists: the routes check it before. */
export function applyChange(tree: ProjectTree, change: TreeChange): void {
  switch (change.kind) {
    case 'folder_added':
      addFolder(tree, change);
      break;
    case 'folder_changed':
      changeFolder(tree, change);
      break;
    case 'item_added':
      addItem(tree, change);
      break;
    case 'item_renamed':
      renameItem(tree, change);
      break;
    case 'version_added':
      addVersion(tree, change);
      break;
  }
}

type Of<K extends TreeChange['kind']> = Extract<TreeChange, { kind: K }>;

function addFolder(tree: ProjectTree, { id, parentId, name, at, user }: Of<'folder_added'>): void {
  const parent = requireFolder(tree, parentId);
  parent.modifiedAt = at;
  tree.insert({
    kind: 'folder',
    id,
    name,
    parent,
    isRoot: false,
    folderType: 'normal',
    hidden: false,
    children: [],
    createdAt: at,
    modifiedAt: at,
    user,
  });
}

function changeFolder(tree: ProjectTree, { id, at, name, hidden, parentId }: Of<'folder_changed'>): void {
  const folder = requireFolder(tree, id);
  folder.name = name ?? folder.name;
  folder.hidden = hidden ?? folder.hidden;
  folder.modifiedAt = at;
  if (parentId === undefined || folder.parent === undefined) return;
  const from = folder.parent;
  from.children = from.children.filter((child) => child !== folder);
  from.modifiedAt = at;
  const to = requireFolder(tree, parentId);
  to.children.push(folder);
  to.modifiedAt = at;
  folder.parent = to;
}

function addItem(tree: ProjectTree, { id, key, parentId, type, version }: Of<'item_added'>): void {
  const parent = requireFolder(tree, parentId);
  parent.modifiedAt = version.createdAt;
  tree.insert({
    kind: 'item',
    id,
    key,
    name: version.name,
    parent,
    type,
    hidden: false,
    reserved: false,
    seedName: version.name,
    seedVersions: 0,
    added: [version],
    versions: 1,
    createdAt: version.createdAt,
    user: version.user,
  });
}

function renameItem(tree: ProjectTree, { id, name, at }: Of<'item_renamed'>): void {
  const item = requireItem(tree, id);
  item.name = name;
  item.parent.modifiedAt = at;
}

/** A new version gives the item its name; a deleting one hides it, and any other brings it back. */
function addVersion(tree: ProjectTree, { itemId, version }: Of<'version_added'>): void {
  const item = requireItem(tree, itemId);
  item.added.push(version);
  item.versions += 1;
  item.name = version.name;
  item.hidden = version.type === 'Deleted';
  item.parent.modifiedAt = version.createdAt;
}

function requireFolder(tree: ProjectTree, id: string): FolderNode {
  const folder = tree.folder(id);
  if (folder === undefined) throw new Error(`no folder ${id} to change`);
  return folder;
}

function requireItem(tree: ProjectTree, id: string): ItemNode {
  const item = tree.item(id);
  if (item === undefined) throw new Error(`no item ${id} to change`);
  return item;
}
