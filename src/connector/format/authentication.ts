import { type Static, Type } from 'typebox';
import { choice, expression, HEADER_PATTERN, NAME_PATTERN, strict } from './parts.ts';

const HOST = "One of the connector's `hosts`, by name. Without it: the first one.";

const Endpoint = (description: string, path: string) =>
  Type.Object(
    {
      host: Type.Optional(Type.String({ description: HOST, examples: ['auth'] })),
      path: Type.String({ pattern: '^/', description: 'Path below the host.', examples: [path] }),
    },
    { ...strict, title: 'Endpoint', description, examples: [{ path }] },
  );

const named = {
  id: Type.String({
    pattern: NAME_PATTERN,
    description:
      'Name of the method. Connector profiles choose it by this name, and its guide has it as its file name.',
    examples: ['three_legged', 'api_key'],
  }),
  label: Type.String({
    minLength: 1,
    description: 'Name for operators.',
    examples: ['OAuth 2.0 (Three-Legged)', 'API key'],
  }),
  description: Type.Optional(
    Type.String({
      description: 'When to choose it, for operators, in a sentence or two.',
      examples: ["A person consents and the app acts on the person's behalf.", 'A key that the customer makes.'],
    }),
  ),
};

const common = {
  ...named,
  token_endpoint: Endpoint('Where tokens are asked for.', '/oauth2/token'),
  client_authentication: choice('How the client authenticates at the token endpoint (RFC 6749 §2.3.1).', {
    client_secret_basic: 'Id and secret in the Authorization header. The better one where both are possible.',
    client_secret_post: 'Id and secret in the body.',
  }),
  tokens: Type.Array(
    choice('A kind of token.', {
      app: "With the client's own credentials (RFC 6749 §4.4), besides the grant.",
      user: 'On behalf of a person.',
    }),
    {
      minItems: 1,
      description: 'Kinds of token that this method can give. Actions ask for a kind with `token`.',
      examples: [['user'], ['user', 'app']],
    },
  ),
};

const Identity = (description: string) =>
  Type.Object(
    {
      host: Type.Optional(Type.String({ description: HOST, examples: ['auth'] })),
      path: Type.String({ pattern: '^/', description: 'Path of the request, a GET.', examples: ['/v1/me'] }),
      subject: expression('Of `body`: what names the person for good, an id and not a name.', 'body.id'),
      name: Type.Optional(expression('Of `body`: the name of the person.', 'body.name')),
      email: Type.Optional(expression('Of `body`: the e-mail address of the person.', 'body.email')),
    },
    { ...strict, title: 'Identity', description, examples: [{ path: '/v1/me', subject: 'body.id' }] },
  );

const publicClients = Type.Optional(
  Type.Boolean({
    description: 'Connector profiles may do without a client secret.',
    default: false,
    examples: [true],
  }),
);

/** What methods with a person's grant have in common. */
const personal = {
  revocation_endpoint: Type.Optional(
    Endpoint('Where tokens are revoked when an account is deleted (RFC 7009).', '/oauth2/revoke'),
  ),
  identity: Type.Optional(Identity('Who consented: asked with the new token, stored with the account.')),
  granted_scopes: Type.Optional(
    expression(
      'Of `claims` (those of the access token when it is a JWT): list or space-separated text of the scopes that were ' +
        'granted. For providers whose token endpoint does not say.',
      'claims.scope',
    ),
  ),
  refresh_token_life_s: Type.Optional(
    Type.Integer({
      minimum: 60,
      description:
        'How long a refresh token lasts when it is not used, in seconds. Tells when an account must be linked again.',
      examples: [1_209_600],
    }),
  ),
};

const ClientCredentials = Type.Object(
  {
    ...common,
    grant: Type.Literal('client_credentials', { description: 'The app acts as itself (RFC 6749 §4.4).' }),
  },
  { ...strict, title: 'Client credentials', description: 'The app acts as itself. Nobody consents.' },
);

const AuthorizationCode = Type.Object(
  {
    ...common,
    grant: Type.Literal('authorization_code', {
      description: 'A person consents in the browser (RFC 6749 §4.1), always with PKCE S256 (RFC 7636).',
    }),
    authorization_endpoint: Endpoint('Where the person consents.', '/oauth2/authorize'),
    introspection_endpoint: Type.Optional(
      Endpoint(
        'Asked for the granted scopes where neither the token endpoint nor `granted_scopes` tells them (RFC 7662).',
        '/oauth2/introspect',
      ),
    ),
    authorization_parameters: Type.Optional(
      Type.Record(Type.String({ pattern: '^[a-z_]+$' }), Type.String({ description: 'Value of the parameter.' }), {
        ...strict,
        description: 'Further parameters of the authorization request.',
        examples: [{ access_type: 'offline' }],
      }),
    ),
    public_clients: publicClients,
    ...personal,
  },
  { ...strict, title: 'Authorization code', description: 'A person consents in the browser.' },
);

