import { Modal } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useApi } from '../../api/api-context.tsx';
import { type Project, projectKeys, renameProject } from '../../api/project.ts';
import { SESSION_KEY } from '../../api/session.ts';
import { useNotice } from '../../components/notice.tsx';
import { ProjectNameForm } from './project-name-form.tsx';

interface RenameProjectDialogProps {
  /** Undefined: closed. */
  project: Project | undefined;
  onClose: () => void;
}

export function RenameProjectDialog({ project, onClose }: RenameProjectDialogProps) {
  const api = useApi();
  const queries = useQueryClient();
  const notice = useNotice();
  return (
    <Modal opened={project !== undefined} onClose={onClose} title="Rename project">
      {project && (
        <ProjectNameForm
          name={project.name}
          submitLabel="Rename"
          onCancel={onClose}
          onSubmit={async (name) => {
            await renameProject(api, project.id, name);
            notice('Project renamed');
            onClose();
            // The own one is named in the session as well.
            await Promise.all(
              [SESSION_KEY, projectKeys.all].map((queryKey) => queries.invalidateQueries({ queryKey })),
            );
          }}
        />
      )}
    </Modal>
  );
}
