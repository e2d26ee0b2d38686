import { isDeepStrictEqual } from 'node:util';
import type { JsonSchema } from '../connector/connector.ts';
import type { Report } from './change.ts';

interface Value {
  type?: string;
  default?: unknown;
  enum?: unknown[];
  properties?: Record<string, Value>;
  required?: string[];
  items?: Value;
  [bound: string]: unknown;
}

/** Bounds from below and from above: raising one, or lowering the other, refuses what was accepted. */
const LEAST = ['minimum', 'minLength', 'minItems'] as const;
const MOST = ['maximum', 'maxLength', 'maxItems'] as const;

/** What changed in what callers may send: `what` is how one of the values is called, such as "input". */
export function inputChanges(before: JsonSchema, after: JsonSchema, what: string, report: Report): void {
  memberChanges(before as Value, after as Value, what, '', report);
}

function memberChanges(before: Value, after: Value, what: string, below: string, report: Report): void {
  const old = before.properties ?? {};
  const now = after.properties ?? {};
  for (const [name, value] of Object.entries(old)) {
    const path = `${below}${name}`;
    const present = now[name];
    if (present) valueChanges(value, present, `${what} "${path}"`, path, what, report);
    else report('breaking', `${what}_removed`, `${what} "${path}" is gone: calls that give it are refused`);
  }
  for (const name of Object.keys(now)) {
    const path = `${below}${name}`;
    const isRequired = after.required?.includes(name) ?? false;
    const wasRequired = before.required?.includes(name) ?? false;
    if (!Object.hasOwn(old, name))
      report(
        isRequired ? 'breaking' : 'feature',
        `${what}_added`,
        `${what} "${path}" is new${isRequired ? ' and required' : ''}`,
      );
    else if (isRequired && !wasRequired) report('breaking', `${what}_required`, `${what} "${path}" is required now`);
    else if (wasRequired && !isRequired) report('feature', `${what}_optional`, `${what} "${path}" is optional now`);
  }
}

function valueChanges(before: Value, after: Value, named: string, path: string, what: string, report: Report): void {
  if (before.type !== after.type) {
    // Every integer is a number.
    const wider = before.type === 'integer' && after.type === 'number';
    report(wider ? 'feature' : 'breaking', `${what}_type`, `${named} was ${before.type}, is ${after.type}`);
    return;
  }
  enumChanges(before.enum, after.enum, named, what, report);
  for (const bound of [...LEAST, ...MOST]) {
    const [was, is] = [before[bound] as number | undefined, after[bound] as number | undefined];
    if (was === is) continue;
    const raised = (is ?? Number.NEGATIVE_INFINITY) > (was ?? Number.NEGATIVE_INFINITY);
    const lowered = (is ?? Number.POSITIVE_INFINITY) < (was ?? Number.POSITIVE_INFINITY);
    const tighter = (LEAST as readonly string[]).includes(bound) ? raised : lowered;
    report(tighter ? 'breaking' : 'feature', `${what}_bounds`, `${named}: ${bound} was ${shown(was)}, is ${shown(is)}`);
  }
  if (before.pattern !== after.pattern)
    // Whether one pattern takes all that another takes cannot be told.
    report(after.pattern === undefined ? 'feature' : 'breaking', `${what}_pattern`, `${named}: another pattern`);
  if (!isDeepStrictEqual(before.default, after.default))
    report(
      'breaking',
      `${what}_default`,
      `${named}: the default was ${shown(before.default)}, is ${shown(after.default)}`,
    );
  if (before.properties && after.properties) memberChanges(before, after, what, `${path}.`, report);
  else if (before.properties || after.properties)
    report(
      after.properties ? 'breaking' : 'feature',
      `${what}_members`,
      `${named}: ${after.properties ? 'only declared members are taken now' : 'takes any members now'}`,
    );
  if (before.items && after.items)
    valueChanges(before.items, after.items, `items of ${named}`, `${path}[]`, what, report);
  else if (before.items || after.items)
    report(
      after.items ? 'breaking' : 'feature',
      `${what}_items`,
      `${named}: ${after.items ? 'only items of a type are taken now' : 'takes any items now'}`,
    );
}

function enumChanges(
  before: unknown[] | undefined,
  after: unknown[] | undefined,
  named: string,
  what: string,
  report: Report,
): void {
  if (before === undefined && after === undefined) return;
  if (before === undefined || after === undefined) {
    report(
      after ? 'breaking' : 'feature',
      `${what}_values`,
      `${named}: ${after ? 'takes only certain values now' : 'takes any value now'}`,
    );
    return;
  }
  const lacks = (list: unknown[], value: unknown) => !list.some((other) => isDeepStrictEqual(other, value));
  const gone = before.filter((value) => lacks(after, value));
  const added = after.filter((value) => lacks(before, value));
  if (gone.length > 0) report('breaking', `${what}_values`, `${named} no longer takes ${gone.map(shown).join(', ')}`);
  if (added.length > 0) report('feature', `${what}_values`, `${named} also takes ${added.map(shown).join(', ')}`);
}

/** What changed in the answers that callers read. */
export function outputChanges(before: JsonSchema, after: JsonSchema, report: Report): void {
  const [old, now] = [fieldsOf(before as Value), fieldsOf(after as Value)];
  for (const [name, { type }] of Object.entries(old)) {
    const present = now[name];
    if (!present) report('breaking', 'field_removed', `the answer has no "${name}" any more`);
    else if (present.type !== type)
      report('breaking', 'field_type', `"${name}" of the answer was ${type}, is ${present.type}`);
  }
  for (const name of Object.keys(now))
    if (!Object.hasOwn(old, name)) report('feature', 'field_added', `the answer has "${name}"`);
}

function fieldsOf(schema: Value): Record<string, Value> {
  return (schema.items ?? schema).properties ?? {};
}

function shown(value: unknown): string {
  return value === undefined ? 'none' : JSON.stringify(value);
}
