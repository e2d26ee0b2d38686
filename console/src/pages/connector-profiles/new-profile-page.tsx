import { Button, Text } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { Link, useNavigate, useSearchParams } from 'react-router';
import { useApi } from '../../api/api-context.tsx';
import { type ConnectorSummaryView, connectorsOptions } from '../../api/catalogue.ts';
import { createProfile, profileKeys } from '../../api/connector-profiles.ts';
import { errorAt } from '../../api/problem.ts';
import { useNotice } from '../../components/notice.tsx';
import { PageHeader } from '../../components/page-header.tsx';
import { QueryView } from '../../components/query-view.tsx';
import { Section } from '../../components/section.tsx';
import { useFocusOnFault } from '../../drafts/use-focus-on-fault.ts';
import { paths } from '../../paths.ts';
import { Choices, ConnectorChoice } from './connector-choice.tsx';
import { FormError } from './form-error.tsx';
import { newProfileBody, type ProfileDraft } from './profile-draft.ts';
import classes from './profile-form.module.css';
import { ProfileFields } from './profile-form.tsx';

/** In the order of the guide: connector, type, credentials, scopes, actions; then it is created and tested. */
export function NewProfilePage() {
  const connectors = useQuery(connectorsOptions(useApi()));
  return (
    <>
      <PageHeader
        title="New connector profile"
        description="The set-up of a connector: one app at the provider, which all accounts linked under it use."
        parent={{ label: 'Connector profiles', to: paths.profiles }}
      />
      <QueryView query={connectors}>{(all) => <NewProfile connectors={all} />}</QueryView>
    </>
  );
}

function NewProfile({ connectors }: { connectors: readonly ConnectorSummaryView[] }) {
  const api = useApi();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const notice = useNotice();
  const [parameters, setParameters] = useSearchParams();
  // The address follows, so that loading the page again keeps it; the router is too late for what was clicked.
  const [chosen, setChosen] = useState({
    connector: parameters.get('connector'),
    authentication: parameters.get('authentication'),
  });
  const connector = connectors.find(({ id }) => id === chosen.connector);
  const [only, ...others] = connector?.authentication ?? [];
  const method =
    connector?.authentication.find(({ id }) => id === chosen.authentication) ??
    (others.length === 0 ? only : undefined);
  const [draft, setDraft] = useState<ProfileDraft>(() => ({
    name: connector?.label ?? '',
    credentials: {},
    scopes: listIn(parameters.get('scopes')) ?? [],
    actions: listIn(parameters.get('actions')),
  }));

  const creation = useMutation({
    // Takes no variables: those are kept with the mutation.
    mutationFn: async () => {
      if (!connector || !method) throw new Error('Nothing chosen yet');
      const { id } = await createProfile(api, newProfileBody(connector.id, method.id, draft));
      await queries.invalidateQueries({ queryKey: profileKeys.all });
      return id;
    },
    gcTime: 0,
  });

  const form = useFocusOnFault(creation.error);
  const chooseConnector = (id: string | null) => {
    creation.reset();
    const label = connectors.find((one) => one.id === id)?.label ?? '';
    setDraft({ name: label, credentials: {}, scopes: [], actions: null });
    setChosen({ connector: id, authentication: null });
    setParameters(id === null ? {} : { connector: id }, { replace: true });
  };
  const chooseMethod = (id: string) => {
    creation.reset();
    setDraft((before) => ({ ...before, credentials: {} }));
    setChosen((before) => ({ ...before, authentication: id }));
    setParameters({ connector: chosen.connector ?? '', authentication: id }, { replace: true });
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (creation.isPending) return;
    creation.mutate(undefined, {
      // Not of whoever has gone elsewhere meanwhile.
      onSuccess(id) {
        notice('Connector profile created');
        void navigate(paths.profile(id), { replace: true, state: { test: true } });
      },
    });
  };
  return (
    <form ref={form} className={classes.form} onSubmit={submit} noValidate autoComplete="off">
      <Section title="Connector">
        <ConnectorChoice connectors={connectors} chosen={connector} onChoose={chooseConnector} />
      </Section>
      {connector && (
        <Section title="Type" description="How this server proves itself to the provider. It cannot be changed later.">
          <Choices
            label="Type"
            value={method?.id ?? null}
            onChoose={chooseMethod}
            choices={connector.authentication}
            error={errorAt(creation.error, '/authentication')}
          />
          {method && connector.guides.includes(method.id) && (
            <Text mt="sm" size="sm">
              <Link to={paths.guide(connector.id, method.id)} target="_blank" className={classes.link}>
                How to set this up at the provider
              </Link>
            </Text>
          )}
        </Section>
      )}
      {connector && method && (
        <>
          <ProfileFields
            connector={connector.id}
            method={method}
            draft={draft}
            onChange={setDraft}
            error={creation.error}
            onMended={creation.reset}
          />
          {creation.error && <FormError error={creation.error} method={method} />}
          <div className={classes.bar}>
            <Button component={Link} variant="default" to={paths.profiles}>
              Cancel
            </Button>
            <Button type="submit" loading={creation.isPending}>
              Create and test
            </Button>
          </div>
        </>
      )}
    </form>
  );
}

function listIn(text: string | null): string[] | null {
  return text === null ? null : text.split(',').filter(Boolean);
}
