import type { BaseLogger } from 'pino';
import { Agent } from 'undici';
import type { Clock } from '../clock.ts';
import { Problem } from '../problems.ts';
import type { Random } from '../random.ts';
import { createAddressGuard, type Resolve } from './address-guard.ts';
import { createConnector } from './connector.ts';
import { exchange, type Outcome, streamedBody } from './exchange.ts';
import { errorCode, failureProblem, timeoutProblem } from './failure.ts';
import { retryDelay } from './retry.ts';
import { parseRetryAfter } from './retry-after.ts';
import { createRetryBudget } from './retry-budget.ts';
import { checkTarget, withDoorHeaders } from './target.ts';
import type { Door, OutgoingRequest, SendOptions, UpstreamResponse } from './types.ts';

/** One request a connection at a time, so this is also the number of requests in flight per origin; more wait their turn. */
const CONNECTIONS_PER_ORIGIN = 128;

/** Below the 60 s after which common load balancers drop idle connections, with room: a reused dead one costs a write. */
const KEEP_ALIVE_MS = 15_000;

/** Upper bound on what a provider's own Keep-Alive header may ask for. */
const KEEP_ALIVE_MAX_MS = 55_000;

/** Connections are checked when they are made; so that DNS changes are followed, none lives longer. */
const CONNECTION_LIFETIME_MS = 300_000;

/** Backstop behind the deadline: gateways give up on their upstreams after 60 s, so nothing comes later. */
const HEADERS_TIMEOUT_MS = 60_000;

/** Backstop behind the deadline: longest silence within a body. */
const BODY_TIMEOUT_MS = 30_000;

const CONNECT_TIMEOUT_MS = 5_000;

/** Twice Node's default: answers with many Link, cookie and policy headers pass, floods do not. */
const MAX_HEADER_BYTES = 32 * 1024;

/** Longest time that `setTimeout` can measure. */
const MAX_TIMER_MS = 2 ** 31 - 1;

export interface DoorOptions {
  clock: Clock;
  random: Random;
  /** CIDRs that may be called although private, also over plain http; throws at once on one that cannot be read. */
  allowPrivateAddresses: readonly string[];
  logger?: BaseLogger;
  /** How names are resolved; the machine's resolver unless given. */
  lookup?: Resolve;
  /** Longest time to reach a connection, name lookup and TLS included, in milliseconds. */
  connectTimeoutMs?: number;
}

