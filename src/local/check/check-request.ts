import { isDeepStrictEqual } from 'node:util';
import { targetOf } from '../match-exchange.ts';
import { type DeclaredRequest, formPairs } from './declared-request.ts';
import { type Difference, plainJson } from './difference.ts';

type Pairs = readonly (readonly [string, string])[];

/** Everything in which a request is not the declared one. `name` is what to call it. */
export function requestDifferences(name: string, declared: DeclaredRequest, sent: DeclaredRequest): Difference[] {
  return [
    ...lineDifferences(name, declared, sent),
    ...pairDifferences(`${name}: header`, Object.entries(declared.headers), Object.entries(sent.headers)),
    ...bodyDifferences(name, declared, sent),
  ];
}

function lineDifferences(name: string, declared: DeclaredRequest, sent: DeclaredRequest): Difference[] {
  const [one, other] = [new URL(declared.url), new URL(sent.url)];
  const found: Difference[] = [];
  const compare = (what: string, expected: string, actual: string) => {
    if (expected !== actual) found.push({ part: 'request', message: `${name}: ${what}`, expected, actual });
  };
  compare('method', declared.method, sent.method);
  compare('host', one.origin, other.origin);
  compare('path', one.pathname, other.pathname);
  const parameters = pairDifferences(`${name}: query parameter`, [...one.searchParams], [...other.searchParams]);
  found.push(...parameters);
  // Equal when decoded, and yet not the same bytes.
  if (parameters.length === 0 && one.pathname === other.pathname)
    compare('order or encoding of the query', targetOf(declared.url), targetOf(sent.url));
  return found;
}

function bodyDifferences(name: string, declared: DeclaredRequest, sent: DeclaredRequest): Difference[] {
  if (declared.bytes !== undefined) {
    if (declared.bytes === sent.bytes) return [];
    const lengths = { expected: declared.bytes, actual: sent.bytes };
    return [{ part: 'request', message: `${name}: length of the body in bytes`, ...lengths }];
  }
  const [oneForm, otherForm] = [formPairs(declared), formPairs(sent)];
  if (oneForm && otherForm) return pairDifferences(`${name}: form member`, oneForm, otherForm);
  const [expected, actual] = [plainJson(declared.body), plainJson(sent.body)];
  if (isDeepStrictEqual(expected, actual)) return [];
  return [{ part: 'request', message: `${name}: body`, expected, actual }];
}

/** By name, with all values of a name. */
function pairDifferences(what: string, declared: Pairs, sent: Pairs): Difference[] {
  const names = new Set([...declared, ...sent].map(([name]) => name));
  return [...names].flatMap((name) => {
    const [expected, actual] = [declared, sent].map((pairs) => valuesOf(pairs, name));
    if (isDeepStrictEqual(expected, actual)) return [];
    const verb = expected === undefined ? 'is sent and not declared' : actual === undefined ? 'is not sent' : 'differs';
    return [{ part: 'request' as const, message: `${what} "${name}" ${verb}`, expected, actual }];
  });
}

function valuesOf(pairs: Pairs, name: string): string | string[] | undefined {
  const values = pairs.filter(([other]) => other === name).map(([, value]) => value);
  return values.length > 1 ? values : values[0];
}
