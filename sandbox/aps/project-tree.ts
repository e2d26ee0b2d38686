import type { User } from './people.ts';
import type { Seed } from './seed.ts';
import type { Project } from './world.ts';

export interface FolderNode {
  kind: 'folder';
  id: string;
  name: string;
  parent?: FolderNode;
  isRoot: boolean;
  /** `CONTAINER_VIRTUAL` are the system's own containers, which app tokens see (recorded traffic). */
  folderType: 'normal' | 'CONTAINER_VIRTUAL';
  /** Deleted: the provider never removes a folder or file, it hides it. */
  hidden: boolean;
  children: EntryNode[];
  createdAt: number;
  modifiedAt: number;
  user: User;
}

export interface ItemNode {
  kind: 'item';
  id: string;
  /** Shared by the item's lineage URN and its version URNs. */
  key: string;
  name: string;
  parent: FolderNode;
  type: ItemType;
  hidden: boolean;
  reserved: boolean;
  /** Generated versions have this name, also after a later one renamed the item. */
  seedName: string;
  /** How many versions are generated; those in `added` follow them. */
  seedVersions: number;
  /** Made through the API, oldest first. */
  added: AddedVersion[];
  versions: number;
  createdAt: number;
  user: User;
}

export type ItemType = 'File' | 'Document' | 'C4RModel';

/** A version that was made through the API. */
export interface AddedVersion {
  name: string;
  /** `Deleted` hides the item and has no storage. */
  type: ItemType | 'Deleted';
  /** Where the extension type is another than platform and `type` make. */
  extensionType?: string;
  createdAt: number;
  user: User;
  storageUrn?: string;
  size: number;
}

export type EntryNode = FolderNode | ItemNode;

export interface ProjectTree {
  root: FolderNode;
  /** Puts the node into its parent, behind what is there. */
  insert(node: EntryNode): void;
  folder(id: string): FolderNode | undefined;
  item(id: string): ItemNode | undefined;
}

interface FolderPlan {
  name: string;
  files?: number;
  type?: ItemNode['type'];
  hidden?: boolean;
  folders?: FolderPlan[];
}

const SYSTEM_CONTAINERS = 13;
const USERS = 6;
/** Sub-folders of `Sheets`, so that the large listing is mixed too. */
const SHEET_FOLDERS = 4;

const TEAM_FOLDERS: readonly FolderPlan[] = [
  { name: 'Designs', files: 6, folders: [{ name: 'Archive', files: 2 }] },
  { name: 'Drawings', files: 4 },
];

