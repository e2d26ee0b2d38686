import type { FullGuideView } from '../../api/catalogue.ts';

/**
 * Which actions a guide is for, as its address says it. No `actions` in the address: all of them, also those that the
 * connector will have one day; an empty one: none. The API takes the same, so whatever is shown can be asked for.
 */
export interface Selection {
  /** In the connector's order. */
  ids: readonly string[];
  all: boolean;
  /** What the address names and the connector does not have. */
  unknown: readonly string[];
}

type Actions = Pick<FullGuideView, 'connector' | 'actions'>;

export function readSelection({ connector, actions }: Actions, given: string | null): Selection {
  if (given === null) return { ids: actions.map(({ id }) => id), all: true, unknown: [] };
  const named = new Set(
    given
      .split(',')
      .map((name) => name.trim())
      .filter(Boolean),
  );
  const short = (id: string) => id.slice(connector.length + 1);
  const ids = actions.map(({ id }) => id).filter((id) => named.has(id) || named.has(short(id)));
  const known = new Set(ids.flatMap((id) => [id, short(id)]));
  return { ids, all: ids.length === actions.length, unknown: [...named].filter((name) => !known.has(name)) };
}

/** The same as the query of an address: empty for all. The connector's name is left out of the ids, to keep it short. */
export function selectionQuery({ connector, actions }: Actions, ids: readonly string[]): string {
  if (ids.length === actions.length) return '';
  // Commas are allowed there (RFC 3986 §3.4), and people read them.
  return `?actions=${ids.map((id) => encodeURIComponent(id.slice(connector.length + 1))).join(',')}`;
}

// Of anything that an address can have, on a page that people trust.
const NAME = /^[a-z][a-z0-9_]{0,79}$/;
const NAMES_SHOWN = 5;

/** What is not known, as a text: what could be the name of an action, and how many others. An address may hold any sentence. */
export function unknownText(unknown: readonly string[]): string {
  const shown = unknown.filter((name) => NAME.test(name)).slice(0, NAMES_SHOWN);
  const others = unknown.length - shown.length;
  if (others === 0) return shown.join(', ');
  return [...shown, `${others} ${shown.length > 0 ? 'more' : others === 1 ? 'name' : 'names'}`].join(', ');
}
