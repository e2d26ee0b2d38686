import classes from './requests.module.css';
import { msText, type TimeSplit } from './time-split.ts';

const PARTS = [
  { key: 'corbelMs', name: 'Corbel' },
  { key: 'waitedMs', name: 'Waiting' },
  { key: 'providerMs', name: 'Provider' },
] as const;

/** Where the time went, as one bar and in words. */
export function SplitBar({ split }: { split: TimeSplit }) {
  const total = split.corbelMs + split.waitedMs + split.providerMs;
  const parts = PARTS.filter(({ key }) => key !== 'waitedMs' || split.waitedMs >= 1);
  return (
    <div className={classes.split}>
      <div className={classes.bar} aria-hidden="true">
        {parts.map(({ key }) => (
          <span key={key} data-part={key} style={{ width: `${total > 0 ? (split[key] / total) * 100 : 0}%` }} />
        ))}
      </div>
      <dl className={classes.legend}>
        {parts.map(({ key, name }) => (
          <div key={key} data-part={key}>
            <dt>{name}</dt>
            <dd>{msText(split[key])}</dd>
          </div>
        ))}
        <div>
          <dt>In all</dt>
          <dd>{msText(total)}</dd>
        </div>
      </dl>
    </div>
  );
}
