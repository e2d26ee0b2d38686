import { describe, expect, it } from 'vitest';
import { ConnectorError } from '../../src/connector/diagnostics.ts';
import { loadRegistry } from '../../src/connector/load.ts';
import { ACTIONS, BAD, EXAMPLES, MAIN } from './support/cases.ts';
import { COMPOSITE } from './support/composite.ts';
import { COMPOSITE_BAD, FURTHER_BAD } from './support/composite-cases.ts';
import { FINE, prepared } from './support/fine-cases.ts';
import { changed, compileFiles, directoryOf, faultsOf, GOOD, MARK, place, unmarked } from './support/sources.ts';

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

  it('has nothing against a good composite connector', () => {
    expect(faultsOf(COMPOSITE).map(place)).toEqual([]);
  });

  it.each(COMPOSITE_BAD)('refuses with %s, at its place, %s', (rule, _title, file, from, to, says = '') => {
    const { files, places } = unmarked(changed(COMPOSITE, file, from, to));
    const faults = faultsOf(files);
    expect(faults.map(place)).toEqual(places.map((at) => place({ ...at, rule })));
    expect(faults[0]?.message).toContain(says);
  });

  it.each(FURTHER_BAD)('refuses with %s, at its place, %s', (rule, _title, file, text) => {
    const { files, places } = unmarked({ ...COMPOSITE, [file]: text });
    expect(faultsOf(files).map(place)).toEqual(places.map((at) => place({ ...at, rule })));
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
});

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
    // The example shows the action as it was.
    const faults = Array.isArray(compiled) ? compiled.filter((fault) => fault.rule !== 'EXA006') : [];
    expect(faults.map(place)).toEqual([]);
  });
});
