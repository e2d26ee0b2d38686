import { TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { givesTokenFor } from '../../../../src/connector/token-kind.ts';
import { useApi } from '../../api/api-context.tsx';
import type { ConnectorView } from '../../api/catalogue.ts';
import { actionsOptions, connectorOptions } from '../../api/catalogue.ts';
import type { Profile } from '../../api/connector-profiles.ts';
import { errorAt, problemOf } from '../../api/problem.ts';
import { QueryView } from '../../components/query-view.tsx';
import { Section } from '../../components/section.tsx';
import { ActionFields } from './action-fields.tsx';
import { CredentialFields } from './credential-fields.tsx';
import type { ProfileDraft } from './profile-draft.ts';
import classes from './profile-form.module.css';
import { ScopeAdvice, ScopeFields } from './scope-fields.tsx';

interface ProfileFieldsProps {
  connector: string;
  method: ConnectorView['authentication'][number];
  profile?: Profile | undefined;
  draft: ProfileDraft;
  /** Takes a function: a file that was read comes later than what is typed meanwhile. */
  onChange: (change: (draft: ProfileDraft) => ProfileDraft) => void;
  error: unknown;
  /** Everything that was wrong has been changed since. */
  onMended: () => void;
}

/** Name, credentials, scopes and actions, for a new profile and a present one. */
export function ProfileFields({ connector, method, profile, draft, onChange, error, onMended }: ProfileFieldsProps) {
  const api = useApi();
  const details = useQuery(connectorOptions(api, connector));
  const actions = useQuery(actionsOptions(api, { connector }));
  const [mended, setMended] = useState<{ error: unknown; paths: readonly string[] }>({ error: undefined, paths: [] });
  const paths = mended.error === error ? mended.paths : [];
  const faultAt = (path: string) => (paths.includes(path) ? undefined : errorAt(error, path));
  const set = (path: string, change: (before: ProfileDraft) => Partial<ProfileDraft>) => {
    // What is said at a field is about what was sent, not about what is typed since.
    if (error) {
      const now = [...paths, path];
      const isMended = (at: string) => now.some((one) => at === one || at.startsWith(`${one}/`));
      const { errors } = problemOf(error);
      if (errors.length > 0 && errors.every((fault) => isMended(fault.path))) onMended();
      else setMended({ error, paths: now });
    }
    onChange((before) => ({ ...before, ...change(before) }));
  };
  return (
    <>
      <Section
        title="Name and credentials"
        description="Of the app at the provider. Secrets go in and are never shown again."
      >
        <div className={classes.fields}>
          <TextInput
            label="Name"
            description="How operators tell it apart"
            required
            maxLength={200}
            value={draft.name}
            onChange={({ currentTarget: { value: name } }) => set('/name', () => ({ name }))}
            error={faultAt('/name')}
            autoComplete="off"
          />
          <CredentialFields
            method={method}
            profile={profile}
            credentials={draft.credentials}
            onChange={(name, value) =>
              set(`/${name}`, ({ credentials: { [name]: _, ...others } }) => ({
                credentials: value === undefined ? others : { ...others, [name]: value },
              }))
            }
            faultAt={faultAt}
          />
        </div>
      </Section>
      <QueryView query={details}>
        {({ scopes }) => (
          <QueryView query={actions}>
            {(all) => {
              const callable = all.filter((action) => givesTokenFor(method, action));
              const advice = {
                scopes,
                actions: callable,
                selectedActions: draft.actions,
                value: draft.scopes,
                onChange: (scopes: readonly string[]) => set('/scopes', () => ({ scopes })),
              };
              return (
                <>
                  <Section
                    title="Scopes (optional)"
                    description="An action is let through only with the scopes that it needs."
                  >
                    <ScopeFields {...advice} />
                  </Section>
                  <Section
                    title="Actions (optional)"
                    description="Which actions the accounts of this profile can be used for."
                  >
                    <ActionFields
                      actions={callable}
                      all={all}
                      value={draft.actions}
                      onChange={(actions) => set('/actions', () => ({ actions }))}
                    />
                    {draft.actions !== null && draft.actions.length > 0 && (
                      <div className={classes.below}>
                        <ScopeAdvice {...advice} onlyMissing />
                      </div>
                    )}
                  </Section>
                </>
              );
            }}
          </QueryView>
        )}
      </QueryView>
    </>
  );
}
