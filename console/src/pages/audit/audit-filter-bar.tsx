import { Select, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useApi } from '../../api/api-context.tsx';
import { type ApiKey, apiKeyKeys } from '../../api/api-keys.ts';
import { fetchAll } from '../../api/lists.ts';
import { FilterBar, type Filters, FilterText } from '../../components/filter-bar.tsx';
import { ACTION_KINDS, actionWords, CHANNELS, OUTCOMES } from './audit-words.ts';

export const AUDIT_FILTERS = ['actor', 'action', 'target', 'outcome', 'since', 'until'] as const;

/** What narrows the audit trail. Times stand in the address as the operator's own. */
export function AuditFilterBar({ filters }: { filters: Filters<(typeof AUDIT_FILTERS)[number]> }) {
  const api = useApi();
  const keys = useQuery({
    queryKey: [...apiKeyKeys.list, 'every'],
    queryFn: ({ signal }) => fetchAll<ApiKey>(api, '/api_keys', signal),
  });
  const { values, set } = filters;
  return (
    <FilterBar filters={filters}>
      <Select
        label="Who"
        placeholder="Anybody"
        data={[
          { group: 'How', items: options(CHANNELS) },
          { group: 'Key', items: (keys.data ?? []).map(({ id, name }) => ({ value: id, label: name })) },
        ]}
        value={values.actor ?? null}
        onChange={(value) => set('actor', value)}
        searchable
        clearable
        clearButtonProps={{ 'aria-label': 'Clear: who' }}
      />
      <Select
        label="What"
        placeholder="Anything"
        data={ACTION_KINDS.map((value) => ({ value, label: actionWords(value) }))}
        value={values.action ?? null}
        onChange={(value) => set('action', value)}
        clearable
        clearButtonProps={{ 'aria-label': 'Clear: what' }}
      />
      <FilterText
        label="On"
        placeholder="Id of an account, a profile, a key"
        value={values.target}
        onChange={(value) => set('target', value)}
      />
      <Select
        label="Outcome"
        placeholder="Any"
        data={options(OUTCOMES)}
        value={values.outcome ?? null}
        onChange={(value) => set('outcome', value)}
        clearable
        clearButtonProps={{ 'aria-label': 'Clear: outcome' }}
      />
      <TextInput
        type="datetime-local"
        label="Since"
        value={values.since ?? ''}
        onChange={(event) => set('since', event.currentTarget.value)}
      />
      <TextInput
        type="datetime-local"
        label="Until"
        value={values.until ?? ''}
        onChange={(event) => set('until', event.currentTarget.value)}
      />
    </FilterBar>
  );
}

function options(words: Readonly<Record<string, string>>) {
  return Object.entries(words).map(([value, label]) => ({ value, label }));
}
