/** Uploaded bytes, kept while there is room, so that small files can be downloaded again and large ones cost nothing. */
export interface ContentStore {
  /** Collects the bytes of one part of `group`; nothing is readable before `commit`. */
  writer(group: string): PartWriter;
  /** The parts in that order as one; `undefined` when any of them is not kept (any more). */
  read(group: string, parts: readonly number[]): Buffer | undefined;
  drop(group: string): void;
  /** What is held now, unfinished parts included. Never above `MAX_KEPT_BYTES`. */
  keptBytes(): number;
}

export interface PartWriter {
  append(chunk: Buffer): void;
  commit(part: number): void;
  /** After a request that broke off. */
  discard(): void;
}

interface Group {
  parts: Map<number, Buffer[]>;
  writers: Set<Buffer[]>;
  bytes: number;
  /** Too large, or dropped to make room: nothing of it is kept from then on. */
  givenUp: boolean;
}

/** Of a whole sandbox: it stays small beside what it is measured with. */
export const MAX_KEPT_BYTES = 32 * 1024 ** 2;
/** Of one upload, so that a large one does not push out all the small ones. */
export const MAX_KEPT_UPLOAD_BYTES = 16 * 1024 ** 2;

export function createContentStore(): ContentStore {
  // In the order of their creation: the oldest goes first.
  const groups = new Map<string, Group>();
  let kept = 0;

  const giveUp = (group: Group): void => {
    kept -= group.bytes;
    group.bytes = 0;
    group.givenUp = true;
    group.parts.clear();
    for (const chunks of group.writers) chunks.length = 0;
  };
  const makeRoom = (wanted: number): void => {
    for (const group of groups.values()) {
      if (kept + wanted <= MAX_KEPT_BYTES) return;
      if (group.bytes > 0) giveUp(group);
    }
  };
  const release = (group: Group, chunks: readonly Buffer[]): void => {
    const bytes = lengthOf(chunks);
    group.bytes -= bytes;
    kept -= bytes;
  };

  return {
    writer(name) {
      const group = groups.get(name) ?? { parts: new Map(), writers: new Set(), bytes: 0, givenUp: false };
      groups.set(name, group);
      const chunks: Buffer[] = [];
      group.writers.add(chunks);
      return {
        append(chunk) {
          if (group.givenUp) return;
          if (group.bytes + chunk.length > MAX_KEPT_UPLOAD_BYTES) return giveUp(group);
          makeRoom(chunk.length);
          // Making room may have cost this very group.
          if (group.givenUp) return;
          chunks.push(chunk);
          group.bytes += chunk.length;
          kept += chunk.length;
        },
        commit(part) {
          group.writers.delete(chunks);
          if (group.givenUp) return;
          release(group, group.parts.get(part) ?? []);
          group.parts.set(part, chunks);
        },
        discard() {
          group.writers.delete(chunks);
          if (!group.givenUp) release(group, chunks);
        },
      };
    },
    read(name, parts) {
      const group = groups.get(name);
      if (group === undefined) return undefined;
      const found = parts.map((part) => group.parts.get(part));
      return found.includes(undefined) ? undefined : Buffer.concat(found.flatMap((chunks) => chunks ?? []));
    },
    drop(name) {
      const group = groups.get(name);
      if (group === undefined) return;
      giveUp(group);
      groups.delete(name);
    },
    keptBytes: () => kept,
  };
}

function lengthOf(chunks: readonly Buffer[]): number {
  return chunks.reduce((sum, chunk) => sum + chunk.length, 0);
}
