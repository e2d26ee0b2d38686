import type { Template } from '../expression/template.ts';

/** How a provider is set up for one way to obtain tokens, as declared. */
export interface Guide {
  /** Id of the authentication. */
  readonly authentication: string;
  readonly summary: Template;
  readonly warning: Template | undefined;
  readonly sections: readonly GuideSection[];
}

export interface GuideSection {
  readonly title: string;
  readonly concerns: Concern | undefined;
  readonly text: Template | undefined;
  readonly steps: readonly GuideStep[];
}

export interface GuideStep {
  readonly title: string;
  readonly concerns: Concern | undefined;
  readonly text: Template | undefined;
  readonly items: readonly { readonly text: Template; readonly concerns: Concern | undefined }[];
  readonly listScopes: boolean;
}

/** Public ids of the actions that a part of a guide concerns. */
export type Concern = ReadonlySet<string>;

/** What the texts of guides can read: this server's own addresses. */
export const GUIDE_VALUES = ['callback_url', 'public_url'] as const;
export type GuideValues = Readonly<Record<(typeof GUIDE_VALUES)[number], string>>;
