import { expect, it } from 'vitest';
import { ACTIONS, MAIN } from './support/cases.ts';
import { changed, type Files, faultsOf, GOOD, MARK, place, unmarked } from './support/sources.ts';

const REQUEST = '  request:\n    method: GET\n    path: /things/{thing_id}\n';
const FIRST = '{id: a, request: {method: GET, path: "/things/{thing_id}"}}';
const step = (text: string) => changed(GOOD, ACTIONS, REQUEST, `  steps:\n    - ${FIRST}\n    - ${text}\n`);
const paged = (text: string) => step(`{id: b, request: {method: GET, path: /x}, pagination: ${text}}`);
const check = (text: string) =>
  changed(GOOD, MAIN, 'errors:', `diagnosis:\n  - ${text.replace('{', '{id: a, label: A, remedy: B, ')}\nerrors:`);

// What a contributor gets wrong, and the one thing to be told; « where it is.
const CASES: [title: string, files: Files, ...messages: string[]][] = [
  ['a verb in a step', step(`{id: b, ${MARK}reqest: {method: GET, path: /x}}`), 'did you mean "request"?'],
  ['another verb', step(`{id: b, ${MARK}upload_fil: {}}`), 'did you mean "upload_file"?'],
  ['a value deep in a step', step(`{id: b, request: {method: ${MARK}Get, path: /x}}`), 'did you mean "GET"?'],
  ['a key deep in a step', step(`{id: b, request: {method: GET, path: /x, ${MARK}bdy: {}}}`), 'did you mean "body"?'],
  [
    'several values of an upload',
    step(`{id: b, upload_file: {url: ${MARK}7, method: ${MARK}GET, origins: [${MARK}"http://a.b"]}}`),
    'must be a string',
    'PUT, POST',
    'https://',
  ],
  [
    'two verbs',
    step(
      `{id: b, request: {method: GET, path: /x}, ${MARK}upload_file: {url: x, method: PUT, origins: ["https://a.b"]}}`,
    ),
    'key "upload_file" does not go with "request"',
  ],
  ['no verb', step(`${MARK}{id: b}`), '"request" or "upload_parts" or "upload_file" is missing'],
  ['a text for a step', step(`${MARK}hello`), 'must be a mapping'],
  ['a style of pages', paged(`{style: ${MARK}pages, number: a}`), 'offset, page_number, cursor'],
  ['no style of pages', paged(`${MARK}{cursor: a, next: b}`), '"style" is missing'],
  ['a value of a style', paged(`{style: page_number, number: p, first: ${MARK}-1, more: a}`), '>= 0'],
  [
    'a key of another style',
    paged(`{style: cursor, cursor: a, next: b, ${MARK}first: 0}`),
    'key "first" does not go with "cursor"',
  ],
  [
    'a list in a query',
    step(`{id: b, request: {method: GET, path: /x, query: {a: ${MARK}[1]}}}`),
    'a string or a number or a boolean',
  ],
  ['a kind of token in a check', check(`{token: ${MARK}any}`), 'app, user'],
  ['a request of a check', check(`${MARK}{request: ${MARK}{method: GET}}`), '"scopes" is missing', '"path" is missing'],
  ['a reason of a check', check(`{${MARK}not_check: why}`), '"not_checked"?'],
];

it.each(CASES)(
  'of all that could stand in one place, a fault speaks of what was meant: %s',
  (_title, marked, ...messages) => {
    const { files, places } = unmarked(marked);
    const faults = faultsOf(files).filter(({ rule }) => rule.startsWith('FMT'));
    expect(faults.map((fault) => place(fault).replace(/ .*/, '')).sort()).toEqual(
      places.map((at) => `${at.file}:${at.line}:${at.column}`).sort(),
    );
    for (const message of messages) expect(faults.map((fault) => fault.message).join('\n')).toContain(message);
  },
);

it('a fault in the eleventh of many steps is not taken for one in the first', () => {
  const steps = Array.from(
    { length: 11 },
    (_none, index) =>
      `    - {id: s${index}, request: {method: ${index === 10 ? MARK : ''}${index % 10 ? 'GET' : 'get'}, path: /x}}\n`,
  );
  const { files } = unmarked(changed(GOOD, ACTIONS, REQUEST, `  steps:\n${steps.join('')}`));
  const faults = faultsOf(files).filter(({ rule }) => rule.startsWith('FMT'));
  expect(faults.map(({ line, rule }) => `${line} ${rule}`)).toEqual(['34 FMT003', '44 FMT003']);
});
