import { Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useApi } from '../../api/api-context.tsx';
import { connectorStatusOptions } from '../../api/catalogue.ts';
import { CodeBlock } from '../../components/code-block.tsx';
import { Facts } from '../../components/facts.tsx';
import { IdText } from '../../components/id-text.tsx';
import { useLiveInterval } from '../../components/live-interval.ts';
import { QueryView } from '../../components/query-view.tsx';
import { RelativeTime } from '../../components/relative-time.tsx';
import { Section } from '../../components/section.tsx';
import { StatusBadge, type Tone } from '../../components/status-badge.tsx';
import classes from './load-state.module.css';

type Status = NonNullable<Awaited<ReturnType<NonNullable<ReturnType<typeof connectorStatusOptions>['queryFn']>>>>;
type LastReload = NonNullable<Status['last_reload']>;

const OUTCOMES: Readonly<Record<LastReload['outcome'], { tone: Tone; text: string }>> = {
  swapped: { tone: 'good', text: 'Taken into use' },
  unchanged: { tone: 'quiet', text: 'Nothing changed' },
  refused: { tone: 'bad', text: 'Refused' },
};
// Whoever mends a file waits for what comes of it.
const REFRESH_MS = 10_000;

function useStatus(connector: string) {
  const refetchInterval = useLiveInterval(REFRESH_MS);
  return useQuery({ ...connectorStatusOptions(useApi(), connector), refetchInterval });
}

/** What is loaded, and what came of the last reload, with every fault. */
export function LoadState({ connector }: { connector: string }) {
  const query = useStatus(connector);
  return (
    <Section title="State" description="Of the server that answered; it loads all connectors together.">
      <QueryView query={query}>
        {({ loaded_at, registry_hash, last_reload }) => (
          <Stack gap="md">
            <Facts
              facts={[
                ['Loaded', <RelativeTime key="loaded" at={loaded_at} />],
                ['Hash of all connectors', <IdText key="hash" id={registry_hash} what="hash" />],
                ['Last reload', last_reload ? <Reload key="reload" reload={last_reload} /> : 'None since the start'],
              ]}
            />
            {last_reload?.outcome === 'refused' && <Faults reload={last_reload} />}
          </Stack>
        )}
      </QueryView>
    </Section>
  );
}

/** Says that the last reload was refused, and why; nothing otherwise. `connector`: any of them. */
export function ReloadNotice({ connector }: { connector: string }) {
  const { data } = useStatus(connector);
  const reload = data?.last_reload;
  if (reload?.outcome !== 'refused') return null;
  return (
    <div className={classes.notice}>
      <Section title="The last reload was refused" description={<Reload reload={reload} />}>
        <Faults reload={reload} />
      </Section>
    </div>
  );
}

function Reload({ reload }: { reload: LastReload }) {
  const { tone, text } = OUTCOMES[reload.outcome];
  return (
    <span className={classes.reload}>
      <StatusBadge tone={tone}>{text}</StatusBadge> <RelativeTime at={reload.at} />
    </span>
  );
}

function Faults({ reload: { faults, fault_count } }: { reload: LastReload }) {
  if (faults.length === 0)
    return <Text>It was not the files' fault. The server's log says what it was; the connectors in force stay.</Text>;
  return (
    <Stack gap="sm">
      <Text>
        The connectors in force stay until {fault_count === 1 ? 'this is' : 'these are'} mended and the server is told
        to reload (SIGHUP).
      </Text>
      <ul className={classes.faults}>
        {faults.map(({ file, line, column, rule, message, frame }) => (
          <li key={`${file}:${line}:${column} ${rule} ${message}`}>
            <Text>
              <code>
                {file}:{line}:{column}
              </code>{' '}
              <strong>{rule}</strong> {message}
            </Text>
            {frame !== '' && <CodeBlock label={`${file}, line ${line}`} value={frame} />}
          </li>
        ))}
      </ul>
      {fault_count > faults.length && (
        <Text c="dimmed">
          {fault_count - faults.length} more: <code>corbel validate</code> tells all of them.
        </Text>
      )}
    </Stack>
  );
}
