import { Anchor, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { Link } from 'react-router';
import type { OverviewView } from '../../api/overview.ts';
import { EmptyState } from '../../components/empty-state.tsx';
import { paths } from '../../paths.ts';
import { AccountsPanel } from './accounts-panel.tsx';
import { CallsPanel, LatencyPanel } from './chart-panels.tsx';
import { count, duration, percent } from './figures.ts';
import { LimitsPanel } from './limits-panel.tsx';
import classes from './overview.module.css';
import { ErrorsPanel, TopActionsPanel } from './ranking-panels.tsx';

const STRETCHES = { '1h': 'in the last hour', '24h': 'in 24 hours', '7d': 'in seven days' } as const;

/** Everything that the overview has to show of a project that works. */
export function OverviewPanels({ overview }: { overview: OverviewView }) {
  const { totals, accounts } = overview;
  return (
    <div className={classes.panels}>
      <dl className={classes.tiles}>
        <Tile name="Calls" value={count(totals.calls)} more={STRETCHES[overview.window]} />
        <Tile
          name="Failed"
          value={percent(totals.error_rate)}
          more={`${count(totals.errors)} of ${count(totals.calls)}`}
        />
        <Tile
          name="Corbel, median"
          value={duration(totals.corbel_ms.p50)}
          more={`p95 ${duration(totals.corbel_ms.p95)}`}
        />
        <Tile
          name="Providers, median"
          value={duration(totals.provider_ms.p50)}
          more={`p95 ${duration(totals.provider_ms.p95)}`}
        />
        <Tile
          name="Accounts"
          value={
            <Anchor component={Link} to={paths.accounts} inherit>
              {count(accounts.total)}
            </Anchor>
          }
          more={`${count(accounts.by_status.active)} active`}
        />
      </dl>
      {totals.calls === 0 ? (
        <EmptyState title="No calls in this time" text="Choose a longer stretch, or make a call.">
          <Anchor component={Link} to={paths.tryIt}>
            Try it
          </Anchor>
        </EmptyState>
      ) : (
        <div className={classes.charts}>
          <CallsPanel overview={overview} />
          <LatencyPanel overview={overview} />
        </div>
      )}
      <div className={classes.lists}>
        <AccountsPanel overview={overview} />
        <LimitsPanel overview={overview} />
        {totals.calls > 0 && <TopActionsPanel overview={overview} />}
        {totals.calls > 0 && <ErrorsPanel overview={overview} />}
      </div>
    </div>
  );
}

function Tile({ name, value, more }: { name: string; value: ReactNode; more?: string }) {
  return (
    <div className={classes.tile}>
      <dt>{name}</dt>
      <dd>
        <span className={classes.figure}>{value}</span>
        {more !== undefined && (
          <Text span size="sm" c="dimmed">
            {more}
          </Text>
        )}
      </dd>
    </div>
  );
}
