import { createFormatChecks } from '../../connector/compile-connector.ts';
import { loadFolder } from '../../connector/load.ts';
import type { DevEvent } from './dev-event.ts';
import type { SandboxProgram } from './sandbox-file.ts';
import {
  type FailedSandbox,
  type RunningSandbox,
  type SandboxSurroundings,
  startExamples,
  startSandboxProgram,
} from './sandboxes.ts';

/** The sandboxes beside a server. */
export interface SandboxSet {
  /**
   * Starts those of connectors that have none yet, and enters them into the overrides. A connector with faults is left for
   * later; failures are told, once each.
   */
  ensure(connectors: readonly string[]): Promise<void>;
  of(connector: string): RunningSandbox | undefined;
  stop(): Promise<void>;
}

const TOLD_AFTER_MS = 300;

export function createSandboxSet(options: {
  directory: string;
  programs: ReadonlyMap<string, SandboxProgram>;
  /** Declared origin -> the sandbox in its place. Those that are there are somebody's wish, and stay. */
  overrides: Map<string, string>;
  surroundings: SandboxSurroundings;
  tell: (event: DevEvent) => void;
  /** Whether everything is about to end anyway. */
  ending: () => boolean;
}): SandboxSet {
  const { directory, programs, overrides, surroundings, tell, ending } = options;
  const running = new Map<string, RunningSandbox>();
  const failed = new Set<string>();
  const checks = createFormatChecks();

  async function start(id: string): Promise<RunningSandbox | FailedSandbox | undefined> {
    const program = programs.get(id);
    if (program) return startSandboxProgram(id, program, surroundings);
    const { connector } = await loadFolder(directory, id, checks, { later: () => {} });
    return connector && startExamples(id, [...connector.origins], directory, surroundings);
  }

  async function ensureOne(id: string): Promise<void> {
    if (running.has(id) || failed.has(id)) return;
    const started = await start(id);
    if (started === undefined) return;
    if ('failure' in started) {
      failed.add(id);
      tell({ event: 'note', message: `${id} has no sandbox: ${started.failure}. Its calls go to the provider.` });
      return;
    }
    running.set(id, started);
    for (const origin of started.standsInFor) if (!overrides.has(origin)) overrides.set(origin, started.origin);
    void started.child.ended.then(async ({ code, signal }) => {
      // Ctrl-C reaches all processes of a terminal, and this one perhaps last.
      await surroundings.clock.sleep(TOLD_AFTER_MS);
      if (!ending()) tell({ event: 'sandbox_ended', connector: id, code, signal });
    });
  }

  return {
    ensure: async (connectors) => {
      await Promise.all(connectors.map(ensureOne));
    },
    of: (connector) => running.get(connector),
    async stop() {
      await Promise.all([...running.values()].map(({ child }) => child.stop()));
    },
  };
}
