import { type Static, Type } from 'typebox';
import { choice, strict, VALUE_TYPE_MEANINGS } from './parts.ts';

const bounds = {
  default: Type.Optional(
    Type.Unknown({
      description: 'Used when the caller gives nothing. It must itself be a valid value.',
      examples: ['open', 20],
    }),
  ),
  enum: Type.Optional(
    Type.Array(Type.Unknown({ description: 'An allowed value.' }), {
      minItems: 1,
      uniqueItems: true,
      description: 'The only values allowed.',
      examples: [['open', 'closed']],
    }),
  ),
  minimum: Type.Optional(Type.Number({ description: 'Of a number: the least allowed.', examples: [0, 1] })),
  maximum: Type.Optional(Type.Number({ description: 'Of a number: the greatest allowed.', examples: [100] })),
  min_length: Type.Optional(
    Type.Integer({
      minimum: 0,
      description: 'Of a text: fewest characters. `1` refuses the empty text.',
      examples: [1],
    }),
  ),
  max_length: Type.Optional(
    Type.Integer({ minimum: 0, description: 'Of a text: most characters.', default: 4_096, examples: [255] }),
  ),
  pattern: Type.Optional(
    Type.String({
      description: 'Regular expression (RE2 syntax) that the text must match. Anchor it with `^` and `$`.',
      examples: ['^[0-9a-f]{8}$'],
    }),
  ),
  example: Type.Optional(
    Type.Unknown({
      description: 'A value as the provider really gives it, for the catalogue and for models.',
      examples: ['PRJ-42', 42],
    }),
  ),
};

const value = {
  type: choice('JSON type of the value. Values are not converted: the text `"1"` is no integer.', VALUE_TYPE_MEANINGS),
  required: Type.Optional(
    Type.Boolean({
      description: 'The call is refused without it. Not needed where there is a `default`.',
      default: false,
      examples: [true],
    }),
  ),
  description: Type.Optional(
    Type.String({
      description: 'What it is, for people and for models that call the action. Say where the value comes from.',
      examples: ['Id of the project, as list_projects gives it'],
    }),
  ),
  ...bounds,
};

const Member = Type.Object(value, { ...strict, title: 'Member', description: 'A value within an object.' });
const members = Type.Optional(
  Type.Record(Type.String(), Member, {
    ...strict,
    description: 'Of an object: its members by name. Others are refused.',
  }),
);

export const InputFormat = Type.Object(
  {
    ...value,
    properties: members,
    items: Type.Optional(
      Type.Object(
        { ...value, properties: members },
        {
          ...strict,
          title: 'Items',
          description: 'Of an array: what each of its items is.',
          examples: [{ type: 'string' }],
        },
      ),
    ),
    min_items: Type.Optional(Type.Integer({ minimum: 0, description: 'Of an array: fewest items.', examples: [1] })),
    max_items: Type.Optional(Type.Integer({ minimum: 1, description: 'Of an array: most items.', examples: [50] })),
  },
  {
    ...strict,
    title: 'Input',
    description: 'One value that a caller gives (an input), or that is set for each account (an account setting).',
    examples: [{ type: 'string', required: true, description: 'Id of the project' }],
  },
);
export type InputFormat = Static<typeof InputFormat>;
