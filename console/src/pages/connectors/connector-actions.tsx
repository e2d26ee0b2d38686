import { Select } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { useApi } from '../../api/api-context.tsx';
import { actionsOptions } from '../../api/catalogue.ts';
import { EmptyState } from '../../components/empty-state.tsx';
import { FilterBar, FilterText, useFilters } from '../../components/filter-bar.tsx';
import { QueryView } from '../../components/query-view.tsx';
import { ActionTable } from './action-table.tsx';

const EFFECTS = [
  { value: 'read', label: 'Reads' },
  { value: 'create', label: 'Creates' },
  { value: 'update', label: 'Changes' },
  { value: 'delete', label: 'Deletes' },
  { value: 'execute', label: 'Executes' },
];

/** The actions of a connector, narrowed by words and by what they do. */
export function ConnectorActions({ connector }: { connector: string }) {
  const query = useQuery(actionsOptions(useApi(), { connector }));
  const filters = useFilters(['text', 'effect']);
  const { text = '', effect } = filters.values;
  const shown = useMemo(() => {
    const words = text.toLowerCase().split(/\s+/).filter(Boolean);
    return (query.data ?? []).filter(
      (action) =>
        (effect === undefined || action.effect === effect) &&
        words.every((word) => `${action.id} ${action.label} ${action.description}`.toLowerCase().includes(word)),
    );
  }, [query.data, text, effect]);
  return (
    <>
      <FilterBar filters={filters}>
        <FilterText
          label="Search"
          placeholder="Name, id or description"
          value={text}
          onChange={(value) => filters.set('text', value)}
        />
        <Select
          label="Effect"
          placeholder="Any"
          data={EFFECTS}
          value={effect ?? null}
          onChange={(value) => filters.set('effect', value)}
          clearable
          clearButtonProps={{ 'aria-label': 'Clear: effect' }}
        />
      </FilterBar>
      <QueryView query={query}>
        {() =>
          shown.length === 0 ? (
            <EmptyState title={filters.active ? 'No action matches' : 'No actions'} />
          ) : (
            <ActionTable caption={`Actions of ${connector}`} actions={shown} />
          )
        }
      </QueryView>
    </>
  );
}
