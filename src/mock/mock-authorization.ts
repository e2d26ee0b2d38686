import type { Authentication, Connector } from '../connector/connector.ts';
import type { Expression } from '../expression/expression.ts';
import { type MockRequest, urlOf } from './choose-example.ts';

export interface MockAnswer {
  status: number;
  headers: Readonly<Record<string, string>>;
  /** A text is sent as it is, everything else as JSON. */
  body: unknown;
}

/** The part of a provider that gives and judges tokens: it consents to everything. */
export interface MockAuthorization {
  /** Undefined for what is none of its endpoints. */
  answer(request: MockRequest): MockAnswer | undefined;
  /** Who the person is; undefined for what is no place to ask for that. */
  identity(request: MockRequest): MockAnswer | undefined;
}

const TOKEN_LIFE_S = 3_599;
const SECOND_MS = 1_000;
const JSON_HEADERS = { 'content-type': 'application/json', 'cache-control': 'no-store' };

/** The endpoints of a connector's authentication methods, found by their paths. Tokens are made up and say nothing. */
export function createMockAuthorization(connector: Connector, now: () => number): MockAuthorization {
  const methods = [...connector.authentication.values()];
  /** Codes and tokens, with the scopes that were asked for. */
  const given = new Map<string, string>();
  let count = 0;

  function make(kind: string, scope: string): string {
    count += 1;
    const value = `mock-${kind}-${count}`;
    given.set(value, scope);
    // A mock that is left running must not grow.
    const [oldest] = given.keys();
    if (given.size > MAX_GIVEN && oldest !== undefined) given.delete(oldest);
    return value;
  }

  function token(request: MockRequest): MockAnswer {
    const form = new URLSearchParams(request.body ?? '');
    const before = form.get('code') ?? form.get('refresh_token');
    const scope = form.get('scope') ?? given.get(before ?? '') ?? allScopes(connector);
    return json(200, {
      access_token: make('token', scope),
      token_type: 'Bearer',
      expires_in: TOKEN_LIFE_S,
      ...(before !== null && { refresh_token: make('refresh-token', scope) }),
      ...(scope !== '' && { scope }),
    });
  }

  function introspection(request: MockRequest): MockAnswer {
    const form = new URLSearchParams(request.body ?? '');
    return json(200, {
      active: true,
      scope: given.get(form.get('token') ?? '') ?? allScopes(connector),
      client_id: clientOf(request, form),
      sub: PERSON.subject,
      exp: Math.floor(now() / SECOND_MS) + TOKEN_LIFE_S,
    });
  }

  function consent(url: URL): MockAnswer {
    const back = URL.parse(url.searchParams.get('redirect_uri') ?? '');
    if (!back || !/^https?:$/.test(back.protocol)) return json(400, { error: 'invalid_request' });
    back.searchParams.set('code', make('code', url.searchParams.get('scope') ?? ''));
    const state = url.searchParams.get('state');
    if (state !== null) back.searchParams.set('state', state);
    return { status: 302, headers: { location: back.href }, body: undefined };
  }

  return {
    answer(request) {
      const url = urlOf(request);
      const is = (endpoint: (method: Authentication) => URL | undefined) =>
        methods.some((method) => endpoint(method)?.pathname === url.pathname);
      const posted = request.method === 'POST';
      if (posted && is((method) => method.tokenEndpoint)) return token(request);
      if (posted && is((method) => method.introspectionEndpoint)) return introspection(request);
      if (posted && is((method) => method.revocationEndpoint)) return json(200, {});
      if (request.method === 'GET' && is((method) => method.authorizationEndpoint)) return consent(url);
      return undefined;
    },
    identity(request) {
      const path = urlOf(request).pathname;
      const asked = methods.find(({ identity }) => identity?.url.pathname === path);
      return request.method === 'GET' && asked ? json(200, identityBody(asked, connector)) : undefined;
    },
  };
}

const MAX_GIVEN = 1_000;
const PERSON = { subject: 'mock-person', name: 'Mock Person', email: 'mock.person@example.com' };

/** A body in which the method's expressions find somebody. */
function identityBody(
  { identity, grant, grantedScopes }: Authentication,
  connector: Connector,
): Record<string, unknown> {
  const body: Record<string, unknown> = {};
  const put = (expression: Expression | undefined, value: unknown) => {
    for (const path of expression?.reads ?? []) {
      const [root, ...members] = path.split('.');
      if (root === 'body' && members.length > 0) place(body, members, value);
    }
  };
  if (grant === 'api_key') put(grantedScopes, [...connector.scopes.keys()]);
  put(identity?.name, PERSON.name);
  put(identity?.email, PERSON.email);
  put(identity?.subject, PERSON.subject);
  return body;
}

function place(body: Record<string, unknown>, [name = '', ...rest]: readonly string[], value: unknown): void {
  // An expression's own text is the author's; a prototype is nobody's.
  if (name === '__proto__') return;
  if (rest.length === 0) {
    if (!Object.hasOwn(body, name)) body[name] = value;
    return;
  }
  const inner = body[name];
  const below: Record<string, unknown> =
    typeof inner === 'object' && inner !== null ? (inner as Record<string, unknown>) : {};
  body[name] = below;
  place(below, rest, value);
}

function clientOf({ headers }: MockRequest, form: URLSearchParams): string | undefined {
  const [, basic] = /^Basic (\S+)$/i.exec(headers.authorization ?? '') ?? [];
  if (basic === undefined) return form.get('client_id') ?? undefined;
  const [id = ''] = Buffer.from(basic, 'base64').toString('utf8').split(':');
  // RFC 6749 §2.3.1: encoded as in a form.
  return new URLSearchParams(`id=${id}`).get('id') ?? undefined;
}

function allScopes({ scopes }: Connector): string {
  return [...scopes.keys()].join(' ');
}

function json(status: number, body: unknown): MockAnswer {
  return { status, headers: JSON_HEADERS, body };
}
