import { RE2JS } from 're2js';
import { describe, expect, it } from 'vitest';
import { sampleKey } from '../../../src/cli/dev/sample-key.ts';

function patternOf(source: string) {
  const compiled = RE2JS.compile(source);
  return { source, matches: (key: string) => compiled.matcher(key).find() };
}

describe('a key for a provider that is played', () => {
  it.each([
    '^[0-9A-Za-z_.-]{20,255}$',
    '^[rs]k_(live|test)_[0-9A-Za-z]{10,247}$',
    '^(?:a|b)+\\d{3}\\.x?$',
    'key',
    '^\\w+-.*$',
  ])('looks like the real ones: %s', (source) => {
    const sample = sampleKey(patternOf(source));
    expect(sample).toMatch(new RegExp(source));
  });

  it.each(['^[^a]$', '^[[:alpha:]]{3}$', 'a{100000}', '^(?i)x$'])(
    'is not made where that is not simple: %s',
    (source) => {
      const pattern = { source, matches: (key: string) => /^$/.test(key) };
      expect(sampleKey(pattern)).toBeUndefined();
    },
  );
});
