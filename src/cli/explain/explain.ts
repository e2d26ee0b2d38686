import type { Action, Connector, Example } from '../../connector/connector.ts';
import type { PagePosition } from '../../engine/cursor.ts';
import type { Admission } from '../../engine/gate.ts';
import { firstPage, pageQuery } from '../../engine/page.ts';
import { type ExpressionContext, ExpressionError } from '../../expression/expression.ts';
import type { Answers } from './answers.ts';
import { type Assumption, assumedAccount, assumedProfile } from './assumed.ts';
import type { Declaration } from './declaration.ts';
import { explainGate } from './explain-gate.ts';
import { explainOutput } from './explain-output.ts';
import { explainSteps } from './explain-steps.ts';
import { explainValues } from './explain-values.ts';
import { explainNothing, probeIn } from './look-up.ts';
import type { Explanation, ToldRequirement } from './told.ts';

/** A call that is explained instead of made. */
export interface Explained {
  readonly connector: Connector;
  readonly action: Action;
  readonly declaration: Declaration;
  readonly inputs: Readonly<Record<string, unknown>>;
  readonly account: Readonly<Record<string, unknown>>;
  readonly assumption: Assumption;
  readonly file: Example['file'];
  readonly answers: Answers;
  readonly nowMs: number;
}

// Of a file that nobody named.
const ASSUMED_FILE = { bytes: 1024, name: 'file.bin', contentType: 'application/octet-stream' };

/** Goes through all stages of a call and sends nothing. What one stage refuses does not hide the next. */
export async function explain(call: Explained): Promise<Explanation> {
  const { connector, action, declaration } = call;
  const account = explainValues(connector.accountSettings, call.account);
  const profile = assumedProfile(connector, action, call.assumption);
  const gate = explainGate(connector, action, profile, assumedAccount(connector, account.values));
  const inputs = explainValues(action.inputs, call.inputs);
  const file = call.file ?? ASSUMED_FILE;
  const bound = bind(action, inputs.values, account.values, file);
  const requirements = await explainRequirements(action, declaration, gate.admission, bound.context);
  const walked = await explainSteps({
    ...{ connector, action, declaration, bound, file },
    admission: gate.admission,
    answers: call.answers,
    nowMs: call.nowMs,
  });
  const { context, asked, steps } = walked;
  const output =
    context && !walked.refused
      ? await explainOutput({ action, declaration, context, position: bound.position, asked })
      : undefined;
  return {
    action: action.id,
    label: action.label,
    place: declaration.place([]),
    gate: gate.told,
    inputs: inputs.told,
    account: account.told,
    requirements,
    steps,
    output,
    outcome: walked.refused || output?.failed ? 'refusal' : output ? 'answer' : 'unanswered',
    examples: bestFirst(action, call.inputs).map(({ name }) => name),
  };
}

interface AssumedBound {
  readonly context: ExpressionContext;
  readonly position: PagePosition | undefined;
  readonly page: ReturnType<typeof pageQuery>;
}

/** As the engine does; a cursor is sealed by a server and cannot be looked into, so that the first page is explained. */
function bind(
  { pagination, file: taken }: Action,
  values: Readonly<Record<string, unknown>>,
  account: Readonly<Record<string, unknown>>,
  file: NonNullable<Example['file']>,
): AssumedBound {
  const { next: _next, page_size, ...rest } = values;
  const inputs = pagination ? rest : values;
  const position = pagination && firstPage(pagination, typeof page_size === 'number' ? page_size : null);
  const facts = {
    ...(file.name !== undefined && { name: file.name }),
    ...(file.contentType !== undefined && { content_type: file.contentType }),
  };
  return {
    context: { inputs, account, ...(taken && { file: facts }) },
    position,
    page: pagination && position ? pageQuery(pagination, position) : [],
  };
}

async function explainRequirements(
  { requires }: Action,
  { place }: Declaration,
  { tokenKind }: Admission,
  context: ExpressionContext,
): Promise<ToldRequirement[]> {
  const told: ToldRequirement[] = [];
  for (const [index, { that, token, message }] of requires.entries()) {
    const path = ['requires', index, 'that'];
    const base = { expression: that.text, place: place(path), message };
    if (token !== undefined && token !== tokenKind) {
      told.push({ ...base, outcome: 'not_asked', why: [] });
      continue;
    }
    try {
      const holds = (await that.evaluate(context)) === true;
      const why = holds ? [] : await explainNothing(that.text, probeIn(context), (offset) => place(path, offset));
      told.push({ ...base, outcome: holds ? 'holds' : 'refused', why });
    } catch (error) {
      if (!(error instanceof ExpressionError)) throw error;
      told.push({ ...base, outcome: 'failed', why: [] });
    }
  }
  return told;
}

/** First those that show an answer and have most inputs in common with what was given. */
export function bestFirst({ examples }: Action, inputs: Readonly<Record<string, unknown>>): Example[] {
  const given = Object.keys(inputs);
  const score = (example: Example): number => {
    const shown = Object.keys(example.inputs);
    const common = given.filter((name) => shown.includes(name)).length;
    return (example.output ? 1_000 : 0) + common * 10 - (shown.length - common);
  };
  return examples.toSorted((one, other) => score(other) - score(one));
}
