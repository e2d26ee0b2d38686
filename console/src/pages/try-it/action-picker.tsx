import { Select, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useApi } from '../../api/api-context.tsx';
import { type ActionSummaryView, actionsOptions } from '../../api/catalogue.ts';
import { problemOf } from '../../api/problem.ts';
import classes from './try-it.module.css';

interface ActionPickerProps {
  /** Only what this account's profile enables; undefined: all of the server. */
  account: string | undefined;
  value: string | undefined;
  onChange: (id: string | null) => void;
  clearable?: boolean;
  placeholder?: string;
}

// A list of more is not read; typing narrows it.
const SHOWN = 200;

/** Chooses an action by any of its words. */
export function ActionPicker({ account, value, onChange, clearable = false, placeholder }: ActionPickerProps) {
  const api = useApi();
  const actions = useQuery(actionsOptions(api, { account }));
  const known = new Map((actions.data ?? []).map((action) => [action.id, action]));
  const unknown = value !== undefined && !known.has(value) ? [value] : [];
  const missing = actions.data !== undefined && value !== undefined && !known.has(value) && account !== undefined;
  return (
    <Select
      label="Action"
      placeholder={placeholder ?? 'Search by name or what it does'}
      searchable
      clearable={clearable}
      clearButtonProps={{ 'aria-label': 'Clear action' }}
      limit={SHOWN}
      data={[...known.keys(), ...unknown]}
      value={value ?? null}
      onChange={onChange}
      filter={({ options, search }) => {
        const words = search.toLowerCase().split(/\s+/).filter(Boolean);
        return options.filter((option) => {
          if (!('value' in option)) return false;
          const action = known.get(option.value);
          const text = `${option.value} ${action?.label ?? ''} ${action?.description ?? ''}`.toLowerCase();
          return words.every((word) => text.includes(word));
        });
      }}
      nothingFoundMessage={actions.isPending ? 'Loading…' : 'No action found'}
      renderOption={({ option }) => {
        const action = known.get(option.value);
        return action ? <Choice action={action} /> : option.label;
      }}
      error={
        actions.error
          ? problemOf(actions.error).document.title
          : missing
            ? 'The account’s profile does not enable this action'
            : undefined
      }
      maxDropdownHeight={420}
    />
  );
}

function Choice({ action }: { action: ActionSummaryView }) {
  return (
    <div className={classes.choice}>
      <code>{action.id}</code>
      <Text size="sm" c="dimmed" lineClamp={2}>
        {action.label}. {action.description}
      </Text>
    </div>
  );
}
