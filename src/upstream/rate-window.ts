// A limit holds for every window of its length, wherever it begins. Counting by slots errs by one slot on the safe side:
// more of them waste less of the limit and ask the shared counter more often. With ten, 91 % of a limit can be used steadily.
export const SLOTS_PER_WINDOW = 10;

/** What was sent, by slot: the slot at hand first, then the ten before it. Together they span any window that ends now. */
export type SlotCounts = readonly number[];

export const NOTHING_SENT: SlotCounts = Array.from({ length: SLOTS_PER_WINDOW + 1 }, () => 0);

/** The same counts some slots later, if nothing is sent meanwhile. */
export function slotsLater(counts: SlotCounts, slots: number): SlotCounts {
  if (slots <= 0) return counts;
  return [...NOTHING_SENT.slice(0, slots), ...counts].slice(0, NOTHING_SENT.length);
}

/** How many more requests fit under a ceiling (may be negative). */
export function room(ceiling: number, counts: SlotCounts): number {
  return ceiling - counts.reduce((sum, count) => sum + count, 0);
}

/** In how many slots from now a request fits, if nobody sends meanwhile; 0 when one fits now. */
export function slotsUntilRoom(ceiling: number, counts: SlotCounts): number {
  let slots = 0;
  while (slots < counts.length && room(ceiling, slotsLater(counts, slots)) < 1) slots += 1;
  return slots;
}
