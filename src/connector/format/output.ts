import { type Static, Type } from 'typebox';
import { expression, strict, VALUE_TYPES } from './parts.ts';

export const FieldFormat = Type.Object(
  {
    type: Type.Enum(VALUE_TYPES),
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
