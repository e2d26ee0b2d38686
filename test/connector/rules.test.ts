import { describe, expect, it } from 'vitest';
import { ConnectorError } from '../../src/connector/diagnostics.ts';
import { loadRegistry } from '../../src/connector/load.ts';
import { RULES, type RuleId } from '../../src/connector/rules.ts';
import { changed, compileFiles, directoryOf, faultsOf, GOOD, MARK, place, unmarked } from './support/sources.ts';

const MAIN = 'connector.yaml';
const ACTIONS = 'actions/things.yaml';
const EXAMPLES = 'examples/things.yaml';

/** A change of the good connector; « stands where the fault is reported. `says` is a part of the message that matters. */
type Case = [rule: RuleId, title: string, file: string, from: string, to: string, says?: string];

const BAD: Case[] = [
  ['YML001', 'a tab as indentation', MAIN, 'id: acme', `id: acme\nfoo:\n${MARK}\tbar: 1`],
  ['YML001', 'a list that is not closed', MAIN, 'tokens: [app]\n', `tokens: [app\n${MARK}`],
  ['YML001', 'a key that is a number', ACTIONS, 'inputs:\n    kind', `inputs:\n    ${MARK}1: {type: string}\n    kind`],
  ['YML001', 'an alias without an anchor', ACTIONS, 'list: body.things', `list: ${MARK}*things`, '"things"'],
  ['YML001', 'a directive of another version', MAIN, 'id: acme', `${MARK}%YAML 1.1\n---\nid: acme`],
  ['YML002', 'a key that stands twice', MAIN, 'description: Things.', `description: Things.\n${MARK}label: Again`],
  [
    'YML002',
    'a key that stands twice in braces',
    ACTIONS,
    'kind: {type: string,',
    `kind: {type: string, ${MARK}type: string,`,
  ],
  ['YML003', 'a circular alias', ACTIONS, 'request:\n    method', `request: &r\n    body: ${MARK}*r\n    method`],
  [
    'YML003',
    'nesting that is too deep',
    ACTIONS,
    'output: {object: body}',
    `output: {object: body}\n  x:${'\n   ['.repeat(63)}\n   ${MARK}[${']'.repeat(64)}`,
  ],
  ['YML005', 'a tag', ACTIONS, 'label: List', `label: !!str ${MARK}List`],
  ['YML005', 'a merge key', ACTIONS, 'effect: read', `${MARK}<<: {}\n  effect: read`],
  ['YML005', 'a second document', MAIN, 'id: acme', `id: acme\n${MARK}---\nid: other`],
  [
    'FMT001',
    'an unknown key',
    ACTIONS,
    'label: Get Thing',
    `${MARK}lable: Get Thing\n  label: Get Thing`,
    'did you mean "label"?',
  ],
  [
    'FMT001',
    'a key in the wrong case',
    ACTIONS,
    'effect: read',
    `${MARK}Effect: read\n  effect: read`,
    'did you mean "effect"?',
  ],
  [
    'FMT001',
    'a name that is not allowed',
    ACTIONS,
    'thing_id: {type',
    `${MARK}ThingId: {type: string}\n    thing_id: {type`,
    'not a valid name',
  ],
  ['FMT001', 'a header name that cannot be sent', MAIN, 'x-region: "', `${MARK}"x region": a, x-region: "`],
  ['FMT001', '__proto__', ACTIONS, 'label: Get Thing', `${MARK}__proto__: {}\n  label: Get Thing`],
  ['FMT002', 'a missing key', ACTIONS, '- id: get_thing\n  label: Get Thing\n', `- ${MARK}id: get_thing\n`, '"label"'],
  ['FMT003', 'a value of the wrong type', ACTIONS, 'label: Get Thing', `label: ${MARK}7`, 'must be string'],
  [
    'FMT003',
    'a value that is none of the allowed ones',
    ACTIONS,
    'method: GET\n    path: /things\n',
    `method: ${MARK}get\n    path: /things\n`,
    'did you mean "GET"?',
  ],
  ['FMT003', 'an id with capitals', ACTIONS, 'id: get_thing', `id: ${MARK}getThing`],
  ['FMT003', 'a host without https', MAIN, '"https://api.acme.test"', `${MARK}"http://api.acme.test"`],
  [
    'FMT003',
    'a host that is no origin as URLs have it',
    MAIN,
    '"https://api.acme.test"',
    `${MARK}"https://api.acme.test:443"`,
    'https://api.acme.test',
  ],
  ['CON001', 'an id that is not the folder', MAIN, 'id: acme', `id: ${MARK}acne`],
  [
    'CON002',
    'an unknown host of a request',
    ACTIONS,
    'method: GET\n    path: /things\n',
    `method: GET\n    host: ${MARK}apis\n    path: /things\n`,
    'did you mean "api"?',
  ],
  ['CON002', 'an unknown host of a token endpoint', MAIN, '{path: /token}', `{host: ${MARK}oauth, path: /token}`],
  [
    'CON003',
    'a code that an error rule cannot give',
    MAIN,
    'code: provider_forbidden',
    `code: ${MARK}provider_forbiden`,
    'did you mean "provider_forbidden"?',
  ],
  ['CON003', "a code of the server's own", MAIN, 'code: provider_forbidden', `code: ${MARK}key_invalid`],
  ['CON004', 'an unknown included scope', MAIN, 'includes: [read]', `includes: [${MARK}raed]`, 'did you mean "read"?'],
  [
    'CON004',
    'scopes that include each other',
    MAIN,
    'read: {description: Read}',
    `${MARK}read: {description: Read, includes: [write]}`,
    'read → write → read',
  ],
  [
    'CON005',
    'an authentication id that stands twice',
    MAIN,
    'account_settings:',
    `  - {id: ${MARK}app, label: B, grant: client_credentials, token_endpoint: {path: /t}, client_authentication: client_secret_post, tokens: [app]}\naccount_settings:`,
  ],
  ['ACT001', 'an action id that stands twice', ACTIONS, 'id: get_thing', `id: ${MARK}list_things`],
  [
    'ACT002',
    'an input that is not used',
    ACTIONS,
    '    thing_id: {',
    `    ${MARK}extra: {type: string}\n    thing_id: {`,
  ],
  [
    'ACT003',
    'an undeclared input in a template',
    ACTIONS,
    '"${inputs.kind}"',
    `"\${inputs.kind & ${MARK}inputs.knd}"`,
    'did you mean "kind"?',
  ],
  [
    'ACT003',
    'an undeclared input in the path',
    ACTIONS,
    '/things/{thing_id}\n',
    `/things/{thing_id}/${MARK}{thng_id}\n`,
    'did you mean "thing_id"?',
  ],
  [
    'ACT003',
    'an undeclared input with the name of a member of every object',
    ACTIONS,
    '/things/{thing_id}\n',
    `/things/{thing_id}/${MARK}{constructor}\n`,
  ],
  ['ACT003', 'an input in a default header', MAIN, '"${account.region}"', `"\${${MARK}inputs.region}"`],
  [
    'ACT004',
    'the response in a request',
    ACTIONS,
    '"${inputs.kind}"',
    `"\${inputs.kind & ${MARK}body.x}"`,
    'there are: inputs, account',
  ],
  [
    'ACT004',
    'a misspelt member of the context',
    ACTIONS,
    'warnings: body.warnings',
    `warnings: ${MARK}bdy.warnings`,
    'did you mean "body"?',
  ],
  ['ACT004', 'a misspelt member in one of several texts', ACTIONS, 'list: body.things', `list: ${MARK}bdy.things`],
  [
    'ACT004',
    'an unknown account setting',
    ACTIONS,
    'object: body',
    `object: "body[id = $$.${MARK}account.regoin]"`,
    'did you mean "region"?',
  ],
  ['ACT004', 'inputs in an error rule', MAIN, 'when: status = 403', `when: status = 403 and ${MARK}inputs.x`],
  ['ACT005', 'an expression that does not parse', ACTIONS, 'object: body', `object: "body.[${MARK}"`],
  [
    'ACT005',
    'an unknown function',
    ACTIONS,
    'list: body.things',
    `list: ${MARK}$upercase(body.things)`,
    '"$uppercase"',
  ],
  ['ACT006', 'a look-ahead in an input pattern', ACTIONS, '"^[a-z]+$"', `${MARK}"^(?=a)"`],
  ['ACT006', 'a back reference in an expression', ACTIONS, 'object: body', `object: '$match(body.a, ${MARK}/(a)\\1/)'`],
  [
    'ACT006',
    'a bad pattern of items',
    ACTIONS,
    'kind: {type: string, pattern: "^[a-z]+$", example: big}',
    `kind: {type: array, items: {type: string, pattern: ${MARK}"["}}`,
  ],
  ['ACT007', 'a dot segment', ACTIONS, '/things/{thing_id}\n', `/things/{thing_id}/${MARK}..\n`],
  ['ACT007', 'a query in the path', ACTIONS, '/things/{thing_id}\n', `/things/{thing_id}/${MARK}a?b=c\n`],
  ['ACT007', 'a percent-encoded segment', ACTIONS, '/things/{thing_id}\n', `/${MARK}%2e%2e/{thing_id}\n`],
  ['ACT007', 'an empty segment', ACTIONS, '/things/{thing_id}\n', `/${MARK}/evil.test/{thing_id}\n`],
  ['ACT007', 'half a segment', ACTIONS, '/things/{thing_id}\n', `/things/{thing_id}/${MARK}x{thing_id}\n`],
  [
    'ACT007',
    'a path parameter that does not stand in the path',
    ACTIONS,
    '/things/{thing_id}\n',
    `/things/{thing_id}\n    path_params: {${MARK}other: a}\n`,
  ],
  [
    'ACT008',
    'an optional input in the path',
    ACTIONS,
    'thing_id: {type: string, required: true}',
    `${MARK}thing_id: {type: string}`,
  ],
  [
    'ACT009',
    'an input with the name of a page input',
    ACTIONS,
    '"${inputs.kind}"}',
    '"${inputs.kind & $string(inputs.page_size)}"}',
  ],
  [
    'ACT009',
    'an input that no caller can send',
    ACTIONS,
    'thing_id: {type',
    `${MARK}constructor: {type: string, required: true}\n    thing_id: {type`,
  ],
  [
    'ACT010',
    'a read that posts',
    ACTIONS,
    'method: GET\n    path: /things\n',
    `method: ${MARK}POST\n    path: /things\n`,
  ],
  [
    'ACT010',
    'a GET with a body',
    ACTIONS,
    'method: GET\n    path: /things\n',
    `method: GET\n    ${MARK}body: {}\n    path: /things\n`,
  ],
  [
    'ACT010',
    'a GET that creates',
    ACTIONS,
    'effect: read\n  scopes: [read]\n  token: any',
    `effect: ${MARK}create\n  scopes: [read]\n  token: any`,
  ],
  ['ACT011', 'an example of another type', ACTIONS, 'example: big', `example: ${MARK}7`],
  ['ACT011', 'a default that the pattern refuses', ACTIONS, 'example: big', `default: ${MARK}BIG`],
  ['ACT011', 'an enum value of another type', MAIN, 'enum: [US, EU]', `enum: [US, EU, ${MARK}1]`],
  [
    'ACT012',
    'a header that the server sets',
    ACTIONS,
    'path: /things\n',
    `path: /things\n    headers: {${MARK}Authorization: x}\n`,
  ],
  ['ACT012', 'a default header that the server sets', MAIN, 'x-region: "', `${MARK}Host: a, x-region: "`],
  ['ACT013', 'a kind of token that nothing gives', ACTIONS, 'token: any', `token: ${MARK}user`],
  [
    'ACT014',
    'an unknown scope',
    ACTIONS,
    'scopes: [read]\n  token: any',
    `scopes: [${MARK}raed]\n  token: any`,
    'did you mean "read"?',
  ],
  [
    'ACT014',
    'an unknown scope of the provider',
    ACTIONS,
    'token: any',
    `token: any\n  provider_scopes: [${MARK}toString]`,
  ],
  ['ACT015', 'a query parameter of the pagination', ACTIONS, 'query: {kind', `query: {${MARK}page: 1, kind`],
  [
    'EXA001',
    'an example of an unknown action',
    EXAMPLES,
    'action: get_thing',
    `action: ${MARK}get_thnig`,
    'did you mean "get_thing"?',
  ],
  ['EXA002', 'an example without outcome', EXAMPLES, '- name: A thing.', `- ${MARK}name: A thing.`],
  ['EXA003', 'inputs that the action refuses', EXAMPLES, 'thing_id: t1', `thing_id: ${MARK}7`],
  [
    'EXA003',
    'account settings that the connector refuses',
    EXAMPLES,
    'inputs: {',
    `account: {region: ${MARK}MOON}\n  inputs: {`,
  ],
];

