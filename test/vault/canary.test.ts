import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { checkCanary, WrongKeyError } from '../../src/vault/canary.ts';
import { newKey, type StoreFile, storeFile, vaultOf } from './support/fixture.ts';

const OLD = newKey('old');
const NEW = newKey('new');

describe('the check of the keys at start', () => {
  let file: StoreFile;
  beforeEach(() => {
    file = storeFile();
  });
  afterEach(() => file.remove());

  it('passes on a new store, and again on every later start', async () => {
    const store = await file.open();
    await checkCanary(store, vaultOf(OLD));
    await checkCanary(await file.open(), vaultOf(OLD));
    await checkCanary(store, vaultOf(`${NEW},${OLD}`));
  });

  it('refuses a ring without the key that the store was written with, naming the id only', async () => {
    const store = await file.open();
    await checkCanary(store, vaultOf(OLD));
    const refusal = await checkCanary(store, vaultOf(NEW)).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(WrongKeyError);
    expect(String(refusal)).toContain('"old"');
    expect(String(refusal)).not.toContain(NEW.split(':')[1]);
    await checkCanary(store, vaultOf(OLD));
  });

  it('refuses another key under the same id', async () => {
    const store = await file.open();
    await checkCanary(store, vaultOf(OLD));
    await expect(checkCanary(store, vaultOf(newKey('old')))).rejects.toBeInstanceOf(WrongKeyError);
  });

  it('refuses to take a change of keys back once the new key may have been used', async () => {
    const store = await file.open();
    await checkCanary(store, vaultOf(OLD));
    await checkCanary(store, vaultOf(`${NEW},${OLD}`));
    await expect(checkCanary(store, vaultOf(OLD))).rejects.toBeInstanceOf(WrongKeyError);
    await expect(checkCanary(store, vaultOf(NEW))).rejects.toBeInstanceOf(WrongKeyError);
    await checkCanary(store, vaultOf(`${OLD},${NEW}`));
  });

  it('lets any number of processes with the same key start at once', async () => {
    const stores = await Promise.all(Array.from({ length: 8 }, () => file.open()));
    await Promise.all(stores.map((store) => checkCanary(store, vaultOf(OLD))));
  });

  it.each([
    ['ids', () => [newKey('a'), newKey('b')]],
    ['keys under one id', () => [newKey('a'), newKey('a')]],
  ])('lets at most one of two processes with different %s start, and locks nobody out', async (_what, rings) => {
    for (let round = 0; round < 5; round++) {
      const fresh = storeFile();
      try {
        const vaults = rings().map(vaultOf);
        const stores = await Promise.all([fresh.open(), fresh.open()]);
        const started = await Promise.allSettled(
          stores.map((store, index) => checkCanary(store, vaults[index] ?? vaultOf(OLD))),
        );
        const passed = started.findIndex(({ status }) => status === 'fulfilled');
        expect(started.filter(({ status }) => status === 'fulfilled').length).toBeLessThanOrEqual(1);
        await checkCanary(await fresh.open(), vaults[Math.max(passed, 0)] ?? vaultOf(OLD));
      } finally {
        await fresh.remove();
      }
    }
  });
});
