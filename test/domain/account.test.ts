import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import {
  type Account,
  changeAccount,
  changeAccountAnyway,
  createAccount,
  deleteAccount,
  getAccount,
} from '../../src/domain/account.ts';
import { systemRandom } from '../../src/random.ts';
import { openStore } from '../../src/store/open.ts';
import type { Store } from '../../src/store/store.ts';
import { type TemporarySqlite, temporarySqlite } from '../support/sqlite.ts';

const PROJECT = `prj_${'p'.repeat(22)}`;
const reason = (code: string) => ({ code, description: code, at: new Date(0).toISOString() });

let sqlite: TemporarySqlite;
let store: Store;
let account: Account;
beforeEach(async () => {
  sqlite = await temporarySqlite();
  store = await openStore({ url: sqlite.url, clock: systemClock, random: systemRandom, allowVolatile: false });
  const wanted = { profile_id: 'prf', connector: 'example', owner_id: 'owner', settings: {} };
  account = await createAccount(store, systemRandom, 0, PROJECT, wanted);
});
afterEach(async () => {
  await store.close();
  await sqlite.remove();
});

const present = () => getAccount(store, PROJECT, account.id);
const change = (wanted: Parameters<typeof changeAccount>[4]) => changeAccount(store, 1, PROJECT, account.id, wanted);
const changeAnyway = (wanted: Parameters<typeof changeAccountAnyway>[4]) =>
  changeAccountAnyway(store, 1, PROJECT, account.id, wanted);

describe('an account', () => {
  it('remembers the last twenty changes of its status, the newest first, and none that were none', async () => {
    for (let round = 1; round <= 15; round += 1) {
      await change(() => ({ status: 'inactive', status_reasons: [reason(`round-${round}`)] }));
      await change(() => ({ status: 'inactive', status_reasons: [reason(`round-${round}`)] }));
      await change(() => ({ owner_name: `Name ${round}` }));
      await change(() => ({ status: 'active', status_reasons: [] }));
    }
    const { status_history } = await present();
    expect(status_history).toHaveLength(20);
    expect(status_history.slice(0, 3).map(({ status, reasons }) => [status, reasons[0]?.code])).toEqual([
      ['active', undefined],
      ['inactive', 'round-15'],
      ['active', undefined],
    ]);
  });

  it('takes in changes made at the same time, each on what the others made', async () => {
    const names = ['a', 'b', 'c', 'd', 'e', 'f'];
    await Promise.all(
      names.map((name) => changeAnyway(({ settings }) => ({ settings: { ...settings, [name]: true } }))),
    );
    expect(Object.keys((await present()).settings).toSorted()).toEqual(names);
  });

  it('is not written when there is nothing to change', async () => {
    expect(await changeAnyway(() => undefined)).toBeUndefined();
    expect(await present()).toEqual(account);
  });

  it('is deleted once, and stays so whoever changes it', async () => {
    const deletions = [1, 2, 3].map(() => deleteAccount(store, PROJECT, account.id).then(() => 'deleted'));
    const outcomes = await Promise.all(deletions.map((one) => one.catch(({ code }) => code)));
    expect(outcomes.toSorted()).toEqual(['account_not_found', 'account_not_found', 'deleted']);
    await expect(change(() => ({ status: 'active' }))).rejects.toMatchObject({ code: 'account_not_found' });
    await expect(changeAnyway(() => ({ status: 'active' }))).rejects.toMatchObject({ code: 'account_not_found' });
  });

  it('is not made over another one', async () => {
    const wanted = { ...account, id: account.id };
    await expect(createAccount(store, systemRandom, 0, PROJECT, wanted)).rejects.toMatchObject({
      code: 'already_exists',
    });
  });

  it('of before there was a history is read as having none', async () => {
    const { status_history: _h, identity: _i, granted_scopes: _g, linked_at: _l, ...old } = account;
    await store.put({ partition: PROJECT, kind: 'account', id: account.id }, JSON.stringify(old));
    expect(await present()).toEqual({
      ...old,
      status_history: [],
      identity: null,
      granted_scopes: null,
      linked_at: null,
    });
  });
});
