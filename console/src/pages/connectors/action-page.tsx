import { Anchor, Button, List, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from 'react-router';
import { useApi } from '../../api/api-context.tsx';
import { type ActionView, actionOptions, connectorOptions } from '../../api/catalogue.ts';
import { Facts } from '../../components/facts.tsx';
import { IdText } from '../../components/id-text.tsx';
import { PageHeader } from '../../components/page-header.tsx';
import { QueryView } from '../../components/query-view.tsx';
import { Section } from '../../components/section.tsx';
import { paths } from '../../paths.ts';
import { ActionExamples } from './action-examples.tsx';
import { ActionSource } from './action-source.tsx';
import { EffectBadge, tokenWords } from './effect-badge.tsx';
import { SchemaTable } from './schema-table.tsx';

export function ActionPage() {
  const { connector = '', id = '' } = useParams();
  const api = useApi();
  const query = useQuery(actionOptions(api, id));
  const parent = useQuery(connectorOptions(api, connector));
  const { data } = query;
  return (
    <>
      <PageHeader
        title={data?.label ?? 'Action'}
        description={data?.description}
        badge={data && <EffectBadge effect={data.effect} />}
        parent={{ label: parent.data?.label ?? 'Connector', to: paths.connector(connector) }}
        actions={
          <>
            {data?.docs && (
              <Button component="a" href={data.docs} target="_blank" rel="noreferrer" variant="default">
                Provider's documentation
              </Button>
            )}
            <Button component={Link} to={paths.tryItWith({ action: id })}>
              Try it
            </Button>
          </>
        }
      />
      <QueryView query={query}>{(action) => <Details action={action} />}</QueryView>
    </>
  );
}

function Details({ action }: { action: ActionView }) {
  const { id, label, connector, input_schema, output_schema, paginated, requires, file } = action;
  const isList = (output_schema as { type?: string }).type === 'array';
  return (
    <Stack gap="lg">
      <Section title="What it needs">
        <Needs action={action} />
      </Section>
      <Section title="Inputs" description={file ? `It takes a file as well. ${file.description ?? ''}` : undefined}>
        <Stack gap="sm">
          <SchemaTable caption={`Inputs of ${label}`} schema={input_schema} given empty="It takes no inputs." />
          {requires.length > 0 && (
            <List spacing={4}>
              {requires.map(({ message, token }) => (
                <List.Item key={message}>
                  {token !== null && `With tokens ${tokenWords(token).toLowerCase()}: `}
                  {message}
                </List.Item>
              ))}
            </List>
          )}
        </Stack>
      </Section>
      <Section
        title="Answer"
        description={isList ? `A list${paginated ? ', page by page' : ''}; each item has:` : 'An object with:'}
      >
        <SchemaTable caption={`Answer of ${label}`} schema={output_schema} empty="What the provider gives, as it is." />
      </Section>
      <ActionExamples action={action} />
      <ActionSource key={id} id={id} connector={connector} />
    </Stack>
  );
}

function Needs({ action }: { action: ActionView }) {
  const { id, connector, scopes, provider_scopes, token, api, paginated } = action;
  const parent = useQuery(connectorOptions(useApi(), connector));
  const further = provider_scopes.filter((scope) => !scopes.includes(scope));
  const methods = (parent.data?.authentication ?? []).filter(
    ({ tokens }) => token === 'any' || (tokens as string[]).includes(token),
  );
  return (
    <Facts
      facts={[
        ['Id', <IdText key="id" id={id} what="action id" />],
        ['Scopes', scopes.length === 0 ? 'None' : <code key="scopes">{scopes.join(' ')}</code>],
        [
          "Further scopes of the provider's documentation",
          further.length === 0 ? undefined : <code key="further">{further.join(' ')}</code>,
        ],
        ['Token', tokenWords(token)],
        [
          'Authentication',
          methods.length === 0 ? undefined : (
            <List key="methods" listStyleType="none">
              {methods.map(({ id: method, label }) => (
                <List.Item key={method}>
                  {label}
                  {parent.data?.guides.includes(method) && (
                    <>
                      {' – '}
                      <Anchor
                        component={Link}
                        to={`${paths.guide(connector, method)}?actions=${encodeURIComponent(id)}`}
                      >
                        guide<span className="visually-hidden"> for {label}</span>
                      </Anchor>
                    </>
                  )}
                </List.Item>
              ))}
            </List>
          ),
        ],
        ['API', api === null ? undefined : <code key="api">{api}</code>],
        [
          'Pages',
          paginated ? (
            <Text key="pages" span>
              Give <code>next</code> of an answer back as the input <code>next</code>
            </Text>
          ) : undefined,
        ],
      ]}
    />
  );
}
