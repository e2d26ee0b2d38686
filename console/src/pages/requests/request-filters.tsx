import { Select, TextInput } from '@mantine/core';
import type { RequestState } from '../../api/requests.ts';
import { FilterBar, type Filters, FilterText } from '../../components/filter-bar.tsx';
import { AccountPicker } from '../accounts/account-picker.tsx';
import { ActionPicker } from '../try-it/action-picker.tsx';
import { BETWEEN, SPANS } from './since-filter.ts';

export const REQUEST_FILTERS = [
  'account',
  'action',
  'state',
  'status',
  'code',
  'correlation_id',
  'within',
  'from',
  'to',
] as const;

const STATES: { value: RequestState; label: string }[] = [
  { value: 'running', label: 'Running' },
  { value: 'succeeded', label: 'Succeeded' },
  { value: 'failed', label: 'Failed' },
  { value: 'lost', label: 'Lost' },
];

const STATUS_CLASSES = [
  { value: '2xx', label: '2xx: done' },
  { value: '4xx', label: '4xx: refused' },
  { value: '5xx', label: '5xx: failed' },
];
// What calls are answered with (src/problems.ts). Another one may stand in the address.
const STATUSES = ['200', '400', '403', '404', '408', '409', '411', '413', '415', '429', '500', '502', '503', '504'];

/** What the log can be narrowed to. */
export function RequestFilterBar({ filters }: { filters: Filters<(typeof REQUEST_FILTERS)[number]> }) {
  const { values, set } = filters;
  return (
    <FilterBar filters={filters}>
      <AccountPicker value={values.account} onChange={(id) => set('account', id)} placeholder="Any" clearable />
      <ActionPicker
        account={undefined}
        value={values.action}
        onChange={(id) => set('action', id)}
        placeholder="Any"
        clearable
      />
      <Select
        label="State"
        placeholder="Any"
        data={STATES}
        value={values.state ?? null}
        onChange={(state) => set('state', state)}
        clearable
        clearButtonProps={{ 'aria-label': 'Clear state' }}
      />
      <Select
        label="HTTP status"
        placeholder="Any"
        data={[
          { group: 'Class', items: STATUS_CLASSES },
          { group: 'Status', items: statusesWith(values.status) },
        ]}
        value={values.status ?? null}
        onChange={(status) => set('status', status)}
        searchable
        clearable
        clearButtonProps={{ 'aria-label': 'Clear HTTP status' }}
      />
      <Select
        label="Time"
        placeholder="Any"
        data={[...SPANS.map(({ value, label }) => ({ value, label })), { value: BETWEEN, label: 'Between…' }]}
        value={values.within ?? null}
        onChange={(within) => set('within', within)}
        clearable
        clearButtonProps={{ 'aria-label': 'Clear time' }}
      />
      {values.within === BETWEEN && (
        <>
          <TextInput
            type="datetime-local"
            label="From"
            value={values.from ?? ''}
            onChange={(event) => set('from', event.currentTarget.value)}
          />
          <TextInput
            type="datetime-local"
            label="To"
            value={values.to ?? ''}
            onChange={(event) => set('to', event.currentTarget.value)}
          />
        </>
      )}
      <FilterText
        label="Error code"
        placeholder="provider_timeout"
        value={values.code}
        onChange={(code) => set('code', code)}
      />
      <FilterText
        label="Correlation id"
        placeholder="Your own id"
        value={values.correlation_id}
        onChange={(id) => set('correlation_id', id)}
      />
    </FilterBar>
  );
}

function statusesWith(chosen: string | undefined): string[] {
  const known =
    chosen === undefined || STATUSES.includes(chosen) || STATUS_CLASSES.some(({ value }) => value === chosen);
  return known ? STATUSES : [chosen, ...STATUSES];
}
