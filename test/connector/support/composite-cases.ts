import { type Case, MAIN } from './cases.ts';
import { UPLOAD_EXAMPLES, UPLOADS } from './composite.ts';
import { MARK } from './sources.ts';

const WHEN = 'when: $exists(inputs.tags)';

/** As the bad cases of the good connector, for what composite actions, APIs and diagnosis have. */
export const COMPOSITE_BAD: Case[] = [
  ['CON006', 'an unknown API of an action', UPLOADS, 'api: things', `api: ${MARK}thngs`, 'did you mean "things"?'],
  ['CON006', 'an unknown API of a request', UPLOADS, 'urls:\n', `urls:\n          api: ${MARK}thing\n`],
  ['CON006', 'an unknown API of a check', MAIN, 'api: things', `api: ${MARK}toString`],
  ['CON007', 'a limit that stands twice', MAIN, 'id: others', `id: ${MARK}reads`],
  [
    'CON007',
    'an endpoint in two limits',
    MAIN,
    'per_s: 60}\n  bare',
    `per_s: 60, endpoints: [${MARK}"GET /things/{id}"]}\n  bare`,
    'GET /things/{}',
  ],
  [
    'CON007',
    'two limits of all others',
    MAIN,
    'per_s: 60}\n  bare',
    `per_s: 60}\n      - ${MARK}{id: more, requests: 1, per_s: 1}\n  bare`,
  ],
  ['CON008', 'a check that stands twice', MAIN, 'id: person', `id: ${MARK}thing`],
  ['CON008', 'a check that needs a later one', MAIN, 'needs: [token]\n', `needs: [${MARK}person]\n`],
  [
    'CON008',
    'a check that needs an unknown one',
    MAIN,
    'needs: [token]\n',
    `needs: [${MARK}tokn]\n`,
    'did you mean "token"?',
  ],
  ['CON009', 'an undeclared setting', MAIN, 'needs_settings: [', `needs_settings: [${MARK}thing_ids, `, '"thing_id"?'],
  [
    'CON009',
    'a setting in the path that may be missing',
    MAIN,
    'needs_settings: [thing_id]\n    request: {method: GET, path: "/things/{thing_id}"}',
    `request: {method: GET, path: "/things/${MARK}{thing_id}"}`,
  ],
  ['ACT003', 'an input in a header of an API', MAIN, '"${account.region}-things"', `"\${${MARK}inputs.region}"`],
  ['ACT003', 'an undeclared input of a requirement', UPLOADS, 'input: name', `input: ${MARK}nme`, '"name"?'],
  ['ACT003', 'an undeclared input in a requirement', UPLOADS, '$exists(inputs.owner)', `$exists(${MARK}inputs.ownr)`],
  [
    'ACT004',
    'inputs in a check',
    MAIN,
    'path: "/things/{thing_id}"}',
    `path: "/things/{thing_id}", query: {a: "\${${MARK}inputs.a}"}}`,
    'there are: account',
  ],
  ['ACT004', 'an undeclared setting in the path of a check', MAIN, '{thing_id}"', `${MARK}{thng_id}"`, '"thing_id"?'],
  ['ACT004', 'what a file does not tell', UPLOADS, '"name": file.name', `"name": ${MARK}file.size`],
  ['ACT004', 'what an upload does not give', UPLOADS, 'steps.upload.etags', `${MARK}steps.upload.etag`, '"etags"?'],
  ['ACT004', 'what was found where nothing is sought', UPLOADS, 'steps.upload.size,', `${MARK}steps.label.found,`],
  [
    'ACT004',
    'inputs where only an answer is looked at',
    UPLOADS,
    'expired_when: status = 403',
    `expired_when: status = 403 and ${MARK}inputs.owner`,
  ],
  [
    'ACT004',
    'one answer of a step that has several',
    UPLOADS,
    'steps.label.answers.body.id',
    `${MARK}steps.label.body.id`,
    '(it has: answers)',
  ],
  ['ACT004', 'an item outside of for_each', UPLOADS, '${inputs.owner}', `\${${MARK}item.owner}`],
  ['ACT004', 'parts outside of the request for URLs', UPLOADS, 'body.urls', `${MARK}parts.count`],
  [
    'ACT004',
    'the answer in the condition of a step',
    UPLOADS,
    WHEN,
    `when: $exists(inputs.tags) and ${MARK}status = 1`,
  ],
  [
    'ACT004',
    'a member that a list input does not have',
    UPLOADS,
    'inputs.tags.key',
    `${MARK}inputs.tags.kay`,
    '"key"?',
  ],
  [
    'ACT005',
    'an expression in expired_when',
    UPLOADS,
    'expired_when: status = 403 and',
    `expired_when: ${MARK}$nope() and`,
  ],
  ['ACT006', 'a bad pattern of a member', UPLOADS, '"^[a-z]+$"', `${MARK}"["`],
  ['ACT007', 'slashes allowed in what is not in the path', UPLOADS, 'allow_slashes: [', `allow_slashes: [${MARK}id, `],
  [
    'ACT008',
    'an optional input in two paths',
    UPLOADS,
    'folder: {type: string, required: true}',
    `${MARK}folder: {type: string}`,
  ],
  [
    'ACT009',
    'a member that no caller can send',
    UPLOADS,
    'key: {type',
    `${MARK}prototype: {type: string}\n          key: {type`,
  ],
  ['ACT010', 'a body of a GET in a step', UPLOADS, 'method: GET\n', `method: GET\n        ${MARK}body: {}\n`],
  ['ACT010', 'a check that posts', MAIN, 'method: GET, path', `method: ${MARK}POST, path`],
  ['ACT011', 'a default of a member of another type', UPLOADS, 'default: none', `default: ${MARK}7`],
  [
    'ACT011',
    'a default without what its members need',
    UPLOADS,
    'min_items: 1',
    `default: ${MARK}[{value: a}]\n      min_items: 1`,
  ],
  ['ACT012', 'a header of an API that the server sets', MAIN, 'X-Region: "', `${MARK}Cookie: a, X-Region: "`],
  [
    'ACT012',
    'a header of an upload that the server sets',
    UPLOADS,
    'Content-Type: "',
    `${MARK}Authorization: a, Content-Type: "`,
  ],
  ['ACT014', 'an unknown scope of a check', MAIN, 'scopes: [read]\n    needs', `scopes: [${MARK}raed]\n    needs`],
  [
    'ACT015',
    'a query parameter of the pagination by offset',
    UPLOADS,
    'accept_status',
    `query: {${MARK}from: 1}\n        accept_status`,
  ],
  ['ACT016', 'steps and a request', UPLOADS, '  steps:\n', `  request: {method: POST, path: /x}\n  ${MARK}steps:\n`],
  [
    'ACT016',
    'steps and pagination',
    UPLOADS,
    '  steps:\n',
    `  ${MARK}pagination: {style: cursor, cursor: a, next: body.b}\n  steps:\n`,
  ],
  ['ACT017', 'a later step', UPLOADS, WHEN, `when: $exists(inputs.tags) and ${MARK}steps.finish.body`],
  ['ACT017', 'a misspelt step', UPLOADS, 'steps.upload.size,', `${MARK}steps.uplod.size,`, 'did you mean "upload"?'],
  ['ACT017', 'its own step', UPLOADS, 'body.urls', `${MARK}steps.upload.body`],
  ['ACT018', 'a step that stands twice', UPLOADS, 'id: direct', `id: ${MARK}look`],
  [
    'ACT020',
    'a search without pages',
    UPLOADS,
    'for_each: inputs.tags',
    `for_each: inputs.tags\n      ${MARK}find: body`,
  ],
  ['ACT021', 'an origin that is everybody', UPLOADS, '"https://*.acme-files.test"', `${MARK}"https://*.test"`],
  [
    'ACT021',
    'an origin with a pattern at its end',
    UPLOADS,
    '"https://up.acme-files.test"',
    `${MARK}"https://acme.*.test"`,
  ],
  ['ACT021', 'an origin without a dot', UPLOADS, '"https://up.acme-files.test"', `${MARK}"https://localhost"`],
  [
    'ACT021',
    'an origin with an empty label',
    UPLOADS,
    '"https://up.acme-files.test"',
    `${MARK}"https://up..acme.test"`,
  ],
  [
    'ACT021',
    'an origin with a dot at its end',
    UPLOADS,
    '"https://up.acme-files.test"',
    `${MARK}"https://up.acme.test."`,
  ],
  ['ACT021', 'an address', UPLOADS, '"https://up.acme-files.test"', `${MARK}"https://10.0.0.1"`],
  ['FMT003', 'an origin with a port', UPLOADS, '"https://up.acme-files.test"', `${MARK}"https://up.acme.test:8443"`],
  ['ACT022', 'a default page size that is too large', UPLOADS, 'default_size: 10', `default_size: ${MARK}101`],
  [
    'ACT023',
    'members of a text',
    UPLOADS,
    'name: {type: string}',
    `name: {type: string, ${MARK}properties: {a: {type: string}}}`,
  ],
  [
    'ACT023',
    'a length of a member that is a number',
    UPLOADS,
    'default: none}',
    `default: none}\n          at: {type: integer, ${MARK}max_length: 3}`,
  ],
  [
    'EXA004',
    'a request and exchanges',
    UPLOAD_EXAMPLES,
    '  exchanges:',
    `  request: {method: GET, url: a}\n  response: {status: 200}\n  ${MARK}exchanges:`,
  ],
  [
    'EXA004',
    'one request of a composite action',
    UPLOAD_EXAMPLES,
    'problem: {',
    `${MARK}request: {method: GET, url: a}\n  response: {status: 404}\n  problem: {`,
  ],
  [
    'EXA005',
    'a file for an action that takes none',
    'examples/things.yaml',
    '  request: {',
    `  ${MARK}file: {bytes: 7}\n  request: {`,
  ],
];

