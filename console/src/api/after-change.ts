import type { QueryClient } from '@tanstack/react-query';
import { accountKeys } from './accounts.ts';
import { profileKeys } from './connector-profiles.ts';
import { overviewKeys } from './overview.ts';

/**
 * Has everything asked for anew that shows profiles or accounts. Each shows the other: an account is inactive under a disabled
 * profile and lacks what the profile lacks, a profile counts its accounts. Resolves when what is on the page has come.
 */
export async function renewProfilesAndAccounts(queries: QueryClient): Promise<void> {
  await Promise.all(
    [profileKeys.all, accountKeys.all, overviewKeys.all].map((queryKey) => queries.invalidateQueries({ queryKey })),
  );
}
