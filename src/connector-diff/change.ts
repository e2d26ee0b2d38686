/** How a change touches those who call the connector: they must change something, may use something new, or notice nothing. */
export type Impact = 'breaking' | 'feature' | 'fix';

/** One difference between two versions of a connector. */
export interface Change {
  readonly impact: Impact;
  readonly connector: string;
  /** Public id; undefined where the change is one of the whole connector. */
  readonly action: string | undefined;
  /** What kind of change it is, for programs. */
  readonly kind: string;
  readonly message: string;
}

export type Report = (impact: Impact, kind: string, message: string) => void;

/** The gravest impact first. */
export const IMPACTS: readonly Impact[] = ['breaking', 'feature', 'fix'];
