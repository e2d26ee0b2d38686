import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it, onTestFinished } from 'vitest';
import { ConnectorError, type Diagnostic, diagnosticAt } from '../../src/connector/diagnostics.ts';
import { loadRegistry } from '../../src/connector/load.ts';
import { SURROUNDINGS } from '../../src/connector/rule-pages/surroundings.ts';
import { changed, type Files, faultsOf, MARK, place, unmarked } from './support/sources.ts';

const ACTIONS = 'actions/things.yaml';
const OUTPUT = '  output: {object: body}\n';
const REQUEST = 'request: {method: GET, path: "/things/{thing_id}"}';
const GOOD = { 'connector.yaml': SURROUNDINGS['connector.yaml'], [ACTIONS]: SURROUNDINGS[ACTIONS] };
const output = (text: string) => changed(GOOD, ACTIONS, OUTPUT, text);

/** What a contributor gets wrong, where it is told («), and what about it. */
const CASES: readonly [title: string, files: Files, ...said: string[]][] = [
  ['a bracket that is not closed', output(`  output: {object: body\n${MARK}`), 'YML001 a bracket is not closed'],
  ['a tab', output(`${MARK}\toutput: {object: body}\n`), 'YML001 a tab cannot indent; use spaces'],
  [
    'a path without quotes in braces',
    changed(GOOD, ACTIONS, '"/things/{thing_id}"', `/things/${MARK}{thing_id}`),
    'YML001 a bracket within a value; put quotes around the value',
  ],
  [
    'an expression without quotes in braces',
    changed(GOOD, ACTIONS, REQUEST, `request: {method: GET, path: /a, query: {a: $${MARK}{inputs.thing_id}}}`),
    'put quotes around the value',
  ],
  [
    'a colon in a text',
    changed(GOOD, ACTIONS, 'One thing.', `${MARK}One: thing`),
    'YML001 a second ": " in a value; put quotes',
  ],
  [
    'an @ before a text',
    changed(GOOD, ACTIONS, 'One thing.', `${MARK}@thing`),
    'a value cannot begin with @; put quotes',
  ],
  ['text behind quotes', changed(GOOD, ACTIONS, 'One thing.', `"One" ${MARK}thing`), 'text after the end of a value'],
  ['a quote that is not closed', changed(GOOD, ACTIONS, 'One thing.', `"One thing.${MARK}`), 'a quote is not closed'],
  [
    'a key in the wrong case',
    changed(GOOD, ACTIONS, 'path:', `${MARK}Path:`),
    'FMT001 unknown key "Path" — did you mean "path"?',
  ],
  [
    'a key of another tool',
    changed(GOOD, ACTIONS, REQUEST, REQUEST.replace('}"}', `}", ${MARK}queryParams: {a: b}}`)),
    'did you mean "query"?',
  ],
  ['a word of another tool', changed(GOOD, ACTIONS, 'path:', `${MARK}url:`), 'did you mean "path"?'],
  ['a short word', changed(GOOD, ACTIONS, 'type: string', `type: ${MARK}str`), 'did you mean "string"?'],
  ['two forms in one', output(`  output: {object: body, ${MARK}list: body}\n`), 'key "list" does not go with "object"'],
  ['a file without anything', { ...GOOD, [ACTIONS]: MARK }, 'FMT003 must be a list, is empty'],
  ['a file of comments', { ...GOOD, [ACTIONS]: `${MARK}# soon\n` }, 'FMT003 must be a list, is empty'],
  ['one action that is no list', { ...GOOD, [ACTIONS]: `${MARK}id: a\n` }, 'FMT003 must be a list, is a mapping'],
  [
    'a comma that is missing in an expression',
    output(`  output:\n    object: |-\n      {\n        "id": body.id\n        "${MARK}name": body.name\n      }\n`),
    'ACT005 Expected "}", got "name" (is a comma or an operator missing before it?)',
  ],
  [
    'a step that reads itself',
    changed(GOOD, ACTIONS, REQUEST, `steps: [{id: a, when: ${MARK}steps.a.body, ${REQUEST}}]`),
    'ACT017 step "a" reads itself',
  ],
  [
    'steps that read each other',
    changed(
      GOOD,
      ACTIONS,
      REQUEST,
      `steps: [{id: a, when: ${MARK}steps.b.body, ${REQUEST}}, {id: b, when: steps.a.body, request: {method: GET, path: /b}}]`,
    ),
    'ACT017 step "b" comes after this place',
  ],
  ['a NUL', changed(GOOD, ACTIONS, 'One thing', `One${MARK}\0thing`), 'YML004 has the character U+0000'],
  [
    'a control character',
    changed(GOOD, ACTIONS, 'One thing', `One${MARK}\u001bthing`),
    'YML004 has the character U+001B',
  ],
  [
    'a fault behind a byte order mark',
    { ...GOOD, [ACTIONS]: `\uFEFF${SURROUNDINGS[ACTIONS].replace('id:', `${MARK}ID:`)}` },
    'did you mean "id"?',
  ],
];

