import { rm, symlink } from 'node:fs/promises';
import { relative } from 'node:path';
import { describe, expect, it } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import { ConnectorError } from '../../src/connector/diagnostics.ts';
import { loadRegistry } from '../../src/connector/load.ts';
import { createRegistryHolder } from '../../src/connector/registry.ts';
import { changed, compiledOf, directoryOf, GOOD, requestOf, writeFiles } from './support/sources.ts';

const RENAMED = changed(GOOD, 'actions/things.yaml', 'label: Get Thing', 'label: Fetch Thing');
const BROKEN = changed(GOOD, 'actions/things.yaml', 'label: Get Thing', 'lable: Get Thing');

/** A good connector under another id. */
function named(id: string) {
  return changed(GOOD, 'connector.yaml', 'id: acme', `id: ${id}`);
}

describe('a registry', () => {
  it('has every connector below the directory, and all their actions by public id', async () => {
    const registry = await loadRegistry(await directoryOf({ beta: named('beta'), acme: GOOD }));
    expect([...registry.connectors.keys()]).toEqual(['acme', 'beta']);
    expect([...registry.actions.keys()].sort()).toEqual([
      'acme_get_thing',
      'acme_list_things',
      'beta_get_thing',
      'beta_list_things',
    ]);
    expect(registry.actions.get('acme_get_thing')?.examples).toHaveLength(1);
  });

  it('takes linked folders, and leaves hidden ones and plain files alone', async () => {
    const elsewhere = await directoryOf({ acme: GOOD });
    const directory = await directoryOf({ '.git': { config: 'x' } });
    await symlink(`${elsewhere}/acme`, `${directory}/acme`);
    await writeFiles(directory, '.', { 'README.md': 'x' });
    expect([...(await loadRegistry(directory)).connectors.keys()]).toEqual(['acme']);
  });

  it('is all or nothing, and its error names every fault of every connector in order', async () => {
    const directory = await directoryOf({ acme: BROKEN, beta: named('gamma') });
    const error = await loadRegistry(directory).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ConnectorError);
    if (!(error instanceof ConnectorError)) return;
    const base = relative(process.cwd(), directory);
    const places = error.diagnostics.map(({ file, line, rule }) => `${file.slice(base.length + 1)}:${line} ${rule}`);
    expect(places).toEqual(['acme/actions/things.yaml:26 FMT001', 'beta/connector.yaml:1 CON001']);
    expect(error.message).toContain('did you mean "label"?');
  });

  it('has the same hash exactly when the files are the same, wherever they are', async () => {
    const hashes = await Promise.all(
      [{ acme: GOOD }, { acme: GOOD }, { acme: RENAMED }, { acme: GOOD, beta: named('beta') }].map(
        async (connectors) => {
          return (await loadRegistry(await directoryOf(connectors))).hash;
        },
      ),
    );
    expect(hashes[0]).toMatch(/^[0-9a-f]{64}$/);
    expect(hashes[1]).toBe(hashes[0]);
    expect(new Set(hashes).size).toBe(3);
  });

  it('calls other origins in the place of declared ones, everywhere', async () => {
    const overrides = new Map([['https://api.acme.test', 'http://127.0.0.1:9']]);
    const connector = compiledOf(GOOD, overrides);
    expect([...connector.origins]).toEqual(['http://127.0.0.1:9', 'https://files.acme.test']);
    expect(requestOf(connector, 'acme_get_thing')?.origin).toBe('http://127.0.0.1:9');
    expect(String(connector.authentication.get('app')?.tokenEndpoint)).toBe('http://127.0.0.1:9/token');
  });

  it('knows what scopes imply', () => {
    const { scopes } = compiledOf(GOOD);
    expect([...(scopes.get('write')?.covers ?? [])].sort()).toEqual(['read', 'write']);
    expect([...(scopes.get('read')?.covers ?? [])]).toEqual(['read']);
  });

  it('adds the page inputs to paginated actions only', () => {
    const { actions } = compiledOf(GOOD);
    expect([...(actions.get('acme_list_things')?.inputs.names ?? [])]).toEqual(['kind', 'page_size', 'next']);
    expect([...(actions.get('acme_get_thing')?.inputs.names ?? [])]).toEqual(['thing_id']);
  });

  it("lets an action's header replace a default one, whatever its case", () => {
    const files = changed(
      GOOD,
      'actions/things.yaml',
      'path: /things\n',
      'path: /things\n    headers: {X-Region: all}\n',
    );
    const headers = requestOf(compiledOf(files), 'acme_list_things')?.headers;
    expect(headers?.map(([name, { text }]) => [name, text])).toEqual([['x-region', 'all']]);
  });
});

