import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Connector } from '../../src/connector/connector.ts';
import { type Checked, checkExample } from '../../src/local/check/check-example.ts';
import { requestDifferences } from '../../src/local/check/check-request.ts';
import { coverageOf } from '../../src/local/check/coverage.ts';
import { openReplayStage, type ReplayStage } from '../../src/local/replay.ts';
import { changed, type Files } from '../connector/support/sources.ts';
import { registryOf, SHOP } from './support/shop.ts';

const EXAMPLES = 'examples/orders.yaml';
const ACTIONS = 'actions/orders.yaml';

let stage: ReplayStage;
let connector: Connector;

async function checkedOf(files: Files): Promise<Checked[]> {
  const made = registryOf(files);
  const own = await openReplayStage(made.registry);
  try {
    return await checkAll(own, made.connector);
  } finally {
    await own.close();
  }
}

async function checkAll(on: ReplayStage, of: Connector): Promise<Checked[]> {
  const checked: Checked[] = [];
  for (const action of of.actions.values())
    for (const example of action.examples) checked.push(await checkExample(on, of, action, example));
  return checked;
}

/** Differences by the name of the example, those with none left out. */
async function differencesOf(files: Files) {
  const failing = (await checkedOf(files)).filter(({ differences }) => differences.length > 0);
  return Object.fromEntries(failing.map(({ example, differences }) => [example.name, differences]));
}

describe('the check of an example', () => {
  beforeAll(async () => {
    const made = registryOf(SHOP);
    connector = made.connector;
    stage = await openReplayStage(made.registry);
  });
  afterAll(() => stage.close());

  it('finds nothing where all is as declared: keys, forms, links, steps', async () => {
    const checked = await checkAll(stage, connector);
    expect(checked.flatMap(({ differences }) => differences)).toEqual([]);
    expect(checked).toHaveLength(6);
  });

  it.each([
    [
      'a query parameter that is not declared',
      ACTIONS,
      'query: {state: "${inputs.state}"}',
      'query: {state: "${inputs.state}", extra: x}',
      ['request: query parameter "extra" is sent and not declared'],
    ],
    [
      'a declared one that is not sent',
      EXAMPLES,
      '/orders?state=open", headers',
      '/orders?state=open&sort=x", headers',
      ['request: query parameter "sort" is not sent'],
    ],
    [
      'a header',
      EXAMPLES,
      'state=open", headers: {x-region: US}',
      'state=open", headers: {x-region: EU, x-other: a}',
      ['request: header "x-region" differs', 'request: header "x-other" is not sent'],
    ],
    ['data', EXAMPLES, 'output: {data: [{id: o1, total: 5}]', 'output: {data: [{id: o1, total: 6}]', ['output: data']],
    [
      'a further page that is not declared',
      EXAMPLES,
      ', more: true}',
      '}',
      ['output: more (whether there is a further page)'],
    ],
    [
      'a field that is not declared',
      ACTIONS,
      'fields: {id: {type: string}, total: {type: integer}}',
      'fields: {id: {type: string}}',
      ['output: field "total" is not declared in the action\'s output'],
    ],
    [
      'a field of another type',
      ACTIONS,
      'total: {type: integer}}',
      'total: {type: string}}',
      ['output: field "total" is not of its declared type'],
    ],
  ])('tells %s', async (_what, path, from, to, messages) => {
    const found = await differencesOf(changed(SHOP, path, from, to));
    expect(found['A page of orders.']?.map(({ message }) => message)).toEqual(messages);
  });

  it('tells members of a form and of a JSON body', async () => {
    const other = changed(SHOP, EXAMPLES, '{item: tea, options: {gift: true}}', '{item: tea, options: {gift: false}}');
    const found = await differencesOf(changed(other, EXAMPLES, 'body: {text: quickly}', 'body: {text: slowly}'));
    expect(found['An order with a note.']).toEqual([
      {
        part: 'request',
        message: 'request 1 (POST …/orders): form member "options[gift]" differs',
        expected: 'false',
        actual: 'true',
      },
      {
        part: 'request',
        message: 'request 2 (POST …/notes): body',
        expected: { text: 'slowly' },
        actual: { text: 'quickly' },
      },
    ]);
  });

  it('tells requests too many and too few', async () => {
    const found = await differencesOf(
      changed(SHOP, ACTIONS, 'when: $exists(inputs.note)', 'when: $not($exists(inputs.note))'),
    );
    expect(found['An order with a note.']?.[0]).toMatchObject({
      part: 'request',
      message: 'request 2 (POST …/notes) was not sent',
    });
    expect(found['An order without a note.']?.[0]).toMatchObject({
      message: 'a request that no exchange declares',
      actual: 'POST https://api.acme.test/orders/o4/notes',
    });
  });

  it('tells a refusal instead of an answer, an answer instead of a refusal, and another refusal', async () => {
    const refused = changed(
      SHOP,
      EXAMPLES,
      'response: {status: 200, body: {id: o1}}',
      'response: {status: 404, body: {}}',
    );
    expect((await differencesOf(refused))['An order.']?.[0]).toMatchObject({ part: 'problem' });
    const answered = changed(
      SHOP,
      EXAMPLES,
      'response: {status: 404, body: {error: none}}',
      'response: {status: 200, body: {id: x}}',
    );
    expect((await differencesOf(answered))['There is no such order.']?.[0]).toMatchObject({
      expected: 'provider_not_found',
    });
    const other = changed(SHOP, EXAMPLES, 'response: {status: 404,', 'response: {status: 403,');
    expect((await differencesOf(other))['There is no such order.']?.[0]).toMatchObject({
      expected: 'provider_not_found',
      actual: 'provider_forbidden',
    });
  });

  it('tells inputs that Corbel itself refuses, and a response that HTTP cannot carry, without a stack', async () => {
    const strange = changed(
      SHOP,
      EXAMPLES,
      'response: {status: 200, body: {id: o1}}',
      'response: {status: 200, headers: {"x y": a}, body: {}}',
    );
    const found = await differencesOf(strange);
    expect(found['An order.']?.[0]).toMatchObject({ part: 'problem' });
    const settings = changed(SHOP, EXAMPLES, 'order_id: o1}', 'order_id: ".."}');
    expect((await differencesOf(settings))['An order.']?.map(({ part }) => part)).toContain('problem');
  });
});