const JwtBearer = Type.Object(
  {
    ...common,
    grant: Type.Literal('jwt_bearer', { description: 'A signed assertion instead of a person (RFC 7523 §2.1).' }),
    assertion: Type.Object(
      {
        audience: Type.String({
          pattern: '^https://',
          description: 'Claim `aud` of the assertion.',
          examples: ['https://auth.example.com/oauth2/token'],
        }),
        algorithm: choice('How the assertion is signed (RFC 7518 §3.1).', {
          RS256: 'RSA, at least 2048 bits.',
          ES256: 'Elliptic curve P-256.',
        }),
        life_s: Type.Integer({
          minimum: 30,
          maximum: 3_600,
          description: 'Seconds from `iat` to `exp`.',
          examples: [300],
        }),
      },
      {
        ...strict,
        title: 'Assertion',
        description:
          'The JWT that is sent instead of a consent. `iss` is the client id, `sub` the service account; `kid` and key come ' +
          'from the connector profile.',
      },
    ),
  },
  { ...strict, title: 'JWT bearer', description: 'A service account of the app, with a signed assertion.' },
);

const ProvidedToken = Type.Object(
  {
    ...common,
    grant: Type.Literal('provided_token', {
      description: 'A token that somebody obtained elsewhere, with or without its refresh token.',
    }),
    introspection_endpoint: Endpoint(
      'A token is accepted only when this says that it is active (RFC 7662).',
      '/oauth2/introspect',
    ),
    public_clients: publicClients,
    ...personal,
  },
  { ...strict, title: 'Provided token', description: 'A token that was obtained elsewhere. It is introspected first.' },
);

const HeaderPlacement = Type.Object(
  {
    in: Type.Literal('header', { description: 'In a header of its own.' }),
    name: Type.String({
      pattern: HEADER_PATTERN,
      description: 'Name of the header.',
      examples: ['X-API-Key', 'Authorization'],
    }),
    prefix: Type.Optional(
      Type.String({
        pattern: '^[!-~][ -~]*$',
        description: 'What stands before the key, its space included.',
        examples: ['Bearer '],
      }),
    ),
  },
  { ...strict, title: 'Header placement', description: 'The key stands in a header.' },
);
const BasicPlacement = Type.Object(
  {
    in: Type.Literal('basic', { description: 'RFC 7617: the key is the user name, the password is empty.' }),
  },
  { ...strict, title: 'Basic placement', description: 'The key is the user name of Basic authentication.' },
);

const ApiKey = Type.Object(
  {
    ...named,
    grant: Type.Literal('api_key', {
      description:
        'A key that each account brings: an API key or a personal access token. It gives tokens of the kind `user`, is ' +
        'never refreshed, and is dead when the provider answers with 401.',
    }),
    placement: Type.Union([HeaderPlacement, BasicPlacement], {
      title: 'Placement',
      description: 'Where requests carry the key.',
    }),
    pattern: Type.Optional(
      Type.String({
        minLength: 1,
        description:
          'Regular expression (RE2) that a key matches. It tells a slip of the hand before anybody is asked.',
        examples: ['^key_[A-Za-z0-9]{32}$'],
      }),
    ),
    identity: Type.Optional(
      Identity('Whose key it is: asked with every new key, which is refused unless the answer is 200 with a subject.'),
    ),
    granted_scopes: Type.Optional(
      expression(
        "Of `status`, `headers`, `body` of the identity's answer: list or space-separated text of the scopes that the key " +
          'has.',
        'headers."x-scopes"',
      ),
    ),
  },
  { ...strict, title: 'API key', description: 'A key that each account brings.' },
);

export const AuthenticationFormat = Type.Union(
  [ClientCredentials, AuthorizationCode, JwtBearer, ProvidedToken, ApiKey],
  { title: 'Authentication method', description: 'One way to obtain tokens, by `grant`.' },
);
export type AuthenticationFormat = Static<typeof AuthenticationFormat>;
