import type { Action, Connector, Example, InputSet } from '../../../src/connector/connector.ts';

/** Inputs and account settings of a call that the gate would let through. */
export interface SampleCall {
  inputs: Record<string, unknown>;
  account: Record<string, unknown>;
  /** Of an action that pages: the size to ask for. */
  pageSize: number | null;
}

interface InputSchema {
  type: string;
  enum?: unknown[];
  examples?: unknown[];
  default?: unknown;
  maximum?: number;
}

// Given by the server, not by the connector.
const PAGE_INPUTS = ['page_size', 'next'];

/**
 * Calls of an action: one with as little as possible, and as many as it takes to give every input once, each with as much as
 * the action's requirements allow.
 */
export async function sampleCalls(action: Action, connector: Connector): Promise<SampleCall[]> {
  const schemas = propertiesOf(action.inputs);
  const names = Object.keys(schemas).filter((name) => !PAGE_INPUTS.includes(name));
  const given = (chosen: Iterable<string>) =>
    Object.fromEntries([...chosen].map((name) => [name, shown[name] ?? sampleOf(schemas[name])]));
  const shown: Record<string, unknown> = Object.assign({}, ...[...action.examples].sort(answeredLast).map(inputsOf));
  const settings = Object.fromEntries(
    Object.entries(propertiesOf(connector.accountSettings)).map(([name, schema]) => [name, sampleOf(schema)]),
  );
  const required = action.inputs.schema.required as string[];

  const least = await completed(action, new Set(required), names, given);
  const calls: SampleCall[] = [{ inputs: given(least), account: {}, pageSize: null }];
  let left = names;
  while (left.length > 0) {
    const [first = ''] = left;
    const chosen = await completed(action, new Set([...required, first]), names, given);
    for (const name of [...left, ...names]) if (await meetsAll(action, given([...chosen, name]))) chosen.add(name);
    calls.push({ inputs: given(chosen), account: settings, pageSize: schemas.page_size?.maximum ?? null });
    left = left.filter((name) => !chosen.has(name));
  }
  return calls;
}

/** With what the requirements ask for besides. */
async function completed(
  action: Action,
  chosen: ReadonlySet<string>,
  names: readonly string[],
  given: (chosen: Iterable<string>) => Record<string, unknown>,
): Promise<Set<string>> {
  const all = new Set(chosen);
  for (const { that, input } of action.requires) {
    const holds = async (name?: string) =>
      (await that.evaluate({ inputs: given(name === undefined ? all : [...all, name]), account: {} })) === true;
    if (await holds()) continue;
    for (const name of input === undefined ? names : [input, ...names]) {
      if (!(await holds(name))) continue;
      all.add(name);
      break;
    }
  }
  if (await meetsAll(action, given(all))) return all;
  throw new Error(`${action.id}: its requirements cannot be met beside ${[...chosen].join(', ')}`);
}

async function meetsAll(action: Action, inputs: Record<string, unknown>): Promise<boolean> {
  for (const { that } of action.requires) if ((await that.evaluate({ inputs, account: {} })) !== true) return false;
  return true;
}

/** A value of a call that was refused may be the reason for it. */
function answeredLast(one: Example, other: Example): number {
  return Number(one.output !== undefined) - Number(other.output !== undefined);
}

function inputsOf({ inputs }: Example): Example['inputs'] {
  return inputs;
}

function sampleOf(schema: InputSchema | undefined): unknown {
  const { type, examples = [], enum: values = [] } = schema ?? { type: 'string' };
  const [value = schema?.default] = [...examples, ...values];
  if (value !== undefined) return value;
  if (type === 'boolean') return true;
  if (type === 'integer' || type === 'number') return 1;
  if (type === 'array') return ['sample'];
  return type === 'object' ? { sample: 'sample' } : 'sample';
}

function propertiesOf({ schema }: InputSet): Record<string, InputSchema> {
  return schema.properties as Record<string, InputSchema>;
}
