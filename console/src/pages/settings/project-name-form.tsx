import { Button, Group, Stack, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { errorAt } from '../../api/problem.ts';
import { ErrorState } from '../../components/error-state.tsx';

interface ProjectNameFormProps {
  /** As it is now; empty: of a new one. */
  name: string;
  submitLabel: string;
  onCancel: () => void;
  /** Its rejection is shown. */
  onSubmit: (name: string) => Promise<void>;
}

/** The name of a project, which is all that can be chosen of it. */
export function ProjectNameForm({ name: before, submitLabel, onCancel, onSubmit }: ProjectNameFormProps) {
  const [name, setName] = useState(before);
  const [pending, setPending] = useState(false);
  const [error, setError] = useState<unknown>();
  const wanted = name.trim();
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setPending(true);
    setError(undefined);
    try {
      await onSubmit(wanted);
    } catch (failure) {
      setError(failure);
      setPending(false);
    }
  };
  return (
    <form onSubmit={(event) => void submit(event)}>
      <Stack gap="md">
        <TextInput
          label="Name"
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          error={errorAt(error, '/name')}
          maxLength={200}
          required
          data-autofocus
        />
        {error !== undefined && <ErrorState error={error} shown={['/name']} />}
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onCancel} disabled={pending}>
            Cancel
          </Button>
          <Button type="submit" loading={pending} disabled={wanted === '' || wanted === before}>
            {submitLabel}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
