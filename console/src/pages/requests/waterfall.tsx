import { Text } from '@mantine/core';
import type { RequestRecord } from '../../api/requests.ts';
import classes from './requests.module.css';
import { msText } from './time-split.ts';
import { waterfallRows } from './waterfall-rows.ts';

/** The parts of a call as bars, one after the other. */
export function Waterfall({ record }: { record: RequestRecord }) {
  const rows = waterfallRows(record);
  if (rows.length === 0) return <Text c="dimmed">It ended before anything was measured.</Text>;
  const totalMs = Math.max(
    record.duration_ms ?? 0,
    ...rows.map(({ startMs, durationMs }) => startMs + durationMs),
    0.1,
  );
  const percent = (ms: number) => `${(ms / totalMs) * 100}%`;
  return (
    <ol className={classes.waterfall}>
      {rows.map(({ key, name, part, inner, startMs, durationMs, failed, outcome }) => (
        <li key={key} className={classes.row} data-inner={inner}>
          <span className={classes.rowName}>
            {name}
            {outcome !== undefined && <span className={classes.sub}>{outcome}</span>}
          </span>
          <span className={classes.track} aria-hidden="true">
            <span
              className={classes.span}
              data-part={part}
              data-failed={failed}
              // Never beyond the end, however short.
              style={{ left: `min(${percent(startMs)}, calc(100% - 2px))`, width: percent(durationMs) }}
            />
          </span>
          <span className={classes.rowTime}>{msText(durationMs)}</span>
        </li>
      ))}
    </ol>
  );
}
