import { type Static, Type } from 'typebox';
import { InputFormat } from './input.ts';
import { OutputFormat } from './output.ts';
import { PaginationFormat } from './pagination.ts';
import { expression, NAME_PATTERN, Scope, strict } from './parts.ts';
import { RequestFormat } from './request.ts';
import { StepFormat } from './steps.ts';

const Effect = Type.Enum(['read', 'create', 'update', 'delete', 'execute'], {
  description: 'What the action does at the provider; drives retries.',
});

const TokenKind = Type.Enum(['app', 'user', 'any'], {
  description: 'The kind of token the provider wants: obtained by the app itself, on behalf of a person, or either.',
});

const Requirement = Type.Object(
  {
    that: expression('Of inputs, account and file; the call is refused unless true.'),
    token: Type.Optional(Type.Enum(['app', 'user'], { description: 'Asked only when this kind of token is used.' })),
    input: Type.Optional(Type.String({ description: 'The input that the caller should look at.' })),
    message: Type.String({ minLength: 1, description: 'What is missing and what to do, for the caller.' }),
  },
  strict,
);

const FileIntake = Type.Object(
  { description: Type.Optional(Type.String()) },
  {
    ...strict,
    description: 'The action takes a file: a raw body with the inputs in the query, or multipart/form-data.',
  },
);

export const ActionFormat = Type.Object(
  {
    id: Type.String({ pattern: NAME_PATTERN, description: 'Public id is <connector>_<id>.' }),
    label: Type.String({ minLength: 1 }),
    description: Type.String({ minLength: 1 }),
    docs: Type.Optional(Type.String({ pattern: '^https://', description: "The provider's reference page." })),
    api: Type.Optional(Type.String({ description: "One of the connector's apis: gives headers and rate limits." })),
    effect: Effect,
    scopes: Type.Array(Scope, { uniqueItems: true, description: 'Scopes that the gate requires, all of them.' }),
    provider_scopes: Type.Optional(
      Type.Array(Scope, { uniqueItems: true, description: "What the provider's reference asks for besides." }),
    ),
    token: TokenKind,
    inputs: Type.Optional(Type.Record(Type.String({ pattern: NAME_PATTERN }), InputFormat, strict)),
    file: Type.Optional(FileIntake),
    requires: Type.Optional(
      Type.Array(Requirement, { description: 'What must hold besides the checks of the single inputs.' }),
    ),
    request: Type.Optional(RequestFormat),
    pagination: Type.Optional(PaginationFormat),
    steps: Type.Optional(
      Type.Array(StepFormat, {
        minItems: 1,
        description: 'Of a composite action, instead of request: one after the other.',
      }),
    ),
    output: OutputFormat,
    warnings: Type.Optional(expression('List of warnings that the provider gave with a successful answer.')),
    timeout_s: Type.Optional(
      Type.Number({
        exclusiveMinimum: 0,
        maximum: 120,
        description: 'Deadline of the whole call; with a file, of each of its requests.',
      }),
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
