import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { loadRegistry } from '../../src/connector/load.ts';
import { isTrimmed } from './support/json.ts';
import { operationOf, readOperations } from './support/openapi.ts';

const FIXTURES = 'test/fixtures/aps';

interface ListedAction {
  id: string;
  label: string;
  scopes: string[];
}

const registry = await loadRegistry('connectors');
const actions = [...registry.actions.values()].filter(({ connector }) => connector === 'autodesk');
const examples = actions.flatMap((action) =>
  action.examples.map((example) => ({ title: `${action.id}: ${example.name}`, action, example })),
);
const listed: ListedAction[] = JSON.parse(readFileSync(`${FIXTURES}/actions.json`, 'utf8'));
const operations = readOperations(`${FIXTURES}/openapi/datamanagement.yaml`);

describe("Autodesk's actions and the operators' guide", () => {
  it.each(actions)('$id has the label and the scopes of the guide', ({ id, label, scopes }) => {
    expect({ id, label, scopes }).toEqual(listed.find((action) => action.id === id));
  });
});

describe("Autodesk's requests and its OpenAPI", () => {
  it.each(examples)('$title', ({ example: { request } }) => {
    const { origin, pathname, searchParams } = new URL(request.url);
    expect(origin).toBe('https://developer.api.autodesk.com');
    const operation = operationOf(operations, request.method, pathname);
    expect(operation).toBeDefined();
    const query = [...searchParams.keys()];
    expect(query.filter((name) => !operation?.query.has(name))).toEqual([]);
    expect(operation?.requiredQuery.filter((name) => !query.includes(name))).toEqual([]);
    const headers = Object.keys(request.headers).filter((name) => !['accept', 'content-type'].includes(name));
    expect(headers.filter((name) => !operation?.headers.has(name))).toEqual([]);
    expect(operation?.requiredHeaders.filter((name) => !(name in request.headers))).toEqual([]);
  });

  it.each(actions)('$id asks for nothing that its operation does not take', ({ id, request, pagination, inputs }) => {
    const path = request.segments.map((segment) => ('literal' in segment ? segment.literal : `{${segment.name}}`));
    const operation = operations.find((one) => one.method === request.method && one.path === `/${path.join('/')}`);
    expect(operation, id).toBeDefined();
    const paging = pagination ? [pagination.style === 'page_number' ? pagination.number : pagination.cursor] : [];
    const size = pagination?.size === undefined ? [] : [pagination.size];
    const taken = [...request.query.map(([name]) => name), ...paging, ...size];
    expect(taken.filter((name) => !operation?.query.has(name))).toEqual([]);
    // The examples show each of them at least once.
    const shown = actions
      .find((action) => action.id === id)
      ?.examples.flatMap((example) => Object.keys(example.inputs));
    expect([...inputs.names].filter((name) => name !== 'next' && !shown?.includes(name))).toEqual([]);
  });
});

describe("the answers in Autodesk's examples", () => {
  const specified = examples.filter(({ example }) => example.source.startsWith("Autodesk's OpenAPI"));

  it.each(specified)('$title is an example of the OpenAPI, trimmed but not altered', ({ example }) => {
    const [, status = '200', id] = /example of (?:the (\d{3}) of )?(\w+)/.exec(example.source) ?? [];
    const bodies = operations.find((operation) => operation.id === id)?.examples.get(status) ?? [];
    expect(bodies.some((body) => isTrimmed(example.response.body, body))).toBe(true);
  });

  it('include the recorded list of hubs with a warning about one region, whole', () => {
    const recorded = JSON.parse(readFileSync(`${FIXTURES}/recorded/hubs_with_region_warning.json`, 'utf8'));
    const example = examples.find(({ example: { source } }) => source.startsWith('recorded live APS traffic'))?.example;
    expect(example?.response.body).toEqual(recorded.response.body);
    expect(example?.output?.warnings).toHaveLength(1);
  });
});
