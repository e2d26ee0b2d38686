import { Type } from 'typebox';

// What an editor shows comes from here: `description` explains, `examples` are offered as values, `enumDescriptions` explain
// single words, `title` names an object. The loader's checks read none of them.

export const strict = { additionalProperties: false } as const;

/** Titles by which readers of the schema tell kinds of text apart. */
export const EXPRESSION_TITLE = 'Expression';
export const TEMPLATE_TITLE = 'Value or expression';

/** What marks a string in which `${…}` may stand. The loader finds such positions by type, this is for readers and editors. */
export const template = (description: string, ...examples: (string | number | boolean)[]) =>
  Type.Union([Type.String(), Type.Number(), Type.Boolean()], {
    title: TEMPLATE_TITLE,
    description: `${description} A literal, or \`\${expression}\`. What evaluates to nothing is left out.`,
    ...given(examples),
  });

export const expression = (description: string, ...examples: string[]) =>
  Type.String({
    minLength: 1,
    title: EXPRESSION_TITLE,
    description: `${description} A JSONata expression.`,
    ...given(examples),
  });

/** One of some words, each with what it means. */
export const choice = <Word extends string>(description: string, words: Readonly<Record<Word, string>>) =>
  Type.Enum(Object.keys(words) as Word[], { description, enumDescriptions: Object.values(words) });

const given = (examples: readonly unknown[]) => (examples.length > 0 ? { examples } : {});

export const NAME_PATTERN = '^[a-z][a-z0-9]*(_[a-z0-9]+)*$';
// A token of RFC 9110 §5.6.2.
export const HEADER_PATTERN = "^[!#$%&'*+.^_`|~0-9A-Za-z-]+$";
export const MEDIA_TYPE_PATTERN = '^[!-.0-~]+/[!-~]+( [!-~]+)*$';
export const SCOPE_PATTERN = '^[\\x21\\x23-\\x5B\\x5D-\\x7E]+$';

export const Scope = Type.String({
  pattern: SCOPE_PATTERN,
  description: "A scope of the connector's catalogue (`scopes` in connector.yaml).",
});

export const VALUE_TYPES = ['string', 'integer', 'number', 'boolean', 'object', 'array'] as const;

/** What each type takes, for whom a word alone says too little. */
export const VALUE_TYPE_MEANINGS: Readonly<Record<(typeof VALUE_TYPES)[number], string>> = {
  string: 'A text. Dates and ids are texts too.',
  integer: 'A whole number.',
  number: 'Any number.',
  boolean: '`true` or `false`.',
  object: 'A mapping. Name its members under `properties`.',
  array: 'A list. Say what is in it under `items`.',
};
