import { isObject, type Json, listOf, objectOf, textOf } from './json.ts';
import type { Notes } from './notes.ts';

/** Where an operation is to be called. */
export interface Server {
  /** Undefined where the file gives none, or only a path. */
  origin: string | undefined;
  /** Before every path of the operation; without a slash at its end. */
  basePath: string;
}

/** The first server of the operation, of its path, else of the file; variables have their defaults. */
export function serverOf(levels: readonly Json[], notes: Notes): Server {
  const servers =
    levels.map(({ servers: given }) => listOf(given).filter(isObject)).find((list) => list.length > 0) ?? [];
  const [first, ...others] = servers;
  const url = first && filled(first);
  if (url === undefined) return { origin: undefined, basePath: '' };
  if (others.length > 0) notes.guess('host', `the first of ${servers.length} servers, ${url.slice(0, 100)}`);
  if (url.startsWith('/')) return { origin: undefined, basePath: trimmed(url) };
  // `javascript:` and the like have no host.
  if (!URL.parse(url)?.host) {
    notes.leftOut('host', `the server ${url.slice(0, 100)} is no URL`);
    return { origin: undefined, basePath: '' };
  }
  const { protocol, host, pathname } = new URL(url);
  if (protocol !== 'https:') notes.changed('host', `${url.slice(0, 100)} is not https, which it has to be`);
  return { origin: `https://${host}`, basePath: trimmed(pathname) };
}

function filled(server: Json): string | undefined {
  const variables = objectOf(server.variables);
  return textOf(server.url)
    ?.trim()
    .replace(/\{([^{}]{1,100})\}/g, (all, name: string) => {
      const fallback = Object.hasOwn(variables, name) ? objectOf(variables[name]).default : undefined;
      return typeof fallback === 'string' ? fallback : all;
    });
}

function trimmed(path: string): string {
  return path.replace(/\/+$/, '');
}
