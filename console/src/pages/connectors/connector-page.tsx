import { Anchor, Button, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from 'react-router';
import { useApi } from '../../api/api-context.tsx';
import { type ConnectorView, connectorOptions } from '../../api/catalogue.ts';
import { type Column, DataTable } from '../../components/data-table.tsx';
import { PageHeader } from '../../components/page-header.tsx';
import { QueryView } from '../../components/query-view.tsx';
import { Section } from '../../components/section.tsx';
import { paths } from '../../paths.ts';
import { ConnectorActions } from './connector-actions.tsx';
import { grantWords } from './effect-badge.tsx';
import { LoadState } from './load-state.tsx';
import { SchemaTable } from './schema-table.tsx';

export function ConnectorPage() {
  const { id = '' } = useParams();
  const query = useQuery(connectorOptions(useApi(), id));
  const { data } = query;
  return (
    <>
      <PageHeader
        title={data?.label ?? 'Connector'}
        description={data?.description}
        badge={
          data?.version && (
            <Text span c="dimmed">
              {data.version}
            </Text>
          )
        }
        parent={{ label: 'Connectors', to: paths.connectors }}
        actions={
          <>
            {data?.docs && (
              <Button component="a" href={data.docs} target="_blank" rel="noreferrer" variant="default">
                Provider's documentation
              </Button>
            )}
            <Button component={Link} to={`${paths.newProfile}?connector=${encodeURIComponent(id)}`}>
              New profile
            </Button>
          </>
        }
      />
      <QueryView query={query}>{(connector) => <Details connector={connector} />}</QueryView>
    </>
  );
}

function Details({ connector }: { connector: ConnectorView }) {
  const { id, label, authentication, scopes, account_settings } = connector;
  return (
    <Stack gap="lg">
      <LoadState connector={id} />
      <Section title="Authentication" description="The ways to come by what the provider wants to see" flush>
        <Inset>
          <DataTable
            caption={`Authentication methods of ${label}`}
            columns={methodColumns(connector)}
            rows={authentication}
            rowKey={(method) => method.id}
          />
        </Inset>
      </Section>
      <Section title="Actions">
        <ConnectorActions connector={id} />
      </Section>
      {scopes.length > 0 && (
        <Section title="Scopes" flush>
          <Inset>
            <DataTable
              caption={`Scopes of ${label}`}
              columns={SCOPE_COLUMNS}
              rows={scopes}
              rowKey={({ name }) => name}
            />
          </Inset>
        </Section>
      )}
      <Section title="Account settings" description="What an account says once for all of its calls" flush>
        <Inset>
          <SchemaTable
            caption={`Settings of accounts of ${label}`}
            schema={account_settings}
            given
            empty="Accounts have none."
          />
        </Inset>
      </Section>
    </Stack>
  );
}

function Inset({ children }: { children: React.ReactNode }) {
  return <div style={{ padding: '0.75rem 1.125rem 1.125rem' }}>{children}</div>;
}

type Method = ConnectorView['authentication'][number];

const methodColumns = ({ id: connector, guides }: ConnectorView): Column<Method>[] => [
  {
    key: 'label',
    header: 'Method',
    width: '14rem',
    cell: ({ id, label }) => (
      <>
        <strong>{label}</strong>
        <Text size="sm" c="dimmed">
          <code>{id}</code>
        </Text>
      </>
    ),
  },
  {
    key: 'description',
    header: 'What it is',
    text: true,
    cell: ({ description, grant }) => description ?? grantWords(grant),
  },
  { key: 'grant', header: 'Grant', width: '11rem', wideOnly: true, cell: ({ grant }) => grantWords(grant) },
  {
    key: 'tokens',
    header: 'Acts as',
    width: '8rem',
    cell: ({ tokens }) => tokens.map((token) => (token === 'app' ? 'app' : 'person')).join(', '),
  },
  {
    key: 'guide',
    header: 'Guide',
    width: '7rem',
    cell: ({ id }) =>
      guides.includes(id) ? (
        <Anchor component={Link} to={paths.guide(connector, id)}>
          Set-up guide
        </Anchor>
      ) : (
        <span>–</span>
      ),
  },
];

const SCOPE_COLUMNS: readonly Column<ConnectorView['scopes'][number]>[] = [
  { key: 'name', header: 'Scope', width: '12rem', cell: ({ name }) => <code>{name}</code> },
  { key: 'description', header: 'What it allows', cell: ({ description }) => description },
  {
    key: 'includes',
    header: 'Includes',
    cell: ({ includes }) => (includes.length === 0 ? <span>–</span> : <code>{includes.join(' ')}</code>),
  },
];
