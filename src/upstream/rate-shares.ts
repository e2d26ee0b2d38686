// As soon as several accounts send, the last part of a window is kept for those that took less than their share of it: an
// account that takes all it can get must not leave the others to wait for the next window.
const RESERVED_SHARE = 0.2;

/** Who sends under one limit, and how much each took in the window at hand. */
export interface RateShares {
  /** An account asks for its turn. */
  arrived(account: string): void;
  /** An account got one. */
  took(account: string): void;
  /** Windows have passed (a negative number of them when a clock was set back); `waiting` go on to wait. */
  turned(windows: number, waiting: Iterable<string>): void;
  /** How many may go out before the reserved part of a window begins, and for which accounts that is. */
  standing(): { ceiling: number; isLight(account: string): boolean };
}

/** `requests`: how many the limit allows in a window. */
export function createRateShares(requests: number): RateShares {
  let taken = new Map<string, number>();
  /** Those that took in this window or the one before it, or wait; some that gave up are among them until it is over. */
  let accounts = new Set<string>();

  return {
    arrived: (account) => void accounts.add(account),
    took(account) {
      accounts.add(account);
      taken.set(account, (taken.get(account) ?? 0) + 1);
    },
    turned(windows, waiting) {
      accounts = new Set([...(windows === 1 ? taken.keys() : []), ...waiting]);
      taken = new Map();
    },
    standing() {
      const several = accounts.size >= 2;
      const share = (requests * (1 - RESERVED_SHARE)) / Math.max(1, accounts.size);
      return {
        ceiling: several ? Math.max(1, Math.floor(requests * (1 - RESERVED_SHARE))) : requests,
        isLight: (account) => several && (taken.get(account) ?? 0) < share,
      };
    },
  };
}
