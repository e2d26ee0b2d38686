import type { Report } from './check.ts';
import { type ToldFault, toldFault } from './told-fault.ts';

/** What `corbel validate --json` answers. */
export interface JsonReport {
  /** Of what was asked for, in the order of files and lines. */
  faults: ToldFault[];
  /** How many there are besides in other files of the same connectors. */
  faults_elsewhere: number;
  connectors: number;
  actions: number;
  examples: number;
  guides: number;
  elapsed_ms: number;
}

/** The report as one document. */
export function formatJson(report: Report): JsonReport {
  const { faults, faultsElsewhere, connectors, actions, examples, guides, elapsedMs } = report;
  return {
    faults: faults.map(toldFault),
    faults_elsewhere: faultsElsewhere,
    connectors,
    actions,
    examples,
    guides,
    elapsed_ms: elapsedMs,
  };
}
