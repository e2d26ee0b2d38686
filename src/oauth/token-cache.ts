import type { Secret } from '../secret.ts';

export interface AccessToken {
  token: Secret;
  /** Until when it may be used; milliseconds since the epoch. */
  expiresAt: number;
  /** Grows with every token of the same profile and scopes, over all processes. */
  generation: number;
  scopes: readonly string[];
}

/** A token with what is known about its coming to be. */
export interface HeldToken {
  access: AccessToken;
  obtainedAt: number;
  /** When it was obtained because its predecessor had been refused; undefined for an ordinary one. */
  forcedAt?: number;
}

export interface CachedToken extends HeldToken {
  /** From when on it is to be renewed. Moved on when a renewal failed. */
  refreshAt: number;
}

/** The tokens of this process, in clear, at most `maxEntries`; the longest unused goes first. */
export interface TokenCache {
  get(key: string): CachedToken | undefined;
  set(key: string, token: CachedToken): void;
  deleteWhere(matches: (key: string) => boolean): void;
}

export function createTokenCache(maxEntries: number): TokenCache {
  // A Map keeps insertion order: the first key is the one that was not used for longest.
  const entries = new Map<string, CachedToken>();
  return {
    get(key) {
      const entry = entries.get(key);
      if (entry) {
        entries.delete(key);
        entries.set(key, entry);
      }
      return entry;
    },
    set(key, token) {
      entries.delete(key);
      entries.set(key, token);
      if (entries.size <= maxEntries) return;
      const { value: oldest } = entries.keys().next();
      if (oldest !== undefined) entries.delete(oldest);
    },
    deleteWhere(matches) {
      for (const key of entries.keys()) if (matches(key)) entries.delete(key);
    },
  };
}
