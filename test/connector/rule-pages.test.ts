import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join, relative } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { ConnectorError, type Diagnostic } from '../../src/connector/diagnostics.ts';
import { loadRegistry } from '../../src/connector/load.ts';
import { type Excerpt, MARK } from '../../src/connector/rule-pages/page.ts';
import { RULE_PAGES } from '../../src/connector/rule-pages/rule-pages.ts';
import { placed, SURROUNDINGS } from '../../src/connector/rule-pages/surroundings.ts';
import { RULES } from '../../src/connector/rules.ts';
import { faultsOf, place, MARK as TEST_MARK, unmarked } from './support/sources.ts';

const PAGES = Object.entries(RULE_PAGES).map(([rule, page]) => ({ rule, ...page }));
const YAML_PAGES = PAGES.filter(({ bad }) => bad.place !== 'listing');
const LISTED_PAGES = PAGES.filter(({ bad }) => bad.place === 'listing');

describe('the page of a rule', () => {
  it('is there for every rule and for no other, in one order', () => {
    expect(Object.keys(RULE_PAGES)).toEqual(Object.keys(RULES));
    expect(MARK).toBe(TEST_MARK);
  });

  it('stands in a connector without a fault', () => {
    expect(faultsOf(SURROUNDINGS).map(place)).toEqual([]);
  });

  it.each(YAML_PAGES)('$rule has a bad example with this fault only, at its mark', ({ rule, bad }) => {
    const { files, places } = unmarked(placed(bad));
    expect(places).toHaveLength(1);
    expect(faultsOf(files).map((fault) => `${place(fault)} ${fault.message}`.split(' ', 2).join(' '))).toEqual(
      places.map((at) => `${at.file}:${at.line}:${at.column} ${rule}`),
    );
  });

  it.each(YAML_PAGES)('$rule has a good example without a fault', ({ good }) => {
    expect(good.text).not.toContain(MARK);
    expect(faultsOf(placed(good)).map(({ rule, message }) => `${rule} ${message}`)).toEqual([]);
  });

  it.each(LISTED_PAGES)('$rule has a bad example of files with this fault only', async ({ rule, bad, good }) => {
    const marked = bad.text.split('\n').find((path) => path.startsWith(MARK)) ?? '';
    const found = await faultsOfListing(bad);
    expect(found.map((fault) => `${fault.file} ${fault.rule}`)).toEqual([
      `${marked.slice(MARK.length).replace(/\/$/, '')} ${rule}`,
    ]);
    expect(await faultsOfListing(good)).toEqual([]);
  });

  it.each(PAGES)('$rule says why and what to do, each in sentences, the remedy in one line', ({ why, remedy }) => {
    expect(why).toMatch(/^[^\n]+[.]$/);
    expect(remedy).toMatch(/^[A-Z][^\n]{10,130}[.`]$/);
  });
});

/** A listing as folders and files, loaded; the faults' files as the listing names them. */
async function faultsOfListing({ text }: Excerpt): Promise<Diagnostic[]> {
  const directory = await mkdtemp(join(tmpdir(), 'corbel-listing-'));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  for (const path of text.replaceAll(MARK, '').split('\n').filter(Boolean)) {
    const full = join(directory, path);
    await mkdir(path.endsWith('/') ? full : dirname(full), { recursive: true });
    const known = Object.entries(SURROUNDINGS).find(([file]) => basename(file) === basename(path));
    if (!path.endsWith('/')) await writeFile(full, known?.[1] ?? '');
  }
  const refusal = await loadRegistry(directory).catch((error: unknown) => error);
  const faults = refusal instanceof ConnectorError ? refusal.diagnostics : [];
  return faults.map((fault) => ({ ...fault, file: relative(directory, fault.file) }));
}
