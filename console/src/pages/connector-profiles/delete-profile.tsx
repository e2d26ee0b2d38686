import { Modal } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { renewProfilesAndAccounts } from '../../api/after-change.ts';
import { useApi } from '../../api/api-context.tsx';
import { deleteProfile, type Profile, profileKeys } from '../../api/connector-profiles.ts';
import { ConfirmDialog } from '../../components/confirm-dialog.tsx';
import { DeletionProgress } from './deletion-progress.tsx';
import { DeletionQuestion } from './deletion-question.tsx';
import { useProfileDeletion } from './use-profile-deletion.ts';

interface DeleteProfileProps {
  profile: Profile;
  opened: boolean;
  onClose: () => void;
  onDeleted: () => void;
}

/** Asks before a profile is deleted, with the accounts under it, and does it. */
export function DeleteProfile({ profile, opened, onClose, onDeleted }: DeleteProfileProps) {
  const api = useApi();
  const queries = useQueryClient();
  const { deletion, start, stop, reset } = useProfileDeletion(profile, onDeleted);
  const { phase } = deletion;
  useEffect(() => {
    // How many accounts there are may be news of some seconds ago.
    if (opened) void queries.invalidateQueries({ queryKey: profileKeys.one(profile.id) });
  }, [opened, queries, profile.id]);

  if (profile.account_count === 0 && phase === 'asking') {
    return (
      <ConfirmDialog
        opened={opened}
        onClose={onClose}
        title="Delete this profile?"
        confirmLabel="Delete"
        onConfirm={async () => {
          try {
            await deleteProfile(api, profile.id);
          } catch (error) {
            // In use: then there are accounts to ask about.
            await renewProfilesAndAccounts(queries);
            throw error;
          }
          onDeleted();
          queries.removeQueries({ queryKey: profileKeys.one(profile.id) });
          await renewProfilesAndAccounts(queries);
        }}
      >
        No account is linked under <bdi>{profile.name}</bdi>. Its credentials are deleted with it, and cannot be brought
        back.
      </ConfirmDialog>
    );
  }
  const busy = phase === 'running' || phase === 'stopping';
  const close = () => {
    if (busy) return;
    reset();
    onClose();
  };
  return (
    <Modal
      opened={opened}
      onClose={close}
      title={phase === 'asking' ? 'Delete this profile and its accounts?' : 'Deleting the profile and its accounts'}
      withCloseButton={!busy}
      closeOnClickOutside={false}
    >
      {phase === 'asking' ? (
        <DeletionQuestion profile={profile} onCancel={close} onConfirm={() => start(profile.account_count)} />
      ) : (
        <DeletionProgress
          deletion={deletion}
          onStop={stop}
          onClose={close}
          onAgain={() => start(Math.max(1, deletion.total - deletion.deleted))}
        />
      )}
    </Modal>
  );
}
