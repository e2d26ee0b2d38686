import { gte, inc, major, parse } from 'semver';
import type { Impact } from './change.ts';

const FIRST_VERSION = '0.1.0';

/**
 * The least version after a change (semver.org). Before 1.0.0 what breaks raises the second number and everything else the
 * third, as is the custom. A connector that had no version begins with 0.1.0.
 */
export function suggestVersion(before: string | undefined, gravest: Impact): string {
  const parsed = parse(before);
  if (!parsed) return FIRST_VERSION;
  const settled = major(parsed) > 0;
  const release =
    gravest === 'breaking' ? (settled ? 'major' : 'minor') : gravest === 'feature' && settled ? 'minor' : 'patch';
  return inc(parsed.version, release) ?? FIRST_VERSION;
}

/** Whether a version is at least the suggested one. */
export function suffices(version: string | undefined, suggested: string): boolean {
  return version !== undefined && gte(version, suggested);
}
