import type { Diagnostic } from '../../connector/diagnostics.ts';
import { RULE_PAGES, ruleAnchor } from '../../connector/rule-pages/rule-pages.ts';
import { RULES } from '../../connector/rules.ts';
import type { Report } from './check.ts';

/** A fault as programs get it. */
export interface ToldFault {
  file: string;
  /** From 1. */
  line: number;
  /** From 1, in UTF-16 code units. */
  column: number;
  severity: 'error';
  rule: string;
  /** The sentence of the rule. */
  title: string;
  message: string;
  /** What to do, in one line. */
  remedy: string;
  /** Where the rule is explained, from the root of the project on. */
  docs: string;
}

/** A fault with what its rule says. Whatever is wrong keeps a connector from being loaded: there are no mere warnings. */
export function toldFault({ file, line, column, rule, message }: Diagnostic): ToldFault {
  const { remedy } = RULE_PAGES[rule];
  const docs = ruleAnchor(rule);
  return { file, line, column, severity: 'error', rule, title: RULES[rule], message, remedy, docs };
}

/** `59 actions` of a number and the word for one. */
export function counted(count: number, one: string): string {
  return `${count} ${one}${count === 1 ? '' : 's'}`;
}

/** What was looked at, what was found and how long it took, in one line. */
export function summaryOf(report: Report): string {
  const { connectors, actions, examples, guides, faults, elapsedMs } = report;
  const looked = [
    counted(connectors, 'connector'),
    counted(actions, 'action'),
    counted(examples, 'example'),
    ...(guides > 0 ? [counted(guides, 'guide')] : []),
  ].join(', ');
  return `${looked}: ${faults.length === 0 ? 'no faults' : counted(faults.length, 'fault')} (${elapsedMs} ms)`;
}

/** Says that there are faults which were not asked for; undefined where there are none. */
export function elsewhereOf({ faultsElsewhere }: Report): string | undefined {
  if (faultsElsewhere === 0) return undefined;
  return `${counted(faultsElsewhere, 'further fault')} in other files of the same connector; validate its folder to see ${faultsElsewhere === 1 ? 'it' : 'them'}.`;
}