/** The one way out: see {@link Door}. */
export function createDoor(options: DoorOptions): Door {
  const { clock, random, logger } = options;
  const guard = createAddressGuard({
    allowPrivateAddresses: options.allowPrivateAddresses,
    ...(options.lookup && { resolve: options.lookup }),
  });
  const budget = createRetryBudget();
  let closing: Promise<void> | undefined;
  const agent = new Agent({
    connect: createConnector(guard, options.connectTimeoutMs ?? CONNECT_TIMEOUT_MS),
    allowH2: false,
    connections: CONNECTIONS_PER_ORIGIN,
    pipelining: 1,
    keepAliveTimeout: KEEP_ALIVE_MS,
    keepAliveMaxTimeout: KEEP_ALIVE_MAX_MS,
    clientTtl: CONNECTION_LIFETIME_MS,
    headersTimeout: HEADERS_TIMEOUT_MS,
    bodyTimeout: BODY_TIMEOUT_MS,
    maxHeaderSize: MAX_HEADER_BYTES,
  });

  async function attemptAll(
    request: OutgoingRequest,
    sending: SendOptions,
    signal: AbortSignal,
  ): Promise<UpstreamResponse> {
    const { origin } = request.url;
    // What cannot be repeated says nothing about retries; and its origins, unlike declared ones, are without number.
    const repeatable = streamedBody(request) === undefined;
    if (repeatable) budget.countRequest(origin, clock.now());
    if (sending.beforeAttempt) await awaitTurn(sending.beforeAttempt, sending, signal, origin);

    for (let number = 1; ; number += 1) {
      const startedAt = clock.now();
      const since = performance.now();
      const { maxResponseBytes, stallMs } = sending;
      const outcome = await exchange(agent, request, { maxResponseBytes, stallMs, signal });
      report(outcome, number, startedAt, performance.now() - since, sending);
      const maybeDone = 'error' in outcome && outcome.started && sending.retry === 'unsent';
      // An answer that came in the same moment as the end is still an answer: for a write, the only one there will be.
      if ('error' in outcome) throwIfEnded(sending.signal, signal, origin, maybeDone);
      if ('error' in outcome && outcome.source) throw outcome.error;

      const waitMs = repeatable
        ? retryDelay({
            mode: sending.retry,
            retries: number - 1,
            result:
              'error' in outcome
                ? outcome
                : {
                    status: outcome.status,
                    retryAfterMs: parseRetryAfter(outcome.headers['retry-after'], clock.now()),
                  },
            remainingMs: sending.deadlineAt - clock.now(),
            fraction: random.fraction(),
          })
        : undefined;
      if (waitMs === undefined || !budget.takeRetry(origin, clock.now())) {
        if ('error' in outcome) throw failureProblem(outcome.error, origin, maybeDone);
        return { ...outcome, attempts: number };
      }
      logger?.debug({ origin, attempt: number, waitMs: Math.round(waitMs), ...summary(outcome) }, 'upstream retry');
      await waitUnlessEnded(waitMs, sending, signal, origin);
      if (!(await getsTurn(sending, signal, origin))) {
        if ('error' in outcome) throw failureProblem(outcome.error, origin, maybeDone);
        return { ...outcome, attempts: number };
      }
    }
  }

  /** Whether a further attempt gets its turn; a retry is a courtesy, so that a refusal of it hides nothing. */
  async function getsTurn(sending: SendOptions, signal: AbortSignal, origin: string): Promise<boolean> {
    if (!sending.beforeAttempt) return true;
    try {
      await awaitTurn(sending.beforeAttempt, sending, signal, origin);
      return true;
    } catch (error) {
      if (!(error instanceof Problem) || sending.signal?.aborted) throw error;
      return false;
    }
  }

  async function awaitTurn(
    turn: () => Promise<void>,
    sending: SendOptions,
    signal: AbortSignal,
    origin: string,
  ): Promise<void> {
    await orAborted(turn(), signal);
    throwIfEnded(sending.signal, signal, origin, false);
  }

  async function waitUnlessEnded(waitMs: number, sending: SendOptions, signal: AbortSignal, origin: string) {
    try {
      await clock.sleep(waitMs, signal);
    } catch (error) {
      throwIfEnded(sending.signal, signal, origin, false);
      throw error;
    }
  }

  function report(outcome: Outcome, number: number, startedAt: number, tookMs: number, sending: SendOptions): void {
    if (!sending.onAttempt) return;
    const now = clock.now();
    const retryAfterMs = 'error' in outcome ? undefined : parseRetryAfter(outcome.headers['retry-after'], now);
    sending.onAttempt({
      number,
      startedAt,
      // To the hundredth: it tells this server's time from the provider's.
      durationMs: Math.round(tookMs * 100) / 100,
      ...summary(outcome),
      ...(retryAfterMs !== undefined && { retryAfterMs }),
    });
  }

  return {
    async send(request, sending) {
      sending.signal?.throwIfAborted();
      const remainingMs = sending.deadlineAt - clock.now();
      if (!(remainingMs > 0)) {
        throw new Problem('deadline_exceeded', `No time was left to call ${request.url.origin}.`);
      }

      const ending = new AbortController();
      const onCallerGone = () => ending.abort(sending.signal?.reason);
      sending.signal?.addEventListener('abort', onCallerGone);
      const onDeadline = () => ending.abort(timeoutProblem(request.url.origin, false));
      // One turn of the event loop later: a process that was stopped finds its timers due before it has looked at its sockets,
      // where the answer may be waiting.
      const deadline = setTimeout(() => setImmediate(onDeadline), Math.min(remainingMs, MAX_TIMER_MS));
      try {
        checkTarget(request.url, sending.allowedOrigins, guard);
        return await attemptAll(withDoorHeaders(request), sending, ending.signal);
      } catch (error) {
        streamedBody(request)?.stream.destroy();
        if (error instanceof Problem && error.code === 'host_refused') {
          logger?.warn({ origin: request.url.origin }, 'upstream host refused');
        }
        throw error;
      } finally {
        clearTimeout(deadline);
        sending.signal?.removeEventListener('abort', onCallerGone);
      }
    },

    close() {
      closing ??= agent.close();
      return closing;
    },
  };
}

/** Throws the caller's own reason when the caller ended the sending, and `provider_timeout` when the deadline did. */
function throwIfEnded(caller: AbortSignal | undefined, signal: AbortSignal, origin: string, maybeDone: boolean): void {
  caller?.throwIfAborted();
  if (signal.aborted) throw timeoutProblem(origin, maybeDone);
}

/** What the promise brings, or the signal's reason as soon as it is aborted, however long the promise takes. */
function orAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason);
    if (signal.aborted) onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}

function summary(outcome: Outcome): { status: number } | { error: string } {
  return 'error' in outcome ? { error: errorCode(outcome.error) } : { status: outcome.status };
}
