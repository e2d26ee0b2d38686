import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { addScopes } from '../../../src/cli/new/add-scopes.ts';
import { appendItem } from '../../../src/cli/new/append-item.ts';
import { BrokenOff, createAsk } from '../../../src/cli/new/ask.ts';
import { resourceFile } from '../../../src/cli/new/resource-file.ts';
import { writeFiles, writeFolder } from '../../../src/cli/new/write-files.ts';
import { listItemText } from '../../../src/cli/new/yaml-text.ts';

const ITEM = { id: 'b', scopes: ['x'] };

describe('an item that is added to a list', () => {
  it.each([
    ['plain', '# yaml\n- id: a # why\n  x: "1"\n'],
    ['without a line break at its end', '- id: a'],
    ['with Windows line breaks', '- id: a\r\n  x: 1\r\n'],
    ['indented', '# c\n  - id: a\n  # end\n'],
    ['ending in comments', '- id: a\n\n# more to come\n'],
    ['ending in a block that keeps its line breaks', '- id: a\n  text: |+\n    one\n\n'],
    ['with anchors', '- id: &a a\n- id: *a\n'],
  ])('leaves what stands there as it is: %s', (_what, text) => {
    const edited = appendItem(text, ITEM) ?? '';
    expect(edited.startsWith(text)).toBe(true);
    expect(parse(edited)).toEqual([...parse(text), ITEM]);
  });

  it.each([
    ['a list in brackets', '[{ id: a }]\n'],
    ['no list', 'id: a\n'],
    ['empty', ''],
    ['broken', '- [\n'],
    ['followed by an end mark', '- id: a\n...\n'],
  ])('is refused where that cannot be: %s', (_what, text) => {
    expect(appendItem(text, ITEM)).toBeUndefined();
  });
});

