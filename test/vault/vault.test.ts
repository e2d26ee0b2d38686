import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Problem } from '../../src/problems.ts';
import { systemRandom } from '../../src/random.ts';
import { parseKeyRing } from '../../src/vault/key-ring.ts';
import { createVault, type SealContext } from '../../src/vault/vault.ts';

const SEED = Number(process.env.TEST_SEED ?? Date.now() % 2 ** 31);
const OPTIONS = { seed: SEED, numRuns: 300 };

const KEY_A = systemRandom.bytes(32).toString('base64');
const KEY_B = systemRandom.bytes(32).toString('base64');
const vault = createVault(parseKeyRing(`a:${KEY_A}`), systemRandom);
const CONTEXT: SealContext = { partition: 'prj_1', kind: 'k', id: 'id1', field: 'secret', generation: 3 };

const contexts = fc.record({
  partition: fc.string(),
  kind: fc.string(),
  id: fc.string(),
  field: fc.string(),
  generation: fc.maxSafeNat(),
});
const texts = fc.string({ unit: 'grapheme', maxLength: 200 });

describe(`a vault (seed ${SEED})`, () => {
  it('gives back whatever text it sealed, in the same context', () => {
    fc.assert(
      fc.property(texts, contexts, (text, context) => {
        expect(vault.open(vault.seal(text, context), context).reveal()).toBe(text);
      }),
      OPTIONS,
    );
  });

  it('opens nothing in another context, however the parts are cut', () => {
    fc.assert(
      fc.property(texts, contexts, contexts, (text, context, other) => {
        fc.pre(JSON.stringify(context) !== JSON.stringify(other));
        expectUnreadable(() => vault.open(vault.seal(text, context), other));
      }),
      OPTIONS,
    );
    // The classic ambiguity: the same characters, divided differently between two parts.
    const sealed = vault.seal('x', { ...CONTEXT, kind: 'ab', id: 'c' });
    expectUnreadable(() => vault.open(sealed, { ...CONTEXT, kind: 'a', id: 'bc' }));
  });

  it.each([
    ['partition', { partition: 'prj_2' }],
    ['kind', { kind: 'l' }],
    ['record', { id: 'id2' }],
    ['field', { field: 'secret2' }],
    ['earlier generation', { generation: 2 }],
    ['later generation', { generation: 4 }],
  ])('does not open a value that was moved to another %s', (_part, change) => {
    const sealed = vault.seal('x', CONTEXT);
    expectUnreadable(() => vault.open(sealed, { ...CONTEXT, ...change }));
  });

  it('opens nothing with any one of 2,000 bits flipped', () => {
    const sealed = vault.seal('some secret of ordinary length, 40 chars', CONTEXT);
    fc.assert(
      fc.property(fc.nat(sealed.length - 1), fc.nat(7), (index, bit) => {
        const bytes = Buffer.from(sealed, 'utf8');
        bytes[index] = (bytes[index] ?? 0) ^ (1 << bit);
        expectUnreadable(() => vault.open(bytes.toString('latin1'), CONTEXT));
      }),
      { seed: SEED, numRuns: 2000 },
    );
  });

  it('opens no shortened, lengthened or arbitrary text', () => {
    const sealed = vault.seal('secret', CONTEXT);
    for (let length = 0; length < sealed.length; length++) {
      expectUnreadable(() => vault.open(sealed.slice(0, length), CONTEXT));
    }
    expectUnreadable(() => vault.open(`${sealed}A`, CONTEXT));
    expectUnreadable(() => vault.open(` ${sealed}`, CONTEXT));
    expectUnreadable(() => vault.open(`${sealed}\n`, CONTEXT));
    fc.assert(
      fc.property(fc.string(), (text) => {
        expectUnreadable(() => vault.open(text, CONTEXT));
      }),
      OPTIONS,
    );
  });

  it('does not put the data key of one value to another', () => {
    const [, , wrapped] = vault.seal('one', CONTEXT).split('.');
    const [version, id, , value] = vault.seal('two', CONTEXT).split('.');
    expectUnreadable(() => vault.open([version, id, wrapped, value].join('.'), CONTEXT));
  });

  it('never seals to the same text twice, nor shows the plaintext in it', () => {
    const sealed = Array.from({ length: 200 }, () => vault.seal('plain-secret', CONTEXT));
    expect(new Set(sealed).size).toBe(200);
    const all = sealed.join();
    expect(all).not.toContain('plain-secret');
    expect(all).not.toContain(Buffer.from('plain-secret').toString('base64url'));
  });

  it('opens what an older key of the ring sealed, and seals with the first', () => {
    const ring = createVault(parseKeyRing(`b:${KEY_B},a:${KEY_A}`), systemRandom);
    const old = vault.seal('secret', CONTEXT);
    expect(vault.keyIdOf(old)).toBe('a');
    expect(ring.open(old, CONTEXT).reveal()).toBe('secret');
    expect(ring.keyIdOf(ring.seal('secret', CONTEXT))).toBe('b');
  });

  it('says the same whether the key is missing, differs, or the value was damaged', () => {
    const sealed = vault.seal('secret', CONTEXT);
    const missing = createVault(parseKeyRing(`b:${KEY_B}`), systemRandom);
    const differing = createVault(parseKeyRing(`a:${KEY_B}`), systemRandom);
    const renamed = createVault(parseKeyRing(`c:${KEY_A}`), systemRandom);
    const problems = [
      expectUnreadable(() => missing.open(sealed, CONTEXT)),
      expectUnreadable(() => differing.open(sealed, CONTEXT)),
      expectUnreadable(() => renamed.open(sealed.replace('.a.', '.c.'), CONTEXT)),
      expectUnreadable(() => vault.open(sealed.slice(0, -2), CONTEXT)),
      expectUnreadable(() => vault.open('nonsense', CONTEXT)),
    ];
    expect(new Set(problems.map((problem) => problem.message)).size).toBe(1);
  });

  it('refuses text that it could not give back exactly', () => {
    expect(() => vault.seal('\ud800', CONTEXT)).toThrow(Problem);
  });
});

function expectUnreadable(work: () => unknown): Problem {
  try {
    work();
  } catch (error) {
    if (error instanceof Problem && error.code === 'sealed_value_unreadable') return error;
    throw error;
  }
  throw new Error('it was opened');
}
