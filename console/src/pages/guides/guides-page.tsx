import { Anchor, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from 'react-router';
import { useApi } from '../../api/api-context.tsx';
import { type ConnectorSummaryView, connectorsOptions } from '../../api/catalogue.ts';
import { EmptyState } from '../../components/empty-state.tsx';
import { PageHeader } from '../../components/page-header.tsx';
import { QueryView } from '../../components/query-view.tsx';
import { Section } from '../../components/section.tsx';
import { paths } from '../../paths.ts';
import classes from './guide.module.css';

export function GuidesPage() {
  const query = useQuery(connectorsOptions(useApi()));
  return (
    <>
      <PageHeader
        title="Guides"
        description="How each connector is set up at its provider, adjusted to the actions that you need."
      />
      <QueryView query={query}>
        {(connectors) =>
          connectors.every(({ guides }) => guides.length === 0) ? (
            <EmptyState title="No guides" text="Connectors have their guides in their folder guides." />
          ) : (
            <div className={classes.connectors}>
              {connectors
                .filter(({ guides }) => guides.length > 0)
                .map((connector) => (
                  <ConnectorGuides key={connector.id} connector={connector} />
                ))}
            </div>
          )
        }
      </QueryView>
    </>
  );
}

function ConnectorGuides({ connector: { id, label, description, authentication, guides } }: ConnectorGuidesProps) {
  return (
    <Section title={label} description={description}>
      <ul className={classes.methods}>
        {authentication
          .filter((method) => guides.includes(method.id))
          .map((method) => (
            <li key={method.id}>
              <Anchor component={Link} to={paths.guide(id, method.id)} fw={500}>
                {method.label}
              </Anchor>
              {method.description !== null && (
                <Text size="sm" c="dimmed">
                  {method.description}
                </Text>
              )}
            </li>
          ))}
      </ul>
    </Section>
  );
}

interface ConnectorGuidesProps {
  connector: ConnectorSummaryView;
}
