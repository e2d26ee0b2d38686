import type { FullGuideView, FullStepView, GuideActionView } from './full-guide.ts';
import { leastScopes } from './minimal-scopes.ts';
import { nextSections } from './next-sections.ts';
import type { GuideView, StepView } from './view-guide.ts';

/**
 * Adjusts a guide to the selected actions, by their public ids; ids that the guide does not have are passed over. Nothing but
 * the language itself is used: the console does the same at every click.
 */
export function adjustGuide(full: FullGuideView, ids: readonly string[]): GuideView {
  const known = new Map(full.actions.map((action) => [action.id, action]));
  const asked = new Set(ids);
  // In the guide's own order: the same selection is the same guide, however it was put together.
  const selected = full.actions.filter(({ id }) => asked.has(id));
  const chosen = new Set(selected.map(({ id }) => id));
  const included = new Map(full.scopes.map(({ name, includes }) => [name, includes]));
  const selection = leastScopes(selected, (scope, other) => included.get(scope)?.includes(other) ?? false);

  const described = new Map(full.scopes.map(({ name, description }) => [name, description]));
  const descriptions = selection.scopes.map((name) => described.get(name) ?? '');

  const isShown = ({ required_for: needs }: Concerned) => needs?.some((id) => chosen.has(id)) ?? true;
  const labelsFor = ({ required_for: needs }: Concerned) =>
    needs && labelsOf(needs.flatMap((id) => (chosen.has(id) ? (known.get(id) ?? []) : [])));
  const enabled = labelsOf(selected.filter(({ scopes }) => scopes.length > 0));

  const stepOf = (step: FullStepView): StepView => ({
    title: step.title,
    text: step.text,
    required_for: labelsFor(step),
    items: step.items.filter(isShown).map(({ text }) => text),
    scopes: step.list_scopes ? { names: selection.scopes, descriptions, enables: enabled } : null,
  });
  const sections = full.sections.filter(isShown).map((section) => ({
    title: section.title,
    text: section.text,
    required_for: labelsFor(section),
    steps: section.steps
      // Nothing to choose: nobody who selected nothing has to.
      .filter((step) => isShown(step) && !(step.list_scopes && selection.scopes.length === 0))
      .map(stepOf),
  }));
  return {
    connector: full.connector,
    authentication: full.authentication,
    title: full.title,
    summary: full.summary,
    warning: full.warning,
    selection,
    sections: [...sections, ...nextSections(full, selection)],
  };
}

interface Concerned {
  required_for: readonly string[] | null;
}

function labelsOf(actions: readonly GuideActionView[]): string[] {
  return actions.map(({ label }) => label).sort((one, other) => one.localeCompare(other, 'en'));
}
