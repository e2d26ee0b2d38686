import { Button, Checkbox, Group, Text, TextInput } from '@mantine/core';
import IconSearch from '@tabler/icons-react/dist/esm/icons/IconSearch.mjs';
import { memo, useCallback, useEffect, useMemo, useRef, useState } from 'react';
import classes from './action-picker.module.css';

export interface PickableAction {
  id: string;
  label: string;
  scopes: readonly string[];
}

interface ActionPickerProps {
  actions: readonly PickableAction[];
  selected: readonly string[];
  /** Ids in the order of `actions`. */
  onChange: (ids: string[]) => void;
  maxHeight?: string;
}

/** Actions with their scopes, to be searched and chosen. */
export function ActionPicker({ actions, selected, onChange, maxHeight = '24rem' }: ActionPickerProps) {
  const [text, setText] = useState('');
  const chosen = useMemo(() => new Set(selected), [selected]);
  const shown = useMemo(() => matching(actions, text), [actions, text]);
  const narrowed = shown.length < actions.length;

  const change = (wanted: ReadonlySet<string>) => onChange(actions.map(({ id }) => id).filter((id) => wanted.has(id)));
  const toggle = (id: string) => change(new Set(chosen).symmetricDifference(new Set([id])));
  // Rows stay the same while others are chosen.
  const latest = useRef(toggle);
  useEffect(() => {
    latest.current = toggle;
  });
  const onToggle = useCallback((id: string) => latest.current(id), []);
  const ids = shown.map(({ id }) => id);

  return (
    <div className={classes.picker}>
      <TextInput
        type="search"
        label="Search actions"
        labelProps={{ className: 'visually-hidden' }}
        placeholder="Search actions or scopes"
        leftSection={<IconSearch size={16} stroke={1.6} aria-hidden />}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
      />
      <Group justify="space-between" gap="xs" mt={8} mb={8} mih={30}>
        <Text size="sm" c="dimmed" role="status">
          {chosen.size} of {actions.length} selected
        </Text>
        <Group gap={4}>
          <Button
            variant="subtle"
            size="compact-sm"
            disabled={shown.length === 0}
            onClick={() => change(chosen.union(new Set(ids)))}
          >
            {narrowed ? 'Select shown' : 'Select all'}
          </Button>
          <Button
            variant="subtle"
            size="compact-sm"
            disabled={shown.length === 0}
            onClick={() => change(chosen.difference(new Set(ids)))}
          >
            {narrowed ? 'Clear shown' : 'Clear'}
          </Button>
        </Group>
      </Group>
      <div className={classes.scroll} style={{ maxHeight }}>
        <table className={classes.table}>
          <caption className="visually-hidden">Actions</caption>
          <thead>
            <tr>
              <th scope="col">Action</th>
              <th scope="col">Scope(s)</th>
            </tr>
          </thead>
          <tbody>
            {shown.map((action) => (
              <Row key={action.id} action={action} checked={chosen.has(action.id)} onToggle={onToggle} />
            ))}
          </tbody>
        </table>
        {shown.length === 0 && (
          <Text c="dimmed" p="md" ta="center" role="status">
            No actions match your search.
          </Text>
        )}
      </div>
    </div>
  );
}

interface RowProps {
  action: PickableAction;
  checked: boolean;
  onToggle: (id: string) => void;
}

const Row = memo(function Row({ action: { id, label, scopes }, checked, onToggle }: RowProps) {
  return (
    <tr data-checked={checked}>
      <td>
        <Checkbox
          label={label}
          value={id}
          checked={checked}
          onChange={() => onToggle(id)}
          size="xs"
          classNames={{ body: classes.check, labelWrapper: classes.labelWrapper, label: classes.label }}
        />
      </td>
      <td>
        {scopes.length === 0 ? (
          <span className={classes.none}>None</span>
        ) : (
          scopes.map((scope) => <code key={scope}>{scope}</code>)
        )}
      </td>
    </tr>
  );
});

function matching(actions: readonly PickableAction[], text: string): readonly PickableAction[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return actions;
  return actions.filter(({ id, label, scopes }) => {
    const subject = `${label} ${id} ${scopes.join(' ')}`.toLowerCase();
    return words.every((word) => subject.includes(word));
  });
}
