import { formatTime } from './seed.ts';

/** The four user attributes and the two times that folders, items and versions share. */
export function createdAndModified(user: number, createdAt: number, modifiedAt: number): Record<string, string> {
  return {
    createTime: formatTime(createdAt),
    createUserId: userId(user),
    createUserName: userName(user),
    lastModifiedTime: formatTime(modifiedAt),
    lastModifiedUserId: userId(user),
    lastModifiedUserName: userName(user),
  };
}

/** Ids are 12 upper-case characters on the live service. */
export function userId(user: number): string {
  return user === 0 ? '' : `SANDBOXUSER${user}`;
}

/** Empty for user 0: what an app does by itself has no name (recorded traffic). */
export function userName(user: number): string {
  return user === 0 ? '' : `Sandbox User ${user}`;
}
