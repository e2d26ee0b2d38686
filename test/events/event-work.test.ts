import { Webhook } from 'standardwebhooks';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { changeAccount, deleteAccount } from '../../src/domain/account.ts';
import { deleteEndpoint, getEndpoint, rotateSecret } from '../../src/domain/webhook-endpoint.ts';
import { RETRY_DELAYS_MS } from '../../src/events/delivery.ts';
import { createOnGrantDead, createOnGrantRevived } from '../../src/events/grant-death.ts';
import { Problem } from '../../src/problems.ts';
import { systemRandom } from '../../src/random.ts';
import { type EventStage, PROJECT, setEventStage } from './stage.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

let stage: EventStage;
beforeEach(async () => {
  stage = await setEventStage();
});
afterEach(() => stage.close());

const received = () => stage.receiver.received.map(({ body }) => JSON.parse(body));
const created = async (id: string) =>
  stage.outbox.tell({ project: PROJECT, account: id, type: 'account.created' }, () => stage.account(id));
const ID = `acc_${'a'.repeat(22)}`;

describe('an event', () => {
  it('reaches every endpoint that wants it, signed so that the library of Standard Webhooks accepts it', async () => {
    const { secret } = await stage.endpoint();
    await stage.endpoint({ events: ['account.deleted'] });
    await stage.endpoint({ enabled: false });
    await created(ID);
    await stage.pump();
    expect(stage.receiver.received).toHaveLength(1);
    const [{ body = '', headers = {} } = {}] = stage.receiver.received;
    const payload = new Webhook(secret.reveal()).verify(body, headers as Record<string, string>);
    expect(payload).toEqual({
      type: 'account.created',
      timestamp: new Date(stage.now()).toISOString(),
      data: { project: PROJECT, account: expect.objectContaining({ id: ID, status: 'active', owner_id: 'owner' }) },
    });
    expect(headers['webhook-id']).toMatch(/^evt_[0-9A-Za-z]{22}$/);
    expect(() => new Webhook('whsec_AAAA').verify(body, headers as Record<string, string>)).toThrow();
  });

  it('is signed with the old secret too for a day after a rotation', async () => {
    const { endpoint, secret: old } = await stage.endpoint();
    const { secret } = await rotateSecret(stage.store, stage.vault, systemRandom, stage.now(), PROJECT, endpoint.id);
    const verified = async () => {
      await created(`acc_${systemRandom.bytes(11).toString('hex')}`);
      await stage.pump();
      const { body = '', headers = {} } = stage.receiver.received.at(-1) ?? {};
      const at = new Date(Number(headers['webhook-timestamp']) * 1_000);
      const signatures = String(headers['webhook-signature']).split(' ');
      return [secret, old].map((one) =>
        signatures.includes(new Webhook(one.reveal()).sign(String(headers['webhook-id']), at, body)),
      );
    };
    expect(await verified()).toEqual([true, true]);
    stage.advance(DAY_MS + 1);
    expect(await verified()).toEqual([true, false]);
  });

  it('is tried again for three days with the same id and payload, and then given up', async () => {
    const { endpoint } = await stage.endpoint();
    stage.receiver.answer = { status: 500, body: 'secret words of the receiver' };
    await created(ID);
    const begun = stage.now();
    const times: number[] = [];
    for (let due = await stage.nextDue(); due !== undefined; due = await stage.nextDue()) {
      stage.advance(due - stage.now());
      await stage.pump();
      times.push(stage.now() - begun);
    }
    expect(stage.receiver.received).toHaveLength(RETRY_DELAYS_MS.length + 1);
    expect(new Set(stage.receiver.received.map(({ headers, body }) => `${headers['webhook-id']} ${body}`)).size).toBe(
      1,
    );
    expect(stage.now() - begun).toBeGreaterThan(2.4 * DAY_MS);
    expect(stage.now() - begun).toBeLessThan(3.6 * DAY_MS);
    const waits = [...new Set(times)].map((time, index, all) => time - (all[index - 1] ?? 0)).slice(1);
    for (const [index, wait] of waits.entries()) {
      expect(wait / (RETRY_DELAYS_MS[index] ?? 0)).toBeGreaterThanOrEqual(0.79);
      expect(wait / (RETRY_DELAYS_MS[index] ?? 0)).toBeLessThanOrEqual(1.21);
    }
    const [delivery] = await stage.deliveries(endpoint.id);
    expect(delivery).toMatchObject({ state: 'failed', tries: 10, next_attempt_at: null });
    expect(delivery?.attempts[0]).toMatchObject({ status: 500, error: 'refused' });
    expect(JSON.stringify(delivery)).not.toContain('secret words');
  });

  it('waits as long as the endpoint asks for, at most a day', async () => {
    const { endpoint } = await stage.endpoint();
    stage.receiver.answer = { status: 503, headers: { 'retry-after': '7200' } };
    await created(ID);
    await stage.pump();
    const [delivery] = await stage.deliveries(endpoint.id);
    expect(Date.parse(delivery?.next_attempt_at ?? '') - stage.now()).toBe(2 * HOUR_MS);
  });

  it('disables an endpoint that answers with 410, and is sent there no more', async () => {
    const { endpoint } = await stage.endpoint();
    stage.receiver.answer = { status: 410 };
    await created(ID);
    await stage.pump();
    expect(await getEndpoint(stage.store, PROJECT, endpoint.id)).toMatchObject({
      enabled: false,
      disabled_reason: 'gone',
    });
    expect(await stage.deliveries(endpoint.id)).toMatchObject([{ state: 'failed' }]);
    expect(await stage.nextDue()).toBeUndefined();
  });

  it.each([
    ['a redirect', { status: 302, headers: { location: '/elsewhere' } }, 'provider_redirect_refused'],
    ['an endless answer', { status: 200, body: 'x'.repeat(100_000) }, 'provider_response_too_large'],
  ])('takes %s for a failure and keeps nothing of it', async (_title, answer, error) => {
    const { endpoint } = await stage.endpoint();
    stage.receiver.answer = answer;
    await created(ID);
    await stage.pump();
    expect(stage.receiver.received.map(({ path }) => path)).toEqual(['/hook']);
    expect(await stage.deliveries(endpoint.id)).toMatchObject([
      { state: 'pending', attempts: [{ status: null, error }] },
    ]);
  });

  it.each(['http://10.0.0.1/', 'https://169.254.169.254/', 'https://[::1]:1/'])(
    'is not sent to %s when the door refuses it',
    async (url) => {
      const { endpoint } = await stage.endpoint({ url });
      await created(ID);
      await stage.pump();
      const [delivery] = await stage.deliveries(endpoint.id);
      expect(delivery?.attempts[0]?.error).toBe('host_refused');
    },
  );

  it('is handed out once, however often the work for it is done', async () => {
    await stage.endpoint();
    await created(ID);
    const due = await stage.dueNow();
    await stage.pump();
    for (const { project, event } of due) await stage.queue.add(stage.now(), { project, event, endpoint: null });
    await stage.pump();
    expect(stage.receiver.received).toHaveLength(1);
    expect(await stage.nextDue()).toBeUndefined();
  });

  it('is not sent to an endpoint that was deleted, or made later', async () => {
    const { endpoint } = await stage.endpoint();
    await created(ID);
    await deleteEndpoint(stage.store, PROJECT, endpoint.id);
    stage.advance(1);
    await stage.endpoint();
    await stage.pump();
    expect(stage.receiver.received).toEqual([]);
    expect(await stage.nextDue()).toBeUndefined();
  });
});

