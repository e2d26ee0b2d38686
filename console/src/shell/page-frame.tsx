import { Suspense, useEffect } from 'react';
import { Outlet, useLocation } from 'react-router';
import { LoadingState } from '../components/loading-state.tsx';
import { PageFaults } from './page-faults.tsx';

/** The page of the address, with what is shown while its chunk loads and when it fails. */
export function PageFrame() {
  const { pathname } = useLocation();
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new page begins at its top, whatever it is
  useEffect(() => {
    void window.scrollTo(0, 0);
  }, [pathname]);
  return (
    <PageFaults key={pathname}>
      <Suspense fallback={<LoadingState />}>
        <Outlet />
      </Suspense>
    </PageFaults>
  );
}
