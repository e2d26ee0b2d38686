import type { AuditRecord } from '../../api/audit.ts';
import { paths } from '../../paths.ts';

/** What actions begin with, for the filter. */
export const ACTION_KINDS = [
  'connector_profile',
  'account',
  'api_key',
  'connect_session',
  'webhook_endpoint',
  'project_settings',
  'project',
  'grant',
  'console',
  'encryption_key',
  'audit',
] as const;

export const CHANNELS = {
  console: 'Console',
  api: 'API',
  cli: 'Command line',
  server: 'Server',
} as const satisfies Record<AuditRecord['actor']['via'], string>;

export const OUTCOMES = {
  done: 'Done',
  refused: 'Refused',
  failed: 'Failed',
  unknown: 'Unknown',
} as const satisfies Record<AuditRecord['outcome'], string>;

/** `connector_profile.updated` as "Connector profile updated". */
export function actionWords(action: string): string {
  const words = action.replace(/[._]/g, ' ').replace(/\bapi\b/, 'API');
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}`;
}

export function actorName({ name, role, via }: AuditRecord['actor']): string {
  if (name !== null) return name;
  if (via === 'server') return 'The server';
  // Who of them is not told to other projects.
  return role === 'operator' ? 'An operator of the root project' : 'Nobody signed in';
}

/** Where what something was done to can be seen; undefined: nowhere. */
export function targetPath(target: AuditRecord['target']): string | undefined {
  if (target === null || target.id === null) return undefined;
  const { type, id } = target;
  if (type === 'connector_profile') return paths.profile(id);
  if (type === 'account') return paths.account(id);
  if (type === 'api_key') return `${paths.apiKeys}?key=${id}`;
  if (type === 'webhook_endpoint') return `${paths.settings}?tab=webhooks`;
  if (type === 'project_settings' || type === 'project') return paths.settings;
  return undefined;
}
