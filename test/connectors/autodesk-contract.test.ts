import { describe, expect, it } from 'vitest';
import type { Action } from '../../src/connector/connector.ts';
import { loadRegistry } from '../../src/connector/load.ts';
import { operationOf, readOperations } from './support/openapi.ts';
import { violationsOf } from './support/openapi-violations.ts';
import { plansOf, requestsOf } from './support/rendered-requests.ts';
import { SCOPE_MISTAKES, SPECIFICATION_MISTAKES, UNCOVERED_ACTIONS } from './support/specification-mistakes.ts';

const FILES = ['accountadmin', 'datamanagement', 'oss', 'webhooks'];

const registry = await loadRegistry('connectors');
const connector = registry.connectors.get('autodesk');
if (!connector) throw new Error('there is no connector "autodesk"');
const actions = [...connector.actions.values()];
const operations = FILES.flatMap((file) => readOperations(`test/fixtures/aps/openapi/${file}.yaml`));
const requests = new Map(
  await Promise.all(actions.map(async (action) => [action.id, await requestsOf(action, connector)] as const)),
);
const operationsOf = ({ id }: Action) =>
  (requests.get(id) ?? []).map(({ method, url }) => operationOf(operations, method, url));
const covered = actions.filter(({ id }) => !UNCOVERED_ACTIONS.has(id));

describe("Autodesk's requests and its OpenAPI", () => {
  it.each(covered)('$id sends only operations that there are', (action) => {
    expect(operationsOf(action).length).toBeGreaterThan(0);
    expect(operationsOf(action)).not.toContain(undefined);
  });

  it('know nothing of exactly those actions that are listed with a reason', () => {
    const uncovered = actions.filter((action) => !operationsOf(action).some((operation) => operation !== undefined));
    expect(uncovered.map(({ id }) => id).sort()).toEqual([...UNCOVERED_ACTIONS.keys()].sort());
  });

  it('would show what a request has wrong', () => {
    const url = new URL('https://developer.api.autodesk.com/oss/v2/buckets/UPPER/objects?limit=ten&startAt=a&starts=b');
    const list = operationOf(operations, 'GET', url);
    const create = operations.find(({ id }) => id === 'create_bucket');
    if (!list || !create) throw new Error('operations are missing');
    expect(violationsOf(list, { method: 'GET', url, headers: { region: 'US' }, body: undefined })).toEqual([
      'path parameter "bucketKey" must match pattern "^[-_.a-z0-9]{3,128}$"',
      'query parameter "limit" must be integer',
      'query parameter "starts" is not known',
      'header "region" is not known',
    ]);
    const headers = { 'content-type': 'application/json', region: 'MARS' };
    const body = { bucketKey: 7, allow: [{ authID: 'x', access: 'full' }] };
    const buckets = new URL('https://developer.api.autodesk.com/oss/v2/buckets');
    expect(violationsOf(create, { method: 'POST', url: buckets, headers, body }).sort()).toEqual([
      "body must have required property 'policyKey'",
      "body/allow/* must have required property 'authId'",
      'body/allow/*/authID is not known',
      'body/bucketKey must be string',
      'header "region" must be equal to one of the allowed values',
    ]);
    expect(violationsOf(create, { method: 'POST', url: buckets, headers: {}, body: undefined })).toEqual([
      'header "region" is missing',
      'a body is missing',
    ]);
  });

  // An exception that is no longer needed fails, too.
  it.each(covered)('$id sends what its operation takes, with few inputs and with all', ({ id }) => {
    const violations = (requests.get(id) ?? []).flatMap((request) => {
      const operation = operationOf(operations, request.method, request.url);
      return operation ? violationsOf(operation, request) : [];
    });
    const mistakes = SPECIFICATION_MISTAKES.filter(({ action }) => action === id);
    expect([...new Set(violations)].sort()).toEqual(mistakes.map(({ violation }) => violation).sort());
  });

  it.each(covered)('$id asks for all scopes of its operations', (action) => {
    const granted = new Set(
      [...action.scopes, ...action.providerScopes].flatMap((scope) => [...(connector.scopes.get(scope)?.covers ?? [])]),
    );
    const asked = operationsOf(action).flatMap((operation) => operation?.scopes ?? []);
    const lacking = asked.flatMap((kinds) => [...kinds.values()].flat()).filter((scope) => !granted.has(scope));
    const mistakes = SCOPE_MISTAKES.filter((mistake) => mistake.action === action.id);
    expect([...new Set(lacking)].sort()).toEqual(mistakes.map(({ scope }) => scope).sort());
  });

  it('name only actions that there are in the lists of exceptions', () => {
    const named = [...SPECIFICATION_MISTAKES, ...SCOPE_MISTAKES].map(({ action }) => action);
    expect([...named, ...UNCOVERED_ACTIONS.keys()].filter((id) => !registry.actions.has(id))).toEqual([]);
  });
});

describe('the examples of composite actions', () => {
  it.each(actions.filter(({ composite }) => composite))('$id shows every request that it declares', (action) => {
    const shown = (requests.get(action.id) ?? []).map(({ method, url }) => `${method} ${url.pathname}`);
    const unseen = plansOf(action).filter(({ method, template }) => {
      const pattern = new RegExp(`^${method} ${template.replaceAll(/\{[^}]*\}/g, '[^/]+')}$`);
      return !shown.some((one) => pattern.test(one));
    });
    expect(unseen.map(({ template }) => template)).toEqual([]);
  });
});
