import { type Static, Type } from 'typebox';
import { PROBLEMS } from '../../problems.ts';
import { NAME_PATTERN, strict } from './parts.ts';

const ExampleOutcome = Type.Object(
  {
    data: Type.Optional(
      Type.Unknown({
        description: 'The data of the answer, exactly. Members that are nothing are absent.',
        examples: [[{ id: '42', title: 'A leaking tap' }]],
      }),
    ),
    more: Type.Optional(Type.Boolean({ description: 'Whether a further page exists.', default: false })),
    warnings: Type.Optional(
      Type.Array(Type.Unknown({ description: 'A warning, as the expression `warnings` shapes it.' }), {
        description: 'The warnings of the answer, exactly. Without it: none.',
        examples: [[{ code: 'partial' }]],
      }),
    ),
  },
  { ...strict, title: 'Example output', description: 'What the caller gets.' },
);

const ExampleRequest = Type.Object(
  {
    method: Type.String({ description: 'HTTP method.', examples: ['GET', 'POST'] }),
    url: Type.String({
      description: 'The whole URL as it is sent, with host and query, percent-encoded.',
      examples: ['https://api.example.com/v1/projects/PRJ-42/issues?state=open'],
    }),
    headers: Type.Optional(
      Type.Record(Type.String(), Type.String({ description: 'Value of the header.' }), {
        description: 'Headers that must be there. Others may be there too.',
        examples: [{ accept: 'application/json' }],
      }),
    ),
    body: Type.Optional(
      Type.Unknown({ description: 'The body, as JSON, exactly.', examples: [{ title: 'A leaking tap' }] }),
    ),
    bytes: Type.Optional(
      Type.Integer({ minimum: 0, description: 'Length of a body that is part of the file.', examples: [5_242_880] }),
    ),
  },
  { ...strict, title: 'Example request', description: 'The exact request that must be sent.' },
);

const ExampleResponse = Type.Object(
  {
    status: Type.Integer({ minimum: 200, maximum: 599, description: 'HTTP status.', examples: [200, 404] }),
    headers: Type.Optional(
      Type.Record(Type.String(), Type.String({ description: 'Value of the header.' }), {
        description: 'Headers of the response.',
        examples: [{ 'content-type': 'application/json' }],
      }),
    ),
    body: Type.Optional(
      Type.Unknown({
        description: 'JSON body; a text is sent as it is. Keep what the output reads, and cut the rest.',
        examples: [{ data: [{ id: '42', attributes: { title: 'A leaking tap' } }] }],
      }),
    ),
  },
  { ...strict, title: 'Example response', description: 'What the provider answers.' },
);

export const ExampleFormat = Type.Object(
  {
    name: Type.String({
      minLength: 1,
      description: 'What it shows, as a sentence. It is the name of the test.',
      examples: ['The open issues of a project; what an issue does not have is absent.'],
    }),
    action: Type.String({
      pattern: NAME_PATTERN,
      description: 'Id of the action in this connector.',
      examples: ['list_issues'],
    }),
    source: Type.String({
      minLength: 1,
      description: "Where the response comes from: recorded, from the provider's specification, or made up.",
      examples: ['Recorded and scrubbed', "The provider's OpenAPI document, example of listIssues, trimmed"],
    }),
    inputs: Type.Optional(
      Type.Record(Type.String(), Type.Unknown({ description: 'Value of the input.', examples: ['PRJ-42'] }), {
        description: 'What the caller gives, by name.',
        examples: [{ project_id: 'PRJ-42' }],
      }),
    ),
    account: Type.Optional(
      Type.Record(Type.String(), Type.Unknown({ description: 'Value of the setting.', examples: ['EU'] }), {
        description: 'Settings of the account (`account_settings` of the connector), by name.',
        examples: [{ region: 'EU' }],
      }),
    ),
    file: Type.Optional(
      Type.Object(
        {
          bytes: Type.Integer({
            minimum: 0,
            description: 'Length of the file; its content does not matter.',
            examples: [1_024],
          }),
          name: Type.Optional(Type.String({ description: 'Name of the file.', examples: ['drawing.pdf'] })),
          content_type: Type.Optional(
            Type.String({ description: 'Media type of the file.', examples: ['application/pdf'] }),
          ),
        },
        {
          ...strict,
          title: 'Example file',
          description: 'The file that the caller sends.',
          examples: [{ bytes: 1_024 }],
        },
      ),
    ),
    request: Type.Optional(ExampleRequest),
    response: Type.Optional(ExampleResponse),
    exchanges: Type.Optional(
      Type.Array(
        Type.Object(
          { request: ExampleRequest, response: ExampleResponse },
          { ...strict, title: 'Exchange', description: 'One request and its response.' },
        ),
        {
          minItems: 1,
          description: 'Of an action with `steps`, instead of `request` and `response`: all of them, in order.',
        },
      ),
    ),
    output: Type.Optional(ExampleOutcome),
    problem: Type.Optional(
      Type.Object(
        {
          code: Type.String({
            description: "One of Corbel's error codes, see docs/errors.md.",
            examples: ['provider_not_found'],
            editorWords: Object.fromEntries(Object.entries(PROBLEMS).map(([code, { title }]) => [code, `${title}.`])),
          }),
        },
        {
          ...strict,
          title: 'Example problem',
          description: 'The refusal that the caller gets, instead of `output`.',
          examples: [{ code: 'provider_not_found' }],
        },
      ),
    ),
  },
  {
    ...strict,
    title: 'Example',
    description:
      'One call of an action: inputs, the exact requests, the responses, and what the caller gets. It is documentation, an ' +
      'offline test and the mock server in one.',
  },
);
export type ExampleFormat = Static<typeof ExampleFormat>;

export const ExamplesFileFormat = Type.Array(ExampleFormat, {
  minItems: 1,
  description: 'One file of examples, of the actions of one file: `examples/issues.yaml`.',
});
