import { Secret } from '../secret.ts';
import { openRecord, sealRecord } from '../vault/sealed-records.ts';
import type { Vault } from '../vault/vault.ts';
import type { ObtainedRecord } from './grant-merge.ts';
import { type GrantRecord, grantKey } from './grant-record.ts';
import { createJournalFile, takeOver } from './journal-file.ts';

/** Obtained grants on the local disk, sealed, until the store has them. */
export interface GrantJournal {
  /** Resolves when the grant is on the disk, with what {@link settle} wants. Rejects with the file system's error. */
  append(obtained: ObtainedRecord): Promise<JournalTicket>;
  /** The store has it; the file is emptied when it has all of them. */
  settle(ticket: JournalTicket): void;
  /** What other processes left, dead ones mostly. */
  takeOver(): Promise<LeftBehind[]>;
  close(): Promise<void>;
}

/** Stands for one line. */
export type JournalTicket = symbol;

export interface LeftBehind {
  obtained: ObtainedRecord[];
  /** Lines that are torn or sealed under a key that is not there: the file is then kept. */
  unreadable: number;
  remove(): Promise<void>;
}

// With the store away for long, lines that are settled pile up between those that are not.
const COMPACT_AT_LINES = 5_000;

export function createGrantJournal(options: { directory: string; node: string; vault: Vault }): GrantJournal {
  const { directory, node, vault } = options;
  const file = createJournalFile(directory, node);
  /** On the disk and not yet in the store. */
  const pending = new Map<JournalTicket, string>();
  let waiting: { line: string; resolve: (ticket: JournalTicket) => void; reject: (error: unknown) => void }[] = [];
  let linesInFile = 0;
  let settledSince = false;
  let working: Promise<void> | undefined;

  function work(): void {
    working ??= writeAll().finally(() => {
      working = undefined;
      if (waiting.length > 0 || settledSince) work();
    });
  }

  /** One write and one sync for all who wait: the disk's sync is what takes the time. */
  async function writeAll(): Promise<void> {
    while (waiting.length > 0) {
      const batch = waiting;
      waiting = [];
      try {
        await file.append(batch.map(({ line }) => line));
        linesInFile += batch.length;
        for (const { line, resolve } of batch) {
          const ticket = Symbol('grant');
          pending.set(ticket, line);
          resolve(ticket);
        }
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
    }
    settledSince = false;
    const mayEmpty = linesInFile > 0 && pending.size === 0;
    if (!mayEmpty && linesInFile - pending.size < COMPACT_AT_LINES) return;
    // What cannot be removed is merely replayed once more.
    await file.rewrite([...pending.values()]).then(
      () => {
        linesInFile = pending.size;
      },
      () => undefined,
    );
  }

  return {
    append: (obtained) =>
      new Promise((resolve, reject) => {
        waiting.push({ line: lineOf(vault, obtained), resolve, reject });
        work();
      }),
    settle(ticket) {
      if (!pending.delete(ticket)) return;
      settledSince = true;
      work();
    },
    async takeOver() {
      const taken = await takeOver(directory, node);
      return taken.map(({ lines, remove }) => {
        const read = lines.map((line) => readLine(vault, line));
        const obtained = read.filter((entry) => entry !== undefined);
        return { obtained, unreadable: read.length - obtained.length, remove };
      });
    },
    async close() {
      while (working) await working;
      await file.close();
    },
  };
}

function lineOf(vault: Vault, { project, account, by, record }: ObtainedRecord): string {
  const sealed = sealRecord(vault, grantKey(project, account), record);
  return JSON.stringify({ v: 1, project, account, by, sealed });
}

/** Undefined for a line that was torn by a crash, damaged, or sealed under another key. */
function readLine(vault: Vault, line: string): ObtainedRecord | undefined {
  try {
    const { project, account, by, sealed } = JSON.parse(line);
    if (typeof project !== 'string' || typeof account !== 'string' || typeof sealed !== 'string') return undefined;
    const record = openRecord(vault, grantKey(project, account), sealed);
    if (!(record.access_token instanceof Secret)) return undefined;
    return { project, account, by: by === 'link' ? 'link' : 'refresh', record: record as unknown as GrantRecord };
  } catch {
    return undefined;
  }
}
