import {
  type Action,
  type Connector,
  type Example,
  type Exchange,
  PAGE_INPUTS,
  type Step,
} from '../../connector/connector.ts';
import type { Checked } from './check-example.ts';
import { declaredFields, recordsOf } from './check-outcome.ts';

/** What there is to show, and what of it no example shows. */
export interface CoveredPart {
  total: number;
  /** In words, for people. */
  missing: readonly string[];
}

export const COVERAGE_PARTS = [
  'examples',
  'answers',
  'refusals',
  'inputs',
  'branches',
  'pages',
  'fields',
  'rules',
] as const;
export type CoverageName = (typeof COVERAGE_PARTS)[number];

/** What a connector's examples show of it. `rules` is undefined where only some of its actions were looked at. */
export interface Coverage {
  readonly connector: string;
  readonly parts: Readonly<Partial<Record<CoverageName, CoveredPart>>>;
  /** Of everything together, 0 to 100, rounded down: 100 is all of it. */
  readonly percent: number;
}

/** Counts what the checked examples of a connector's `actions` show. */
export async function coverageOf(
  connector: Connector,
  actions: readonly Action[],
  checked: readonly Checked[],
): Promise<Coverage> {
  const of = (action: Action) => checked.filter((one) => one.action === action);
  const each = (what: (action: Action, own: readonly Checked[]) => CoveredPart): CoveredPart => {
    const found = actions.map((action) => what(action, of(action)));
    return {
      total: found.reduce((sum, { total }) => sum + total, 0),
      missing: found.flatMap(({ missing }) => missing),
    };
  };
  const has = (test: (example: Example) => boolean, message: string) => (action: Action, own: readonly Checked[]) =>
    part([[own.some(({ example }) => test(example)), `${action.id}: ${message}`]]);
  const parts: Coverage['parts'] = {
    examples: each(has(() => true, 'no example')),
    answers: each(has(({ output }) => output !== undefined, 'no example with an answer')),
    refusals: each(has(({ problem }) => problem !== undefined, 'no example of a refusal')),
    inputs: each(inputsPart),
    branches: each(branchesPart),
    pages: each(pagesPart),
    fields: each(fieldsPart),
    ...(actions.length === connector.actions.size && { rules: await rulesPart(connector, checked) }),
  };
  return { connector: connector.id, parts, percent: percentOf(Object.values(parts)) };
}

/** 0 to 100, rounded down; 100 where there is nothing to show. */
export function percentOf(parts: readonly CoveredPart[]): number {
  const total = parts.reduce((sum, one) => sum + one.total, 0);
  const missing = parts.reduce((sum, one) => sum + one.missing.length, 0);
  return total === 0 ? 100 : Math.floor(((total - missing) / total) * 100);
}

function part(points: readonly (readonly [covered: boolean, missing: string])[]): CoveredPart {
  return { total: points.length, missing: points.flatMap(([covered, missing]) => (covered ? [] : [missing])) };
}

function inputsPart({ id, inputs }: Action, own: readonly Checked[]): CoveredPart {
  // The server adds those of paging.
  const names = [...inputs.names].filter((name) => !(PAGE_INPUTS as readonly string[]).includes(name));
  const given = new Set(own.flatMap(({ example }) => Object.keys(example.inputs)));
  return part(names.map((name) => [given.has(name), `${id}: no example gives the input "${name}"`]));
}

/** A step with `when` is to be taken by one example and left out by another. */
function branchesPart({ id, steps }: Action, own: readonly Checked[]): CoveredPart {
  return part(
    steps.flatMap((step, index) => {
      if (!step.when) return [];
      const taken = own.some((one) => one.steps.has(step.id));
      const left = own.some((one) => !one.steps.has(step.id) && isPast(one, steps.slice(index + 1)));
      return [
        [taken, `${id}: no example takes the step "${step.id}"`],
        [left, `${id}: no example leaves the step "${step.id}" out`],
      ] as const;
    }),
  );
}

/** Whether a call came past a step: it was answered, or a later step sent something. */
function isPast({ actual, steps }: Checked, later: readonly Step[]): boolean {
  return actual.output !== undefined || later.some(({ id }) => steps.has(id));
}

function pagesPart({ id, pagination }: Action, own: readonly Checked[]): CoveredPart {
  if (!pagination) return part([]);
  const pages = new Set(own.flatMap(({ example }) => (example.output ? [example.output.more] : [])));
  return part([
    [pages.has(true), `${id}: no example shows a page with a further one (more: true)`],
    [pages.has(false), `${id}: no example shows a last page`],
  ]);
}

function fieldsPart(action: Action, own: readonly Checked[]): CoveredPart {
  const shown = new Set(own.flatMap(({ example }) => recordsOf(example.output?.data)).flatMap(Object.keys));
  return part(
    Object.keys(declaredFields(action) ?? {}).map((name) => [
      shown.has(name),
      `${action.id}: no example shows the field "${name}"`,
    ]),
  );
}

async function rulesPart(connector: Connector, checked: readonly Checked[]): Promise<CoveredPart> {
  const { rules } = connector.errors;
  const reached = new Set<number>();
  for (const { action, example } of checked) {
    const exchange = example.problem && example.exchanges.at(-1);
    if (exchange) reached.add(await ruleOf(connector, refusalContext(action, example, exchange)));
  }
  return part(
    rules.map(({ when, code }, index) => [
      reached.has(index),
      `error rule ${index + 1} (${code}) is met by no example: ${when.text.replace(/\s+/g, ' ').trim()}`,
    ]),
  );
}

/** Index of the first rule that holds, or -1. */
async function ruleOf({ errors }: Connector, context: Readonly<Record<string, unknown>>): Promise<number> {
  for (const [index, { when }] of errors.rules.entries())
    if ((await when.evaluate(context).catch(() => false)) === true) return index;
  return -1;
}

function refusalContext(action: Action, { inputs, account }: Example, { request, response }: Exchange) {
  const bound = action.inputs.bind(inputs);
  const { status, headers, body = null } = response;
  return {
    inputs: 'values' in bound ? bound.values : inputs,
    account,
    request: { method: request.method, path: new URL(request.url).pathname },
    status,
    headers,
    body,
  };
}
