import { createItem, createStorage, createVersion, updateItem } from './file-writes.ts';
import { searchFolder } from './folder-search.ts';
import { createFolder, updateFolder } from './folder-writes.ts';
import { getFolder, getFolderParent, listContents } from './folders.ts';
import { getHub, getProject, getProjectHub, listHubs, listProjects, listTopFolders } from './hubs.ts';
import { getItem, getItemParent, getItemTip, listItemVersions } from './items.ts';
import { DATA_MANAGEMENT_STYLE } from './refusal-styles.ts';
import * as relationships from './relationships.ts';
import { type Method, type Route, route } from './router.ts';
import { getSchema } from './schemas.ts';
import { getDownloadFormats, getVersion, getVersionItem, listDownloads } from './versions.ts';

const READ = ['data:read'] as const;
const SEARCH = ['data:read', 'data:search'] as const;
const CREATE = ['data:create'] as const;
const WRITE = ['data:write'] as const;
const DATA = '/data/v1/projects/:project_id';
const HUB = '/project/v1/hubs/:hub_id';
const PROJECT = `${HUB}/projects/:project_id`;
const FOLDER = `${DATA}/folders/:folder_id`;
const ITEM = `${DATA}/items/:item_id`;
const VERSION = `${DATA}/versions/:version_id`;

/** The numbers are the guide's, per app, per endpoint, per minute (rate limits page). */
export const DATA_MANAGEMENT_ROUTES: readonly Route[] = [
  read('/project/v1/hubs', 50, listHubs, false),
  read(HUB, 50, getHub),
  read(`${HUB}/projects`, 50, listProjects),
  read(PROJECT, 50, getProject),
  read(`${PROJECT}/hub`, undefined, getProjectHub),
  read(`${PROJECT}/topFolders`, 300, listTopFolders),
  read(FOLDER, 300, getFolder),
  read(`${FOLDER}/contents`, 300, listContents),
  read(`${FOLDER}/parent`, undefined, getFolderParent),
  read(`${FOLDER}/refs`, undefined, relationships.folderRefs),
  read(`${FOLDER}/relationships/refs`, undefined, relationships.folderRelationshipRefs),
  read(`${FOLDER}/relationships/links`, undefined, relationships.folderRelationshipLinks),
  read(ITEM, 300, getItem),
  read(`${ITEM}/tip`, 50, getItemTip),
  read(`${ITEM}/versions`, 800, listItemVersions),
  read(`${ITEM}/parent`, undefined, getItemParent),
  read(`${ITEM}/refs`, undefined, relationships.itemRefs),
  read(`${ITEM}/relationships/refs`, undefined, relationships.itemRelationshipRefs),
  read(`${ITEM}/relationships/links`, undefined, relationships.itemRelationshipLinks),
  read(VERSION, 300, getVersion),
  read(`${VERSION}/item`, undefined, getVersionItem),
  read(`${VERSION}/downloadFormats`, 50, getDownloadFormats),
  read(`${VERSION}/downloads`, 50, listDownloads),
  read(`${VERSION}/refs`, undefined, relationships.versionRefs),
  read(`${VERSION}/relationships/refs`, undefined, relationships.versionRelationshipRefs),
  read(`${VERSION}/relationships/links`, undefined, relationships.versionRelationshipLinks),
  serve('GET', `${FOLDER}/search`, 300, SEARCH, searchFolder),
  serve('POST', `${DATA}/folders`, 50, CREATE, createFolder),
  serve('PATCH', FOLDER, 50, WRITE, updateFolder),
  serve('POST', `${DATA}/storage`, 300, CREATE, createStorage),
  serve('POST', `${DATA}/items`, 50, CREATE, createItem),
  serve('PATCH', ITEM, 50, WRITE, updateItem),
  serve('POST', `${DATA}/versions`, 300, CREATE, createVersion),
  read('/schema/v1/versions/:schema_id', undefined, getSchema, false),
];

function read(path: string, perMinute: number | undefined, handle: Route['handle'], needsProvisioning = true): Route {
  const style = DATA_MANAGEMENT_STYLE;
  return route('GET', path, { scopes: READ, perMinute, needsProvisioning, cached: true, style, handle });
}

/** Search is not kept: it would be a long list under an address for every filter. */
function serve(
  method: Method,
  path: string,
  perMinute: number,
  scopes: readonly string[],
  handle: Route['handle'],
): Route {
  return route(method, path, { scopes, perMinute, style: DATA_MANAGEMENT_STYLE, handle });
}
