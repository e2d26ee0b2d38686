import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Running, startSandbox } from './client.ts';

const UUID = '[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}';
/** The documented forms of the only addresses that may lead elsewhere. */
const EXTERNAL = [
  new RegExp(`^https://docs\\.b360\\.autodesk\\.com/projects/${UUID}$`),
  new RegExp(
    `^https://docs\\.b360\\.autodesk\\.com/projects/${UUID}/folders/urn%3Aadsk\\.wip(prod|emea)%3Afs\\.folder%3Aco\\.[\\w-]+$`,
  ),
  new RegExp(
    `^https://docs\\.b360\\.autodesk\\.com/projects/${UUID}/folders/urn%3Aadsk\\.wip(prod|emea)%3Afs\\.folder%3Aco\\.[\\w-]+` +
      '/detail/viewer/items/urn%3Aadsk\\.wip(prod|emea)%3A(dm\\.lineage%3A[\\w-]+|fs\\.file%3Avf\\.[\\w-]+%3Fversion%3D\\d+)$',
  ),
];
/** Few projects and a large folder just over one page keep the crawl complete and short. */
const PARALLEL = 24;

let running: Running;
beforeAll(async () => {
  running = await startSandbox({ usProjects: 2, emeaProjects: 1, largeFolderEntries: 230, recordLimit: 0 });
});
afterAll(() => running.stop());

function hrefsOf(value: unknown, found: string[] = []): string[] {
  if (typeof value !== 'object' || value === null) return found;
  for (const [key, inner] of Object.entries(value)) {
    if (key === 'href' && typeof inner === 'string') found.push(inner);
    else hrefsOf(inner, found);
  }
  return found;
}

/** A path with its ids replaced: what kind of href it is. */
function kindOf(address: URL): string {
  return address.pathname
    .replace(/\/(?:[ab]\.|urn(?::|%3A))[^/]+/g, '/:id')
    .replace(/^(\/schema\/v1\/versions\/\w+):.*$/, '$1');
}

describe('every href the sandbox emits', () => {
  it('answers 200 with a JSON:API document, or is one of the documented external forms', async () => {
    const [, second] = running.sandbox.world.hubs[0]?.projects ?? [];
    const queue = ['/project/v1/hubs'];
    const seen = new Set(queue);
    const kinds = new Map<string, number>();
    const failures: string[] = [];
    let externals = 0;

    const visit = async (href: string): Promise<void> => {
      const address = new URL(href, running.origin);
      if (address.origin !== running.origin) {
        externals += 1;
        if (!EXTERNAL.some((pattern) => pattern.test(href))) failures.push(`not a documented external form: ${href}`);
        return;
      }
      const reply = await running.get(href);
      const type = reply.headers['content-type'];
      if (reply.status !== 200 || type !== 'application/vnd.api+json')
        failures.push(`${reply.status} ${type}: ${href}`);
      kinds.set(kindOf(address), (kinds.get(kindOf(address)) ?? 0) + 1);
      for (const next of hrefsOf(reply.json)) {
        // The second project's data is like the first's: its own hrefs are followed, those below its top folders not.
        if (address.pathname.startsWith(`/data/v1/projects/${second?.id}`)) continue;
        if (!seen.has(next)) {
          seen.add(next);
          queue.push(next);
        }
      }
    };
    const worker = async (): Promise<void> => {
      for (let href = queue.shift(); href !== undefined; href = queue.shift()) await visit(href);
    };
    while (queue.length > 0) await Promise.all(Array.from({ length: PARALLEL }, worker));

    expect(failures.slice(0, 10)).toEqual([]);
    expect(externals).toBeGreaterThan(500);
    expect([...seen].some((href) => href.includes('page%5Bnumber%5D=1'))).toBe(true);
    expect([...kinds.keys()].sort()).toEqual([
      '/data/v1/projects/:id/folders/:id',
      '/data/v1/projects/:id/folders/:id/contents',
      '/data/v1/projects/:id/folders/:id/parent',
      '/data/v1/projects/:id/folders/:id/refs',
      '/data/v1/projects/:id/folders/:id/relationships/links',
      '/data/v1/projects/:id/folders/:id/relationships/refs',
      '/data/v1/projects/:id/items/:id',
      '/data/v1/projects/:id/items/:id/parent',
      '/data/v1/projects/:id/items/:id/refs',
      '/data/v1/projects/:id/items/:id/relationships/links',
      '/data/v1/projects/:id/items/:id/relationships/refs',
      '/data/v1/projects/:id/items/:id/tip',
      '/data/v1/projects/:id/items/:id/versions',
      '/data/v1/projects/:id/versions/:id',
      '/data/v1/projects/:id/versions/:id/downloadFormats',
      '/data/v1/projects/:id/versions/:id/item',
      '/data/v1/projects/:id/versions/:id/refs',
      '/data/v1/projects/:id/versions/:id/relationships/links',
      '/data/v1/projects/:id/versions/:id/relationships/refs',
      '/project/v1/hubs',
      '/project/v1/hubs/:id',
      '/project/v1/hubs/:id/projects',
      '/project/v1/hubs/:id/projects/:id',
      '/project/v1/hubs/:id/projects/:id/topFolders',
      '/schema/v1/versions/folders',
      '/schema/v1/versions/hubs',
      '/schema/v1/versions/items',
      '/schema/v1/versions/projects',
      '/schema/v1/versions/versions',
    ]);
  }, 60_000);
});
