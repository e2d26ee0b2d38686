import { type Finding, fault, ok, warning } from './finding.ts';

// Signed assertions and tokens are dated; providers commonly allow a minute (RFC 7523 §3 leaves the leeway to them), and
// refreshes are begun with about as much to spare.
export const MAX_SKEW_MS = 30_000;
// A machine that is kept in time is within some milliseconds; the seconds of a Date header add up to one.
export const SUSPICIOUS_SKEW_MS = 3_000;

/** What to say of a clock that is ahead of this machine's by that much (behind: negative). */
export function skewFinding(check: string, skewMs: number, whose: string): Finding {
  const ms = Math.round(skewMs);
  const message = `${whose} is ${Math.abs(ms)} ms ${ms >= 0 ? 'ahead of' : 'behind'} this machine (limit ${MAX_SKEW_MS} ms)`;
  const remedy = 'Keep the time by NTP (timedatectl set-ntp true).';
  if (Math.abs(ms) > MAX_SKEW_MS) return fault(check, message, remedy);
  return Math.abs(ms) > SUSPICIOUS_SKEW_MS ? warning(check, message, remedy) : ok(check, message);
}
