import { Button } from '@mantine/core';
import { lazy, type ReactNode, Suspense, useState } from 'react';
import type { OverviewView } from '../../api/overview.ts';
import { type Column, DataTable } from '../../components/data-table.tsx';
import { Section } from '../../components/section.tsx';
import { bucketLabel, count, duration } from './figures.ts';
import classes from './overview.module.css';

// A chunk of their own: nobody should wait for them to see the figures.
const CallsChart = lazy(async () => ({ default: (await import('./charts.tsx')).CallsChart }));
const LatencyChart = lazy(async () => ({ default: (await import('./charts.tsx')).LatencyChart }));

type Bucket = OverviewView['buckets'][number];

export function CallsPanel({ overview }: { overview: OverviewView }) {
  const { calls, errors } = overview.totals;
  return (
    <ChartPanel
      title="Calls"
      summary={`Calls over time: ${count(calls)} in all, ${count(errors)} of them failed.`}
      chart={<CallsChart overview={overview} />}
      legend={[
        { label: 'Succeeded', look: 'main' },
        { label: 'Failed', look: 'bad' },
      ]}
      overview={overview}
      columns={[
        { key: 'calls', header: 'Calls', numeric: true, cell: (bucket) => count(bucket.calls) },
        { key: 'errors', header: 'Failed', numeric: true, cell: (bucket) => count(bucket.errors) },
      ]}
    />
  );
}

export function LatencyPanel({ overview }: { overview: OverviewView }) {
  const { corbel_ms, provider_ms } = overview.totals;
  return (
    <ChartPanel
      title="Time taken"
      summary={`Time that calls took: half of them less than ${duration(corbel_ms.p50)} in Corbel and ${duration(provider_ms.p50)} at providers, 19 of 20 less than ${duration(corbel_ms.p95)} and ${duration(provider_ms.p95)}.`}
      chart={<LatencyChart overview={overview} />}
      legend={[
        { label: 'Corbel p50', look: 'main' },
        { label: 'Corbel p95', look: 'main-dashed' },
        { label: 'Provider p50', look: 'other' },
        { label: 'Provider p95', look: 'other-dashed' },
      ]}
      overview={overview}
      columns={[
        { key: 'c50', header: 'Corbel p50', numeric: true, cell: (bucket) => duration(bucket.corbel_ms.p50) },
        { key: 'c95', header: 'Corbel p95', numeric: true, cell: (bucket) => duration(bucket.corbel_ms.p95) },
        { key: 'p50', header: 'Provider p50', numeric: true, cell: (bucket) => duration(bucket.provider_ms.p50) },
        { key: 'p95', header: 'Provider p95', numeric: true, cell: (bucket) => duration(bucket.provider_ms.p95) },
      ]}
    />
  );
}

interface ChartPanelProps {
  title: string;
  /** The chart in a sentence, for who does not see it. */
  summary: string;
  chart: ReactNode;
  legend: readonly { label: string; look: string }[];
  overview: OverviewView;
  /** Of the table in the chart's place, behind the time. */
  columns: readonly Column<Bucket>[];
}

function ChartPanel({ title, summary, chart, legend, overview, columns }: ChartPanelProps) {
  const [table, setTable] = useState(false);
  const { buckets, window } = overview;
  return (
    <Section
      title={title}
      actions={
        <Button
          variant="subtle"
          size="compact-sm"
          // Its words begin and end where the card's do.
          mr="-xs"
          aria-label={`${table ? 'As a chart' : 'As a table'}: ${title}`}
          onClick={() => setTable(!table)}
        >
          {table ? 'As a chart' : 'As a table'}
        </Button>
      }
    >
      {table ? (
        <div className={classes.chartTable}>
          <DataTable
            caption={`${title}, the newest first`}
            columns={[
              {
                key: 'at',
                header: 'From',
                cell: (bucket) => <span className={classes.time}>{bucketLabel(bucket, window)}</span>,
              },
              ...columns,
            ]}
            rows={buckets.filter(({ calls }) => calls > 0).reverse()}
            rowKey={({ at }) => at}
          />
        </div>
      ) : (
        <div role="img" aria-label={summary} className={classes.chart}>
          <Suspense fallback={null}>{chart}</Suspense>
          <ul className={classes.legend} aria-hidden="true">
            {legend.map(({ label, look }) => (
              <li key={label}>
                <span className={classes.swatch} data-look={look} />
                {label}
              </li>
            ))}
          </ul>
        </div>
      )}
    </Section>
  );
}
