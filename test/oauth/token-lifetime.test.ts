import { describe, expect, it } from 'vitest';
import {
  DEFAULT_LIFETIME_MS,
  expiryOf,
  MAX_LIFETIME_MS,
  MIN_LIFETIME_MS,
  refreshTimeOf,
} from '../../src/oauth/token-lifetime.ts';

const SENT_AT = 1_700_000_000_000;
const MINUTE_MS = 60_000;

describe('the lifetime of a token', () => {
  it.each([
    [3599, 3599_000 - MINUTE_MS],
    ['3599', 3599_000 - MINUTE_MS],
    [1e12, MAX_LIFETIME_MS - MINUTE_MS],
    [Number.POSITIVE_INFINITY, MAX_LIFETIME_MS - MINUTE_MS],
    [1, MIN_LIFETIME_MS * 0.9],
    [undefined, DEFAULT_LIFETIME_MS * 0.9],
    [null, DEFAULT_LIFETIME_MS * 0.9],
    [0, DEFAULT_LIFETIME_MS * 0.9],
    [-3600, DEFAULT_LIFETIME_MS * 0.9],
    ['soon', DEFAULT_LIFETIME_MS * 0.9],
    [{}, DEFAULT_LIFETIME_MS * 0.9],
  ])('said to be %j seconds is counted from the sending and has a margin', (expiresIn, expectedMs) => {
    expect(expiryOf(expiresIn, SENT_AT) - SENT_AT).toBe(expectedMs);
  });

  it('ends in a renewal 15 minutes earlier, or at half of a short life, spread over a fifth of that', () => {
    const obtainedAt = SENT_AT;
    const long = { obtainedAt, expiresAt: SENT_AT + 60 * MINUTE_MS };
    expect(refreshTimeOf(long, 0) - SENT_AT).toBe(45 * MINUTE_MS);
    expect(refreshTimeOf(long, 0.999) - SENT_AT).toBeLessThan(48 * MINUTE_MS);
    const short = { obtainedAt, expiresAt: SENT_AT + 4 * MINUTE_MS };
    expect(refreshTimeOf(short, 0) - SENT_AT).toBe(2 * MINUTE_MS);
    expect(refreshTimeOf(short, 0.999)).toBeLessThan(short.expiresAt);
  });
});
