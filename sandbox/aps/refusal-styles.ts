import { jsonAnswer } from './answer.ts';
import { gatewayError, jsonApiError, notProvisioned, Refusal } from './errors.ts';

/** How one API family words what is refused before its handler is asked. */
export interface RefusalStyle {
  notProvisioned(): Refusal;
  /** A person's token on a route for apps alone. */
  userTokenRefused(): Refusal;
  malformedBody(detail: string): Refusal;
  /** A body that is not JSON by its `Content-Type`; as `malformedBody` when absent. */
  contentTypeRefused?(detail: string): Refusal;
}

const MALFORMED = 'The request body is malformed';
const APP_ONLY = 'This resource supports two-legged authentication only.';

export const DATA_MANAGEMENT_STYLE: RefusalStyle = {
  notProvisioned,
  userTokenRefused: () => jsonApiError(403, 'FORBIDDEN', 'Forbidden', APP_ONLY),
  malformedBody: (detail) => jsonApiError(400, 'BAD_INPUT', MALFORMED, detail),
  contentTypeRefused: (detail) => jsonApiError(415, 'UNSUPPORTED_MEDIA_TYPE', 'Unsupported Media Type', detail),
};

/**
 * `{"code", "message"}` with a number, as account administration (`/hq/`) answers. 1004 "this account doesn't exist." is
 * from a pasted live answer; the other numbers are not documented, so callers must not rely on them.
 */
export function hqError(status: number, code: number, message: string): Refusal {
  return new Refusal(jsonAnswer(status, { code, message }, 'application/json'));
}

export const HQ_CODE = { badInput: 1000, forbidden: 1003, missing: 1004, conflict: 1005, unprocessable: 1006 } as const;

export const HQ_STYLE: RefusalStyle = {
  notProvisioned: () => hqError(403, HQ_CODE.forbidden, "You don't have permission to access this account."),
  userTokenRefused: () => hqError(403, HQ_CODE.forbidden, APP_ONLY),
  malformedBody: (detail) => hqError(400, HQ_CODE.badInput, `${MALFORMED}: ${detail}`),
};

/** `{"title", "detail"}`: the error form of `/construction/` is not documented; this is what clients accept. */
export function constructionError(status: number, title: string, detail: string): Refusal {
  return new Refusal(jsonAnswer(status, { title, detail }, 'application/json'));
}

export const CONSTRUCTION_STYLE: RefusalStyle = {
  notProvisioned: () =>
    constructionError(403, 'ERR_NOT_ALLOWED', "The app doesn't have permission to access this account."),
  userTokenRefused: () => constructionError(403, 'ERR_NOT_ALLOWED', APP_ONLY),
  malformedBody: (detail) => constructionError(400, 'ERR_BAD_INPUT', `${MALFORMED}: ${detail}`),
};

/** `{"id", "status", "detail": [...]}`: undocumented too; the list form is that of the documented token answer. */
export function webhooksError(status: number, code: string, detail: string): Refusal {
  return new Refusal(jsonAnswer(status, { id: code, status, detail: [detail] }, 'application/json'));
}

export const WEBHOOKS_STYLE: RefusalStyle = {
  notProvisioned: () => gatewayError(403, 'Token does not have the privilege for this request.', 'AUTH-010'),
  userTokenRefused: () => webhooksError(403, 'FORBIDDEN', APP_ONLY),
  malformedBody: (detail) => webhooksError(400, 'BAD_REQUEST', `${MALFORMED}: ${detail}`),
};
