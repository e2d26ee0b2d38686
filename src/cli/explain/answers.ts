import type { Exchange } from '../../connector/connector.ts';
import { matchExchange, type RequestLine } from '../../local/match-exchange.ts';
import type { UpstreamResponse } from '../../upstream/types.ts';

/** Answers to requests that are not sent. */
export interface Answers {
  /** The answer to a request; undefined when there is none. */
  to(request: RequestLine): UpstreamResponse | undefined;
}

/** An answer that was given on the command line. */
export interface GivenAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** As it would come over the wire. */
  readonly body: string;
}

/** The recorded ones of an example. */
export function answersOfExchanges(exchanges: readonly Exchange[]): Answers {
  const before: (RequestLine & { exchange: number | undefined })[] = [];
  return {
    to(request) {
      const exchange = matchExchange(exchanges, before, request);
      before.push({ ...request, exchange });
      const response = exchange === undefined ? undefined : exchanges[exchange]?.response;
      if (!response) return undefined;
      const { status, headers, body } = response;
      const text = body === undefined ? '' : typeof body === 'string' ? body : JSON.stringify(body);
      return responseOf({ status, headers, body: text });
    },
  };
}

/** One after the other, whatever is asked for. */
export function answersInOrder(given: readonly GivenAnswer[]): Answers {
  const left = [...given];
  return {
    to() {
      const next = left.shift();
      return next && responseOf(next);
    },
  };
}

function responseOf({ status, headers, body }: GivenAnswer): UpstreamResponse {
  const lower = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value] as const);
  return { status, headers: Object.fromEntries(lower), body: Buffer.from(body), attempts: 1 };
}