/** What a case needs besides its own change, so that it has one fault only. */
function prepared(rule: RuleId, title: string) {
  if (rule === 'EXA002') return changed(GOOD, EXAMPLES, '  output: {data: {id: t1}}\n', '');
  if (rule === 'ACT009' && title.includes('page input'))
    return changed(GOOD, ACTIONS, '    kind: {', `    ${MARK}page_size: {type: integer}\n    kind: {`);
  if (rule === 'ACT009')
    return changed(GOOD, ACTIONS, 'path: /things/{thing_id}', 'path: /things/{thing_id}/{constructor}');
  if (rule === 'ACT001') return changed(GOOD, EXAMPLES, 'action: get_thing\n', 'action: list_things\n');
  return GOOD;
}

describe('the loader', () => {
  it('has nothing against a good connector', () => {
    expect(faultsOf(GOOD).map(place)).toEqual([]);
  });

  it.each(BAD)('refuses with %s, at its place, %s', (rule, title, file, from, to, says = '') => {
    const { files, places } = unmarked(changed(prepared(rule, title), file, from, to));
    const faults = faultsOf(files).filter((fault) => rule.startsWith('EXA') || !fault.rule.startsWith('EXA'));
    expect(faults.map(place)).toEqual(places.map((at) => place({ ...at, rule })));
    expect(faults[0]?.message).toContain(says);
  });

  it('refuses with YML003 a file with too many aliases, at the first that is too many', () => {
    const many = `tags: [&a x, ${'*a, '.repeat(100)}${MARK}*a]\n`;
    const { files, places } = unmarked({ ...GOOD, 'connector.yaml': `${many}${GOOD[MAIN]}` });
    expect(faultsOf(files).map(place)).toEqual(places.map((at) => place({ ...at, rule: 'YML003' })));
  });

  it('refuses with YML003 aliases that would make billions of values', () => {
    const bomb = ['a: &a [1, 1, 1, 1, 1, 1, 1, 1, 1]'];
    for (let index = 1; index < 9; index += 1) {
      const name = String.fromCharCode(97 + index);
      const before = String.fromCharCode(96 + index);
      bomb.push(`${name}: &${name} [${Array(9).fill(`*${before}`).join(', ')}]`);
    }
    expect(faultsOf({ 'connector.yaml': `${bomb.join('\n')}\n` }).map(({ rule }) => rule)).toEqual(['YML003']);
  });

  it('refuses with YML003 a file that is too large, without looking at it', () => {
    const large = { ...GOOD, [ACTIONS]: `${GOOD[ACTIONS]}# ${'x'.repeat(256 * 1024)}` };
    expect(faultsOf(large).map(place)).toContain(`${ACTIONS}:1:1 YML003`);
    const full = GOOD[ACTIONS] ?? '';
    const justFits = { ...GOOD, [ACTIONS]: `${full}#${'x'.repeat(256 * 1024 - full.length - 1)}` };
    expect(faultsOf(justFits)).toEqual([]);
  });

  it.each([
    ['flow lists on lines of their own', '[\n'.repeat(100_000)],
    ['flow lists on one line', '['.repeat(100_000)],
    ['list items', '- '.repeat(100_000)],
    ['explicit keys', '? '.repeat(3_000)],
    ['indented keys', Array.from({ length: 500 }, (_none, depth) => `${' '.repeat(depth)}a:\n`).join('')],
  ])('refuses with YML003 what is nested without end: %s', (_title, text) => {
    expect(faultsOf({ 'connector.yaml': text }).map(({ rule }) => rule)).toContain('YML003');
  });

  it('refuses with YML004 what cannot be read', async () => {
    const directory = await directoryOf({ acme: { 'actions/a.yaml/b': '' } });
    const refusal = await loadRegistry(directory).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(ConnectorError);
    const faults = refusal instanceof ConnectorError ? refusal.diagnostics : [];
    expect(faults.map(({ file, rule }) => `${file.split('/').slice(-2).join('/')} ${rule}`)).toEqual([
      'actions/a.yaml YML004',
      'acme/connector.yaml YML004',
    ]);
    await expect(loadRegistry(`${directory}/nowhere`)).rejects.toBeInstanceOf(ConnectorError);
  });

  it('has a bad case for every rule', () => {
    const covered = new Set<string>([...BAD.map(([rule]) => rule), 'YML004']);
    expect(Object.keys(RULES).filter((rule) => !covered.has(rule))).toEqual([]);
  });
});

