import { type Static, Type } from 'typebox';
import { expression, NAME_PATTERN, strict } from './parts.ts';

const Endpoint = (description: string) =>
  Type.Object({ host: Type.Optional(Type.String()), path: Type.String({ pattern: '^/' }) }, { ...strict, description });

const common = {
  id: Type.String({ pattern: NAME_PATTERN }),
  label: Type.String({ minLength: 1 }),
  description: Type.Optional(Type.String()),
  token_endpoint: Endpoint('Where tokens are asked for.'),
  client_authentication: Type.Enum(['client_secret_basic', 'client_secret_post'], {
    description: 'How the client authenticates at the token endpoint (RFC 6749 §2.3.1).',
  }),
  tokens: Type.Array(Type.Enum(['app', 'user']), {
    minItems: 1,
    description:
      "Kinds of token that this method can give. app: with the client's own credentials (RFC 6749 §4.4), besides the grant.",
  }),
};

/** What methods with a person's grant have in common. */
const personal = {
  revocation_endpoint: Type.Optional(Endpoint('RFC 7009.')),
  identity: Type.Optional(
    Type.Object(
      {
        host: Type.Optional(Type.String()),
        path: Type.String({ pattern: '^/' }),
        subject: expression('Of body: what names the person for good.'),
        name: Type.Optional(expression('Of body.')),
        email: Type.Optional(expression('Of body.')),
      },
      { ...strict, description: 'Who consented: asked with the new token, stored with the account.' },
    ),
  ),
  granted_scopes: Type.Optional(
    expression(
      'Of claims (those of the access token when it is a JWT): list or space-separated text of the scopes that were granted.',
    ),
  ),
  refresh_token_life_s: Type.Optional(
    Type.Integer({ minimum: 60, description: 'How long a refresh token lasts when it is not used.' }),
  ),
};

const ClientCredentials = Type.Object(
  { ...common, grant: Type.Literal('client_credentials', { description: 'RFC 6749 §4.4.' }) },
  strict,
);

const AuthorizationCode = Type.Object(
  {
    ...common,
    grant: Type.Literal('authorization_code', { description: 'RFC 6749 §4.1, always with PKCE S256 (RFC 7636).' }),
    authorization_endpoint: Endpoint('Where the person consents.'),
    introspection_endpoint: Type.Optional(Endpoint('RFC 7662.')),
    authorization_parameters: Type.Optional(
      Type.Record(Type.String({ pattern: '^[a-z_]+$' }), Type.String(), {
        ...strict,
        description: 'Further parameters of the authorization request.',
      }),
    ),
    public_clients: Type.Optional(
      Type.Boolean({ description: 'Profiles may do without a client secret. Default false.' }),
    ),
    ...personal,
  },
  strict,
);

const JwtBearer = Type.Object(
  {
    ...common,
    grant: Type.Literal('jwt_bearer', { description: 'A signed assertion instead of a person (RFC 7523 §2.1).' }),
    assertion: Type.Object(
      {
        audience: Type.String({ pattern: '^https://', description: 'aud.' }),
        algorithm: Type.Enum(['RS256', 'ES256']),
        life_s: Type.Integer({ minimum: 30, maximum: 3_600, description: 'From iat to exp.' }),
      },
      { ...strict, description: 'iss is the client id, sub the service account; kid and key come from the profile.' },
    ),
  },
  strict,
);

const ProvidedToken = Type.Object(
  {
    ...common,
    grant: Type.Literal('provided_token', {
      description: 'A token that somebody obtained elsewhere, with or without its refresh token.',
    }),
    introspection_endpoint: Endpoint('RFC 7662: a token is accepted only when this says that it is active.'),
    public_clients: Type.Optional(
      Type.Boolean({ description: 'Profiles may do without a client secret. Default false.' }),
    ),
    ...personal,
  },
  strict,
);

export const AuthenticationFormat = Type.Union([ClientCredentials, AuthorizationCode, JwtBearer, ProvidedToken]);
export type AuthenticationFormat = Static<typeof AuthenticationFormat>;
