import { type Answer, documentAnswer } from './answer.ts';
import type { ApiContext } from './api-context.ts';
import { requireFolder } from './folders.ts';
import { requireItem } from './items.ts';
import { listDocument } from './json-api.ts';
import { requireVersion } from './versions.ts';

/** No resource of the sandbox has custom relationships: `refs`, `relationships/refs` and `relationships/links` are empty. */
function emptyList(require: (context: ApiContext) => unknown, relatedTail?: { from: string; to: string }) {
  return (context: ApiContext): Answer => {
    require(context);
    const links = { self: { href: context.self } };
    if (relatedTail === undefined) return documentAnswer(listDocument(links, []));
    const related = { href: context.path.slice(0, -relatedTail.from.length) + relatedTail.to };
    return documentAnswer(listDocument({ ...links, related }, []));
  };
}

const TO_REFS = { from: 'relationships/refs', to: 'refs' } as const;

export const folderRefs = emptyList(requireFolder);
export const folderRelationshipRefs = emptyList(requireFolder, TO_REFS);
export const folderRelationshipLinks = emptyList(requireFolder);
export const itemRefs = emptyList(requireItem);
export const itemRelationshipRefs = emptyList(requireItem, TO_REFS);
export const itemRelationshipLinks = emptyList(requireItem);
export const versionRefs = emptyList(requireVersion);
export const versionRelationshipRefs = emptyList(requireVersion, TO_REFS);
export const versionRelationshipLinks = emptyList(requireVersion);
