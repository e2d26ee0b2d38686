import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { pathToFileURL } from 'node:url';
import type { Clock } from '../clock.ts';
import { storeUnavailable } from './failure.ts';
import type { StoreInspection } from './inspection.ts';
import { SCHEMA_VERSION, schemaVersion } from './sqlite-file.ts';
import { SqliteRecords } from './sqlite-records.ts';

// Another process may hold the file for a blink.
const BUSY_TIMEOUT_MS = 1_000;

/** Opens a store file to read only; undefined when there is none. */
export function inspectSqlite(path: string, clock: Clock): StoreInspection | undefined {
  const file = resolve(path);
  if (!existsSync(file)) return undefined;
  try {
    const database = openToRead(file);
    const version = schemaVersion(database);
    // What was made before there was a table has no records.
    const records = version === 0 ? undefined : new SqliteRecords(database, () => Number.NaN);
    return {
      kind: 'sqlite',
      list: async (partition, kind, options) => records?.list(partition, kind, options, clock.now()) ?? { records: [] },
      async ping() {
        const started = performance.now();
        read(() => schemaVersion(database));
        return performance.now() - started;
      },
      fault: async () =>
        version > SCHEMA_VERSION
          ? `The file has schema ${version}, this release knows ${SCHEMA_VERSION}: it was written by a newer release.`
          : undefined,
      time: async () => undefined,
      close: async () => database.close(),
    };
  } catch (error) {
    throw storeUnavailable(error);
  }
}

/**
 * A file that nobody has open has no log beside it; it is opened as one that cannot change, or SQLite would make these files
 * (https://sqlite.org/wal.html#read_only_databases).
 */
function openToRead(file: string): DatabaseSync {
  const options = { readOnly: true, timeout: BUSY_TIMEOUT_MS };
  if (existsSync(`${file}-wal`)) return new DatabaseSync(file, options);
  const url = pathToFileURL(file);
  url.searchParams.set('immutable', '1');
  return new DatabaseSync(url, options);
}

function read<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw storeUnavailable(error);
  }
}