describe('a reload', () => {
  it('swaps in what is new in one step, and what was taken before stays as it was', async () => {
    const directory = await directoryOf({ acme: GOOD });
    const holder = await createRegistryHolder(() => loadRegistry(directory), systemClock);
    const before = holder.current();
    await writeFiles(directory, 'acme', RENAMED);
    expect(await holder.reload()).toBe('swapped');
    expect(holder.current().actions.get('acme_get_thing')?.label).toBe('Fetch Thing');
    expect(before.actions.get('acme_get_thing')?.label).toBe('Get Thing');
  });

  it('keeps the registry itself when the files are the same', async () => {
    const directory = await directoryOf({ acme: GOOD });
    const holder = await createRegistryHolder(() => loadRegistry(directory), systemClock);
    const before = holder.current();
    expect(await holder.reload()).toBe('unchanged');
    expect(holder.current()).toBe(before);
  });

  it('that fails keeps the old one and says why; the next one may succeed', async () => {
    const directory = await directoryOf({ acme: GOOD });
    const holder = await createRegistryHolder(() => loadRegistry(directory), systemClock);
    const before = holder.current();
    await writeFiles(directory, 'acme', BROKEN);
    await expect(holder.reload()).rejects.toBeInstanceOf(ConnectorError);
    expect(holder.current()).toBe(before);
    await rm(`${directory}/acme/connector.yaml`);
    await expect(holder.reload()).rejects.toBeInstanceOf(ConnectorError);
    expect(holder.current()).toBe(before);
    await writeFiles(directory, 'acme', RENAMED);
    expect(await holder.reload()).toBe('swapped');
  });

  it('is shared by all who ask before it begins, and never by those who ask later', async () => {
    const directory = await directoryOf({ acme: GOOD });
    let loads = 0;
    const holder = await createRegistryHolder(() => {
      loads += 1;
      return loadRegistry(directory);
    }, systemClock);
    await writeFiles(directory, 'acme', RENAMED);
    const outcomes = await Promise.all(Array.from({ length: 50 }, () => holder.reload()));
    expect(new Set(outcomes)).toEqual(new Set(['swapped']));
    expect(loads).toBe(2);
    await writeFiles(directory, 'acme', BROKEN);
    const underWay = holder.reload().then(
      () => 'swapped',
      (error: unknown) => error,
    );
    await Promise.resolve().then(() => undefined);
    const failures = await Promise.allSettled(Array.from({ length: 50 }, () => holder.reload()));
    expect(await underWay).toBeInstanceOf(ConnectorError);
    expect(new Set(failures.map(({ status }) => status))).toEqual(new Set(['rejected']));
    expect(loads).toBe(4);
  });

  it('never lets a half be seen, however often it is asked for while files change', async () => {
    const directory = await directoryOf({ acme: GOOD });
    const holder = await createRegistryHolder(() => loadRegistry(directory), systemClock);
    for (let round = 0; round < 20; round += 1) {
      const writing = writeFiles(directory, 'acme', [GOOD, BROKEN, RENAMED][round % 3] ?? GOOD);
      await Promise.allSettled([holder.reload(), writing, holder.reload()]);
      expect([...holder.current().actions.keys()]).toHaveLength(2);
    }
  });
});
