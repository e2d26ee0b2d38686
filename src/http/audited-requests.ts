import type { FastifyInstance, FastifyReply, FastifyRequest, RouteOptions } from 'fastify';
import { type Audit, outcomeOf } from '../audit/audit.ts';
import { auditEntry } from '../audit/entries.ts';
import type { Clock } from '../clock.ts';
import type { Registry } from '../connector/connector.ts';
import type { AuditEntry, AuditTarget } from '../domain/audit-record.ts';
import { createAttemptLimit } from '../link/attempt-limit.ts';
import { Problem } from '../problems.ts';
import type { Random } from '../random.ts';
import type { Store } from '../store/store.ts';
import { AUDIT_RULES, type AuditRule } from './audit-rules.ts';
import { endpointName, targetName } from './audit-target.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** What the trail will say of the request; undefined where it says nothing. */
    audited: AuditedRequest | undefined;
  }
}

type Done = (error: Error | null, payload?: unknown) => void;

interface AuditedRequest {
  project: string;
  entry: AuditEntry;
  begun: boolean;
  ended: boolean;
}

export interface AuditedRequestDependencies {
  store: Store;
  audit: Audit;
  clock: Clock;
  random: Random;
  registry: () => Registry;
}

// Every refused attempt of a program gone wild would fill the trail, which is kept for a year: then they are only counted.
const REFUSALS = { burst: 100, refillMs: 10_000 };
const MAX_REMEMBERED_KEYS = 10_000;
const HARMLESS_VALUE = /^[a-z_]{1,40}$/;
const ID = /^[a-z]{3}_[0-9A-Za-z]{22}$/;
const ACCOUNT_ID = /^acc_[0-9A-Za-z]{22}$/;
const UNKNOWN = 'unknown';

/**
 * Brings what {@link AUDIT_RULES} names into the trail, refused attempts as well, for every caller with a valid key. Must be
 * added before the routes. A change is written down before it is made; one that cannot be is refused (`store_unavailable`).
 */
