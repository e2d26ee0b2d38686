import { Text } from '@mantine/core';
import { useSearchParams } from 'react-router';
import { useApi } from '../../api/api-context.tsx';
import { type AuditFilters, type AuditRecord, auditOptions } from '../../api/audit.ts';
import { useList } from '../../api/lists.ts';
import { type Column, DataTable, RowLink } from '../../components/data-table.tsx';
import { EmptyState } from '../../components/empty-state.tsx';
import { useFilters } from '../../components/filter-bar.tsx';
import { LoadMore } from '../../components/load-more.tsx';
import { PageHeader } from '../../components/page-header.tsx';
import { QueryView } from '../../components/query-view.tsx';
import { RelativeTime } from '../../components/relative-time.tsx';
import { StatusBadge } from '../../components/status-badge.tsx';
import { AuditDrawer } from './audit-drawer.tsx';
import { AUDIT_FILTERS, AuditFilterBar } from './audit-filter-bar.tsx';
import { actionWords, actorName, CHANNELS } from './audit-words.ts';
import { VerifyHelp } from './verify-help.tsx';

export function AuditPage() {
  const api = useApi();
  const filters = useFilters(AUDIT_FILTERS);
  const [parameters, setParameters] = useSearchParams();
  const { since, until, ...others } = filters.values;
  const list = useList(auditOptions(api, { ...others, since: isoOf(since), until: isoOf(until) } as AuditFilters));
  const open = parameters.get('record');
  const close = () => {
    const after = new URLSearchParams(parameters);
    after.delete('record');
    setParameters(after, { replace: true });
  };
  return (
    <>
      <PageHeader
        title="Audit"
        description="Who did what in this project, when and from where. Records are only ever added, and each one seals the one before."
        actions={<VerifyHelp />}
      />
      <AuditFilterBar filters={filters} />
      <QueryView query={{ ...list, data: list.isPending ? undefined : list.data }}>
        {() =>
          list.rows.length === 0 ? (
            <EmptyState
              title={filters.active ? 'Nothing matches' : 'Nothing was done yet'}
              text={filters.active ? 'Clear the filters to see everything.' : undefined}
            />
          ) : (
            <DataTable
              caption="Audit records"
              columns={columns(parameters)}
              rows={list.rows}
              rowKey={({ id, seq }) => `${seq} ${id}`}
              busy={list.isRefetching}
            />
          )
        }
      </QueryView>
      <LoadMore list={list} />
      <AuditDrawer seq={open} loaded={list.rows.find(({ seq }) => String(seq) === open)} onClose={close} />
    </>
  );
}

const columns = (parameters: URLSearchParams): Column<AuditRecord>[] => [
  {
    key: 'action',
    header: 'What',
    cell: ({ seq, action }) => {
      const query = new URLSearchParams(parameters);
      query.set('record', String(seq));
      return <RowLink to={`?${query}`}>{actionWords(action)}</RowLink>;
    },
  },
  { key: 'target', header: 'On', cell: ({ target }) => <Target target={target} /> },
  {
    key: 'actor',
    header: 'Who',
    cell: ({ actor }) => (
      <>
        {actorName(actor)}{' '}
        <Text span c="dimmed" size="sm">
          {CHANNELS[actor.via]}
        </Text>
      </>
    ),
  },
  { key: 'address', header: 'From', wideOnly: true, cell: ({ address }) => address && <code>{address}</code> },
  { key: 'outcome', header: 'Outcome', cell: ({ outcome }) => <StatusBadge status={outcome} /> },
  { key: 'at', header: 'When', cell: ({ at }) => <RelativeTime at={at} /> },
];

function Target({ target }: Pick<AuditRecord, 'target'>) {
  if (target === null) return null;
  if (target.name !== null) return target.name;
  return target.id === null ? null : <code>{target.id}</code>;
}

/** Of a moment in the operator's own time; undefined for what is none. */
function isoOf(local: string | undefined): string | undefined {
  const time = Date.parse(local ?? '');
  return Number.isNaN(time) ? undefined : new Date(time).toISOString();
}
