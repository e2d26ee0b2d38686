import { Tabs } from '@mantine/core';
import { useFilters } from '../../components/filter-bar.tsx';
import { PageHeader } from '../../components/page-header.tsx';
import { ProjectTab } from './project-tab.tsx';
import { WebhooksTab } from './webhooks-tab.tsx';

export function SettingsPage() {
  const { values, set } = useFilters(['tab']);
  return (
    <>
      <PageHeader
        title="Settings"
        description="Of this project. What is set for the whole server stands in its environment."
      />
      <Tabs value={values.tab === 'webhooks' ? 'webhooks' : 'project'} onChange={(tab) => set('tab', tab)}>
        <Tabs.List mb="lg">
          <Tabs.Tab value="project">Project</Tabs.Tab>
          <Tabs.Tab value="webhooks">Webhooks</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="project">
          <ProjectTab />
        </Tabs.Panel>
        <Tabs.Panel value="webhooks">
          <WebhooksTab />
        </Tabs.Panel>
      </Tabs>
    </>
  );
}
