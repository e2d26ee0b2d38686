import { Text } from '@mantine/core';
import { type Column, DataTable } from '../../components/data-table.tsx';
import { type SchemaRow, schemaRows } from './schema-rows.ts';

interface SchemaTableProps {
  /** "Inputs of List Hubs". */
  caption: string;
  schema: unknown;
  /** What is given, not what comes back: whether it is needed matters. */
  given?: boolean;
  /** In place of a table without rows. */
  empty: string;
}

/** A JSON Schema as a table that people can read. */
export function SchemaTable({ caption, schema, given = false, empty }: SchemaTableProps) {
  const rows = schemaRows(schema);
  if (rows.length === 0) return <Text c="dimmed">{empty}</Text>;
  return (
    <DataTable
      caption={caption}
      columns={given ? [NAME, TYPE, NEEDED, WHAT] : [NAME, TYPE, WHAT]}
      rows={rows}
      rowKey={({ path }) => path}
    />
  );
}

const NAME: Column<SchemaRow> = {
  key: 'name',
  header: 'Name',
  width: '16rem',
  cell: ({ path, depth }) => <code style={{ paddingInlineStart: `${depth}rem` }}>{path}</code>,
};
const TYPE: Column<SchemaRow> = { key: 'type', header: 'Type', width: '9rem', cell: ({ type }) => type };
const NEEDED: Column<SchemaRow> = {
  key: 'needed',
  header: 'Default',
  width: '9rem',
  cell: ({ required, default: fallback }) =>
    required ? 'Required' : fallback === undefined ? <span>–</span> : <code>{fallback}</code>,
};
const WHAT: Column<SchemaRow> = {
  key: 'what',
  header: 'What it is',
  text: true,
  cell: ({ description, options, bounds }) => (
    <>
      {description}
      {options.length > 0 && (
        <Text size="sm" c="dimmed">
          One of <code>{options.join(', ')}</code>
        </Text>
      )}
      {bounds.length > 0 && (
        <Text size="sm" c="dimmed">
          {bounds.join(', ')}
        </Text>
      )}
      {description === undefined && options.length === 0 && bounds.length === 0 && <span>–</span>}
    </>
  ),
};
