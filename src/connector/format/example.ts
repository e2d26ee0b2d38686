import { type Static, Type } from 'typebox';
import { NAME_PATTERN, strict } from './parts.ts';

const ExampleOutcome = {
  data: Type.Optional(Type.Unknown()),
  more: Type.Optional(Type.Boolean({ description: 'Whether a further page exists. Default false.' })),
  warnings: Type.Optional(Type.Array(Type.Unknown())),
};

const ExampleRequest = Type.Object(
  {
    method: Type.String(),
    url: Type.String(),
    headers: Type.Optional(Type.Record(Type.String(), Type.String(), { description: 'Headers that must be there.' })),
    body: Type.Optional(Type.Unknown({ description: 'JSON body.' })),
    bytes: Type.Optional(Type.Integer({ minimum: 0, description: 'Length of a body that is part of the file.' })),
  },
  { ...strict, description: 'The exact request.' },
);

const ExampleResponse = Type.Object(
  {
    status: Type.Integer({ minimum: 200, maximum: 599 }),
    headers: Type.Optional(Type.Record(Type.String(), Type.String())),
    body: Type.Optional(Type.Unknown({ description: 'JSON body; a string is sent as it is.' })),
  },
  strict,
);

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
    file: Type.Optional(
      Type.Object(
        {
          bytes: Type.Integer({ minimum: 0, description: 'Length; the content does not matter.' }),
          name: Type.Optional(Type.String()),
          content_type: Type.Optional(Type.String()),
        },
        { ...strict, description: 'The file that the caller sends.' },
      ),
    ),
    request: Type.Optional(ExampleRequest),
    response: Type.Optional(ExampleResponse),
    exchanges: Type.Optional(
      Type.Array(Type.Object({ request: ExampleRequest, response: ExampleResponse }, strict), {
        minItems: 1,
        description: 'Of a composite action, instead of request and response: all of them, in order.',
      }),
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
