import { describe, expect, it } from 'vitest';
import { codeChallengeOf, newCodeVerifier } from '../../src/link/link-state.ts';
import { systemRandom } from '../../src/random.ts';
import { Secret } from '../../src/secret.ts';

describe('proof keys (RFC 7636)', () => {
  it('give the challenge of appendix B', () => {
    expect(codeChallengeOf(new Secret('dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk'))).toBe(
      'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
    );
  });

  it('are long enough, of the allowed characters, and never the same: 10,000 of them', () => {
    const verifiers = Array.from({ length: 10_000 }, () => newCodeVerifier(systemRandom).reveal());
    for (const verifier of verifiers) expect(verifier).toMatch(/^[A-Za-z0-9._~-]{43,128}$/);
    expect(new Set(verifiers).size).toBe(verifiers.length);
  });
});
