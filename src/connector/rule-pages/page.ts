/** Marks the place in a bad excerpt where the fault is reported. No YAML of a connector has it. */
export const MARK = '«';

/**
 * Where an excerpt stands in the connector that surrounds all of them (see surroundings.ts). `connector`, `action`, `example`:
 * keys of connector.yaml, of its action, of its example, in the place of those of the same name. `actions`, `examples`:
 * the whole file; `guides`: whole files, the path of each in a comment. `listing`: no YAML but the paths of the connectors' folder, folders with a slash at their end.
 */
export type ExcerptPlace = 'connector' | 'action' | 'actions' | 'example' | 'examples' | 'guides' | 'listing';

export interface Excerpt {
  readonly place: ExcerptPlace;
  /** With {@link MARK} before what is reported. */
  readonly text: string;
}

/** What is told about a rule beyond its sentence: docs/rules.md is made of it, and the remedy stands under every fault. */
export interface RulePage {
  /** Why the rule exists, in Markdown. */
  readonly why: string;
  /** What to do, in one line. */
  readonly remedy: string;
  /** Gives a fault of this rule, and of no other. */
  readonly bad: Excerpt;
  /** The same put right. */
  readonly good: Excerpt;
}

/** Makes an excerpt of a template string: without the line break that it begins with. */
export function excerpt(place: ExcerptPlace, text: string): Excerpt {
  return { place, text: text.replace(/^\n/, '') };
}

/** Two excerpts of the same place. */
export function shown(place: ExcerptPlace, bad: string, good: string): Pick<RulePage, 'bad' | 'good'> {
  return { bad: excerpt(place, bad), good: excerpt(place, good) };
}
