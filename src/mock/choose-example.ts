import { bodyValue } from '../engine/form.ts';
import { requestDifferences } from '../local/check/check-request.ts';
import type { DeclaredRequest } from '../local/check/declared-request.ts';
import { targetOf } from '../local/match-exchange.ts';
import { type Candidate, type Endpoint, endpointFor } from './example-index.ts';

/** A request as it came. */
export interface MockRequest {
  method: string;
  /** Path and query, beginning with a slash. */
  target: string;
  /** Lower-case names. */
  headers: Readonly<Record<string, string>>;
  bytes: number;
  /** Undefined where there is none. */
  body: string | undefined;
}

/** What is answered, and in what the request is not the one that this answers. */
export interface Choice {
  candidate: Candidate;
  differs: readonly string[];
}

/** The URL of a request at a host of no meaning. A target that begins with two slashes names no host. */
export function urlOf({ target }: Pick<MockRequest, 'target'>): URL {
  return new URL(`http://mock${target}`);
}

/** What was answered before, the latest last. */
export type History = readonly Candidate[];

/**
 * The example that answers a request. First one that asks for exactly this; else one of the same endpoint, without those of
 * refusals, that has most in common with it. Where several are as good: one with an answer rather than a refusal, the one that
 * goes on where the last one stopped, the first. A request for a further page gets a last page, so that walks end.
 */
export function chooseExample(
  candidates: readonly Candidate[],
  request: MockRequest,
  history: History,
): Choice | undefined {
  const url = urlOf(request);
  const alike = candidates.filter(({ exchange }) => exchange.request.method === request.method);
  const judged = (some: readonly Candidate[]) =>
    some.map((candidate) => ({ candidate, differs: differencesOf(candidate, request) }));

  const sameTarget = alike.filter(({ exchange }) => isSameTarget(targetOf(exchange.request.url), request.target));
  const exact = judged(sameTarget).filter(({ differs }) => differs.length === 0);
  if (exact.length > 0) return best(exact, history);

  const endpoints = [...new Set(candidates.flatMap(({ endpoint }) => endpoint ?? []))];
  const endpoint = endpointFor(endpoints, request.method, url.pathname);
  const near = alike.filter(
    (one) =>
      !one.refusal &&
      (isOf(one, endpoint, url.pathname) || new URL(one.exchange.request.url).pathname === url.pathname),
  );
  const pages = endpoint && isFurtherPage(endpoint, url, alike) ? near.filter(isLastPage) : near;
  const ranked = judged(pages.length > 0 ? pages : near);
  const least = Math.min(...ranked.map(({ differs }) => differs.length));
  return best(
    ranked.filter(({ differs }) => differs.length === least),
    history,
  );
}

/** Whether an example is called so: by its own name, with its action's before it, or as {@link Candidate.name}. */
export function isNamed({ name, example }: Candidate, wanted: string): boolean {
  return [name, name.replace(/ \(\d+ of \d+\)$/, ''), example.name].includes(wanted);
}

/** The exchange of the example of a name that is most like the request. */
export function namedExample(candidates: readonly Candidate[], name: string, request: MockRequest): Choice | undefined {
  const ranked = candidates
    .filter((candidate) => isNamed(candidate, name))
    .map((candidate) => ({ candidate, differs: differencesOf(candidate, request) }))
    .sort((one, other) => one.differs.length - other.differs.length);
  return ranked.find(({ candidate }) => candidate.exchange.request.method === request.method) ?? ranked[0];
}

function best(choices: readonly Choice[], history: History): Choice | undefined {
  const last = history.at(-1);
  const goesOn = ({ candidate: { example, index } }: Choice) =>
    last?.example === example && index > last.index ? Number.MAX_SAFE_INTEGER - index : 0;
  const began = ({ candidate: { index } }: Choice) => -index;
  const answers = ({ candidate }: Choice) => (candidate.refusal ? 0 : candidate.example.problem ? 1 : 2);
  return [...choices].sort(
    (one, other) => answers(other) - answers(one) || goesOn(other) - goesOn(one) || began(other) - began(one),
  )[0];
}

function isOf(candidate: Candidate, endpoint: Endpoint | undefined, path: string): boolean {
  return (
    endpoint !== undefined &&
    candidate.endpoint !== undefined &&
    candidate.endpoint.path.source === endpoint.path.source &&
    endpoint.path.test(path)
  );
}

function isLastPage({ example }: Candidate): boolean {
  return example.output?.more === false;
}

/** Whether a request asks for another page than the first. */
function isFurtherPage({ pagination, parameters }: Endpoint, url: URL, candidates: readonly Candidate[]): boolean {
  if (!pagination) return false;
  const names = [...url.searchParams.keys()];
  switch (pagination.style) {
    case 'page_number':
      return names.includes(pagination.number);
    case 'offset':
      return names.includes(pagination.offset);
    case 'cursor':
      return names.includes(pagination.cursor);
    // The provider's own target: what no request of the action has is its position.
    case 'link_header':
      return (
        names.some((name) => !parameters.has(name.replace(/\[\d*\]$/, '')) && !parameters.has(name)) ||
        candidates.some(({ exchange }) => linkOf(exchange.response.headers)?.includes(`${url.pathname}${url.search}>`))
      );
  }
}

function linkOf(headers: Readonly<Record<string, string>>): string | undefined {
  return Object.entries(headers).find(([name]) => name.toLowerCase() === 'link')?.[1];
}

/** Path and query; in the query the order and the ways to encode are all the same. */
function isSameTarget(one: string, other: string): boolean {
  if (one === other) return true;
  const [first, second] = [urlOf({ target: one }), urlOf({ target: other })];
  first.searchParams.sort();
  second.searchParams.sort();
  return first.pathname === second.pathname && first.searchParams.toString() === second.searchParams.toString();
}

function differencesOf({ exchange }: Candidate, request: MockRequest): string[] {
  const declared = exchange.request;
  const names = Object.keys(declared.headers).map((name) => name.toLowerCase());
  const headers = Object.fromEntries(
    names.flatMap((name) => (name in request.headers ? [[name, request.headers[name] ?? '']] : [])),
  );
  const contentType = request.headers['content-type'];
  const sent: DeclaredRequest = {
    method: request.method,
    url: `${new URL(declared.url).origin}${request.target}`,
    // What the example says nothing about may be anything.
    headers,
    body: declared.bytes === undefined && request.body !== undefined ? bodyOf(request.body, contentType) : undefined,
    bytes: declared.bytes === undefined ? undefined : request.bytes,
  };
  const plain = {
    ...declared,
    headers: Object.fromEntries(Object.entries(declared.headers).map(([name, value]) => [name.toLowerCase(), value])),
  };
  return requestDifferences('', plain, sent)
    .filter(({ message }) => !message.endsWith('order or encoding of the query'))
    .map(({ message }) => message.replace(/^: /, ''));
}

function bodyOf(body: string, contentType: string | undefined): unknown {
  try {
    return bodyValue(body, contentType);
  } catch {
    return body;
  }
}