export function auditRequests(app: FastifyInstance, dependencies: AuditedRequestDependencies): void {
  const { store, audit, clock, registry } = dependencies;
  const refusals = createAttemptLimit(clock, REFUSALS);
  /** Refused attempts that are not in the trail, by key. */
  const omitted = new Map<string, number>();
  app.decorateRequest('audited', undefined);

  app.addHook('onRoute', (route) => {
    // HEAD does all that GET does, but for the body of the answer.
    const method = route.method === 'HEAD' ? 'GET' : String(route.method);
    const rule = AUDIT_RULES[`${method} ${route.url}`];
    if (!rule) return;
    const fields = fieldsOf(route);
    const isConcerned = ({ key }: FastifyRequest) =>
      key !== undefined && !(rule.operatorsOnly && key.role !== 'operator');

    // Callbacks, not promises: calls by backends pass here too, and are not to wait for nothing.
    route.preHandler = [
      ...hooksOf(route.preHandler),
      (request: FastifyRequest, _reply: FastifyReply, done: (error?: Error) => void) => {
        if (!isConcerned(request)) done();
        else begin(request, rule, fields).then(() => done(), done);
      },
    ];
    route.preSerialization = [
      ...hooksOf(route.preSerialization),
      (request: FastifyRequest, _reply: FastifyReply, payload: unknown, done: Done) => {
        if (request.audited) completeTarget(request.audited.entry, payload);
        done(null, payload);
      },
    ];
    route.onSend = [
      ...hooksOf(route.onSend),
      (request: FastifyRequest, _reply: FastifyReply, payload: unknown, done: Done) => {
        if (!isConcerned(request)) done(null, payload);
        else
          end(request, rule, fields).then(
            () => done(null, payload),
            (error: Error) => done(error),
          );
      },
    ];
  });

  async function begin(request: FastifyRequest, rule: AuditRule, fields: readonly string[]): Promise<void> {
    const audited = await prepare(request, rule, fields);
    request.audited = audited;
    if (rule.when === 'behind') return;
    await audit.begin(audited.project, { ...audited.entry, outcome: 'unknown' });
    audited.begun = true;
  }

  async function prepare(request: FastifyRequest, rule: AuditRule, fields: readonly string[]): Promise<AuditedRequest> {
    const { key, consoleSession, params, body, ip } = request;
    if (!key) throw new Error('an audited request without a key');
    const id = rule.action === 'account.used' ? accountOf(request) : idIn((params as { id?: string }).id);
    const name = id === null ? null : await targetName(store, key.project, rule.target, id).catch(() => null);
    const target: AuditTarget = { type: rule.target, id, name };
    const given = typeof body === 'object' && body !== null ? Object.entries(body) : [];
    const actor = { key: key.id, name: key.name, role: key.role, via: consoleSession ? 'console' : 'api' } as const;
    const entry = auditEntry(dependencies, actor, {
      action: rule.action,
      target,
      // What is not a field of the route may be anything, also a secret.
      changes: given.map(([field]) => field).filter((field) => fields.includes(field)),
      details: Object.fromEntries(
        given
          .filter(([field, value]) => rule.values?.includes(field) && HARMLESS_VALUE.test(String(value)))
          .map(([field, value]) => [field, String(value)]),
      ),
      address: ip,
      request_id: request.id,
    });
    return { project: key.project, entry, begun: false, ended: false };
  }

  async function end(request: FastifyRequest, rule: AuditRule, fields: readonly string[]): Promise<void> {
    // Undefined when it was refused before it came to the handler.
    const audited = request.audited ?? (await prepare(request, rule, fields));
    request.audited = audited;
    // What the failure below answers comes by here again.
    if (audited.ended) return;
    audited.ended = true;
    const { project, entry, begun } = audited;
    const { problem, recorded } = request;
    const outcome = problem ? outcomeOf(problem) : ({ outcome: 'done', code: null } as const);
    const called = recorded?.action ?? null;
    // Callers may name anything, also a secret.
    const known = called !== null && registry().actions.has(called) ? called : UNKNOWN;
    const ended: AuditEntry = {
      ...entry,
      ...outcome,
      details: {
        ...entry.details,
        ...(called !== null && { called: known }),
        ...(recorded?.about.dryRun && { dry_run: 'true' }),
      },
    };
    const told = ended.outcome === 'refused' ? toldRefusal(ended) : ended;
    if (!told) {
      if (begun) audit.takeBack(entry);
    } else if (begun) await finish(project, told);
    else audit.note(project, told);
    if (ended.outcome === 'done') tellProject(project, ended);
  }

  /** Of what the root project's operators did to another project, its own trail tells too; not who of them, and from where. */
  function tellProject(by: string, { action, target, changes, actor }: AuditEntry): void {
    if (target?.type !== 'project' || target.id === null || target.id === by) return;
    const root = { ...actor, key: null, name: null };
    audit.note(target.id, auditEntry(dependencies, root, { action, target, changes, details: { by: 'root_project' } }));
  }

  async function finish(project: string, entry: AuditEntry): Promise<void> {
    try {
      await audit.finish(project, entry);
    } catch (cause) {
      // The trail says later what became of it; to repeat it could do it twice.
      throw new Problem('store_unavailable', 'It may have been done, but the audit trail could not be written.', {
        hint: 'Look whether it was done before repeating it.',
        retryable: false,
        cause,
      });
    }
  }

  /** The entry of a refused attempt as it is to be told; undefined when its key had too many of them. */
  function toldRefusal(entry: AuditEntry): AuditEntry | undefined {
    const key = entry.actor.key ?? '';
    const before = omitted.get(key) ?? 0;
    if (refusals.take(key) !== undefined) {
      if (omitted.size >= MAX_REMEMBERED_KEYS) omitted.clear();
      omitted.set(key, before + 1);
      return undefined;
    }
    omitted.delete(key);
    const details = before === 0 ? entry.details : { ...entry.details, refusals_omitted: String(before) };
    return { ...entry, details };
  }
}

/** Names of the fields that a route's body has. */
function fieldsOf(route: RouteOptions): string[] {
  const body = route.schema?.body as { properties?: Record<string, unknown> } | undefined;
  return Object.keys(body?.properties ?? {});
}

function hooksOf<Hook>(hooks: Hook | Hook[] | undefined): Hook[] {
  if (hooks === undefined) return [];
  return Array.isArray(hooks) ? hooks : [hooks];
}

/** What stands in a path may be anything, also a secret; what is no id names nothing. */
function idIn(text: string | undefined): string | null {
  return text !== undefined && ID.test(text) ? text : null;
}

function accountOf({ headers }: FastifyRequest): string | null {
  const account = headers['x-account-id'];
  return typeof account === 'string' && ACCOUNT_ID.test(account) ? account : null;
}

/** What is known of a target only when it is there: of something new, and of what has another name now. */
function completeTarget(entry: AuditEntry, payload: unknown): void {
  const { target } = entry;
  if (!target || typeof payload !== 'object' || payload === null) return;
  const { id, name, owner_name, owner_id, url } = payload as Record<string, unknown>;
  if (target.id === null && typeof id === 'string') target.id = id;
  const told = [name, owner_name, owner_id].find((text) => typeof text === 'string');
  if (target.name === null && typeof told === 'string') target.name = told;
  if (target.type === 'webhook_endpoint' && typeof url === 'string') target.name = endpointName(url);
}
