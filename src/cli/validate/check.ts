import { basename, dirname, resolve, sep } from 'node:path';
import type { Diagnostic } from '../../connector/diagnostics.ts';
import { byPlace, type LoadedFolder, loadFolder } from '../../connector/load.ts';
import type { LoadMemory } from '../../connector/load-memory.ts';
import type { Target } from './targets.ts';

/** What a check of connectors found. */
export interface Report {
  /** In the order of files and lines. */
  readonly faults: readonly Diagnostic[];
  /** How many there are in files of the same connectors that were not asked for. */
  readonly faultsElsewhere: number;
  readonly connectors: number;
  /** Declared ones, sound or not. */
  readonly actions: number;
  readonly examples: number;
  readonly guides: number;
  readonly elapsedMs: number;
}

/** Checks every target; with the memory of an earlier check only what changed since. Diagnostics name files from the process's folder on, as the loader does. */
export async function checkTargets(targets: readonly Target[], memory: LoadMemory, now: () => number): Promise<Report> {
  const started = now();
  const faults: Diagnostic[] = [];
  let [faultsElsewhere, actions, examples, guides] = [0, 0, 0, 0];
  for (const { folder, only } of targets) {
    const loaded = await loadFolder(dirname(folder), basename(folder), memory.checks, { memory });
    const shown = loaded.faults.filter((fault) => isAsked(resolve(fault.file), only));
    faults.push(...shown);
    faultsElsewhere += loaded.faults.length - shown.length;
    actions += countOf(loaded, 'actions');
    examples += countOf(loaded, 'examples');
    guides += loaded.sources.guides.length;
  }
  const connectors = targets.length;
  const elapsedMs = Math.round(now() - started);
  return { faults: faults.sort(byPlace), faultsElsewhere, connectors, actions, examples, guides, elapsedMs };
}

function isAsked(path: string, only: Target['only']): boolean {
  return only === undefined || only.some((asked) => path === asked || path.startsWith(`${asked}${sep}`));
}

function countOf({ connector, sources }: LoadedFolder, part: 'actions' | 'examples'): number {
  if (!connector) return sources[part].reduce((sum, { text = '' }) => sum + itemsOf(text), 0);
  if (part === 'actions') return connector.actions.size;
  return [...connector.actions.values()].reduce((sum, action) => sum + action.examples.length, 0);
}

/** How many items the list of a file has, by its lines: it may not parse. */
function itemsOf(text: string): number {
  const [first] = /^ *- /m.exec(text) ?? [];
  return first === undefined ? 0 : text.split('\n').filter((line) => line.startsWith(first)).length;
}
