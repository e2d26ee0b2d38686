const UNITS = [
  ['d', 86_400],
  ['h', 3_600],
  ['min', 60],
] as const;

/** Seconds as people say them, two units at most: "1 h 20 min". Zero and less: "over". */
export function durationText(seconds: number): string {
  if (seconds <= 0) return 'over';
  const at = UNITS.findIndex(([, length]) => seconds >= length);
  const [unit, length] = UNITS[at] ?? ['s', 1];
  const whole = Math.floor(seconds / length);
  const next = at === -1 ? undefined : UNITS[at + 1];
  const rest = next && Math.floor((seconds % length) / next[1]);
  return `${whole} ${unit}${next && rest ? ` ${rest} ${next[0]}` : ''}`;
}
