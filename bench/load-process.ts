import { Pool } from 'undici';
import type { Load, LoadAnswer } from './load.ts';

// The load generator, a process of its own: what it costs is not the servers' and its pauses are its own.

const CALL_TIMEOUT_MS = 10_000;

process.on('message', (load: Load) => {
  run(load).then(
    (answer) => process.send?.(answer),
    (error: unknown) => process.send?.({ failed: String(error) }),
  );
});
process.on('disconnect', () => process.exit(0));

/** A closed loop: as many callers as the concurrency, each calling again as soon as it is answered, until calls or time end. */
async function run({ request, concurrency, calls, longestMs }: Load): Promise<LoadAnswer> {
  const url = new URL(request.url);
  const pool = new Pool(url.origin, {
    connections: concurrency,
    pipelining: 1,
    headersTimeout: CALL_TIMEOUT_MS,
    bodyTimeout: CALL_TIMEOUT_MS,
  });
  const latenciesMs: number[] = [];
  const refused: Record<string, number> = {};
  let begun = 0;
  let body = '';
  const beganAt = performance.now();

  async function caller(): Promise<void> {
    while (begun < calls) {
      const startedAt = performance.now();
      if (startedAt - beganAt >= longestMs) return;
      begun += 1;
      try {
        const response = await pool.request({
          path: url.pathname + url.search,
          method: request.method,
          headers: request.headers,
          body: request.body ?? null,
        });
        const text = await response.body.text();
        latenciesMs.push(performance.now() - startedAt);
        if (response.statusCode === 200) body = text;
        else refused[`status ${response.statusCode}`] = (refused[`status ${response.statusCode}`] ?? 0) + 1;
      } catch (error) {
        const name = (error as NodeJS.ErrnoException).code ?? String(error);
        refused[name] = (refused[name] ?? 0) + 1;
      }
    }
  }

  await Promise.all(Array.from({ length: concurrency }, caller));
  const durationMs = performance.now() - beganAt;
  await pool.close();
  return { calls: begun, durationMs, latenciesMs, refused, body };
}
