import { SCOPE_PATTERN } from '../connector/format/parts.ts';
import type { ActionFormat } from '../connector/format.ts';
import { isObject, type Json, listOf, member, objectOf, textOf } from './json.ts';
import type { Notes } from './notes.ts';
import type { Resolver } from './resolve.ts';

export interface Security {
  scopes: string[];
  /** Name -> what the file says about it. */
  described: ReadonlyMap<string, string>;
  token: ActionFormat['token'];
}

type Kind = 'app' | 'user';

/** Scopes and kind of token of an operation: what its security, or that of the whole file, asks for. */
export function readSecurity(operation: Json, root: Json, resolver: Resolver, notes: Notes): Security {
  const schemes = objectOf(objectOf(root.components).securitySchemes);
  const alternatives = listOf(operation.security ?? root.security).filter(isObject);
  const described = new Map<string, string>();
  const kinds = new Set<Kind>();
  const demanded: string[][] = [];
  let scoped = false;
  for (const alternative of alternatives) {
    const scopes: string[] = [];
    for (const [name, wanted] of Object.entries(alternative)) {
      const scheme = resolver.at(member(schemes, name));
      for (const kind of kindsOf(scheme)) kinds.add(kind);
      // Of other schemes 3.1 has roles here, which are no scopes.
      if (scheme.type !== 'oauth2' && scheme.type !== 'openIdConnect') continue;
      scoped = true;
      scopes.push(...listOf(wanted).filter((one): one is string => typeof one === 'string'));
      for (const flow of Object.values(objectOf(scheme.flows)))
        for (const [scope, text] of Object.entries(objectOf(member(flow, 'scopes'))))
          if (textOf(text) !== undefined) described.set(scope, String(text).trim());
    }
    demanded.push(scopes);
  }
  const [first = [], ...others] = demanded;
  const differing = others.filter((one) => one.join(' ') !== first.join(' '));
  if (differing.length > 0)
    notes.guess(
      'scopes',
      `alternatives are ${differing.map((one) => one.join(' ') || 'none').join(', or ')}; the first ones are taken`,
    );
  // Nothing would be asked of an account before a call is sent.
  if (first.length === 0 && scoped)
    notes.guess('scopes', 'none: the file names none; the reference of the provider may ask for some');
  const valid = new RegExp(SCOPE_PATTERN);
  return { scopes: [...new Set(first)].filter((scope) => valid.test(scope)), described, token: tokenOf(kinds) };

  function tokenOf(of: ReadonlySet<Kind>): ActionFormat['token'] {
    const token = of.size === 1 ? ([...of][0] ?? 'any') : 'any';
    if (alternatives.length === 0) notes.guess('token', 'any: the file says nothing about how to authenticate');
    else notes.guess('token', `${token}, after the security schemes of the file`);
    return token;
  }
}

/** Which tokens fit a scheme: those that the app obtains for itself, or those of a person. */
function kindsOf(scheme: Json): Kind[] {
  if (scheme.type === 'apiKey' || scheme.type === 'openIdConnect') return ['user'];
  if (scheme.type === 'http') return ['app', 'user'];
  const flows = objectOf(scheme.flows);
  const app: Kind[] = 'clientCredentials' in flows ? ['app'] : [];
  return 'authorizationCode' in flows || 'implicit' in flows || 'password' in flows ? [...app, 'user'] : app;
}
