import { type Static, Type } from 'typebox';
import { choice, expression, strict, VALUE_TYPE_MEANINGS } from './parts.ts';

export const FieldFormat = Type.Object(
  {
    type: choice('JSON type of the field.', VALUE_TYPE_MEANINGS),
    description: Type.Optional(
      Type.String({
        description: 'What it is, and when it is absent.',
        examples: ['Bytes', 'ISO 8601; absent while the issue is open'],
      }),
    ),
  },
  {
    ...strict,
    title: 'Field',
    description: 'One field of what callers get.',
    examples: [{ type: 'string', description: 'Id of the issue' }],
  },
);

const outputLet = {
  let: Type.Optional(
    Type.Record(
      Type.String({ pattern: '^[a-z][a-zA-Z0-9_]*$' }),
      expression('Value of the variable.', 'body.included[type = "people"]'),
      {
        ...strict,
        description:
          'Variables, computed once. The expressions of the output read them as `$name`; later ones see earlier ones.',
        examples: [{ author: 'body.included[type = "people"]' }],
      },
    ),
  ),
};

/** A list and a single record may have the same one, by an anchor and an alias. */
function itemShape(what: string, it: string, without: string) {
  return Type.Optional(
    expression(
      `${what}. Evaluated with ${it} as context; \`$$\` is the whole context. Without it ${without}.`,
      '{ "id": id, "title": attributes.title }',
      '$merge([$, { "kind": "issue" }])',
    ),
  );
}

const ListOutput = Type.Object(
  {
    ...outputLet,
    list: expression('The list in the response. A single value becomes a list of one.', 'body.data'),
    item: itemShape('Shape of one item', 'the item', 'items stay as they are'),
    fields: Type.Optional(
      Type.Record(Type.String(), FieldFormat, {
        ...strict,
        description: 'Fields of an item by name, for the catalogue and for models.',
        examples: [{ id: { type: 'string' } }],
      }),
    ),
  },
  { ...strict, title: 'List output', description: 'Callers get a list.' },
);

const ObjectOutput = Type.Object(
  {
    ...outputLet,
    object: expression(
      'The answer; with `item` the record that it is made of.',
      'body.data.{ "id": id, "title": attributes.title }',
      'body',
    ),
    item: itemShape('Shape of the object, such as that of a list action', 'the object', 'it stays as it is'),
    fields: Type.Optional(
      Type.Record(Type.String(), FieldFormat, {
        ...strict,
        description: 'Fields of the answer by name, for the catalogue and for models.',
        examples: [{ id: { type: 'string' } }],
      }),
    ),
  },
  { ...strict, title: 'Object output', description: 'Callers get one object.' },
);

export const OutputFormat = Type.Union([ListOutput, ObjectOutput], {
  title: 'Output',
  description: 'What callers get: `list` or `object`, either with `item`. Members that evaluate to nothing are absent.',
});
export type OutputFormat = Static<typeof OutputFormat>;
