import type { RuleId } from '../../../src/connector/rules.ts';
import { ACTIONS, EXAMPLES, MAIN } from './cases.ts';
import { changed, type Files, GOOD, MARK } from './sources.ts';

/** What a case needs besides its own change, so that it has one fault only. */
export function prepared(rule: RuleId, title: string): Files {
  if (rule === 'EXA002') return changed(GOOD, EXAMPLES, '  output: {data: {id: t1}}\n', '');
  if (rule === 'ACT009' && title.includes('page input'))
    return changed(GOOD, ACTIONS, '    kind: {', `    ${MARK}page_size: {type: integer}\n    kind: {`);
  if (rule === 'ACT009' && title.includes('every call'))
    return changed(GOOD, ACTIONS, '    kind: {', `    ${MARK}raw: {type: boolean}\n    kind: {`);
  if (rule === 'ACT009')
    return changed(GOOD, ACTIONS, 'path: /things/{thing_id}', 'path: /things/{thing_id}/{constructor}');
  if (rule === 'ACT001') return changed(GOOD, EXAMPLES, 'action: get_thing\n', 'action: list_things\n');
  return GOOD;
}

/** Near each bad case, what is right. */
export const FINE: [rule: RuleId, title: string, file: string, from: string, to: string][] = [
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
