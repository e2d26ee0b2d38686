import { relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

const RULES_PAGE = new URL('../../../docs/rules.md', import.meta.url);

/**
 * The absolute URL of docs/rules.md, for reports that are read elsewhere: in a workflow of GitHub that has checked it out, that of
 * the page in the repository; else that of the file.
 */
export function rulesPageUrl(env: Readonly<Record<string, string | undefined>>): string {
  const { GITHUB_SERVER_URL, GITHUB_REPOSITORY, GITHUB_SHA, GITHUB_WORKSPACE } = env;
  const path = GITHUB_WORKSPACE === undefined ? '..' : relative(GITHUB_WORKSPACE, fileURLToPath(RULES_PAGE));
  if (!GITHUB_SERVER_URL || !GITHUB_REPOSITORY || !GITHUB_SHA || path.startsWith('..')) return RULES_PAGE.href;
  const steps = ['blob', GITHUB_SHA, ...path.split(sep)].map(encodeURIComponent).join('/');
  return `${GITHUB_SERVER_URL}/${GITHUB_REPOSITORY}/${steps}`;
}
