/** Which lists and objects of an answer are open. */
export interface Unfolded {
  has(branch: object): boolean;
  /** Opens what stands in the values, down to a depth, as long as there is room. False: not all of it. */
  unfold(values: readonly unknown[], depth: number, lines: number): boolean;
}

// Of a list or an object; more are asked for.
export const MEMBERS_AT_ONCE = 100;

/**
 * Opens level by level, so that of what is too large the beginning of each part is seen before the whole of the first: answers
 * may have a million members, of which a page with all would never come.
 */
export function createUnfolded(): Unfolded {
  const open = new Set<object>();
  return {
    has: (branch) => open.has(branch),
    unfold(values, depth, lines) {
      let left = lines;
      let level = values.filter(isBranch);
      for (let below = 0; below < depth && level.length > 0; below += 1) {
        const next: object[] = [];
        for (const branch of level) {
          const members = Object.values(branch);
          left -= Math.min(members.length, MEMBERS_AT_ONCE);
          if (left < 0) return false;
          open.add(branch);
          next.push(...members.slice(0, MEMBERS_AT_ONCE).filter(isBranch));
        }
        level = next;
      }
      return true;
    },
  };
}

function isBranch(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
