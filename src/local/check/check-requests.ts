import type { Authentication, Connector, Example } from '../../connector/connector.ts';
import { credentialHeader as headersWith } from '../../oauth/placement.ts';
import type { LocalCredentials } from '../local-engine.ts';
import type { SeenRequest } from '../player.ts';
import { requestDifferences } from './check-request.ts';
import { credentialHeader, type DeclaredRequest, declaredOf } from './declared-request.ts';
import type { Difference } from './difference.ts';

/** What is told of a request that nothing in the example answers; `actual` names it then. */
export const UNDECLARED_REQUEST = 'a request that no exchange declares';

// As the player makes them.
const OBTAINED = /^token-\d+$/;

/** What was sent for an example. */
export interface SentRequests {
  seen: readonly SeenRequest[];
  credentials: LocalCredentials | undefined;
}

/** Every declared request was sent, and no other; those to the connector's own hosts in the declared order. */
export function requestsDifferences(connector: Connector, { exchanges }: Example, sent: SentRequests): Difference[] {
  const { seen, credentials } = sent;
  const authentication = connector.authentication.get(credentials?.authentication ?? '');
  const isOwn = ({ origin }: { origin: string }) => connector.origins.has(origin);
  const nameOf = (index: number, { method, url }: DeclaredRequest) =>
    exchanges.length > 1 ? `request ${index + 1} (${method} …${lastSegment(url)})` : 'request';

  const found = seen.flatMap((one): Difference[] => {
    const declared = exchanges[one.exchange ?? -1]?.request;
    const told = declaredOf(one, declared, authentication);
    if (!declared || one.exchange === undefined)
      return [{ part: 'request', message: UNDECLARED_REQUEST, actual: `${told.method} ${told.url}` }];
    const name = nameOf(one.exchange, declared);
    return [
      ...requestDifferences(name, declared, told),
      ...credentialDifferences(name, one, isOwn(one), authentication, credentials),
    ];
  });
  const used = new Set(seen.map(({ exchange }) => exchange));
  for (const [index, { request }] of exchanges.entries())
    if (!used.has(index))
      found.push({ part: 'request', message: `${nameOf(index, request)} was not sent`, expected: request.url });
  const order = seen.filter(isOwn).flatMap(({ exchange }) => (exchange === undefined ? [] : [exchange + 1]));
  const wanted = order.toSorted((one, other) => one - other);
  if (order.join() !== wanted.join())
    found.push({ part: 'request', message: 'order of the requests', expected: wanted, actual: order });
  return unique(found);
}

function lastSegment(url: string): string {
  const { pathname } = new URL(url);
  return pathname.slice(pathname.lastIndexOf('/'));
}

/** A signed URL is its own credential; another one next to it is refused, and would be given away. */
function credentialDifferences(
  name: string,
  { headers }: SeenRequest,
  own: boolean,
  authentication: Authentication | undefined,
  credentials: LocalCredentials | undefined,
): Difference[] {
  const header = credentialHeader(authentication);
  const given = headers[header];
  const message = `${name}: header "${header}"`;
  if (!own)
    return given === undefined ? [] : [{ part: 'request', message: `${message} gives a credential to another host` }];
  return typeof given === 'string' && authentication && isCredential(given, authentication, credentials)
    ? []
    : [{ part: 'request', message: `${message} does not carry the credential` }];
}

/** The one that the call was made with, or one of those that the player gave. */
function isCredential(
  given: string,
  { placement }: Authentication,
  credentials: LocalCredentials | undefined,
): boolean {
  const token = credentials?.token?.reveal();
  if (token !== undefined && Object.values(headersWith(placement, token)).includes(given)) return true;
  return (
    placement.in === 'header' &&
    given.startsWith(placement.prefix) &&
    OBTAINED.test(given.slice(placement.prefix.length))
  );
}

/** A request that is tried again differs again. */
function unique(found: readonly Difference[]): Difference[] {
  return [...new Map(found.map((one) => [JSON.stringify(one), one])).values()];
}
