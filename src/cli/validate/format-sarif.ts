import { isAbsolute, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import { RULE_PAGES } from '../../connector/rule-pages/rule-pages.ts';
import { RULES, type RuleId } from '../../connector/rules.ts';
import type { Report } from './check.ts';
import { toldFault } from './told-fault.ts';

const RULE_IDS = Object.keys(RULES) as RuleId[];
// "the source root" of GitHub's code scanning and of SARIF's own examples (§3.14.14).
const SOURCE_ROOT = '%SRCROOT%';

/** A SARIF 2.1.0 log (OASIS, 27 March 2020) of one run. `docs`: the absolute URL of docs/rules.md. */
export function formatSarif(report: Report, tool: { version: string; docs: string }): object {
  return {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: { name: 'Corbel', semanticVersion: tool.version, rules: RULE_IDS.map((id) => ruleOf(id, tool.docs)) },
        },
        columnKind: 'utf16CodeUnits',
        invocations: [{ executionSuccessful: true }],
        results: report.faults.map((fault) => {
          const { file, line, column, rule, message, remedy } = toldFault(fault);
          return {
            ruleId: rule,
            ruleIndex: RULE_IDS.indexOf(fault.rule),
            level: 'error',
            message: { text: `${message}\n${remedy}` },
            locations: [
              {
                physicalLocation: {
                  artifactLocation: artifactOf(file),
                  region: { startLine: line, startColumn: column },
                },
              },
            ],
          };
        }),
      },
    ],
  };
}

function ruleOf(id: RuleId, docs: string): object {
  const { why, remedy } = RULE_PAGES[id];
  return {
    id,
    shortDescription: { text: RULES[id] },
    fullDescription: { text: why },
    help: { text: `${why}\n\n${remedy}`, markdown: `${why}\n\n**${remedy}**` },
    helpUri: `${docs}#${id.toLowerCase()}`,
    defaultConfiguration: { level: 'error' },
  };
}

/** Relative to the root where it is below it, as viewers elsewhere need it; RFC 3986 in any case. */
function artifactOf(file: string): object {
  if (isAbsolute(file) || file.startsWith(`..${sep}`)) return { uri: pathToFileURL(file).href };
  return { uri: file.split(sep).map(encodeURIComponent).join('/'), uriBaseId: SOURCE_ROOT };
}
