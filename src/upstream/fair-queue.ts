/** Waiting things, served in turn by holder: whoever queues a thousand waits behind the one of another holder, once. */
export interface FairQueue<T> {
  readonly size: number;
  add(holder: string, item: T): void;
  remove(holder: string, item: T): void;
  /** Takes the next item whose holder may be served. */
  next(mayBeServed: (holder: string) => boolean): T | undefined;
  /** How many would be served before another item of this holder. */
  ahead(holder: string): number;
  /** Every item in the order in which they would be served. */
  inOrder(): T[];
  holders(): Iterable<string>;
}

export function createFairQueue<T>(): FairQueue<T> {
  // In order of their turns: a served holder goes to the end.
  const lines = new Map<string, T[]>();
  let size = 0;

  function drop(holder: string, line: T[]): void {
    if (line.length === 0) lines.delete(holder);
  }

  return {
    get size() {
      return size;
    },
    add(holder, item) {
      const line = lines.get(holder);
      if (line) line.push(item);
      else lines.set(holder, [item]);
      size += 1;
    },
    remove(holder, item) {
      const line = lines.get(holder);
      const index = line?.indexOf(item) ?? -1;
      if (!line || index < 0) return;
      line.splice(index, 1);
      size -= 1;
      drop(holder, line);
    },
    next(mayBeServed) {
      for (const [holder, line] of lines) {
        if (!mayBeServed(holder)) continue;
        const item = line.shift();
        size -= 1;
        lines.delete(holder);
        if (line.length > 0) lines.set(holder, line);
        return item;
      }
      return undefined;
    },
    ahead(holder) {
      const own = lines.get(holder)?.length ?? 0;
      let count = own;
      for (const [other, line] of lines) if (other !== holder) count += Math.min(line.length, own + 1);
      return count;
    },
    inOrder() {
      const order: T[] = [];
      let left = [...lines.values()];
      for (let round = 0; left.length > 0; round += 1) {
        for (const line of left) order.push(line[round] as T);
        left = left.filter((line) => line.length > round + 1);
      }
      return order;
    },
    holders: () => lines.keys(),
  };
}
