import { Anchor, Button } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { Link, useLocation, useNavigate, useParams } from 'react-router';
import { useApi } from '../../api/api-context.tsx';
import { type ConnectorSummaryView, connectorsOptions } from '../../api/catalogue.ts';
import {
  changeProfile,
  type Profile,
  type ProfileTestResult,
  profileKeys,
  profileOptions,
  testProfile,
} from '../../api/connector-profiles.ts';
import { ConfirmDialog } from '../../components/confirm-dialog.tsx';
import { ErrorState } from '../../components/error-state.tsx';
import { Facts } from '../../components/facts.tsx';
import { IdText } from '../../components/id-text.tsx';
import { useNotice } from '../../components/notice.tsx';
import { PageHeader } from '../../components/page-header.tsx';
import { QueryView } from '../../components/query-view.tsx';
import { RelativeTime } from '../../components/relative-time.tsx';
import { Section } from '../../components/section.tsx';
import { StatusBadge } from '../../components/status-badge.tsx';
import { paths } from '../../paths.ts';
import { accountsOf, DeleteProfile } from './delete-profile.tsx';
import { FormError, useFocusOnFault } from './form-error.tsx';
import { draftOf, profileChange } from './profile-draft.ts';
import classes from './profile-form.module.css';
import { ProfileFields } from './profile-form.tsx';
import { TestResult } from './test-result.tsx';

const PARENT = { label: 'Connector profiles', to: paths.profiles };

export function ProfilePage() {
  const api = useApi();
  const { id = '' } = useParams();
  const profile = useQuery(profileOptions(api, id));
  const connectors = useQuery(connectorsOptions(api));
  if (!profile.data) {
    return (
      <>
        <PageHeader title="Connector profile" parent={PARENT} />
        <QueryView query={profile}>{() => null}</QueryView>
      </>
    );
  }
  const present = profile.data;
  return (
    <QueryView query={connectors}>
      {(all) => (
        <PresentProfile
          key={present.id}
          profile={present}
          connector={all.find((connector) => connector.id === present.connector)}
        />
      )}
    </QueryView>
  );
}

interface PresentProfileProps {
  profile: Profile;
  /** Undefined: no longer one of this server. */
  connector: ConnectorSummaryView | undefined;
}

