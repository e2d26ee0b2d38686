import { MultiSelect } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { type Account, type AccountFilters, accountKeys } from '../../api/accounts.ts';
import { useApi } from '../../api/api-context.tsx';
import type { Page } from '../../api/lists.ts';

interface AccountChoiceProps {
  value: string[];
  onChange: (value: string[]) => void;
  error?: string | undefined;
}

const PAUSE_MS = 250;
const OFFERED = 20;

/** Some of the project's accounts, found by their owners. There may be a hundred thousand of them. */
export function AccountChoice({ value, onChange, error }: AccountChoiceProps) {
  const api = useApi();
  const [search, setSearch] = useState('');
  const [text] = useDebouncedValue(search.trim(), PAUSE_MS);
  // Those that were chosen keep their names while others are looked for.
  const [chosen, setChosen] = useState<ReadonlyMap<string, string>>(new Map());
  const filters: AccountFilters = { text: text || undefined };
  const found = useQuery({
    queryKey: [...accountKeys.list(filters), 'offered'],
    queryFn: ({ signal }) =>
      api.request<Page<Account>>('GET', '/accounts', { query: { ...filters, limit: OFFERED }, signal }),
    placeholderData: keepPreviousData,
  });
  const offered = new Map((found.data?.data ?? []).map((account) => [account.id, labelOf(account)]));
  const options = new Map([...offered, ...chosen]);
  return (
    <MultiSelect
      label="Accounts"
      placeholder={value.length === 0 ? 'Search by owner' : ''}
      data={[...options].map(([id, label]) => ({ value: id, label }))}
      value={value}
      onChange={(ids) => {
        setChosen(new Map(ids.map((id) => [id, options.get(id) ?? id])));
        onChange(ids);
      }}
      searchValue={search}
      onSearchChange={setSearch}
      // The server has looked already, in more than the label.
      filter={({ options: all }) => all.filter((option) => 'value' in option && offered.has(option.value))}
      error={error}
      searchable
      hidePickedOptions
      required
      nothingFoundMessage={found.isFetching ? 'Looking' : 'No such account'}
    />
  );
}

function labelOf({ id, owner_name, owner_id }: Account): string {
  return `${owner_name ?? owner_id} (…${id.slice(-6)})`;
}
