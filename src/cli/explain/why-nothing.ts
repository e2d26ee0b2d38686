import { nearest } from '../../connector/suggest.ts';
import type { Prefix, ReadPath } from './read-paths.ts';

/** Where the value of a path went missing. */
export interface Missing {
  /** Such as `body.data.attributes.titel`. */
  readonly path: string;
  readonly message: string;
  /** Names that are there instead. */
  readonly has: readonly string[];
  readonly did_you_mean: string | undefined;
  /** Of the name that is missing, in the expression. */
  readonly offset: number;
}

/** Gives the value of an expression at the place that is looked at; undefined also where it fails. */
export type Probe = (expression: string) => Promise<unknown>;

// More names than that are read in the answer itself.
const MAX_NAMES = 12;

/** For each path that gives nothing (or null): the first of its names that does. `inside`: how the context is called. */
export async function whyNothing(paths: readonly ReadPath[], probe: Probe, inside = ''): Promise<Missing[]> {
  const found: Missing[] = [];
  for (const { prefixes } of paths) {
    const missing = await firstMissing(prefixes, probe, inside);
    if (missing && !found.some(({ path }) => path === missing.path)) found.push(missing);
  }
  return found;
}

async function firstMissing(prefixes: readonly Prefix[], probe: Probe, inside: string): Promise<Missing | undefined> {
  let above: { text: string; value: unknown } = { text: inside, value: await probe('$') };
  for (const prefix of prefixes) {
    const { name, offset } = prefix;
    const value = await probe(prefix.text);
    const text = inside === '' || prefix.text.startsWith('$') ? prefix.text : `${inside}.${prefix.text}`;
    if (value === undefined) return { path: text, offset, ...absent(above.text, above.value, name) };
    if (value === null) return { path: text, offset, message: `${text} is null`, has: [], did_you_mean: undefined };
    above = { text, value };
  }
  return undefined;
}

function absent(container: string, value: unknown, name: string): Pick<Missing, 'message' | 'has' | 'did_you_mean'> {
  const has = namesIn(value);
  const did_you_mean = nearest(name, has);
  const hint = did_you_mean === undefined ? '' : ` — did you mean "${did_you_mean}"?`;
  const told = (message: string) => ({ message: message + hint, has, did_you_mean });
  if (container === 'inputs') return { message: `the input "${name}" was not given`, has, did_you_mean: undefined };
  if (container === 'account') return { message: `the account has no setting "${name}"`, has, did_you_mean: undefined };
  if (/^steps$/.test(container)) return told(`the step "${name}" has brought nothing yet`);
  const where = container === '' ? 'there' : container;
  const names =
    has.length === 0 ? 'nothing' : `${has.slice(0, MAX_NAMES).join(', ')}${has.length > MAX_NAMES ? ', …' : ''}`;
  if (Array.isArray(value)) {
    if (value.length === 0) return told(`${where} is an empty list`);
    return told(`none of the ${value.length} items of ${where} has a member "${name}"; they have ${names}`);
  }
  if (typeof value !== 'object' || value === null)
    return told(`${where} is ${describe(value)}, which has no member "${name}"`);
  return told(
    container === ''
      ? `there is no "${name}" here; there is ${names}`
      : `${where} has no member "${name}"; it has ${names}`,
  );
}

function namesIn(value: unknown): string[] {
  if (Array.isArray(value)) return [...new Set(value.flatMap((item) => (Array.isArray(item) ? [] : namesIn(item))))];
  return typeof value === 'object' && value !== null ? Object.keys(value) : [];
}

function describe(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (value === null) return 'null';
  return typeof value === 'string' ? 'a text' : `a ${typeof value}`;
}
