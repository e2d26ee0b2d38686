import { expect, it } from 'vitest';
import { referencePages } from '../../src/reference/pages.ts';
import { changed, compiledOf, type Files, GOOD } from '../connector/support/sources.ts';

const ACTIONS = 'actions/things.yaml';

/** A page of a connector, by the name of its resource. */
async function pageOf(files: Files, name: string): Promise<string> {
  return (await referencePages(compiledOf(files))).get(name) ?? '';
}

it('tells of each action what it needs, takes and gives', async () => {
  const page = await pageOf(GOOD, 'things.md');
  expect(page).toMatch(/^<!-- Made by "corbel docs"/);
  expect(page).toContain('## List Things');
  expect(page).toContain('- Scopes: `read`');
  expect(page).toContain('| `kind` | string |  | (matches `^[a-z]+$`) |');
  expect(page).toContain('| `thing_id` | string | required |  |');
  expect(page).toContain('"$CORBEL/actions/acme_get_thing"');
  expect(page).toContain(`-d '{"thing_id":"t1"}'`);
});

it('has an index that leads to each action', async () => {
  const index = await pageOf(GOOD, 'README.md');
  expect(index).toContain('[`acme_list_things`](things.md#list-things)');
  expect(index).toContain('| `write` | Write | `read` |');
});

it('stays what it is whatever the words of a connector are', async () => {
  const hostile = 'description: "a|b <script>alert(1)</script> `c`\\n# heading"';
  const files = changed(GOOD, ACTIONS, 'description: A thing.', hostile);
  const page = await pageOf(
    changed(files, 'examples/things.yaml', 'name: A thing.', "name: It's a thing."),
    'things.md',
  );
  expect(page).not.toContain('<script>');
  expect(page).not.toMatch(/^# heading/m);
  const index = await pageOf(files, 'README.md');
  expect(index.split('\n').filter((row) => row.includes('acme_get_thing'))).toEqual([
    '| [`acme_get_thing`](things.md#get-thing) | a\\|b &lt;script&gt;alert(1)&lt;/script&gt; `c` # heading | read | `read` |',
  ]);
});

it('shows a shell what it takes literally', async () => {
  const files = changed(GOOD, 'examples/things.yaml', '{thing_id: t1}', '{thing_id: "it\'s"}');
  const page = await pageOf(changed(files, 'examples/things.yaml', 'things/t1', "things/it's"), 'things.md');
  expect(page).toContain(`'{"thing_id":"it'\\''s"}'`);
});