describe('bad input is told once, at its place, with what was meant:', () => {
  it.each(CASES)('%s', (_title, marked, said) => {
    const { files, places } = unmarked(marked);
    const [at] = places;
    // An editor shows no byte order mark, and counts no column for it.
    const shift = files[ACTIONS]?.startsWith('\uFEFF') ? 1 : 0;
    expect(faultsOf(files).map((fault) => `${place(fault)} ${fault.message}`)).toEqual([
      expect.stringContaining(`${at?.file}:${at?.line}:${(at?.column ?? 0) - shift} `),
    ]);
    expect(faultsOf(files).map(({ rule, message }) => `${rule} ${message}`)[0]).toContain(said);
  });
});

describe('the caret', () => {
  const frameOf = (line: string, column: number) => {
    const fault = { file: 'a', line: 1, column, rule: 'ACT005', message: 'm' } as const;
    return diagnosticAt(fault, [line]).frame.split('\n');
  };

  it.each([
    ['plain text', 'ab', 2, '    |  ^'],
    ['characters of two columns', '名前x', 3, '    |     ^'],
    ['characters of two code units', '😀x', 3, '    |   ^'],
    ['an accent of its own', 'e\u0301x', 3, '    |  ^'],
    ['a tab', '\tx', 2, '    |  ^'],
    ['a character that no terminal should get', '\u202ex', 2, '    |  ^'],
  ])('stands under the place after %s', (_title, line, column, caret) => {
    expect(frameOf(line, column)[1]?.slice(1)).toBe(caret.slice(1));
  });

  it('is shown in the middle of a line that is too long, with what is around it', () => {
    const [source = '', caret = ''] = frameOf(`${'a'.repeat(400)}HERE${'b'.repeat(400)}`, 401);
    expect(source.length).toBeLessThan(200);
    expect(source.slice(caret.indexOf('^'), caret.indexOf('^') + 4)).toBe('HERE');
  });
});

/** Loads a folder with the connector acme, to which something was done. */
async function loadedFaults(spoil: (folder: string, directory: string) => Promise<unknown>): Promise<string[]> {
  const directory = await mkdtemp(join(tmpdir(), 'corbel-bad-'));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  for (const [file, text] of Object.entries(SURROUNDINGS)) {
    await mkdir(dirname(join(directory, 'acme', file)), { recursive: true });
    await writeFile(join(directory, 'acme', file), text);
  }
  await spoil(join(directory, 'acme'), directory);
  const refusal = await loadRegistry(directory).catch((error: unknown) => error);
  const faults: readonly Diagnostic[] = refusal instanceof ConnectorError ? refusal.diagnostics : [];
  return faults.map(({ file, line, column, rule, message }) => {
    return `${relative(directory, file)}:${line}:${column} ${rule} ${message}`;
  });
}

