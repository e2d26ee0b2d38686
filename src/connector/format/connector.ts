import { type Static, Type } from 'typebox';
import { PROBLEMS } from '../../problems.ts';
import { RULE_CODES } from '../connector.ts';
import { AuthenticationFormat } from './authentication.ts';
import { CheckFormat } from './diagnosis.ts';
import { InputFormat } from './input.ts';
import { expression, HEADER_PATTERN, MEDIA_TYPE_PATTERN, NAME_PATTERN, Scope, strict, template } from './parts.ts';

// Providers have some dozens; the closure over all inclusions grows with the square.
const MAX_SCOPES = 1_000;

// Of semver.org, in what RE2, JavaScript and editors have in common.
const SEMVER_PATTERN =
  '^(0|[1-9][0-9]*)\\.(0|[1-9][0-9]*)\\.(0|[1-9][0-9]*)(-[0-9A-Za-z-]+(\\.[0-9A-Za-z-]+)*)?(\\+[0-9A-Za-z-]+(\\.[0-9A-Za-z-]+)*)?$';

const RateLimitFormat = Type.Object(
  {
    id: Type.String({
      pattern: NAME_PATTERN,
      description: 'Name of the limit in its API.',
      examples: ['all', 'search'],
    }),
    requests: Type.Integer({
      minimum: 1,
      description: 'How many requests a client may send in the period.',
      examples: [300],
    }),
    per_s: Type.Integer({
      minimum: 1,
      maximum: 3_600,
      description: 'Length of the period in seconds.',
      examples: [60],
    }),
    endpoints: Type.Optional(
      Type.Array(
        Type.String({
          pattern: '^(GET|HEAD|POST|PUT|PATCH|DELETE) /',
          description: 'Method and path, with `{}` for what varies.',
        }),
        {
          minItems: 1,
          uniqueItems: true,
          description:
            'The endpoints that share the limit, as `METHOD /path` with `{}` for what varies. Without it: every request of ' +
            'the API that no other limit names.',
          examples: [['GET /v1/projects/{}/issues']],
        },
      ),
    ),
  },
  {
    ...strict,
    title: 'Rate limit',
    description: 'A limit that the provider publishes, counted for each client id.',
    examples: [{ id: 'all', requests: 300, per_s: 60 }],
  },
);

export const ApiFormat = Type.Object(
  {
    label: Type.String({ minLength: 1, description: 'Name of the API, for people.', examples: ['Issues'] }),
    docs: Type.Optional(
      Type.String({
        pattern: '^https://',
        description: "The provider's reference of the API.",
        examples: ['https://developer.example.com/reference/issues'],
      }),
    ),
    headers: Type.Optional(
      Type.Record(
        Type.String({ pattern: HEADER_PATTERN }),
        template('Header of every request of the API, over the same of `defaults`.', 'application/json'),
        {
          ...strict,
          description: 'Headers of every request of the API, over the same of `defaults`.',
          examples: [{ accept: 'application/json' }],
        },
      ),
    ),
    content_type: Type.Optional(
      Type.String({
        pattern: MEDIA_TYPE_PATTERN,
        description:
          'Media type of request bodies. `application/x-www-form-urlencoded` sends them as forms: `a[b]=c`, `a[0]=c`.',
        default: 'application/json',
        examples: ['application/x-www-form-urlencoded'],
      }),
    ),
    rate_limits: Type.Optional(
      Type.Array(RateLimitFormat, {
        minItems: 1,
        description: 'Limits that the provider publishes. Calls beyond them wait or are refused before they are sent.',
      }),
    ),
  },
  {
    ...strict,
    title: 'API',
    description: "One family of the provider's API: what its requests have in common.",
    examples: [{ label: 'Issues' }],
  },
);

export const ErrorRuleFormat = Type.Object(
  {
    when: expression(
      'Whether the rule is for this refusal. Reads its `status`, `headers`, `body`, and `inputs`, `account`, ' +
        '`request.method` and `request.path` (as sent). The first rule that gives true decides.',
      'status = 403 and body.code = "APP_NOT_INSTALLED"',
    ),
    code: Type.String({
      description: "One of Corbel's error codes for refusals of a provider, see docs/errors.md.",
      examples: ['provider_forbidden'],
      editorWords: Object.fromEntries(
        Object.entries(PROBLEMS).flatMap(([code, { hint }]) => (RULE_CODES.has(code) ? [[code, hint]] : [])),
      ),
    }),
    hint: Type.Optional(
      Type.String({
        description: "What to do about it, for the caller. Without it: the code's own hint.",
        examples: ['Ask an administrator of the workspace to install the app.'],
      }),
    ),
  },
  { ...strict, title: 'Error rule', description: "What one kind of the provider's refusals means." },
);

const CatalogueScope = Type.Object(
  {
    description: Type.String({
      minLength: 1,
      description: 'What it allows, for operators.',
      examples: ['Read issues and their comments'],
    }),
    includes: Type.Optional(
      Type.Array(Scope, { description: 'Scopes that this one implies.', examples: [['issues:read']] }),
    ),
  },
  {
    ...strict,
    title: 'Catalogue scope',
    description: 'One scope that the provider has.',
    examples: [{ description: 'Read issues' }],
  },
);

