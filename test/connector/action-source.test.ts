import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import { readActionSource } from '../../src/connector/action-source.ts';
import type { Connector } from '../../src/connector/connector.ts';
import { loadRegistry } from '../../src/connector/load.ts';
import { createLoadMemory } from '../../src/connector/load-memory.ts';
import { createRegistryHolder } from '../../src/connector/registry.ts';
import { changed, directoryOf, GOOD, writeFiles } from './support/sources.ts';

const THINGS = 'actions/things.yaml';
const CONNECTORS = join(import.meta.dirname, '../../connectors');

async function sourceOf(connector: Connector | undefined, action: string): Promise<string | undefined> {
  const source = connector?.sources.get(action);
  return source && readActionSource(source);
}

describe('the source of an action', () => {
  it('is its declaration as it stands in the file, and nothing of its neighbours', async () => {
    const files = changed(GOOD, THINGS, '- id: get_thing', '\n# Singles.\n- id: get_thing');
    const connector = (await loadRegistry(await directoryOf({ acme: files }))).connectors.get('acme');
    const list = await sourceOf(connector, 'acme_list_things');
    expect(list).toMatch(/^- id: list_things\n {2}label: List Things\n/);
    expect(list).not.toMatch(/get_thing|Singles|\s$/);
    expect(await sourceOf(connector, 'acme_get_thing')).toMatch(/^- id: get_thing\n/);
    const lines = files[THINGS]?.split('\n') ?? [];
    const line = connector?.sources.get('acme_get_thing')?.line ?? 0;
    expect(lines[line - 1]).toBe('- id: get_thing');
  });

  it('is refused when the file is another, and there again once that was loaded', async () => {
    const directory = await directoryOf({ acme: GOOD });
    const memory = createLoadMemory();
    const before = (await loadRegistry(directory, { memory })).connectors.get('acme');
    await writeFiles(directory, 'acme', changed(GOOD, THINGS, '- id: list_things', '# Moved.\n- id: list_things'));
    expect(await sourceOf(before, 'acme_list_things')).toBeUndefined();
    const after = (await loadRegistry(directory, { memory })).connectors.get('acme');
    expect(await sourceOf(after, 'acme_list_things')).toMatch(/^- id: list_things\n/);
    expect(after?.sources.get('acme_list_things')?.line).toBe(2);
  });

  it('is there for every action of the shipped connectors', async () => {
    const { connectors, actions } = await loadRegistry(CONNECTORS);
    for (const [id, { connector }] of actions) {
      const text = await sourceOf(connectors.get(connector), id);
      expect(text?.match(/^- id: (\w+)$/gm)).toEqual([`- id: ${id.slice(connector.length + 1)}`]);
    }
  });
});

describe('the status of the connectors', () => {
  it('tells of the last reload: what came of it, with the faults of a refusal', async () => {
    const directory = await directoryOf({ acme: GOOD });
    const holder = await createRegistryHolder(() => loadRegistry(directory), systemClock);
    const { hash, loadedAt, lastReload } = holder.status();
    expect([hash, lastReload]).toEqual([holder.current().hash, undefined]);
    await writeFiles(directory, 'acme', changed(GOOD, THINGS, 'label: Get Thing', 'lable: Get Thing'));
    await holder.reload().catch(() => {});
    const refused = holder.status();
    expect(refused).toMatchObject({ hash, loadedAt, lastReload: { outcome: 'refused' } });
    expect(refused.lastReload?.faults[0]).toMatchObject({ file: expect.stringMatching(/things\.yaml$/) });
    expect(refused.lastReload?.faultCount).toBe(refused.lastReload?.faults.length);
    await writeFiles(directory, 'acme', changed(GOOD, THINGS, 'label: Get Thing', 'label: Fetch Thing'));
    await holder.reload();
    expect(holder.status()).toMatchObject({ lastReload: { outcome: 'swapped', faults: [], faultCount: 0 } });
    expect(holder.status().hash).not.toBe(hash);
  });
});
