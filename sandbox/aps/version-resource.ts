import type { Resource } from './filters.ts';
import { generatedKey } from './generated-storage.ts';
import { customRelationships, type Links, related, webView } from './links.ts';
import { objectUrn } from './object-store.ts';
import { createdAndModified } from './people.ts';
import type { AddedVersion, ItemNode } from './project-tree.ts';
import type { Seed } from './seed.ts';
import type { Project } from './world.ts';

const MIME_TYPES: Readonly<Record<string, string>> = {
  pdf: 'application/pdf',
  dwg: 'application/vnd.autodesk.autocad.dwg',
  rvt: 'application/vnd.autodesk.revit',
  ifc: 'application/vnd.autodesk.ifc',
  xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
};

export const DELETED_TYPE = 'versions:autodesk.core:Deleted';

export function versionId(item: ItemNode, number: number, project: Project): string {
  return `urn:adsk.${project.hub.urnSpace}:fs.file:vf.${item.key}?version=${number}`;
}

/** Generated from the seed, or as it was made through the API. */
export function versionFacts(item: ItemNode, number: number, project: Project, seed: Seed): AddedVersion {
  const added = item.added[number - item.seedVersions - 1];
  if (added !== undefined) return added;
  const label = `version/${item.key}/${number}`;
  const name = item.seedName;
  const size = seed.integer(label, 1024, 400_000_000);
  return {
    name,
    type: item.type,
    createdAt: item.createdAt + number * seed.integer(`item/${item.key}/edit`, 60, 3600) * 1000,
    user: item.user,
    storageUrn: objectUrn(project.hub.bucket, generatedKey(seed, label, size, fileType(name))),
    size,
  };
}

/** `storage`, `derivatives` and `thumbnails` have ids without hrefs: the sandbox does not serve what those lead to. */
export function versionResource(
  item: ItemNode,
  number: number,
  project: Project,
  links: Links,
  seed: Seed,
): Resource & Record<string, unknown> {
  const id = versionId(item, number, project);
  const self = links.version(project.id, id);
  const facts = versionFacts(item, number, project, seed);
  const { name, type: kind, createdAt, user, storageUrn, size } = facts;
  const deleted = kind === 'Deleted';
  const usual = deleted ? DELETED_TYPE : `versions:autodesk.${project.hub.platform}:${kind}`;
  const type = facts.extensionType ?? usual;
  const extensionVersion = kind === 'C4RModel' ? '1.0.0' : '1.0';
  const extension = fileType(name);
  const derivative = Buffer.from(id).toString('base64url');
  return {
    type: 'versions',
    id,
    attributes: {
      name,
      displayName: name,
      ...createdAndModified(user, createdAt, createdAt),
      versionNumber: number,
      mimeType: MIME_TYPES[extension] ?? 'application/octet-stream',
      ...(deleted ? {} : { storageSize: size }),
      fileType: extension,
      extension: {
        type,
        version: extensionVersion,
        schema: links.schema(type, extensionVersion),
        data: deleted
          ? {}
          : {
              processState: 'PROCESSING_COMPLETE',
              extractionState: 'SUCCESS',
              splittingState: 'NOT_SPLIT',
              reviewState: 'NOT_IN_REVIEW',
              revisionDisplayLabel: String(number),
              sourceFileName: name,
              conformingStatus: 'NONE',
            },
      },
    },
    links: { self: { href: self }, ...webView(project, item.parent.id, id) },
    relationships: {
      item: { data: { type: 'items', id: item.id }, ...related(`${self}/item`) },
      ...customRelationships(self),
      ...(storageUrn === undefined
        ? {}
        : {
            downloadFormats: related(`${self}/downloadFormats`),
            derivatives: { data: { type: 'derivatives', id: derivative } },
            thumbnails: { data: { type: 'thumbnails', id: derivative } },
            storage: { data: { type: 'objects', id: storageUrn } },
          }),
    },
  };
}

/** What follows the last dot; the whole name when there is none. */
export function fileType(name: string): string {
  return name.slice(name.lastIndexOf('.') + 1);
}
