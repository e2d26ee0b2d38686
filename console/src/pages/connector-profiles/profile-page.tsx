import { Anchor, Button } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type ReactNode, useEffect, useRef, useState } from 'react';
import { Link, useLocation, useNavigate, useParams } from 'react-router';
import { renewProfilesAndAccounts } from '../../api/after-change.ts';
import { useApi } from '../../api/api-context.tsx';
import { type ConnectorSummaryView, connectorsOptions } from '../../api/catalogue.ts';
import { changeProfile, type Profile, profileOptions, testProfile } from '../../api/connector-profiles.ts';
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
import { accountsText } from './accounts-text.ts';
import { DeleteProfile } from './delete-profile.tsx';
import { EditProfile } from './edit-profile.tsx';
import classes from './profile-form.module.css';
import { TestResult } from './test-result.tsx';

export function ProfilePage() {
  const { id = '' } = useParams();
  // Drafts and results are those of one profile.
  return <PageOfProfile key={id} id={id} />;
}

function PageOfProfile({ id }: { id: string }) {
  const api = useApi();
  const profile = useQuery(profileOptions(api, id));
  const connectors = useQuery(connectorsOptions(api));
  const test = useMutation({ mutationFn: () => testProfile(api, id) });
  const { setEnabled, enabling } = useEnabling(id);
  useTestOfNew(test.mutate);
  return (
    <>
      <PageHeader
        title={profile.data?.name ?? 'Connector profile'}
        parent={{ label: 'Connector profiles', to: paths.profiles }}
        {...(profile.data && {
          badge: <StatusBadge status={profile.data.enabled ? 'enabled' : 'disabled'} />,
          actions: (
            <ProfileActions profile={profile.data} onDisable={() => setEnabled(false)}>
              {!profile.data.enabled && (
                <Button variant="default" loading={enabling.isPending} onClick={() => enabling.mutate()}>
                  Enable
                </Button>
              )}
              <Button loading={test.isPending} onClick={() => test.mutate()}>
                Test
              </Button>
            </ProfileActions>
          ),
        })}
      />
      <div aria-live="polite" className={classes.outcome}>
        {enabling.error && <ErrorState error={enabling.error} />}
        {test.error && <ErrorState error={test.error} />}
        {test.data && <TestResult result={test.data} />}
      </div>
      <QueryView query={profile}>
        {(present) => (
          <QueryView query={connectors}>
            {(all) => {
              const connector = all.find((one) => one.id === present.connector);
              const method = connector?.authentication.find((one) => one.id === present.authentication);
              return (
                <div className={classes.columns}>
                  <AboutProfile profile={present} connector={connector} />
                  {connector && method && (
                    <EditProfile profile={present} connector={connector} method={method} onSaved={test.reset} />
                  )}
                </div>
              );
            }}
          </QueryView>
        )}
      </QueryView>
    </>
  );
}

/** A profile is tested where it was just made; not again when the page is loaded anew, which brings the same state. */
function useTestOfNew(test: () => void): void {
  const { pathname, state } = useLocation();
  const navigate = useNavigate();
  const isNew = (state as { test?: boolean } | null)?.test === true;
  const tested = useRef(false);
  useEffect(() => {
    if (!isNew || tested.current) return;
    tested.current = true;
    test();
    void navigate(pathname, { replace: true, state: null });
  }, [isNew, test, navigate, pathname]);
}

function useEnabling(id: string) {
  const api = useApi();
  const queries = useQueryClient();
  const notice = useNotice();
  const setEnabled = async (enabled: boolean) => {
    await changeProfile(api, id, { enabled });
    await renewProfilesAndAccounts(queries);
    notice(enabled ? 'Profile enabled' : 'Profile disabled');
  };
  return { setEnabled, enabling: useMutation({ mutationFn: () => setEnabled(true) }) };
}

interface ProfileActionsProps {
  profile: Profile;
  onDisable: () => Promise<void>;
  /** Buttons after these, the primary one last. */
  children: ReactNode;
}

/** What takes calls away from accounts is asked about first. */
function ProfileActions({ profile, onDisable, children }: ProfileActionsProps) {
  const navigate = useNavigate();
  const notice = useNotice();
  const [asked, setAsked] = useState<'delete' | 'disable'>();
  const close = () => setAsked(undefined);
  return (
    <>
      <Button variant="default" onClick={() => setAsked('delete')}>
        Delete
      </Button>
      {profile.enabled && (
        <Button variant="default" onClick={() => setAsked('disable')}>
          Disable
        </Button>
      )}
      {children}
      <DeleteProfile
        profile={profile}
        opened={asked === 'delete'}
        onClose={close}
        onDeleted={() => {
          notice('Profile deleted');
          void navigate(paths.profiles, { replace: true });
        }}
      />
      <ConfirmDialog
        opened={asked === 'disable'}
        onClose={close}
        title="Disable this profile?"
        confirmLabel="Disable"
        onConfirm={onDisable}
      >
        {profile.account_count === 0
          ? 'No account is linked under it. It can be enabled again at any time.'
          : `Calls of its ${accountsText(profile.account_count)} are refused until it is enabled again.`}
      </ConfirmDialog>
    </>
  );
}

interface AboutProfileProps {
  profile: Profile;
  /** Undefined: no longer one of this server. */
  connector: ConnectorSummaryView | undefined;
}

function AboutProfile({ profile, connector }: AboutProfileProps) {
  const method = connector?.authentication.find(({ id }) => id === profile.authentication);
  return (
    <Section title="Profile">
      <Facts
        facts={[
          [
            'Connector',
            connector ? (
              <Anchor key="link" component={Link} to={paths.connector(connector.id)}>
                {connector.label}
              </Anchor>
            ) : (
              `${profile.connector} (not loaded)`
            ),
          ],
          ['Type', method?.label ?? profile.authentication],
          [
            'Accounts',
            <Anchor key="link" component={Link} to={paths.accountsOf(profile.id)}>
              {profile.account_count.toLocaleString('en')}
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
  );
}

function guideOf({ connector, authentication, actions }: Profile): string {
  return `${paths.guide(connector, authentication)}${actions ? `?actions=${actions.join(',')}` : ''}`;
}
