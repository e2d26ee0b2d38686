import { describe, expect, it } from 'vitest';
import { systemRandom } from '../../src/random.ts';
import { Secret } from '../../src/secret.ts';
import { parseKeyRing } from '../../src/vault/key-ring.ts';
import { keyIdsOf, openField, openRecord, parseSealedRecord, sealRecord } from '../../src/vault/sealed-records.ts';
import { createVault } from '../../src/vault/vault.ts';

const vault = createVault(parseKeyRing(`a:${systemRandom.bytes(32).toString('base64')}`), systemRandom);
const KINDS = { thing: { fields: ['first', 'second'], onRotation: 'reseal' } } as const;
const KEY = { partition: 'prj_1', kind: 'thing', id: 't1' };

describe('a record with sealed fields', () => {
  it('is stored with its secrets sealed and everything else in clear, and read back whole', () => {
    const record = { generation: 2, name: 'n', first: new Secret('uno'), second: undefined, list: [1, { a: null }] };
    const text = sealRecord(vault, KEY, record, KINDS);
    expect(text).not.toContain('uno');
    expect(parseSealedRecord(text)).toMatchObject({ generation: 2, name: 'n', list: [1, { a: null }] });
    const opened = openRecord(vault, KEY, text, KINDS);
    expect(opened.first instanceof Secret && opened.first.reveal()).toBe('uno');
    expect(opened).not.toHaveProperty('second');
    expect([...keyIdsOf(vault, 'thing', text, KINDS)]).toEqual(['a']);
  });

  it('cannot be rolled back to a secret of an earlier generation, nor have its fields exchanged', () => {
    const text = sealRecord(vault, KEY, { generation: 1, first: new Secret('1'), second: new Secret('2') }, KINDS);
    const record = parseSealedRecord(text);
    const later = JSON.stringify({ ...record, generation: 2 });
    const exchanged = JSON.stringify({ ...record, first: record.second, second: record.first });
    for (const forged of [later, exchanged]) {
      expect(() => openRecord(vault, KEY, forged, KINDS)).toThrow(
        expect.objectContaining({ code: 'sealed_value_unreadable' }),
      );
    }
    expect(() => openRecord(vault, { ...KEY, id: 't2' }, text, KINDS)).toThrow(
      expect.objectContaining({ code: 'sealed_value_unreadable' }),
    );
  });

  it('with one damaged secret still gives the other', () => {
    const text = sealRecord(vault, KEY, { generation: 1, first: new Secret('1'), second: new Secret('2') }, KINDS);
    const record = { ...parseSealedRecord(text), first: 'damaged' };
    expect(openField(vault, KEY, record, 'second')?.reveal()).toBe('2');
    expect(() => openField(vault, KEY, record, 'first')).toThrow();
  });

  it.each(['', 'null', '[]', '{}', '{"generation":"1"}', '{"generation":1,"first":7}'])(
    'is unreadable as %j',
    (text) => {
      expect(() => openRecord(vault, KEY, text, KINDS)).toThrow(
        expect.objectContaining({ code: 'sealed_value_unreadable' }),
      );
    },
  );

  it('is not written when a secret would be lost or stay in clear', () => {
    expect(() => sealRecord(vault, KEY, { generation: 1, third: new Secret('1') }, KINDS)).toThrow(/not declared/);
    expect(() => sealRecord(vault, KEY, { generation: 1, first: 'in clear' }, KINDS)).toThrow(/must be a Secret/);
    expect(() => sealRecord(vault, { ...KEY, kind: 'constructor' }, { generation: 1 }, KINDS)).toThrow(/not declared/);
  });
});
