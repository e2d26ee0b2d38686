import { describe, expect, it } from 'vitest';
import { Problem } from '../../src/problems.ts';
import { type AttemptResult, MAX_RETRIES, type RetryQuestion, retryDelay } from '../../src/upstream/retry.ts';
import { parseRetryAfter } from '../../src/upstream/retry-after.ts';
import { createRetryBudget } from '../../src/upstream/retry-budget.ts';

const NOW = Date.parse('2026-01-01T00:00:00Z');

function ask(result: AttemptResult, more: Partial<RetryQuestion> = {}): number | undefined {
  return retryDelay({ mode: 'safe', retries: 0, result, remainingMs: 600_000, fraction: 0.5, ...more });
}

describe('the delay before a retry', () => {
  const busy = { status: 503, retryAfterMs: undefined };

  it('grows and is spread from zero up', () => {
    expect(ask(busy, { fraction: 0 })).toBe(0);
    expect(ask(busy, { fraction: 0.5 })).toBe(125);
    expect(ask(busy, { fraction: 0.5, retries: 1 })).toBe(250);
  });

  it('is none after the last retry', () => expect(ask(busy, { retries: MAX_RETRIES })).toBeUndefined());

  it('is none when the deadline would leave no time for the attempt', () => {
    expect(ask(busy, { remainingMs: 130 })).toBeUndefined();
    expect(ask(busy, { remainingMs: 0, fraction: 0 })).toBeUndefined();
  });

  it('is none for a refusal of our own or a certificate fault', () => {
    expect(ask({ error: new Problem('host_refused', 'x'), started: false })).toBeUndefined();
    const certificate = Object.assign(new Error('self-signed'), { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' });
    expect(ask({ error: certificate, started: false })).toBeUndefined();
  });

  it('for a write depends on whether the request was handed to a connection, not on the code', () => {
    const reset = Object.assign(new Error('reset'), { code: 'ECONNRESET' });
    expect(ask({ error: reset, started: false }, { mode: 'unsent' })).toBeDefined();
    expect(ask({ error: reset, started: true }, { mode: 'unsent' })).toBeUndefined();
    expect(ask({ error: reset, started: true }, { mode: 'safe' })).toBeDefined();
  });
});

describe('Retry-After', () => {
  it.each([
    ['0', 0],
    ['25', 25_000],
    [' 7 ', 7_000],
    ['Thu, 01 Jan 2026 00:01:00 GMT', 60_000],
    ['Thursday, 01-Jan-26 00:01:00 GMT', 60_000],
    ['Thu Jan  1 00:01:00 2026', 60_000],
    ['Wed, 31 Dec 2025 23:59:00 GMT', 0],
  ])('%j is read', (value, expected) => expect(parseRetryAfter(value, NOW)).toBe(expected));

  it.each([
    undefined,
    '',
    '-5',
    '1.5',
    '1e3',
    '0x10',
    'soon',
    '2026-01-01',
    '10, 20',
    '99999999999',
    'Thu, 99 Jan 2026 00:01:00 GMT',
  ])('%j is ignored', (value) => expect(parseRetryAfter(value, NOW)).toBeUndefined());
});

describe('the retry budget', () => {
  it('allows three isolated retries, and a fifth of the requests of the last ten seconds', () => {
    const budget = createRetryBudget();
    const take = (count: number, at: number) =>
      Array.from({ length: count }, () => budget.takeRetry('o', at)).filter(Boolean).length;
    expect(take(10, NOW)).toBe(3);
    for (let request = 0; request < 100; request += 1) budget.countRequest('o', NOW + 5_000);
    expect(take(100, NOW + 5_000)).toBe(17);
    expect(take(100, NOW + 16_000)).toBe(3);
  });

  it('survives a clock that is set back', () => {
    const budget = createRetryBudget();
    for (let retry = 0; retry < 3; retry += 1) budget.takeRetry('o', NOW);
    expect(budget.takeRetry('o', NOW - 3_600_000)).toBe(true);
  });
});
