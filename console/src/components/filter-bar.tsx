import { Button, TextInput } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import IconSearch from '@tabler/icons-react/dist/esm/icons/IconSearch.mjs';
import { type ReactNode, useCallback, useEffect, useMemo, useState } from 'react';
import { useSearchParams } from 'react-router';
import classes from './filter-bar.module.css';

export interface Filters<Name extends string> {
  /** Only those that are set. */
  values: Partial<Record<Name, string>>;
  /** Empty or null removes the filter. */
  set: (name: Name, value: string | null) => void;
  /** Several at once: of two calls of `set` in a row the router keeps the last alone. */
  setAll: (values: Partial<Record<Name, string | null>>) => void;
  clear: () => void;
  active: boolean;
}

/** Filters that stand in the address, so that they survive going back, and can be sent to somebody. */
export function useFilters<Name extends string>(names: readonly Name[]): Filters<Name> {
  const [parameters, setParameters] = useSearchParams();
  const given = names.map((name) => `${name}=${parameters.get(name) ?? ''}`).join('\n');
  // biome-ignore lint/correctness/useExhaustiveDependencies: `given` stands for the parameters that matter
  const values = useMemo(() => {
    const entries = names.map((name) => [name, parameters.get(name)] as const);
    return Object.fromEntries(entries.filter(([, value]) => value)) as Partial<Record<Name, string>>;
  }, [given]);
  const setAll = useCallback(
    (wanted: Partial<Record<Name, string | null>>) =>
      setParameters(
        (before) => {
          const after = new URLSearchParams(before);
          for (const [name, value] of Object.entries<string | null | undefined>(wanted))
            if (value) after.set(name, value);
            else after.delete(name);
          return after;
        },
        { replace: true },
      ),
    [setParameters],
  );
  const set = useCallback(
    (name: Name, value: string | null) => setAll({ [name]: value } as Partial<Record<Name, string | null>>),
    [setAll],
  );
  const clear = useCallback(() => setParameters({}, { replace: true }), [setParameters]);
  return { values, set, setAll, clear, active: Object.keys(values).length > 0 };
}

interface FilterBarProps {
  /** `FilterText`, Mantine's Select and the like, each with a label. */
  children: ReactNode;
  filters: Pick<Filters<string>, 'active' | 'clear'>;
}

/** The controls above a list that narrow it. */
export function FilterBar({ children, filters }: FilterBarProps) {
  return (
    <search className={classes.bar}>
      {children}
      {filters.active && (
        <Button variant="subtle" onClick={filters.clear} className={classes.clear}>
          Clear filters
        </Button>
      )}
    </search>
  );
}

interface FilterTextProps {
  label: string;
  placeholder?: string;
  value: string | undefined;
  onChange: (value: string | null) => void;
}

const PAUSE_MS = 300;

/** A text to search for, asked for once typing pauses. */
export function FilterText({ label, placeholder, value = '', onChange }: FilterTextProps) {
  const [text, setText] = useState(value);
  const tell = useDebouncedCallback((typed: string) => onChange(typed.trim() || null), PAUSE_MS);
  useEffect(() => setText((typed) => (typed.trim() === value ? typed : value)), [value]);
  return (
    <TextInput
      type="search"
      label={label}
      placeholder={placeholder}
      leftSection={<IconSearch size={16} stroke={1.6} aria-hidden />}
      value={text}
      onChange={(event) => {
        setText(event.currentTarget.value);
        tell(event.currentTarget.value);
      }}
      className={classes.text}
    />
  );
}
