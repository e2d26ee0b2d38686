import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { changed, directoryOf, type Files } from '../../connector/support/sources.ts';
import { SHOP } from '../../local/support/shop.ts';
import { startNode } from '../../support/node-process.ts';
import { corbel, corbelHere } from '../support/corbel.ts';

const EXAMPLES = 'examples/orders.yaml';
const BROKEN = changed(
  changed(SHOP, EXAMPLES, 'total: 5}], more', 'total: 6}], more'),
  EXAMPLES,
  'body: {text: quickly}',
  'body: {text: slowly}',
);

async function run(files: Files, ...args: string[]) {
  const directory = await directoryOf({ acme: files });
  const ran = await corbelHere(['test', '--connectors', directory, ...args]);
  return { ...ran, directory, text: () => readFile(join(directory, 'acme', EXAMPLES), 'utf8') };
}

describe('corbel test', () => {
  it('shows what the examples do not, and fails where more is wanted of them', async () => {
    const { code, stdout } = await run(SHOP, '--min-coverage', '100');
    expect(stdout).toContain('6 passed of 6 examples');
    expect(stdout).toContain('acme_list_orders: no example of a refusal');
    expect(stdout).toContain('The examples of acme show less than 100% of it.');
    expect(code).toBe(1);
  });

  it('shows differences with their place, in words and as a document', async () => {
    const told = await run(BROKEN);
    expect(told.code).toBe(1);
    expect(told.stdout).toMatch(/✗ acme\.list_orders A page of orders\.\n {2}\S*orders\.yaml:2\n/);
    expect(told.stdout).toContain('-     "total": 6\n');
    expect(told.stdout).toContain('+     "total": 5\n');
    expect(told.stdout).not.toMatch(/\n\s+at /);
    const { code, stdout } = await run(BROKEN, '--json');
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({
      examples: { total: 6, passed: 4, failed: 2 },
      failures: [
        { action: 'acme_list_orders', example: 'A page of orders.', line: 2, differences: [{ part: 'output' }] },
        { action: 'acme_create_order', differences: [{ part: 'request', expected: { text: 'slowly' } }] },
      ],
      coverage: [{ connector: 'acme', parts: { refusals: { total: 3, covered: 1 } } }],
      updated: [],
    });
  });

  it('writes what happened into the examples, and touches nothing else', async () => {
    const { code, stdout, text, directory } = await run(BROKEN, '--update');
    expect(stdout).toContain('6 passed of 6');
    expect(code).toBe(0);
    expect(await text()).toBe(SHOP[EXAMPLES]);
    expect(await readdir(join(directory, 'acme', 'examples'))).toEqual(['orders.yaml']);
  });

  it('follows an action whose path changed, which no other command takes', async () => {
    const moved = changed(SHOP, 'actions/orders.yaml', 'path: /orders', 'path: /v2/orders');
    const refused = await run(moved);
    expect(refused.code).toBe(1);
    expect(refused.stderr + refused.stdout).toContain('EXA006');
    const { code, stdout, text } = await run(moved, '--update');
    expect(stdout).toContain('6 passed of 6');
    expect(code).toBe(0);
    expect(await text()).toContain('/v2/orders?');
    const twice = changed(moved, EXAMPLES, 'inputs: {item: tea', 'inputs: {tea: tea');
    const other = await run(twice, '--update');
    expect(other.code).toBe(1);
    expect(await other.text()).toBe(twice[EXAMPLES]);
  });

  it('never writes in CI unless it is told to', async () => {
    const directory = await directoryOf({ acme: BROKEN });
    const args = ['test', 'acme.list_orders', '--update', '--connectors', directory];
    expect(await corbel(args, { CI: 'true' })).toMatchObject({ code: 2, stdout: '' });
    expect(await readFile(join(directory, 'acme', EXAMPLES), 'utf8')).toBe(BROKEN[EXAMPLES]);
    expect((await corbelHere([...args, '--force'], { CI: 'true' })).code).toBe(0);
  });

  it('runs only what is asked for, whatever is wrong elsewhere', async () => {
    const directory = await directoryOf({ acme: SHOP, other: { 'connector.yaml': 'id: [' } });
    const run = (...args: string[]) => corbelHere(['test', ...args, '--connectors', directory, '--json']);
    const some = await run('acme.get_order', '--only', 'no such');
    expect(JSON.parse(some.stdout)).toMatchObject({ examples: { total: 1 }, coverage: null });
    expect(JSON.parse((await run()).stdout)).toMatchObject({ error: { faults: [{ rule: 'YML001' }] } });
    const unknown = await run('acme.get_ordr');
    expect(unknown.code).toBe(2);
    expect(unknown.stdout).toContain('acme_get_order');
  });

  it('runs again when a file is saved, and tells what is broken', async () => {
    const directory = await directoryOf({ acme: SHOP });
    const file = join(directory, 'acme', EXAMPLES);
    const child = startNode('src/cli/corbel.ts', ['test', '--watch', '--connectors', directory]);
    const says = (text: string) =>
      expect.poll(() => child.stdout() + child.stderr(), { timeout: 10_000 }).toContain(text);
    await says('6 passed of 6');
    await writeFile(file, BROKEN[EXAMPLES] ?? '');
    await says('2 failed');
    await writeFile(file, '- name: [');
    await says('YML001');
    // What the last run gave: the connectors cannot be read.
    expect(await child.stop('SIGINT')).toEqual({ code: 1, signal: null });
  });
});
