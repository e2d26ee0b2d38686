import type { IncomingHttpHeaders } from 'node:http';
import { badInput, notFound, projectInactive } from './errors.ts';
import type { Links } from './links.ts';
import type { Query } from './query.ts';
import type { Switches } from './switches.ts';
import type { Hub, Project, World } from './world.ts';

/** What a route sees of one authorised request. */
export interface ApiContext {
  world: World;
  links: Links;
  switches: Switches;
  /** Decoded path parameters by name. */
  params: Readonly<Record<string, string>>;
  query: Query;
  headers: IncomingHttpHeaders;
  /** Absolute address as asked: what `links.self` of a list says. */
  self: string;
  /** The same without the query. */
  path: string;
  /** True when `x-user-id` names somebody: the app acts for a person. */
  hasUser: boolean;
}

/** `b.` for construction accounts; `a.` hubs exist on the live service but not here. */
const CONTAINER_ID = /^[ab]\.[A-Za-z0-9_=-]{1,100}$/;

/** 400 when malformed, 404 when there is no such hub. */
export function requireHub(context: ApiContext): Hub {
  const id = context.params.hub_id ?? '';
  if (!CONTAINER_ID.test(id)) throw badInput('The following parameters are invalid: hub_id');
  const hub = context.world.hub(id);
  if (hub === undefined) throw notFound(`Hub ${id} does not exist.`);
  return hub;
}

/** 400 when malformed (a missing `b.` included), 404 when there is no such project. */
export function requireProject(context: ApiContext): Project {
  const id = context.params.project_id ?? '';
  if (!CONTAINER_ID.test(id)) throw badInput('The following parameters are invalid: project_id');
  const project = context.world.project(id);
  if (project === undefined) throw notFound(`Project ${id} does not exist.`);
  return project;
}

/** The project of both ids of the path; 404 when it belongs to another hub. */
export function requireHubProject(context: ApiContext): Project {
  const hub = requireHub(context);
  const project = requireProject(context);
  if (project.hub !== hub) throw notFound(`Project ${project.id} does not exist.`);
  return project;
}

/** As `requireProject`, and 403 BIM360DM_ERROR while the switch says that it is inactive. */
export function requireActiveProject(context: ApiContext): Project {
  const project = requireProject(context);
  refuseInactive(context, project);
  return project;
}

export function refuseInactive(context: ApiContext, project: Project): void {
  if (context.switches.inactive_projects.includes(project.id)) throw projectInactive(project.id);
}
