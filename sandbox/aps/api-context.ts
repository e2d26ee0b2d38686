import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type { Accounts } from './account-store.ts';
import { badInput, notFound, personHasNoAccess, projectInactive, projectProvisioning } from './errors.ts';
import type { Links } from './links.ts';
import type { Oss } from './oss.ts';
import { reachesHub, reachesProject } from './person-access.ts';
import type { Query } from './query.ts';
import type { Method } from './router.ts';
import type { Switches } from './switches.ts';
import type { Webhooks } from './webhook-store.ts';
import type { Hub, Project, World } from './world.ts';

/** What all requests share: the data, and how the sandbox is set. */
export interface ApiServices {
  world: World;
  links: Links;
  switches: Switches;
  accounts: Accounts;
  webhooks: Webhooks;
  oss: Oss;
  /** Milliseconds since the epoch. */
  now: () => number;
}

/** What a route sees of one authorised request. */
export interface ApiContext extends ApiServices {
  method: Method;
  /** Decoded path parameters by name. */
  params: Readonly<Record<string, string>>;
  query: Query;
  headers: IncomingHttpHeaders;
  /** The parsed body of a route that wants JSON; `undefined` when there was none. */
  body: unknown;
  /** The request itself, for routes that read the body as a stream. */
  incoming: IncomingMessage;
  /** Whose token it is; empty on routes without a token. */
  clientId: string;
  /** The person of a three-legged token. */
  tokenUserId: string | undefined;
  /** Absolute address as asked: what `links.self` of a list says. */
  self: string;
  /** The same without the query. */
  path: string;
  /** True for a person's token, or when `x-user-id` names somebody: the app acts for a person. */
  hasUser: boolean;
}

/** `b.` for construction accounts; `a.` hubs exist on the live service but not here. */
const CONTAINER_ID = /^[ab]\.[A-Za-z0-9_=-]{1,100}$/;

/** 400 when malformed, 404 when there is no such hub, 403 for a person whom its account does not know. */
export function requireHub(context: ApiContext): Hub {
  const id = context.params.hub_id ?? '';
  if (!CONTAINER_ID.test(id)) throw badInput('The following parameters are invalid: hub_id');
  const hub = context.world.hub(id);
  if (hub === undefined) throw notFound(`Hub ${id} does not exist.`);
  if (!reachesHub(context, hub)) throw personHasNoAccess('hub');
  return hub;
}

/**
 * 400 when malformed (a missing `b.` included) or still being provisioned, 404 when there is no such project, 403 for a
 * person who is not in it.
 */
export function requireProject(context: ApiContext): Project {
  const id = context.params.project_id ?? '';
  if (!CONTAINER_ID.test(id)) throw badInput('The following parameters are invalid: project_id');
  const project = context.world.project(id);
  if (project === undefined) throw notFound(`Project ${id} does not exist.`);
  if (!reachesProject(context, project)) throw personHasNoAccess('project');
  if (context.now() < project.readyAt) throw projectProvisioning(project.id);
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
  if (isInactive(context, project)) throw projectInactive(project.id);
}

/** By a switch, or because an administrator archived it. */
export function isInactive(context: ApiContext, project: Project): boolean {
  return project.archived || context.switches.inactive_projects.includes(project.id);
}

/**
 * The region a request names, in the family's own carrier: the first header that is given, then the query parameter.
 * Upper case, not checked; `undefined` when it names none.
 */
export function requestedRegion(context: ApiContext, headers: readonly string[], query?: string): string | undefined {
  for (const name of headers) {
    const value = context.headers[name];
    if (typeof value === 'string' && value !== '') return value.toUpperCase();
  }
  const asked = query === undefined ? undefined : context.query.find(([name]) => name === query)?.[1];
  return asked === undefined || asked === '' ? undefined : asked.toUpperCase();
}
