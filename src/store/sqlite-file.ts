import { chmodSync, closeSync, constants, fstatSync, fsyncSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { Clock } from '../clock.ts';
import { StoreRefused } from './refused.ts';

// Opening is rare, and another process that starts at the same moment may hold the file while it migrates.
const OPEN_DEADLINE_MS = 5_000;
const OPEN_RETRY_MS = 20;
// Once open, waiting inside SQLite blocks the whole process. So only a blink here; the writer waits outside (see sqlite-writer.ts).
const BUSY_TIMEOUT_MS = 20;

const SQLITE_BUSY = 5;
const SQLITE_LOCKED = 6;

/** Each entry brings the schema from its index to the next version. Entries are never changed, only added. */
const MIGRATIONS = [
  `
  -- One sequence for versions and fences. It only grows, so that neither is ever used twice, whatever is deleted.
  CREATE TABLE sequence (only_row INTEGER PRIMARY KEY CHECK (only_row = 1), value INTEGER NOT NULL);
  INSERT INTO sequence VALUES (1, 0);

  CREATE TABLE records (
    partition TEXT NOT NULL, kind TEXT NOT NULL, id TEXT NOT NULL,
    value TEXT NOT NULL, version INTEGER NOT NULL, fence INTEGER, expires_at INTEGER,
    UNIQUE (partition, kind, id)
  ) STRICT;
  CREATE INDEX records_by_expiry ON records (expires_at) WHERE expires_at IS NOT NULL;

  CREATE TABLE leases (
    partition TEXT NOT NULL, kind TEXT NOT NULL, id TEXT NOT NULL,
    owner TEXT NOT NULL, fence INTEGER NOT NULL, expires_at INTEGER NOT NULL,
    PRIMARY KEY (partition, kind, id)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX leases_by_expiry ON leases (expires_at);

  CREATE TABLE counters (
    partition TEXT NOT NULL, kind TEXT NOT NULL, id TEXT NOT NULL,
    value INTEGER NOT NULL, expires_at INTEGER,
    PRIMARY KEY (partition, kind, id)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX counters_by_expiry ON counters (expires_at) WHERE expires_at IS NOT NULL;

  -- AUTOINCREMENT: numbers must not be used again after trimming, and they follow one another without holes, which is how a reader that fell
  -- behind notices.
  CREATE TABLE changes (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    partition TEXT NOT NULL, kind TEXT NOT NULL, id TEXT NOT NULL, origin TEXT NOT NULL
  ) STRICT;
  `,
  `
  -- The terms of a record stand in it, one a line, so that a write knows which to remove.
  ALTER TABLE records ADD COLUMN terms TEXT;
  CREATE TABLE terms (
    partition TEXT NOT NULL, kind TEXT NOT NULL, term TEXT NOT NULL, id TEXT NOT NULL,
    PRIMARY KEY (partition, kind, term, id)
  ) STRICT, WITHOUT ROWID;
  `,
];

/** The version of the schema that this release writes; files of a later one are refused. */
export const SCHEMA_VERSION = MIGRATIONS.length;

/**
 * Opens (and creates or migrates) a store file: 0600, in a directory that is made with 0700 when missing.
 *
 * WAL with `synchronous=FULL` flushes the log at every commit, so that an acknowledged write survives kill -9 and a power
 * cut; NORMAL would lose the last commits in a power cut (https://sqlite.org/pragma.html#pragma_synchronous).
 *
 * Throws {@link StoreRefused} for a file of a newer release, and what SQLite throws for everything else.
 */
export async function openSqliteFile(path: string, clock: Clock): Promise<DatabaseSync> {
  secureFile(path);
  const database = new DatabaseSync(path, { timeout: BUSY_TIMEOUT_MS });
  try {
    await patiently(clock, () => {
      database.exec(
        'PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA fullfsync = ON; PRAGMA checkpoint_fullfsync = ON; PRAGMA trusted_schema = OFF;',
      );
    });
    await patiently(clock, () => migrate(database));
  } catch (error) {
    database.close();
    throw error;
  }
  return database;
}

/** Whether SQLite gave up because another connection holds the lock. */
export function isBusy(error: unknown): boolean {
  if (!(error instanceof Error && 'errcode' in error && typeof error.errcode === 'number')) return false;
  // The low byte is the primary code; the rest says in which situation.
  const primary = error.errcode & 0xff;
  return primary === SQLITE_BUSY || primary === SQLITE_LOCKED;
}

function secureFile(path: string): void {
  const directory = dirname(path);
  const firstMade = mkdirSync(directory, { recursive: true, mode: 0o700 });
  // Created here and not by SQLite, which would use the umask; the -wal and -shm files inherit the mode of this one.
  const file = openSync(path, constants.O_RDWR | constants.O_CREAT, 0o600);
  try {
    const { mode } = fstatSync(file);
    if ((mode & 0o077) !== 0) chmodSync(path, 0o600);
  } finally {
    closeSync(file);
  }
  // SQLite makes the contents durable; that the file and its directory are found after a power cut is up to their parents.
  syncDirectory(directory);
  if (firstMade !== undefined) syncDirectory(dirname(firstMade));
}

function syncDirectory(path: string): void {
  const directory = openSync(path, constants.O_RDONLY);
  try {
    fsyncSync(directory);
  } finally {
    closeSync(directory);
  }
}

async function patiently(clock: Clock, work: () => void): Promise<void> {
  const deadline = performance.now() + OPEN_DEADLINE_MS;
  for (;;) {
    try {
      work();
      return;
    } catch (error) {
      if (!isBusy(error) || performance.now() > deadline) throw error;
      await clock.sleep(OPEN_RETRY_MS);
    }
  }
}

function migrate(database: DatabaseSync): void {
  if (schemaVersion(database) === MIGRATIONS.length) return;
  database.exec('BEGIN IMMEDIATE');
  try {
    const current = schemaVersion(database);
    if (current > MIGRATIONS.length) {
      throw new StoreRefused(
        `The SQLite file has schema ${current}, this release knows ${MIGRATIONS.length}. Run the release that wrote it, or a newer one.`,
      );
    }
    for (const migration of MIGRATIONS.slice(current)) database.exec(migration);
    database.exec(`PRAGMA user_version = ${MIGRATIONS.length}`);
    database.exec('COMMIT');
  } catch (error) {
    if (database.isTransaction) database.exec('ROLLBACK');
    throw error;
  }
}

/** The version of the schema of a file. */
export function schemaVersion(database: DatabaseSync): number {
  return Number(database.prepare('PRAGMA user_version').get()?.user_version);
}
