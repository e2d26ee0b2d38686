import { randomUUID } from 'node:crypto';
import { type Answer, JSON_API_TYPE, jsonAnswer } from './answer.ts';

const GATEWAY_HELP = 'https://aps.autodesk.com/en/docs/oauth/v2/developers_guide/error_handling/';

/** Thrown by anything that refuses a request; the handler sends its answer as it is. */
export class Refusal extends Error {
  readonly answer: Answer;
  constructor(answer: Answer) {
    super(`refused with status ${answer.status}`);
    this.answer = answer;
  }
}

/**
 * The gateway's error shape. The key is `moreInfo` in pasted live answers (the guide prints `more info`, with a space,
 * which only the quota error below uses).
 */
export function gatewayError(
  status: number,
  developerMessage: string,
  errorCode?: string,
  headers: Record<string, string> = {},
): Refusal {
  const body = { developerMessage, moreInfo: GATEWAY_HELP, ...(errorCode === undefined ? {} : { errorCode }) };
  return new Refusal(jsonAnswer(status, body, 'application/json', headers));
}

/** One JSON:API error, as Data Management answers. `code` and wording of BAD_INPUT, BIM360DM_ERROR are from live answers. */
export function jsonApiError(status: number, code: string, title: string, detail: string): Refusal {
  const error = { id: randomUUID(), status: String(status), code, title, detail };
  return new Refusal(jsonAnswer(status, { jsonapi: { version: '1.0' }, errors: [error] }, JSON_API_TYPE));
}

export const tokenMissing = () => gatewayError(401, 'Token is not provided in the request.', 'AUTH-010');
export const tokenInvalid = () => gatewayError(401, 'Access token provided is invalid or expired.', 'AUTH-006');
export const scopeMissing = () => gatewayError(403, 'Token does not have the privilege for this request.', 'AUTH-010');
/** S3's own answer to a second kind of authentication beside the signature; its form is AWS's, not the provider's. */
export function bearerRefused(): Refusal {
  const message = 'Only one auth mechanism allowed';
  const body = `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>InvalidArgument</Code><Message>${message}</Message></Error>`;
  return new Refusal({ status: 400, headers: { 'Content-Type': 'application/xml' }, body: Buffer.from(body) });
}
export const pathUnknown = () => gatewayError(404, 'The requested resource does not exist.');
export const methodRefused = (allow: string) =>
  gatewayError(405, 'The requested method is not allowed for this resource.', undefined, { Allow: allow });

/** The edge's quota answer; `Retry-After` in seconds is its only signal (developer blog, 2025). */
export function quotaExceeded(retryAfterSeconds: number): Refusal {
  return new Refusal(
    jsonAnswer(429, { developerMessage: 'Quota limit exceeded.' }, 'application/json', {
      'Retry-After': String(retryAfterSeconds),
    }),
  );
}

export const badInput = (detail: string) =>
  jsonApiError(400, 'BAD_INPUT', 'One or more input values in the request were bad', detail);
export const badUrn = () => badInput('Urn is not in the proper format');
export const notFound = (detail: string) =>
  jsonApiError(404, 'NOT_FOUND', 'The requested resource does not exist.', detail);
export const notProvisioned = () =>
  jsonApiError(403, 'BIM360DM_ERROR', 'Forbidden', "You don't have permission to access this API");

/** A person's token, and somebody who is not in there. Wording not documented. */
export const personHasNoAccess = (what: string) =>
  jsonApiError(403, 'BIM360DM_ERROR', 'Forbidden', `You don't have permission to access this ${what}`);

/** Without id and title: this is the body as a live run saw it. */
export function projectInactive(projectId: string): Refusal {
  const error = { status: '403', code: 'BIM360DM_ERROR', detail: `Project is not active: ${projectId}` };
  return new Refusal(jsonAnswer(403, { jsonapi: { version: '1.0' }, errors: [error] }, JSON_API_TYPE));
}

/** While a new project is set up: transient, told by its age alone (seen in a retry loop written from live runs). */
export const projectProvisioning = (projectId: string) =>
  jsonApiError(400, 'BIM360DM_ERROR', 'Bad Request', `Project is being provisioned: ${projectId}`);
