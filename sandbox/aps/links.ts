import type { Project } from './world.ts';

/** Builds every href the sandbox emits. All are absolute, with raw colons in URNs, as in recorded traffic. */
export interface Links {
  readonly origin: string;
  schema(type: string, version: string): { href: string };
  hub(hubId: string): string;
  project(hubId: string, projectId: string): string;
  folder(projectId: string, folderId: string): string;
  item(projectId: string, itemId: string): string;
  version(projectId: string, versionId: string): string;
}

/** Percent-encodes a URN for a path but for `:` and `=`, which the live service leaves as they are. */
export function pathSegment(urn: string): string {
  return encodeURIComponent(urn).replaceAll('%3A', ':').replaceAll('%3D', '=');
}

export function createLinks(origin: string): Links {
  const data = (projectId: string, kind: string, id: string) =>
    `${origin}/data/v1/projects/${projectId}/${kind}/${pathSegment(id)}`;
  return {
    origin,
    schema: (type, version) => ({ href: `${origin}/schema/v1/versions/${type}-${version}` }),
    hub: (hubId) => `${origin}/project/v1/hubs/${hubId}`,
    project: (hubId, projectId) => `${origin}/project/v1/hubs/${hubId}/projects/${projectId}`,
    folder: (projectId, folderId) => data(projectId, 'folders', folderId),
    item: (projectId, itemId) => data(projectId, 'items', itemId),
    version: (projectId, versionId) => data(projectId, 'versions', versionId),
  };
}

/**
 * The documented form of the web application's address; the only hrefs that leave the sandbox's own origin. Team hubs have
 * another application, whose addresses are not documented: nothing.
 */
export function webView(project: Project, folderId?: string, entryId?: string): { webView?: { href: string } } {
  if (project.hub.platform !== 'bim360') return {};
  const folder = folderId === undefined ? '' : `/folders/${encodeURIComponent(folderId)}`;
  const entry = entryId === undefined ? '' : `/detail/viewer/items/${encodeURIComponent(entryId)}`;
  return { webView: { href: `https://docs.b360.autodesk.com/projects/${project.uuid}${folder}${entry}` } };
}

export function related(href: string): { links: { related: { href: string } } } {
  return { links: { related: { href } } };
}

/** The relationships `refs` and `links` that folders, items and versions all have. */
export function customRelationships(self: string): Record<string, unknown> {
  return {
    refs: { links: { self: { href: `${self}/relationships/refs` }, related: { href: `${self}/refs` } } },
    links: { links: { self: { href: `${self}/relationships/links` } } },
  };
}
