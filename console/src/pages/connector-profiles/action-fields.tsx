import { Button, Group, SegmentedControl, Text } from '@mantine/core';
import { useMemo, useState } from 'react';
import type { ActionSummaryView } from '../../api/catalogue.ts';
import { ActionPicker } from '../guides/action-picker.tsx';

interface ActionFieldsProps {
  /** Those that the way of authentication has a kind of token for. */
  actions: readonly ActionSummaryView[];
  /** Of the connector. */
  all: readonly ActionSummaryView[];
  /** Null: all, also those that the connector will have one day. */
  value: readonly string[] | null;
  onChange: (actions: readonly string[] | null) => void;
}

/** Which actions accounts of the profile may use. */
export function ActionFields({ actions: callable, all, value, onChange }: ActionFieldsProps) {
  // Two of fifty would be far down; what is chosen from now on stays where it is.
  const [before] = useState(() => new Set(value));
  const ordered = useMemo(() => {
    // What was chosen all the same can be taken away.
    const shown = all.filter((action) => callable.includes(action) || before.has(action.id));
    return shown.toSorted((one, other) => Number(before.has(other.id)) - Number(before.has(one.id)));
  }, [all, callable, before]);
  // Of a link, or of a connector that was changed: the server refuses them, so they can be taken away.
  const unknown = value?.filter((id) => !all.some((action) => action.id === id)) ?? [];
  return (
    <>
      <SegmentedControl
        aria-label="Which actions"
        transitionDuration={0}
        data={[
          { value: 'all', label: `All ${callable.length}` },
          { value: 'some', label: 'Only those selected' },
        ]}
        value={value === null ? 'all' : 'some'}
        onChange={(choice) => onChange(choice === 'all' ? null : [])}
        mb="sm"
      />
      {unknown.length > 0 && (
        <Group gap="sm" mb="sm">
          <Text>Unknown to the connector: {unknown.join(', ')}</Text>
          <Button
            variant="default"
            size="compact-sm"
            onClick={() => onChange(value?.filter((id) => !unknown.includes(id)) ?? null)}
          >
            Take them out
          </Button>
        </Group>
      )}
      {value !== null && <ActionPicker actions={ordered} selected={value} onChange={onChange} />}
    </>
  );
}
