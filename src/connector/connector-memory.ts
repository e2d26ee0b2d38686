import type { BareAction } from './compile-action.ts';
import type { Diagnostic } from './diagnostics.ts';
import { createRecollection, type Recollection } from './recollection.ts';
import type { YamlFile } from './yaml-file.ts';

/** A file as it was read: what it holds, or what is wrong with it. */
export type CheckedFile = { readonly parsed: YamlFile } | { readonly faults: readonly Diagnostic[] };

/**
 * What one compilation of a connector leaves to the next one, so that a changed file costs what that file costs. It changes
 * nothing in what comes out.
 */
export interface ConnectorMemory {
  /** By file, made of its text. */
  readonly files: Recollection<CheckedFile>;
  /** By local id, made of its file's name and the declarations of the action and of the connector. Only those without a fault. */
  readonly actions: Recollection<BareAction | undefined>;
  /** To be called when a connector was compiled without a fault: forgets what it does not need. */
  tidy(): void;
}

export function createConnectorMemory(): ConnectorMemory {
  const files = createRecollection<CheckedFile>();
  const actions = createRecollection<BareAction | undefined>();
  return {
    files,
    actions,
    tidy() {
      files.tidy();
      actions.tidy();
    },
  };
}