/** The same with a further file. */
export const FURTHER_BAD: [rule: Case[0], title: string, file: string, text: string][] = [
  ['ACT016', 'neither steps nor a request', 'actions/more.yaml', actionOf('')],
  [
    'ACT019',
    'an upload of no file',
    'actions/more.yaml',
    actionOf(`  steps:
    - id: a
      ${MARK}upload_file: {url: '"https://a.acme.test"', method: PUT, origins: ["https://a.acme.test"]}
`),
  ],
  [
    'ACT019',
    'a file that nobody uploads',
    'actions/more.yaml',
    actionOf(`  ${MARK}file: {}\n  request: {method: POST, path: /a}\n`),
  ],
  [
    'ACT024',
    'a form that is a list',
    'actions/more.yaml',
    actionOf(
      `  request: {method: POST, path: /a, content_type: application/x-www-form-urlencoded, body: ${MARK}[1]}\n`,
    ),
  ],
  [
    'ACT024',
    'a form that is a text',
    'actions/more.yaml',
    actionOf(
      `  request: {method: POST, path: /a, content_type: "application/x-www-form-urlencoded; charset=utf-8", body: ${MARK}a}\n`,
    ),
  ],
  [
    'ACT025',
    'a content type of no body',
    'actions/more.yaml',
    actionOf(`  request: {method: POST, path: /a, ${MARK}content_type: application/json}\n`),
  ],
  [
    'ACT025',
    'a form with another content type in a header',
    'actions/more.yaml',
    actionOf(`  request:
    method: POST
    path: /a
    content_type: application/x-www-form-urlencoded
    headers: {${MARK}Content-Type: text/plain}
    body: {a: 1}
`),
  ],
  [
    'ACT026',
    'links that are posted to',
    'actions/more.yaml',
    actionOf(`  request: {method: POST, path: /a}\n  pagination: {style: ${MARK}link_header}\n`),
  ],
  [
    'ACT015',
    'the page size of links',
    'actions/more.yaml',
    actionOf(`  steps:
    - id: a
      request: {method: GET, path: /a, query: {${MARK}per_page: 1}}
      pagination: {style: link_header, size: per_page}
`),
  ],
  [
    'EXA004',
    'a request without a response',
    'examples/more.yaml',
    `- ${MARK}name: A\n  action: get_thing\n  source: made up\n  request: {method: GET, url: a}\n  problem: {code: provider_not_found}\n`,
  ],
  [
    'EXA004',
    'an output and nothing sent',
    'examples/more.yaml',
    `- ${MARK}name: A\n  action: get_thing\n  source: made up\n  inputs: {thing_id: a}\n  output: {data: 1}\n`,
  ],
  [
    'EXA004',
    'exchanges of an action that is not composite',
    'examples/more.yaml',
    `- name: A
  action: get_thing
  source: made up
  ${MARK}exchanges: [{request: {method: GET, url: a}, response: {status: 404}}]
  problem: {code: provider_not_found}
`,
  ],
  [
    'EXA005',
    'an output without the file',
    'examples/more.yaml',
    `- ${MARK}name: A
  action: send_file
  source: made up
  inputs: {folder: a}
  exchanges: [{request: {method: POST, url: "https://api.acme.test/bare"}, response: {status: 200}}]
  output: {data: 1}
`,
  ],
];

function actionOf(work: string): string {
  const mark = work === '' ? MARK : '';
  return `- ${mark}id: more
  label: More
  description: More.
  effect: create
  scopes: [write]
  token: app
${work}  output: {object: body}
`;
}
