import { EmptyState } from './empty-state.tsx';
import { PageHeader } from './page-header.tsx';

/** For a page that is not built yet; such pages are not in the navigation. */
export function Placeholder({ title }: { title: string }) {
  return (
    <>
      <PageHeader title={title} />
      <EmptyState title="Not built yet" text="This page is not part of this version of the console." />
    </>
  );
}
