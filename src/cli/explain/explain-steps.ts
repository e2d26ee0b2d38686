import { Readable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { type Clock, systemClock } from '../../clock.ts';
import type {
  Action,
  Connector,
  RequestPlan,
  RequestStep,
  Step,
  UploadFileStep,
  UploadPartsStep,
} from '../../connector/connector.ts';
import type { Path } from '../../connector/yaml-file.ts';
import type { Bound } from '../../engine/bind.ts';
import type { IncomingFile } from '../../engine/call.ts';
import { readsOf, stepsIn } from '../../engine/dry-run.ts';
import { evaluateForOutput, evaluateForRequest } from '../../engine/evaluate.ts';
import type { Admission } from '../../engine/gate.ts';
import { firstPage, following, pageQuery } from '../../engine/page.ts';
import { type PageQuery, type RenderedRequest, renderRequest } from '../../engine/render.ts';
import { contextsOf } from '../../engine/run-steps.ts';
import type { StepAnswer, StepTools } from '../../engine/step-tools.ts';
import { uploadFile } from '../../engine/upload-file.ts';
import { uploadParts } from '../../engine/upload-parts.ts';
import type { ExpressionContext } from '../../expression/expression.ts';
import { maskedHeader } from '../../oauth/placement.ts';
import { Problem } from '../../problems.ts';
import { systemRandom } from '../../random.ts';
import { maskSecretsIn } from '../../scrub/mask.ts';
import type { Answers } from './answers.ts';
import type { Declaration } from './declaration.ts';
import { explainAnswer } from './explain-answer.ts';
import { toldProblem } from './explain-gate.ts';
import { explainParts, type RequestPlace, toldRequest } from './explain-request.ts';
import { explainNothing, probeIn } from './look-up.ts';
import type { ToldRequest, ToldStep } from './told.ts';

export interface Walk {
  readonly connector: Connector;
  readonly action: Action;
  readonly declaration: Declaration;
  readonly admission: Admission;
  readonly bound: Pick<Bound, 'context' | 'page'>;
  readonly file: {
    readonly bytes: number;
    readonly name: string | undefined;
    readonly contentType: string | undefined;
  };
  readonly answers: Answers;
  readonly nowMs: number;
}

/** How far the steps came. */
export interface Walked {
  readonly steps: readonly ToldStep[];
  /** What the output's expressions see; undefined where an answer was missing or refused. */
  readonly context: ExpressionContext | undefined;
  /** URL of the last request. */
  readonly asked: URL | undefined;
  readonly refused: boolean;
}

/** Ends a step for which there is no answer. */
class NoAnswer extends Error {}

const TIMEOUT_MS = 60_000;
const MAX_STORAGE_ANSWER_BYTES = 1024 * 1024;
const instantClock: Clock = { now: () => systemClock.now(), sleep: async () => {} };

/** Goes through the steps of an action with the answers that there are; what depends on others is told to. */
export async function explainSteps(walk: Walk): Promise<Walked> {
  const { action, admission, bound, declaration } = walk;
  const results: Record<string, unknown> = {};
  const whole: ExpressionContext = action.composite ? { ...bound.context, steps: results } : bound.context;
  const unanswered: string[] = [];
  const told: ToldStep[] = [];
  let last: StepAnswer | undefined;
  let asked: URL | undefined;
  let refused = false;
  const credential = maskedHeader(admission.authentication.placement);

  /** Renders, answers and judges one request, and tells of it. */
  async function exchange(
    plan: RequestPlan,
    context: ExpressionContext,
    page: PageQuery,
    at: RequestPlace,
    requests: ToldRequest[],
  ): Promise<StepAnswer> {
    const parts = await explainParts(plan, context, at);
    let request: RenderedRequest;
    try {
      request = await renderRequest(plan, context, page);
    } catch (error) {
      // What it would have been made of tells more than that it could not be made.
      requests.push({
        method: plan.method,
        url: `${plan.origin}${plan.template}`,
        headers: credential,
        body: null,
        form: undefined,
        bytes: undefined,
        parts,
        answer: undefined,
      });
      throw error;
    }
    asked = request.url;
    const shown = toldRequest(request, credential, parts);
    const { pathname, search, origin } = request.url;
    const response = walk.answers.to({ method: request.method, origin, target: `${pathname}${search}` });
    if (!response) {
      requests.push({ ...shown, answer: undefined });
      throw new NoAnswer();
    }
    const judged = await explainAnswer(
      { connector: walk.connector, missingProviderScopes: admission.missingProviderScopes, nowMs: walk.nowMs },
      ...([plan, request, context, response, at] as const),
    );
    requests.push({ ...shown, answer: judged.told });
    if (judged.problem) throw judged.problem;
    if (!judged.answer) throw new NoAnswer();
    last = judged.answer;
    return judged.answer;
  }

  async function requestStep(step: RequestStep, path: Path, requests: ToldRequest[]): Promise<unknown> {
    const at: RequestPlace = { declaration, path: [...path, 'request'] };
    const { request, pagination } = step;
    const sendOne = async (context: ExpressionContext): Promise<StepAnswer> => {
      if (!pagination) return exchange(request, context, action.composite ? [] : bound.page, at, requests);
      let position = firstPage(pagination, null);
      for (;;) {
        const answer = await exchange(request, context, pageQuery(pagination, position), at, requests);
        const seen = { ...context, ...answer };
        const found = step.find && (await evaluateForOutput(step.find, seen));
        if (found !== undefined && found !== null) return { ...answer, found } as StepAnswer;
        const next = await following(pagination, position, seen, asked);
        if (next === undefined) return answer;
        position = { at: next, size: null, pages: position.pages + 1, checkpoint: '' };
      }
    };
    if (!step.forEach) return sendOne(whole);
    const answers: StepAnswer[] = [];
    for (const context of await contextsOf(step, whole)) answers.push(await sendOne(context));
    return { answers };
  }

  async function uploadStep(
    step: UploadPartsStep | UploadFileStep,
    path: Path,
    requests: ToldRequest[],
  ): Promise<unknown> {
    const file = fileOf(walk.file);
    const { signal } = new AbortController();
    const tools: StepTools = {
      send: (_id, plan, context) =>
        exchange(plan, context, [], { declaration, path: [...path, 'upload_parts', 'urls'] }, requests),
      door: {
        async send({ method, url, headers, body }) {
          const { pathname, search, origin } = url;
          const response = walk.answers.to({ method, origin, target: `${pathname}${search}` });
          const bytes = typeof body === 'object' && 'bytes' in body ? body.bytes : body?.length;
          requests.push({
            ...{ method, url: String(maskSecretsIn(url.href)), headers, body: null, form: undefined, bytes, parts: [] },
            answer: response && {
              status: response.status,
              headers: response.headers,
              body: null,
              refused_when: undefined,
              rules: [],
              refusal: undefined,
            },
          });
          if (typeof body === 'object' && 'stream' in body) await finished(body.stream.resume());
          if (!response) throw new NoAnswer();
          return response;
        },
        close: async () => {},
      },
      clock: instantClock,
      random: systemRandom,
      errors: walk.connector.errors,
      requestTimeoutMs: TIMEOUT_MS,
      maxResponseBytes: MAX_STORAGE_ANSWER_BYTES,
      signal,
      observe: () => {},
    };
    return step.kind === 'upload_parts' ? uploadParts(step, file, whole, tools) : uploadFile(step, file, whole, tools);
  }

  for (const [index, step] of action.steps.entries()) {
    const path: Path = action.composite ? ['steps', index] : [];
    const base = { id: step.id, verb: step.kind, place: declaration.place(action.composite ? path : ['request']) };
    const none = { depends_on: [], requests: [], problem: undefined };
    const whenDepends = step.when ? stepsIn(step.when.reads, unanswered) : [];
    const when = whenDepends.length > 0 ? undefined : await explainWhen(step, whole, path, declaration);
    if (when && when.value !== true) {
      told.push({ ...base, ...none, when, outcome: 'left_out' });
      continue;
    }
    const depends_on = refused ? [] : [...new Set([...whenDepends, ...stepsIn(readsOf(step), unanswered)])];
    if (refused || depends_on.length > 0) {
      told.push({ ...base, ...none, when, outcome: 'depends', depends_on });
      unanswered.push(step.id);
      continue;
    }
    const requests: ToldRequest[] = [];
    try {
      results[step.id] = await (step.kind === 'request'
        ? requestStep(step, path, requests)
        : uploadStep(step, path, requests));
      told.push({ ...base, ...none, when, requests, outcome: 'taken' });
    } catch (error) {
      if (!(error instanceof NoAnswer) && !(error instanceof Problem)) throw error;
      unanswered.push(step.id);
      const problem = error instanceof Problem ? error : undefined;
      refused ||= problem !== undefined;
      told.push({
        ...base,
        ...none,
        when,
        requests,
        outcome: problem ? 'failed' : 'taken',
        problem: problem && toldProblem(problem),
      });
    }
  }
  const context = unanswered.length > 0 ? undefined : { ...whole, ...last };
  return { steps: told, context, asked, refused };
}

async function explainWhen(
  { when }: Step,
  context: ExpressionContext,
  path: Path,
  declaration: Declaration,
): Promise<ToldStep['when']> {
  if (!when) return undefined;
  const value = await evaluateForRequest(when, context);
  const place = (offset: number) => declaration.place([...path, 'when'], offset);
  const why = value === undefined ? await explainNothing(when.text, probeIn(context), place) : [];
  return { expression: when.text, value: maskSecretsIn(value), why };
}

const CHUNK_BYTES = 64 * 1024;

/** A file of zeros. */
function fileOf({ bytes, name, contentType }: Walk['file']): IncomingFile {
  const chunks = function* () {
    for (let left = bytes; left > 0; left -= CHUNK_BYTES) yield Buffer.alloc(Math.min(left, CHUNK_BYTES));
  };
  return { stream: Readable.from(chunks(), { objectMode: false }), name, contentType, size: bytes };
}
