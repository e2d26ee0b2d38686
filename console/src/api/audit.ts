import { queryOptions } from '@tanstack/react-query';
import type { AuditRecord } from '../../../src/domain/audit-record.ts';
import type { AuditView } from '../../../src/http/audit.ts';
import { type ApiClient, path } from './client.ts';
import { listOptions } from './lists.ts';

export type { AuditRecord };

export interface AuditFilters {
  actor?: string | undefined;
  action?: string | undefined;
  target?: string | undefined;
  outcome?: AuditRecord['outcome'] | undefined;
  /** ISO 8601. */
  since?: string | undefined;
  until?: string | undefined;
}

export const auditKeys = {
  all: ['audit'] as const,
  list: (filters: AuditFilters) => ['audit', 'list', filters] as const,
  one: (seq: string) => ['audit', 'one', seq] as const,
};

export const auditOptions = (api: ApiClient, filters: AuditFilters = {}) =>
  listOptions<AuditRecord, AuditView>(api, auditKeys.list(filters), '/audit', { limit: 50, ...filters });

/** By its place in the trail. */
export const auditRecordOptions = (api: ApiClient, seq: string) =>
  queryOptions({
    queryKey: auditKeys.one(seq),
    queryFn: ({ signal }) => api.request<AuditRecord>('GET', path`/audit/${seq}`, { signal }),
    // Records never change.
    staleTime: Number.POSITIVE_INFINITY,
  });
