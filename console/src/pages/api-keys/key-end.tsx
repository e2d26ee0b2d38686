import { Group, Select, TextInput } from '@mantine/core';
import { errorAt } from '../../api/problem.ts';

/** When a key is to end, as it is chosen. */
export interface EndChoice {
  /** `never`, `kept`, `date`, or days from now. */
  kind: string;
  /** Of `date`: as `<input type="datetime-local">` has it. */
  date: string;
}

export const NEVER: EndChoice = { kind: 'never', date: '' };
/** Of a key that there is: as it is now. */
export const KEPT: EndChoice = { kind: 'kept', date: '' };

const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;
const SPANS = [
  { value: '7', label: 'In 7 days' },
  { value: '30', label: 'In 30 days' },
  { value: '90', label: 'In 90 days' },
  { value: '365', label: 'In a year' },
];

interface KeyEndProps {
  end: EndChoice;
  onChange: (end: EndChoice) => void;
  error: unknown;
  /** Of the key that there is: null when it has none. Then only what is earlier can be chosen. */
  now?: string | null;
}

/** When a key ends. */
export function KeyEnd({ end, onChange, error, now }: KeyEndProps) {
  const { kind, date } = end;
  const latest = now == null ? Number.POSITIVE_INFINITY : Date.parse(now);
  const sooner = SPANS.filter(({ value }) => Date.now() + Number(value) * DAY_MS < latest);
  const first = now === undefined ? { value: NEVER.kind, label: 'Never' } : { value: KEPT.kind, label: keptLabel(now) };
  return (
    <Group align="flex-start" grow preventGrowOverflow={false}>
      <Select
        label="Expires"
        data={[first, ...sooner, { value: 'date', label: 'At a date' }]}
        value={kind}
        onChange={(chosen) => onChange({ ...end, kind: chosen ?? first.value })}
        allowDeselect={false}
        error={kind === 'date' ? undefined : errorAt(error, '/expires_at')}
      />
      {kind === 'date' && (
        <TextInput
          type="datetime-local"
          label="Date and time"
          value={date}
          onChange={(event) => onChange({ ...end, date: event.currentTarget.value })}
          max={Number.isFinite(latest) ? localOf(latest) : undefined}
          error={errorAt(error, '/expires_at')}
          required
        />
      )}
    </Group>
  );
}

/** ISO 8601 in UTC; null: never; undefined: as it is. What is no date goes to the server as it is, which says so. */
export function endOf({ kind, date }: EndChoice): string | null | undefined {
  if (kind === KEPT.kind) return undefined;
  if (kind === NEVER.kind) return null;
  if (kind !== 'date') return new Date(Date.now() + Number(kind) * DAY_MS).toISOString();
  const time = Date.parse(date);
  return Number.isNaN(time) ? date : new Date(time).toISOString();
}

function keptLabel(now: string | null): string {
  if (now === null) return 'As it is: never';
  return `As it is: ${new Date(now).toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'short' })}`;
}

/** As `<input type="datetime-local">` has it, in the operator's own time. */
function localOf(ms: number): string {
  return new Date(ms - new Date(ms).getTimezoneOffset() * MINUTE_MS).toISOString().slice(0, 16);
}
