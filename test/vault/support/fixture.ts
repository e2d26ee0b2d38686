import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Clock, systemClock } from '../../../src/clock.ts';
import { systemRandom } from '../../../src/random.ts';
import { openSqliteStore } from '../../../src/store/sqlite.ts';
import type { Store } from '../../../src/store/store.ts';
import { parseKeyRing } from '../../../src/vault/key-ring.ts';
import { createVault, type Vault } from '../../../src/vault/vault.ts';

/** A directory with a store file, shared by as many handles and processes as a test likes. */
export interface StoreFile {
  readonly path: string;
  readonly directory: string;
  open(): Promise<Store>;
  remove(): Promise<void>;
}

export function storeFile(): StoreFile {
  const directory = mkdtempSync(join(tmpdir(), 'corbel-vault-'));
  const path = join(directory, 'store.sqlite');
  const opened: Store[] = [];
  return {
    path,
    directory,
    async open() {
      const store = await openStore(path);
      opened.push(store);
      return store;
    },
    async remove() {
      await Promise.all(opened.map((store) => store.close()));
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

export function openStore(path: string, clock: Clock = systemClock): Promise<Store> {
  const options = { path, clock, random: systemRandom };
  return openSqliteStore(options);
}

export function vaultOf(ring: string): Vault {
  return createVault(parseKeyRing(ring), systemRandom);
}

/** `id:key` with a random key. */
export function newKey(id: string): string {
  return `${id}:${systemRandom.bytes(32).toString('base64')}`;
}
