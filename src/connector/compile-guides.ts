import { createExpressionCompiler, type ExpressionCompiler } from './compile-expressions.ts';
import type { Action } from './connector.ts';
import { type Context, leaves } from './context.ts';
import type { Diagnostic } from './diagnostics.ts';
import type { ConnectorFormat, GuideFormat } from './format.ts';
import { type Concern, GUIDE_VALUES, type Guide, type GuideSection, type GuideStep } from './guide.ts';
import { didYouMean } from './suggest.ts';
import type { Path, YamlFile } from './yaml-file.ts';

type ConditionFormat = NonNullable<GuideFormat['sections'][number]['for']>;
type StepFormat = NonNullable<GuideFormat['sections'][number]['steps']>[number];

interface Subject {
  declared: Pick<ConnectorFormat, 'authentication' | 'scopes' | 'apis'>;
  actions: ReadonlyMap<string, Action>;
}

const CONTEXT: Context = leaves(...GUIDE_VALUES);

/** Lints and compiles the guides of a connector, by the authentication that they are for. */
export function compileGuides(files: readonly YamlFile[], subject: Subject, faults: Diagnostic[]): Map<string, Guide> {
  const methods = subject.declared.authentication.map(({ id }) => id);
  const guides = new Map<string, Guide>();
  for (const file of files) {
    const given = file.value as GuideFormat;
    const { authentication } = given;
    if (!methods.includes(authentication))
      faults.push(
        file.at(
          ['authentication'],
          'GUI001',
          `unknown authentication "${authentication}"${didYouMean(authentication, methods)}`,
        ),
      );
    if (guides.has(authentication))
      faults.push(file.at(['authentication'], 'GUI002', `there is another guide for "${authentication}"`));
    guides.set(authentication, compileGuide(file, given, subject, faults));
  }
  return guides;
}

function compileGuide(file: YamlFile, given: GuideFormat, subject: Subject, faults: Diagnostic[]): Guide {
  const compiler = createExpressionCompiler(file, faults);
  const text = (path: Path, value: string | undefined) =>
    value === undefined ? undefined : compiler.template(path, value, CONTEXT);
  const concernOf = (path: Path, condition: ConditionFormat | undefined) =>
    condition && compileConcern([...path, 'for'], condition, subject, compiler);

  const stepOf = (path: Path, step: StepFormat): GuideStep => ({
    title: step.title,
    concerns: concernOf(path, step.for),
    text: text([...path, 'text'], step.text),
    items: (step.items ?? []).flatMap((item, index) => {
      const at = [...path, 'items', index];
      const plain = typeof item === 'string';
      const line = text(plain ? at : [...at, 'text'], plain ? item : item.text);
      return line ? [{ text: line, concerns: plain ? undefined : concernOf(at, item.for) }] : [];
    }),
    listScopes: step.list_scopes ?? false,
  });

  const sections = given.sections.map((section, index): GuideSection => {
    const path = ['sections', index];
    return {
      title: section.title,
      concerns: concernOf(path, section.for),
      text: text([...path, 'text'], section.text),
      steps: (section.steps ?? []).map((step, position) => stepOf([...path, 'steps', position], step)),
    };
  });
  // A text with a fault is reported; what stands for it is never shown, because the load is refused.
  const summary = text(['summary'], given.summary) ?? EMPTY;
  return Object.freeze({
    authentication: given.authentication,
    summary,
    warning: text(['warning'], given.warning),
    sections,
  });
}

const EMPTY: Guide['summary'] = { text: '', literal: true, reads: new Set(), evaluate: async () => '' };

function compileConcern(
  path: Path,
  { scopes = [], apis = [] }: ConditionFormat,
  { declared, actions }: Subject,
  { fault }: ExpressionCompiler,
): Concern {
  const catalogue = Object.keys(declared.scopes);
  const concerned = new Set<string>();
  for (const [index, pattern] of scopes.entries()) {
    const fitting = new Set(catalogue.filter((scope) => fits(scope, pattern)));
    if (fitting.size === 0)
      fault(
        [...path, 'scopes', index],
        'GUI003',
        `no scope of the catalogue fits "${pattern}"${didYouMean(pattern, catalogue)}`,
      );
    for (const action of actions.values())
      if (action.scopes.some((scope) => fitting.has(scope))) concerned.add(action.id);
  }
  const known = Object.keys(declared.apis ?? {});
  for (const [index, api] of apis.entries()) {
    if (!known.includes(api))
      fault([...path, 'apis', index], 'GUI003', `unknown api "${api}"${didYouMean(api, known)}`);
    for (const action of actions.values()) if (action.api === api) concerned.add(action.id);
  }
  return concerned;
}

function fits(scope: string, pattern: string): boolean {
  return pattern.endsWith('*') ? scope.startsWith(pattern.slice(0, -1)) : scope === pattern;
}
