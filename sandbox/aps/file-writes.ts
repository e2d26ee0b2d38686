import { randomUUID } from 'node:crypto';
import { type Answer, documentAnswer } from './answer.ts';
import { type ApiContext, requireActiveProject } from './api-context.ts';
import { createdVersionAnswer, itemAnswer } from './documents.ts';
import { badInput } from './errors.ts';
import { allowedTypes } from './folder-resource.ts';
import { requireFolderOf } from './folders.ts';
import { requireItem, requireItemOf } from './items.ts';
import { singleDocument } from './json-api.ts';
import { objectUrn } from './object-store.ts';
import type { AddedVersion, ItemNode, ItemType } from './project-tree.ts';
import { queryValue } from './query.ts';
import { invalid, type ResourceBody, readResource } from './resource-body.ts';
import { DELETED_TYPE, fileType, versionFacts } from './version-resource.ts';
import { requireVersionOf } from './versions.ts';
import type { Project } from './world.ts';
import { actor, newKey, requireFreeName, requireName, requireUploaded } from './write-rules.ts';

const ITEM_TYPES: readonly ItemType[] = ['File', 'Document'];
/** Composite designs are versions of plain items, in team hubs only. */
const COMPOSITE_TYPE = 'versions:autodesk.a360:CompositeDesign';

/** A place for a file in the bucket of the project's hub; the content is uploaded to it through the Object Storage Service. */
export function createStorage(context: ApiContext): Answer {
  const project = requireActiveProject(context);
  const body = readResource(context, 'objects');
  const name = requireName(body.text('data.attributes.name'));
  const target = body.relation('data.relationships.target', ['folders', 'items']);
  const isFolder = target.type === 'folders';
  if (isFolder) requireFolderOf(context, project, target.id);
  else requireItemOf(context, project, target.id);

  const bucketKey = project.hub.bucket;
  const key = name.includes('.') ? `${randomUUID()}.${fileType(name)}` : randomUUID();
  context.oss.objects.addStorage({ bucketKey, key, name, projectId: project.id });
  const { links } = context;
  const related = isFolder ? links.folder(project.id, target.id) : links.item(project.id, target.id);
  const data = {
    type: 'objects',
    id: objectUrn(bucketKey, key),
    relationships: { target: { links: { related: { href: related } }, data: target } },
  };
  const self = `${links.origin}/oss/v2/buckets/${bucketKey}/objects/${encodeURIComponent(key)}`;
  return documentAnswer(singleDocument(self, data), 201);
}

/** An item with its first version: of uploaded content, or with `copyFrom` of a version of the same project. */
export function createItem(context: ApiContext): Answer {
  const project = requireActiveProject(context);
  const body = readResource(context, 'items');
  const folder = requireFolderOf(context, project, body.relation('data.relationships.parent', ['folders']).id);
  const extension = body.text('data.attributes.extension.type');
  if (!allowedTypes(folder, project).includes(extension)) {
    throw badInput(`The extension type ${extension} is not allowed in this folder.`);
  }
  const type = extension.slice(extension.lastIndexOf(':') + 1) as ItemType;
  const source = copySource(context, project);
  const tip = body.relation('data.relationships.tip', ['versions']).id;
  const version = source === undefined ? body.included('versions', tip) : undefined;
  const asked = body.optionalText('data.attributes.displayName');
  const name = requireName(asked ?? version?.text('attributes.name') ?? source?.name ?? '');
  requireFreeName(context, folder, name, 'item');

  const content = source ?? uploadedContent(context, project, version ?? body, '', type);
  const key = newKey();
  const id = `urn:adsk.${project.hub.urnSpace}:dm.lineage:${key}`;
  const first: AddedVersion = { ...content, name, type, createdAt: context.now(), user: actor(context) };
  context.world.change(project, { kind: 'item_added', id, key, parentId: folder.id, type, version: first });
  return itemAnswer(requireItemOf(context, project, id), project, context, false, 201);
}

/** Renames. Construction accounts do not support it: there a new version brings the new name. */
export function updateItem(context: ApiContext): Answer {
  const { project, item } = requireItem(context);
  const body = readResource(context, 'items');
  if (body.text('data.id') !== item.id) throw invalid('data.id');
  const asked = body.optionalText('data.attributes.displayName');
  if (project.hub.platform === 'bim360') throw badInput('This operation is not supported for BIM 360 and ACC items.');
  if (asked !== undefined) {
    const name = requireName(asked);
    requireFreeName(context, item.parent, name, 'item', item);
    context.world.change(project, { kind: 'item_renamed', id: item.id, name, at: context.now() });
  }
  return itemAnswer(requireItemOf(context, project, item.id), project, context);
}

/** The next version of an item: of uploaded content, with `copyFrom` of another version, or one that deletes the item. */
export function createVersion(context: ApiContext): Answer {
  const project = requireActiveProject(context);
  const body = readResource(context, 'versions');
  const item = requireItemOf(context, project, body.relation('data.relationships.item', ['items']).id);
  const version = nextVersion(context, project, item, body);
  context.world.change(project, { kind: 'version_added', itemId: item.id, version });
  return createdVersionAnswer(requireItemOf(context, project, item.id), project, context);
}

function nextVersion(context: ApiContext, project: Project, item: ItemNode, body: ResourceBody): AddedVersion {
  const made = { createdAt: context.now(), user: actor(context) };
  if (body.optionalText('data.attributes.extension.type') === DELETED_TYPE) {
    return { ...made, name: item.name, type: 'Deleted', size: 0 };
  }
  const source = copySource(context, project);
  const asked = body.optionalText('data.attributes.name');
  const name = requireName(asked ?? source?.name ?? body.text('data.attributes.name'));
  requireFreeName(context, item.parent, name, 'item', item);
  const content = source ?? uploadedContent(context, project, body, 'data.', item.type);
  return { ...content, ...made, name, type: item.type };
}

/** Storage and extension type of a version resource at `prefix`. */
function uploadedContent(
  context: ApiContext,
  project: Project,
  body: ResourceBody,
  prefix: string,
  itemType: ItemType,
): Pick<AddedVersion, 'storageUrn' | 'size' | 'extensionType'> {
  const type = body.text(`${prefix}attributes.extension.type`);
  const { platform } = project.hub;
  const composite = platform === 'core' && type === COMPOSITE_TYPE;
  const usual = ITEM_TYPES.includes(itemType) && type === `versions:autodesk.${platform}:${itemType}`;
  if (!usual && !composite) throw badInput(`The extension type ${type} does not fit the item.`);
  const { id } = body.relation(`${prefix}relationships.storage`, ['objects']);
  const { size } = requireUploaded(context, project, id);
  return { storageUrn: id, size, ...(composite && { extensionType: type }) };
}

/** What `copyFrom` names; only in construction accounts, and never a deleting version. */
function copySource(
  context: ApiContext,
  project: Project,
): (Pick<AddedVersion, 'name' | 'size'> & { storageUrn: string }) | undefined {
  const id = queryValue(context.query, 'copyFrom');
  if (id === undefined) return undefined;
  if (project.hub.platform !== 'bim360') throw invalid('copyFrom');
  const { item, number } = requireVersionOf(context, project, id);
  const { name, size, storageUrn } = versionFacts(item, number, project, context.world.seed);
  if (storageUrn === undefined) throw badInput('A deleted version cannot be copied.');
  return { name, size, storageUrn };
}
