import { createHash } from 'node:crypto';
import { Problem } from '../problems.ts';
import type { SealContext, Vault } from '../vault/vault.ts';

/** Where a walk over pages stands. */
export interface PagePosition {
  /**
   * Number of the page (page_number style), of the items passed over (offset style), the provider's own cursor, or path and
   * query of its link to the page.
   */
  at: number | string;
  size: number | null;
  /** How many pages were given so far. */
  pages: number;
  /** Digest of one earlier page's items, for finding cycles. */
  checkpoint: string;
}

/** What a cursor is bound to: it opens only for the same project, account, action and inputs. */
export interface CursorScope {
  project: string;
  account: string;
  action: string;
  inputs: Readonly<Record<string, unknown>>;
}

// At 200 items a page this is 200,000 items: whoever needs more is better served by a filter.
export const MAX_PAGES = 1_000;
// Long enough for a nightly job that pauses; a cursor should not outlive what it points into.
const CURSOR_LIFE_MS = 24 * 60 * 60 * 1_000;

/** Seals a position into the opaque text that callers send back as `next`. */
export function sealCursor(vault: Vault, scope: CursorScope, nowMs: number, position: PagePosition): string {
  return vault.seal(JSON.stringify({ ...position, made: nowMs }), contextOf(scope));
}

/** The position of a cursor. Problems: `cursor_invalid`, `page_limit_reached`. */
export function openCursor(vault: Vault, scope: CursorScope, nowMs: number, cursor: string): PagePosition {
  let text: string;
  try {
    text = vault.open(cursor, contextOf(scope)).reveal();
  } catch (error) {
    throw new Problem('cursor_invalid', 'The cursor does not belong to this account, action and inputs.', {
      cause: error,
    });
  }
  const { made, ...position } = JSON.parse(text) as PagePosition & { made: number };
  if (made + CURSOR_LIFE_MS < nowMs) throw new Problem('cursor_invalid', 'The cursor is older than a day.');
  if (position.pages >= MAX_PAGES) throw new Problem('page_limit_reached', `After ${MAX_PAGES} pages the walk ends.`);
  return position;
}

/**
 * The checkpoint to carry on after a page (Brent's cycle detection: the remembered page moves on at powers of two, so every
 * cycle is met in time linear in its length with one digest of memory). Throws `pagination_cycle` when the page is the
 * remembered one again.
 */
export function nextCheckpoint(position: Pick<PagePosition, 'pages' | 'checkpoint'>, items: unknown): string {
  // An empty page tells nothing: a provider may give several before its next item.
  if (Array.isArray(items) && items.length === 0) return position.checkpoint;
  const digest = createHash('sha256')
    .update(JSON.stringify(items) ?? '')
    .digest('base64url');
  if (digest === position.checkpoint)
    throw new Problem('pagination_cycle', 'The provider gave a page that it gave before.');
  const pages = position.pages + 1;
  return (pages & (pages - 1)) === 0 ? digest : position.checkpoint;
}

function contextOf({ project, account, action, inputs }: CursorScope): SealContext {
  return { partition: project, kind: 'cursor', id: account, field: `${action} ${inputsDigest(inputs)}`, generation: 0 };
}

function inputsDigest(inputs: Readonly<Record<string, unknown>>): string {
  const sorted = Object.entries(inputs).sort(([one], [other]) => (one < other ? -1 : 1));
  return createHash('sha256').update(JSON.stringify(sorted)).digest('base64url');
}
