import type { Logger } from 'pino';
import type { Clock } from '../clock.ts';
import { isId } from '../domain/ids.ts';
import type { ListQuery, Page } from '../domain/listing.ts';
import { parseRequestRecord, type RequestFilters, type RequestRecord, requestKey } from '../domain/request-record.ts';
import type { Store } from '../store/store.ts';
import { BUFFER_RECORDS, LogWriter } from './log-writer.ts';
import { listRequests } from './read-requests.ts';
import { type CallAbout, type CallSpan, RecordedCall } from './recorded-call.ts';

/** Remembers the calls of actions: what became of each, while it runs and for some days after. */
export interface RequestLog {
  /** A call begins. Whoever begins it must end it. */
  begin(about: CallAbout): RecordedCall;
  /** One page, newest first; see {@link listRequests}. Rejects with `cursor_invalid` or `store_unavailable`. */
  list(project: string, filters: RequestFilters, query: ListQuery): Promise<Page<RequestRecord>>;
  get(project: string, id: string): Promise<RequestRecord | undefined>;
  /** The calls of this process that are not over. */
  running(): Iterable<RecordedCall>;
  /** How many calls of a project are missing in the log. */
  dropped(project: string): Promise<number>;
  /** Writes what is not written yet, within five seconds. To be called when no calls run any more. */
  close(): Promise<void>;
}

export interface RequestLogOptions {
  store: Pick<Store, 'get' | 'list' | 'putAll' | 'increment'>;
  clock: Clock;
  logger: Logger;
  /** 0: nothing is kept, and only what runs in this process can be seen. */
  retentionMs: number;
  /** Finished calls that may wait for the store. */
  bufferRecords?: number;
  /** Told of every call that ends, before it is written. Must not throw. */
  onEnd?: (call: RecordedCall) => void;
  /** Told how many records were dropped, each time. */
  onDropped?: (count: number) => void;
  /** Traces a call; not given: none is. */
  trace?: ((about: CallAbout) => CallSpan) | undefined;
}

export function createRequestLog(options: RequestLogOptions): RequestLog {
  const { store, clock, logger, retentionMs, bufferRecords = BUFFER_RECORDS, onEnd, onDropped, trace } = options;
  const running = new Map<string, RecordedCall>();
  const writer =
    retentionMs === 0
      ? undefined
      : new LogWriter({
          ...{ store, clock, logger, retentionMs, onDropped },
          capacity: bufferRecords,
          running: () => running.values(),
        });
  const ended = (call: RecordedCall) => {
    running.delete(call.about.id);
    onEnd?.(call);
    writer?.add(call);
  };
  const inMemory = (project: string) =>
    [...running.values(), ...(writer?.pending() ?? [])].filter((call) => call.about.project === project);

  return {
    begin(about) {
      const call = new RecordedCall(about, ended, trace?.(about));
      running.set(about.id, call);
      return call;
    },
    running: () => running.values(),
    list(project, filters, query) {
      // Memory before the store: what leaves it meanwhile is in the store then.
      const reading = { store: writer && store, memory: inMemory(project), nowMs: clock.now() };
      return listRequests(reading, project, filters, query);
    },
    async get(project, id) {
      if (!isId('req', id)) return undefined;
      const call = inMemory(project).find(({ about }) => about.id === id);
      if (call) return call.record(clock.now());
      const record = writer && (await store.get(requestKey(project, id)));
      return record && parseRequestRecord(record, clock.now());
    },
    dropped: async (project) => (await writer?.dropped(project)) ?? 0,
    close: async () => writer?.close(),
  };
}
