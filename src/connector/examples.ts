import type { Action, Example, InputSet } from './connector.ts';
import type { Diagnostic } from './diagnostics.ts';
import type { ExampleFormat } from './format.ts';
import { didYouMean } from './suggest.ts';
import type { Path, YamlFile } from './yaml-file.ts';

/** The examples of all files, by the local id of their action; those that name none of `actionNames`, if given, are faults. */
export function collectExamples(
  files: readonly YamlFile[],
  actionNames: ReadonlySet<string> | undefined,
  faults: Diagnostic[],
): Map<string, Example[]> {
  const examples = new Map<string, Example[]>();
  for (const file of files) {
    for (const [index, declared] of (file.value as ExampleFormat[]).entries()) {
      if (actionNames && !actionNames.has(declared.action)) {
        faults.push(
          file.at(
            [index, 'action'],
            'EXA001',
            `unknown action "${declared.action}"${didYouMean(declared.action, actionNames)}`,
          ),
        );
      }
      if ((declared.output === undefined) === (declared.problem === undefined)) {
        faults.push(file.at([index], 'EXA002', 'an example has either "output" or "problem"'));
      }
      examples.set(declared.action, [...(examples.get(declared.action) ?? []), exampleOf(declared)]);
    }
  }
  return examples;
}

/** Checks the account settings of every example, and the inputs of those that show an answer. */
export function lintExampleValues(
  files: readonly YamlFile[],
  connector: { id: string; actions: ReadonlyMap<string, Action>; settings: InputSet | undefined },
  faults: Diagnostic[],
): void {
  const lint = (file: YamlFile, at: Path, checked: ReturnType<InputSet['bind']> | undefined) => {
    if (!checked || !('errors' in checked)) return;
    for (const { path, message } of checked.errors)
      faults.push(file.at([...at, ...path.slice(1).split('/')], 'EXA003', `${path} ${message}`));
  };
  for (const file of files) {
    for (const [index, { action, inputs = {}, account = {}, output }] of (file.value as ExampleFormat[]).entries()) {
      if (output)
        lint(file, [index, 'inputs'], connector.actions.get(`${connector.id}_${action}`)?.inputs.bind(inputs));
      lint(file, [index, 'account'], connector.settings?.bind(account));
    }
  }
}

function exampleOf({
  name,
  source,
  inputs = {},
  account = {},
  request,
  response,
  output,
  problem,
}: ExampleFormat): Example {
  return Object.freeze({
    name,
    source,
    inputs,
    account,
    request: { method: request.method, url: request.url, headers: request.headers ?? {}, body: request.body },
    response: { status: response.status, headers: response.headers ?? {}, body: response.body },
    output: output && { data: output.data, more: output.more ?? false, warnings: output.warnings ?? [] },
    problem,
  });
}
