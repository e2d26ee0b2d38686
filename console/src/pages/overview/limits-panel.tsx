import { Anchor, Progress, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from 'react-router';
import { useApi } from '../../api/api-context.tsx';
import { everyProfileOptions } from '../../api/connector-profiles.ts';
import type { OverviewView } from '../../api/overview.ts';
import { Section } from '../../components/section.tsx';
import { paths } from '../../paths.ts';
import { count } from './figures.ts';
import classes from './overview.module.css';

// From here on the next calls may have to wait.
const SCARCE_SHARE = 0.8;

const STRETCHES: Readonly<Record<number, string>> = { 1: 'this second', 60: 'this minute', 3600: 'this hour' };

const stretch = (seconds: number) => STRETCHES[seconds] ?? `in ${seconds} s`;

/** What is left of the providers' rate limits, the scarcest first. */
export function LimitsPanel({ overview: { rate_budgets } }: { overview: OverviewView }) {
  const profiles = useQuery({ ...everyProfileOptions(useApi()), enabled: rate_budgets.length > 0 });
  const share = ({ used, requests }: (typeof rate_budgets)[number]) => used / requests;
  const sorted = [...rate_budgets].sort((one, other) => share(other) - share(one));
  return (
    <Section title="Rate limits">
      {sorted.length === 0 ? (
        <Text c="dimmed">No request was sent under a limit in this time.</Text>
      ) : (
        <ul className={classes.plain}>
          {sorted.map((budget) => {
            const { limit, holder, requests, used, window_s } = budget;
            const name = profiles.data?.find(({ id }) => id === holder)?.name ?? holder;
            return (
              <li key={`${limit} ${holder}`} className={classes.limit}>
                <code>{limit}</code>
                <Progress
                  value={share(budget) * 100}
                  aria-label={`Used of ${limit}`}
                  size="sm"
                  {...(share(budget) >= SCARCE_SHARE && { color: 'yellow' })}
                />
                <div className={classes.limitFacts}>
                  <span>
                    {count(Math.max(0, requests - used))} of {count(requests)} left {stretch(window_s)}
                  </span>
                  <Anchor component={Link} to={paths.profile(holder)} inherit>
                    {name}
                  </Anchor>
                </div>
              </li>
            );
          })}
        </ul>
      )}
    </Section>
  );
}
