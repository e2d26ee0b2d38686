import { Type } from 'typebox';

export const strict = { additionalProperties: false } as const;

/** What marks a string in which `${…}` may stand. The loader finds such positions by type, this is for readers and editors. */
export const template = (description: string) =>
  Type.Union([Type.String(), Type.Number(), Type.Boolean()], {
    description: `${description} A literal, or \${expression}; what evaluates to nothing is left out.`,
  });

export const expression = (description: string) =>
  Type.String({ minLength: 1, description: `${description} An expression.` });

export const NAME_PATTERN = '^[a-z][a-z0-9]*(_[a-z0-9]+)*$';
// A token of RFC 9110 §5.6.2.
export const HEADER_PATTERN = "^[!#$%&'*+.^_`|~0-9A-Za-z-]+$";
export const SCOPE_PATTERN = '^[\\x21\\x23-\\x5B\\x5D-\\x7E]+$';

export const Scope = Type.String({ pattern: SCOPE_PATTERN });

export const VALUE_TYPES = ['string', 'integer', 'number', 'boolean', 'object', 'array'] as const;