it('has at most twenty endpoints in a project', async () => {
  for (let made = 0; made < 20; made += 1) await stage.endpoint();
  await expect(stage.endpoint()).rejects.toMatchObject({ code: 'request_invalid' });
});

describe('a process that dies in the middle of a change', () => {
  const never = new Promise<never>(() => {});
  /** Everything up to the change, the change, and nothing of what comes after it. */
  async function die(
    type: 'account.created' | 'account.deleted' | 'account.reauth_required',
    change: () => Promise<unknown>,
  ) {
    const changed = Promise.withResolvers<void>();
    void stage.outbox.tell({ project: PROJECT, account: ID, type }, async () => {
      await change();
      changed.resolve();
      return never;
    });
    await changed.promise;
  }
  const later = async () => {
    await stage.pump();
    expect(received()).toEqual([]);
    stage.advance(30_000);
    await stage.pump();
    return received().map(({ type, data }) => [type, data.account.id]);
  };

  it('has its event told by another when the change was made', async () => {
    await stage.endpoint();
    await die('account.created', () => stage.account(ID));
    expect(await later()).toEqual([['account.created', ID]]);
  });

  it('has no event told when the change was not made', async () => {
    await stage.endpoint();
    await die('account.created', async () => {});
    expect(await later()).toEqual([]);
    expect(await stage.nextDue()).toBeUndefined();
  });

  it('has a deletion told with the account as it was', async () => {
    await stage.endpoint();
    await stage.account(ID);
    await die('account.deleted', () => deleteAccount(stage.store, PROJECT, ID));
    expect(await later()).toEqual([['account.deleted', ID]]);
    expect(received()[0].data.account.owner_id).toBe('owner');
  });

  it('has no deletion told when the account is still there', async () => {
    await stage.endpoint();
    await stage.account(ID);
    await die('account.deleted', async () => {});
    expect(await later()).toEqual([]);
  });
});

