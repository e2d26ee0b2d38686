/** What of a route's requests comes into the audit trail. */
export interface AuditRule {
  action: string;
  /** Kind of the resource; its id is the `id` of the path, else that of the answer. */
  target: string;
  /**
   * `before`: written down before it is done and again before the answer, which is refused if it cannot be. `behind`: written
   * soon, without anybody waiting for it.
   */
  when: 'before' | 'behind';
  /** Only requests with an operator's key; others' stand in the request log. */
  operatorsOnly?: true;
  /** Fields of the body that are harmless to show: words of a fixed list, or booleans. */
  values?: readonly string[];
}

const change = (target: string, deed: string, values?: readonly string[]): AuditRule => ({
  action: `${target}.${deed}`,
  target,
  when: 'before',
  ...(values && { values }),
});
/** For what is asked for again and again. */
const use = (target: string, deed: string): AuditRule => ({
  action: `${target}.${deed}`,
  target,
  when: 'behind',
  operatorsOnly: true,
});

/** By method and path. Every route that changes something or uses a credential; a test holds it against the routes. */
export const AUDIT_RULES: Readonly<Record<string, AuditRule>> = {
  'POST /connector_profiles': change('connector_profile', 'created', ['enabled']),
  'PATCH /connector_profiles/:id': change('connector_profile', 'updated', ['enabled']),
  'DELETE /connector_profiles/:id': change('connector_profile', 'deleted'),
  'POST /connector_profiles/:id/test': change('connector_profile', 'tested'),
  'POST /accounts': change('account', 'created'),
  'PATCH /accounts/:id': change('account', 'updated'),
  'DELETE /accounts/:id': change('account', 'deleted'),
  'POST /accounts/:id/suspend': change('account', 'suspended'),
  'POST /accounts/:id/resume': change('account', 'resumed'),
  'PUT /accounts/:id/credential': change('account', 'credential_replaced', ['allow_identity_change']),
  'GET /accounts/:id/credential': use('account', 'credential_read'),
  'POST /accounts/:id/refresh': change('account', 'refreshed'),
  'POST /accounts/:id/diagnose': change('account', 'diagnosed'),
  'POST /actions/:id': use('account', 'used'),
  'POST /actions/rpc': use('account', 'used'),
  'POST /api_keys': change('api_key', 'created', ['role']),
  'PATCH /api_keys/:id': change('api_key', 'updated'),
  'DELETE /api_keys/:id': change('api_key', 'revoked'),
  'POST /webhook_endpoints': change('webhook_endpoint', 'created', ['enabled']),
  'PATCH /webhook_endpoints/:id': change('webhook_endpoint', 'updated', ['enabled']),
  'DELETE /webhook_endpoints/:id': change('webhook_endpoint', 'deleted'),
  'POST /webhook_endpoints/:id/rotate_secret': change('webhook_endpoint', 'secret_rotated'),
  'POST /webhook_endpoints/:id/redeliver': change('webhook_endpoint', 'redelivered'),
  'POST /connect_sessions': change('connect_session', 'created', ['flow', 'allow_identity_change']),
  'DELETE /connect_sessions/:id': change('connect_session', 'cancelled'),
  'PUT /project_settings': change('project_settings', 'updated'),
  'POST /projects': change('project', 'created'),
  'PATCH /projects/:id': change('project', 'updated'),
};
