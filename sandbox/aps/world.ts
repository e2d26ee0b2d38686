import { createProjectTree, type ProjectTree } from './project-tree.ts';
import { createSeed, type Seed } from './seed.ts';
import { applyChange, type TreeChange } from './tree-changes.ts';

export interface Hub {
  id: string;
  accountId: string;
  name: string;
  region: string;
  /** `bim360` are construction accounts (BIM 360 and ACC), `core` team hubs, whose ids begin with `a.`. */
  platform: 'bim360' | 'core';
  /** The namespace of the hub's URNs: `wipprod` in the US, `wipemea` in EMEA. */
  urnSpace: string;
  /** Where the hub's files are stored. */
  bucket: string;
  projects: Project[];
}

export interface Project {
  /** `b.` + uuid, as Data Management wants it. */
  id: string;
  uuid: string;
  name: string;
  projectType: 'ACC' | 'BIM360';
  rootFolderId: string;
  issuesId: string;
  locationsId: string;
  hub: Hub;
  /** Milliseconds since the epoch; until then it is being provisioned. 0 for the seeded ones. */
  readyAt: number;
  /** True once an administrator made it inactive. */
  archived: boolean;
}

export interface WorldOptions {
  seed: string;
  usProjects: number;
  emeaProjects: number;
  /** Entries of the folder `Sheets` of each project: more than one page of 200 by default. */
  largeFolderEntries: number;
  /** Adds a team hub, which is no construction account. */
  teamHub?: boolean;
}

/**
 * All simulated data. Hubs and projects exist from the start, and more projects can be added; a project's tree is generated
 * when first looked at.
 */
export interface World {
  hubs: readonly Hub[];
  hub(id: string): Hub | undefined;
  project(id: string): Project | undefined;
  /** Adds an ACC project whose ids are derived from `uuid`. */
  addProject(hub: Hub, about: { uuid: string; name: string; readyAt: number }): Project;
  tree(project: Project): ProjectTree;
  /** Changes the project's tree for good: whatever is generated again later is changed again. */
  change(project: Project, change: TreeChange): void;
  seed: Seed;
}

/** Trees kept in memory: one is about 1 MiB, and any tree can be generated again. */
const MAX_TREES = 48;
const TEAM_PROJECTS = 3;
const PROJECT_KINDS = ['Hospital', 'School', 'Bridge', 'Office', 'Depot', 'Station', 'Library', 'Tower'] as const;
const PHASES = ['Phase 1', 'Phase 2', 'Refurbishment', 'Extension & Annex', 'Façade', 'Fit-out'] as const;

export function createWorld(options: WorldOptions): World {
  const seed = createSeed(options.seed);
  const us = createHub(seed, {
    name: 'Sandbox Hub US',
    region: 'US',
    platform: 'bim360',
    urnSpace: 'wipprod',
    bucket: 'wip.dm.prod',
  });
  const emea = createHub(seed, {
    name: 'Sandbox Hub EMEA',
    region: 'EMEA',
    platform: 'bim360',
    urnSpace: 'wipemea',
    bucket: 'wip.dm.emea.2',
  });
  fillHub(seed, us, options.usProjects);
  fillHub(seed, emea, options.emeaProjects);
  const hubs = [us, emea, ...(options.teamHub === true ? [createTeamHub(seed)] : [])];
  const projects = new Map(hubs.flatMap((hub) => hub.projects.map((project) => [project.id, project] as const)));
  const trees = new Map<string, ProjectTree>();
  const changes = new Map<string, TreeChange[]>();

  const treeOf = (project: Project): ProjectTree => {
    const known = trees.get(project.id);
    if (known !== undefined) return known;
    const tree = createProjectTree(seed, project, options.largeFolderEntries);
    for (const change of changes.get(project.id) ?? []) applyChange(tree, change);
    const oldest = trees.keys().next();
    if (trees.size >= MAX_TREES && oldest.done !== true) trees.delete(oldest.value);
    trees.set(project.id, tree);
    return tree;
  };

  return {
    hubs,
    seed,
    hub: (id) => hubs.find((hub) => hub.id === id),
    project: (id) => projects.get(id),
    addProject(hub, { uuid, name, readyAt }) {
      const project = newProject(seed, hub, {
        uuid,
        name,
        label: `project/added/${uuid}`,
        projectType: 'ACC',
        readyAt,
      });
      hub.projects.push(project);
      projects.set(project.id, project);
      return project;
    },
    tree: treeOf,
    change(project, change) {
      applyChange(treeOf(project), change);
      const earlier = changes.get(project.id);
      if (earlier === undefined) changes.set(project.id, [change]);
      else earlier.push(change);
    },
  };
}

function createHub(seed: Seed, about: Omit<Hub, 'id' | 'accountId' | 'projects'>): Hub {
  const accountId = seed.uuid(`hub/${about.region}`);
  return { ...about, id: `b.${accountId}`, accountId, projects: [] };
}

/** Its ids are no uuids: `a.` and base64url of `business:<team>` and of that with the project's number. */
function createTeamHub(seed: Seed): Hub {
  const team = (suffix: string) => `a.${Buffer.from(`business:sandbox${suffix}`).toString('base64url')}`;
  const about = {
    name: 'Sandbox Team Hub',
    region: 'US',
    platform: 'core',
    urnSpace: 'wipprod',
    bucket: 'wip.dm.prod',
  } as const;
  const hub: Hub = { ...about, id: team(''), accountId: '', projects: [] };
  for (let index = 0; index < TEAM_PROJECTS; index++) {
    const label = `project/team/${index}`;
    const uuid = seed.uuid(label);
    const name = `Team Project ${index + 1}`;
    const project = newProject(seed, hub, { uuid, name, label, projectType: 'ACC', readyAt: 0 });
    hub.projects.push({ ...project, id: team(`#${20240101 + index}`) });
  }
  return hub;
}

function fillHub(seed: Seed, hub: Hub, count: number): void {
  for (let index = 0; index < count; index++) {
    const label = `project/${hub.region}/${index}`;
    const uuid = seed.uuid(label);
    const kind = seed.pick(`${label}/kind`, PROJECT_KINDS);
    const phase = seed.pick(`${label}/phase`, PHASES);
    const name = `${String(index + 1).padStart(4, '0')} ${kind} ${phase}`;
    const projectType = seed.integer(`${label}/type`, 0, 3) === 0 ? 'BIM360' : 'ACC';
    hub.projects.push(newProject(seed, hub, { uuid, name, label, projectType, readyAt: 0 }));
  }
}

function newProject(
  seed: Seed,
  hub: Hub,
  about: Pick<Project, 'uuid' | 'name' | 'projectType' | 'readyAt'> & { label: string },
): Project {
  const { label, ...known } = about;
  return {
    ...known,
    id: `b.${known.uuid}`,
    rootFolderId: `urn:adsk.${hub.urnSpace}:fs.folder:co.${seed.key(`${label}/root`)}`,
    issuesId: seed.uuid(`${label}/issues`),
    locationsId: seed.uuid(`${label}/locations`),
    archived: false,
    hub,
  };
}
