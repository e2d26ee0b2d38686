import { printable } from '../../connector/diagnostics.ts';
import { readDocument } from '../../openapi/document.ts';
import { OpenApiFailure } from '../../openapi/failure.ts';
import { importOperation } from '../../openapi/import-operation.ts';
import { findOperation, listOperations, operationName } from '../../openapi/operations.ts';
import { CommandFailure, EXIT } from '../outcome.ts';
import type { Terminal } from '../terminal.ts';
import type { Ask } from './ask.ts';
import { type NewAction, type OpenedConnector, readNamed } from './new-action.ts';

export interface ImportOptions {
  file: string;
  operation: string | undefined;
  id: string;
  api: string | undefined;
  addScopes: boolean;
}

/** An operation of a file as a new action; asks which one where somebody can be asked. Throws {@link CommandFailure}. */
export async function importAction(
  terminal: Terminal,
  connector: OpenedConnector,
  { file, operation, id, api, addScopes }: ImportOptions,
  ask: Ask | undefined,
): Promise<NewAction> {
  const text = await readNamed(terminal, file);
  return told(async () => {
    const document = readDocument(text);
    const name = operation ?? (await ask?.choose('Which operation?', choices(document))) ?? '';
    const { declared, actions } = connector;
    const into = { connector: declared, actions, id, api, addScopes };
    return importOperation(document, findOperation(document, name), into);
  });
}

/** Prints every operation of a file. `--json`: `{operations: [{id, method, path, summary, deprecated}]}`. */
export async function showOperations(terminal: Terminal, file: string): Promise<void> {
  const text = await readNamed(terminal, file);
  const operations = await told(async () => listOperations(readDocument(text)));
  if (terminal.json) {
    const listed = operations.map(({ id = null, method, path, summary = null, deprecated }) => ({
      id,
      method,
      path,
      summary,
      deprecated,
    }));
    return terminal.print(JSON.stringify({ operations: listed }));
  }
  const width = Math.max(0, ...operations.map((operation) => nameToShow(operation.id).length));
  for (const { id, method, path, deprecated } of operations) {
    const mark = deprecated ? terminal.paint('dim', '  (deprecated)') : '';
    terminal.print(
      `${terminal.paint('bold', nameToShow(id).padEnd(width))}  ${method.padEnd(6)} ${printable(path)}${mark}`,
    );
  }
}

function nameToShow(id: string | undefined): string {
  return id === undefined ? '-' : printable(id);
}

function choices(document: ReturnType<typeof readDocument>) {
  return listOperations(document).map((operation) => ({
    value: operationName(operation),
    name: `${printable(operationName(operation))}  ${operation.method} ${printable(operation.path)}`,
  }));
}

async function told<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof OpenApiFailure) throw new CommandFailure(EXIT.found, printable(error.message), error.hint);
    throw error;
  }
}
