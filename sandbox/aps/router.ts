import type { Answer } from './answer.ts';
import type { ApiContext } from './api-context.ts';
import { badInput } from './errors.ts';
import { getFolder, getFolderParent, listContents } from './folders.ts';
import { getHub, getProject, getProjectHub, listHubs, listProjects, listTopFolders } from './hubs.ts';
import { getItem, getItemParent, getItemTip, listItemVersions } from './items.ts';
import * as relationships from './relationships.ts';
import { getSchema } from './schemas.ts';
import { getDownloadFormats, getVersion, getVersionItem, listDownloads } from './versions.ts';

export interface Route {
  /** Segments; one that starts with `:` is a parameter. */
  pattern: readonly string[];
  scopes: readonly string[];
  /** Published requests per minute per app; `undefined` where none is published. */
  perMinute: number | undefined;
  /** False for what the live service answers although the app is provisioned nowhere. */
  needsProvisioning: boolean;
  handle: (context: ApiContext) => Answer;
}

export interface RouteMatch {
  route: Route;
  /** Still percent-encoded, in the order of the pattern. */
  encoded: readonly string[];
}

const READ = ['data:read'] as const;
const HUB = '/project/v1/hubs/:hub_id';
const PROJECT = `${HUB}/projects/:project_id`;
const FOLDER = '/data/v1/projects/:project_id/folders/:folder_id';
const ITEM = '/data/v1/projects/:project_id/items/:item_id';
const VERSION = '/data/v1/projects/:project_id/versions/:version_id';

/** Every route is a GET. The numbers are the guide's, per app, per endpoint, per minute (rate limits page). */
const ROUTES: readonly Route[] = [
  route('/project/v1/hubs', 50, listHubs, false),
  route(HUB, 50, getHub),
  route(`${HUB}/projects`, 50, listProjects),
  route(PROJECT, 50, getProject),
  route(`${PROJECT}/hub`, undefined, getProjectHub),
  route(`${PROJECT}/topFolders`, 300, listTopFolders),
  route(FOLDER, 300, getFolder),
  route(`${FOLDER}/contents`, 300, listContents),
  route(`${FOLDER}/parent`, undefined, getFolderParent),
  route(`${FOLDER}/refs`, undefined, relationships.folderRefs),
  route(`${FOLDER}/relationships/refs`, undefined, relationships.folderRelationshipRefs),
  route(`${FOLDER}/relationships/links`, undefined, relationships.folderRelationshipLinks),
  route(ITEM, 300, getItem),
  route(`${ITEM}/tip`, 50, getItemTip),
  route(`${ITEM}/versions`, 800, listItemVersions),
  route(`${ITEM}/parent`, undefined, getItemParent),
  route(`${ITEM}/refs`, undefined, relationships.itemRefs),
  route(`${ITEM}/relationships/refs`, undefined, relationships.itemRelationshipRefs),
  route(`${ITEM}/relationships/links`, undefined, relationships.itemRelationshipLinks),
  route(VERSION, 300, getVersion),
  route(`${VERSION}/item`, undefined, getVersionItem),
  route(`${VERSION}/downloadFormats`, 50, getDownloadFormats),
  route(`${VERSION}/downloads`, 50, listDownloads),
  route(`${VERSION}/refs`, undefined, relationships.versionRefs),
  route(`${VERSION}/relationships/refs`, undefined, relationships.versionRelationshipRefs),
  route(`${VERSION}/relationships/links`, undefined, relationships.versionRelationshipLinks),
  route('/schema/v1/versions/:schema_id', undefined, getSchema, false),
];

function route(path: string, perMinute: number | undefined, handle: Route['handle'], needsProvisioning = true): Route {
  return { pattern: path.split('/').slice(1), scopes: READ, perMinute, needsProvisioning, handle };
}

export function matchRoute(path: string): RouteMatch | undefined {
  const segments = path.split('/').slice(1);
  for (const candidate of ROUTES) {
    if (candidate.pattern.length !== segments.length) continue;
    const encoded: string[] = [];
    const fits = candidate.pattern.every((part, index) => {
      const segment = segments[index] ?? '';
      if (!part.startsWith(':')) return part === segment;
      encoded.push(segment);
      return segment !== '';
    });
    if (fits) return { route: candidate, encoded };
  }
  return undefined;
}

/** Refuses broken percent-encoding as malformed input. */
export function decodeParams(match: RouteMatch): Record<string, string> {
  const names = match.route.pattern.filter((part) => part.startsWith(':')).map((part) => part.slice(1));
  try {
    return Object.fromEntries(names.map((name, index) => [name, decodeURIComponent(match.encoded[index] ?? '')]));
  } catch {
    throw badInput('The path is not properly encoded');
  }
}
