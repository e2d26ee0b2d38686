import { stat } from 'node:fs/promises';
import type { Clock } from '../../clock.ts';
import type { Connector } from '../../connector/connector.ts';
import { ConnectorError } from '../../connector/diagnostics.ts';
import type { RegistryHolder } from '../../connector/registry.ts';
import { type Changes, changesBetween } from './changes.ts';
import type { DevEvent } from './dev-event.ts';
import type { ExamplePlayer } from './play-examples.ts';

/** Makes saved files live, and tells what came of it. */
export interface Reloads {
  /** A file was saved (or removed), as far as the watch can tell. */
  noted(path: string): void;
  /** Never rejects. */
  reload(registry: RegistryHolder): Promise<void>;
}

// A file whose time of change lies further back was copied with it, or comes from a machine with another clock.
const LONGEST_NOTICE_MS = 2_000;
// Nobody notices that a complaint comes so much later.
const HALF_WRITTEN_MS = 40;

export function createReloads(options: {
  tell: (event: DevEvent) => void;
  clock: Clock;
  /** Does what has to be done before new connectors are served. */
  prepare: () => Promise<void>;
  /** Looks after the profile and account of a connector that is served; told whether it is a new one. */
  connected: (connector: Connector, isNew: boolean) => Promise<unknown>;
  /** Plays the examples of what changed; undefined: nobody does. */
  played: ExamplePlayer | undefined;
}): Reloads {
  const { tell, clock, prepare, connected, played } = options;
  /** Since the reload before: the files, and when the first of them was noted. */
  let news: { paths: Set<string>; at: number } | undefined;
  let lastRefusal = '';

  /** When the last of the files was written: what a person waits for begins there. */
  async function savedAt({ paths, at }: { paths: ReadonlySet<string>; at: number }): Promise<number> {
    const times = await Promise.all(
      [...paths].map((path) =>
        stat(path).then(
          ({ mtimeMs }) => mtimeMs,
          () => at,
        ),
      ),
    );
    const last = Math.max(...times);
    return last <= clock.now() && at - last < LONGEST_NOTICE_MS ? last : at;
  }

  async function swap(registry: RegistryHolder): Promise<void> {
    const before = registry.current();
    const saved = news;
    news = undefined;
    await prepare();
    const outcome = await registry.reload();
    const liveAt = clock.now();
    const wasRefused = lastRefusal !== '';
    lastRefusal = '';
    // Mended into what is served already: whoever was told of faults is told that they are gone.
    if (outcome === 'unchanged' && !wasRefused) return;
    const after = registry.current();
    const changes = changesBetween(before, after);
    const since = saved ? await savedAt(saved) : liveAt;
    tell({ event: 'live', ms: Math.max(0, Math.round(liveAt - since)), hash: after.hash, ...changes });
    for (const id of changes.connectors) {
      const connector = after.connectors.get(id);
      if (connector) await connected(connector, !before.connectors.has(id));
    }
    if (played) void playExamples(played, changes);
  }

  async function playExamples(player: ExamplePlayer, { added, changed, examples }: Changes): Promise<void> {
    const actions = [...added, ...changed, ...examples];
    if (actions.length === 0) return;
    const result = await player.play(actions);
    if (result) tell({ event: 'examples', ...result });
  }

  return {
    noted(path) {
      news ??= { paths: new Set(), at: clock.now() };
      news.paths.add(path);
    },
    async reload(registry) {
      try {
        await swap(registry);
      } catch (error) {
        if (!(error instanceof ConnectorError)) {
          tell({ event: 'note', message: `Not reloaded: ${error instanceof Error ? error.message : String(error)}` });
          return;
        }
        // The file may have been looked at while it was written: then news of it come, and the next reload tells.
        await clock.sleep(HALF_WRITTEN_MS);
        if (news) return;
        // What is saved twice need not be complained of twice.
        if (error.message === lastRefusal) return;
        lastRefusal = error.message;
        tell({ event: 'refused', serving: true, faults: error.diagnostics });
      }
    },
  };
}
