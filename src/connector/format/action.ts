import { type Static, Type } from 'typebox';
import { InputFormat } from './input.ts';
import { OutputFormat } from './output.ts';
import { PaginationFormat } from './pagination.ts';
import { choice, expression, NAME_PATTERN, Scope, strict } from './parts.ts';
import { RequestFormat } from './request.ts';
import { StepFormat } from './steps.ts';

const Effect = choice(
  'What the action does at the provider. It decides what may be repeated after a failure: only reads are.',
  {
    read: 'Changes nothing. Sent with GET or HEAD.',
    create: 'Makes something new.',
    update: 'Changes something that is there.',
    delete: 'Removes something.',
    execute: 'Starts something that is none of the others, such as a job.',
  },
);

const TokenKind = choice('The kind of token that the provider wants for this action.', {
  app: "Obtained with the app's own credentials.",
  user: 'Obtained on behalf of a person.',
  any: 'Either. A token of a person is preferred where the account has one.',
});

const Requirement = Type.Object(
  {
    that: expression(
      'What must be true. Reads `inputs`, `account` and `file`. The call is refused unless it gives `true`.',
      '$exists(inputs.email) or $exists(inputs.user_id)',
    ),
    token: Type.Optional(
      choice('Ask this only when a token of this kind is used. Without it: always.', {
        app: "Only with the app's own token.",
        user: "Only with a person's token.",
      }),
    ),
    input: Type.Optional(
      Type.String({ description: 'The input that the caller should look at.', examples: ['email'] }),
    ),
    message: Type.String({
      minLength: 1,
      description: 'For the caller: what is missing and what to do.',
      examples: ['Give email or user_id.'],
    }),
  },
  {
    ...strict,
    title: 'Requirement',
    description: 'Something that must hold before a call is sent and that no single input can tell.',
  },
);

const FileIntake = Type.Object(
  {
    description: Type.Optional(
      Type.String({
        description: 'What file it is, and how large it may be.',
        examples: ['The content; its length need not be known'],
      }),
    ),
  },
  {
    ...strict,
    title: 'File',
    description:
      'The action takes a file: as the raw body with the inputs in the query, or as multipart/form-data. It needs a step ' +
      'that uploads the file.',
    examples: [{ description: 'The content; its length need not be known' }],
  },
);

export const ActionFormat = Type.Object(
  {
    id: Type.String({
      pattern: NAME_PATTERN,
      description: 'Name of the action in the connector: a verb and a noun. Its public id is `<connector>_<id>`.',
      examples: ['list_issues', 'create_issue'],
    }),
    label: Type.String({
      minLength: 1,
      description: 'Name for people, as a heading.',
      examples: ['List Issues', 'Create Issue'],
    }),
    description: Type.String({
      minLength: 1,
      description:
        'What it does, in a sentence or two, for people and for models that choose an action. Say also what surprises.',
      examples: [
        'Issues of a project that the account can see, newest first.',
        'Creates an issue. Its project must be open.',
      ],
    }),
    docs: Type.Optional(
      Type.String({
        pattern: '^https://',
        description: "The provider's reference page of the endpoint.",
        examples: ['https://developer.example.com/reference/list-issues'],
      }),
    ),
    api: Type.Optional(
      Type.String({
        description:
          "One of the connector's `apis`. It gives headers, content type and rate limits. Without it only `defaults` apply.",
        examples: ['issues'],
      }),
    ),
    effect: Effect,
    scopes: Type.Array(Scope, {
      uniqueItems: true,
      description:
        'Scopes that the gate requires, all of them. A call whose grant lacks one is refused before a token is touched. ' +
        '`[]` when the provider has no scopes.',
      examples: [['issues:read']],
    }),
    provider_scopes: Type.Optional(
      Type.Array(Scope, {
        uniqueItems: true,
        description:
          "What the provider's reference asks for besides. Asked for with the token as far as the profile allows; a missing " +
          'one blocks nobody, and a refusal names it.',
        examples: [['projects:read']],
      }),
    ),
    token: TokenKind,
    inputs: Type.Optional(
      Type.Record(Type.String({ pattern: NAME_PATTERN }), InputFormat, {
        ...strict,
        description:
          'What the caller may give, by name. Every input must be used somewhere. `page_size` and `next` of a paginated ' +
          'action are added for you.',
        defaultSnippets: [
          {
            label: 'a required text',
            description: 'An input that must be given',
            body: { '${1:project_id}': { type: 'string', required: true, description: '${2:Id of the project}' } },
          },
          {
            label: 'an optional choice',
            description: 'An input with a few possible values and a default',
            body: {
              '${1:state}': {
                type: 'string',
                enum: ['${2:open}', '${3:closed}'],
                description: '${4:Only issues in this state}',
              },
            },
          },
        ],
      }),
    ),
    file: Type.Optional(FileIntake),
    requires: Type.Optional(
      Type.Array(Requirement, {
        description: 'What must hold besides the checks of the single inputs. All of them are asked.',
      }),
    ),
    request: Type.Optional(RequestFormat),
    pagination: Type.Optional(PaginationFormat),
    steps: Type.Optional(
      Type.Array(StepFormat, {
        minItems: 1,
        description:
          'Several requests or uploads, one after the other, instead of `request`. Each leaves `steps.<id>` behind for the ' +
          'steps after it and for the output.',
      }),
    ),
    output: OutputFormat,
    warnings: Type.Optional(
      expression(
        'List of warnings that the provider gave with a successful answer. They stand beside the data.',
        'body.meta.warnings',
      ),
    ),
    timeout_s: Type.Optional(
      Type.Number({
        exclusiveMinimum: 0,
        maximum: 120,
        description:
          'Deadline of the whole call in seconds; with a file, of each of its requests. Without it: that of `defaults`, else 30.',
        examples: [60],
      }),
    ),
    max_response_bytes: Type.Optional(
      Type.Integer({
        minimum: 1,
        description: 'Longest answer that is read, in bytes. Without it: that of `defaults`, else 10485760 (10 MiB).',
        examples: [1_048_576],
      }),
    ),
  },
  {
    ...strict,
    title: 'Action',
    description: 'One operation that callers can execute. It has either `request` or `steps`.',
  },
);
export type ActionFormat = Static<typeof ActionFormat>;

export const ActionsFileFormat = Type.Array(ActionFormat, {
  minItems: 1,
  description: 'One file of actions, a resource each: `actions/issues.yaml`.',
});
