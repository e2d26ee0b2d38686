import type { Clock } from '../clock.ts';
import type { AuditActor, AuditEntry } from '../domain/audit-record.ts';
import { newRequestId } from '../domain/ids.ts';
import { maskSecrets } from '../logger.ts';
import type { Random } from '../random.ts';

/** What one has to tell of something that was done; the rest is usual. */
export type AuditDeed = Pick<AuditEntry, 'action' | 'target'> &
  Partial<Pick<AuditEntry, 'changes' | 'details' | 'outcome' | 'code' | 'address' | 'request_id'>>;

export const SERVER: AuditActor = { key: null, name: null, role: null, via: 'server' };

/** An entry with an id of its own, done now. */
export function auditEntry(
  { random, clock }: { random: Random; clock: Clock },
  actor: AuditActor,
  deed: AuditDeed,
): AuditEntry {
  const now = clock.now();
  return {
    // Made as ids of requests are, so that later ones sort behind.
    id: newRequestId(random, now).replace(/^req_/, 'aud_'),
    at: new Date(now).toISOString(),
    actor,
    changes: [],
    details: {},
    outcome: 'done',
    code: null,
    address: null,
    request_id: null,
    ...deed,
  };
}

/** What the server did by itself. */
export function serverEntry(deps: { random: Random; clock: Clock }, deed: AuditDeed): AuditEntry {
  return auditEntry(deps, SERVER, deed);
}

// Names are texts that people typed; a secret that got there by mistake is found in so much.
const MAX_NAME_CHARS = 200;

/** The entry with everything masked in it that has the form of a secret. */
export function masked(entry: AuditEntry): AuditEntry {
  const text = (given: string) => maskSecrets(given.slice(0, MAX_NAME_CHARS));
  const name = (given: string | null) => (given === null ? null : text(given));
  const { actor, target, details } = entry;
  return {
    ...entry,
    actor: { ...actor, name: name(actor.name) },
    target: target && { ...target, name: name(target.name) },
    details: Object.fromEntries(Object.entries(details).map(([field, value]) => [field, text(value)])),
  };
}