/** Near each bad case, what is right. */
const FINE: [rule: RuleId, title: string, file: string, from: string, to: string][] = [
  ['YML001', 'quoted keys and carriage returns', MAIN, 'id: acme\n', '"id": acme\r\n'],
  [
    'YML002',
    'the same key in two mappings',
    MAIN,
    'account_settings:\n',
    'account_settings:\n  scopes: {type: string}\n',
  ],
  [
    'YML003',
    'an alias for what stands above',
    ACTIONS,
    'label: Get Thing\n  description: A thing.',
    'label: &text Get Thing\n  description: *text',
  ],
  ['YML005', 'a document start', MAIN, 'id: acme', '---\nid: acme'],
  [
    'FMT001',
    'every known key',
    ACTIONS,
    'token: any',
    'token: any\n  timeout_s: 5\n  max_response_bytes: 1000\n  docs: https://acme.test',
  ],
  ['FMT003', 'a host with a port', MAIN, '"https://api.acme.test"', '"https://api.acme.test:8443"'],
  ['CON002', 'another declared host', ACTIONS, 'path: /things\n', 'host: files\n    path: /things\n'],
  [
    'CON004',
    'one scope included twice over',
    MAIN,
    'write: {',
    'all: {description: All, includes: [read, write]}\n  write: {',
  ],
  [
    'CON005',
    'a second authentication',
    MAIN,
    'account_settings:',
    '  - {id: b, label: B, grant: client_credentials, token_endpoint: {path: /t, host: files}, client_authentication: client_secret_post, tokens: [user]}\naccount_settings:',
  ],
  ['ACT002', 'inputs used as a whole', ACTIONS, '"${inputs.kind}"', '"${$string(inputs)}"'],
  [
    'ACT004',
    'account settings in an output',
    ACTIONS,
    'object: body',
    `object: 'body.{"id": id, "region": $$.account.region}'`,
  ],
  ['ACT006', 'a regular expression that RE2 has', ACTIONS, 'object: body', "object: '$match(body.a, /(a|b)+/)'"],
  ['ACT007', 'sub-delimiters in a path', ACTIONS, 'path: /things\n', "path: /things:all/v1.0/~a/(b)/users('x')\n"],
  [
    'ACT007',
    'a path parameter',
    ACTIONS,
    'path: /things/{thing_id}',
    'path: /things/{id}\n    path_params: {id: "x-${inputs.thing_id}"}',
  ],
  ['ACT008', 'an optional input with a default in the path', ACTIONS, 'required: true', 'default: t1'],
  ['ACT009', 'an input named like a member of objects', ACTIONS, '/things/{thing_id}', '/things/{thing_id}/{valueof}'],
  [
    'ACT010',
    'a POST that creates',
    ACTIONS,
    'effect: read\n  scopes: [read]\n  token: any',
    'effect: create\n  scopes: [read]\n  token: any',
  ],
  ['ACT011', 'a default of the right type', ACTIONS, 'example: big', 'default: small'],
  [
    'ACT012',
    'a header of its own',
    ACTIONS,
    'path: /things\n',
    'path: /things\n    headers: {accept: application/json}\n',
  ],
  [
    'EXA002',
    'a problem in the place of an output',
    EXAMPLES,
    'output: {data: {id: t1}}',
    'problem: {code: provider_forbidden}',
  ],
  [
    'EXA003',
    'inputs that are refused, in an example of a refusal',
    EXAMPLES,
    'output: {data: {id: t1}}',
    'problem: {code: inputs_invalid}',
  ],
];

describe('the loader accepts', () => {
  it.each(FINE)('near %s: %s', (_rule, title, file, from, to) => {
    let files = changed(GOOD, file, from, to);
    if (title === 'a POST that creates')
      files = changed(
        files,
        ACTIONS,
        'method: GET\n    path: /things/{',
        'method: POST\n    body: {a: 1}\n    path: /things/{',
      );
    if (title.includes('named like'))
      files = changed(files, ACTIONS, '    thing_id: {', '    valueof: {type: string, default: x}\n    thing_id: {');
    if (title.includes('that are refused')) files = changed(files, EXAMPLES, 'thing_id: t1', 'thing_id: 7');
    const compiled = compileFiles(files);
    expect(Array.isArray(compiled) ? compiled.map(place) : []).toEqual([]);
  });
});
