/** Retries as a share of requests, so that a failing provider is not buried under them (Envoy's default, 20 %). */
const BUDGET_SHARE = 0.2;

/** Retries that are always allowed in a window, so that a quiet server can retry at all. */
const BUDGET_FLOOR = 3;

const WINDOW_MS = 10_000;
const SLOT_MS = 1_000;

interface Slot {
  startedAt: number;
  requests: number;
  retries: number;
}

/** Limits retries per origin, over a window of ten seconds that moves in steps of one. */
export interface RetryBudget {
  /** Counts a first attempt. */
  countRequest(origin: string, nowMs: number): void;
  /** Takes one retry from the budget; false when it is used up. */
  takeRetry(origin: string, nowMs: number): boolean;
}

export function createRetryBudget(): RetryBudget {
  // Holds one entry per origin that was called, and only declared origins can be: bounded by the connectors.
  const windows = new Map<string, Slot[]>();

  function currentWindow(origin: string, nowMs: number): { slots: Slot[]; current: Slot } {
    // A clock set back leaves slots in the future; they are as useless as old ones.
    const slots = (windows.get(origin) ?? []).filter(
      (slot) => slot.startedAt > nowMs - WINDOW_MS && slot.startedAt <= nowMs,
    );
    let current = slots.at(-1);
    if (!current || current.startedAt <= nowMs - SLOT_MS) {
      current = { startedAt: nowMs, requests: 0, retries: 0 };
      slots.push(current);
    }
    windows.set(origin, slots);
    return { slots, current };
  }

  return {
    countRequest(origin, nowMs) {
      currentWindow(origin, nowMs).current.requests += 1;
    },

    takeRetry(origin, nowMs) {
      const { slots, current } = currentWindow(origin, nowMs);
      const requests = slots.reduce((sum, slot) => sum + slot.requests, 0);
      const retries = slots.reduce((sum, slot) => sum + slot.retries, 0);
      if (retries >= Math.max(BUDGET_FLOOR, Math.floor(requests * BUDGET_SHARE))) return false;
      current.retries += 1;
      return true;
    },
  };
}
