import { isForm } from '../connector/media-type.ts';
import { Problem } from '../problems.ts';

// As of JSON bodies. Deeper brackets are part of a name.
const MAX_DEPTH = 64;
// Each member carries the names of all above it: a small body with a long name on top would become gigabytes. Providers take
// forms of some KB, with files of some MB, which are sent otherwise.
const MAX_FORM_CHARS = 4 * 1024 * 1024;
/** A whole name: its first part, then parts in brackets. */
const BRACKETED = /^([^[\]]+)((?:\[[^[\]]*\])+)$/;

type Pair = [name: string, value: string];

/** The pairs of a form so far. */
interface Form {
  readonly pairs: Pair[];
  chars: number;
}
/** Members by name; those of a list by their index. */
type Branch = Map<string, string | Branch>;

/**
 * Writes an object as a form: members of members in brackets (`a[b]=c`), items of lists by their index (`a[0]=c`), numbers and
 * booleans as text. Nothing, null, and empty lists and objects are left out. Problems: `inputs_invalid` for a name or text that
 * a form cannot carry and for too much of them, `request_rendering_failed` for what is no object.
 */
export function encodeForm(value: unknown): string {
  if (!isObject(value))
    throw new Problem('request_rendering_failed', 'The form would not be an object of named values.');
  const form: Form = { pairs: [], chars: 0 };
  for (const [name, member] of Object.entries(value)) addPairs(form, assertName(name), member);
  return new URLSearchParams(form.pairs).toString();
}

/**
 * Reads a form as {@link encodeForm} writes it; all its values are texts. `a[]=c` is an item, too; of several values of one
 * name the last counts. Never throws.
 */
export function decodeForm(text: string): Record<string, unknown> {
  const root: Branch = new Map();
  for (const [name, value] of new URLSearchParams(text)) {
    const parts = partsOf(name);
    if (!place(root, parts, value)) root.set(name, value);
  }
  return objectOf(root);
}

/** What a rendered body says, by its Content-Type: the members of a form, with texts as values, or else the JSON value. */
export function bodyValue(body: string, contentType: string | undefined): unknown {
  return isForm(contentType) ? decodeForm(body) : (JSON.parse(body) as unknown);
}

function addPairs(form: Form, name: string, value: unknown): void {
  if (value === undefined || value === null) return;
  if (Array.isArray(value)) {
    const items = value.filter((item) => item !== undefined && item !== null);
    for (const [index, item] of items.entries()) addPairs(form, `${name}[${index}]`, item);
  } else if (isObject(value)) {
    for (const [key, member] of Object.entries(value)) addPairs(form, `${name}[${assertName(key)}]`, member);
  } else {
    const text = textOf(name, value);
    form.chars += name.length + text.length;
    if (form.chars > MAX_FORM_CHARS)
      throw new Problem('inputs_invalid', `The inputs make a form longer than ${MAX_FORM_CHARS} characters.`);
    form.pairs.push([name, text]);
  }
}

/** A name with a bracket in it, which may be the caller's, would become another member; one of nothing, an item of a list. */
function assertName(name: string): string {
  if (name === '' || /[[\]]/.test(name) || !name.isWellFormed())
    throw new Problem('inputs_invalid', `A form cannot carry a member named ${JSON.stringify(name.slice(0, 100))}.`);
  return name;
}

function textOf(name: string, value: unknown): string {
  const text = String(value);
  if (!text.isWellFormed())
    throw new Problem('inputs_invalid', `The value for form field "${name.slice(0, 100)}" is not well-formed Unicode.`);
  return text;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function partsOf(name: string): string[] {
  const [, first, rest] = BRACKETED.exec(name) ?? [];
  if (first === undefined || rest === undefined) return [name];
  const parts = [first, ...rest.slice(1, -1).split('][')];
  return parts.length > MAX_DEPTH ? [name] : parts;
}

/** Whether the value found its place; it has none below a text. */
function place(root: Branch, parts: readonly string[], value: string): boolean {
  let branch = root;
  for (const [index, part] of parts.entries()) {
    const key = part === '' ? String(branch.size) : part;
    const there = branch.get(key);
    if (index === parts.length - 1) {
      if (there instanceof Map) return false;
      branch.set(key, value);
      return true;
    }
    if (typeof there === 'string') return false;
    const next: Branch = there ?? new Map();
    branch.set(key, next);
    branch = next;
  }
  return false;
}

function objectOf(branch: Branch): Record<string, unknown> {
  return Object.fromEntries([...branch].map(([key, member]) => [key, memberOf(member)]));
}

function memberOf(member: string | Branch): unknown {
  if (typeof member === 'string') return member;
  const isList = [...member.keys()].every((key, index) => key === String(index));
  return isList ? [...member.values()].map(memberOf) : objectOf(member);
}
