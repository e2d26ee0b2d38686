import { relative, resolve } from 'node:path';
import type { Report } from './check.ts';
import { elsewhereOf, summaryOf, toldFault } from './told-fault.ts';

/**
 * The report as GitHub Actions reads it from a log: one `::error` command a fault (docs.github.com, "Workflow commands"), then
 * the sum as an ordinary line. Files are named from GITHUB_WORKSPACE on, as annotations want it, else as they are.
 */
export function formatGithub(report: Report, env: Readonly<Record<string, string | undefined>>): string {
  const workspace = env.GITHUB_WORKSPACE;
  const commands = report.faults.map((fault) => {
    const { file, line, column, rule, title, message, remedy, docs } = toldFault(fault);
    const named = workspace === undefined ? file : relative(workspace, resolve(file));
    const properties = { file: named, line, col: column, title: `${rule} ${title}` };
    const written = Object.entries(properties).map(([name, value]) => `${name}=${escapeProperty(String(value))}`);
    return `::error ${written.join(',')}::${escapeData(`${message}\n${remedy} (${docs})`)}`;
  });
  const elsewhere = elsewhereOf(report);
  return [...commands, ...(elsewhere === undefined ? [] : [elsewhere]), summaryOf(report)].join('\n');
}

/** As in the runner's own toolkit (actions/toolkit, core/src/command.ts). */
function escapeData(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function escapeProperty(text: string): string {
  return escapeData(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
