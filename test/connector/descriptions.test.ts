import { expect, it } from 'vitest';
import { type PublishedSchema, publishedSchemas } from '../../src/connector/json-schema.ts';

interface Place {
  path: string;
  schema: PublishedSchema;
}

/** Every key of every object, and every union branch, with where it is. */
function keysOf(schema: PublishedSchema, path: string): Place[] {
  const inner = [
    ...Object.entries(schema.properties ?? {}).map(([name, key]) => [`${path}.${name}`, key] as const),
    ...Object.values(schema.patternProperties ?? {}).map((value) => [`${path}.*`, value] as const),
    ...(schema.items ? [[`${path}[]`, schema.items] as const] : []),
    ...(schema.anyOf ?? []).map((branch, index) => [`${path}|${index}`, branch] as const),
  ];
  return [{ path, schema }, ...inner.flatMap(([at, key]) => keysOf(key, at))];
}

const places = Object.entries(publishedSchemas()).flatMap(([kind, schema]) => keysOf(schema, kind));
const lacking = (lacks: (place: Place) => boolean) => [...new Set(places.filter(lacks).map(({ path }) => path))];

it('every key, item and branch of the published schemas is described, in words that end', () => {
  expect(places.length).toBeGreaterThan(300);
  expect(lacking(({ schema }) => !/[.:!?]$/.test(schema.description ?? ''))).toEqual([]);
});

it('every object has a name, under which editors offer it and the reference explains it', () => {
  expect(lacking(({ schema }) => schema.properties !== undefined && schema.title === undefined)).toEqual([]);
});

it('every word that may be chosen is explained', () => {
  const silent = ({ schema }: Place) =>
    schema.enum !== undefined && schema.enum.length !== schema.enumDescriptions?.filter((text) => text !== '').length;
  expect(lacking(silent)).toEqual([]);
});

it('every text, number and free value has an example, a choice or a fixed value', () => {
  // A list or mapping shows itself by what is in it.
  const bare = ({ path, schema }: Place) =>
    !schema.properties &&
    !schema.items &&
    !schema.patternProperties &&
    !schema.anyOf &&
    !/[\]|*]\d*$/.test(path) &&
    schema.type !== 'boolean' &&
    !schema.enum &&
    schema.const === undefined &&
    !schema.examples?.length;
  expect(lacking(bare)).toEqual([]);
});