describe('what is no text file', () => {
  const written = (bytes: Buffer) => loadedFaults((folder) => writeFile(join(folder, ACTIONS), bytes));

  it('is told, at the first byte that is not UTF-8', async () => {
    const png = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0]);
    expect(await written(png)).toEqual([expect.stringContaining('acme/actions/things.yaml:1:1 YML004 is not UTF-8')]);
    const latin = Buffer.from(SURROUNDINGS[ACTIONS].replace('One thing.', 'Größe'), 'latin1');
    expect(await written(latin)).toEqual([
      expect.stringContaining('acme/actions/things.yaml:3:18 YML004 is not UTF-8'),
    ]);
    const replacement = Buffer.concat([Buffer.from('# \uFFFD\n# '), Buffer.from([0xff])]);
    expect(await written(replacement)).toEqual([expect.stringContaining('things.yaml:2:3 YML004 is not UTF-8')]);
    const wide = Buffer.from(`\uFEFF${SURROUNDINGS[ACTIONS]}`, 'utf16le');
    expect(await written(wide)).toEqual([expect.stringContaining('things.yaml:1:1 YML004 is UTF-16')]);
  });

  it('is told when it is a folder, a link that leads nowhere or to itself, or no file at all', async () => {
    const faults = await loadedFaults(async (folder, directory) => {
      await mkdir(join(folder, 'actions/folder.yaml'));
      await symlink('nowhere.yaml', join(folder, 'actions/dangling.yaml'));
      await symlink('loop.yaml', join(folder, 'actions/loop.yaml'));
      await promisify(execFile)('mkfifo', [join(folder, 'actions/pipe.yaml')]);
      await symlink('/dev/zero', join(folder, 'actions/zero.yaml'));
      await symlink('nowhere', join(directory, 'other'));
    });
    expect(faults).toEqual([
      'acme/actions/dangling.yaml:1:1 YML004 is a link that leads nowhere',
      expect.stringMatching(/^acme\/actions\/folder\.yaml:1:1 YML004 is a folder/),
      expect.stringMatching(/^acme\/actions\/loop\.yaml:1:1 YML004 cannot be read: is a link that leads to itself/),
      expect.stringMatching(/^acme\/actions\/pipe\.yaml:1:1 YML004 is no file/),
      expect.stringMatching(/^acme\/actions\/zero\.yaml:1:1 YML004 is no file/),
      expect.stringMatching(/^other:1:1 YML004 /),
    ]);
  });

  it('is not read, nor shown, where a link leads out of the folder of its connector', async () => {
    const faults = await loadedFaults(async (folder, directory) => {
      const elsewhere = join(directory, '.elsewhere');
      await mkdir(elsewhere);
      await writeFile(join(elsewhere, 'private.yaml'), 'password: hunter2');
      await symlink('/etc/hosts', join(folder, 'actions/hosts.yaml'));
      await symlink(join(elsewhere, 'private.yaml'), join(folder, 'examples/private.yaml'));
      await symlink(elsewhere, join(folder, 'guides'));
    });
    expect(faults).toEqual(
      ['actions/hosts', 'examples/private', 'guides/private'].map(
        (name) => `acme/${name}.yaml:1:1 YML004 is a link that leads out of the folder of the connector`,
      ),
    );
  });

  it('is told when its folder has nearly the right name, rather than be passed over', async () => {
    const faults = await loadedFaults((folder) => rename(join(folder, 'examples'), join(folder, 'example')));
    expect(faults).toEqual(['acme/example:1:1 YML004 is not read: the folder is named "examples"']);
  });

  it('is passed over when an editor keeps it beside a file, and files may be linked', async () => {
    const faults = await loadedFaults(async (folder) => {
      await symlink('me@host.1234', join(folder, 'actions/.#things.yaml'));
      await writeFile(join(folder, 'actions/things.yaml~'), '{');
      await writeFile(join(folder, 'elsewhere.yaml'), SURROUNDINGS[ACTIONS].replace('get_thing', 'get_other'));
      await symlink('../elsewhere.yaml', join(folder, 'actions/linked.yaml'));
    });
    expect(faults).toEqual([]);
  });
});
