import type { ErrorObject } from 'ajv';
import { nearest } from './suggest.ts';

// What speaks against a branch of a union, from worst to least: another constant, another type, a key that is missing or
// unknown, an unknown key that is nearly one of the branch, and anything wrong further inside.
const COST_OF_CONSTANT = 10_000;
const COST_OF_TYPE = 1_000;
const COST_OF_KEY = 100;
const COST_OF_MISSPELT_KEY = 50;
const COST_INSIDE = 1;

/**
 * Of the errors below each union (`anyOf`), keeps those of the branch that was probably meant. Where all branches want
 * another constant, type or one further key in the same place, one error tells of all. Errors must be verbose.
 */
export function mostTelling(errors: readonly ErrorObject[]): ErrorObject[] {
  let kept = errors.filter((error) => error.keyword !== 'anyOf');
  // Inner unions come first: a validator reports a union after what is in it.
  for (const union of errors.filter((error) => error.keyword === 'anyOf')) {
    const inside = kept.filter((error) => isInside(error, union));
    if (inside.length === 0) continue;
    const best = joined(union, inside) ?? bestBranch(union, inside);
    const first = kept.findIndex((error) => inside.includes(error));
    const others = kept.filter((error) => !inside.includes(error));
    kept = [...others.slice(0, first), ...best, ...others.slice(first)];
  }
  return kept;
}

function isInside({ schemaPath, instancePath }: ErrorObject, union: ErrorObject): boolean {
  return (
    schemaPath.startsWith(`${union.schemaPath}/`) &&
    (instancePath === union.instancePath || instancePath.startsWith(`${union.instancePath}/`))
  );
}

/** One error for a value that is none of the branches' constants, or of none of their types. */
function joined(union: ErrorObject, inside: readonly ErrorObject[]): ErrorObject[] | undefined {
  const branches = branchesOf(union, inside);
  if (branches.length < ((union.schema as unknown[] | undefined)?.length ?? 0)) return undefined;
  const constants = branches.map((branch) => branch.find(({ keyword }) => keyword === 'const'));
  const [first] = constants;
  if (first && constants.every((error) => error?.instancePath === first.instancePath)) {
    const allowedValues = constants.map((error) => parameterOf(error, 'allowedValue'));
    return [{ ...first, keyword: 'enum', params: { allowedValues } }];
  }
  const missing = branches.map((branch) => (branch.length === 1 ? branch.find(isOwn('required', union)) : undefined));
  const [absent] = missing;
  if (absent && !missing.includes(undefined)) {
    const keys = new Set(missing.map((error) => parameterOf(error, 'missingProperty')));
    return [{ ...absent, params: { missingProperty: [...keys].join('" or "') } }];
  }
  const types = branches.map((branch) => branch.find(isOwn('type', union)));
  const [one] = types;
  if (!one || types.includes(undefined)) return undefined;
  const names = new Set(types.map((error) => parameterOf(error, 'type')));
  return [{ ...one, params: { type: [...names].join(' or ') } }];
}

function isOwn(keyword: string, union: ErrorObject): (error: ErrorObject) => boolean {
  return (error) => error.keyword === keyword && error.instancePath === union.instancePath;
}

function parameterOf(error: ErrorObject | undefined, name: string): unknown {
  return (error?.params as Record<string, unknown> | undefined)?.[name];
}

function bestBranch(union: ErrorObject, inside: readonly ErrorObject[]): ErrorObject[] {
  const cost = (branch: ErrorObject[]) => branch.reduce((sum, error) => sum + costOf(error, union), 0);
  const best = branchesOf(union, inside).sort((one, other) => cost(one) - cost(other))[0] ?? [];
  return best.map((error) => withExclusion(error, union));
}

/** A key that is known in another branch is not misspelt: what it does not go with is the key of the branch that was meant. */
function withExclusion(error: ErrorObject, union: ErrorObject): ErrorObject {
  if (!isOwn('additionalProperties', union)(error)) return error;
  const key = String(parameterOf(error, 'additionalProperty'));
  const branches = (Array.isArray(union.schema) ? union.schema : []) as Branch[];
  const other = branches.find(({ properties }) => properties !== undefined && Object.hasOwn(properties, key));
  const own = (error.parentSchema as Branch | undefined)?.required ?? [];
  const excludedBy = own.find((name) => other !== undefined && !Object.hasOwn(other.properties ?? {}, name));
  return excludedBy === undefined ? error : { ...error, params: { ...error.params, excludedBy } };
}

interface Branch {
  properties?: object;
  required?: string[];
}

function branchesOf(union: ErrorObject, inside: readonly ErrorObject[]): ErrorObject[][] {
  const branches = new Map<string, ErrorObject[]>();
  for (const error of inside) {
    const branch = error.schemaPath.slice(union.schemaPath.length + 1).split('/')[0] ?? '';
    branches.set(branch, [...(branches.get(branch) ?? []), error]);
  }
  return [...branches.values()];
}

function costOf(error: ErrorObject, union: ErrorObject): number {
  const own = error.instancePath === union.instancePath;
  const ofMember = error.instancePath.slice(union.instancePath.length).split('/').length === 2;
  if (error.keyword === 'const') return own || ofMember ? COST_OF_CONSTANT : COST_INSIDE;
  if (!own) return COST_INSIDE;
  if (error.keyword === 'type') return COST_OF_TYPE;
  if (error.keyword === 'required') return COST_OF_KEY;
  if (error.keyword !== 'additionalProperties') return COST_INSIDE;
  const key = String(parameterOf(error, 'additionalProperty'));
  const known = Object.keys((error.parentSchema as { properties?: object } | undefined)?.properties ?? {});
  return nearest(key, known) === undefined ? COST_OF_KEY : COST_OF_MISSPELT_KEY;
}
