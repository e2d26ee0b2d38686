import { printable } from '../../connector/diagnostics.ts';
import type { PublicApiKey } from '../../domain/api-key.ts';
import type { Terminal } from '../terminal.ts';
import { stateOf } from './api-keys.ts';

/** Keys as a table for people; tokens are nowhere in it. */
export function keyTable(keys: readonly PublicApiKey[], nowMs: number, paint: Terminal['paint']): string[] {
  const rows = keys.map((key) => [
    key.id,
    key.role,
    stateOf(key, nowMs),
    day(key.created_at),
    day(key.expires_at),
    day(key.last_used_at),
    printable(key.name),
  ]);
  const header = ['id', 'role', 'state', 'created', 'expires', 'last used', 'name'];
  const widths = header.map((name, column) => Math.max(name.length, ...rows.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd();
  return [
    paint('dim', line(header)),
    ...rows.flatMap((row, index) => {
      const key = keys[index];
      const text = row[2] === 'active' ? line(row) : paint('dim', line(row));
      return key ? [text, ...narrowingOf(key)] : [text];
    }),
  ];
}

/** What a key is narrowed to, if it is. */
export function narrowingOf({ actions, accounts }: PublicApiKey): string[] {
  return [
    ...(actions === null ? [] : [`  only actions: ${printable(actions.join(', '))}`]),
    ...(accounts === null ? [] : [`  only accounts: ${printable(accounts.join(', '))}`]),
  ];
}

function day(time: string | null): string {
  return time === null ? '-' : time.slice(0, 10);
}
