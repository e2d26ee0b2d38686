const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;

// RFC 6749 §5.1: expires_in may be left out. Short, because serving a dead token costs a refused call and renewing a live
// one costs only a token request.
export const DEFAULT_LIFETIME_MS = 5 * MINUTE_MS;
// Tokens said to be shorter-lived would be requested anew by almost every call.
export const MIN_LIFETIME_MS = 30 * SECOND_MS;
// No app token is worth keeping longer, whatever a damaged or hostile answer says.
export const MAX_LIFETIME_MS = 24 * 60 * MINUTE_MS;
// For the way to the provider and a clock that runs differently there.
const SAFETY_MARGIN_MS = MINUTE_MS;
const SAFETY_MARGIN_SHARE = 0.1;
const MAX_LEAD_MS = 15 * MINUTE_MS;
// Spread of the refresh over the first part of the lead, so that tokens and processes do not all refresh at once.
const JITTER_SHARE = 0.2;

/**
 * Until when a token may be used: `sentAt` (the request left; milliseconds since the epoch) plus its lifetime less a safety
 * margin. `expiresIn` is as the provider sent it, in seconds: text is read as a number; what is missing, not a number, zero
 * or negative is taken as {@link DEFAULT_LIFETIME_MS}; the rest is held between {@link MIN_LIFETIME_MS} and
 * {@link MAX_LIFETIME_MS}.
 */
export function expiryOf(expiresIn: unknown, sentAt: number): number {
  const lifetimeMs = lifetimeOf(expiresIn);
  return sentAt + lifetimeMs - Math.min(SAFETY_MARGIN_MS, lifetimeMs * SAFETY_MARGIN_SHARE);
}

function lifetimeOf(expiresIn: unknown): number {
  const seconds = typeof expiresIn === 'string' ? Number.parseFloat(expiresIn) : expiresIn;
  if (typeof seconds !== 'number' || Number.isNaN(seconds) || seconds <= 0) return DEFAULT_LIFETIME_MS;
  return Math.min(Math.max(Math.floor(seconds * SECOND_MS), MIN_LIFETIME_MS), MAX_LIFETIME_MS);
}

/**
 * When to renew a token that was obtained at `obtainedAt` and may be used until `expiresAt`: earlier than its end by half
 * its life, at most 15 minutes. `fraction` in [0, 1) delays it by up to a fifth of that.
 */
export function refreshTimeOf(token: { obtainedAt: number; expiresAt: number }, fraction: number): number {
  const lead = Math.min(MAX_LEAD_MS, Math.max(0, token.expiresAt - token.obtainedAt) / 2);
  return token.expiresAt - lead + lead * JITTER_SHARE * fraction;
}
