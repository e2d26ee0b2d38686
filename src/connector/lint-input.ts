import { RE2JS } from 're2js';
import { CALL_PARAMETERS, PAGE_INPUTS } from './connector.ts';
import type { InputFormat } from './format.ts';
import { schemaOf, type ValueFormat } from './input-schema.ts';
import type { InputChecks } from './input-set.ts';
import type { FaultAt, Path } from './yaml-file.ts';

// Bodies that have them are refused before an action sees its inputs.
const POISONED = ['constructor', 'prototype'];

/** What a bound is for. Elsewhere JSON Schema would pass it over without a word. */
const BOUNDED: Readonly<Record<string, readonly ValueFormat['type'][]>> = {
  minimum: ['integer', 'number'],
  maximum: ['integer', 'number'],
  min_length: ['string'],
  max_length: ['string'],
  pattern: ['string'],
  items: ['array'],
  min_items: ['array'],
  max_items: ['array'],
  properties: ['object'],
};

/** Checks the inputs of an action, declared at `path`. */
export function lintInputs(
  path: Path,
  inputs: Readonly<Record<string, InputFormat>>,
  checks: InputChecks,
  fault: FaultAt,
): void {
  for (const [name, input] of Object.entries(inputs)) {
    const at = [...path, name];
    if ((PAGE_INPUTS as readonly string[]).includes(name))
      fault(at, 'ACT009', `"${name}" is added by the server to paginated actions`, { key: true });
    if ((CALL_PARAMETERS as readonly string[]).includes(name))
      fault(at, 'ACT009', `"${name}" is a parameter of every call`, { key: true });
    lintInput(at, input, checks, fault);
  }
}

/**
 * Checks one declared value and everything in it: names, patterns, that bounds are for its type, and that default, example
 * and enum values are valid for it.
 */
export function lintInput(at: Path, input: InputFormat, checks: InputChecks, fault: FaultAt): void {
  lintName(at, fault);
  lintValue(at, input, checks, fault);
}

/** False when there is a pattern in it that was refused. */
function lintValue(at: Path, value: ValueFormat, checks: InputChecks, fault: FaultAt): boolean {
  for (const [bound, types] of Object.entries(BOUNDED)) {
    if (bound in value && !types.includes(value.type))
      fault([...at, bound], 'ACT023', `${bound} is for ${types.join(' and ')}, not for ${value.type}`, { key: true });
  }
  const sound = [lintPattern([...at, 'pattern'], value.pattern, fault)];
  if (value.items) sound.push(lintValue([...at, 'items'], value.items, checks, fault));
  for (const [name, member] of Object.entries(value.properties ?? {})) {
    lintName([...at, 'properties', name], fault);
    sound.push(lintValue([...at, 'properties', name], member, checks, fault));
  }
  if (sound.includes(false)) return false;
  lintValues(at, value, checks, fault);
  return true;
}

function lintValues(at: Path, value: ValueFormat, checks: InputChecks, fault: FaultAt): void {
  // Compiling a check costs far more than a declaration without values to check.
  const valued = (['default', 'example'] as const).filter((key) => value[key] !== undefined);
  if (valued.length > 0) {
    // What only describes would make equal checks different.
    const { description, example, default: _default, ...bounds } = value;
    const valid = checks.compile(schemaOf(bounds));
    for (const key of valued) {
      if (!valid(value[key])) fault([...at, key], 'ACT011', `${key} is not valid for the input itself`);
    }
  }
  if (value.enum) {
    const typeOnly = checks.compile({ type: value.type });
    for (const [index, one] of value.enum.entries()) {
      if (!typeOnly(one)) fault([...at, 'enum', index], 'ACT011', `must be ${value.type}`);
    }
  }
}

function lintName(at: Path, fault: FaultAt): void {
  const name = String(at.at(-1));
  if (POISONED.includes(name)) fault(at, 'ACT009', `"${name}" cannot be sent`, { key: true });
}

/** False when the pattern was refused. */
function lintPattern(at: Path, pattern: string | undefined, fault: FaultAt): boolean {
  try {
    if (pattern !== undefined) RE2JS.compile(pattern);
    return true;
  } catch (error) {
    fault(at, 'ACT006', `pattern is not accepted: ${error instanceof Error ? error.message : String(error)}`);
    return false;
  }
}
