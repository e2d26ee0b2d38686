import { describe, expect, it } from 'vitest';
import type { Registry } from '../../src/connector/connector.ts';
import { diffRegistries } from '../../src/connector-diff/diff-connectors.ts';
import { suffices, suggestVersion } from '../../src/connector-diff/version.ts';
import { changed, compiledOf, type Files, GOOD } from '../connector/support/sources.ts';

const MAIN = 'connector.yaml';
const ACTIONS = 'actions/things.yaml';

/** What changes when a text of the good connector is replaced, as `impact kind`. */
const CASES: [title: string, file: string, from: string, to: string, changes: string[]][] = [
  [
    'an action that is gone',
    ACTIONS,
    'id: list_things',
    'id: read_things',
    ['breaking action_removed acme_list_things', 'feature action_added acme_read_things'],
  ],
  [
    'an input that is gone',
    ACTIONS,
    / {4}kind: [\s\S]*inputs.kind}"}/.exec(GOOD[ACTIONS] ?? '')?.[0] ?? '',
    '    sort: {type: string}\n  request: {method: GET, path: /things, query: {sort: "${inputs.sort}"}}',
    ['breaking input_removed acme_list_things', 'feature input_added acme_list_things', 'fix request acme_list_things'],
  ],
  [
    'an input that is newly required',
    ACTIONS,
    'kind: {type: string,',
    'kind: {type: string, required: true,',
    ['breaking input_required acme_list_things'],
  ],
  [
    'an input of another type',
    ACTIONS,
    'kind: {type: string, pattern: "^[a-z]+$", example: big}',
    'kind: {type: integer}',
    ['breaking input_type acme_list_things'],
  ],
  ['another pattern', ACTIONS, '"^[a-z]+$"', '"^[a-z0-9]+$"', ['breaking input_pattern acme_list_things']],
  ['no pattern any more', ACTIONS, 'pattern: "^[a-z]+$", ', '', ['feature input_pattern acme_list_things']],
  [
    'a bound that is tighter',
    ACTIONS,
    'kind: {type: string,',
    'kind: {type: string, max_length: 10,',
    ['breaking input_bounds acme_list_things'],
  ],
  [
    'a bound that is looser',
    ACTIONS,
    'kind: {type: string,',
    'kind: {type: string, max_length: 9999,',
    ['feature input_bounds acme_list_things'],
  ],
  [
    'a default',
    ACTIONS,
    'kind: {type: string,',
    'kind: {type: string, default: big,',
    ['breaking input_default acme_list_things'],
  ],
  ['a value of a setting that is gone', MAIN, 'enum: [US, EU]', 'enum: [US]', ['breaking setting_values']],
  ['a further value of a setting', MAIN, 'enum: [US, EU]', 'enum: [US, EU, AU]', ['feature setting_values']],
  ['a field that is gone', ACTIONS, ', url: {type: string}', '', ['breaking field_removed acme_list_things']],
  [
    'a field of another type',
    ACTIONS,
    'url: {type: string}',
    'url: {type: object}',
    ['breaking field_type acme_list_things'],
  ],
  [
    'a further field',
    ACTIONS,
    'url: {type: string}',
    'url: {type: string}, size: {type: integer}',
    ['feature field_added acme_list_things'],
  ],
  ['wider scopes', ACTIONS, 'scopes: [read]', 'scopes: [write]', ['breaking scopes_wider acme_list_things']],
  ['a kind of token that fewer have', ACTIONS, 'token: any', 'token: app', ['breaking token acme_get_thing']],
  ['a kind of token that more have', ACTIONS, 'token: app', 'token: any', ['feature token acme_list_things']],
  [
    'an action that no longer pages',
    ACTIONS,
    / {2}pagination: .*\n/.exec(GOOD[ACTIONS] ?? '')?.[0] ?? '',
    '',
    [
      'breaking input_removed acme_list_things',
      'breaking input_removed acme_list_things',
      'breaking pagination_removed acme_list_things',
    ],
  ],
  ['another way to page', ACTIONS, 'number: page,', 'number: p,', ['fix pagination acme_list_things']],
  ['another request', ACTIONS, 'path: /things\n', 'path: /v2/things\n', ['fix request acme_list_things']],
  ['values made in another way', ACTIONS, '$base & id', 'id & $base', ['fix shape acme_list_things']],
  ['other words', ACTIONS, 'description: A thing.', 'description: One thing.', ['fix words acme_get_thing']],
  ['a scope that implies less', MAIN, ', includes: [read]', '', ['breaking scope_narrower']],
  ['a further scope', MAIN, '  write: {', '  admin: {description: All}\n  write: {', ['feature scope_added']],
  [
    'another authentication',
    MAIN,
    '- id: app',
    '- id: robot',
    ['breaking authentication_removed', 'feature authentication_added'],
  ],
  ['another token endpoint', MAIN, 'path: /token', 'path: /v2/token', ['fix authentication']],
  [
    'another host',
    MAIN,
    'https://files.acme.test',
    'https://cdn.acme.test',
    ['fix origin_added', 'fix origin_removed'],
  ],
  ['another error rule', MAIN, 'status = 403', 'status = 404', ['fix errors']],
  ['nothing but an example', 'examples/things.yaml', 'name: A thing.', 'name: One thing.', []],
];

describe('the difference of two connectors', () => {
  it.each(CASES)('names %s', (_title, file, from, to, expected) => {
    expect(changesOf(GOOD, changed(GOOD, file, from, to))).toEqual(expected);
  });

  it('is none between a connector and itself', () => {
    expect(diffRegistries(registryOf(GOOD), registryOf(GOOD))).toEqual([]);
  });

  it('names connectors that came and went', () => {
    const none: Registry = { hash: '', connectors: new Map(), actions: new Map() };
    const kinds = (before: Registry, after: Registry) =>
      diffRegistries(before, after).map(({ suggested, changes }) => [suggested, ...changes.map(({ kind }) => kind)]);
    expect(kinds(none, registryOf(GOOD))).toEqual([['0.1.0', 'connector_added']]);
    expect(kinds(registryOf(GOOD), none)).toEqual([[undefined, 'connector_removed']]);
  });
});

describe('the version', () => {
  it.each([
    ['1.2.3', 'breaking', '2.0.0'],
    ['1.2.3', 'feature', '1.3.0'],
    ['1.2.3', 'fix', '1.2.4'],
    ['0.2.3', 'breaking', '0.3.0'],
    ['0.2.3', 'feature', '0.2.4'],
    [undefined, 'breaking', '0.1.0'],
  ] as const)('after %s and something %s is %s', (before, impact, after) => {
    expect(suggestVersion(before, impact)).toBe(after);
    expect(suffices(after, after)).toBe(true);
    expect(suffices(before, after)).toBe(false);
  });
});

function changesOf(before: Files, after: Files): string[] {
  return diffRegistries(registryOf(before), registryOf(after)).flatMap(({ changes }) =>
    changes.map(({ impact, kind, action }) => [impact, kind, action].filter(Boolean).join(' ')),
  );
}

function registryOf(files: Files): Registry {
  const connector = compiledOf(files);
  return { hash: '', connectors: new Map([[connector.id, connector]]), actions: connector.actions };
}
