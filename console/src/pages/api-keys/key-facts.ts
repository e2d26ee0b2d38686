import type { ApiKey } from '../../api/api-keys.ts';

export type KeyState = 'active' | 'revoked' | 'expired';

/** Whether a key is accepted at a time, in milliseconds since the epoch. */
export function stateOf({ revoked_at, expires_at }: ApiKey, nowMs: number): KeyState {
  if (revoked_at !== null) return 'revoked';
  return expires_at !== null && Date.parse(expires_at) <= nowMs ? 'expired' : 'active';
}

/** What a key may reach, in a few words. */
export function reachOf({ role, actions, accounts }: ApiKey): string {
  if (role === 'operator') return 'Whole project';
  const parts = [
    actions === null ? undefined : counted(actions.length, 'action'),
    accounts === null ? undefined : counted(accounts.length, 'account'),
  ].filter((part) => part !== undefined);
  return parts.length === 0 ? 'All calls' : parts.join(', ');
}

export const ROLE_NAMES = { operator: 'Operator', backend: 'Backend' } as const;

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
