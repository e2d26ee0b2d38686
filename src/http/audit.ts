import type { FastifyInstance } from 'fastify';
import { auditRecordAt, listAudit } from '../audit/read.ts';
import { AUDIT_OUTCOMES, type AuditOutcome, type AuditRecord } from '../domain/audit-record.ts';
import type { Page } from '../domain/listing.ts';
import { Problem } from '../problems.ts';
import type { Store } from '../store/store.ts';
import { callerOf } from './authentication.ts';
import { invalid, listQuery, onlyParameters, textParameter, timeParameters } from './query.ts';

/** One page of a project's audit trail, newest first. */
export type AuditView = Page<AuditRecord>;

const FILTERS = ['actor', 'action', 'target'] as const;
const TIMES = ['since', 'until'] as const;
// Up to there numbers are exact, and places have as many digits.
const SEQ = /^[1-9]\d{0,14}$/;

/** `/audit`: who did what in the own project, and one record by its place. For operators, read-only. */
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

  app.get<{ Params: { seq: string } }>('/audit/:seq', async (request): Promise<AuditRecord> => {
    const { seq } = request.params;
    const record = SEQ.test(seq) ? await auditRecordAt(store, callerOf(request).project, Number(seq)) : undefined;
    if (!record)
      throw new Problem('not_found', 'There is no such record in the audit trail.', {
        hint: 'Check its number ("seq"); records are kept for as long as CORBEL_AUDIT_DAYS says.',
      });
    return record;
  });
}

function isOutcome(text: string): text is AuditOutcome {
  return AUDIT_OUTCOMES.some((outcome) => outcome === text);
}
