import { Checkbox, MultiSelect, Stack } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useApi } from '../../api/api-context.tsx';
import type { ApiKey } from '../../api/api-keys.ts';
import { actionsOptions } from '../../api/catalogue.ts';
import { errorAt } from '../../api/problem.ts';
import { AccountChoice } from './account-choice.tsx';

interface KeyLimitsProps {
  /** Null: all. */
  actions: string[] | null;
  accounts: string[] | null;
  onActions: (actions: string[] | null) => void;
  onAccounts: (accounts: string[] | null) => void;
  error: unknown;
  /** What the key that there is may do: only some of that can be chosen. */
  now?: Pick<ApiKey, 'actions' | 'accounts'>;
}

/** To which actions and accounts a backend's key is narrowed. */
export function KeyLimits({ actions, accounts, onActions, onAccounts, error, now }: KeyLimitsProps) {
  const had = { actions: now?.actions ?? null, accounts: now?.accounts ?? null };
  return (
    <Stack gap="sm">
      {had.actions === null && (
        <Checkbox
          label="Only certain actions"
          checked={actions !== null}
          onChange={(event) => onActions(event.currentTarget.checked ? [] : null)}
        />
      )}
      {actions !== null && (
        <ActionChoice among={had.actions} value={actions} onChange={onActions} error={errorAt(error, '/actions')} />
      )}
      {had.accounts === null && (
        <Checkbox
          label="Only certain accounts"
          checked={accounts !== null}
          onChange={(event) => onAccounts(event.currentTarget.checked ? [] : null)}
        />
      )}
      {accounts !== null &&
        (had.accounts === null ? (
          <AccountChoice value={accounts} onChange={onAccounts} error={errorAt(error, '/accounts')} />
        ) : (
          <MultiSelect
            label="Accounts"
            data={had.accounts}
            value={accounts}
            onChange={onAccounts}
            error={errorAt(error, '/accounts')}
            searchable
            hidePickedOptions
            nothingFoundMessage="No other account"
          />
        ))}
    </Stack>
  );
}

interface ActionChoiceProps {
  /** Null: all that there are. */
  among: string[] | null;
  value: string[];
  onChange: (value: string[]) => void;
  error: string | undefined;
}

function ActionChoice({ among, value, onChange, error }: ActionChoiceProps) {
  const catalogue = useQuery({ ...actionsOptions(useApi()), enabled: among === null });
  const groups = Object.entries(Object.groupBy(catalogue.data ?? [], ({ connector }) => connector));
  return (
    <MultiSelect
      label="Actions"
      placeholder={value.length === 0 ? 'Search by id' : ''}
      data={among ?? groups.map(([group, entries = []]) => ({ group, items: entries.map(({ id }) => id) }))}
      value={value}
      onChange={onChange}
      error={error}
      searchable
      hidePickedOptions
      required
      limit={100}
      nothingFoundMessage={among === null && catalogue.isPending ? 'Loading' : 'No such action'}
    />
  );
}
