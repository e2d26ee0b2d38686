import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { ApiProblem } from '../../../console/src/api/problem.ts';
import { rebase } from '../../../console/src/drafts/rebase.ts';
import { DELETED_AT_ONCE, deleteAccounts } from '../../../console/src/pages/connector-profiles/delete-accounts.ts';
import { profileChange, withoutSecrets } from '../../../console/src/pages/connector-profiles/profile-draft.ts';
import { readDrafts } from '../../../console/src/schema-form/drafts.ts';

describe('a draft of something that others change meanwhile', () => {
  const base = { name: 'One', scopes: ['a', 'b'], actions: null as string[] | null, credentials: { client_id: 'x' } };

  it('keeps what was typed, and takes over the rest', () => {
    const draft = { ...base, name: 'Mine', credentials: { client_id: 'x', client_secret: 'typed' } };
    const newer = { ...base, scopes: ['c'], credentials: { client_id: 'y' } };
    expect(rebase<object>(base, newer, draft)).toEqual({
      draft: { ...newer, name: 'Mine', credentials: { client_id: 'y', client_secret: 'typed' } },
      conflicts: [],
    });
  });

  it('tells what was changed on both sides, and only that', () => {
    const draft = { ...base, name: 'Mine', scopes: ['b'], actions: ['do'], credentials: { client_id: 'z' } };
    const newer = { ...base, name: 'Theirs', scopes: ['b'], credentials: { client_id: 'y' } };
    const { draft: after, conflicts } = rebase(base, newer, draft);
    expect(after).toEqual(draft);
    expect(conflicts).toEqual(['name', 'client_id']);
  });

  it('takes a list for a set, and a setting that went for gone', () => {
    const before = { scopes: ['a', 'b'], settings: { region: 'US' } };
    const newer = { scopes: ['c'], settings: {} };
    expect(rebase<object>(before, newer, { ...before, scopes: ['b', 'a'] })).toEqual({ draft: newer, conflicts: [] });
  });

  it('is sent as far as it differs, and without its secrets afterwards unless they were typed since', () => {
    const typed = { ...base, name: ' One ', credentials: { client_id: 'x ', client_secret: '' } };
    expect(profileChange(base, typed)).toBeUndefined();
    const sent = { ...typed, credentials: { client_id: '', client_secret: ' s ' } };
    expect(profileChange(base, sent)).toEqual({ client_id: '', client_secret: 's' });
    expect(withoutSecrets(sent, sent).credentials).toEqual({ client_id: '' });
    const since = { ...sent, credentials: { client_secret: 'another' } };
    expect(withoutSecrets(sent, since).credentials).toEqual({ client_secret: 'another' });
  });

  it('has no number that JSON would make another one of', () => {
    const fields = ['integer', 'number'].map((type) => ({ name: type, schema: { type }, required: true }));
    const { errors } = readDrafts(fields, { integer: '12345678901234567890', number: '1e999' });
    expect(Object.keys(errors)).toEqual(['integer', 'number']);
  });
});

describe('deleting many accounts', () => {
  const rows = (from: number, count: number) =>
    Array.from({ length: count }, (_, index) => ({
      id: `acc_${from + index}`,
      owner_id: `${from + index}`,
      owner_name: null,
    }));
  const refusal = (code: 'provider_failed' | 'server_unreachable' | 'account_not_found') =>
    new ApiProblem({ title: code, detail: code, status: 0, code, retryable: false } as ApiProblem['document']);

  function run(remove: (id: string) => Promise<void>, signal = new AbortController().signal) {
    const told = { deleted: 0, failed: [] as string[], pages: 0, most: 0 };
    let running = 0;
    const done = deleteAccounts({
      async list(next) {
        told.pages += 1;
        const page = Number(next ?? 0);
        return { data: rows(page * 10, 10), next: page === 4 ? null : String(page + 1) };
      },
      async remove(id) {
        running += 1;
        told.most = Math.max(told.most, running);
        await delay(1);
        running -= 1;
        await remove(id);
      },
      signal,
      onDeleted: () => {
        told.deleted += 1;
      },
      onFailed: ({ account }) => told.failed.push(account.id),
    });
    return { told, done };
  }

  it('goes through all pages, a few at once, past those that fail', async () => {
    const { told, done } = run(async (id) => {
      if (id === 'acc_7') throw refusal('provider_failed');
      if (id === 'acc_8') throw refusal('account_not_found');
    });
    await done;
    expect(told).toEqual({ deleted: 49, failed: ['acc_7'], pages: 5, most: DELETED_AT_ONCE });
  });

  it('begins none once it is stopped', async () => {
    const controller = new AbortController();
    const { told, done } = run(async (id) => {
      if (id === 'acc_12') controller.abort();
    }, controller.signal);
    await done;
    expect(told.deleted).toBeLessThan(13 + DELETED_AT_ONCE);
    expect(told.pages).toBe(2);
  });

  it('gives up where nobody answers', async () => {
    const { told, done } = run(async () => {
      throw refusal('server_unreachable');
    });
    await expect(done).rejects.toMatchObject({ code: 'server_unreachable' });
    expect(told.pages).toBe(1);
  });
});
