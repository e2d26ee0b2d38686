import { Select, Text } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { type Account, accountOptions, accountsOptions } from '../../api/accounts.ts';
import { useApi } from '../../api/api-context.tsx';
import { useList } from '../../api/lists.ts';
import { problemOf } from '../../api/problem.ts';
import { StatusBadge } from '../../components/status-badge.tsx';
import classes from './accounts.module.css';
import { OwnerName } from './owner-name.tsx';

interface AccountPickerProps {
  label?: string;
  value: string | undefined;
  onChange: (id: string | null) => void;
  placeholder?: string;
  clearable?: boolean;
  description?: string | undefined;
}

const PAUSE_MS = 250;
// The server looks for words; without one of these there is none.
const SEARCHABLE = /[\p{L}\p{N}]/u;

/** Chooses among any number of accounts: the server searches. */
export function AccountPicker({
  label = 'Account',
  value,
  onChange,
  placeholder,
  clearable,
  description,
}: AccountPickerProps) {
  const api = useApi();
  const [typed, setTyped] = useState('');
  const [sought] = useDebouncedValue(typed.trim(), PAUSE_MS);
  const chosen = useQuery({ ...accountOptions(api, value ?? ''), enabled: value !== undefined });
  const chosenLabel = chosen.data && labelOf(chosen.data);
  // The name of the chosen one stands in the field as if it had been typed.
  const text = sought !== chosenLabel && SEARCHABLE.test(sought) ? sought : undefined;
  const list = useList(accountsOptions(api, { text }));
  const known = new Map([...list.rows, ...(chosen.data ? [chosen.data] : [])].map((account) => [account.id, account]));
  const unknown = value !== undefined && !known.has(value) ? [{ value, label: value }] : [];
  const error = chosen.error ? problemOf(chosen.error).document.title : undefined;
  return (
    <Select
      label={label}
      {...(description !== undefined && { description })}
      placeholder={placeholder ?? 'Search by owner'}
      searchable
      clearable={clearable ?? false}
      clearButtonProps={{ 'aria-label': `Clear ${label}` }}
      data={[...[...known.values()].map((account) => ({ value: account.id, label: labelOf(account) })), ...unknown]}
      value={value ?? null}
      onChange={onChange}
      searchValue={typed}
      onSearchChange={setTyped}
      // It is the server that searched; the chosen one is there for its name alone.
      filter={({ options }) =>
        text === undefined
          ? options
          : options.filter((option) => 'value' in option && list.rows.some(({ id }) => id === option.value))
      }
      nothingFoundMessage={
        list.isFetching ? 'Searching…' : list.isError ? 'The search failed: try again' : 'No account found'
      }
      renderOption={({ option }) => {
        const account = known.get(option.value);
        return account ? <Choice account={account} /> : option.label;
      }}
      error={error}
      maxDropdownHeight={360}
    />
  );
}

function Choice({ account }: { account: Account }) {
  return (
    <div className={classes.choice}>
      <div>
        <OwnerName account={account} />
        {account.status !== 'active' && <StatusBadge status={account.status} />}
      </div>
      <Text size="sm" c="dimmed">
        {account.connector} · {account.id}
      </Text>
    </div>
  );
}

function labelOf({ owner_name, owner_id }: Account): string {
  return owner_name ?? owner_id;
}
