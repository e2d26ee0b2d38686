import type { FullGuideView } from '../../api/catalogue.ts';
import { paths } from '../../paths.ts';

/**
 * The form for a new profile with what was selected in a guide filled in. All actions are not written out: such a profile may
 * call those that the connector will have one day, too. None selected: nothing is known of them.
 */
export function newProfilePath(
  guide: Pick<FullGuideView, 'connector' | 'authentication'> & { actions: readonly unknown[] },
  { scopes, actions }: { scopes: readonly string[]; actions: readonly string[] },
): string {
  const query = new URLSearchParams({ connector: guide.connector, authentication: guide.authentication });
  if (scopes.length > 0) query.set('scopes', scopes.join(','));
  if (actions.length > 0 && actions.length < guide.actions.length) query.set('actions', actions.join(','));
  // RFC 3986 §3.4 allows these in a query.
  return `${paths.newProfile}?${query.toString().replaceAll('%2C', ',').replaceAll('%3A', ':')}`;
}
