import { printable } from '../../connector/diagnostics.ts';
import type { Terminal } from '../terminal.ts';
import { outputLines } from './print-output.ts';
import { requestLines } from './print-request.ts';
import { placeText, problemLines, short, whyLines, wrapped, written } from './print-text.ts';
import type { Explanation, ToldGate, ToldRequirement, ToldStep, ToldValue } from './told.ts';

type Paint = Terminal['paint'];

/** The explanation as lines for people. */
export function explanationLines(explanation: Explanation, paint: Paint): string[] {
  const { action, label, place, gate, inputs, account, requirements, steps, output } = explanation;
  const section = (title: string, lines: readonly string[]) =>
    lines.length === 0
      ? []
      : ['', paint(['bold', 'cyan'], title), ...lines.map((line) => (line === '' ? '' : `  ${line}`))];
  return [
    `${paint('bold', action)}  ${printable(label)}  ${paint('dim', placeText(place))}`,
    ...section('Gate', gateLines(gate, paint)),
    ...section('Inputs', valueLines(inputs, paint)),
    ...section('Account', valueLines(account, paint)),
    ...section(
      'Requirements',
      requirements.flatMap((one) => requirementLines(one, paint)),
    ),
    ...steps.flatMap((step) => section(stepTitle(step, steps), stepLines(step, paint))),
    ...(output ? section('Output', outputLines(output, paint)) : []),
  ];
}

function gateLines({ authentication, grant, gives, wants, token, scopes, refusal }: ToldGate, paint: Paint): string[] {
  const kind = wants === 'any' ? 'a token of either kind' : `${wants === 'app' ? 'an' : 'a'} ${wants} token`;
  return [
    refusal
      ? `${paint('red', '✗')} would be refused here; going on as if it were not`
      : `${paint('green', '✓')} let through`,
    ...(refusal ? problemLines(refusal, paint) : []),
    `wants ${kind}; ${paint('bold', authentication)} (${grant}) gives ${gives.join(' and ')}: ${token}`,
    ...scopes.map(
      ({ scope, by, held }) =>
        `${held ? paint('green', '✓') : paint(by === 'action' ? 'red' : 'yellow', '✗')} ${scope}${by === 'provider' ? paint('dim', "  asked for by the provider's reference; not enforced here") : ''}`,
    ),
  ];
}

function valueLines(values: readonly ToldValue[], paint: Paint): string[] {
  const width = Math.max(0, ...values.map(({ name }) => name.length));
  const absent = values.filter(({ state }) => state === 'absent').map(({ name }) => name);
  const lines = values.flatMap(({ name, state, value, reasons = [] }) => {
    const row = (text: string) => `${printable(name).padEnd(width)}  ${text}`;
    if (state === 'refused')
      return reasons.map((reason) =>
        row(`${paint('red', `✗ ${printable(reason)}`)}${value === undefined ? '' : `, is ${short(value)}`}`),
      );
    if (state === 'given') return [row(short(value))];
    return state === 'default' ? [row(`${short(value)} ${paint('dim', '(default)')}`)] : [];
  });
  const rest = absent.length === 0 ? [] : wrapped(`not given: ${absent.join(', ')}`).map((line) => paint('dim', line));
  return [...lines, ...rest];
}

function requirementLines({ expression, place, outcome, message, why }: ToldRequirement, paint: Paint): string[] {
  const mark = {
    holds: paint('green', '✓'),
    refused: paint('red', '✗'),
    not_asked: paint('dim', '–'),
    failed: paint('red', '✗'),
  }[outcome];
  const told =
    outcome === 'not_asked'
      ? paint('dim', '  not asked for this kind of token')
      : outcome === 'failed'
        ? '  fails'
        : '';
  return [
    `${mark} ${written(expression)}${told}`,
    ...(outcome === 'refused' || outcome === 'failed'
      ? [`  ${paint('red', 'inputs_invalid')}: ${printable(message)}`, `  ${paint('dim', placeText(place))}`]
      : []),
    ...whyLines(why, paint).map((line) => `  ${line}`),
  ];
}

function stepTitle({ id }: ToldStep, steps: readonly ToldStep[]): string {
  return steps.length === 1 && id === 'request' ? 'Request' : `Step ${id}`;
}

function stepLines({ outcome, when, depends_on, requests, problem, verb }: ToldStep, paint: Paint): string[] {
  const condition = when
    ? `when ${written(when.expression)} → ${when.value === undefined ? 'nothing' : short(when.value)}`
    : undefined;
  const why = when ? whyLines(when.why, paint) : [];
  if (outcome === 'left_out') return [`${paint('yellow', 'left out')}: ${condition}`, ...why];
  if (outcome === 'depends')
    return [
      depends_on.length === 0 ? paint('dim', 'not reached') : `depends on the answer of ${depends_on.join(', ')}`,
    ];
  return [
    ...(condition === undefined ? [] : [paint('dim', `taken: ${condition}`)]),
    ...(requests.length === 0 && verb !== 'request' ? [paint('dim', verb)] : []),
    ...requests.flatMap((request, index) => [...(index > 0 ? [''] : []), ...requestLines(request, paint)]),
    ...(problem && !requests.some(({ answer }) => answer?.refusal) ? problemLines(problem, paint) : []),
  ];
}
