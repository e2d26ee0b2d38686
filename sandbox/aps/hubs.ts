import { type Answer, documentAnswer } from './answer.ts';
import { type ApiContext, isInactive, refuseInactive, requireHub, requireHubProject } from './api-context.ts';
import { ALL_REGIONS } from './defaults.ts';
import { compileFilters, type Resource } from './filters.ts';
import { folderResource } from './folder-resource.ts';
import { listDocument, paginate, singleDocument } from './json-api.ts';
import { type Links, related, webView } from './links.ts';
import { reachesHub, reachesProject } from './person-access.ts';
import { queryFlag } from './query.ts';
import type { Hub, Project } from './world.ts';

/** Without a custom integration the live service still answers 200, with no hubs and a warning per region. */
export function listHubs(context: ApiContext): Answer {
  const { switches, links, world } = context;
  const matches = compileFilters(context.query);
  const warned = switches.provisioned ? switches.hubs_warning : ALL_REGIONS;
  const hubs = world.hubs
    .filter((hub) => !warned.includes(hub.region) && reachesHub(context, hub))
    .map((hub) => hubResource(hub, links))
    .filter(matches);
  const more = warned.length === 0 ? {} : { meta: { warnings: warned.map(regionWarning) } };
  return documentAnswer(listDocument({ self: { href: context.self } }, hubs, more));
}

export function getHub(context: ApiContext): Answer {
  const hub = requireHub(context);
  return documentAnswer(singleDocument(context.links.hub(hub.id), hubResource(hub, context.links)));
}

export function listProjects(context: ApiContext): Answer {
  const hub = requireHub(context);
  const projects = hub.projects
    .filter((project) => !isInactive(context, project) && reachesProject(context, project))
    .map((project) => projectResource(project, context.links))
    .filter(compileFilters(context.query));
  const page = paginate(projects, context);
  return documentAnswer(listDocument(page.links, page.entries));
}

export function getProject(context: ApiContext): Answer {
  const project = requireHubProject(context);
  const self = context.links.project(project.hub.id, project.id);
  return documentAnswer(singleDocument(self, projectResource(project, context.links)));
}

export function getProjectHub(context: ApiContext): Answer {
  const { hub } = requireHubProject(context);
  return documentAnswer(singleDocument(context.links.hub(hub.id), hubResource(hub, context.links)));
}

/** Both switches of the query work with a user context only; an app alone sees everything, system containers too. */
export function listTopFolders(context: ApiContext): Answer {
  const project = requireHubProject(context);
  refuseInactive(context, project);
  const excludeDeleted = queryFlag(context.query, 'excludeDeleted') && context.hasUser;
  const projectFilesOnly = queryFlag(context.query, 'projectFilesOnly') && context.hasUser;
  const folders = context.world
    .tree(project)
    .root.children.filter((entry) => entry.kind === 'folder')
    .filter((folder) => !(excludeDeleted && folder.hidden))
    .filter((folder) => !projectFilesOnly || folder.isRoot)
    .map((folder) => folderResource(folder, project, context.links));
  return documentAnswer(listDocument({ self: { href: context.self } }, folders));
}

function hubResource(hub: Hub, links: Links): Resource & Record<string, unknown> {
  const self = links.hub(hub.id);
  const type = hub.platform === 'core' ? 'hubs:autodesk.core:Hub' : 'hubs:autodesk.bim360:Account';
  return {
    type: 'hubs',
    id: hub.id,
    attributes: {
      name: hub.name,
      extension: { type, version: '1.0', schema: links.schema(type, '1.0'), data: {} },
      region: hub.region,
    },
    links: { self: { href: self } },
    relationships: { projects: related(`${self}/projects`) },
  };
}

/**
 * The containers of other products (issues, cost, …) keep their ids but not their hrefs: the sandbox does not serve
 * those products, and it emits no href that it cannot answer.
 */
function projectResource(project: Project, links: Links): Resource & Record<string, unknown> {
  const self = links.project(project.hub.id, project.id);
  const type = `projects:autodesk.${project.hub.platform}:Project`;
  const construction = project.hub.platform === 'bim360';
  const container = (name: string, id: string) => ({ data: { type: name, id } });
  return {
    type: 'projects',
    id: project.id,
    attributes: {
      name: project.name,
      scopes: construction ? [`b360project.${project.uuid}`, `O2tenant.${project.hub.accountId}`] : ['global'],
      extension: {
        type,
        version: '1.0',
        schema: links.schema(type, '1.0'),
        data: construction ? { projectType: project.projectType } : {},
      },
    },
    links: { self: { href: self }, ...webView(project) },
    relationships: {
      hub: { data: { type: 'hubs', id: project.hub.id }, ...related(links.hub(project.hub.id)) },
      rootFolder: {
        data: { type: 'folders', id: project.rootFolderId },
        meta: { link: { href: links.folder(project.id, project.rootFolderId) } },
      },
      topFolders: related(`${self}/topFolders`),
      ...(construction && {
        issues: container('issueContainerId', project.issuesId),
        submittals: container('submittalContainerId', project.uuid),
        rfis: container('rfisContainerId', project.issuesId),
        markups: container('markupsContainerId', project.issuesId),
        checklists: container('checklistsContainerId', project.issuesId),
        cost: container('costContainerId', project.uuid),
        locations: container('locationsContainerId', project.locationsId),
      }),
    },
  };
}

/** PascalCase but for `meta`, and the status as text: as recorded. */
function regionWarning(region: string): object {
  return {
    Id: null,
    HttpStatusCode: '403',
    ErrorCode: 'BIM360DM_ERROR',
    Title: `Unable to get hubs from BIM360DM ${region}.`,
    Detail: "You don't have permission to access this API",
    AboutLink: null,
    Source: null,
    meta: null,
  };
}
