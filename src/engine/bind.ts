import type { Action } from '../connector/connector.ts';
import type { Account } from '../domain/account.ts';
import type { ExpressionContext } from '../expression/expression.ts';
import { type FieldError, Problem } from '../problems.ts';
import type { Vault } from '../vault/vault.ts';
import type { Call } from './call.ts';
import { type CursorScope, openCursor, type PagePosition } from './cursor.ts';
import { evaluateForRequest } from './evaluate.ts';
import type { Admission } from './gate.ts';
import { firstPage, pageQuery } from './page.ts';
import type { PageQuery } from './render.ts';

/** What a call asks for, checked. */
export interface Bound {
  /** What expressions see before there is an answer: `inputs`, `account`, and `file` where the action takes one. */
  readonly context: ExpressionContext;
  readonly scope: CursorScope;
  /** Of a call that pages. */
  readonly position: PagePosition | undefined;
  readonly page: PageQuery;
}

/**
 * Checks the inputs, the cursor and the file of a call. Problems: `inputs_invalid`, `cursor_invalid`, `page_limit_reached`,
 * `file_missing`, `file_unexpected`.
 */
export function bindCall(call: Call, action: Action, account: Account, vault: Vault, nowMs: number): Bound {
  checkFile(call, action);
  const checked = action.inputs.bind(call.inputs);
  if ('errors' in checked)
    throw new Problem('inputs_invalid', `The inputs of ${action.id} are not valid.`, { errors: checked.errors });
  const { pagination } = action;
  const { next, page_size, ...inputs } = pagination
    ? checked.values
    : { ...checked.values, next: undefined, page_size: undefined };
  const scope: CursorScope = { project: call.key.project, account: account.id, action: action.id, inputs };
  const size = typeof page_size === 'number' ? page_size : null;
  const position =
    pagination && (typeof next === 'string' ? openCursor(vault, scope, nowMs, next) : firstPage(pagination, size));
  if (position && typeof next === 'string' && size !== null && size !== position.size)
    throw new Problem('cursor_invalid', 'The page size cannot change within a walk over pages.');
  return {
    context: { inputs, account: account.settings, ...(action.file && { file: fileFacts(call) }) },
    scope,
    position,
    page: pagination && position ? pageQuery(pagination, position) : [],
  };
}

/** Checks what must hold besides; all that does not is told at once. Problems: `inputs_invalid`. */
export async function checkRequirements(
  action: Action,
  tokenKind: Admission['tokenKind'],
  context: ExpressionContext,
): Promise<void> {
  const errors: FieldError[] = [];
  for (const { that, token, input, message } of action.requires) {
    if (token !== undefined && token !== tokenKind) continue;
    if ((await evaluateForRequest(that, context)) !== true)
      errors.push({ path: input === undefined ? '' : `/${input}`, message });
  }
  const [first] = errors;
  if (first) throw new Problem('inputs_invalid', `${action.id} cannot be called so: ${first.message}`, { errors });
}

function checkFile({ file, dryRun }: Call, action: Action): void {
  if (!action.file && file) throw new Problem('file_unexpected', `${action.id} takes no file.`);
  if (action.file && !file && !dryRun) throw new Problem('file_missing', `${action.id} takes a file.`);
}

function fileFacts({ file }: Call): { name?: string; content_type?: string } {
  return {
    ...(file?.name !== undefined && { name: file.name }),
    ...(file?.contentType !== undefined && { content_type: file.contentType }),
  };
}
