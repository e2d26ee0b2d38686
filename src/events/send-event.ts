import { Webhook } from 'standardwebhooks';
import type { Clock } from '../clock.ts';
import { type AccountEvent, eventPayload } from '../domain/account-event.ts';
import { signingSecrets, type WebhookEndpoint } from '../domain/webhook-endpoint.ts';
import { Problem } from '../problems.ts';
import type { Door } from '../upstream/types.ts';
import type { DeliveryAttempt } from './delivery.ts';

export interface SentEvent {
  attempt: DeliveryAttempt;
  /** What the endpoint asks for. */
  retryAfterMs: number | undefined;
}

// A receiver is to take the event and answer, and to work on it afterwards (Standard Webhooks: 15 to 30 s at most).
const DEADLINE_MS = 10_000;
// Receivers answer with little or nothing. It is read to its end, for the connection's sake, and forgotten.
const MAX_RESPONSE_BYTES = 64 * 1024;

/**
 * One attempt to deliver an event, signed as Standard Webhooks prescribes. Never rejects: what went wrong is part of the
 * attempt, as a code, never as what the endpoint said.
 */
export async function sendEvent(
  { door, clock }: { door: Door; clock: Clock },
  endpoint: WebhookEndpoint,
  event: AccountEvent,
): Promise<SentEvent> {
  const startedAt = clock.now();
  const at = new Date(startedAt);
  const payload = eventPayload(event);
  const url = new URL(endpoint.url);
  let retryAfterMs: number | undefined;
  let attempts = 0;
  const ended = (status: number | null, error: string | null): SentEvent => ({
    attempt: { at: at.toISOString(), duration_ms: clock.now() - startedAt, status, error },
    retryAfterMs,
  });
  try {
    const signatures = signingSecrets(endpoint, startedAt).map((secret) =>
      new Webhook(secret.reveal()).sign(event.id, at, payload),
    );
    const { status } = await door.send(
      {
        method: 'POST',
        url,
        headers: {
          'content-type': 'application/json',
          'user-agent': 'corbel-webhooks',
          'webhook-id': event.id,
          'webhook-timestamp': String(Math.floor(startedAt / 1_000)),
          'webhook-signature': signatures.join(' '),
        },
        body: payload,
      },
      {
        allowedOrigins: new Set([url.origin]),
        deadlineAt: startedAt + DEADLINE_MS,
        maxResponseBytes: MAX_RESPONSE_BYTES,
        retry: 'unsent',
        onAttempt: (attempt) => {
          retryAfterMs = attempt.retryAfterMs;
        },
        beforeAttempt: async () => {
          attempts += 1;
          // Repeating is the schedule's business, which other processes know of, too.
          if (attempts > 1) throw new Problem('provider_unreachable', 'One attempt at a time.');
        },
      },
    );
    return ended(status, status >= 200 && status <= 299 ? null : 'refused');
  } catch (error) {
    return ended(null, error instanceof Problem ? error.code : 'internal');
  }
}
