import { Tabs } from '@mantine/core';
import { ApiProblem } from '../../api/problem.ts';
import { useFilters } from '../../components/filter-bar.tsx';
import { PageHeader } from '../../components/page-header.tsx';
import { RefusedState } from '../../components/refused-state.tsx';
import { useSession } from '../../session/session-context.tsx';
import { ProjectTab } from './project-tab.tsx';
import { ProjectsTab } from './projects-tab.tsx';
import { WebhooksTab } from './webhooks-tab.tsx';

// The server would list the own project instead: what was asked for is not there for others.
const REFUSED = new ApiProblem({
  title: 'Role not sufficient',
  detail: 'Only operators of the root project see and make other projects.',
  status: 403,
  code: 'role_forbidden',
  retryable: false,
  hint: 'Sign in with an operator key of the root project.',
});

export function SettingsPage() {
  const { values, set } = useFilters(['tab']);
  const { root } = useSession().session.project;
  const wanted = values.tab === 'webhooks' || values.tab === 'projects' ? values.tab : 'project';
  const refused = wanted === 'projects' && !root;
  return (
    <>
      <PageHeader
        title="Settings"
        description="Of this project. What is set for the whole server stands in its environment."
      />
      <Tabs value={refused ? null : wanted} onChange={(tab) => set('tab', tab)}>
        <Tabs.List mb="lg">
          <Tabs.Tab value="project">Project</Tabs.Tab>
          <Tabs.Tab value="webhooks">Webhooks</Tabs.Tab>
          {root && <Tabs.Tab value="projects">Projects</Tabs.Tab>}
        </Tabs.List>
        <Tabs.Panel value="project">
          <ProjectTab />
        </Tabs.Panel>
        <Tabs.Panel value="webhooks">
          <WebhooksTab />
        </Tabs.Panel>
        {root && (
          <Tabs.Panel value="projects">
            <ProjectsTab />
          </Tabs.Panel>
        )}
        {refused && <RefusedState problem={REFUSED} />}
      </Tabs>
    </>
  );
}
