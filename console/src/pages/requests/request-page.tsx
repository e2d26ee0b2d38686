import { Anchor, Button, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from 'react-router';
import { useApi } from '../../api/api-context.tsx';
import { inBackground } from '../../api/background.ts';
import { type RequestRecord, requestOptions } from '../../api/requests.ts';
import { DataTable } from '../../components/data-table.tsx';
import { Facts } from '../../components/facts.tsx';
import { IdText } from '../../components/id-text.tsx';
import { useLiveInterval } from '../../components/live-interval.ts';
import { PageHeader } from '../../components/page-header.tsx';
import { QueryView } from '../../components/query-view.tsx';
import { RelativeTime } from '../../components/relative-time.tsx';
import { Section } from '../../components/section.tsx';
import { StatusBadge } from '../../components/status-badge.tsx';
import { paths } from '../../paths.ts';
import { AccountLink, ProfileLink } from './named-links.tsx';
import { ProblemText } from './problem-text.tsx';
import classes from './requests.module.css';
import { SplitBar } from './split-bar.tsx';
import { msText, timeSplit } from './time-split.ts';
import { UploadBar } from './upload-bar.tsx';
import { Waterfall } from './waterfall.tsx';

// As often as the server writes how far a call is.
const ASK_EVERY_MS = 1_000;

/** One call: what became of it, where its time went, and each request to the provider. */
export function RequestPage() {
  const api = useApi();
  const { id = '' } = useParams();
  const live = useLiveInterval(ASK_EVERY_MS);
  const options = requestOptions(api, id);
  const record = useQuery({
    ...options,
    queryFn: (context) => {
      const again = context.client.getQueryData(options.queryKey) !== undefined;
      const { queryFn } = requestOptions(again ? inBackground(api) : api, id);
      if (typeof queryFn !== 'function') throw new Error('a request without a question');
      return queryFn(context);
    },
    refetchInterval: ({ state }) => (state.data?.state === 'running' ? live : false),
  });
  const { data } = record;
  return (
    <>
      <PageHeader
        title={data?.action ?? 'Request'}
        parent={{ label: 'Requests', to: paths.requests }}
        {...(data && { badge: <StatusBadge status={data.state} /> })}
        {...(data?.action &&
          data.account !== null && {
            actions: (
              <Button
                component={Link}
                variant="default"
                to={paths.tryItWith({ account: data.account, action: data.action })}
              >
                Try it
              </Button>
            ),
          })}
      />
      <QueryView query={record}>{(found) => <Details record={found} />}</QueryView>
    </>
  );
}

function Details({ record }: { record: RequestRecord }) {
  const split = timeSplit(record);
  return (
    <Stack gap="md">
      {record.code !== null && <ProblemText code={record.code} fault={record.fault} />}
      {record.state === 'lost' && (
        <Text>
          The server that ran it was stopped. Whether the provider did what was asked, only the provider knows.
        </Text>
      )}
      {record.upload && (
        <Section title="File" description={`Safely with the provider, in the step ${record.upload.step}.`}>
          <UploadBar upload={record.upload} state={record.state} />
        </Section>
      )}
      <Section title="Call">
        <CallFacts record={record} />
      </Section>
      <Section title="Time">
        <Stack gap="lg">
          {split && <SplitBar split={split} />}
          <Waterfall record={record} />
        </Stack>
      </Section>
      <Sent record={record} />
    </Stack>
  );
}

function CallFacts({ record }: { record: RequestRecord }) {
  const { id, account, connector_profile, connector, started_at, status, key, role, correlation_id, dry_run } = record;
  return (
    <Facts
      facts={[
        ['Request id', <IdText key="id" id={id} what="request id" />],
        ['Account', account === null ? undefined : <AccountLink key="account" id={account} />],
        [
          'Connector profile',
          connector_profile === null ? undefined : <ProfileLink key="profile" id={connector_profile} />,
        ],
        ['Connector', connector ?? undefined],
        [
          'Begun',
          <span key="begun">
            <RelativeTime at={started_at} />{' '}
            <Text span size="sm" c="dimmed">
              {new Date(started_at).toISOString()}
            </Text>
          </span>,
        ],
        ['Answered with', status ?? (record.state === 'running' ? undefined : 'Nothing: the caller had gone')],
        ['Dry run', dry_run ? 'Yes: nothing was sent' : undefined],
        [
          'Called by',
          <span key="key">
            {role}, key <code>{key}</code>
          </span>,
        ],
        [
          'Correlation id',
          correlation_id === null ? undefined : (
            <Anchor
              key="correlation"
              component={Link}
              to={`${paths.requests}?${new URLSearchParams({ correlation_id })}`}
            >
              {correlation_id}
            </Anchor>
          ),
        ],
      ]}
    />
  );
}

function Sent({ record: { requests, requests_omitted } }: { record: RequestRecord }) {
  if (requests.length === 0)
    return (
      <Section title="Requests to the provider">
        <Text c="dimmed">None: the call ended before one was sent.</Text>
      </Section>
    );
  return (
    <Section
      title="Requests to the provider"
      description={
        requests_omitted > 0
          ? `The first and the last; ${requests_omitted} between them are only counted.`
          : 'Paths as the connector declares them: what stood in them is not kept.'
      }
    >
      <DataTable
        caption="Requests that were sent"
        rows={requests.map((request, index) => ({ ...request, index }))}
        rowKey={({ index }) => String(index)}
        columns={[
          {
            key: 'request',
            header: 'Request',
            cell: ({ method, path, host, step }) => (
              <>
                <code>
                  {method} {path}
                </code>
                <span className={classes.sub}>
                  {host}
                  {step !== 'request' && `, step ${step}`}
                </span>
              </>
            ),
          },
          {
            key: 'answer',
            header: 'Answer',
            cell: ({ status, error }) => (error === null ? (status ?? '–') : <code>{error}</code>),
          },
          {
            key: 'attempts',
            header: 'Attempts',
            numeric: true,
            cell: ({ attempts }) => attempts.length,
          },
          { key: 'took', header: 'Took', numeric: true, cell: ({ duration_ms }) => msText(duration_ms) },
          {
            key: 'id',
            header: 'Provider’s id',
            cell: ({ provider_request_id }) =>
              provider_request_id === null ? '–' : <IdText id={provider_request_id} what="provider's request id" />,
          },
        ]}
      />
    </Section>
  );
}
