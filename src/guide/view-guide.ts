import type { Action, Authentication, Connector } from '../connector/connector.ts';
import type { Concern, Guide, GuideStep, GuideValues } from '../connector/guide.ts';
import type { Template } from '../expression/template.ts';
import { type MinimalScopes, minimalScopes } from './minimal-scopes.ts';
import { nextSections } from './next-sections.ts';

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
  /** The scopes to choose, and the labels of the selected actions that they enable; null in a step that lists none. */
  scopes: { names: string[]; enables: string[] } | null;
}

/** Adjusts a guide to the selected actions of its connector. Rejects with `ExpressionError` when a text cannot be made. */
export async function viewGuide(
  connector: Connector,
  guide: Guide,
  selected: readonly Action[],
  values: GuideValues,
): Promise<GuideView> {
  const method = methodOf(connector, guide);
  const selection = minimalScopes(connector, selected);
  const written = async (text: Template | undefined) =>
    text ? String((await text.evaluate({ ...values })) ?? '').trim() : null;
  const concerned = (concern: Concern | undefined) => concern && selected.filter(({ id }) => concern.has(id));
  const isShown = ({ concerns }: { concerns: Concern | undefined }) => concerned(concerns)?.length !== 0;

  const stepOf = async (step: GuideStep): Promise<StepView> => ({
    title: step.title,
    text: await written(step.text),
    required_for: labelsOf(concerned(step.concerns)),
    items: await Promise.all(step.items.filter(isShown).map(async ({ text }) => (await written(text)) ?? '')),
    scopes: step.listScopes ? { names: selection.scopes, enables: labelsOf(enabledBy(selected)) ?? [] } : null,
  });

  const sections = await Promise.all(
    guide.sections.filter(isShown).map(
      async (section): Promise<SectionView> => ({
        title: section.title,
        text: await written(section.text),
        required_for: labelsOf(concerned(section.concerns)),
        // Nothing to choose: nobody who selected nothing has to.
        steps: await Promise.all(
          section.steps
            .filter((step) => isShown(step) && !(step.listScopes && selection.scopes.length === 0))
            .map(stepOf),
        ),
      }),
    ),
  );
  return {
    connector: connector.id,
    authentication: guide.authentication,
    title: `${connector.label}: ${method.label}`,
    summary: (await written(guide.summary)) ?? '',
    warning: await written(guide.warning),
    selection,
    sections: [...sections, ...nextSections(connector, method, selected, selection)],
  };
}

function methodOf(connector: Connector, { authentication }: Guide): Authentication {
  const method = connector.authentication.get(authentication);
  // The loader refuses a guide for what is not declared.
  if (!method) throw new Error(`${connector.id} has no authentication ${authentication}`);
  return method;
}

function enabledBy(selected: readonly Action[]): Action[] {
  return selected.filter(({ scopes }) => scopes.length > 0);
}

function labelsOf(actions: readonly Action[] | undefined): string[] | null {
  return actions ? actions.map(({ label }) => label).sort((one, other) => one.localeCompare(other)) : null;
}
