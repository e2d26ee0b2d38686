import type { Connector } from '../connector/connector.ts';
import { type Choice, chooseExample, isNamed, type MockRequest, namedExample, urlOf } from './choose-example.ts';
import { type Candidate, indexExamples } from './example-index.ts';
import { createMockAuthorization, type MockAnswer } from './mock-authorization.ts';

/** What a mock was asked and how it answered, for those who look on. Holds no credential. */
export interface MockRecord {
  method: string;
  /** Path and query. */
  target: string;
  status: number;
  /** Name of the example; undefined where none answered. */
  example: string | undefined;
  differs: readonly string[];
}

/** A provider that answers with the examples of a connector. */
export interface MockProvider {
  answer(request: MockRequest): { answer: MockAnswer; record: MockRecord };
  /** Goes on with the connector as it is now. */
  replace(connector: Connector): void;
}

/** Header of a request that names the example to answer with, and of an answer that tells which it was. */
export const EXAMPLE_HEADER = 'x-mock-example';
/** Header of an answer: in what the request is not that of the example. */
export const DIFFERS_HEADER = 'x-mock-differs';
/** Path, for whoever cannot send a header, as behind a server: `POST {"example": name}` says which example the next call gets. */
export const CONTROL_PATH = '/__mock__/next';

// Enough for the longest composite action.
const MAX_HISTORY = 100;
const MAX_HEADER_CHARS = 1_024;
// Of the list that an unknown request gets.
const MAX_LISTED = 200;

export function createMockProvider(first: Connector, now: () => number): MockProvider {
  let candidates = indexExamples(first);
  let authorization = createMockAuthorization(first, now);
  let history: Candidate[] = [];
  let wanted: string | undefined;

  function control({ method, headers, body }: MockRequest): MockAnswer {
    // Only a browser tells where it was: no page that somebody looks at has a say in what is answered.
    if (headers.origin !== undefined || headers['sec-fetch-site'] !== undefined)
      return plain(403, { error: 'this is not for browsers' });
    const name = method === 'POST' ? nameIn(body) : undefined;
    if (name === undefined) return plain(400, { error: 'send POST {"example": "<name of an example>"}' });
    if (!candidates.some((candidate) => isNamed(candidate, name)))
      return plain(404, { error: `there is no example ${name}`, examples: listed(candidates) });
    wanted = name;
    return plain(200, { next: name });
  }

  function choose(request: MockRequest): Choice | undefined {
    const header = decoded(request.headers[EXAMPLE_HEADER]);
    if (header !== undefined) return namedExample(candidates, header, request);
    if (wanted === undefined) return chooseExample(candidates, request, history);
    const choice = namedExample(candidates, wanted, request);
    const { example, index } = choice?.candidate ?? {};
    // Of several exchanges all are played.
    if (!example || index === example.exchanges.length - 1) wanted = undefined;
    return choice;
  }

  function answerOf(request: MockRequest): { answer: MockAnswer; choice: Choice | undefined } {
    const { pathname } = urlOf(request);
    if (pathname === CONTROL_PATH) return { answer: control(request), choice: undefined };
    const own = authorization.answer(request);
    if (own) return { answer: own, choice: undefined };
    const choice = choose(request);
    if (!choice) {
      const who = authorization.identity(request);
      return { answer: who ?? unknown(candidates, request), choice: undefined };
    }
    const { candidate, differs } = choice;
    history = [...history.slice(1 - MAX_HISTORY), candidate];
    const { status, headers, body } = candidate.exchange.response;
    const told = {
      [EXAMPLE_HEADER]: encoded(candidate.name),
      ...(differs.length > 0 && { [DIFFERS_HEADER]: encoded(differs.join('; ')).slice(0, MAX_HEADER_CHARS) }),
    };
    return { answer: { status, headers: { ...withType(headers, body), ...told }, body }, choice };
  }

  return {
    answer(request) {
      const { answer, choice } = answerOf(request);
      const { method, target } = request;
      const example = choice?.candidate.name;
      return { answer, record: { method, target, status: answer.status, example, differs: choice?.differs ?? [] } };
    },
    replace(connector) {
      candidates = indexExamples(connector);
      authorization = createMockAuthorization(connector, now);
      history = [];
    },
  };
}

function unknown(candidates: readonly Candidate[], { method, target }: MockRequest): MockAnswer {
  return plain(404, {
    error: 'no example fits this request',
    method,
    target,
    examples: listed(candidates),
  });
}

function listed(candidates: readonly Candidate[]) {
  return candidates.slice(0, MAX_LISTED).map(({ name, exchange: { request, response } }) => ({
    example: name,
    method: request.method,
    url: request.url,
    status: response.status,
  }));
}

function nameIn(body: string | undefined): string | undefined {
  try {
    const { example } = JSON.parse(body ?? '') as { example?: unknown };
    return typeof example === 'string' ? example : undefined;
  } catch {
    return undefined;
  }
}

function withType(headers: Readonly<Record<string, string>>, body: unknown): Readonly<Record<string, string>> {
  const named = Object.keys(headers).some((name) => name.toLowerCase() === 'content-type');
  return named || body === undefined ? headers : { 'content-type': 'application/json', ...headers };
}

/** As a header can carry it: what is no visible ASCII is encoded as in URLs. */
function encoded(text: string): string {
  return text.replace(/[^\x20-\x7e]|%/gu, (character) => encodeURIComponent(character.toWellFormed()));
}

function decoded(header: string | undefined): string | undefined {
  try {
    return header === undefined ? undefined : decodeURIComponent(header);
  } catch {
    return header;
  }
}

function plain(status: number, body: unknown): MockAnswer {
  return { status, headers: { 'content-type': 'application/json' }, body };
}
