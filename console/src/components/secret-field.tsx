import { Button, Group, Input, PasswordInput, Text } from '@mantine/core';
import { useId, useState } from 'react';

interface SecretFieldProps {
  label: string;
  description?: string;
  /** A secret is kept already; it can be replaced, not seen. */
  present?: boolean;
  /** Undefined: the secret that is there stays. */
  value: string | undefined;
  onChange: (value: string | undefined) => void;
  error?: string | undefined;
  required?: boolean;
  disabled?: boolean;
}

/** A secret that goes in and never comes out. Keep its value in the form's state only, and forget it once it is sent. */
export function SecretField(props: SecretFieldProps) {
  const { label, description, present = false, value, onChange, error, required, disabled } = props;
  const replacing = present && value !== undefined;
  // Where the focus was is gone then.
  const [kept, setKept] = useState(false);
  const labelId = useId();
  if (present && !replacing) {
    return (
      <Input.Wrapper label={label} labelElement="div" labelProps={{ id: labelId }} description={description}>
        <Group gap="sm" mt={4}>
          <Text c="dimmed">Kept, and not shown</Text>
          <Button
            variant="default"
            size="compact-md"
            aria-label={`Replace: ${label}`}
            disabled={disabled}
            autoFocus={kept}
            onClick={() => onChange('')}
          >
            Replace
          </Button>
        </Group>
      </Input.Wrapper>
    );
  }
  return (
    <div>
      <PasswordInput
        label={label}
        description={description}
        value={value ?? ''}
        onChange={(event) => onChange(event.currentTarget.value)}
        error={error}
        required={required}
        disabled={disabled}
        autoComplete="off"
        spellCheck={false}
        data-1p-ignore
        data-lpignore="true"
        autoFocus={replacing}
        visibilityToggleButtonProps={{ 'aria-label': `Show: ${label}` }}
      />
      {replacing && (
        <Button
          variant="subtle"
          size="compact-sm"
          mt={4}
          onClick={() => {
            setKept(true);
            onChange(undefined);
          }}
        >
          Keep the present one
        </Button>
      )}
    </div>
  );
}