describe('a change that is not made', () => {
  it.each([
    ['rejects', async () => Promise.reject(new Problem('version_conflict', 'x'))],
    ['has nothing to change', async () => undefined],
  ])('is not told when it %s', async (_title, change) => {
    await stage.endpoint();
    await stage.account(ID);
    await stage.outbox
      .tell({ project: PROJECT, account: ID, type: 'account.updated' }, change)
      .catch((error: unknown) => expect(error).toMatchObject({ code: 'version_conflict' }));
    stage.advance(HOUR_MS);
    await stage.pump();
    expect(received()).toEqual([]);
    expect(await stage.nextDue()).toBeUndefined();
  });
});

describe('a dead grant', () => {
  const audited: string[] = [];
  const audit = { noteServer: (_project: string, { action }: { action: string }) => void audited.push(action) };
  const news = () => ({ ...stage, events: stage.outbox, audit, logger: { warn: () => {} } as never });
  const statusOf = async () => (await changeAccount(stage.store, stage.now(), PROJECT, ID, () => ({}))).status;

  it('marks its account once, however often and by however many it is told', async () => {
    await stage.endpoint();
    await stage.account(ID);
    const onDead = createOnGrantDead(news());
    await Promise.all(Array.from({ length: 20 }, () => onDead(PROJECT, ID, 'grant_refused')));
    await onDead(PROJECT, ID, 'grant_expired');
    await stage.pump();
    expect(received()).toMatchObject([
      {
        type: 'account.reauth_required',
        data: { account: { status: 'reauth_required', status_reasons: [{ code: 'grant_refused' }] } },
      },
    ]);
    expect(received()[0].data.account.status_history).toHaveLength(2);
  });

  it('leaves a suspended account suspended, and a deleted one deleted', async () => {
    await stage.account(ID);
    await changeAccount(stage.store, stage.now(), PROJECT, ID, () => ({ status: 'inactive' }));
    const onDead = createOnGrantDead(news());
    await onDead(PROJECT, ID, 'grant_refused');
    expect(await statusOf()).toBe('inactive');
    await deleteAccount(stage.store, PROJECT, ID);
    await onDead(PROJECT, ID, 'grant_refused');
    await expect(statusOf()).rejects.toMatchObject({ code: 'account_not_found' });
  });

  it('that turns out to live has the mark taken off', async () => {
    await stage.account(ID);
    await createOnGrantDead(news())(PROJECT, ID, 'refresh_uncertain');
    expect(await statusOf()).toBe('reauth_required');
    const onRevived = createOnGrantRevived(news());
    await onRevived(PROJECT, ID);
    await onRevived(PROJECT, ID);
    expect(await statusOf()).toBe('active');
    expect(audited.slice(-2)).toEqual(['grant.died', 'grant.revived']);
  });
});
