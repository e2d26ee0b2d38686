import type { Resource } from './filters.ts';
import { customRelationships, type Links, related, webView } from './links.ts';
import { createdAndModified } from './people.ts';
import type { ItemNode } from './project-tree.ts';
import type { Seed } from './seed.ts';
import type { Project } from './world.ts';

const MIME_TYPES: Readonly<Record<string, string>> = {
  pdf: 'application/pdf',
  dwg: 'application/vnd.autodesk.autocad.dwg',
  rvt: 'application/vnd.autodesk.revit',
  ifc: 'application/vnd.autodesk.ifc',
  xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
};

export function versionId(item: ItemNode, number: number, project: Project): string {
  return `urn:adsk.${project.hub.urnSpace}:fs.file:vf.${item.key}?version=${number}`;
}

/** `storage`, `derivatives` and `thumbnails` keep their ids without hrefs: the sandbox does not serve those products. */
export function versionResource(
  item: ItemNode,
  number: number,
  project: Project,
  links: Links,
  seed: Seed,
): Resource & Record<string, unknown> {
  const id = versionId(item, number, project);
  const self = links.version(project.id, id);
  const type = `versions:autodesk.bim360:${item.type}`;
  const extensionVersion = item.type === 'C4RModel' ? '1.0.0' : '1.0';
  const label = `version/${item.key}/${number}`;
  const extension = fileType(item);
  const storageUrn = `urn:adsk.objects:os.object:${project.hub.bucket}/${seed.uuid(label)}.${extension}`;
  const createdAt = item.createdAt + number * seed.integer(`item/${item.key}/edit`, 60, 3600) * 1000;
  const derivative = Buffer.from(id).toString('base64url');
  return {
    type: 'versions',
    id,
    attributes: {
      name: item.name,
      displayName: item.name,
      ...createdAndModified(item.user, createdAt, createdAt),
      versionNumber: number,
      mimeType: MIME_TYPES[extension] ?? 'application/octet-stream',
      storageSize: seed.integer(label, 1024, 400_000_000),
      fileType: extension,
      extension: {
        type,
        version: extensionVersion,
        schema: links.schema(type, extensionVersion),
        data: {
          processState: 'PROCESSING_COMPLETE',
          extractionState: 'SUCCESS',
          splittingState: 'NOT_SPLIT',
          reviewState: 'NOT_IN_REVIEW',
          revisionDisplayLabel: String(number),
          sourceFileName: item.name,
          conformingStatus: 'NONE',
        },
      },
    },
    links: { self: { href: self }, webView: webView(project.uuid, item.parent.id, id) },
    relationships: {
      item: { data: { type: 'items', id: item.id }, ...related(`${self}/item`) },
      ...customRelationships(self),
      downloadFormats: related(`${self}/downloadFormats`),
      derivatives: { data: { type: 'derivatives', id: derivative } },
      thumbnails: { data: { type: 'thumbnails', id: derivative } },
      storage: { data: { type: 'objects', id: storageUrn } },
    },
  };
}

export function fileType(item: ItemNode): string {
  return item.name.slice(item.name.lastIndexOf('.') + 1);
}
