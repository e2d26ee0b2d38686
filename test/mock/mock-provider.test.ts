import { describe, expect, it } from 'vitest';
import type { MockRequest } from '../../src/mock/choose-example.ts';
import { mockedOrigins } from '../../src/mock/example-index.ts';
import { createMockProvider, type MockProvider } from '../../src/mock/mock-provider.ts';
import { changed, type Files } from '../connector/support/sources.ts';
import { registryOf, SHOP } from '../local/support/shop.ts';

const EXAMPLES = 'examples/orders.yaml';

function providerOf(files: Files = SHOP): MockProvider {
  return createMockProvider(registryOf(files).connector, () => 0);
}

function ask(provider: MockProvider, method: string, target: string, more: Partial<MockRequest> = {}) {
  const bytes = more.body?.length ?? 0;
  const { answer, record } = provider.answer({ method, target, headers: {}, bytes, body: undefined, ...more });
  return { ...record, body: answer.body, headers: answer.headers };
}

const REGION = { headers: { 'x-region': 'US' } };
const form = (body: string): Partial<MockRequest> => ({
  body,
  headers: { 'x-region': 'US', 'content-type': 'application/x-www-form-urlencoded' },
});

describe('a mock', () => {
  it('answers the exact request with its example, a refusal, too', () => {
    const mock = providerOf();
    expect(ask(mock, 'GET', '/orders/o1', REGION)).toMatchObject({
      status: 200,
      example: 'get_order: An order.',
      differs: [],
      body: { id: 'o1' },
    });
    expect(ask(mock, 'GET', '/orders/none', REGION)).toMatchObject({ status: 404, differs: [] });
  });

  it('answers others with the most similar example that is no refusal, and tells what differs', () => {
    expect(ask(providerOf(), 'GET', '/orders/o99', REGION)).toMatchObject({
      status: 200,
      example: 'get_order: An order.',
      differs: ['path'],
      headers: { 'x-mock-example': 'get_order: An order.', 'x-mock-differs': 'path' },
    });
    expect(ask(providerOf(), 'GET', '/orders?state=closed', REGION)).toMatchObject({
      example: 'list_orders: A page of orders.',
      differs: ['query parameter "state" differs'],
    });
  });

  it('ends a walk over pages', () => {
    const first = ask(providerOf(), 'GET', '/orders?state=open', REGION);
    expect(first.headers.link).toContain('page=2');
    const next = ask(providerOf(), 'GET', '/orders?state=open&page=2', REGION);
    expect(next.example).toBe('list_orders: The last page.');
    expect(next.headers.link).toBeUndefined();
  });

  it('plays the steps of one example one after the other, forms in any order', () => {
    const mock = providerOf();
    const order = () => ask(mock, 'POST', '/orders', form('options%5Bgift%5D=true&item=tea'));
    const created = order();
    expect(created).toMatchObject({
      status: 201,
      differs: [],
      example: 'create_order: An order with a note. (1 of 2)',
    });
    const note = { body: '{"text":"quickly"}', headers: { 'x-region': 'US', 'content-type': 'application/json' } };
    expect(ask(mock, 'POST', '/orders/o3/notes', note)).toMatchObject({ differs: [], example: /2 of 2/ });
    expect(order().example).toBe(created.example);
  });

  it('gives the example that a header names, or that the control asks for once', () => {
    const mock = providerOf();
    const named = ask(mock, 'GET', '/orders/o1', { headers: { 'x-mock-example': 'There is no such order.' } });
    expect(named.status).toBe(404);
    const control = (example: string) => ask(mock, 'POST', '/__mock__/next', { body: JSON.stringify({ example }) });
    expect(control('get_order: There is no such order.').status).toBe(200);
    expect(ask(mock, 'GET', '/orders/o1', REGION).status).toBe(404);
    expect(ask(mock, 'GET', '/orders/o1', REGION).status).toBe(200);
    expect(control('nothing').status).toBe(404);
    expect(ask(mock, 'POST', '/__mock__/next', { body: 'no JSON' }).status).toBe(400);
    const page = { origin: 'https://page.example', 'content-type': 'text/plain' };
    const sent = { headers: page, body: JSON.stringify({ example: 'An order.' }) };
    expect(ask(mock, 'POST', '/__mock__/next', sent).status).toBe(403);
  });

  it('plays all steps of the example that the control asks for', () => {
    const mock = providerOf();
    ask(mock, 'POST', '/__mock__/next', { body: '{"example": "An order with a note."}' });
    const steps = ['/orders', '/orders/o3/notes', '/orders'].map((path) => ask(mock, 'POST', path, form('item=other')));
    expect(steps.map(({ differs }) => differs.length > 0)).toEqual([true, true, true]);
    expect(steps.slice(0, 2).map(({ example }) => example)).toEqual([
      'create_order: An order with a note. (1 of 2)',
      'create_order: An order with a note. (2 of 2)',
    ]);
  });

  it('tells what there is where nothing fits', () => {
    for (const [method, target] of [
      ['GET', '/nothing'],
      ['DELETE', '/orders/o1'],
      ['GET', '//[bad'],
    ] as const) {
      const { status, body } = ask(providerOf(), method, target);
      expect(status).toBe(404);
      expect(body).toMatchObject({ examples: expect.arrayContaining([expect.objectContaining({ method: 'GET' })]) });
    }
  });

  it('gives tokens, and somebody to be', () => {
    const mock = providerOf();
    expect(ask(mock, 'POST', '/token', { body: 'grant_type=client_credentials&scope=read' }).body).toMatchObject({
      access_token: 'mock-token-1',
      scope: 'read',
    });
    expect(ask(mock, 'GET', '/me').body).toEqual({ user: { id: 'mock-person', name: 'Mock Person' } });
  });

  it('consents at once, and remembers for what', () => {
    const person = `  - id: person
    label: Person
    grant: authorization_code
    authorization_endpoint: {host: auth, path: /authorize}
    token_endpoint: {host: auth, path: /token}
    introspection_endpoint: {host: auth, path: /introspect}
    client_authentication: client_secret_basic
    tokens: [user]
account_settings:`;
    const mock = providerOf(
      changed(SHOP, 'connector.yaml', 'account_settings:', person.trimStart().replace(/^/, '  ')),
    );
    const asked = new URLSearchParams({ redirect_uri: 'http://localhost:3000/back?a=1', state: 's', scope: 'read' });
    const consented = ask(mock, 'GET', `/authorize?${asked}`);
    expect(consented.status).toBe(302);
    const back = new URL(consented.headers.location ?? '');
    expect(back.href).toMatch(/^http:\/\/localhost:3000\/back\?a=1&code=[\w-]+&state=s$/);
    const code = back.searchParams.get('code') ?? '';
    const { body } = ask(mock, 'POST', '/token', { body: `grant_type=authorization_code&code=${code}` });
    expect(body).toMatchObject({ scope: 'read', refresh_token: expect.any(String) });
    const { access_token } = body as { access_token: string };
    const told = ask(mock, 'POST', '/introspect', {
      body: `token=${access_token}`,
      headers: { authorization: `Basic ${Buffer.from('my%20app:secret').toString('base64')}` },
    });
    expect(told.body).toMatchObject({ active: true, scope: 'read', client_id: 'my app' });
    expect(ask(mock, 'GET', '/authorize?redirect_uri=javascript:alert(1)').status).toBe(400);
  });

  it('names examples in any script', () => {
    const mock = providerOf(changed(SHOP, EXAMPLES, '- name: An order.\n', '- name: Ein Auftrag für 100 % Käse 🧀\n'));
    const { headers } = ask(mock, 'GET', '/orders/o1', REGION);
    const name = headers['x-mock-example'] ?? '';
    expect(name).toMatch(/^[\x20-\x7e]+$/);
    expect(ask(mock, 'GET', '/orders/none', { headers: { 'x-mock-example': name } }).body).toEqual({ id: 'o1' });
  });

  it('stands in for all hosts of the connector and of its examples', () => {
    expect(mockedOrigins(registryOf(SHOP).connector)).toEqual(['https://api.acme.test', 'https://auth.acme.test']);
  });
});
