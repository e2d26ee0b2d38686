import { createProjectTree, type ProjectTree } from './project-tree.ts';
import { createSeed, type Seed } from './seed.ts';

export interface Hub {
  id: string;
  accountId: string;
  name: string;
  region: string;
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
}

export interface WorldOptions {
  seed: string;
  usProjects: number;
  emeaProjects: number;
  /** Entries of the folder `Sheets` of each project: more than one page of 200 by default. */
  largeFolderEntries: number;
}

/** All simulated data. Hubs and projects exist from the start; a project's tree is generated when first looked at. */
export interface World {
  hubs: readonly Hub[];
  hub(id: string): Hub | undefined;
  project(id: string): Project | undefined;
  tree(project: Project): ProjectTree;
  seed: Seed;
}

/** Trees kept in memory: one is about 1 MiB, and any tree can be generated again. */
const MAX_TREES = 48;
const PROJECT_KINDS = ['Hospital', 'School', 'Bridge', 'Office', 'Depot', 'Station', 'Library', 'Tower'] as const;
const PHASES = ['Phase 1', 'Phase 2', 'Refurbishment', 'Extension & Annex', 'Façade', 'Fit-out'] as const;

export function createWorld(options: WorldOptions): World {
  const seed = createSeed(options.seed);
  const us = createHub(seed, { name: 'Sandbox Hub US', region: 'US', urnSpace: 'wipprod', bucket: 'wip.dm.prod' });
  const emea = createHub(seed, {
    name: 'Sandbox Hub EMEA',
    region: 'EMEA',
    urnSpace: 'wipemea',
    bucket: 'wip.dm.emea.2',
  });
  fillHub(seed, us, options.usProjects);
  fillHub(seed, emea, options.emeaProjects);
  const hubs = [us, emea];
  const projects = new Map(hubs.flatMap((hub) => hub.projects.map((project) => [project.id, project] as const)));
  const trees = new Map<string, ProjectTree>();

  return {
    hubs,
    seed,
    hub: (id) => hubs.find((hub) => hub.id === id),
    project: (id) => projects.get(id),
    tree(project) {
      const known = trees.get(project.id);
      if (known !== undefined) return known;
      const tree = createProjectTree(seed, project, options.largeFolderEntries);
      const oldest = trees.keys().next();
      if (trees.size >= MAX_TREES && oldest.done !== true) trees.delete(oldest.value);
      trees.set(project.id, tree);
      return tree;
    },
  };
}

function createHub(seed: Seed, about: Pick<Hub, 'name' | 'region' | 'urnSpace' | 'bucket'>): Hub {
  const accountId = seed.uuid(`hub/${about.region}`);
  return { ...about, id: `b.${accountId}`, accountId, projects: [] };
}

function fillHub(seed: Seed, hub: Hub, count: number): void {
  for (let index = 0; index < count; index++) {
    const label = `project/${hub.region}/${index}`;
    const uuid = seed.uuid(label);
    const kind = seed.pick(`${label}/kind`, PROJECT_KINDS);
    const phase = seed.pick(`${label}/phase`, PHASES);
    hub.projects.push({
      id: `b.${uuid}`,
      uuid,
      name: `${String(index + 1).padStart(4, '0')} ${kind} ${phase}`,
      projectType: seed.integer(`${label}/type`, 0, 3) === 0 ? 'BIM360' : 'ACC',
      rootFolderId: `urn:adsk.${hub.urnSpace}:fs.folder:co.${seed.key(`${label}/root`)}`,
      issuesId: seed.uuid(`${label}/issues`),
      locationsId: seed.uuid(`${label}/locations`),
      hub,
    });
  }
}
