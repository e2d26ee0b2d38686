import type { Ajv } from 'ajv';
import { RE2JS } from 're2js';
import { PAGE_INPUTS } from './connector.ts';
import type { InputFormat } from './format.ts';
import { schemaOf } from './input-set.ts';
import type { RuleId } from './rules.ts';
import type { Path, Place } from './yaml-file.ts';

/** Reports a fault at a path. */
export type FaultAt = (at: Path, rule: RuleId, message: string, place?: Place) => void;

// Bodies that have them are refused before an action sees its inputs.
const POISONED = ['constructor', 'prototype'];

/** Checks the declared inputs of an action. */
export function lintInputs(inputs: Readonly<Record<string, InputFormat>>, ajv: Ajv, fault: FaultAt): void {
  for (const [name, input] of Object.entries(inputs)) {
    const at = ['inputs', name];
    if ((PAGE_INPUTS as readonly string[]).includes(name))
      fault(at, 'ACT009', `"${name}" is added by the server to paginated actions`, { key: true });
    lintInput(at, input, ajv, fault);
  }
}

/** Checks one declared value: its name, its patterns, and that default, example and enum values are of its own type. */
export function lintInput(at: Path, input: InputFormat, ajv: Ajv, fault: FaultAt): void {
  const name = String(at.at(-1));
  if (POISONED.includes(name)) fault(at, 'ACT009', `"${name}" cannot be sent`, { key: true });
  const refused = [
    lintPattern([...at, 'pattern'], input.pattern, fault),
    lintPattern([...at, 'items', 'pattern'], input.items?.pattern, fault),
  ];
  if (refused.includes(true)) return;
  // Compiling a check costs far more than a declaration without values to check.
  const valued = (['default', 'example'] as const).filter((key) => input[key] !== undefined);
  if (valued.length > 0) {
    const valid = ajv.compile(schemaOf(input));
    for (const key of valued) {
      if (!valid(input[key])) fault([...at, key], 'ACT011', `${key} is not valid for the input itself`);
    }
  }
  if (input.enum) {
    const typeOnly = ajv.compile({ type: input.type });
    for (const [index, value] of input.enum.entries()) {
      if (!typeOnly(value)) fault([...at, 'enum', index], 'ACT011', `must be ${input.type}`);
    }
  }
}

/** True when the pattern was refused. */
function lintPattern(at: Path, pattern: string | undefined, fault: FaultAt): boolean {
  try {
    if (pattern !== undefined) RE2JS.compile(pattern);
    return false;
  } catch (error) {
    fault(at, 'ACT006', `pattern is not accepted: ${error instanceof Error ? error.message : String(error)}`);
    return true;
  }
}