const Defaults = Type.Object(
  {
    headers: Type.Optional(
      Type.Record(
        Type.String({ pattern: HEADER_PATTERN }),
        template('Header of every request of every action.', 'application/json'),
        {
          ...strict,
          description: 'Headers of every request of every action.',
          examples: [{ accept: 'application/json' }],
        },
      ),
    ),
    timeout_s: Type.Optional(
      Type.Number({
        exclusiveMinimum: 0,
        maximum: 120,
        description: 'Deadline of a call in seconds, for actions that give none.',
        default: 30,
        examples: [60],
      }),
    ),
    max_response_bytes: Type.Optional(
      Type.Integer({
        minimum: 1,
        description: 'Longest answer that is read, in bytes, for actions that give none.',
        default: 10_485_760,
        examples: [1_048_576],
      }),
    ),
  },
  { ...strict, title: 'Defaults', description: 'What all actions have in common.' },
);

const Errors = Type.Object(
  {
    code: Type.Optional(expression("The provider's own error code in a refusal.", 'body.error.code')),
    message: Type.Optional(expression("The provider's own message in a refusal.", 'body.error.message')),
    request_id: Type.Optional(
      expression("The provider's own id of the request, which its support asks for.", 'headers."x-request-id"'),
    ),
    rules: Type.Optional(
      Type.Array(ErrorRuleFormat, {
        description:
          'What refusals mean, the first that fits. Refusals that none fits are told apart by their status alone.',
      }),
    ),
  },
  { ...strict, title: 'Errors', description: "How the provider's refusals are read." },
);

export const ConnectorFormat = Type.Object(
  {
    id: Type.String({
      pattern: '^[a-z][a-z0-9]*$',
      description: 'Name of the connector. Its folder has the same name, and every public action id begins with it.',
      examples: ['tracker'],
    }),
    label: Type.String({ minLength: 1, description: 'Name of the provider, for people.', examples: ['Tracker'] }),
    description: Type.String({
      minLength: 1,
      description: 'What of the provider it covers, in a sentence.',
      examples: ['Issues and projects of Tracker.'],
    }),
    version: Type.Optional(
      Type.String({
        pattern: SEMVER_PATTERN,
        description: 'Version of the connector, by semver.org. `corbel diff` tells which one a change asks for.',
        examples: ['1.2.0'],
      }),
    ),
    docs: Type.Optional(
      Type.String({
        pattern: '^https://',
        description: "The provider's documentation.",
        examples: ['https://developer.example.com'],
      }),
    ),
    hosts: Type.Record(
      Type.String({ pattern: NAME_PATTERN }),
      Type.String({
        pattern: '^https://[a-z0-9.-]+(:[0-9]+)?$',
        description: 'Origin of the host: `https://`, a name, perhaps a port.',
        examples: ['https://api.example.com'],
      }),
      {
        ...strict,
        minProperties: 1,
        description:
          'Every host that may be called, by name. https only. The first one is used by requests that name none. Nothing ' +
          'else is ever called.',
        examples: [{ api: 'https://api.example.com' }],
      },
    ),
    scopes: Type.Record(Scope, CatalogueScope, {
      ...strict,
      maxProperties: MAX_SCOPES,
      description: 'The catalogue: every scope that an action may name. `{}` when the provider has none.',
      examples: [{ 'issues:read': { description: 'Read issues' } }],
    }),
    authentication: Type.Array(AuthenticationFormat, {
      minItems: 1,
      description: 'Ways to obtain tokens. A connector profile chooses one of them.',
    }),
    apis: Type.Optional(
      Type.Record(Type.String({ pattern: NAME_PATTERN }), ApiFormat, {
        ...strict,
        description:
          "The provider's API families by name, where they differ in headers, content type or rate limits. An action names " +
          'the one it belongs to with `api`.',
        examples: [{ issues: { label: 'Issues' } }],
      }),
    ),
    account_settings: Type.Optional(
      Type.Record(Type.String({ pattern: NAME_PATTERN }), InputFormat, {
        ...strict,
        description:
          'Settings of each account, given when it is linked: region, workspace. Expressions read them as `account.<name>`. ' +
          'Never secrets.',
        examples: [{ region: { type: 'string', enum: ['EU', 'US'], default: 'EU' } }],
      }),
    ),
    defaults: Type.Optional(Defaults),
    diagnosis: Type.Optional(
      Type.Array(CheckFormat, {
        minItems: 1,
        description:
          'The checklist behind `POST /accounts/{id}/diagnose`: what must be so for calls to succeed, and what to do when ' +
          'it is not.',
      }),
    ),
    errors: Type.Optional(Errors),
  },
  {
    ...strict,
    title: 'Connector',
    description: 'The file connector.yaml: what the actions of a provider have in common.',
  },
);
export type ConnectorFormat = Static<typeof ConnectorFormat>;
