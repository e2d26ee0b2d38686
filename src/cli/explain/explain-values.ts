import type { InputSet } from '../../connector/connector.ts';
import { maskSecretsIn } from '../../scrub/mask.ts';
import type { ToldValue } from './told.ts';

type Values = Readonly<Record<string, unknown>>;

/** Each declared value, and what is given besides; the call goes on without those that are refused. */
export function explainValues(set: InputSet, given: Values): { told: ToldValue[]; values: Record<string, unknown> } {
  const bound = set.bind(given);
  const errors = 'errors' in bound ? bound.errors : [];
  const refused = new Map<string, string[]>();
  for (const { path, message } of errors) {
    const [, name = '', ...below] = path.split('/');
    const reason = below.length === 0 ? message : `/${below.join('/')} ${message}`;
    refused.set(name, [...(refused.get(name) ?? []), reason]);
  }
  const values = 'values' in bound ? bound.values : withoutRefused(set, given, refused);
  const names = [...set.names, ...[...refused.keys(), ...Object.keys(given)].filter((name) => !set.names.has(name))];
  return { told: [...new Set(names)].map(tell), values };

  function tell(name: string): ToldValue {
    const reasons = refused.get(name);
    const has = Object.hasOwn(given, name);
    if (reasons) return { name, state: 'refused', reasons, ...(has && { value: masked(name, given[name]) }) };
    if (has) return { name, state: 'given', value: masked(name, values[name]) };
    if (values[name] !== undefined) return { name, state: 'default', value: masked(name, values[name]) };
    return { name, state: 'absent' };
  }
}

/** What is secret by its name is masked, so the name has to be seen. */
function masked(name: string, value: unknown): unknown {
  return (maskSecretsIn({ [name]: value }) as Values)[name];
}

/** What is left fits the checks, but for what is required and missing: that stays missing. */
function withoutRefused(set: InputSet, given: Values, refused: ReadonlyMap<string, unknown>): Record<string, unknown> {
  const kept = Object.fromEntries(Object.entries(given).filter(([name]) => !refused.has(name)));
  const bound = set.bind(kept);
  if ('values' in bound) return bound.values;
  const properties = (set.schema.properties ?? {}) as Readonly<Record<string, { default?: unknown } | undefined>>;
  const defaults = Object.entries(properties).flatMap(([name, schema]) =>
    schema?.default === undefined ? [] : [[name, schema.default] as const],
  );
  return { ...Object.fromEntries(defaults), ...kept };
}
