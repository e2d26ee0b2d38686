import { formatTime } from './seed.ts';

/** One of the seeded people by number, 0 being the app itself; or whoever an id of a request names. */
export type User = number | string;

/** The four user attributes and the two times that folders, items and versions share. */
export function createdAndModified(user: User, createdAt: number, modifiedAt: number): Record<string, string> {
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
export function userId(user: User): string {
  if (typeof user === 'string') return user;
  return user === 0 ? '' : `SANDBOXUSER${user}`;
}

/** Empty for user 0: what an app does by itself has no name (recorded traffic). */
export function userName(user: User): string {
  if (typeof user === 'string') return `User ${user}`;
  return user === 0 ? '' : `Sandbox User ${user}`;
}
