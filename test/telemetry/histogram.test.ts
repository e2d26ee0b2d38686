import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Histogram, QUANTILE_ERROR } from '../../src/telemetry/histogram.ts';

const times = fc.array(fc.double({ min: 0.05, max: 3_600_000, noNaN: true }), { minLength: 1, maxLength: 200 });

describe('a histogram', () => {
  it('tells quantiles within its error, whatever was merged and written down in between', () => {
    fc.assert(
      fc.property(times, times, fc.double({ min: 0, max: 1, noNaN: true }), (one, other, share) => {
        const histograms = [one, other].map((list) => {
          const histogram = new Histogram();
          for (const ms of list) histogram.add(ms);
          return Histogram.from(JSON.parse(JSON.stringify(histogram.encode())));
        });
        const merged = new Histogram();
        for (const histogram of histograms) merged.merge(histogram);
        const sorted = [...one, ...other].sort((a, b) => a - b);
        const exact = sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
        expect(merged.total).toBe(sorted.length);
        // Half a percent more: three digits are told.
        expect(Math.abs((merged.quantile(share) ?? 0) / exact - 1)).toBeLessThanOrEqual(QUANTILE_ERROR + 0.005);
      }),
      { numRuns: 100 },
    );
  });

  it('takes every number for a time, and nothing for a histogram that is none', () => {
    const histogram = new Histogram();
    for (const ms of [0, -1, Number.NaN, 1e12]) histogram.add(ms);
    expect(histogram.total).toBe(4);
    expect(histogram.quantile(0.5)).toBe(0.05);
    for (const bad of [undefined, null, 'x', {}, [1], [-1, 2], [1.5, 2], [1, -2], [1, 'x'], [9_999, 1]])
      expect(Histogram.from(bad).total).toBe(0);
    expect(new Histogram().quantile(0.5)).toBeNull();
  });
});