describe('scopes that are added to a catalogue', () => {
  const scopes = new Map([['b:write', 'Write, all']]);
  it.each([
    ['in lines', 'id: x\nscopes:\n  a: { description: "A" } # why\n\n# hosts\nhosts: {}\n'],
    ['empty', 'scopes: {} # none\nid: x\n'],
    ['in brackets', 'scopes: { a: { description: A } }\nid: x\n'],
    ['at the end', 'id: x\nscopes:\n    a:\n        description: A'],
  ])('leave the rest as it is: %s', (_what, text) => {
    const edited = addScopes(text, scopes) ?? '';
    const before = parse(text);
    expect(parse(edited)).toEqual({
      ...before,
      scopes: { ...before.scopes, 'b:write': { description: 'Write, all' } },
    });
    for (const comment of text.match(/#.*/g) ?? []) expect(edited).toContain(comment);
  });
});

describe('YAML', () => {
  it('is written as people write it', () => {
    const text = listItemText({
      id: 'list_things',
      description: `${'A long sentence about things. '.repeat(6)}End.`,
      scopes: ['a', 'b:c'],
      inputs: {
        short: { type: 'string', description: 'It, as it is' },
        kind: { type: 'string', enum: Array.from({ length: 20 }, (_one, index) => `value_${index}`) },
      },
      request: { method: 'GET', query: { 'a[b]': '$' + '{inputs.short}' } },
      output: { object: 'body.{\n  "id": id\n}' },
    });
    expect(text).toMatchInlineSnapshot(`
      "- id: list_things
        description: >-
          A long sentence about things. A long sentence about things. A long sentence about things. A long sentence about
          things. A long sentence about things. A long sentence about things. End.
        scopes: [a, b:c]
        inputs:
          short: { type: string, description: "It, as it is" }
          kind:
            type: string
            enum:
              [value_0, value_1, value_2, value_3, value_4, value_5, value_6, value_7, value_8, value_9, value_10, value_11,
               value_12, value_13, value_14, value_15, value_16, value_17, value_18, value_19]
        request:
          method: GET
          query:
            a[b]: \${inputs.short}
        output:
          object: |-
            body.{
              "id": id
            }
      "
    `);
  });

  it.each([
    '',
    ' a',
    'a ',
    'yes',
    '1',
    '- a',
    'a: b',
    '# a',
    '\u0007',
    'a\n',
    '\n',
    '\t',
    'a\n\n b ',
    '"',
    "'",
    '*a',
    '\u2028',
    'a  b',
  ])('reads back as the text that it was: %j', (text) => {
    const long = `${text} ${'word '.repeat(40)}${text}`;
    for (const value of [text, long, [text], { [`k${text}`]: text }, { description: text }])
      expect(parse(listItemText({ a: value, b: { c: [{ d: value }] } }))).toEqual([
        { a: value, b: { c: [{ d: value }] } },
      ]);
  });
});

describe('the file of an action', () => {
  it.each([
    ['list_account_users', ['account-users', 'accounts'], 'account-users'],
    ['get_bucket_details', ['buckets'], 'buckets'],
    ['create_company', [], 'companies'],
    ['ping', [], 'pings'],
  ])('%s belongs into that of its resource', (id, present, file) => {
    expect(resourceFile(id, present)).toBe(file);
  });
});

describe('files', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'corbel-new-'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it('are written all or none: one that was changed meanwhile stops the others', async () => {
    await writeFile(join(folder, 'a.yaml'), 'a');
    await writeFile(join(folder, 'b.yaml'), 'changed');
    const changes = [
      { path: 'a.yaml', before: 'a', after: 'a2' },
      { path: 'new/c.yaml', before: undefined, after: 'c' },
      { path: 'b.yaml', before: 'b', after: 'b2' },
    ];
    await expect(writeFiles(folder, changes)).rejects.toMatchObject({ exitCode: 3 });
    expect(await readFile(join(folder, 'a.yaml'), 'utf8')).toBe('a');
    expect(await readdir(join(folder, 'new'))).toEqual([]);
    await writeFiles(folder, changes.slice(0, 2));
    expect(await readFile(join(folder, 'a.yaml'), 'utf8')).toBe('a2');
    expect((await readdir(folder)).filter((name) => name.startsWith('.'))).toEqual([]);
  });

  it('that were moved are put back when a later one cannot be', async () => {
    await mkdir(join(folder, 'is-a-folder', 'x'), { recursive: true });
    await writeFile(join(folder, 'd.yaml'), 'd');
    const changes = [
      { path: 'd.yaml', before: 'd', after: 'd2' },
      { path: 'is-a-folder', before: undefined, after: 'x' },
    ];
    await expect(writeFiles(folder, changes)).rejects.toMatchObject({ exitCode: 3 });
    expect(await readFile(join(folder, 'd.yaml'), 'utf8')).toBe('d');
  });

  it('of a new folder come at once, and not into one that is there', async () => {
    await expect(writeFolder(join(folder, 'is-a-folder'), [{ path: 'a/b', after: '' }])).rejects.toMatchObject({
      exitCode: 3,
    });
    await writeFolder(join(folder, 'fresh'), [{ path: 'a/b', after: 'b' }]);
    expect(await readFile(join(folder, 'fresh/a/b'), 'utf8')).toBe('b');
  });
});

describe('a question', () => {
  const streams = () => ({ input: new PassThrough(), output: new PassThrough() });

  it('is asked again until the answer will do', async () => {
    const { input, output } = streams();
    const asked = createAsk({ input, output }).text({
      message: 'Path',
      check: (text) => (text.startsWith('/') ? undefined : 'no'),
    });
    await new Promise((resolve) => output.once('data', resolve));
    input.write('v1\r');
    await new Promise((resolve) => setTimeout(resolve, 50));
    input.write('\u0015/v1\r');
    expect(await asked).toBe('/v1');
  });

  it('that is broken off says so', async () => {
    const { input, output } = streams();
    const asked = createAsk({ input, output }).choose('Which?', [{ value: 'a', name: 'A' }]);
    await new Promise((resolve) => output.once('data', resolve));
    input.write('\u0003');
    await expect(asked).rejects.toBeInstanceOf(BrokenOff);
  });
});
