import type { RuleId } from '../../../src/connector/rules.ts';
import { ACTIONS, EXAMPLES, MAIN } from './cases.ts';
import { changed, type Files, GOOD, MARK } from './sources.ts';

const KEYED = [
  'account_settings:',
  '  - {id: key, label: Key, grant: api_key, placement: {in: header, name: X-Acme-Key}}\naccount_settings:',
] as const;

/** What a case needs besides its own change, so that it has one fault only. */
export function prepared(rule: RuleId, title: string): Files {
  if (rule === 'EXA002') return changed(GOOD, EXAMPLES, '  output: {data: {id: t1}}\n', '');
  if (rule === 'ACT009' && title.includes('page input'))
    return changed(GOOD, ACTIONS, '    kind: {', `    ${MARK}page_size: {type: integer}\n    kind: {`);
  if (rule === 'ACT009' && title.includes('every call'))
    return changed(GOOD, ACTIONS, '    kind: {', `    ${MARK}raw: {type: boolean}\n    kind: {`);
  if (rule === 'ACT009')
    return changed(GOOD, ACTIONS, 'path: /things/{thing_id}', 'path: /things/{thing_id}/{constructor}');
  if (rule === 'CON010' && title.includes('a request')) return changed(GOOD, MAIN, ...KEYED);
  if (rule === 'ACT025') return changed(GOOD, MAIN, 'headers: {', 'headers: {Content-Type: text/plain, ');
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
  [
    'CON010',
    'a key where tokens stand',
    MAIN,
    'account_settings:',
    '  - {id: b, label: B, grant: api_key, placement: {in: header, name: Authorization, prefix: "Token "}, pattern: "^k-"}\naccount_settings:',
  ],
  [
    'CON010',
    'another header of a request beside the key',
    ACTIONS,
    'path: /things\n',
    'path: /things\n    headers: {x-acme-keys: none}\n',
  ],
  [
    'CON012',
    'a check of keys with an identity',
    MAIN,
    'account_settings:',
    '  - {id: key, label: Key, grant: api_key, placement: {in: basic}, identity: {path: /me, subject: body.id}}\ndiagnosis:\n  - {id: key, label: Key., remedy: Make one., token: user}\naccount_settings:',
  ],
  [
    'CON011',
    'scopes of a key with an identity',
    MAIN,
    'account_settings:',
    '  - {id: b, label: B, grant: api_key, placement: {in: basic}, identity: {path: /me, subject: body.id}, granted_scopes: headers.scopes}\naccount_settings:',
  ],
  [
    'FMT001',
    'the shape of an item for an object',
    ACTIONS,
    '{object: body}',
    `{object: body, item: '{"id": id, "region": $$.account.region}'}`,
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
    'ACT015',
    'links with a size, and another parameter',
    ACTIONS,
    'pagination: {style: page_number, number: page, size: size, first: 0, more: body.next}',
    'pagination: {style: link_header, rel: Next, size: size, max_size: 100}',
  ],
  [
    'ACT024',
    'a form that an expression gives',
    ACTIONS,
    'effect: read\n  scopes: [read]\n  token: any\n  inputs:\n    thing_id: {type: string, required: true}\n  request:\n    method: GET\n',
    "effect: create\n  scopes: [read]\n  token: any\n  inputs:\n    thing_id: {type: string, required: true}\n  request:\n    method: POST\n    content_type: application/x-www-form-urlencoded\n    body: '${$sift(inputs)}'\n",
  ],
  [
    'ACT025',
    'another type of a JSON body in a header',
    ACTIONS,
    'effect: read\n  scopes: [read]\n  token: any\n  inputs:\n    thing_id: {type: string, required: true}\n  request:\n    method: GET\n',
    'effect: create\n  scopes: [read]\n  token: any\n  inputs:\n    thing_id: {type: string, required: true}\n  request:\n    method: POST\n    headers: {content-type: application/merge-patch+json}\n    body: {a: 1}\n',
  ],
  ['FMT003', 'a version', MAIN, 'label: Acme', 'version: 1.0.0-rc.1+build.7\nlabel: Acme'],
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
