import { stringify } from 'yaml';
import type { ActionFormat, ConnectorFormat } from '../../src/connector/format.ts';
import { readDocument } from '../../src/openapi/document.ts';
import { type ImportedOperation, type ImportInto, importOperation } from '../../src/openapi/import-operation.ts';
import { findOperation } from '../../src/openapi/operations.ts';

export const CONNECTOR: ConnectorFormat = {
  id: 'acme',
  label: 'Acme',
  description: 'A connector.',
  hosts: { api: 'https://api.acme.com', files: 'https://files.acme.com' },
  scopes: { 'items:read': { description: 'Read items' } },
  authentication: [{ id: 'key', label: 'Key', grant: 'api_key', placement: { in: 'basic' } }],
};

/** An operation as a file has it; what is not given is the least that it needs. */
export interface Written {
  path?: string;
  method?: string;
  operation: Record<string, unknown>;
  /** Of the path, beside the operation. */
  item?: Record<string, unknown>;
  components?: Record<string, unknown>;
  version?: string;
  root?: Record<string, unknown>;
}

export function fileOf({
  path = '/items',
  method = 'get',
  operation,
  item = {},
  components,
  version,
  root,
}: Written): string {
  return stringify({
    openapi: version ?? '3.0.3',
    info: { title: 'Acme', version: '1.0' },
    servers: [{ url: 'https://api.acme.com' }],
    ...root,
    paths: { [path]: { ...item, [method]: { operationId: 'doIt', responses: {}, ...operation } } },
    ...(components && { components }),
  });
}

export function imported(written: Written, into: Partial<ImportInto> = {}): ImportedOperation {
  const document = readDocument(fileOf(written));
  const name = String(written.operation.operationId ?? 'doIt');
  return importOperation(document, findOperation(document, name), {
    connector: CONNECTOR,
    actions: [] as ActionFormat[],
    addScopes: false,
    ...into,
  });
}

/** Answers of an operation with one JSON body. */
export function answering(schema: unknown, more: Record<string, unknown> = {}): Record<string, unknown> {
  return { 200: { description: 'OK', content: { 'application/json': { schema, ...more } } } };
}

export function notesAbout({ notes }: ImportedOperation, about: string): string[] {
  return notes.filter((note) => note.about.includes(about)).map(({ kind, message }) => `${kind}: ${message}`);
}
