import type { Action, Connector } from '../../connector/connector.ts';
import type { SandboxProgram } from './sandbox-file.ts';

/** A call that works at once, to be pasted. */
export interface TryCall {
  readonly action: string;
  readonly inputs: Readonly<Record<string, unknown>>;
}

/**
 * The call that the sandbox's registration names, else a harmless one: of an example where examples are played, else of a read
 * action that needs no inputs. Undefined when the connector has none.
 */
export function tryCallOf(
  connector: Connector,
  kind: 'program' | 'examples',
  program: SandboxProgram | undefined,
): TryCall | undefined {
  const named = program?.try && connector.actions.get(`${connector.id}_${program.try.action}`);
  if (named) return { action: named.id, inputs: program?.try?.inputs ?? {} };
  const reads = [...connector.actions.values()].filter(({ effect, file }) => effect === 'read' && !file);
  // Lists tell most, and the fewer inputs the shorter the line.
  reads.sort((one, other) => weight(one) - weight(other));
  for (const action of reads) {
    if (kind === 'program' && requiredOf(action) === 0) return { action: action.id, inputs: {} };
    if (kind === 'examples') {
      const example = action.examples.find(({ output, exchanges }) => output && exchanges.length > 0);
      if (example) return { action: action.id, inputs: example.inputs };
    }
  }
  return undefined;
}

function weight(action: Action): number {
  return requiredOf(action) * 2 + (action.output.kind === 'list' ? 0 : 1);
}

function requiredOf({ inputs }: Action): number {
  return Array.isArray(inputs.schema.required) ? inputs.schema.required.length : 0;
}

/** The call as a line for a POSIX shell. */
export function curlOf(
  { action, inputs }: TryCall,
  { address, key, account }: { address: string; key: string; account: string },
): string {
  const body = Object.keys(inputs).length > 0 ? JSON.stringify(inputs) : undefined;
  return [
    `curl -s -X POST ${address}/actions/${action}`,
    `  -H 'authorization: Bearer ${key}'`,
    `  -H 'x-account-id: ${account}'`,
    ...(body === undefined ? [] : [`  -H 'content-type: application/json' -d ${quoted(body)}`]),
  ].join(' \\\n');
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
