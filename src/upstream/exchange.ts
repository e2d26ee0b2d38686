import type { Dispatcher } from 'undici';
import { Problem } from '../problems.ts';
import { type BodyCollector, createBodyCollector } from './body-collector.ts';
import { flattenHeaders, judgeHead } from './response-head.ts';
import type { OutgoingRequest, StreamedBody } from './types.ts';

/** One attempt's end. Failures are values here, because what is done about them depends on `started`. */
export type Outcome =
  | { status: number; headers: Readonly<Record<string, string>>; body: Buffer }
  /**
   * `started`: the request was handed to a connection; without it, no byte of it can have left. `source`: it was the
   * streamed body that failed.
   */
  | { error: unknown; started: boolean; source?: true };

export interface ExchangeOptions {
  maxResponseBytes: number;
  /** See `SendOptions.stallMs`. */
  stallMs?: number | undefined;
  /** Ends the exchange at once, also while it waits for a connection; the outcome's error is the signal's reason. */
  signal: AbortSignal;
}

/**
 * Sends one request once and reads the answer. Never rejects. An answer that is refused is not read on: its connection is
 * destroyed.
 *
 * Sits on `dispatch`, which `request` is made of too, because only there undici tells the moment at which a request is handed
 * to a connection. Error codes cannot tell that: ECONNRESET comes from handshakes as well as from sent requests.
 */
export function exchange(dispatcher: Dispatcher, request: OutgoingRequest, options: ExchangeOptions): Promise<Outcome> {
  const { maxResponseBytes, stallMs, signal } = options;
  const { origin } = request.url;
  const streamed = streamedBody(request);

  return new Promise((resolve) => {
    let controller: Dispatcher.DispatchController | undefined;
    let collector: BodyCollector | undefined;
    let settled = false;

    function settle(outcome: Outcome): void {
      if (settled) return;
      settled = true;
      signal.removeEventListener('abort', onAbort);
      resolve(outcome);
    }

    function fail(error: unknown, ofSource = false): void {
      if (settled) return;
      settle({ error, started: controller !== undefined, ...(ofSource && { source: true as const }) });
      // undici does it only for requests that it has begun to send.
      streamed?.stream.destroy();
      collector?.destroy();
      controller?.abort(error instanceof Error ? error : new Error('aborted'));
    }

    function onAbort(): void {
      fail(signal.reason);
    }

    const handler: Dispatcher.DispatchHandler = {
      onRequestStart(started) {
        if (settled) {
          started.abort(new Error('aborted'));
          return;
        }
        if (controller) {
          // undici may put a request that it had begun to send back into its queue. What we do not know, we do not repeat.
          fail(Object.assign(new Error('begun twice'), { code: 'UND_ERR_SOCKET' }));
          started.abort(new Error('aborted'));
          return;
        }
        controller = started;
      },

      onResponseStart(_controller, status, rawHeaders) {
        if (settled || status < 200) return;
        const headers = flattenHeaders(rawHeaders);
        try {
          const encoding = judgeHead({ origin, method: request.method, status, headers, maxResponseBytes });
          collector = createBodyCollector(encoding, maxResponseBytes, origin, {
            done: (body) => settle({ status, headers, body }),
            fail: (problem: Problem) => fail(problem),
            pause: () => controller?.pause(),
            resume: () => controller?.resume(),
          });
        } catch (problem) {
          fail(problem);
        }
      },

      onResponseData(_controller, chunk) {
        if (!settled) collector?.push(chunk);
      },

      onResponseEnd() {
        if (!settled) collector?.end();
      },

      onResponseError(_controller, error) {
        fail(error);
      },
    };

    if (signal.aborted) {
      fail(signal.reason);
      return;
    }
    signal.addEventListener('abort', onAbort);
    if (streamed) {
      const { stream } = streamed;
      const onClose = () => {
        if (!stream.readableEnded) fail(stream.errored ?? closedEarly(), true);
      };
      // Never removed: undici destroys the stream with its own error, which nobody else would hear.
      stream.on('error', (error) => fail(error, true)).once('close', onClose);
      if (stream.closed) return onClose();
    }
    try {
      dispatcher.dispatch(
        {
          origin,
          path: request.url.pathname + request.url.search,
          method: request.method as Dispatcher.HttpMethod,
          headers: streamed ? { ...request.headers, 'content-length': String(streamed.bytes) } : request.headers,
          body: streamed ? streamed.stream : ((request.body as string | Buffer | undefined) ?? null),
          // undici counts it anew with every piece that the connection takes, and not while it waits for the source.
          ...(stallMs !== undefined && { headersTimeout: stallMs }),
        },
        handler,
      );
    } catch (error) {
      fail(error);
    }
  });
}

/** The body of a request when it is a streamed one. */
export function streamedBody({ body }: OutgoingRequest): StreamedBody | undefined {
  return body === undefined || typeof body === 'string' || Buffer.isBuffer(body) ? undefined : body;
}

function closedEarly(): Problem {
  return new Problem('file_interrupted', 'The stream closed before its end.');
}
