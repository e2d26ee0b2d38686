import { EVENT_RETENTION_MS } from '../domain/account-event.ts';
import { firstRequestIdAt, timeOfRequestId } from '../domain/ids.ts';
import type { RecordKey, Store } from '../store/store.ts';

/** Something that is due: an event to be handed to the endpoints that want it, or to one of them. */
export interface Work {
  project: string;
  event: string;
  /** Null: to all that want it. */
  endpoint: string | null;
}

export interface DueWork extends Work {
  id: string;
}

export interface WorkQueue {
  /** Adding the same work for the same time twice makes one. */
  add(dueAtMs: number, work: Work): Promise<DueWork>;
  remove(work: DueWork): Promise<void>;
  /** What is due, the longest due first, a page at a time. */
  due(nowMs: number): AsyncGenerator<DueWork[]>;
  /** Whether anything is due. */
  anyDue(nowMs: number): Promise<boolean>;
}

const KIND = 'event_work';
// The work of all projects in one order, so that finding what is due costs the same however many there are.
const PARTITION = 'global';
const PAGE = 100;
const PREFIX = 'req_';
const TIME_LENGTH = firstRequestIdAt(0).length - PREFIX.length;

export function createWorkQueue(store: Store): WorkQueue {
  async function page(nowMs: number, limit: number, after?: string) {
    const { records, next } = await store.list(PARTITION, KIND, { limit, ...(after !== undefined && { after }) });
    const due = records.filter(({ key }) => dueTimeOf(key.id) <= nowMs);
    const work = due.map(({ key, value }): DueWork => ({ ...(JSON.parse(value) as Work), id: key.id }));
    return { work, next: due.length === records.length ? next : undefined };
  }

  return {
    async add(dueAtMs, work) {
      const { project, event, endpoint } = work;
      const id = `${firstRequestIdAt(dueAtMs).slice(PREFIX.length)}.${event}.${endpoint ?? 'all'}`;
      await store.put(keyOf(id), JSON.stringify({ project, event, endpoint }), { ttlMs: EVENT_RETENTION_MS });
      return { project, event, endpoint, id };
    },
    async remove({ id }: DueWork) {
      await store.delete(keyOf(id));
    },
    async *due(nowMs) {
      let after: string | undefined;
      do {
        const { work, next } = await page(nowMs, PAGE, after);
        yield work;
        after = next;
      } while (after !== undefined);
    },
    anyDue: async (nowMs) => (await page(nowMs, 1)).work.length > 0,
  };
}

function keyOf(id: string): RecordKey {
  return { partition: PARTITION, kind: KIND, id };
}

function dueTimeOf(id: string): number {
  return timeOfRequestId(PREFIX + id.slice(0, TIME_LENGTH));
}
