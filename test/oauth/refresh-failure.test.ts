import { describe, expect, it } from 'vitest';
import { classifyRefreshFailure, leavesDoubt, type RefreshFacts } from '../../src/oauth/refresh-failure.ts';
import type { ProblemCode } from '../../src/problems.ts';

function answered(status: number, error: string | undefined, code: ProblemCode, words = ''): RefreshFacts {
  return { said: { status, error, searchable: `${error ?? ''} ${words}`.toLowerCase() }, maybeReceived: false, code };
}

function unanswered(maybeReceived: boolean, code: ProblemCode): RefreshFacts {
  return { said: undefined, maybeReceived, code };
}

/** What happened, what it means for the grant, and whether the refresh token may be used up. */
const TABLE: [string, RefreshFacts, ReturnType<typeof classifyRefreshFailure>, boolean][] = [
  ['400 invalid_grant', answered(400, 'invalid_grant', 'token_request_rejected'), 'refused', false],
  ['401 invalid_grant', answered(401, 'invalid_grant', 'token_client_rejected'), 'refused', false],
  ['403 invalid_grant', answered(403, 'invalid_grant', 'token_request_rejected'), 'refused', false],
  [
    'a gateway says it in words',
    answered(400, undefined, 'token_request_rejected', 'The refresh token is invalid or expired.'),
    'refused',
    false,
  ],
  [
    'a gateway says it the other way round',
    answered(401, undefined, 'token_client_rejected', 'expired refresh_token'),
    'refused',
    false,
  ],
  ['500 with invalid_grant', answered(500, 'invalid_grant', 'token_endpoint_unavailable'), 'transient', true],
  ['200 with invalid_grant', answered(200, 'invalid_grant', 'token_response_invalid'), 'transient', true],
  ['200 that is HTML', answered(200, undefined, 'token_response_invalid'), 'transient', true],
  ['500', answered(500, undefined, 'token_endpoint_unavailable'), 'transient', true],
  ['502', answered(502, undefined, 'token_endpoint_unavailable'), 'transient', true],
  ['503', answered(503, undefined, 'token_endpoint_unavailable'), 'transient', false],
  ['504', answered(504, undefined, 'token_endpoint_unavailable'), 'transient', true],
  ['408', answered(408, undefined, 'token_endpoint_unavailable'), 'transient', true],
  ['429', answered(429, undefined, 'token_rate_limited'), 'transient', false],
  ['429 with invalid_grant', answered(429, 'invalid_grant', 'token_rate_limited'), 'transient', false],
  [
    '400 temporarily_unavailable',
    answered(400, 'temporarily_unavailable', 'token_endpoint_unavailable'),
    'transient',
    false,
  ],
  ['401 invalid_client', answered(401, 'invalid_client', 'token_client_rejected'), 'misconfigured', false],
  [
    '400 unauthorized_client with words about a refresh token',
    answered(400, 'unauthorized_client', 'token_client_rejected', 'refresh token not allowed: invalid'),
    'misconfigured',
    false,
  ],
  ['401 without words', answered(401, undefined, 'token_client_rejected'), 'misconfigured', false],
  ['400 invalid_scope', answered(400, 'invalid_scope', 'token_scope_rejected'), 'misconfigured', false],
  ['400 invalid_request', answered(400, 'invalid_request', 'token_request_rejected'), 'misconfigured', false],
  ['404', answered(404, undefined, 'token_request_rejected'), 'misconfigured', false],
  ['a connection that was not made', unanswered(false, 'token_endpoint_unavailable'), 'transient', false],
  ['a connection that was cut', unanswered(true, 'token_endpoint_unavailable'), 'uncertain', true],
  ['no answer in time', unanswered(true, 'token_endpoint_unavailable'), 'uncertain', true],
  ['an answer that is too large', unanswered(true, 'token_response_invalid'), 'transient', true],
  ['a redirect', unanswered(true, 'token_response_invalid'), 'transient', true],
  ['a host that may not be called', unanswered(false, 'host_refused'), 'misconfigured', false],
  ['our own limit on requests', unanswered(false, 'token_rate_limited'), 'transient', false],
  ['a request that could not be formed', unanswered(false, 'internal'), 'misconfigured', false],
];

describe('a refresh that brought no token', () => {
  it.each(TABLE)('%s', (_title, facts, meaning, doubt) => {
    expect(classifyRefreshFailure(facts)).toBe(meaning);
    expect(leavesDoubt(facts)).toBe(doubt);
  });
});
