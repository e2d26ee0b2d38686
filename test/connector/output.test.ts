import { describe, expect, it } from 'vitest';
import { ACTIONS } from './support/cases.ts';
import { changed, compileFiles, GOOD } from './support/sources.ts';

const LIST_ITEM = `    item: |-
      {
        "id": id,
        "url": $base & id
      }
`;

describe('an output', () => {
  it('of a list and one of an object may share the shape of an item', async () => {
    const anchored = changed(GOOD, ACTIONS, LIST_ITEM, `    item: &thing '{"id": id, "of": $$.account.region}'\n`);
    const files = changed(anchored, ACTIONS, '{object: body}', '{object: body.thing, item: *thing}');
    const compiled = compileFiles(files);
    if (Array.isArray(compiled)) return expect(compiled).toEqual([]);
    const context = { account: { region: 'EU' }, body: { thing: { id: 'a' }, things: [{ id: 'a' }, { id: 'b' }] } };
    const shape = (action: string, given: object) =>
      compiled.actions.get(action)?.output.shape.evaluate({ ...context, ...given });
    expect(await shape('acme_list_things', {})).toEqual([
      { id: 'a', of: 'EU' },
      { id: 'b', of: 'EU' },
    ]);
    expect(await shape('acme_get_thing', {})).toEqual({ id: 'a', of: 'EU' });
    expect(await shape('acme_get_thing', { body: {} })).toBeUndefined();
  });
});
