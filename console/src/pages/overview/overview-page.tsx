import { SegmentedControl } from '@mantine/core';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useApi } from '../../api/api-context.tsx';
import { profilesOptions } from '../../api/connector-profiles.ts';
import { useList } from '../../api/lists.ts';
import { type OverviewView, type OverviewWindow, overviewOptions } from '../../api/overview.ts';
import { useFilters } from '../../components/filter-bar.tsx';
import { useLiveInterval } from '../../components/live-interval.ts';
import { PageHeader } from '../../components/page-header.tsx';
import { QueryView } from '../../components/query-view.tsx';
import { FirstSteps } from './first-steps.tsx';
import { OverviewPanels } from './overview-panels.tsx';

const REFRESH_MS = 10_000;
const WINDOWS: { value: OverviewWindow; label: string }[] = [
  { value: '1h', label: 'Hour' },
  { value: '24h', label: 'Day' },
  { value: '7d', label: 'Week' },
];

export function OverviewPage() {
  const api = useApi();
  const { values, set } = useFilters(['window']);
  const window = WINDOWS.find(({ value }) => value === values.window)?.value ?? '1h';
  const refetchInterval = useLiveInterval(REFRESH_MS);
  const query = useQuery({ ...overviewOptions(api, window), refetchInterval, placeholderData: keepPreviousData });
  const profiles = useList(profilesOptions(api));
  const pending = { ...query, data: profiles.isPending ? undefined : query.data };
  return (
    <>
      <PageHeader
        title="Overview"
        description="Calls, accounts and limits of this project, kept up to date."
        {...(pending.data &&
          hasAnything(pending.data) && {
            actions: (
              <SegmentedControl
                aria-label="Stretch of time"
                // Half faded, its words could not be read after the theme changed.
                transitionDuration={0}
                data={WINDOWS}
                value={window}
                onChange={(value) => set('window', value === '1h' ? null : value)}
              />
            ),
          })}
      />
      <QueryView query={pending}>
        {(overview) => (
          <>
            <FirstSteps
              profile={profiles.rows.length > 0 || profiles.isError}
              account={overview.accounts.total > 0}
              called={overview.totals.calls > 0}
            />
            {hasAnything(overview) && <OverviewPanels overview={overview} />}
          </>
        )}
      </QueryView>
    </>
  );
}

function hasAnything({ accounts, totals }: OverviewView): boolean {
  return accounts.total > 0 || totals.calls > 0;
}
