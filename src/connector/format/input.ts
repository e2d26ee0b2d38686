import { type Static, Type } from 'typebox';
import { strict, VALUE_TYPES } from './parts.ts';

const bounds = {
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

const value = {
  type: Type.Enum(VALUE_TYPES, { description: 'JSON type of the value. Values are not converted: "1" is no integer.' }),
  required: Type.Optional(Type.Boolean({ description: 'The call is refused without it. Default false.' })),
  description: Type.Optional(Type.String({ description: 'For people and for models that call the action.' })),
  ...bounds,
};

const Member = Type.Object(value, { ...strict, description: 'A value within an object.' });
const members = Type.Optional(
  Type.Record(Type.String(), Member, { ...strict, description: 'Of an object: its members; others are refused.' }),
);

export const InputFormat = Type.Object(
  {
    ...value,
    properties: members,
    items: Type.Optional(
      Type.Object({ ...value, properties: members }, { ...strict, description: 'Of an array: its items.' }),
    ),
    min_items: Type.Optional(Type.Integer({ minimum: 0, description: 'Of an array: fewest items.' })),
    max_items: Type.Optional(Type.Integer({ minimum: 1, description: 'Of an array: most items.' })),
  },
  strict,
);
export type InputFormat = Static<typeof InputFormat>;
