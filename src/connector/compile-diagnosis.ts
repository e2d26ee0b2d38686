import { baseOf, type RequestBases } from './compile-apis.ts';
import { tokensOf } from './compile-authentication.ts';
import type { ExpressionCompiler } from './compile-expressions.ts';
import { compileRequest, isBodyless } from './compile-request.ts';
import type { Check } from './connector.ts';
import { accountContext, withAnswer } from './context.ts';
import type { CheckFormat, ConnectorFormat } from './format.ts';
import { lintScopeNames } from './lint-scopes.ts';
import { didYouMean } from './suggest.ts';
import type { Path } from './yaml-file.ts';

type RequestCheckFormat = Extract<CheckFormat, { request: unknown }>;

/** Lints and compiles the checklist of a connector; checks with faults are left out. */
export function compileDiagnosis(
  declared: ConnectorFormat,
  bases: RequestBases,
  compiler: ExpressionCompiler,
): Check[] {
  const earlier = new Set<string>();
  return (declared.diagnosis ?? []).flatMap((check, index): Check[] => {
    const path = ['diagnosis', index];
    if (earlier.has(check.id)) compiler.fault([...path, 'id'], 'CON008', `check "${check.id}" stands twice`);
    for (const [position, id] of (check.needs ?? []).entries()) {
      if (!earlier.has(id))
        compiler.fault(
          [...path, 'needs', position],
          'CON008',
          `there is no check "${id}" before this one${didYouMean(id, earlier)}`,
        );
    }
    earlier.add(check.id);
    const common = { id: check.id, label: check.label, remedy: check.remedy, needs: check.needs ?? [] };
    if ('token' in check && check.token === 'user') lintKeys([...path, 'token'], declared, compiler);
    if ('token' in check) return [Object.freeze({ ...common, kind: 'token', token: check.token })];
    if ('not_checked' in check) return [Object.freeze({ ...common, kind: 'manual', notChecked: check.not_checked })];
    const request = compileRequestCheck(path, check, declared, bases, compiler);
    return request ? [Object.freeze({ ...common, ...request })] : [];
  });
}

/** A key is at hand whether the provider takes it or not: only its identity tells. */
function lintKeys(at: Path, { authentication }: ConnectorFormat, { fault }: ExpressionCompiler): void {
  const methods = authentication.filter((method) => tokensOf(method).includes('user'));
  const [silent] = methods;
  if (silent && methods.every((method) => method.grant === 'api_key' && method.identity === undefined))
    fault(at, 'CON012', `would always pass with keys of "${silent.id}", which has no identity`);
}

function compileRequestCheck(
  path: Path,
  check: RequestCheckFormat,
  declared: ConnectorFormat,
  bases: RequestBases,
  compiler: ExpressionCompiler,
) {
  const settings = declared.account_settings ?? {};
  const needed = new Set(check.needs_settings ?? []);
  lintScopeNames([...path, 'scopes'], check.scopes, declared.scopes, compiler.fault);
  for (const [index, name] of [...needed].entries()) {
    if (!Object.hasOwn(settings, name))
      compiler.fault(
        [...path, 'needs_settings', index],
        'CON009',
        `account setting "${name}" is not declared${didYouMean(name, Object.keys(settings))}`,
      );
  }
  const { method } = check.request;
  if (!isBodyless(method))
    compiler.fault([...path, 'request', 'method'], 'ACT010', `a check only reads, but the method is ${method}`);
  const context = accountContext(settings);
  const request = compileRequest(
    {
      path: [...path, 'request'],
      context,
      bases,
      pathValues: {
        from: 'account',
        declared: new Set(Object.keys(settings)),
        lint(name, at, place) {
          const setting = settings[name];
          if (!needed.has(name) && !setting?.required && setting?.default === undefined)
            compiler.fault(at, 'CON009', `account setting "${name}" may be missing; name it in needs_settings`, place);
        },
      },
    },
    check.request,
    baseOf(check.api, [...path, 'api'], bases, compiler),
    compiler,
  );
  const passedWhen = compiler.optional([...path, 'passed_when'], check.passed_when, withAnswer(context));
  return request && { kind: 'request' as const, scopes: check.scopes, needsSettings: [...needed], request, passedWhen };
}
