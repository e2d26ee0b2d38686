import { type Static, Type } from 'typebox';
import { AuthenticationFormat } from './authentication.ts';
import { CheckFormat } from './diagnosis.ts';
import { InputFormat } from './input.ts';
import { expression, HEADER_PATTERN, NAME_PATTERN, Scope, strict, template } from './parts.ts';

// Providers have some dozens; the closure over all inclusions grows with the square.
const MAX_SCOPES = 1_000;

const RateLimitFormat = Type.Object(
  {
    id: Type.String({ pattern: NAME_PATTERN }),
    requests: Type.Integer({ minimum: 1, description: 'How many a client may send in the period.' }),
    per_s: Type.Integer({ minimum: 1, maximum: 3_600, description: 'Length of the period in seconds.' }),
    endpoints: Type.Optional(
      Type.Array(Type.String({ pattern: '^(GET|HEAD|POST|PUT|PATCH|DELETE) /' }), {
        minItems: 1,
        uniqueItems: true,
        description:
          'METHOD /path, with {} for what varies. Without it: every request of the API that no other limit names.',
      }),
    ),
  },
  { ...strict, description: 'A limit that the provider publishes, counted for each client id.' },
);

export const ApiFormat = Type.Object(
  {
    label: Type.String({ minLength: 1 }),
    docs: Type.Optional(Type.String({ pattern: '^https://' })),
    headers: Type.Optional(
      Type.Record(
        Type.String({ pattern: HEADER_PATTERN }),
        template('Header of every request of the API, over the same of `defaults`.'),
        strict,
      ),
    ),
    content_type: Type.Optional(
      Type.String({
        pattern: '^[!-.0-~]+/[!-~]+( [!-~]+)*$',
        description: 'Of request bodies; application/json if not given.',
      }),
    ),
    rate_limits: Type.Optional(Type.Array(RateLimitFormat, { minItems: 1 })),
  },
  strict,
);

export const ErrorRuleFormat = Type.Object(
  {
    when: expression(
      'Of status, headers, body of a refusal, and inputs, account, request.{method,path} (as sent); the first that is true decides.',
    ),
    code: Type.String({ description: "One of Corbel's error codes." }),
    hint: Type.Optional(Type.String({ description: 'What to do about it, for the caller.' })),
  },
  strict,
);

export const ConnectorFormat = Type.Object(
  {
    id: Type.String({
      pattern: '^[a-z][a-z0-9]*$',
      description: 'Prefix of all public action ids; the folder has the same name.',
    }),
    label: Type.String({ minLength: 1 }),
    description: Type.String({ minLength: 1 }),
    docs: Type.Optional(Type.String({ pattern: '^https://' })),
    hosts: Type.Record(
      Type.String({ pattern: NAME_PATTERN }),
      Type.String({ pattern: '^https://[a-z0-9.-]+(:[0-9]+)?$' }),
      {
        ...strict,
        minProperties: 1,
        description: 'Every host that may be called, by name. https only.',
      },
    ),
    scopes: Type.Record(
      Scope,
      Type.Object(
        {
          description: Type.String({ minLength: 1 }),
          includes: Type.Optional(Type.Array(Scope, { description: 'Scopes that this one implies.' })),
        },
        strict,
      ),
      { ...strict, maxProperties: MAX_SCOPES, description: 'The catalogue: every scope that an action may name.' },
    ),
    authentication: Type.Array(AuthenticationFormat, { minItems: 1 }),
    apis: Type.Optional(
      Type.Record(Type.String({ pattern: NAME_PATTERN }), ApiFormat, {
        ...strict,
        description: "The provider's API families; an action names the one it belongs to.",
      }),
    ),
    account_settings: Type.Optional(
      Type.Record(Type.String({ pattern: NAME_PATTERN }), InputFormat, {
        ...strict,
        description: 'Settings of each account, given when it is linked.',
      }),
    ),
    defaults: Type.Optional(
      Type.Object(
        {
          headers: Type.Optional(
            Type.Record(
              Type.String({ pattern: HEADER_PATTERN }),
              template('Header of every request of every action.'),
              strict,
            ),
          ),
          timeout_s: Type.Optional(Type.Number({ exclusiveMinimum: 0, maximum: 120 })),
          max_response_bytes: Type.Optional(Type.Integer({ minimum: 1 })),
        },
        strict,
      ),
    ),
    diagnosis: Type.Optional(
      Type.Array(CheckFormat, { minItems: 1, description: 'The checklist behind POST /accounts/{id}/diagnose.' }),
    ),
    errors: Type.Optional(
      Type.Object(
        {
          code: Type.Optional(expression("The provider's own error code in a refusal.")),
          message: Type.Optional(expression("The provider's own message in a refusal.")),
          request_id: Type.Optional(expression("The provider's own id of the request.")),
          rules: Type.Optional(Type.Array(ErrorRuleFormat)),
        },
        strict,
      ),
    ),
  },
  strict,
);
export type ConnectorFormat = Static<typeof ConnectorFormat>;
