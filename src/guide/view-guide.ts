import type { Action, Connector } from '../connector/connector.ts';
import type { Guide, GuideValues } from '../connector/guide.ts';
import { adjustGuide } from './adjust-guide.ts';
import { fullGuide } from './full-guide.ts';
import type { MinimalScopes } from './minimal-scopes.ts';

/** A guide adjusted to a selection of actions: what is shown, and nothing else. Texts are Markdown. */
export interface GuideView {
  connector: string;
  authentication: string;
  title: string;
  summary: string;
  warning: string | null;
  selection: MinimalScopes;
  sections: SectionView[];
}

export interface SectionView {
  title: string;
  text: string | null;
  /** Labels of the selected actions that need this part; null where everybody does. */
  required_for: string[] | null;
  steps: StepView[];
}

export interface StepView {
  title: string;
  text: string | null;
  required_for: string[] | null;
  items: string[];
  /** The scopes to choose, what each is for, and the labels of the actions that they enable; null in a step that lists none. */
  scopes: { names: string[]; descriptions: string[]; enables: string[] } | null;
}

/** Adjusts a guide to the selected actions of its connector. Rejects with `ExpressionError` when a text cannot be made. */
export async function viewGuide(
  connector: Connector,
  guide: Guide,
  selected: readonly Action[],
  values: GuideValues,
): Promise<GuideView> {
  return adjustGuide(
    await fullGuide(connector, guide, values),
    selected.map(({ id }) => id),
  );
}