describe('the comparison of requests', () => {
  const request = { method: 'GET', url: 'https://a.test/x?a=1&b=2', headers: {}, body: undefined, bytes: undefined };

  it.each([
    ['host', { url: 'https://b.test/x?a=1&b=2' }, 'r: host'],
    ['path', { url: 'https://a.test/y?a=1&b=2' }, 'r: path'],
    ['method', { method: 'POST' }, 'r: method'],
    ['order of the query', { url: 'https://a.test/x?b=2&a=1' }, 'r: order or encoding of the query'],
    ['encoding of the query', { url: 'https://a.test/x?a=%31&b=2' }, 'r: order or encoding of the query'],
    ['a parameter that comes twice', { url: 'https://a.test/x?a=1&b=2&b=3' }, 'r: query parameter "b" differs'],
    ['body', { body: { a: 1 } }, 'r: body'],
  ])('tells the %s', (_what, change, message) => {
    expect(requestDifferences('r', request, { ...request, ...change }).map((one) => one.message)).toEqual([message]);
  });

  it('takes the order of members for nothing', () => {
    const [one, other] = [
      { a: 1, b: [{ c: 1, d: 2 }] },
      { b: [{ d: 2, c: 1 }], a: 1 },
    ];
    expect(requestDifferences('r', { ...request, body: one }, { ...request, body: other })).toEqual([]);
  });
});

describe('coverage', () => {
  it('is everything where everything is shown', async () => {
    const checked = await checkedOf(SHOP);
    const [{ connector: own } = { connector }] = checked;
    const { parts } = await coverageOf(own, [...own.actions.values()], checked);
    expect(parts.refusals?.missing).toEqual([
      'acme_list_orders: no example of a refusal',
      'acme_create_order: no example of a refusal',
    ]);
    expect(Object.values({ ...parts, refusals: undefined }).flatMap((one) => one?.missing ?? [])).toEqual([]);
  });

  it('names what no example shows', async () => {
    const examples = SHOP[EXAMPLES] ?? '';
    const few = {
      ...SHOP,
      [EXAMPLES]: examples.slice(examples.indexOf('- name: The last'), examples.indexOf('- name: There is')),
    };
    const checked = await checkedOf(few);
    const [{ connector: own } = { connector }] = checked;
    const { parts, percent } = await coverageOf(own, [...own.actions.values()], checked);
    expect(parts.examples?.missing).toEqual(['acme_create_order: no example']);
    expect(parts.inputs?.missing).toContain('acme_list_orders: no example gives the input "state"');
    expect(parts.branches?.missing).toHaveLength(2);
    expect(parts.pages?.missing).toEqual(['acme_list_orders: no example shows a page with a further one (more: true)']);
    expect(parts.rules?.missing).toEqual(['error rule 1 (provider_not_found) is met by no example: status = 404']);
    expect(percent).toBeLessThan(60);
  });
});
