import type { OutputFormat } from '../../connector/format.ts';
import type { Path } from '../../connector/yaml-file.ts';
import type { ExpressionContext } from '../../expression/expression.ts';
import type { Declaration } from './declaration.ts';
import { explainNothing, probeIn } from './look-up.ts';
import { madeObject } from './read-paths.ts';
import type { ToldField, ToldMissing } from './told.ts';
import { whyNothing } from './why-nothing.ts';

export interface Shaped {
  readonly declaration: Declaration;
  readonly context: ExpressionContext;
  /** The bindings of the variables before the output's expression. */
  readonly lets: string;
  readonly data: unknown;
}

/** The expression that the fields of an output are made in; its text is undefined where records stay as they are. */
export function shapeOf(output: OutputFormat): { text: string | undefined; path: Path } {
  if ('object' in output && output.item === undefined) return { text: output.object, path: ['output', 'object'] };
  return { text: output.item, path: ['output', 'item'] };
}

/** The expression of the records, and the beginning of a path into the one of that index. */
function recordOf(output: OutputFormat, index: number): { from: string; item: string } {
  if ('list' in output) return { from: output.list, item: `(${output.list}\n)[${index}].` };
  return output.item === undefined ? { from: '', item: '' } : { from: output.object, item: `(${output.object}\n).` };
}

type Item = Readonly<Record<string, unknown>>;

/** Fields that are missing, of another type than declared, or not declared; of those that are missing also why. */
export async function explainFields(shaped: Shaped): Promise<ToldField[]> {
  const { declaration, data } = shaped;
  const { fields } = declaration.action.output;
  if (!fields) return [];
  const items = (Array.isArray(data) ? data : [data]).filter(isObject);
  if (items.length === 0) return [];
  const told: ToldField[] = [];
  for (const [name, { type }] of Object.entries(fields)) {
    const place = declaration.place(['output', 'fields', name]);
    const base = { name, of: items.length, declared: type, place };
    const missing = items.flatMap((item, index) => (item[name] === undefined ? [index] : []));
    if (missing.length > 0) {
      const found = await whyMissing(shaped, name, missing[0] ?? 0);
      told.push({ ...base, fault: 'missing', items: missing.length, found: undefined, ...found });
    }
    const others = items.filter((item) => item[name] !== undefined && !isOfType(item[name], type));
    if (others.length > 0)
      told.push({ ...base, fault: 'other_type', items: others.length, found: typeOf(others[0]?.[name]), why: [] });
  }
  const known = new Set(Object.keys(fields));
  for (const name of new Set(items.flatMap(Object.keys))) {
    if (known.has(name)) continue;
    const count = items.filter((item) => Object.hasOwn(item, name)).length;
    const place = declaration.place(['output', 'fields']);
    told.push({
      name,
      fault: 'not_declared',
      items: count,
      of: items.length,
      declared: undefined,
      found: undefined,
      place,
      why: [],
    });
  }
  return told;
}

/** Where the value of a field went missing in the item of that index, in the order of the list. */
async function whyMissing(
  { declaration, context, lets }: Shaped,
  field: string,
  index: number,
): Promise<{ why: ToldMissing[]; place?: ToldField['place'] }> {
  const { output } = declaration.action;
  const { text, path } = shapeOf(output);
  if (text === undefined) return { why: [] };
  const { from, item } = recordOf(output, index);
  const place = (offset: number) => declaration.place(path, offset);
  const made = madeObject(text);
  const member = made?.members.find(({ name }) => name === field);
  // An object whose member is made elsewhere, or an expression that is no object: at least what is missing in it.
  if (!made || !member)
    return {
      why: await explainNothing(
        text,
        probeIn(context, (one) => `(${lets}${item}(${one}\n))`),
        place,
      ),
    };
  const base = made.base === '' ? '' : `(${made.base}\n).`;
  // Without a dot before it, the expression's own context is that of the call.
  const inside = probeIn(context, (one) => `(${lets}${item}${base}(${one}\n))`);
  // A list that is no plain path would be harder to read than what is meant.
  const record = from === '' || /^[\w.$`]+$/.test(from) ? from : 'the item';
  const missing = await whyNothing(member.paths, inside, [record, made.base].filter((part) => part !== '').join('.'));
  const why = missing.map(({ offset, ...one }) => ({ ...one, place: place(offset) }));
  return { why, place: place(member.offset) };
}

function isObject(value: unknown): value is Item {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isOfType(value: unknown, type: string): boolean {
  if (type === 'integer') return Number.isInteger(value);
  return typeOf(value) === type;
}

function typeOf(value: unknown): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'array' : typeof value;
}
