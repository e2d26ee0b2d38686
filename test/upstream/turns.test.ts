import { describe, expect, it } from 'vitest';
import { Problem } from '../../src/problems.ts';
import { attemptLog, httpUpstream, openDoor, problemOf, read, sending } from './support.ts';

const refused = () => Promise.reject(new Problem('rate_budget_exhausted', 'Used up.'));

describe('what is waited for before an attempt', () => {
  it('is asked for before each, and its time is none of the attempt’s', async () => {
    const upstream = await httpUpstream((_request, response) => response.writeHead(503).end());
    const request = read(upstream.origin);
    const log = attemptLog();
    const order: string[] = [];
    const beforeAttempt = async () => {
      await new Promise((resolve) => setTimeout(resolve, 300));
      order.push('turn');
    };
    const onAttempt = (attempt: (typeof log.attempts)[number]) => {
      order.push('attempt');
      log.onAttempt(attempt);
    };
    await openDoor().send(request, sending(request, { beforeAttempt, onAttempt }));
    expect(order).toEqual(['turn', 'attempt', 'turn', 'attempt', 'turn', 'attempt']);
    for (const { durationMs } of log.attempts) expect(durationMs).toBeLessThan(250);
  });

  it('ends the sending when it is refused, with nothing sent', async () => {
    const upstream = await httpUpstream((_request, response) => response.end());
    const request = read(upstream.origin);
    const problem = await problemOf(openDoor().send(request, sending(request, { beforeAttempt: refused })));
    expect(problem.code).toBe('rate_budget_exhausted');
    expect(upstream.connections()).toBe(0);
  });

  it('leaves what the attempt before brought when it is refused later', async () => {
    const upstream = await httpUpstream((_request, response) => response.writeHead(429, { 'retry-after': '1' }).end());
    const request = read(upstream.origin);
    const log = attemptLog();
    let turns = 0;
    const beforeAttempt = async () => {
      turns += 1;
      if (turns > 1) await refused();
    };
    const answer = await openDoor().send(request, sending(request, { beforeAttempt, onAttempt: log.onAttempt }));
    expect(answer).toMatchObject({ status: 429, attempts: 1 });
    expect(log.attempts).toMatchObject([{ status: 429, retryAfterMs: 1_000 }]);
  });

  it('is left at the deadline, and when the caller goes away', async () => {
    const upstream = await httpUpstream((_request, response) => response.end());
    const request = read(upstream.origin);
    const beforeAttempt = () => new Promise<void>(() => {});
    const started = performance.now();
    const late = sending(request, { beforeAttempt, deadlineAt: Date.now() + 100 });
    expect((await problemOf(openDoor().send(request, late))).code).toBe('provider_timeout');
    expect(performance.now() - started).toBeLessThan(2_000);

    const gone = new AbortController();
    const sent = openDoor().send(request, sending(request, { beforeAttempt, signal: gone.signal }));
    gone.abort(new Problem('caller_gone', 'Gone.'));
    expect((await problemOf(sent)).code).toBe('caller_gone');
    expect(upstream.connections()).toBe(0);
  });
});
