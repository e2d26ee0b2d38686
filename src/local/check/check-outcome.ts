import { isDeepStrictEqual } from 'node:util';
import { type Action, type Example, RULE_CODES } from '../../connector/connector.ts';
import type { CallAnswer } from '../../engine/call.ts';
import { PROBLEMS, Problem } from '../../problems.ts';
import { type Difference, isObject, plainJson } from './difference.ts';

/** What an example would declare as its output. */
export interface DeclaredOutput {
  data: unknown;
  more: boolean;
  warnings: readonly unknown[];
}

export function outputOf({ data, warnings, next }: CallAnswer): DeclaredOutput {
  return { data: plainJson(data), more: next !== null, warnings: plainJson(warnings) as unknown[] };
}

/** Everything in which an answer or a refusal is not the declared one. */
export function outcomeDifferences(example: Example, outcome: CallAnswer | Problem): Difference[] {
  if (outcome instanceof Problem) return refusalDifferences(example, outcome);
  if (example.output) return outputDifferences(example.output, outputOf(outcome));
  const expected = example.problem?.code;
  return [{ part: 'problem', message: 'the call was answered instead of refused', expected }];
}

function outputDifferences(declared: DeclaredOutput, given: DeclaredOutput): Difference[] {
  const found: Difference[] = [];
  const compare = (message: string, expected: unknown, actual: unknown) => {
    const [one, other] = [plainJson(expected), plainJson(actual)];
    if (!isDeepStrictEqual(one, other)) found.push({ part: 'output', message, expected: one, actual: other });
  };
  compare('output: data', declared.data, given.data);
  compare('output: more (whether there is a further page)', declared.more, given.more);
  compare('output: warnings', declared.warnings, given.warnings);
  return found;
}

function refusalDifferences({ problem, exchanges }: Example, outcome: Problem): Difference[] {
  const { code, message, options } = outcome;
  const { hint = PROBLEMS[code].hint } = options;
  const words = [message, ...(options.errors ?? []).map(({ path, message: said }) => `${path} ${said}`)].join('\n');
  if (!problem) {
    const told = `the call was refused with ${code} instead of answered: ${words}`;
    return [{ part: 'problem', message: told, remedy: hint }];
  }
  if (code !== problem.code) {
    const told = `the refusal has another code: ${words}`;
    return [{ part: 'problem', message: told, expected: problem.code, actual: code }];
  }
  const found: Difference[] = [];
  const compare = (what: string, expected: unknown, actual: unknown) => {
    if (expected !== actual) found.push({ part: 'problem', message: what, expected, actual });
  };
  const response = exchanges.at(-1)?.response;
  // Where the provider refused it, its last answer is what is told.
  if (RULE_CODES.has(code)) compare("the refusal's status at the provider", response?.status, options.provider?.status);
  const retryAfter = response?.headers['retry-after'];
  if (retryAfter !== undefined && /^\d+$/.test(retryAfter))
    compare("the refusal's seconds to wait", Number(retryAfter), options.retryAfterS);
  return found;
}

interface ItemSchema {
  items?: ItemSchema;
  properties?: Record<string, { type?: string | string[] }>;
}

/** What an output declares of a record: its fields. Undefined where it declares none. */
export function declaredFields({ output }: Action): ItemSchema['properties'] {
  const schema: ItemSchema = output.schema;
  return (schema.items ?? schema).properties;
}

/** The records of an answer's data. */
export function recordsOf(data: unknown): Record<string, unknown>[] {
  const items: unknown[] = Array.isArray(data) ? data : [data];
  return items.filter(isObject);
}

/** Fields that are not declared, or not of their declared type. */
export function fieldDifferences(action: Action, data: unknown): Difference[] {
  const declared = declaredFields(action);
  if (!declared) return [];
  const found = new Map<string, Difference>();
  for (const [name, value] of recordsOf(data).flatMap(Object.entries)) {
    const types = Object.hasOwn(declared, name) ? [declared[name]?.type].flat() : undefined;
    const type = typeOf(value);
    if (types?.some((one) => one === undefined || one === type || (one === 'number' && type === 'integer'))) continue;
    const message = types
      ? `output: field "${name}" is not of its declared type`
      : `output: field "${name}" is not declared in the action's output`;
    const remedy = types ? undefined : `declare it under "fields" of the output of ${action.id}`;
    if (!found.has(name))
      found.set(name, {
        part: 'fields',
        message,
        ...(types && { expected: types.join(' or ') }),
        actual: type,
        ...(remedy && { remedy }),
      });
  }
  return [...found.values()];
}

function typeOf(value: unknown): string {
  if (Array.isArray(value)) return 'array';
  if (value === null) return 'null';
  return Number.isInteger(value) ? 'integer' : typeof value;
}