/** Builds the whole tree of a project: cheap (no rendering), deterministic, and independent of any other project. */
export function createProjectTree(seed: Seed, project: Project, largeFolderEntries: number): ProjectTree {
  const folders = new Map<string, FolderNode>();
  const items = new Map<string, ItemNode>();
  const base = `tree/${project.id}`;

  const insert = (node: EntryNode): void => {
    node.parent?.children.push(node);
    if (node.kind === 'folder') folders.set(node.id, node);
    else items.set(node.id, node);
  };

  const addFolder = (path: string, name: string, parent: FolderNode | undefined, more: Partial<FolderNode> = {}) => {
    const label = `${base}${path}`;
    const createdAt = seed.time(label);
    const node: FolderNode = {
      kind: 'folder',
      id: `urn:adsk.${project.hub.urnSpace}:fs.folder:co.${seed.key(label)}`,
      name,
      isRoot: false,
      folderType: 'normal',
      hidden: false,
      children: [],
      createdAt,
      modifiedAt: createdAt + seed.integer(`${label}/edit`, 60, 90 * 24 * 3600) * 1000,
      user: seed.integer(`${label}/user`, 0, USERS),
      ...more,
    };
    if (parent !== undefined) node.parent = parent;
    insert(node);
    return node;
  };

  const addItem = (path: string, index: number, parent: FolderNode, type: ItemNode['type']) => {
    const label = `${base}${path}/item/${index}`;
    const key = seed.key(label);
    const name = fileName(seed, label, parent.name, index, type);
    const versions = seed.integer(`${label}/versions`, 1, 5);
    const node: ItemNode = {
      kind: 'item',
      id: `urn:adsk.${project.hub.urnSpace}:dm.lineage:${key}`,
      key,
      name,
      parent,
      type,
      hidden: index > 0 && seed.integer(`${label}/hidden`, 0, 24) === 0,
      reserved: seed.integer(`${label}/reserved`, 0, 19) === 0,
      seedName: name,
      seedVersions: versions,
      added: [],
      versions,
      createdAt: seed.time(label),
      user: seed.integer(`${label}/user`, 0, USERS),
    };
    insert(node);
  };

  const grow = (path: string, plan: FolderPlan, parent: FolderNode, more: Partial<FolderNode> = {}): void => {
    const node = addFolder(path, plan.name, parent, { hidden: plan.hidden ?? false, ...more });
    for (const child of plan.folders ?? []) grow(`${path}/${child.name}`, child, node);
    for (let index = 0; index < (plan.files ?? 0); index++) addItem(path, index, node, plan.type ?? 'File');
  };

  const root = addFolder('', `${project.uuid}-root-folder`, undefined, { id: project.rootFolderId });
  const tree: ProjectTree = { root, insert, folder: (id) => folders.get(id), item: (id) => items.get(id) };
  if (project.hub.platform === 'core') {
    for (const plan of TEAM_FOLDERS) grow(`/${plan.name}`, plan, root);
    return tree;
  }
  grow('/files', projectFiles(largeFolderEntries), root, { isRoot: true });
  grow('/plans', { name: 'Plans', folders: [{ name: 'Level 1', files: 4, type: 'Document' }] }, root);
  grow('/photos', { name: 'Photos', hidden: true }, root);
  for (let index = 0; index < SYSTEM_CONTAINERS; index++) {
    const path = `/container/${index}`;
    addFolder(path, seed.uuid(`${base}${path}`), root, { folderType: 'CONTAINER_VIRTUAL' });
  }
  return tree;
}

function projectFiles(largeFolderEntries: number): FolderPlan {
  const sheetFolders = Array.from({ length: SHEET_FOLDERS }, (_, index) => ({ name: `Set ${index + 1}`, files: 2 }));
  return {
    name: 'Project Files',
    files: 3,
    folders: [
      {
        name: 'Architecture',
        files: 6,
        folders: [
          {
            name: 'Models',
            files: 4,
            type: 'C4RModel',
            folders: [{ name: 'Tower A', files: 5, folders: [{ name: 'Archive', files: 2 }] }],
          },
        ],
      },
      { name: 'Structure', files: 10, folders: [{ name: 'Calculations', files: 3 }] },
      { name: 'MEP', files: 5, folders: [{ name: 'Ventilation & Heating', files: 3 }, { name: 'Empty' }] },
      { name: 'Sheets', files: Math.max(0, largeFolderEntries - SHEET_FOLDERS), folders: sheetFolders },
      { name: 'Superseded', hidden: true, files: 2 },
    ],
  };
}

/** Names such as people give: spaces, commas, ampersands, percent signs and letters beyond ASCII. */
function fileName(seed: Seed, label: string, folder: string, index: number, type: ItemNode['type']): string {
  if (type === 'C4RModel') return `${folder} ${index + 1}.rvt`;
  if (type === 'Document') return `${folder}-${String(index + 1).padStart(3, '0')}.pdf`;
  const stem = seed.pick(`${label}/stem`, [
    'Grundriß Nord',
    'Section A-A, rev',
    'Détail & coupe',
    '100% Issue',
    'Sheet',
  ]);
  const extension = seed.pick(`${label}/extension`, ['pdf', 'dwg', 'rvt', 'ifc', 'xlsx']);
  return `${stem} ${String(index + 1).padStart(3, '0')}.${extension}`;
}
