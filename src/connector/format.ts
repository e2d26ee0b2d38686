import { type Static, Type } from 'typebox';

// The one definition of the YAML format: the TypeScript types, the published JSON Schema and the loader's checks all come
// from here. Descriptions are what an editor shows.

const strict = { additionalProperties: false } as const;

/** What marks a string in which `${…}` may stand. The loader finds such positions by type, this is for readers and editors. */
const template = (description: string) =>
  Type.Union([Type.String(), Type.Number(), Type.Boolean()], {
    description: `${description} A literal, or \${expression}; what evaluates to nothing is left out.`,
  });

const expression = (description: string) => Type.String({ minLength: 1, description: `${description} An expression.` });

const NAME_PATTERN = '^[a-z][a-z0-9]*(_[a-z0-9]+)*$';
// A token of RFC 9110 §5.6.2.
const HEADER_PATTERN = "^[!#$%&'*+.^_`|~0-9A-Za-z-]+$";
const SCOPE_PATTERN = '^[\\x21\\x23-\\x5B\\x5D-\\x7E]+$';

// Providers have some dozens; the closure over all inclusions grows with the square.
const MAX_SCOPES = 1_000;

const INPUT_TYPES = ['string', 'integer', 'number', 'boolean', 'object', 'array'] as const;

const inputProperties = {
  type: Type.Enum(INPUT_TYPES, { description: 'JSON type of the value. Values are not converted: "1" is no integer.' }),
  required: Type.Optional(Type.Boolean({ description: 'The call is refused without it. Default false.' })),
  description: Type.Optional(Type.String({ description: 'For people and for models that call the action.' })),
  default: Type.Optional(Type.Unknown({ description: 'Used when the caller gives nothing.' })),
  enum: Type.Optional(
    Type.Array(Type.Unknown(), { minItems: 1, uniqueItems: true, description: 'The only values allowed.' }),
  ),
  minimum: Type.Optional(Type.Number()),
  maximum: Type.Optional(Type.Number()),
  min_length: Type.Optional(Type.Integer({ minimum: 0 })),
  max_length: Type.Optional(Type.Integer({ minimum: 0 })),
  pattern: Type.Optional(Type.String({ description: 'Regular expression (RE2 syntax) that the string must match.' })),
  example: Type.Optional(Type.Unknown()),
};

export const InputFormat = Type.Object(
  {
    ...inputProperties,
    items: Type.Optional(Type.Object(inputProperties, { ...strict, description: 'Of an array: its items.' })),
  },
  strict,
);
export type InputFormat = Static<typeof InputFormat>;

