import { type ApiKeyFormat, BEARER, compileApiKey } from './compile-api-key.ts';
import type { ExpressionCompiler } from './compile-expressions.ts';
import type { Authentication } from './connector.ts';
import { type Context, leaves } from './context.ts';
import type { AuthenticationFormat } from './format/authentication.ts';
import type { ConnectorFormat } from './format.ts';
import { didYouMean } from './suggest.ts';
import type { Path } from './yaml-file.ts';

type TokenFormat = Exclude<AuthenticationFormat, ApiKeyFormat>;
type Endpoint = TokenFormat['token_endpoint'];
type IdentityFormat = NonNullable<ApiKeyFormat['identity']>;
/** Every member that some grant has. */
type AnyGrant = Partial<Extract<TokenFormat, { grant: 'authorization_code' }>> &
  Partial<Extract<TokenFormat, { grant: 'jwt_bearer' }>>;
type UrlOf = (at: Path, endpoint: Endpoint) => URL | undefined;

const MS_PER_S = 1_000;
const CLAIMS: Context = leaves('claims');
const BODY: Context = leaves('body');

/** Lints and compiles a connector's ways to authenticate; `origins` by host name. */
export function compileAuthentication(
  declared: ConnectorFormat,
  origins: ReadonlyMap<string, string>,
  compiler: ExpressionCompiler,
): Map<string, Authentication> {
  const methods = new Map<string, Authentication>();
  const hosts = [...origins.keys()];

  const urlOf: UrlOf = (at, endpoint) => {
    const host = endpoint.host ?? hosts[0] ?? '';
    const origin = origins.get(host);
    if (origin === undefined)
      compiler.fault([...at, 'host'], 'CON002', `unknown host "${host}"${didYouMean(host, hosts)}`);
    return origin === undefined ? undefined : new URL(`${origin}${endpoint.path}`);
  };

  for (const [index, method] of declared.authentication.entries()) {
    const at = ['authentication', index];
    if (methods.has(method.id)) compiler.fault([...at, 'id'], 'CON005', `"${method.id}" stands twice`);
    const compiled =
      method.grant === 'api_key'
        ? {
            ...KEY_METHOD,
            ...compileApiKey(at, method, declared, compiler),
            identity: compileIdentity(at, method.identity, urlOf, compiler),
          }
        : compileTokenMethod(at, method, urlOf, compiler);
    const { id, label, description, grant } = method;
    if (compiled) methods.set(id, Object.freeze({ id, label, description, grant, ...compiled }));
  }
  return methods;
}

/** The kinds of token that a declared method can give. */
export function tokensOf(method: AuthenticationFormat): readonly ('app' | 'user')[] {
  return method.grant === 'api_key' ? ['user'] : method.tokens;
}

type Compiled = Omit<Authentication, 'id' | 'label' | 'description' | 'grant'>;

/** A key is nobody's token: it is obtained nowhere, and belongs to whoever brought it. */
const KEY_METHOD: Omit<Compiled, 'placement' | 'keyPattern' | 'grantedScopes' | 'identity'> = {
  tokenEndpoint: undefined,
  clientAuthentication: undefined,
  tokens: new Set(['user'] as const),
  authorizationEndpoint: undefined,
  authorizationParameters: new Map(),
  introspectionEndpoint: undefined,
  revocationEndpoint: undefined,
  publicClients: false,
  refreshTokenLifeMs: undefined,
  assertion: undefined,
};

function compileTokenMethod(
  at: Path,
  method: TokenFormat,
  urlOf: UrlOf,
  compiler: ExpressionCompiler,
): Compiled | undefined {
  const { assertion, identity, ...given } = method as TokenFormat & Omit<AnyGrant, 'grant'>;
  const endpoint = (name: 'authorization_endpoint' | 'introspection_endpoint' | 'revocation_endpoint') => {
    const present = given[name];
    return present && urlOf([...at, name], present);
  };
  const tokenEndpoint = urlOf([...at, 'token_endpoint'], given.token_endpoint);
  const compiledIdentity = compileIdentity(at, identity, urlOf, compiler);
  if (!tokenEndpoint) return undefined;
  return {
    tokenEndpoint,
    clientAuthentication: given.client_authentication,
    tokens: new Set(given.tokens),
    authorizationEndpoint: endpoint('authorization_endpoint'),
    authorizationParameters: new Map(Object.entries(given.authorization_parameters ?? {})),
    introspectionEndpoint: endpoint('introspection_endpoint'),
    revocationEndpoint: endpoint('revocation_endpoint'),
    publicClients: given.public_clients ?? false,
    identity: compiledIdentity,
    placement: BEARER,
    keyPattern: undefined,
    grantedScopes: compiler.optional([...at, 'granted_scopes'], given.granted_scopes, CLAIMS),
    refreshTokenLifeMs: given.refresh_token_life_s === undefined ? undefined : given.refresh_token_life_s * MS_PER_S,
    assertion: assertion && {
      audience: assertion.audience,
      algorithm: assertion.algorithm,
      lifeMs: assertion.life_s * MS_PER_S,
    },
  };
}

function compileIdentity(
  method: Path,
  identity: IdentityFormat | undefined,
  urlOf: UrlOf,
  compiler: ExpressionCompiler,
): Authentication['identity'] {
  if (!identity) return undefined;
  const at = [...method, 'identity'];
  const url = urlOf(at, identity);
  const subject = compiler.expression([...at, 'subject'], identity.subject, BODY);
  const name = compiler.optional([...at, 'name'], identity.name, BODY);
  const email = compiler.optional([...at, 'email'], identity.email, BODY);
  return url && subject && { url, subject, name, email };
}
