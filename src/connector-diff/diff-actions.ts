import type { Action, Connector } from '../connector/connector.ts';
import type { Report } from './change.ts';
import { fingerprint } from './fingerprint.ts';
import { inputChanges, outputChanges } from './schema-changes.ts';

/** What changed in one action, for those who call it. `scopes` is the newer catalogue. */
export function diffAction(before: Action, after: Action, scopes: Connector['scopes'], report: Report): void {
  scopeChanges(before, after, scopes, report);
  if (before.token !== after.token) {
    // Whoever has one kind of token keeps working where either will do.
    const wider = after.token === 'any';
    report(wider ? 'feature' : 'breaking', 'token', `the kind of token was ${before.token}, is ${after.token}`);
  }
  inputChanges(before.inputs.schema, after.inputs.schema, 'input', report);
  fileChanges(before, after, report);
  pagingChanges(before, after, report);
  if (before.output.kind !== after.output.kind)
    report('breaking', 'output_kind', `the answer was a ${before.output.kind}, is a ${after.output.kind}`);
  else outputChanges(before.output.schema, after.output.schema, report);
  if (before.effect !== after.effect) {
    // Only reads are repeated when a request fails.
    const safer = after.effect === 'read';
    report(safer ? 'feature' : 'breaking', 'effect', `the effect was "${before.effect}", is "${after.effect}"`);
  }
  quietChanges(before, after, report);
}

function scopeChanges(before: Action, after: Action, scopes: Connector['scopes'], report: Report): void {
  const covered = new Set(before.scopes.flatMap((scope) => [...(scopes.get(scope)?.covers ?? [scope])]));
  const wider = after.scopes.filter((scope) => !covered.has(scope));
  const less = before.scopes.filter((scope) => !after.scopes.includes(scope));
  if (wider.length > 0)
    report('breaking', 'scopes_wider', `needs ${wider.join(' ')} besides: profiles without it are refused`);
  else if (less.length > 0) report('feature', 'scopes_narrower', `no longer needs ${less.join(' ')}`);
  if (fingerprint(before.providerScopes) !== fingerprint(after.providerScopes))
    report('fix', 'provider_scopes', 'other provider_scopes');
}

function fileChanges({ file: before }: Action, { file: after }: Action, report: Report): void {
  if ((before === undefined) === (after === undefined)) return;
  report('breaking', 'file', after ? 'takes a file now, which must be sent' : 'no longer takes a file');
}

function pagingChanges({ pagination: before }: Action, { pagination: after }: Action, report: Report): void {
  if (before && !after) report('breaking', 'pagination_removed', 'no longer pages');
  else if (!before && after) report('feature', 'pagination_added', 'pages now: the answer may have a "next"');
  else if (fingerprint(before) !== fingerprint(after)) report('fix', 'pagination', 'pages in another way');
}

/** What callers see only in the values, if at all. */
function quietChanges(before: Action, after: Action, report: Report): void {
  const changed = (part: keyof Action) => fingerprint(before[part]) !== fingerprint(after[part]);
  if (changed('steps')) report('fix', 'request', 'sends other requests');
  if (before.output.shape.text !== after.output.shape.text)
    report('fix', 'shape', 'makes the answer in another way: look at its values');
  if (requirementsOf(after).some((text) => !requirementsOf(before).includes(text)))
    report('breaking', 'requires', 'has another requirement on its inputs');
  else if (changed('requires')) report('feature', 'requires', 'has fewer requirements on its inputs');
  if (changed('warnings')) report('fix', 'warnings', 'gives warnings in another way');
  if (changed('timeoutMs') || changed('maxResponseBytes')) report('fix', 'limits', 'other limits of time or size');
  if (changed('label') || changed('description') || changed('docs')) report('fix', 'words', 'other words');
}

/** A requirement without its words. */
function requirementsOf({ requires }: Action): string[] {
  return requires.map(({ that, token, input }) => `${that.text}\n${token}\n${input}`);
}
