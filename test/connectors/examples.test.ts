import { isDeepStrictEqual } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Action, Example } from '../../src/connector/connector.ts';
import { loadRegistry } from '../../src/connector/load.ts';
import { Problem } from '../../src/problems.ts';
import type { SeenRequest } from './support/provider.ts';
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
    expectRequests(seen, example);
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
    const refusals = examples.filter(({ example }) => example.problem).map(({ example }) => example.response);
    const reached = new Set<number>();
    for (const { status, headers, body = null } of refusals) {
      for (const [index, { when }] of connector.errors.rules.entries()) {
        const holds = await when.evaluate({ status, headers, body });
        if (holds !== true) continue;
        reached.add(index);
        break;
      }
    }
    expect([...reached].sort()).toEqual(connector.errors.rules.map((_rule, index) => index));
  });
});

function expectRequests(seen: readonly SeenRequest[], { request }: Example): void {
  expect(seen.length).toBeGreaterThan(0);
  const { pathname, search } = new URL(request.url);
  for (const one of seen) {
    expect({ method: one.method, target: one.target }).toEqual({
      method: request.method,
      target: `${pathname}${search}`,
    });
    expect(one.headers.authorization).toMatch(/^Bearer token-\d+$/);
    const sent = Object.entries(one.headers).filter(([name]) => !OWN_HEADERS.includes(name));
    expect(Object.fromEntries(sent)).toEqual(request.headers);
    expect(one.body === '' ? undefined : JSON.parse(one.body)).toEqual(request.body);
  }
}

function expectProblem(outcome: Replayed['outcome'], { problem, response }: Example): void {
  expect(outcome).toBeInstanceOf(Problem);
  if (!(outcome instanceof Problem)) return;
  expect(outcome.code).toBe(problem?.code);
  expect(outcome.options.provider?.status).toBe(response.status);
  const retryAfter = response.headers['retry-after'];
  if (retryAfter !== undefined) expect(outcome.options.retryAfterS).toBe(Number(retryAfter));
}

/** Nothing but declared fields, each of its declared type. */
function expectFields({ output }: Action, data: unknown): void {
  const { properties = {} } = itemSchema(output.schema);
  for (const [name, value] of recordsOf(data).flatMap(Object.entries)) {
    const declared = properties[name]?.type;
    const type = Array.isArray(value) ? 'array' : Number.isInteger(value) ? 'integer' : typeof value;
    expect(`${name}: ${type}`).toBe(`${name}: ${declared}`);
  }
}

async function expectNextPage(stage: Stage, action: Action, example: Example, next: string): Promise<void> {
  const { outcome, seen } = await stage.replayNext(action, example, next, {});
  if (outcome instanceof Problem) throw outcome;
  expect(outcome.next).toBeNull();
  const [request] = seen;
  const first = [...new URL(example.request.url).searchParams];
  const second = [...new URL(request?.target ?? '', 'http://x').searchParams];
  const added = second.filter((pair) => !first.some((other) => isDeepStrictEqual(pair, other)));
  const { pagination } = action;
  const expected =
    pagination?.style === 'page_number' ? [[pagination.number, String(pagination.first + 1)]] : undefined;
  if (expected) expect(added).toEqual(expected);
  else expect(added.map(([name]) => name)).toEqual([pagination?.style === 'cursor' && pagination.cursor]);
  expect(first.every((pair) => second.some((other) => isDeepStrictEqual(pair, other)))).toBe(true);
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