function PresentProfile({ profile, connector }: PresentProfileProps) {
  const api = useApi();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const notice = useNotice();
  const [asked, setAsked] = useState<'delete' | 'disable'>();
  // Of the creation that led here.
  const [created, setCreated] = useState(useLocation().state as { tested?: ProfileTestResult } | null);
  const method = connector?.authentication.find(({ id }) => id === profile.authentication);
  const renew = () => queries.invalidateQueries({ queryKey: profileKeys.all });

  const test = useMutation({ mutationFn: () => testProfile(api, profile.id) });
  const enabling = useMutation({
    mutationFn: (enabled: boolean) => changeProfile(api, profile.id, { enabled }),
    onSuccess: async ({ enabled }) => {
      await renew();
      notice(enabled ? 'Profile enabled' : 'Profile disabled');
    },
  });
  const result = test.data ?? (test.isIdle ? created?.tested : undefined);
  return (
    <>
      <PageHeader
        title={profile.name}
        parent={PARENT}
        badge={<StatusBadge status={profile.enabled ? 'enabled' : 'disabled'} />}
        actions={
          <>
            <Button variant="default" onClick={() => setAsked('delete')}>
              Delete
            </Button>
            <Button
              variant="default"
              loading={enabling.isPending}
              onClick={() => (profile.enabled ? setAsked('disable') : enabling.mutate(true))}
            >
              {profile.enabled ? 'Disable' : 'Enable'}
            </Button>
            <Button loading={test.isPending} onClick={() => test.mutate()}>
              Test
            </Button>
          </>
        }
      />
      <div aria-live="polite" className={classes.outcome}>
        {enabling.error && <ErrorState error={enabling.error} />}
        {test.error && <ErrorState error={test.error} />}
        {result && <TestResult result={result} />}
      </div>
      <div className={classes.columns}>
        <Section title="Profile">
          <Facts
            facts={[
              ['Connector', connector ? <ConnectorLink key="link" connector={connector} /> : profile.connector],
              ['Type', method?.label ?? profile.authentication],
              [
                'Accounts',
                <Anchor key="link" component={Link} to={accountsOf(profile.id)}>
                  {profile.account_count.toLocaleString()}
                </Anchor>,
              ],
              ['Id', <IdText key="id" id={profile.id} what="profile id" />],
              ['Created', <RelativeTime key="at" at={profile.created_at} />],
              ['Changed', <RelativeTime key="at" at={profile.updated_at} />],
              [
                'Set-up guide',
                connector?.guides.includes(profile.authentication) ? (
                  <Anchor key="link" component={Link} to={guideOf(profile)}>
                    For the actions of this profile
                  </Anchor>
                ) : undefined,
              ],
            ]}
          />
        </Section>
        {connector && method && (
          <EditProfile
            {...{ profile, connector, method, renew }}
            onSaved={() => {
              test.reset();
              setCreated(null);
            }}
          />
        )}
      </div>
      <DeleteProfile
        profile={profile}
        opened={asked === 'delete'}
        onClose={() => setAsked(undefined)}
        onDeleted={() => {
          notice('Profile deleted');
          void navigate(paths.profiles, { replace: true });
          queries.removeQueries({ queryKey: profileKeys.one(profile.id) });
          void renew();
        }}
      />
      <ConfirmDialog
        opened={asked === 'disable'}
        onClose={() => setAsked(undefined)}
        title={`Disable “${profile.name}”?`}
        confirmLabel="Disable"
        onConfirm={() => enabling.mutateAsync(false)}
      >
        {profile.account_count === 0
          ? 'No account is linked under it. It can be enabled again at any time.'
          : `Calls of its ${profile.account_count === 1 ? 'account' : `${profile.account_count.toLocaleString()} accounts`} are refused until it is enabled again.`}
      </ConfirmDialog>
    </>
  );
}

interface EditProfileProps {
  profile: Profile;
  connector: ConnectorSummaryView;
  method: ConnectorSummaryView['authentication'][number];
  renew: () => Promise<void>;
  /** What was tested before holds no longer. */
  onSaved: () => void;
}

function EditProfile({ profile, connector, method, renew, onSaved }: EditProfileProps) {
  const api = useApi();
  const notice = useNotice();
  const [draft, setDraft] = useState(() => draftOf(profile));
  // Fields of secrets are made anew once they are saved.
  const [saves, setSaves] = useState(0);
  const change = profileChange(profile, draft);
  const saving = useMutation({
    // Takes no variables: those are kept with the mutation.
    mutationFn: () => changeProfile(api, profile.id, profileChange(profile, draft) ?? {}),
    gcTime: 0,
    onSuccess: async (changed) => {
      setDraft(draftOf({ ...profile, ...changed }));
      setSaves((count) => count + 1);
      onSaved();
      notice('Profile saved');
      await renew();
    },
  });
  const form = useFocusOnFault(saving.error);
  const discard = () => {
    saving.reset();
    setDraft(draftOf(profile));
    setSaves((count) => count + 1);
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (change) saving.mutate();
  };
  return (
    <form ref={form} onSubmit={submit} noValidate autoComplete="off" className={classes.form}>
      <ProfileFields
        key={saves}
        connector={connector.id}
        method={method}
        profile={profile}
        draft={draft}
        onChange={setDraft}
        error={saving.error}
        onMended={saving.reset}
      />
      {saving.error && <FormError error={saving.error} method={method} />}
      {change && (
        <div className={classes.bar}>
          <span className={classes.unsaved} role="status">
            Not saved yet
          </span>
          <Button variant="default" onClick={discard} disabled={saving.isPending}>
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

function ConnectorLink({ connector: { id, label } }: { connector: ConnectorSummaryView }) {
  return (
    <Anchor component={Link} to={paths.connector(id)}>
      {label}
    </Anchor>
  );
}

function guideOf({ connector, authentication, actions }: Profile): string {
  return `${paths.guide(connector, authentication)}${actions ? `?actions=${actions.join(',')}` : ''}`;
}
