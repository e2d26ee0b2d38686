import type { FastifyInstance } from 'fastify';
import { listAudit } from '../audit/read.ts';
import { AUDIT_OUTCOMES, type AuditOutcome, type AuditRecord } from '../domain/audit-record.ts';
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
      onlyParameters(query, [...FILTERS, 'outcome', ...TIMES, 'limit', 'next']);
      const { times, errors } = timeParameters(query, TIMES);
      const outcome = textParameter(query, 'outcome');
      if (outcome !== undefined && !isOutcome(outcome))
        errors.push({ path: '/outcome', message: `must be one of ${AUDIT_OUTCOMES.join(', ')}` });
      if (errors.length > 0) throw invalid(errors);
      const filters = {
        ...Object.fromEntries(FILTERS.map((name) => [name, textParameter(query, name)])),
        ...(outcome !== undefined && isOutcome(outcome) && { outcome }),
        ...times,
      };
      return listAudit(store, callerOf(request).project, filters, listQuery(query));
    },
  );
}

function isOutcome(text: string): text is AuditOutcome {
  return AUDIT_OUTCOMES.some((outcome) => outcome === text);
}
