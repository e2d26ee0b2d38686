import { setTimeout as delay } from 'node:timers/promises';
import type { Store } from '../../../src/store/store.ts';
import type { Door } from '../../../src/upstream/types.ts';
import { callMany } from './fixture.ts';
import { offsetClock, startGrantNode, userRequest } from './grant-node.ts';
import { clientAt } from './grant-server.ts';

/** Where the process dies, by SIGKILL to itself, in the midst of its next refresh. */
export type CrashPoint = 'before_send' | 'after_send' | 'after_receive' | 'after_journal' | 'after_save';

export interface GrantProcessOptions {
  url: string;
  ring: string;
  dataDirectory: string;
  server: string;
  offsetMs: number;
  leaseTtlMs?: number;
  crash?: CrashPoint;
}

export interface GrantCalls {
  accounts: string[];
  /** Callers of each account, all at once. */
  calls: number;
  offsetMs?: number;
  deadlineMs?: number;
}

// A process of its own with grants: for each message, that many calls at once; answers with their tally.
const options: GrantProcessOptions = JSON.parse(process.argv[2] ?? '{}');
const clock = offsetClock(options.offsetMs);
const client = clientAt(new URL(options.server));

function die(): never {
  process.kill(process.pid, 'SIGKILL');
  // The signal takes effect before the next turn of the event loop.
  for (;;);
}

function crashingDoor(door: Door): Door {
  const { crash } = options;
  return {
    close: () => door.close(),
    async send(request, sending) {
      if (crash === 'before_send') die();
      const answer = door.send(request, sending);
      if (crash === 'after_send') {
        await delay(60);
        die();
      }
      await answer;
      if (crash === 'after_receive') die();
      return answer;
    },
  };
}

function crashingStore(store: Store): Store {
  const put = store.put.bind(store);
  return Object.assign(store, {
    put: async (...args: Parameters<Store['put']>) => {
      const [key, value] = args;
      const isAnswer = key.kind === 'grant' && JSON.parse(value).refresh_intent === null;
      if (isAnswer && options.crash === 'after_journal') die();
      const written = await put(...args);
      if (isAnswer && options.crash === 'after_save') die();
      return written;
    },
  });
}

const node = await startGrantNode({
  ...options,
  clock,
  ...(options.crash && { wrapDoor: crashingDoor, wrapStore: crashingStore }),
});
await node.grants.replayJournal();

process.on('message', async ({ accounts, calls, offsetMs, deadlineMs = 60_000 }: GrantCalls) => {
  if (offsetMs !== undefined) clock.setOffset(offsetMs);
  const deadlineAt = clock.now() + deadlineMs;
  const tallies = await Promise.all(
    accounts.map((account) =>
      callMany(calls, () => node.grants.userToken(userRequest(client, account, clock, { deadlineAt }))),
    ),
  );
  process.send?.({ tallies, deaths: node.deaths });
});
process.send?.('ready');
