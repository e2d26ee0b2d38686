import { isDeepStrictEqual } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Action, type Connector, type Example, type Exchange, RULE_CODES } from '../../src/connector/connector.ts';
import { loadRegistry } from '../../src/connector/load.ts';
import type { Expression } from '../../src/expression/expression.ts';
import { Problem } from '../../src/problems.ts';
import { type SeenRequest, targetOf } from './support/provider.ts';
import { type Replayed, type Stage, setStage } from './support/replay.ts';

const DIRECTORY = 'connectors';
// What the connection, the door and the engine add to every request.
const OWN_HEADERS = ['host', 'connection', 'accept-encoding', 'content-length', 'authorization'];

const registry = await loadRegistry(DIRECTORY);

describe.each([...registry.connectors.values()])('the examples of $id', (connector) => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await setStage(DIRECTORY, connector);
  });
  afterAll(() => stage.close());

  const examples = [...connector.actions.values()].flatMap((action) =>
    action.examples.map((example) => ({ title: `${action.id}: ${example.name}`, action, example })),
  );

  it.each(examples)('$title', async ({ action, example }) => {
    const { outcome, seen } = await stage.replay(action, example);
    expectRequests(seen, example, connector);
    if (example.problem) {
      expectProblem(outcome, example);
      return;
    }
    if (outcome instanceof Problem) throw outcome;
    const { data, warnings, next } = outcome;
    expect({ data, warnings, more: next !== null }).toEqual(example.output);
    expectFields(action, data);
    if (next !== null) await expectNextPage(stage, action, example, next);
  });

  it.each([...connector.actions.values()])('$id has at least two, one of them with an answer', (action) => {
    expect(action.examples.length).toBeGreaterThanOrEqual(2);
    expect(action.examples.some(({ output }) => output !== undefined)).toBe(true);
  });

  it.each([...connector.actions.values()].filter(({ pagination }) => pagination))(
    '$id shows a page with a next one, and a last page',
    (action) => {
      const pages = new Set(action.examples.flatMap(({ output }) => (output ? [output.more] : [])));
      expect([...pages].sort()).toEqual([false, true]);
    },
  );

  it.each([...connector.actions.values()])('$id shows every field that it declares', (action) => {
    const shown = action.examples.flatMap(({ output }) => recordsOf(output?.data)).flatMap(Object.keys);
    const declared = fieldsOf(action);
    expect(declared.filter((name) => !shown.includes(name))).toEqual([]);
  });

  it('come to every error rule of the connector', async () => {
    const reached = new Set<number>();
    for (const { action, example } of examples) {
      const exchange = example.problem && example.exchanges.at(-1);
      if (!exchange) continue;
      const context = refusalContext(action, example, exchange);
      for (const [index, { when }] of connector.errors.rules.entries()) {
        const holds = await when.evaluate(context).catch(() => false);
        if (holds !== true) continue;
        reached.add(index);
        break;
      }
    }
    expect([...reached].sort((one, other) => one - other)).toEqual(connector.errors.rules.map((_rule, index) => index));
  });
});

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

/** Every declared request was sent, and no other; those to the connector's own hosts in the declared order. */
function expectRequests(seen: readonly SeenRequest[], { exchanges }: Example, { origins }: Connector): void {
  expect(seen.filter(({ exchange }) => exchange === undefined)).toEqual([]);
  const used = seen.map(({ exchange }) => exchange ?? -1);
  expect([...new Set(used)].sort((one, other) => one - other)).toEqual([...exchanges.keys()]);
  const isOwn = (index: number) => origins.has(new URL(exchanges[index]?.request.url ?? '').origin);
  const own = used.filter(isOwn);
  expect(own).toEqual(own.toSorted((one, other) => one - other));

  for (const [position, one] of seen.entries()) {
    const { request } = exchanges[used[position] ?? -1] as Exchange;
    expect({ method: one.method, target: one.target }).toEqual({
      method: request.method,
      target: targetOf(request.url),
    });
    // A signed URL is its own credential; another one next to it is refused, and would be given away.
    if (isOwn(used[position] ?? -1)) expect(one.headers.authorization).toMatch(/^Bearer token-\d+$/);
    else expect(one.headers.authorization).toBeUndefined();
    const sent = Object.entries(one.headers).filter(([name]) => !OWN_HEADERS.includes(name));
    expect(Object.fromEntries(sent)).toEqual(request.headers);
    if (request.bytes !== undefined) expect(one.bytes).toBe(request.bytes);
    else expect(one.body === '' ? undefined : JSON.parse(one.body)).toEqual(request.body);
  }
}

function expectProblem(outcome: Replayed['outcome'], { problem, exchanges }: Example): void {
  expect(outcome).toBeInstanceOf(Problem);
  if (!(outcome instanceof Problem)) return;
  expect(outcome.code).toBe(problem?.code);
  const response = exchanges.at(-1)?.response;
  // Where the provider refused it, its last answer is what is told.
  if (RULE_CODES.has(outcome.code)) expect(outcome.options.provider?.status).toBe(response?.status);
  const retryAfter = response?.headers['retry-after'];
  if (retryAfter !== undefined) expect(outcome.options.retryAfterS).toBe(Number(retryAfter));
}

/** Nothing but declared fields, each of its declared type. */
function expectFields({ output }: Action, data: unknown): void {
  const { properties = {} } = itemSchema(output.schema);
  for (const [name, value] of recordsOf(data).flatMap(Object.entries)) {
    const declared = properties[name]?.type;
    const isInteger = declared === 'integer' && Number.isInteger(value);
    const type = Array.isArray(value) ? 'array' : isInteger ? 'integer' : typeof value;
    expect(`${name}: ${type}`).toBe(`${name}: ${declared}`);
  }
}

async function expectNextPage(stage: Stage, action: Action, example: Example, next: string): Promise<void> {
  const { outcome, seen } = await stage.replayNext(action, example, next, {});
  if (outcome instanceof Problem) throw outcome;
  expect(outcome.next).toBeNull();
  const [request] = seen;
  const [shown] = example.exchanges;
  const first = [...new URL(shown?.request.url ?? '').searchParams];
  const second = [...new URL(request?.target ?? '', 'http://x').searchParams];
  const added = second.filter((pair) => !first.some((other) => isDeepStrictEqual(pair, other)));
  const { pagination } = action;
  switch (pagination?.style) {
    case 'page_number':
      expect(added).toEqual([[pagination.number, String(pagination.first + 1)]]);
      break;
    case 'offset':
      expect(added).toEqual([[pagination.offset, String(await countOf(pagination.count, shown))]]);
      break;
    case 'cursor':
      expect(added.map(([name]) => name)).toEqual([pagination.cursor]);
  }
  expect(first.every((pair) => second.some((other) => isDeepStrictEqual(pair, other)))).toBe(true);
}

/** How many items the provider gave. */
function countOf(count: Expression, exchange: Exchange | undefined): Promise<unknown> {
  return count.evaluate({ ...exchange?.response });
}

interface ItemSchema {
  items?: ItemSchema;
  properties?: Record<string, { type: string }>;
}

function itemSchema(schema: ItemSchema): ItemSchema {
  return schema.items ?? schema;
}

function fieldsOf({ output }: Action): string[] {
  return Object.keys(itemSchema(output.schema).properties ?? {});
}

function recordsOf(data: unknown): Record<string, unknown>[] {
  const items: unknown[] = Array.isArray(data) ? data : [data];
  return items.filter((item): item is Record<string, unknown> => typeof item === 'object' && item !== null);
}
