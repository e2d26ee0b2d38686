import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { onTestFinished } from 'vitest';
import { checkTargets, type Report } from '../../../src/cli/validate/check.ts';
import { findTargets } from '../../../src/cli/validate/targets.ts';
import { createLoadMemory } from '../../../src/connector/load-memory.ts';
import { SURROUNDINGS } from '../../../src/connector/rule-pages/surroundings.ts';
import { type Files, writeFiles } from '../../connector/support/sources.ts';

/** A connector without a fault, under an id. */
export function connectorNamed(id: string, changes: Files = {}): Files {
  const main = SURROUNDINGS['connector.yaml'].replace('id: acme', `id: ${id}`);
  return { ...SURROUNDINGS, 'connector.yaml': main, ...changes };
}

/** A folder of connectors that is removed when the test is over. */
export async function connectorsFolder(connectors: Readonly<Record<string, Files>>): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'corbel-validate-'));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  for (const [id, files] of Object.entries(connectors)) await writeFiles(directory, id, files);
  return directory;
}

/** What the command finds for paths below the folder. */
export async function reportOf(directory: string, ...paths: string[]): Promise<Report> {
  const targets = await findTargets(paths.length > 0 ? paths : ['.'], directory);
  return checkTargets(targets, createLoadMemory(), () => 0);
}

/** `acme/actions/things.yaml:5:12 ACT014` of every fault. */
export function places({ faults }: Report, directory: string): string[] {
  const base = relative(process.cwd(), directory);
  return faults.map(({ file, line, column, rule }) => `${file.slice(base.length + 1)}:${line}:${column} ${rule}`);
}

/** An action with an unknown scope and a key in the wrong case. */
export const FAULTY_ACTIONS = SURROUNDINGS['actions/things.yaml']
  .replace('"things:read"', '"things:raed"')
  .replace('label:', 'Label:');

/** An example that its action has outgrown. */
export const STALE_EXAMPLES = SURROUNDINGS['examples/things.yaml'].replace('/things/t1', '/v1/things/t1');
