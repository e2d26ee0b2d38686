import type { ExpressionCompiler } from './compile-expressions.ts';
import type { Authentication } from './connector.ts';
import { type Context, leaves } from './context.ts';
import type { AuthenticationFormat } from './format/authentication.ts';
import type { ConnectorFormat } from './format.ts';
import { didYouMean } from './suggest.ts';
import type { Path } from './yaml-file.ts';

type Endpoint = AuthenticationFormat['token_endpoint'];
/** Every member that some grant has. */
type AnyGrant = Partial<Extract<AuthenticationFormat, { grant: 'authorization_code' }>> &
  Partial<Extract<AuthenticationFormat, { grant: 'jwt_bearer' }>>;

const MS_PER_S = 1_000;
const CLAIMS: Context = leaves('claims');
const BODY: Context = leaves('body');

/** Lints and compiles a connector's ways to obtain tokens; `origins` by host name. */
export function compileAuthentication(
  declared: ConnectorFormat,
  origins: ReadonlyMap<string, string>,
  compiler: ExpressionCompiler,
): Map<string, Authentication> {
  const methods = new Map<string, Authentication>();
  const hosts = [...origins.keys()];

  const urlOf = (at: Path, endpoint: Endpoint): URL | undefined => {
    const host = endpoint.host ?? hosts[0] ?? '';
    const origin = origins.get(host);
    if (origin === undefined)
      compiler.fault([...at, 'host'], 'CON002', `unknown host "${host}"${didYouMean(host, hosts)}`);
    return origin === undefined ? undefined : new URL(`${origin}${endpoint.path}`);
  };

  for (const [index, method] of declared.authentication.entries()) {
    const at = ['authentication', index];
    if (methods.has(method.id)) compiler.fault([...at, 'id'], 'CON005', `"${method.id}" stands twice`);
    const { assertion, identity, ...given } = method as AuthenticationFormat & Omit<AnyGrant, 'grant'>;
    const endpoint = (name: 'authorization_endpoint' | 'introspection_endpoint' | 'revocation_endpoint') => {
      const present = given[name];
      return present && urlOf([...at, name], present);
    };
    const tokenEndpoint = urlOf([...at, 'token_endpoint'], given.token_endpoint);
    const identityUrl = identity && urlOf([...at, 'identity'], identity);
    const subject = identity && compiler.expression([...at, 'identity', 'subject'], identity.subject, BODY);
    if (!tokenEndpoint) continue;
    methods.set(
      given.id,
      Object.freeze({
        id: given.id,
        label: given.label,
        description: given.description,
        grant: given.grant,
        tokenEndpoint,
        clientAuthentication: given.client_authentication,
        tokens: new Set(given.tokens),
        authorizationEndpoint: endpoint('authorization_endpoint'),
        authorizationParameters: new Map(Object.entries(given.authorization_parameters ?? {})),
        introspectionEndpoint: endpoint('introspection_endpoint'),
        revocationEndpoint: endpoint('revocation_endpoint'),
        publicClients: given.public_clients ?? false,
        identity:
          identityUrl && subject
            ? {
                url: identityUrl,
                subject,
                name: compiler.optional([...at, 'identity', 'name'], identity.name, BODY),
                email: compiler.optional([...at, 'identity', 'email'], identity.email, BODY),
              }
            : undefined,
        grantedScopes: compiler.optional([...at, 'granted_scopes'], given.granted_scopes, CLAIMS),
        refreshTokenLifeMs:
          given.refresh_token_life_s === undefined ? undefined : given.refresh_token_life_s * MS_PER_S,
        assertion: assertion && {
          audience: assertion.audience,
          algorithm: assertion.algorithm,
          lifeMs: assertion.life_s * MS_PER_S,
        },
      }),
    );
  }
  return methods;
}
