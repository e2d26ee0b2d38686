import { badInput } from './errors.ts';
import type { Query } from './query.ts';

/** What a filter looks at: any JSON:API resource object. */
export interface Resource {
  type: string;
  id: string;
  attributes: Record<string, unknown>;
}

interface Filter {
  path: readonly string[];
  comparison: string;
  values: readonly string[];
}

/** The comparison suffixes of the provider's SDKs (`filter[attributes.fileName]-contains=floor`). */
const COMPARISONS: ReadonlySet<string> = new Set(['eq', 'lt', 'le', 'gt', 'ge', 'starts', 'ends', 'contains']);
const FILTER_NAME = /^filter\[([A-Za-z0-9._*-]{1,100})\](?:-([a-z]+))?$/;

/**
 * Compiles the `filter[…]` parameters: several fields are ANDed, several values of one field (repeated or separated by
 * commas) are ORed, and every comparison is case sensitive (developer guide, filtering). A bare field means an attribute.
 */
export function compileFilters(query: Query): (resource: Resource) => boolean {
  const filters = new Map<string, { filter: Filter; values: string[] }>();
  for (const [name, value] of query) {
    if (!name.startsWith('filter')) continue;
    const parts = FILTER_NAME.exec(name);
    const comparison = parts?.[2] ?? 'eq';
    if (parts?.[1] === undefined || !COMPARISONS.has(comparison)) {
      throw badInput(`The following parameters are invalid: ${name}`);
    }
    if (parts[1] === 'versionNumber' && !value.split(',').every((one) => /^\d{1,9}$/.test(one))) {
      throw badInput(`The following parameters are invalid: ${name}`);
    }
    const known = filters.get(name);
    const values = known?.values ?? [];
    values.push(...value.split(','), value);
    if (known === undefined) {
      filters.set(name, { filter: { path: fieldPath(parts[1]), comparison, values }, values });
    }
  }
  const compiled = [...filters.values()].map((entry) => entry.filter);
  return (resource) => compiled.every((filter) => matches(resource, filter));
}

export function filtersOn(query: Query, field: string): boolean {
  return query.some(([name]) => name.startsWith(`filter[${field}]`));
}

function fieldPath(field: string): readonly string[] {
  if (field === 'id' || field === 'type') return [field];
  const path = field.split('.');
  const [name, ...deeper] = path[0] === 'attributes' ? path.slice(1) : path;
  // The developer guide filters by a name that no resource has: it means that of the file.
  return ['attributes', name === 'fileName' ? 'name' : (name ?? ''), ...deeper];
}

function matches(resource: Resource, filter: Filter): boolean {
  let value: unknown = resource;
  for (const key of filter.path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return false;
    value = (value as Record<string, unknown>)[key];
  }
  if (value === null || typeof value === 'object' || value === undefined) return false;
  const text = String(value);
  return filter.values.some((wanted) => compares(text, filter.comparison, wanted));
}

function compares(text: string, comparison: string, wanted: string): boolean {
  switch (comparison) {
    case 'eq':
      return text === wanted;
    case 'starts':
      return text.startsWith(wanted);
    case 'ends':
      return text.endsWith(wanted);
    case 'contains':
      return text.includes(wanted);
  }
  const order =
    /^\d+$/.test(text) && /^\d+$/.test(wanted) ? Number(text) - Number(wanted) : text < wanted ? -1 : +(text > wanted);
  if (comparison === 'lt') return order < 0;
  if (comparison === 'le') return order <= 0;
  if (comparison === 'gt') return order > 0;
  return order >= 0;
}
