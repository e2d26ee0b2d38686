import type { FastifyInstance } from 'fastify';
import { listAudit } from '../audit/read.ts';
import type { AuditRecord } from '../domain/audit-record.ts';
import type { Page } from '../domain/listing.ts';
import type { Store } from '../store/store.ts';
import { callerOf } from './authentication.ts';
import { invalid, listQuery, onlyParameters, textParameter, timeParameters } from './query.ts';

/** One page of a project's audit trail, newest first. */
export type AuditView = Page<AuditRecord>;

const FILTERS = ['actor', 'action', 'target'] as const;
const TIMES = ['since', 'until'] as const;

/** `/audit`: who did what in the own project. For operators, read-only. */
export function auditRoutes(app: FastifyInstance, store: Pick<Store, 'get' | 'list'>): void {
  app.get<{ Querystring: Record<string, string | string[] | undefined> }>(
    '/audit',
    async (request): Promise<AuditView> => {
      const { query } = request;
      onlyParameters(query, [...FILTERS, ...TIMES, 'limit', 'next']);
      const { times, errors } = timeParameters(query, TIMES);
      if (errors.length > 0) throw invalid(errors);
      const filters = { ...Object.fromEntries(FILTERS.map((name) => [name, textParameter(query, name)])), ...times };
      return listAudit(store, callerOf(request).project, filters, listQuery(query));
    },
  );
}
