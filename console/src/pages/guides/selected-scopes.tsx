import { Group, NativeSelect, Text } from '@mantine/core';
import { useId, useState } from 'react';
import { type MinimalScopes, SCOPE_SEPARATORS, type ScopeSeparator } from '../../../../src/guide/minimal-scopes.ts';
import { CopyButton } from '../../components/copy-button.tsx';
import classes from './guide.module.css';

const NAMES: Readonly<Record<ScopeSeparator, string>> = {
  space: 'Space',
  comma: 'Comma (,)',
  semicolon: 'Semicolon (;)',
  pipe: 'Pipe (|)',
  newline: 'New line',
};
const CHOICES = (Object.keys(SCOPE_SEPARATORS) as ScopeSeparator[]).map((value) => ({ value, label: NAMES[value] }));

/** The least scopes for the selected actions, as the provider's form wants them. */
export function SelectedScopes({ selection: { scopes, provider_scopes } }: { selection: MinimalScopes }) {
  const [separator, setSeparator] = useState<ScopeSeparator>('space');
  const labelId = useId();
  const text = scopes.join(SCOPE_SEPARATORS[separator]);
  return (
    <div>
      <Group justify="space-between" gap="xs" mb={6}>
        <Text fw={600} size="sm" id={labelId}>
          Scopes selected
        </Text>
        <NativeSelect
          aria-label="Separator"
          size="xs"
          data={CHOICES}
          value={separator}
          onChange={(event) => setSeparator(event.currentTarget.value as ScopeSeparator)}
        />
      </Group>
      <div className={classes.output}>
        <output aria-labelledby={labelId} className={classes.scopeText} data-testid="scopes">
          {text === '' ? <span className={classes.nothing}>None</span> : text}
        </output>
        {text !== '' && <CopyButton value={text} label="Copy all scopes" />}
      </div>
      {provider_scopes.length > 0 && (
        <Text size="sm" c="dimmed" mt={6}>
          The provider's reference asks for{' '}
          {provider_scopes.map((scope, index) => (
            <span key={scope}>
              {index > 0 && ', '}
              <code>{scope}</code>
            </span>
          ))}{' '}
          besides.
        </Text>
      )}
    </div>
  );
}
