import { Button, Group, Stack, TextInput } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useApi } from '../../api/api-context.tsx';
import { errorAt } from '../../api/problem.ts';
import { projectKeys, projectSettingsOptions, renameProject } from '../../api/project.ts';
import { SESSION_KEY } from '../../api/session.ts';
import { ErrorState } from '../../components/error-state.tsx';
import { Facts } from '../../components/facts.tsx';
import { IdText } from '../../components/id-text.tsx';
import { useNotice } from '../../components/notice.tsx';
import { QueryView } from '../../components/query-view.tsx';
import { Section } from '../../components/section.tsx';
import { useSession } from '../../session/session-context.tsx';
import { LinkSettingsForm } from './link-settings-form.tsx';

export function ProjectTab() {
  const query = useQuery(projectSettingsOptions(useApi()));
  const { name } = useSession().session.project;
  return (
    <Stack gap="lg">
      {/* It may have been renamed among all projects. */}
      <ProjectSection key={name} />
      <Section
        title="Linking people"
        description="What people see who link an account, and where they may come back to"
      >
        <QueryView query={query}>{(settings) => <LinkSettingsForm settings={settings} />}</QueryView>
      </Section>
    </Stack>
  );
}

function ProjectSection() {
  const api = useApi();
  const queries = useQueryClient();
  const notice = useNotice();
  const { project } = useSession().session;
  const [name, setName] = useState(project.name);
  const [pending, setPending] = useState(false);
  const [error, setError] = useState<unknown>();
  const save = async (event: FormEvent) => {
    event.preventDefault();
    setPending(true);
    setError(undefined);
    try {
      await renameProject(api, project.id, name.trim());
      await Promise.all([SESSION_KEY, projectKeys.all].map((queryKey) => queries.invalidateQueries({ queryKey })));
      notice('Project renamed');
    } catch (failure) {
      setError(failure);
    } finally {
      setPending(false);
    }
  };
  return (
    <Section title="Project">
      <form onSubmit={(event) => void save(event)}>
        <Stack gap="md" maw="32rem">
          <TextInput
            label="Name"
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
            error={errorAt(error, '/name')}
            maxLength={200}
            required
          />
          <Facts
            facts={[
              ['Id', <IdText key="id" id={project.id} what="project id" />],
              ['Kind', project.root ? 'Root: its operators may make other projects' : 'A tenant of the root project'],
            ]}
          />
          {error !== undefined && <ErrorState error={error} shown={['/name']} />}
          <Group>
            <Button type="submit" loading={pending} disabled={name.trim() === '' || name.trim() === project.name}>
              Rename
            </Button>
          </Group>
        </Stack>
      </form>
    </Section>
  );
}
