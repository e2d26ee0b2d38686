import type { RequestBase, RequestBases } from './compile-apis.ts';
import type { ExpressionCompiler } from './compile-expressions.ts';
import { compilePagination } from './compile-pagination.ts';
import { compileRequest, type PathValues } from './compile-request.ts';
import type { RequestPlan, RequestStep, Step, UploadFileStep, UploadPartsStep } from './connector.ts';
import { answerContext, type Context, leaves, type Members, withAnswer } from './context.ts';
import type { StepFormat } from './format.ts';
import { lintHeaders } from './lint-headers.ts';
import { compileOriginPattern, lintOrigins } from './origin-pattern.ts';
import type { Path } from './yaml-file.ts';

type RequestStepFormat = Extract<StepFormat, { request: unknown }>;
type UploadPartsFormat = Extract<StepFormat, { upload_parts: unknown }>;
type UploadFileFormat = Extract<StepFormat, { upload_file: unknown }>;

/** What the steps of an action have around them. */
export interface StepSurroundings {
  readonly base: RequestBase;
  readonly bases: RequestBases;
  /** What the action's expressions can read before its first step. */
  readonly context: Context;
  readonly originOverrides: ReadonlyMap<string, string>;
  /** `optional`: the step may be left out. */
  pathValues(optional: boolean): PathValues;
  readonly compiler: ExpressionCompiler;
}

/**
 * Lints and compiles the steps at `path`; those with faults are left out. Gives also what can be read after the last: the
 * context of the output.
 */
export function compileSteps(
  path: Path,
  steps: readonly StepFormat[],
  surroundings: StepSurroundings,
): { steps: Step[]; after: Context } {
  const { compiler, context } = surroundings;
  const before = new Map<string, Members>();
  const compiled: Step[] = [];
  for (const [index, step] of steps.entries()) {
    const at = [...path, index];
    const here: Context = new Map([...context, ['steps', readableSteps(steps, index, before)]]);
    const one = compileStep(at, step, here, surroundings);
    if (one) compiled.push(one);
    if (before.has(step.id)) compiler.fault([...at, 'id'], 'ACT018', `step "${step.id}" stands twice`);
    else before.set(step.id, resultOf(step));
  }
  return { steps: compiled, after: withAnswer(new Map([...context, ['steps', before]])) };
}

/** The steps as one of them sees them. */
function readableSteps(steps: readonly StepFormat[], index: number, before: ReadonlyMap<string, Members>): Members {
  const unread = steps.slice(index).map(({ id }, ahead) => [id, ahead === 0 ? 'this step' : 'later step'] as const);
  // Of ids that stand twice, the first is the one that is read.
  return new Map<string, Members>([...unread.reverse(), ...before]);
}

/** What a step leaves behind. */
function resultOf(step: StepFormat): Members {
  if ('upload_parts' in step) return leaves('body', 'size', 'parts', 'etags');
  if ('upload_file' in step) return leaves('status', 'headers', 'size');
  const answer = leaves('status', 'headers', 'body', ...(step.find === undefined ? [] : ['found']));
  return step.for_each === undefined ? answer : new Map([['answers', answer]]);
}

function compileStep(path: Path, step: StepFormat, context: Context, around: StepSurroundings): Step | undefined {
  const when = around.compiler.optional([...path, 'when'], step.when, context);
  if ('upload_parts' in step) return compileUploadParts(path, step, when, context, around);
  if ('upload_file' in step) return compileUploadFile(path, step, when, context, around);
  return compileRequestStep(path, step, when, context, around);
}

function compileRequestStep(
  path: Path,
  step: RequestStepFormat,
  when: Step['when'],
  context: Context,
  around: StepSurroundings,
): RequestStep | undefined {
  const { compiler } = around;
  const forEach = compiler.optional([...path, 'for_each'], step.for_each, context);
  const inner: Context = step.for_each === undefined ? context : new Map([...context, ['item', 'any']]);
  const request = compilePlan([...path, 'request'], step.request, step, inner, around);
  const answered = withAnswer(inner);
  const pagination =
    step.pagination && compilePagination(path, step.pagination, step.request, request, answered, compiler);
  const find = compiler.optional([...path, 'find'], step.find, answered);
  if (step.find !== undefined && !step.pagination)
    compiler.fault([...path, 'find'], 'ACT020', 'find needs pagination', { key: true });
  return request && Object.freeze({ kind: 'request', id: step.id, when, request, forEach, pagination, find });
}

function compileUploadParts(
  path: Path,
  step: UploadPartsFormat,
  when: Step['when'],
  context: Context,
  around: StepSurroundings,
): UploadPartsStep | undefined {
  const { compiler } = around;
  const declared = step.upload_parts;
  const at = (key: string) => [...path, 'upload_parts', key];
  const inner: Context = new Map([
    ...context,
    ['parts', leaves('first', 'count')],
    // The first answer names the upload that later parts belong to.
    ['steps', withOwn(context, step.id)],
  ]);
  const urls = compilePlan(at('urls'), declared.urls, step, inner, around);
  const urlList = compiler.expression(at('url_list'), declared.url_list, withAnswer(context));
  const expiredWhen = compiler.expression(at('expired_when'), declared.expired_when, answerContext());
  if (!lintOrigins(at('origins'), declared.origins, compiler.fault) || !urls || !urlList || !expiredWhen)
    return undefined;
  return Object.freeze({
    kind: 'upload_parts',
    id: step.id,
    when,
    urls,
    urlList,
    origins: compileOriginPattern(declared.origins, around.originOverrides),
    maxUrls: declared.max_urls,
    minPartBytes: declared.min_part_bytes,
    maxParts: declared.max_parts,
    expiredWhen,
  });
}

function compileUploadFile(
  path: Path,
  step: UploadFileFormat,
  when: Step['when'],
  context: Context,
  around: StepSurroundings,
): UploadFileStep | undefined {
  const { compiler } = around;
  const declared = step.upload_file;
  const at = (key: string) => [...path, 'upload_file', key];
  lintHeaders(at('headers'), declared.headers, compiler.fault);
  const headers = compiler.templates(at('headers'), declared.headers, context);
  const url = compiler.expression(at('url'), declared.url, context);
  if (!lintOrigins(at('origins'), declared.origins, compiler.fault) || !url) return undefined;
  return Object.freeze({
    kind: 'upload_file',
    id: step.id,
    when,
    url,
    method: declared.method,
    origins: compileOriginPattern(declared.origins, around.originOverrides),
    headers: headers.map(([name, value]) => [name.toLowerCase(), value] as const),
  });
}

function compilePlan(
  path: Path,
  request: RequestStepFormat['request'],
  step: StepFormat,
  context: Context,
  { base, bases, pathValues, compiler }: StepSurroundings,
): RequestPlan | undefined {
  const place = { path, context, pathValues: pathValues(step.when !== undefined), bases };
  return compileRequest(place, request, base, compiler);
}

function withOwn(context: Context, id: string): Members {
  const before = context.get('steps');
  return new Map([...(before instanceof Map ? before : []), [id, leaves('body')]]);
}
