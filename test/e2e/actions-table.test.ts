import { describe, expect, it } from 'vitest';
import guide from '../fixtures/aps/actions.json' with { type: 'json' };
import { COVERED_ACTIONS } from '../support/covered-actions.ts';

describe('the end-to-end tests of the actions', () => {
  it('call every action of the guide, each in one file, and the one besides', () => {
    const covered = Object.values(COVERED_ACTIONS)
      .flat()
      .map((action) => `autodesk_${action}`);
    expect(covered.toSorted()).toEqual([...guide.map(({ id }) => id), 'autodesk_get_current_user'].toSorted());
    expect(new Set(covered).size).toBe(52);
  });
});
