import { Button, FileButton, Group, Input, Text, Textarea } from '@mantine/core';
import { useState } from 'react';
import classes from './profile-form.module.css';

interface KeyFieldProps {
  label: string;
  error: string | undefined;
  required: boolean;
  /** A key is kept already; it can be replaced, not seen. */
  present: boolean;
  /** Undefined: the key that is there stays. */
  value: string | undefined;
  onChange: (value: string | undefined) => void;
}

// The server takes no longer one.
const MAX_BYTES = 16_384;

/** A private key in PEM, which has lines: pasted, or read from its file. It goes in and never comes out. */
export function KeyField({ label, error, required, present, value, onChange }: KeyFieldProps) {
  const [fault, setFault] = useState<string>();
  const replacing = present && value !== undefined;
  const [kept, setKept] = useState(false);
  const read = async (file: File | null) => {
    if (!file) return;
    const text = file.size > MAX_BYTES ? undefined : await file.text().catch(() => null);
    setFault(text === undefined ? 'This file is too long for a key' : text === null ? 'It cannot be read' : undefined);
    if (text) onChange(text);
  };
  if (present && !replacing) {
    return (
      <Input.Wrapper label={label} labelElement="div">
        <Group gap="sm" mt={4}>
          <Text c="dimmed">Kept, and not shown</Text>
          <Button
            variant="default"
            size="compact-md"
            aria-label={`Replace: ${label}`}
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
      <Textarea
        label={label}
        description="In PEM, without a passphrase"
        placeholder="-----BEGIN PRIVATE KEY-----"
        value={value ?? ''}
        onChange={(event) => onChange(event.currentTarget.value)}
        error={fault ?? error}
        required={required}
        rows={4}
        autoComplete="off"
        spellCheck={false}
        autoFocus={replacing}
        data-1p-ignore
        data-lpignore="true"
        // Not `masked` while it is empty: the placeholder would be, too.
        classNames={{ input: value ? classes.masked : classes.key }}
      />
      <Group gap="xs" mt={6}>
        <FileButton onChange={(file) => void read(file)} accept=".pem,.key,.txt">
          {(props) => (
            <Button variant="default" size="compact-md" {...props}>
              Read a file
            </Button>
          )}
        </FileButton>
        {replacing && (
          <Button
            variant="subtle"
            size="compact-md"
            onClick={() => {
              setKept(true);
              setFault(undefined);
              onChange(undefined);
            }}
          >
            Keep the present one
          </Button>
        )}
      </Group>
    </div>
  );
}
