import { Text } from '@mantine/core';
import type { ActionSummaryView } from '../../api/catalogue.ts';
import { type Column, DataTable, RowLink } from '../../components/data-table.tsx';
import { paths } from '../../paths.ts';
import { EffectBadge } from './effect-badge.tsx';

export function ActionTable({ caption, actions }: { caption: string; actions: readonly ActionSummaryView[] }) {
  return <DataTable caption={caption} columns={COLUMNS} rows={actions} rowKey={({ id }) => id} />;
}

const COLUMNS: readonly Column<ActionSummaryView>[] = [
  {
    key: 'label',
    header: 'Action',
    width: '17rem',
    cell: ({ id, connector, label }) => (
      <>
        <RowLink to={paths.action(connector, id)}>{label}</RowLink>
        <Text size="sm" c="dimmed">
          <code>{id}</code>
        </Text>
      </>
    ),
  },
  {
    key: 'description',
    header: 'What it does',
    wideOnly: true,
    cell: ({ description }) => <Text lineClamp={2}>{description}</Text>,
  },
  { key: 'effect', header: 'Effect', width: '7rem', cell: ({ effect }) => <EffectBadge effect={effect} /> },
  {
    key: 'scopes',
    header: 'Scopes',
    wideOnly: true,
    width: '10rem',
    cell: ({ scopes }) => (scopes.length === 0 ? <span>None</span> : <code>{scopes.join(' ')}</code>),
  },
];
