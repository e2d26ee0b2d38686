import type { Action, Example } from './connector.ts';
import type { Diagnostic } from './diagnostics.ts';
import type { ExampleFormat } from './format.ts';
import { didYouMean } from './suggest.ts';
import type { YamlFile } from './yaml-file.ts';

/** The examples of all files, by the local id of their action. */
export function collectExamples(
  files: readonly YamlFile[],
  actionNames: ReadonlySet<string>,
  faults: Diagnostic[],
): Map<string, Example[]> {
  const examples = new Map<string, Example[]>();
  for (const file of files) {
    for (const [index, declared] of (file.value as ExampleFormat[]).entries()) {
      if (!actionNames.has(declared.action)) {
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

/** Checks the inputs of every example that shows an answer against its action. */
export function lintExampleInputs(
  files: readonly YamlFile[],
  actions: ReadonlyMap<string, Action>,
  connectorId: string,
  faults: Diagnostic[],
): void {
  for (const file of files) {
    for (const [index, { action, inputs = {}, output }] of (file.value as ExampleFormat[]).entries()) {
      const bound = output && actions.get(`${connectorId}_${action}`)?.inputs.bind(inputs);
      if (!bound || !('errors' in bound)) continue;
      for (const { path, message } of bound.errors) {
        faults.push(file.at([index, 'inputs', ...path.slice(1).split('/')], 'EXA003', `${path} ${message}`));
      }
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
