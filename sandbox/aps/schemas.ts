import { type Answer, documentAnswer } from './answer.ts';
import type { ApiContext } from './api-context.ts';
import { notFound } from './errors.ts';

const SCHEMA_ID = /^((?:hubs|projects|folders|items|versions):autodesk\.(?:bim360|core):[A-Za-z0-9]+)-(\d+(?:\.\d+)+)$/;

/**
 * What `attributes.extension.schema.href` points to. The live document's form is not recorded anywhere that could be
 * found; this one only says truthfully which extension it is about.
 */
export function getSchema(context: ApiContext): Answer {
  const parts = SCHEMA_ID.exec(context.params.schema_id ?? '');
  if (parts === null) throw notFound('The schema does not exist.');
  return documentAnswer({ type: parts[1], version: parts[2], links: { self: { href: context.self } } });
}
