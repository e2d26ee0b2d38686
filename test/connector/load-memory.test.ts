import { rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import type { Later } from '../../src/connector/compile-connector.ts';
import type { Registry } from '../../src/connector/connector.ts';
import { ConnectorError } from '../../src/connector/diagnostics.ts';
import { loadRegistry } from '../../src/connector/load.ts';
import { createLoadMemory, type LoadMemory } from '../../src/connector/load-memory.ts';
import { changed, directoryOf, GOOD, writeFiles } from './support/sources.ts';

const EXAMPLES = Object.keys(GOOD).find((file) => file.startsWith('examples/')) ?? '';
const THINGS = 'actions/things.yaml';
const RENAMED = changed(GOOD, THINGS, 'label: Get Thing', 'label: Fetch Thing');
const named = (id: string, files = GOOD) => changed(files, 'connector.yaml', 'id: acme', `id: ${id}`);

/** What a load gives: the registry as far as it can be compared, or all its diagnostics. */
async function outcome(directory: string, memory?: LoadMemory): Promise<unknown> {
  try {
    const { hash, connectors, actions } = await loadRegistry(directory, memory ? { memory } : {});
    const shown = [...actions.values()].map((action) => JSON.stringify(action));
    return { hash, connectors: [...connectors.keys()], actions: [...actions.keys()], shown };
  } catch (error) {
    if (error instanceof ConnectorError) return error.diagnostics;
    throw error;
  }
}

describe('a load with the memory of those before', () => {
  it('keeps a connector whose files are unchanged as it is, and the unchanged actions of one that changed', async () => {
    const directory = await directoryOf({ acme: GOOD, beta: named('beta') });
    const memory = createLoadMemory();
    const before = await loadRegistry(directory, { memory });
    await writeFiles(directory, 'acme', RENAMED);
    const after = await loadRegistry(directory, { memory });
    expect(after.connectors.get('beta')).toBe(before.connectors.get('beta'));
    expect(after.connectors.get('acme')).not.toBe(before.connectors.get('acme'));
    const steps = (registry: Registry, id: string) => registry.actions.get(id)?.steps;
    expect(steps(after, 'acme_list_things')).toBe(steps(before, 'acme_list_things'));
    expect(steps(after, 'acme_get_thing')).not.toBe(steps(before, 'acme_get_thing'));
    expect(after.actions.get('acme_get_thing')?.label).toBe('Fetch Thing');
    expect(before.actions.get('acme_get_thing')?.label).toBe('Get Thing');
  });

  it('keeps it, too, when the origins of another connector are replaced, and takes up those of its own', async () => {
    const directory = await directoryOf({ acme: GOOD, beta: named('beta') });
    const memory = createLoadMemory();
    const originOverrides = new Map<string, string>();
    const before = await loadRegistry(directory, { memory, originOverrides });
    originOverrides.set('https://api.other.test', 'http://127.0.0.1:8');
    const after = await loadRegistry(directory, { memory, originOverrides });
    expect(after.connectors.get('acme')).toBe(before.connectors.get('acme'));
    originOverrides.set('https://api.acme.test', 'http://127.0.0.1:9');
    const own = await loadRegistry(directory, { memory, originOverrides });
    expect(own.connectors.get('acme')).not.toBe(before.connectors.get('acme'));
    const fresh = await loadRegistry(directory, { originOverrides });
    const shown = ({ actions }: Registry) => [...actions.values()].map((action) => JSON.stringify(action));
    expect(shown(own)).toEqual(shown(fresh));
    expect(JSON.stringify(shown(own))).toContain('http://127.0.0.1:9');
    const none = await loadRegistry(directory, { memory, originOverrides: new Map() });
    expect(JSON.stringify(shown(none))).not.toContain('http://127.0.0.1:9');
  });

  it('comes to what a load without it comes to, faults included, through whatever edits', async () => {
    const directory = await directoryOf({ acme: GOOD, beta: named('beta') });
    const file = (path: string) => join(directory, 'acme', path);
    const memory = createLoadMemory();
    const broken = changed(GOOD, THINGS, 'label: Get Thing', 'lable: Get Thing');
    const edits: (() => Promise<unknown>)[] = [
      () => writeFiles(directory, 'acme', RENAMED),
      () => writeFiles(directory, 'acme', broken),
      () => writeFiles(directory, 'beta', named('beta', broken)),
      () => writeFiles(directory, 'acme', GOOD),
      () => writeFiles(directory, 'beta', named('beta', RENAMED)),
      () => writeFile(file(EXAMPLES), String(GOOD[EXAMPLES]).replace('action: ', 'acktion: ')),
      () => writeFile(file(EXAMPLES), String(GOOD[EXAMPLES])),
      () => writeFiles(directory, 'acme', changed(GOOD, 'connector.yaml', 'id: acme', 'id: akme')),
      () => writeFiles(directory, 'acme', GOOD),
      () => rename(file(THINGS), file('actions/moved.yaml')),
      () => writeFiles(directory, 'acme', RENAMED),
      () => rm(file('actions/moved.yaml')),
      () => rm(join(directory, 'beta'), { recursive: true }),
      () => writeFiles(directory, 'beta', named('beta')),
    ];
    for (const edit of [async () => {}, ...edits]) {
      await edit();
      expect(await outcome(directory, memory)).toEqual(await outcome(directory));
    }
  });

  it('refuses examples with faults that a start had put off, also in files that did not change', async () => {
    const directory = await directoryOf({ acme: changed(GOOD, EXAMPLES, 'action: ', 'acktion: ') });
    const memory = createLoadMemory();
    const later: Later = () => {};
    const started = await loadRegistry(directory, { memory, later });
    expect(started.actions.size).toBe(2);
    expect(await outcome(directory, memory)).toEqual(await outcome(directory));
    await expect(loadRegistry(directory, { memory })).rejects.toBeInstanceOf(ConnectorError);
  });

  it('heeds other origins', async () => {
    const directory = await directoryOf({ acme: GOOD });
    const memory = createLoadMemory();
    await loadRegistry(directory, { memory });
    const originOverrides = new Map([['https://api.acme.test', 'http://127.0.0.1:9']]);
    const { connectors, actions } = await loadRegistry(directory, { memory, originOverrides });
    expect([...(connectors.get('acme')?.origins ?? [])]).toContain('http://127.0.0.1:9');
    const [step] = actions.get('acme_get_thing')?.steps ?? [];
    expect(step?.kind === 'request' && step.request.origin).toBe('http://127.0.0.1:9');
  });

  it('does not keep registries that were given up', async () => {
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    const directory = await directoryOf({ acme: GOOD });
    const memory = createLoadMemory();
    const old: WeakRef<object>[] = [];
    for (const files of [GOOD, RENAMED, GOOD, RENAMED]) {
      await writeFiles(directory, 'acme', files);
      const connector = (await loadRegistry(directory, { memory })).connectors.get('acme');
      if (connector) old.push(new WeakRef(connector));
    }
    // A WeakRef holds on to the end of the turn that made it.
    await new Promise((resolve) => setTimeout(resolve, 10));
    collect();
    expect(old.map((one) => one.deref() !== undefined)).toEqual([false, false, false, true]);
  });
});
