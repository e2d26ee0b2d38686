import { type Answer, documentAnswer } from './answer.ts';
import type { ApiContext } from './api-context.ts';
import { compileFilters } from './filters.ts';
import { requireFolder } from './folders.ts';
import { itemResource } from './item-resource.ts';
import { listDocument, paginate } from './json-api.ts';
import type { FolderNode, ItemNode } from './project-tree.ts';
import { versionResource } from './version-resource.ts';
import { forbidden } from './write-rules.ts';

/**
 * Tip versions of the items of a folder and everything below it, the items in `included`. Filters look at the versions.
 * There is no `page[limit]`: the OpenAPI document does not have it, so it is not obeyed.
 */
export function searchFolder(context: ApiContext): Answer {
  const { project, folder } = requireFolder(context);
  if (context.switches.search_needs_user && !context.hasUser) throw forbidden('Searching needs a user context.');
  const { links, world } = context;
  const matches = compileFilters(context.query);
  const found = [...itemsBelow(folder)]
    .map((item) => ({ item, version: versionResource(item, item.versions, project, links, world.seed) }))
    .filter(({ version }) => matches(version));
  const query = context.query.filter(([name]) => name !== 'page[limit]');
  const page = paginate(found, { self: context.self, path: context.path, query });
  const included = page.entries.map(({ item }) => itemResource(item, project, links, world.seed));
  const data = page.entries.map(({ version }) => version);
  return documentAnswer(listDocument(page.links, data, included.length === 0 ? {} : { included }));
}

/** Not what is deleted, nor what is in a deleted folder. */
function* itemsBelow(folder: FolderNode): Generator<ItemNode> {
  for (const child of folder.children) {
    if (child.hidden) continue;
    if (child.kind === 'item') yield child;
    else yield* itemsBelow(child);
  }
}
