import type { RuleId } from '../rules.ts';
import { ACTION_PAGES } from './action-pages.ts';
import { CONNECTOR_PAGES } from './connector-pages.ts';
import { EXAMPLE_PAGES } from './example-pages.ts';
import { GUIDE_PAGES } from './guide-pages.ts';
import type { RulePage } from './page.ts';
import { SENDING_PAGES } from './sending-pages.ts';
import { YAML_PAGES } from './yaml-pages.ts';

/** The page of every rule. A rule without one does not compile. The server has no use for them and does not load them. */
export const RULE_PAGES: Readonly<Record<RuleId, RulePage>> = {
  ...YAML_PAGES,
  ...CONNECTOR_PAGES,
  ...ACTION_PAGES,
  ...SENDING_PAGES,
  ...EXAMPLE_PAGES,
  ...GUIDE_PAGES,
};

/** Where a rule is explained, from the root of the project on. */
export function ruleAnchor(rule: RuleId): string {
  return `docs/rules.md#${rule.toLowerCase()}`;
}
