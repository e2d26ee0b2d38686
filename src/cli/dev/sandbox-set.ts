import { join, relative } from 'node:path';
import { readSource } from '../../connector/read-sources.ts';
import { parseYamlFile } from '../../connector/yaml-file.ts';
import type { DevEvent } from './dev-event.ts';
import type { SandboxProgram } from './sandbox-file.ts';
import { PROJECT_FOLDER, type RunningSandbox, type SandboxSurroundings, startExamples, startSandboxProgram, withoutSettings } from './sandboxes.ts';

/** The sandboxes beside a server. */
export interface SandboxSet {
  /** Starts those of connectors that have none yet, and enters them into the overrides. Failures are told, once each. */
  ensure(connectors: readonly string[]): Promise<void>;
  of(connector: string): RunningSandbox | undefined;
  stop(): Promise<void>;
}
