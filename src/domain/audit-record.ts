import { createHash } from 'node:crypto';
import type { RecordKey } from '../store/store.ts';
import type { Role } from './api-key.ts';

/** How somebody did it: with a key at the API, signed in at the console, at the command line, or the server by itself. */
export const AUDIT_CHANNELS = ['api', 'console', 'cli', 'server'] as const;
export type AuditChannel = (typeof AUDIT_CHANNELS)[number];

/** `refused`: nothing came of it, for the caller's own reasons. `unknown`: the process died before it could tell. */
export const AUDIT_OUTCOMES = ['done', 'refused', 'failed', 'unknown'] as const;
export type AuditOutcome = (typeof AUDIT_OUTCOMES)[number];

export interface AuditActor {
  /**
   * Id, name and role of the API key; null for the server, for the command line, and where nobody had signed in. Of the root
   * project's operators, where they change another project, the role alone.
   */
  key: string | null;
  /** At the command line the name of the machine's user, where it has one. */
  name: string | null;
  role: Role | null;
  via: AuditChannel;
}

export interface AuditTarget {
  /** Kind of resource, such as `connector_profile`. */
  type: string;
  id: string | null;
  name: string | null;
}

/** What somebody did, before it has a place in the trail. Holds no secret: names of changed fields, and harmless values. */
export interface AuditEntry {
  id: string;
  /** ISO 8601. */
  at: string;
  actor: AuditActor;
  action: string;
  target: AuditTarget | null;
  /** Names of the fields that were given. */
  changes: string[];
  details: Record<string, string>;
  outcome: AuditOutcome;
  /** Of the problem that was answered. */
  code: string | null;
  address: string | null;
  request_id: string | null;
}

/** One link of a project's chain. */
export interface AuditRecord extends AuditEntry {
  /** From 1, without gaps. */
  seq: number;
  /** Of the record before, {@link GENESIS_HASH} for the first. */
  previous_hash: string;
  /** SHA-256 of all else, as canonical JSON (RFC 8785), in hexadecimal. */
  hash: string;
}

/** A place in the chain. */
export interface AuditPlace {
  seq: number;
  hash: string;
}

export const AUDIT_KIND = 'audit_record';
/** What the first record follows. */
export const GENESIS_HASH = '0'.repeat(64);
/** Before the first record. */
export const AUDIT_START: AuditPlace = { seq: 0, hash: GENESIS_HASH };

// Ids sort as texts: at a thousand records a second this lasts for 31,000 years.
const SEQ_DIGITS = 15;

/** Where the record of a place is kept. */
export function auditKey(project: string, seq: number): RecordKey {
  return { partition: project, kind: AUDIT_KIND, id: auditPlaceId(seq) };
}

/** Sorts as the places do. */
export function auditPlaceId(seq: number): string {
  return `aud_${String(seq).padStart(SEQ_DIGITS, '0')}`;
}

/** The record of a stored text; undefined for what no server wrote, which the stores cannot keep others from writing. */
export function parseAuditRecord(value: string): AuditRecord | undefined {
  try {
    const parsed = JSON.parse(value) as Partial<AuditRecord> | null;
    const { id, at, action, actor } = parsed ?? {};
    const texts = [id, at, action].every((text) => typeof text === 'string');
    return texts && typeof actor === 'object' && actor !== null ? (parsed as AuditRecord) : undefined;
  } catch {
    return undefined;
  }
}

/** The record of an entry behind the given place. */
export function chained(entry: AuditEntry, after: AuditPlace): AuditRecord {
  const unhashed = { ...entry, seq: after.seq + 1, previous_hash: after.hash };
  return { ...unhashed, hash: hashOf(unhashed) };
}

/** The hash that a record should have. */
export function auditHash({ hash: _hash, ...record }: AuditRecord): string {
  return hashOf(record);
}

function hashOf(record: Omit<AuditRecord, 'hash'>): string {
  return createHash('sha256').update(canonicalJson(record)).digest('hex');
}

/**
 * JSON with the members in the order of their names (RFC 8785 §3.2.3; `JSON.stringify` does the rest of it). The order of
 * what was stored must not matter, nor what a reader makes of it.
 */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  // By UTF-16 code units, as RFC 8785 wants.
  members.sort(([one], [other]) => (one < other ? -1 : 1));
  return `{${members.map(([name, member]) => `${JSON.stringify(name)}:${canonicalJson(member)}`).join(',')}}`;
}
