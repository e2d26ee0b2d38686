import { type Answer, documentAnswer } from './answer.ts';
import { type ApiContext, requireActiveProject } from './api-context.ts';
import { itemAnswer, versionAnswer } from './documents.ts';
import { badUrn, notFound } from './errors.ts';
import { listDocument, singleDocument } from './json-api.ts';
import type { ItemNode } from './project-tree.ts';
import { fileType, versionFacts } from './version-resource.ts';
import type { Project } from './world.ts';

const VERSION_URN = /^(urn:adsk\.wip[a-z]+:)fs\.file:vf\.([A-Za-z0-9_-]+)\?version=(\d{1,6})$/;
interface FoundVersion {
  project: Project;
  item: ItemNode;
  number: number;
}

/**
 * 400 "Urn is not in the proper format" when malformed, which is what an unencoded `?` in the path leads to; 404 when
 * there is no such version.
 */
export function requireVersion(context: ApiContext): FoundVersion {
  const project = requireActiveProject(context);
  return requireVersionOf(context, project, context.params.version_id ?? '');
}

/** The same of an id in a body or a query. */
export function requireVersionOf(context: ApiContext, project: Project, id: string): FoundVersion {
  const parts = VERSION_URN.exec(id);
  if (parts === null) throw badUrn();
  const item = context.world.tree(project).item(`${parts[1]}dm.lineage:${parts[2]}`);
  const number = Number(parts[3]);
  if (item === undefined || number < 1 || number > item.versions) throw notFound('The version does not exist.');
  return { project, item, number };
}

export function getVersion(context: ApiContext): Answer {
  const { project, item, number } = requireVersion(context);
  return versionAnswer(item, number, project, context);
}

export function getVersionItem(context: ApiContext): Answer {
  const { project, item } = requireVersion(context);
  return itemAnswer(item, project, context);
}

export function getDownloadFormats(context: ApiContext): Answer {
  const { item, number, project } = requireVersion(context);
  const { name, storageUrn } = versionFacts(item, number, project, context.world.seed);
  const data = {
    type: 'downloadFormats',
    id: context.world.seed.uuid(`formats/${item.key}/${number}`),
    attributes: { formats: storageUrn === undefined ? [] : [{ fileType: fileType(name) }] },
  };
  return documentAnswer(singleDocument(context.self, data));
}

/** "Not fully implemented; returns an empty data object" for the source format, says the OpenAPI document. */
export function listDownloads(context: ApiContext): Answer {
  requireVersion(context);
  return documentAnswer(listDocument({ self: { href: context.self } }, []));
}
