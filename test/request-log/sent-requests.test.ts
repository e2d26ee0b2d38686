import { describe, expect, it } from 'vitest';
import type { RequestName } from '../../src/engine/call.ts';
import { SentRequests } from '../../src/request-log/sent-requests.ts';

const name = (step = 'request', path = '/hubs/{hub_id}'): RequestName => ({
  step,
  method: 'GET',
  host: 'api.example.com',
  path,
});
const attempt = (number: number, startedAt: number, status?: number) => ({
  number,
  startedAt,
  durationMs: 10,
  ...(status === undefined ? { error: 'ECONNRESET' } : { status }),
});

describe('the requests of a call', () => {
  it('have their repetitions, the last status, the whole duration and the id that the provider gave', () => {
    const sent = new SentRequests();
    sent.attempted(name(), attempt(1, 1_000));
    sent.attempted(name(), attempt(2, 1_250, 503));
    sent.attempted(name(), attempt(3, 1_800, 200));
    sent.answered(name(), 200, 'provider-1');
    expect(sent.list()).toEqual([
      {
        ...name(),
        status: 200,
        error: null,
        attempts: [
          { error: 'ECONNRESET', duration_ms: 10 },
          { status: 503, duration_ms: 10 },
          { status: 200, duration_ms: 10 },
        ],
        duration_ms: 810,
        provider_request_id: 'provider-1',
      },
    ]);
    expect(sent.omitted).toBe(0);
  });

  it('are two when a first attempt follows under the same name: the token was refused and renewed', () => {
    const sent = new SentRequests();
    sent.attempted(name(), attempt(1, 0, 401));
    sent.attempted(name(), attempt(1, 20, 200));
    sent.answered(name(), 200, 'second');
    expect(sent.list().map(({ status, provider_request_id }) => [status, provider_request_id])).toEqual([
      [401, null],
      [200, 'second'],
    ]);
  });

  it('are kept apart when they run side by side', () => {
    const sent = new SentRequests();
    const [one, other] = [name('a'), name('b')];
    sent.attempted(one, attempt(1, 0));
    sent.attempted(other, attempt(1, 1, 200));
    sent.attempted(one, attempt(2, 300, 200));
    sent.answered(other, 200, 'of b');
    sent.answered(one, 200, 'of a');
    expect(sent.list().map(({ step, attempts, provider_request_id: id }) => [step, attempts.length, id])).toEqual([
      ['a', 2, 'of a'],
      ['b', 1, 'of b'],
    ]);
  });

  it('keep the first and the last of thousands, and count the rest', () => {
    const sent = new SentRequests();
    for (let part = 0; part < 3_000; part += 1) {
      sent.attempted(name(`part-${part}`), attempt(1, part, 200));
      sent.answered(name(`part-${part}`), 200, `id-${part}`);
    }
    const steps = sent.list().map(({ step }) => step);
    expect(steps).toHaveLength(50);
    expect([steps[0], steps[24], steps[25], steps[49]]).toEqual(['part-0', 'part-24', 'part-2975', 'part-2999']);
    expect(sent.omitted).toBe(2_950);
  });
});
