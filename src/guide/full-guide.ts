import type { Authentication, Connector } from '../connector/connector.ts';
import type { Concern, Guide, GuideStep, GuideValues } from '../connector/guide.ts';
import { givesTokenFor } from '../connector/token-kind.ts';
import type { Template } from '../expression/template.ts';

/**
 * A guide with everything that a selection of actions may show or hide, so that whoever has it can adjust it without asking
 * again (see `adjustGuide`). Texts are Markdown. `required_for` are public ids of actions; null: everybody.
 */
export interface FullGuideView {
  connector: string;
  connector_label: string;
  docs: string | null;
  authentication: string;
  authentication_label: string;
  grant: Authentication['grant'];
  /** Profiles may do without a client secret. */
  public_clients: boolean;
  /** Every guide of the connector, this one too. */
  guides: { authentication: string; label: string }[];
  title: string;
  summary: string;
  warning: string | null;
  /** In the connector's order; without those for which this way of authentication has no token of the kind that they need. */
  actions: GuideActionView[];
  scopes: { name: string; description: string; includes: string[] }[];
  account_settings: { name: string; description: string | null }[];
  sections: FullSectionView[];
}

export interface GuideActionView {
  id: string;
  label: string;
  scopes: readonly string[];
  provider_scopes: readonly string[];
}

export interface FullSectionView {
  title: string;
  text: string | null;
  required_for: string[] | null;
  steps: FullStepView[];
}

export interface FullStepView {
  title: string;
  text: string | null;
  required_for: string[] | null;
  items: { text: string; required_for: string[] | null }[];
  list_scopes: boolean;
}

/** Everything of a guide, its texts made. Rejects with `ExpressionError` when a text cannot be. */
export async function fullGuide(connector: Connector, guide: Guide, values: GuideValues): Promise<FullGuideView> {
  const method = methodOf(connector, guide.authentication);
  const written = async (text: Template | undefined) =>
    text ? String((await text.evaluate({ ...values })) ?? '').trim() : null;
  const idsOf = (concern: Concern | undefined) => (concern ? [...concern] : null);

  const stepOf = async (step: GuideStep): Promise<FullStepView> => ({
    title: step.title,
    text: await written(step.text),
    required_for: idsOf(step.concerns),
    items: await Promise.all(
      step.items.map(async ({ text, concerns }) => ({
        text: (await written(text)) ?? '',
        required_for: idsOf(concerns),
      })),
    ),
    list_scopes: step.listScopes,
  });

  return {
    connector: connector.id,
    connector_label: connector.label,
    docs: connector.docs ?? null,
    authentication: guide.authentication,
    authentication_label: method.label,
    grant: method.grant,
    public_clients: method.publicClients,
    guides: [...connector.authentication.values()]
      .filter(({ id }) => connector.guides.has(id))
      .map(({ id, label }) => ({ authentication: id, label })),
    title: `${connector.label}: ${method.label}`,
    summary: (await written(guide.summary)) ?? '',
    warning: await written(guide.warning),
    actions: [...connector.actions.values()]
      .filter((action) => givesTokenFor(method, action))
      .map(({ id, label, scopes, providerScopes }) => ({ id, label, scopes, provider_scopes: providerScopes })),
    scopes: [...connector.scopes].map(([name, { description, covers }]) => ({
      name,
      description,
      includes: [...covers].filter((covered) => covered !== name),
    })),
    account_settings: settingsOf(connector),
    sections: await Promise.all(
      guide.sections.map(async (section) => ({
        title: section.title,
        text: await written(section.text),
        required_for: idsOf(section.concerns),
        steps: await Promise.all(section.steps.map(stepOf)),
      })),
    ),
  };
}

function methodOf(connector: Connector, authentication: string): Authentication {
  const method = connector.authentication.get(authentication);
  // The loader refuses a guide for what is not declared.
  if (!method) throw new Error(`${connector.id} has no authentication ${authentication}`);
  return method;
}

function settingsOf({ accountSettings }: Connector): FullGuideView['account_settings'] {
  const properties = (accountSettings.schema.properties ?? {}) as Record<string, { description?: string }>;
  return Object.entries(properties).map(([name, { description }]) => ({ name, description: description ?? null }));
}
