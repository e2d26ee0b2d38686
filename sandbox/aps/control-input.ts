import type { Static, TSchema } from 'typebox';
import { Value } from 'typebox/value';

/** Thrown by a control that cannot do what is asked, and then changes nothing. */
export class ControlError extends Error {}

/** Throws `ControlError` with the place of the first mistake. */
export function requireValid<T extends TSchema>(schema: T, value: unknown, name: string): asserts value is Static<T> {
  const [first] = Value.Errors(schema, value);
  if (first !== undefined) throw new ControlError(`${name}${first.instancePath}: ${first.message}`);
}
