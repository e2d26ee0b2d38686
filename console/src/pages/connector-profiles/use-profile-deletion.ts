import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { accountsPage, deleteAccount } from '../../api/accounts.ts';
import { renewProfilesAndAccounts } from '../../api/after-change.ts';
import { useApi } from '../../api/api-context.tsx';
import { changeProfile, deleteProfile, type Profile, profileKeys } from '../../api/connector-profiles.ts';
import { problemOf } from '../../api/problem.ts';
import { deleteAccounts, type FailedDeletion } from './delete-accounts.ts';

/** How far the deletion of a profile with its accounts is. */
export interface Deletion {
  /** `stopping`: what is under way comes to its end. `ended`: the profile is still there. */
  phase: 'asking' | 'running' | 'stopping' | 'ended';
  deleted: number;
  /** Of this run, at the beginning of it. */
  total: number;
  failures: readonly FailedDeletion[];
  failed: number;
  /** Why it went no further. */
  error: unknown;
}

const NOTHING_YET: Deletion = { phase: 'asking', deleted: 0, total: 0, failures: [], failed: 0, error: undefined };
// Of thousands that fail, mostly for one reason, nobody reads more.
const MAX_FAILURES_KEPT = 50;
// Whoever makes accounts by the API can do so under a disabled profile, too, also while its accounts are deleted.
const MAX_ROUNDS = 3;

/** Deletes a profile and the accounts under it, step by step in the browser: the server deletes no profile in use. */
export function useProfileDeletion(profile: Profile, onDeleted: () => void) {
  const api = useApi();
  const queries = useQueryClient();
  const [deletion, setDeletion] = useState(NOTHING_YET);
  const run = useRef<AbortController>(undefined);
  // Whoever leaves the page wants no more of it.
  useEffect(() => () => run.current?.abort(), []);

  const start = async (total: number) => {
    const controller = new AbortController();
    run.current = controller;
    const { signal } = controller;
    setDeletion({ ...NOTHING_YET, phase: 'running', total });
    let failed = 0;
    let error: unknown;
    const round = () =>
      deleteAccounts({
        list: (next) => accountsPage(api, { connector_profile_id: profile.id }, next),
        remove: (id) => deleteAccount(api, id),
        signal,
        onDeleted: () => setDeletion((before) => ({ ...before, deleted: before.deleted + 1 })),
        onFailed: (failure) => {
          failed += 1;
          setDeletion((before) => ({
            ...before,
            failed: before.failed + 1,
            failures: [...before.failures, failure].slice(0, MAX_FAILURES_KEPT),
          }));
        },
      });
    try {
      // From here on nobody links another one.
      await changeProfile(api, profile.id, { enabled: false });
      for (let rounds = 1; !signal.aborted; rounds += 1) {
        await round();
        if (failed > 0 || signal.aborted) break;
        try {
          await deleteProfile(api, profile.id);
        } catch (refusal) {
          if (problemOf(refusal).code === 'in_use' && rounds < MAX_ROUNDS) continue;
          if (problemOf(refusal).code !== 'not_found') throw refusal;
        }
        onDeleted();
        queries.removeQueries({ queryKey: profileKeys.one(profile.id) });
        await renewProfilesAndAccounts(queries);
        return;
      }
    } catch (failure) {
      error = failure;
    }
    setDeletion((before) => ({ ...before, phase: 'ended', error }));
    await renewProfilesAndAccounts(queries);
  };

  return {
    deletion,
    start: (total: number) => void start(total),
    stop: () => {
      run.current?.abort();
      setDeletion((before) => (before.phase === 'running' ? { ...before, phase: 'stopping' } : before));
    },
    reset: () => setDeletion(NOTHING_YET),
  };
}
