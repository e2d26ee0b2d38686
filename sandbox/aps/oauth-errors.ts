import { type Answer, jsonAnswer } from './answer.ts';
import { gatewayError } from './errors.ts';
import type { Switches } from './switches.ts';

/** Thrown by what refuses a request to an OAuth endpoint; the body's shape is a switch. */
export class OauthRefusal extends Error {
  readonly status: number;
  readonly error: string;
  /** Of the gateway shape; AUTH-001 is from pasted answers, AUTH-003 and AUTH-008 are remembered from the v1 endpoint. */
  readonly gatewayCode: string;

  constructor(status: number, error: string, description: string, gatewayCode: string) {
    super(description);
    this.status = status;
    this.error = error;
    this.gatewayCode = gatewayCode;
  }
}

export const NO_STORE = { 'Cache-Control': 'no-store', Pragma: 'no-cache' } as const;
export const OAUTH_JSON = 'application/json; charset=utf-8';

export const invalidRequest = (description: string) =>
  new OauthRefusal(400, 'invalid_request', description, 'AUTH-008');
export const missingParameter = (name: string) =>
  invalidRequest(`The request is missing a required parameter '${name}'.`);
export const invalidGrant = (description: string) => new OauthRefusal(400, 'invalid_grant', description, 'AUTH-004');
export const invalidScope = () =>
  new OauthRefusal(
    400,
    'invalid_scope',
    'The requested scope is invalid, unknown, malformed or exceeds the scope granted by the resource owner.',
    'AUTH-008',
  );
export const noCredentials = () => new OauthRefusal(401, 'invalid_client', 'No client credentials found.', 'AUTH-003');
export const wrongCredentials = () =>
  new OauthRefusal(401, 'invalid_client', 'The client credentials are invalid.', 'AUTH-003');
/** For grants that need a secret, asked for by an app that has none. Not documented. */
export const unauthorizedClient = () =>
  new OauthRefusal(400, 'unauthorized_client', 'The client is not authorized for this grant type.', 'AUTH-001');

/** The descriptions are the reference page's; the body around them is not documented, hence the switch. */
export function refusalAnswer(refusal: OauthRefusal, shape: Switches['token_error_shape']): Answer {
  if (shape === 'gateway') {
    return gatewayError(refusal.status, refusal.message, refusal.gatewayCode, { ...NO_STORE }).answer;
  }
  const body = { error: refusal.error, error_description: refusal.message };
  return jsonAnswer(refusal.status, body, OAUTH_JSON, { ...NO_STORE });
}
