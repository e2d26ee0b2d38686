import { Button, Group, Modal, Stack, Text } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useApi } from '../../api/api-context.tsx';
import { createProject, type NewProjectView, projectKeys } from '../../api/project.ts';
import { CopyField } from '../../components/copy-field.tsx';
import { ProjectNameForm } from './project-name-form.tsx';

/** Makes a project, then shows its first operator key: once, and kept nowhere but in this dialog. */
export function NewProjectDialog({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const api = useApi();
  const queries = useQueryClient();
  const [created, setCreated] = useState<NewProjectView>();
  const close = () => {
    setCreated(undefined);
    onClose();
  };
  return (
    <Modal
      opened={opened}
      onClose={close}
      title={created ? 'Project created' : 'New project'}
      size="lg"
      // A key that is gone by a slip of the hand is gone for good, and nobody else has one of this project.
      closeOnClickOutside={!created}
      closeOnEscape={!created}
      withCloseButton={!created}
    >
      {created ? (
        <Stack gap="md">
          <Text>
            This is the only time that the first operator key of <strong>{created.name}</strong> is shown. Copy it now:
            whoever is to set the project up signs in with it.
          </Text>
          <CopyField label="Operator key" value={created.operator_key.token} />
          <CopyField label="Project id" value={created.id} />
          <Group justify="flex-end">
            <Button onClick={close} data-autofocus>
              I have copied it
            </Button>
          </Group>
        </Stack>
      ) : (
        <ProjectNameForm
          name=""
          submitLabel="Create project"
          onCancel={close}
          onSubmit={async (name) => {
            setCreated(await createProject(api, name));
            await queries.invalidateQueries({ queryKey: projectKeys.all });
          }}
        />
      )}
    </Modal>
  );
}
