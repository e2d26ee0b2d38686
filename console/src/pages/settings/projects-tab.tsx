import { Button, Text } from '@mantine/core';
import { useState } from 'react';
import { useApi } from '../../api/api-context.tsx';
import { useList } from '../../api/lists.ts';
import { type Project, projectsOptions } from '../../api/project.ts';
import { type Column, DataTable } from '../../components/data-table.tsx';
import { EmptyState } from '../../components/empty-state.tsx';
import { IdText } from '../../components/id-text.tsx';
import { LoadMore } from '../../components/load-more.tsx';
import { QueryView } from '../../components/query-view.tsx';
import { RelativeTime } from '../../components/relative-time.tsx';
import { Section } from '../../components/section.tsx';
import { NewProjectDialog } from './new-project-dialog.tsx';
import { RenameProjectDialog } from './rename-project-dialog.tsx';

/** Every project of the server; for operators of the root project. */
export function ProjectsTab() {
  const list = useList(projectsOptions(useApi()));
  const [creating, setCreating] = useState(false);
  const [renaming, setRenaming] = useState<Project>();
  const create = <Button onClick={() => setCreating(true)}>New project</Button>;
  return (
    <>
      <Section
        title="All projects"
        description="Tenants of this server: each has its own profiles, accounts and keys, and nobody in another one sees them, you included"
        actions={create}
      >
        <QueryView query={{ ...list, data: list.isPending ? undefined : list.data }}>
          {() =>
            list.rows.length === 0 ? (
              <EmptyState title="No projects" />
            ) : (
              <DataTable
                caption="Projects"
                columns={columns(setRenaming)}
                rows={list.rows}
                rowKey={({ id }) => id}
                busy={list.isRefetching}
              />
            )
          }
        </QueryView>
        <LoadMore list={list} />
      </Section>
      <NewProjectDialog opened={creating} onClose={() => setCreating(false)} />
      <RenameProjectDialog project={renaming} onClose={() => setRenaming(undefined)} />
    </>
  );
}

const columns = (rename: (project: Project) => void): Column<Project>[] => [
  {
    key: 'name',
    header: 'Name',
    cell: ({ name, root }) => (
      <>
        {name}
        {root && (
          <Text size="sm" c="dimmed">
            Root: this one
          </Text>
        )}
      </>
    ),
  },
  { key: 'id', header: 'Id', cell: ({ id }) => <IdText id={id} what="project id" /> },
  { key: 'created', header: 'Created', cell: ({ created_at }) => <RelativeTime at={created_at} /> },
  {
    key: 'rename',
    header: 'Change',
    hiddenHeader: true,
    numeric: true,
    cell: (project) => (
      <Button variant="default" size="compact-md" onClick={() => rename(project)} aria-label={`Rename ${project.name}`}>
        Rename
      </Button>
    ),
  },
];
