import '@mantine/charts/styles.css';
import { BarChart, LineChart } from '@mantine/charts';
import type { OverviewView } from '../../api/overview.ts';
import { bucketLabel, count, countTick, duration, durationTick } from './figures.ts';

// Their buttons and layers would be read out; the figure around them has the summary.
const QUIET = { accessibilityLayer: false } as const;
const MIN_TICK_GAP_PX = 40;
const EDGE_PX = 6;
const MAX_DOTS = 20;
const COMMON = {
  h: '16rem',
  dataKey: 'at',
  tickLine: 'none',
  xAxisProps: { minTickGap: MIN_TICK_GAP_PX, interval: 'equidistantPreserveStart' },
} as const;

export function CallsChart({ overview: { buckets, window } }: { overview: OverviewView }) {
  return (
    <BarChart
      {...COMMON}
      type="stacked"
      data={buckets.map((bucket) => ({
        at: bucketLabel(bucket, window),
        succeeded: bucket.calls - bucket.errors,
        failed: bucket.errors,
      }))}
      series={[
        { name: 'succeeded', label: 'Succeeded', color: 'var(--corbel-chart-main)' },
        { name: 'failed', label: 'Failed', color: 'var(--corbel-chart-bad)' },
      ]}
      valueFormatter={count}
      yAxisProps={{ allowDecimals: false, width: 44, tickFormatter: countTick }}
      barChartProps={QUIET}
      barProps={{ isAnimationActive: false }}
    />
  );
}

export function LatencyChart({ overview: { buckets, window } }: { overview: OverviewView }) {
  return (
    <LineChart
      {...COMMON}
      // Half of a dot would be cut off at either end.
      xAxisProps={{ ...COMMON.xAxisProps, padding: { left: EDGE_PX, right: EDGE_PX } }}
      data={buckets.map((bucket) => ({
        at: bucketLabel(bucket, window),
        c50: bucket.corbel_ms.p50,
        c95: bucket.corbel_ms.p95,
        p50: bucket.provider_ms.p50,
        p95: bucket.provider_ms.p95,
      }))}
      series={[
        { name: 'p95', label: 'Provider p95', color: 'var(--corbel-chart-other)', strokeDasharray: '4 4' },
        { name: 'p50', label: 'Provider p50', color: 'var(--corbel-chart-other)' },
        { name: 'c95', label: 'Corbel p95', color: 'var(--corbel-chart-main)', strokeDasharray: '4 4' },
        { name: 'c50', label: 'Corbel p50', color: 'var(--corbel-chart-main)' },
      ]}
      valueFormatter={duration}
      curveType="linear"
      connectNulls={false}
      // A lone measurement has no line; where there are many, dots would hide it.
      dotProps={{ r: buckets.filter(({ calls }) => calls > 0).length > MAX_DOTS ? 1 : 2.5 }}
      yAxisProps={{ width: 64, tickFormatter: durationTick }}
      lineChartProps={QUIET}
      lineProps={{ isAnimationActive: false }}
    />
  );
}
