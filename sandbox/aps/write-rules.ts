import { randomBytes } from 'node:crypto';
import type { ApiContext } from './api-context.ts';
import { badInput, jsonApiError, type Refusal } from './errors.ts';
import { parseObjectUrn, type StoredObject } from './object-store.ts';
import type { User } from './people.ts';
import type { EntryNode, FolderNode } from './project-tree.ts';
import type { Project } from './world.ts';

/** From the description of each `name` of the OpenAPI document. */
const RESERVED = /[<>:"/\\|?*'\n\r\t\0\f¢™$®]/;
const MAX_NAME = 255;
const SEEDED_USER = /^SANDBOXUSER([1-9])$/;

/** 400 unless it has 1 to 255 characters, none of them reserved. */
export function requireName(name: string): string {
  if (name.length === 0 || name.length > MAX_NAME || RESERVED.test(name)) {
    throw badInput('The name must have 1 to 255 characters and none of the reserved ones.');
  }
  return name;
}

/** 409 when the folder has something of that name which is not deleted. Folders and items do not get in each other's way. */
export function requireFreeName(
  context: ApiContext,
  folder: FolderNode,
  name: string,
  kind: EntryNode['kind'],
  except?: EntryNode,
): void {
  const fold = (text: string) => (context.switches.names_ignore_case ? text.toLowerCase() : text);
  const taken = folder.children.some(
    (child) => child !== except && child.kind === kind && !child.hidden && fold(child.name) === fold(name),
  );
  if (taken) {
    const detail = 'Another object with the same name already exists in this container';
    throw jsonApiError(409, 'CONFLICT', 'The resource already exists', detail);
  }
}

export const forbidden = (detail: string): Refusal => jsonApiError(403, 'BIM360DM_ERROR', 'Forbidden', detail);

/** Who a write is done for: the person of the token, the one whom the app acts for, or the app itself. */
export function actor(context: ApiContext): User {
  const named = context.headers['x-user-id'];
  const id = context.tokenUserId ?? (typeof named === 'string' ? named : '');
  const seeded = SEEDED_USER.exec(id)?.[1];
  if (seeded !== undefined) return Number(seeded);
  return id === '' ? 0 : id;
}

/** 22 characters, as the provider's own. */
export function newKey(): string {
  return randomBytes(16).toString('base64url');
}

/** 400 unless `POST storage` of this project made the URN and its content was uploaded completely. */
export function requireUploaded(context: ApiContext, project: Project, urn: string): StoredObject {
  const parts = parseObjectUrn(urn);
  if (parts === undefined) throw badInput('The storage is not an object URN.');
  const { bucketKey, key } = parts;
  const location = context.oss.objects.storage(bucketKey, key);
  if (location?.projectId !== project.id) throw badInput('The storage does not belong to this project.');
  const object = context.oss.objects.bucket(bucketKey)?.objects.get(key);
  if (object === undefined) throw badInput('The content of the storage has not been uploaded completely.');
  return object;
}
