import { boundedCopy } from './json.ts';
import { snakeCase } from './names.ts';
import { isCheckable, textMatching } from './pattern-text.ts';
import type { Shape } from './shape.ts';

// An example shows the form; nobody reads a deeper one.
const MAX_SAMPLE_DEPTH = 3;
// Enough to see that it is a text of some length.
const MAX_SAMPLE_CHARS = 64;

/** Whether the value goes to the provider or comes from it. */
export type Use = 'sent' | 'answered';

const TEXT_OF_FORMAT: Readonly<Record<string, string>> = {
  'date-time': '2026-01-31T12:00:00Z',
  date: '2026-01-31',
  time: '12:00:00Z',
  uuid: '3f2b8a52-7c1e-4a54-9d0b-5f0d7d1f8a01',
  uri: 'https://www.example.com/',
  url: 'https://www.example.com/',
  email: 'person@example.com',
  hostname: 'www.example.com',
  ipv4: '192.0.2.1',
  byte: 'ZXhhbXBsZQ==',
};

/**
 * A value of a shape: its example, else its default or first enumerated one, else one that is made up after its type;
 * `name` is what the value is called. What is generated fits the shape as far as its pattern can be followed.
 */
export function sampleOf(shape: Shape, name: string, use: Use, depth = 0): unknown {
  for (const given of [shape.example, shape.default, shape.enum?.find((value) => value !== null)]) {
    const copy = given === undefined || given === null ? undefined : boundedCopy(given);
    if (copy !== undefined && isOfType(copy, shape.type)) return copy;
  }
  return generated(shape, name, use, depth);
}

/** A value made up after the type, whatever examples the file gives for the value itself. */
export function generated(shape: Shape, name: string, use: Use, depth = 0): unknown {
  switch (shape.type) {
    case 'boolean':
      return true;
    case 'integer':
    case 'number':
      return Math.min(Math.max(1, shape.minimum ?? 1), shape.maximum ?? Number.MAX_SAFE_INTEGER);
    case 'array': {
      if (depth >= MAX_SAMPLE_DEPTH || shape.maxItems === 0) return [];
      const { items } = shape;
      return items ? [sampleOf(items, singular(name), use, depth + 1)] : [];
    }
    case 'object': {
      if (depth >= MAX_SAMPLE_DEPTH) return {};
      return Object.fromEntries(
        [...shape.properties]
          .filter(([, member]) => !(use === 'sent' ? member.readOnly : member.writeOnly))
          .map(([member, of]) => [member, sampleOf(of, member, use, depth + 1)]),
      );
    }
    case 'string':
      return textOf(shape, name);
    case undefined:
      return name;
  }
}

function textOf({ pattern, format, minLength = 0, maxLength = MAX_SAMPLE_CHARS, enum: values }: Shape, name: string) {
  const [first] = values ?? [];
  if (typeof first === 'string') return first;
  const fits = (text: string) => text.length >= minLength && text.length <= maxLength;
  const matching = pattern !== undefined && isCheckable(pattern) ? textMatching(pattern, fits) : undefined;
  const text = matching ?? TEXT_OF_FORMAT[format ?? formatOfName(name)] ?? wordsOf(name);
  return text.padEnd(Math.min(minLength, MAX_SAMPLE_CHARS), 'x').slice(0, maxLength) || 'x';
}

function formatOfName(name: string): string {
  if (/(_at|At|date|Date)$/.test(name)) return 'date-time';
  if (/(url|Url|URL|uri|href)$/.test(name)) return 'uri';
  return /e_?mail$/i.test(name) ? 'email' : '';
}

/** `bucket-key` for what names something, `First name` for what is read. */
function wordsOf(name: string): string {
  const words = snakeCase(name).split('_');
  if (/^(id|ids|key|guid|slug|urn|code|token|hash)$/.test(words.at(-1) ?? '')) return words.join('-');
  const text = words.join(' ');
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}

/** Whether a value is of a declared type, as JSON Schema counts. */
export function isOfType(value: unknown, type: Shape['type']): boolean {
  switch (type) {
    case undefined:
      return true;
    case 'array':
      return Array.isArray(value);
    case 'integer':
      return Number.isInteger(value);
    case 'object':
      return typeof value === 'object' && value !== null && !Array.isArray(value);
    default:
      return typeof value === type;
  }
}

function singular(name: string): string {
  return name.endsWith('ies') ? `${name.slice(0, -3)}y` : name.replace(/s$/, '');
}
