import { type FieldError, PROBLEMS } from '../problems.ts';
import type { Action, Example, Exchange, InputSet } from './connector.ts';
import type { Diagnostic } from './diagnostics.ts';
import type { ExampleFormat } from './format.ts';
import { MISSING_MEMBER, UNKNOWN_MEMBER } from './input-set.ts';
import { lintExampleRequests } from './lint-example-requests.ts';
import { didYouMean, nearest } from './suggest.ts';
import type { FaultAt, Path, YamlFile } from './yaml-file.ts';

/** The examples of all files, by the local id of their action; those that name none of `actionNames`, if given, are faults. */
export function collectExamples(
  files: readonly YamlFile[],
  actionNames: ReadonlySet<string> | undefined,
  faults: Diagnostic[],
): Map<string, Example[]> {
  const examples = new Map<string, Example[]>();
  eachExample(files, faults, (declared, path, fault, at) => {
    if (actionNames && !actionNames.has(declared.action)) {
      const message = `unknown action "${declared.action}"${didYouMean(declared.action, actionNames)}`;
      fault([...path, 'action'], 'EXA001', message);
    }
    if ((declared.output === undefined) === (declared.problem === undefined))
      fault(path, 'EXA002', 'an example has either "output" or "problem"');
    lintForm(declared, path, fault);
    if (declared.problem && !Object.hasOwn(PROBLEMS, declared.problem.code)) {
      const message = `unknown code "${declared.problem.code}"${didYouMean(declared.problem.code, Object.keys(PROBLEMS))}`;
      fault([...path, 'problem', 'code'], 'EXA007', message);
    }
    examples.set(declared.action, [...(examples.get(declared.action) ?? []), exampleOf(declared, at)]);
  });
  return examples;
}

/**
 * Checks every example against its action and the connector: its account settings, its form, its file, and the inputs of
 * those that show an answer.
 */
export function lintExampleValues(
  files: readonly YamlFile[],
  connector: { id: string; actions: ReadonlyMap<string, Action>; settings: InputSet | undefined },
  faults: Diagnostic[],
): void {
  eachExample(files, faults, (declared, path, fault) => {
    const lint = (at: Path, checked: ReturnType<InputSet['bind']> | undefined) => {
      if (!checked || !('errors' in checked)) return;
      for (const { path: pointer, message } of withoutMisspelt(checked.errors)) {
        const steps = pointer.slice(1).split('/');
        const what = at.at(-1) === 'account' ? 'account setting' : 'input';
        // A member that is not known is wrong by its name, not by its value.
        const key = message.startsWith(UNKNOWN_MEMBER);
        fault([...at, ...steps], 'EXA003', `${what} "${steps.join('.')}" ${message}`, { key });
      }
    };
    const action = connector.actions.get(`${connector.id}_${declared.action}`);
    if (action) lintAgainst(action, declared, path, fault);
    if (declared.output) lint([...path, 'inputs'], action?.inputs.bind(declared.inputs ?? {}));
    lint([...path, 'account'], connector.settings?.bind(declared.account ?? {}));
  });
}

/** Without the members that are missing only because they are misspelt: of those one is told already, with what was meant. */
function withoutMisspelt(errors: readonly FieldError[]): FieldError[] {
  const missing = errors.filter(({ message }) => message === MISSING_MEMBER).map(({ path }) => path);
  const unknown = errors.filter(({ message }) => message.startsWith(UNKNOWN_MEMBER));
  const meant = new Set(unknown.map(({ path }) => nearest(path, missing)));
  return errors.filter(({ path, message }) => message !== MISSING_MEMBER || !meant.has(path));
}

function eachExample(
  files: readonly YamlFile[],
  faults: Diagnostic[],
  look: (declared: ExampleFormat, path: Path, fault: FaultAt, at: Example['at']) => void,
): void {
  for (const file of files) {
    const fault: FaultAt = (at, rule, message, place) => faults.push(file.at(at, rule, message, place));
    for (const [index, declared] of (file.value as ExampleFormat[]).entries())
      look(declared, [index], fault, { file: file.file, index, line: file.line([index]) });
  }
}

function lintForm({ request, response, exchanges, problem }: ExampleFormat, path: Path, fault: FaultAt): void {
  if ((request === undefined) !== (response === undefined))
    fault(path, 'EXA004', 'an example has both "request" and "response", or none of them');
  else if (request && exchanges)
    fault([...path, 'exchanges'], 'EXA004', 'an example with "request" has no "exchanges"', { key: true });
  // A call that Corbel itself refuses sends nothing.
  else if (!request && !exchanges && !problem)
    fault(path, 'EXA004', 'an example has either "request" and "response", or "exchanges"');
}

function lintAgainst(action: Action, declared: ExampleFormat, path: Path, fault: FaultAt): void {
  if (action.composite && declared.request && !declared.exchanges)
    fault([...path, 'request'], 'EXA004', 'of a composite action an example has "exchanges"', { key: true });
  if (!action.composite && declared.exchanges && !declared.request)
    fault([...path, 'exchanges'], 'EXA004', 'only of a composite action an example has "exchanges"', { key: true });
  if (declared.file && !action.file)
    fault([...path, 'file'], 'EXA005', `${declared.action} takes no file`, { key: true });
  if (!declared.file && action.file && declared.output) fault(path, 'EXA005', `${declared.action} takes a file`);
  const hasForm = action.composite
    ? !declared.request
    : !declared.exchanges && !declared.request === !declared.response;
  if (hasForm) lintExampleRequests(action, declared, path, fault);
}

function exampleOf(declared: ExampleFormat, at: Example['at']): Example {
  const { name, source, inputs = {}, account = {}, file, request, response, exchanges, output, problem } = declared;
  const shown = exchanges ?? (request && response ? [{ request, response }] : []);
  return Object.freeze({
    name,
    at: Object.freeze(at),
    source,
    inputs,
    account,
    file: file && { bytes: file.bytes, name: file.name, contentType: file.content_type },
    exchanges: shown.map(exchangeOf),
    output: output && { data: output.data, more: output.more ?? false, warnings: output.warnings ?? [] },
    problem,
  });
}

function exchangeOf({ request, response }: NonNullable<ExampleFormat['exchanges']>[number]): Exchange {
  const { method, url, headers = {}, body, bytes } = request;
  return {
    request: { method, url, headers, body, bytes },
    response: { status: response.status, headers: response.headers ?? {}, body: response.body },
  };
}
