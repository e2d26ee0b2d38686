import type { ReactNode } from 'react';
import classes from './status-badge.module.css';

export type Tone = 'good' | 'bad' | 'warn' | 'busy' | 'quiet';

const STATUSES: Readonly<Record<string, { tone: Tone; text: string }>> = {
  active: { tone: 'good', text: 'Active' },
  inactive: { tone: 'quiet', text: 'Inactive' },
  reauth_required: { tone: 'warn', text: 'Relink needed' },
  error: { tone: 'bad', text: 'Error' },
  enabled: { tone: 'good', text: 'Enabled' },
  disabled: { tone: 'quiet', text: 'Disabled' },
  revoked: { tone: 'quiet', text: 'Revoked' },
  expired: { tone: 'quiet', text: 'Expired' },
  running: { tone: 'busy', text: 'Running' },
  succeeded: { tone: 'good', text: 'Succeeded' },
  failed: { tone: 'bad', text: 'Failed' },
  lost: { tone: 'warn', text: 'Lost' },
  passed: { tone: 'good', text: 'Passed' },
  not_checked: { tone: 'quiet', text: 'Not checked' },
  pending: { tone: 'busy', text: 'Pending' },
  delivered: { tone: 'good', text: 'Delivered' },
  done: { tone: 'good', text: 'Done' },
  refused: { tone: 'warn', text: 'Refused' },
  unknown: { tone: 'warn', text: 'Unknown' },
};

type StatusBadgeProps = { status: string } | { tone: Tone; children: ReactNode };

/** A state in a word and a colour; the word alone says it. Known states by `status`, others by `tone`. */
export function StatusBadge(props: StatusBadgeProps) {
  const { tone, text } =
    'status' in props
      ? (STATUSES[props.status] ?? { tone: 'quiet' as const, text: props.status })
      : { tone: props.tone, text: props.children };
  return (
    <span className={classes.badge} data-tone={tone}>
      <span className={classes.dot} aria-hidden="true" />
      {text}
    </span>
  );
}
