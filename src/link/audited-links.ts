import type { Audit } from '../audit/audit.ts';
import type { AuditDeed } from '../audit/entries.ts';
import type { ConnectSession } from '../domain/connect-session.ts';
import type { Grants } from '../oauth/grants.ts';
import type { SessionEnd } from './session-end.ts';

type ServerAudit = Pick<Audit, 'noteServer'>;

/** Has the trail tell how links end by what end users do. What callers of the API do is told with their requests. */
export function auditedEnds(ends: SessionEnd, audit: ServerAudit): SessionEnd {
  function note(session: ConnectSession, deed: Pick<AuditDeed, 'action'> & Partial<AuditDeed>): void {
    const { project, account_id, owner_name, owner_id, id } = session;
    const target = { type: 'account', id: account_id, name: owner_name ?? owner_id };
    audit.noteServer(project, { target, details: { connect_session: id }, ...deed });
  }
  /** Refused, failed or cancelled: nothing was linked. */
  function notLinked(session: ConnectSession, deed: string): void {
    const { id, project, owner_name, owner_id, error } = session;
    const target = { type: 'connect_session', id, name: owner_name ?? owner_id };
    audit.noteServer(project, {
      action: `connect_session.${deed}`,
      target,
      outcome: deed === 'failed' ? 'failed' : 'done',
      code: error?.code ?? null,
    });
  }
  return {
    claim: ends.claim,
    async authenticated(claimed) {
      const session = await ends.authenticated(claimed);
      if (session.state === 'authenticated')
        note(session, { action: session.relink ? 'account.relinked' : 'account.linked' });
      return session;
    },
    async failed(claimed, error) {
      const session = await ends.failed(claimed, error);
      notLinked(session, 'failed');
      return session;
    },
    async denied(claimed, error) {
      const session = await ends.denied(claimed, error);
      notLinked(session, 'denied');
      return session;
    },
    async cancelled(before) {
      const session = await ends.cancelled(before);
      if (before.state !== 'cancelled') notLinked(session, 'cancelled');
      return session;
    },
  };
}

/** Has the trail tell which grants the server removes by itself while it links. */
export function auditedRemovals(
  grants: Pick<Grants, 'install' | 'remove'>,
  audit: ServerAudit,
): Pick<Grants, 'install' | 'remove'> {
  return {
    install: (...given) => grants.install(...given),
    async remove(project, account, client) {
      const removed = await grants.remove(project, account, client);
      if (removed.revoked !== 'nothing') {
        const target = { type: 'account', id: account, name: null };
        audit.noteServer(project, { action: 'grant.removed', target, details: { revoked: removed.revoked } });
      }
      return removed;
    },
  };
}