export const RequestFormat = Type.Object(
  {
    method: Type.Enum(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'], { description: 'HTTP method.' }),
    host: Type.Optional(Type.String({ description: "One of the connector's hosts; its first one if not given." })),
    path: Type.String({
      pattern: '^/',
      description:
        'Path below the host. {name} is replaced by path_params.name, else by the input of that name, encoded.',
    }),
    path_params: Type.Optional(Type.Record(Type.String(), template('Value of a {name} in the path.'), strict)),
    query: Type.Optional(Type.Record(Type.String(), template('Query parameter. Lists are joined by commas.'), strict)),
    headers: Type.Optional(Type.Record(Type.String({ pattern: HEADER_PATTERN }), template('Request header.'), strict)),
    body: Type.Optional(Type.Unknown({ description: 'JSON body; ${expression} may stand in any string.' })),
  },
  strict,
);
export type RequestFormat = Static<typeof RequestFormat>;

const pageSize = {
  size: Type.Optional(Type.String({ description: 'Query parameter that takes the page size.' })),
  max_size: Type.Optional(Type.Integer({ minimum: 1, description: 'Largest page size the provider takes.' })),
};

export const PaginationFormat = Type.Union([
  Type.Object(
    {
      style: Type.Literal('page_number'),
      number: Type.String({ description: 'Query parameter that takes the page number.' }),
      first: Type.Integer({ minimum: 0, description: 'Number of the first page.' }),
      ...pageSize,
      more: expression('True (or anything but false, null, "" and nothing) when a further page exists.'),
    },
    strict,
  ),
  Type.Object(
    {
      style: Type.Literal('cursor'),
      cursor: Type.String({ description: 'Query parameter that takes the cursor.' }),
      ...pageSize,
      next: expression('Cursor of the next page; nothing, null or "" at the end.'),
    },
    strict,
  ),
]);
export type PaginationFormat = Static<typeof PaginationFormat>;

export const FieldFormat = Type.Object(
  {
    type: Type.Enum(INPUT_TYPES),
    description: Type.Optional(Type.String()),
  },
  strict,
);

const outputLet = {
  let: Type.Optional(
    Type.Record(Type.String({ pattern: '^[a-z][a-zA-Z0-9_]*$' }), expression('Value of the variable.'), {
      ...strict,
      description: 'Variables ($name) computed once and seen by the expressions of the output.',
    }),
  ),
};

export const OutputFormat = Type.Union([
  Type.Object(
    {
      ...outputLet,
      list: expression('The list in the response.'),
      item: Type.Optional(
        expression('Shape of one item, evaluated with the item as context ($$ is the whole context).'),
      ),
      fields: Type.Optional(
        Type.Record(Type.String(), FieldFormat, { ...strict, description: 'Fields of an item, for the catalogue.' }),
      ),
    },
    strict,
  ),
  Type.Object(
    {
      ...outputLet,
      object: expression('The answer.'),
      fields: Type.Optional(
        Type.Record(Type.String(), FieldFormat, { ...strict, description: 'Fields of the answer.' }),
      ),
    },
    strict,
  ),
]);
export type OutputFormat = Static<typeof OutputFormat>;

const Effect = Type.Enum(['read', 'create', 'update', 'delete', 'execute'], {
  description: 'What the action does at the provider; drives retries.',
});

const TokenKind = Type.Enum(['app', 'user', 'any'], {
  description: 'The kind of token the provider wants: obtained by the app itself, on behalf of a person, or either.',
});

const Scope = Type.String({ pattern: SCOPE_PATTERN });

export const ActionFormat = Type.Object(
  {
    id: Type.String({ pattern: NAME_PATTERN, description: 'Public id is <connector>_<id>.' }),
    label: Type.String({ minLength: 1 }),
    description: Type.String({ minLength: 1 }),
    docs: Type.Optional(Type.String({ pattern: '^https://', description: "The provider's reference page." })),
    effect: Effect,
    scopes: Type.Array(Scope, { uniqueItems: true, description: 'Scopes that the gate requires, all of them.' }),
    provider_scopes: Type.Optional(
      Type.Array(Scope, { uniqueItems: true, description: "What the provider's reference asks for besides." }),
    ),
    token: TokenKind,
    inputs: Type.Optional(Type.Record(Type.String({ pattern: NAME_PATTERN }), InputFormat, strict)),
    request: RequestFormat,
    pagination: Type.Optional(PaginationFormat),
    output: OutputFormat,
    warnings: Type.Optional(expression('List of warnings that the provider gave with a successful answer.')),
    timeout_s: Type.Optional(
      Type.Number({ exclusiveMinimum: 0, maximum: 120, description: 'Deadline of the whole call.' }),
    ),
    max_response_bytes: Type.Optional(Type.Integer({ minimum: 1 })),
  },
  strict,
);
export type ActionFormat = Static<typeof ActionFormat>;

export const ActionsFileFormat = Type.Array(ActionFormat, {
  minItems: 1,
  description: 'One file of actions, a resource each.',
});

export const AuthenticationFormat = Type.Object(
  {
    id: Type.String({ pattern: NAME_PATTERN }),
    label: Type.String({ minLength: 1 }),
    description: Type.Optional(Type.String()),
    grant: Type.Literal('client_credentials', { description: 'OAuth 2.0 grant (RFC 6749 §4.4).' }),
    token_endpoint: Type.Object(
      { host: Type.Optional(Type.String()), path: Type.String({ pattern: '^/' }) },
      { ...strict, description: 'Where tokens are asked for.' },
    ),
    client_authentication: Type.Enum(['client_secret_basic', 'client_secret_post'], {
      description: 'How the client authenticates at the token endpoint (RFC 6749 §2.3.1).',
    }),
    tokens: Type.Array(Type.Enum(['app', 'user']), {
      minItems: 1,
      description: 'Kinds of token that this method can give.',
    }),
  },
  strict,
);
export type AuthenticationFormat = Static<typeof AuthenticationFormat>;

export const ErrorRuleFormat = Type.Object(
  {
    when: expression('Of status, headers and body of a refusal; the first rule that is true decides.'),
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

const ExampleOutcome = {
  data: Type.Optional(Type.Unknown()),
  more: Type.Optional(Type.Boolean({ description: 'Whether a further page exists. Default false.' })),
  warnings: Type.Optional(Type.Array(Type.Unknown())),
};

export const ExampleFormat = Type.Object(
  {
    name: Type.String({ minLength: 1, description: 'A sentence.' }),
    action: Type.String({ pattern: NAME_PATTERN }),
    source: Type.String({
      minLength: 1,
      description: 'Where the response comes from: recorded, from a specification, made up.',
    }),
    inputs: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
    account: Type.Optional(Type.Record(Type.String(), Type.Unknown(), { description: 'Settings of the account.' })),
    request: Type.Object(
      {
        method: Type.String(),
        url: Type.String(),
        headers: Type.Optional(
          Type.Record(Type.String(), Type.String(), { description: 'Headers that must be there.' }),
        ),
        body: Type.Optional(Type.Unknown()),
      },
      { ...strict, description: 'The exact request.' },
    ),
    response: Type.Object(
      {
        status: Type.Integer({ minimum: 200, maximum: 599 }),
        headers: Type.Optional(Type.Record(Type.String(), Type.String())),
        body: Type.Optional(Type.Unknown()),
      },
      strict,
    ),
    output: Type.Optional(Type.Object(ExampleOutcome, strict)),
    problem: Type.Optional(
      Type.Object({ code: Type.String() }, { ...strict, description: 'The refusal that the caller gets instead.' }),
    ),
  },
  strict,
);
export type ExampleFormat = Static<typeof ExampleFormat>;

export const ExamplesFileFormat = Type.Array(ExampleFormat, { minItems: 1 });
