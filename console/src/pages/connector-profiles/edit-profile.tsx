import { Button } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { FormEvent } from 'react';
import { renewProfilesAndAccounts } from '../../api/after-change.ts';
import { useApi } from '../../api/api-context.tsx';
import type { ConnectorSummaryView } from '../../api/catalogue.ts';
import { changeProfile, type Profile, profileKeys, profileOptions } from '../../api/connector-profiles.ts';
import { problemOf } from '../../api/problem.ts';
import { useNotice } from '../../components/notice.tsx';
import { ConflictNotice } from '../../drafts/conflict-notice.tsx';
import { rebase } from '../../drafts/rebase.ts';
import { useDraft } from '../../drafts/use-draft.ts';
import { useFocusOnFault } from '../../drafts/use-focus-on-fault.ts';
import { FormError } from './form-error.tsx';
import { draftOf, profileChange, withoutSecrets } from './profile-draft.ts';
import classes from './profile-form.module.css';
import { ProfileFields } from './profile-form.tsx';

interface EditProfileProps {
  profile: Profile;
  connector: ConnectorSummaryView;
  method: ConnectorSummaryView['authentication'][number];
  /** What was tested before holds no longer. */
  onSaved: () => void;
}

/** The form of a profile that is there. */
export function EditProfile({ profile, connector, method, onSaved }: EditProfileProps) {
  const api = useApi();
  const queries = useQueryClient();
  const notice = useNotice();
  const { draft, setDraft, base, conflicts, discard, saved } = useDraft(draftOf(profile), profile.updated_at);
  const change = profileChange(base, draft);
  const saving = useMutation({
    // Takes no variables and gives no answer: those are kept with the mutation.
    mutationFn: async () => {
      // The server takes whatever was changed last. What others changed is seen first, and then decided about.
      const present = await queries.fetchQuery({ ...profileOptions(api, profile.id), staleTime: 0 });
      if (rebase(base, draftOf(present), draft).conflicts.length > 0) return;
      const changed = await changeProfile(api, profile.id, change ?? {});
      saved(draft, (after) => withoutSecrets(draft, after));
      queries.setQueryData(profileKeys.one(profile.id), { ...present, ...changed });
      onSaved();
      notice('Profile saved');
      await renewProfilesAndAccounts(queries);
    },
    gcTime: 0,
    onError: (error) => {
      if (problemOf(error).code === 'version_conflict')
        void queries.invalidateQueries({ queryKey: profileKeys.one(profile.id) });
    },
  });
  const form = useFocusOnFault(saving.error);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (change && !saving.isPending) saving.mutate();
  };
  const reset = () => {
    saving.reset();
    discard();
  };
  return (
    <form ref={form} onSubmit={submit} noValidate autoComplete="off" className={classes.form}>
      <ProfileFields
        connector={connector.id}
        method={method}
        profile={profile}
        draft={draft}
        onChange={setDraft}
        error={saving.error}
        onMended={saving.reset}
      />
      {saving.error && <FormError error={saving.error} method={method} />}
      <ConflictNotice conflicts={conflicts} onDiscard={reset} />
      {change && (
        <div className={classes.bar}>
          <span className={classes.unsaved} role="status">
            Not saved yet
          </span>
          <Button variant="default" onClick={reset} disabled={saving.isPending}>
            Discard
          </Button>
          <Button type="submit" loading={saving.isPending}>
            Save
          </Button>
        </div>
      )}
    </form>
  );
}
