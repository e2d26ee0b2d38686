import { Anchor } from '@mantine/core';
import { Link } from 'react-router';
import { EmptyState } from '../components/empty-state.tsx';
import { PageHeader } from '../components/page-header.tsx';
import { paths } from '../paths.ts';

export function NotFoundPage() {
  return (
    <>
      <PageHeader title="No such page" />
      <EmptyState title="There is nothing at this address" text="It may have been mistyped.">
        <Anchor component={Link} to={paths.overview}>
          Go to the overview
        </Anchor>
      </EmptyState>
    </>
  );
}
