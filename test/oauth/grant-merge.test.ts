import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mergeGrant, type ObtainedRecord } from '../../src/oauth/grant-merge.ts';
import type { GrantRecord, StoredGrant } from '../../src/oauth/grant-record.ts';
import { Secret } from '../../src/secret.ts';

function record(name: string, changes: Partial<GrantRecord> = {}): GrantRecord {
  return {
    generation: 2,
    link: 'link-1',
    client_id: 'client-1',
    access_token: new Secret(`access-${name}`),
    refresh_token: new Secret(`refresh-${name}`),
    candidate_refresh_token: null,
    obtained_at: 100,
    linked_at: 10,
    access_expires_at: 1_000,
    refresh_expires_at: null,
    scopes: null,
    forced_at: null,
    refresh_intent: null,
    dead: null,
    ...changes,
  };
}

function present(stored: GrantRecord): StoredGrant {
  return { state: 'present', version: 7, record: stored };
}

function obtained(by: ObtainedRecord['by'], given: GrantRecord): ObtainedRecord {
  return { project: 'prj_1', account: 'acc_1', by, record: given };
}

describe('an obtained grant meets what stands in the store', () => {
  it('is written over what it refreshed, over a death, and over what cannot be read', () => {
    const mine = record('mine', { obtained_at: 200, generation: 3 });
    const before = record('before');
    const dead = record('before', { dead: { death: 'refresh_uncertain', at: 150 } });
    const unreadable: StoredGrant = { state: 'unreadable', version: 7, generation: 5, link: 'link-1' };
    for (const stored of [present(before), present(dead), unreadable]) {
      const merge = mergeGrant(stored, obtained('refresh', mine));
      expect(merge).toMatchObject({ outcome: 'saved', write: { access_token: mine.access_token, dead: null } });
    }
    expect(mergeGrant(unreadable, obtained('refresh', mine))).toMatchObject({ write: { generation: 6 } });
  });

  it('is written with a higher generation than what it replaces', () => {
    const stored = record('theirs', { generation: 9, obtained_at: 150 });
    const merge = mergeGrant(present(stored), obtained('refresh', record('mine', { obtained_at: 200, generation: 3 })));
    expect(merge).toMatchObject({ write: { generation: 10 } });
  });

  it('keeps the refresh token that is overtaken as the candidate, whichever of the two it is', () => {
    const early = record('early', { obtained_at: 150, generation: 3 });
    const late = record('late', { obtained_at: 200, generation: 3 });
    const lateOverEarly = mergeGrant(present(early), obtained('refresh', late));
    expect(lateOverEarly).toMatchObject({
      outcome: 'saved',
      write: { refresh_token: late.refresh_token, candidate_refresh_token: early.refresh_token },
    });
    const earlyOverLate = mergeGrant(present(late), obtained('refresh', early));
    expect(earlyOverLate).toMatchObject({
      outcome: 'kept',
      write: { refresh_token: late.refresh_token, candidate_refresh_token: early.refresh_token },
    });
  });

  it('takes the place of a twin that was called dead, once', () => {
    const late = record('late', { obtained_at: 200, generation: 3, dead: { death: 'grant_refused', at: 300 } });
    const early = obtained('refresh', record('early', { obtained_at: 150, generation: 3 }));
    const merge = mergeGrant(present(late), early);
    expect(merge).toMatchObject({
      outcome: 'saved',
      write: { refresh_token: early.record.refresh_token, dead: null, generation: 4 },
    });
    const diedAgain = { ...late, refresh_token: early.record.refresh_token, generation: 4 };
    const again = mergeGrant(present({ ...diedAgain, refresh_token: new Secret('newer') }), early);
    expect(again).toMatchObject({ outcome: 'kept' });
  });

  it('is not written twice', () => {
    const mine = record('mine');
    expect(mergeGrant(present(mine), obtained('refresh', mine))).toEqual({ outcome: 'present' });
    expect(mergeGrant(present(mine), obtained('link', mine))).toEqual({ outcome: 'present' });
  });

  it('is not written over another linking by a refresh, and over a later one not by a link either', () => {
    const relinked = record('new', { link: 'link-2', linked_at: 50 });
    const late = record('late', { obtained_at: 900 });
    expect(mergeGrant(present(relinked), obtained('refresh', late))).toEqual({ outcome: 'superseded' });
    expect(mergeGrant(present(relinked), obtained('link', late))).toEqual({ outcome: 'superseded' });
    expect(mergeGrant(present(late), obtained('link', relinked))).toMatchObject({ outcome: 'saved' });
  });

  it('is never written over a tombstone by a refresh, and by a link only when that came later', () => {
    const removed: StoredGrant = { state: 'removed', version: 7, generation: 4, removedAt: 300 };
    const absent: StoredGrant = { state: 'absent', version: 0 };
    const mine = record('mine', { obtained_at: 900 });
    for (const stored of [removed, absent])
      expect(mergeGrant(stored, obtained('refresh', mine))).toEqual({ outcome: 'removed' });
    expect(mergeGrant(removed, obtained('link', mine))).toEqual({ outcome: 'removed' });
    const later = record('later', { linked_at: 301 });
    expect(mergeGrant(removed, obtained('link', later))).toMatchObject({ outcome: 'saved', write: { generation: 5 } });
    expect(mergeGrant(absent, obtained('link', mine))).toMatchObject({ outcome: 'saved' });
  });

  it('in whatever order several are saved: the latest counts, generations grow, and two tokens are never lost', () => {
    const times = fc.uniqueArray(fc.integer({ min: 101, max: 999 }), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(times, (obtainedAt) => {
        let stored = record('first', { generation: 1 });
        for (const at of obtainedAt) {
          const before = stored;
          const merge = mergeGrant(
            present(stored),
            obtained('refresh', record(String(at), { obtained_at: at, generation: 2 })),
          );
          if ('write' in merge) stored = merge.write;
          expect(stored.generation).toBeGreaterThanOrEqual(before.generation);
        }
        const latest = Math.max(...obtainedAt);
        expect(stored.refresh_token?.reveal()).toBe(`refresh-${latest}`);
        if (obtainedAt.length === 2)
          expect(stored.candidate_refresh_token?.reveal()).toBe(`refresh-${Math.min(...obtainedAt)}`);
      }),
      { numRuns: 500 },
    );
  });
});
