import type { Connector, Registry } from '../connector/connector.ts';
import { type Change, IMPACTS, type Report } from './change.ts';
import { diffAction } from './diff-actions.ts';
import { fingerprint } from './fingerprint.ts';
import { inputChanges } from './schema-changes.ts';
import { suggestVersion } from './version.ts';

/** What changed in one connector, and which version it should have. */
export interface ConnectorDiff {
  readonly connector: string;
  /** Undefined where the connector is not there, or has none. */
  readonly before: string | undefined;
  readonly after: string | undefined;
  /** The least version that the newer one should have; undefined where nothing changed, or the connector is gone. */
  readonly suggested: string | undefined;
  /** The gravest first. */
  readonly changes: readonly Change[];
}

/** The differences of all connectors of two folders; those that are alike are left out. */
export function diffRegistries(before: Registry, after: Registry): ConnectorDiff[] {
  const ids = new Set([...before.connectors.keys(), ...after.connectors.keys()]);
  return [...ids].sort().flatMap((id): ConnectorDiff[] => {
    const [old, now] = [before.connectors.get(id), after.connectors.get(id)];
    const changes = changesOf(id, old, now);
    if (changes.length === 0) return [];
    const gravest = changes[0]?.impact ?? 'fix';
    return [
      {
        connector: id,
        before: old?.version,
        after: now?.version,
        suggested: now && suggestVersion(old?.version, gravest),
        changes,
      },
    ];
  });
}

function changesOf(id: string, before: Connector | undefined, after: Connector | undefined): Change[] {
  const changes: Change[] = [];
  const reportOf =
    (action?: string): Report =>
    (impact, kind, message) =>
      void changes.push({ impact, connector: id, action, kind, message });
  const report = reportOf();
  if (before && !after) report('breaking', 'connector_removed', 'the connector is gone');
  else if (!before && after) report('feature', 'connector_added', `is new, with ${after.actions.size} actions`);
  else if (before && after) {
    connectorChanges(before, after, report);
    for (const [name, action] of before.actions) {
      const present = after.actions.get(name);
      if (present) diffAction(action, present, after.scopes, reportOf(name));
      else reportOf(name)('breaking', 'action_removed', 'is gone');
    }
    for (const name of after.actions.keys())
      if (!before.actions.has(name)) reportOf(name)('feature', 'action_added', 'is new');
  }
  return changes.sort((one, other) => IMPACTS.indexOf(one.impact) - IMPACTS.indexOf(other.impact));
}

function connectorChanges(before: Connector, after: Connector, report: Report): void {
  inputChanges(before.accountSettings.schema, after.accountSettings.schema, 'setting', report);
  for (const scope of before.scopes.keys())
    if (!after.scopes.has(scope))
      report('breaking', 'scope_removed', `scope "${scope}" is gone: profiles that name it are refused`);
  for (const scope of after.scopes.keys())
    if (!before.scopes.has(scope)) report('feature', 'scope_added', `scope "${scope}" is new`);
  for (const [scope, { covers }] of before.scopes) {
    const now = after.scopes.get(scope)?.covers;
    const lost = now && [...covers].filter((covered) => !now.has(covered));
    if (lost && lost.length > 0)
      report('breaking', 'scope_narrower', `scope "${scope}" no longer implies ${lost.join(' ')}`);
    if (now && [...now].some((covered) => !covers.has(covered)))
      report('feature', 'scope_wider', `scope "${scope}" implies more`);
  }
  for (const [id, method] of before.authentication) {
    const present = after.authentication.get(id);
    if (!present) report('breaking', 'authentication_removed', `authentication "${id}" is gone`);
    else if (present.grant !== method.grant)
      report('breaking', 'authentication_grant', `authentication "${id}" was ${method.grant}, is ${present.grant}`);
    else if (fingerprint(present) !== fingerprint(method))
      report('fix', 'authentication', `authentication "${id}" works in another way`);
  }
  for (const id of after.authentication.keys())
    if (!before.authentication.has(id)) report('feature', 'authentication_added', `authentication "${id}" is new`);
  // Operators may have to let the new ones through.
  for (const origin of after.origins)
    if (!before.origins.has(origin)) report('fix', 'origin_added', `calls ${origin}, too`);
  for (const origin of before.origins)
    if (!after.origins.has(origin)) report('fix', 'origin_removed', `no longer calls ${origin}`);
  if (fingerprint(before.errors) !== fingerprint(after.errors))
    report('fix', 'errors', 'tells refusals of the provider in another way: look at the codes');
  if (fingerprint(before.diagnosis) !== fingerprint(after.diagnosis)) report('fix', 'diagnosis', 'another checklist');
  if (fingerprint(before.guides) !== fingerprint(after.guides)) report('fix', 'guides', 'other guides');
  const words = ({ label, description, docs }: Connector) => fingerprint([label, description, docs]);
  if (words(before) !== words(after)) report('fix', 'words', 'other words');
}
