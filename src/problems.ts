/** Whose doing a refusal is; decides the log level and who should act. */
export type Fault = 'caller' | 'operator' | 'provider' | 'network' | 'server';

interface ProblemKind {
  status: number;
  title: string;
  fault: Fault;
  retryable: boolean;
  /** What to do about it; a thrower may give a more exact one. */
  hint: string;
}

/**
 * Every refusal that Corbel gives. Codes are public API: never reused, never renamed.
 * A provider's own statuses are kept where they are about the caller's request (400, 403, 404, 409, 429); a provider's 401
 * is never passed on as 401, which would read as a fault of the caller's Corbel key.
 */
export const PROBLEMS = {
  // the caller's key
  key_missing: kind(
    401,
    'No API key',
    'caller',
    false,
    'Send "Authorization: Bearer <key>", or Basic with the key as user name.',
  ),
  key_invalid: kind(
    401,
    'API key not accepted',
    'caller',
    false,
    'Check that the whole key was copied and belongs to this server.',
  ),
  key_revoked: kind(401, 'API key revoked', 'caller', false, 'Ask an operator for a new key.'),
  key_expired: kind(401, 'API key expired', 'caller', false, 'Ask an operator for a new key.'),
  session_missing: kind(
    401,
    'Not signed in',
    'caller',
    false,
    'Sign in with POST /console/session; sessions end after 30 minutes without use, and after 12 hours.',
  ),
  csrf_token_invalid: kind(
    403,
    'Session token missing or wrong',
    'caller',
    false,
    'Send the header x-csrf-token with the "csrf_token" of GET /console/session.',
  ),
  role_forbidden: kind(403, 'Role not sufficient', 'caller', false, 'Use a key with the role that the detail names.'),
  key_not_allowed: kind(
    403,
    'Outside what this key is narrowed to',
    'caller',
    false,
    'Use another key, or ask an operator for one that may.',
  ),

  // the caller's request
  route_not_found: kind(404, 'No such route', 'caller', false, 'See the README for the list of routes.'),
  not_found: kind(404, 'Not found', 'caller', false, 'Check the id; resources of other projects are never visible.'),
  body_not_json: kind(400, 'Body is not JSON', 'caller', false, 'Send one JSON object.'),
  body_too_large: kind(413, 'Body too large', 'caller', false, 'Send less.'),
  body_too_deep: kind(400, 'Body nested too deeply', 'caller', false, 'Send a flatter body.'),
  body_poisoned: kind(
    400,
    'Body has a forbidden key',
    'caller',
    false,
    'Remove the keys "__proto__", "constructor" and "prototype".',
  ),
  media_type_unsupported: kind(415, 'Media type not supported', 'caller', false, 'Send application/json.'),
  file_missing: kind(
    400,
    'No file came with the call',
    'caller',
    false,
    'Send the file as the raw body (application/octet-stream, inputs in the query) or as multipart/form-data.',
  ),
  file_unexpected: kind(400, 'The action takes no file', 'caller', false, 'Send the inputs as a JSON object.'),
  file_too_large: kind(413, 'File too large', 'caller', false, 'Send a smaller file.'),
  file_length_required: kind(
    411,
    'Length of the file not known',
    'caller',
    false,
    'Send the file as the raw body with a Content-Length, or use an action that uploads in parts.',
  ),
  file_interrupted: kind(408, 'The file stopped coming', 'caller', true, 'Send the whole file again.'),
  url_refused: kind(400, 'URL not allowed', 'caller', false, 'Use a URL that the provider gave, as it is.'),
  request_invalid: kind(400, 'Request not valid', 'caller', false, 'Mend what "errors" lists.'),
  already_exists: kind(409, 'Already exists', 'caller', false, 'Choose another name, or change the existing one.'),
  version_conflict: kind(409, 'Changed meanwhile', 'caller', true, 'Read the resource again and repeat the change.'),
  in_use: kind(409, 'Still in use', 'caller', false, 'Remove what uses it first.'),

  // calling an action
  action_unknown: kind(404, 'No such action', 'caller', false, 'GET /actions lists the actions.'),
  account_missing: kind(400, 'No account named', 'caller', false, 'Send the header x-account-id.'),
  account_not_found: kind(404, 'No such account', 'caller', false, 'GET /accounts lists the accounts of this project.'),
  account_inactive: kind(
    409,
    'Account is not active',
    'operator',
    false,
    'See the status reasons; an operator can activate the account.',
  ),
  account_reauth_required: kind(409, 'Account must be linked again', 'operator', false, 'Link the account again.'),
  profile_disabled: kind(
    409,
    'Connector profile is disabled',
    'operator',
    false,
    'An operator can enable the profile.',
  ),
  action_disabled: kind(
    403,
    'Action is not enabled',
    'operator',
    false,
    'An operator can enable the action on the connector profile.',
  ),
  scopes_missing: kind(403, 'Scopes missing', 'operator', false, 'Grant the missing scopes to the connector profile.'),
  token_kind_unavailable: kind(
    403,
    'Credential kind not available',
    'operator',
    false,
    'Use a profile whose authentication gives the kind of token the action needs.',
  ),
  inputs_invalid: kind(400, 'Inputs not valid', 'caller', false, 'Mend what "errors" lists.'),
  path_value_rejected: kind(
    400,
    'Value cannot stand in a path',
    'caller',
    false,
    'Send the plain id as the provider gave it.',
  ),
  header_value_rejected: kind(
    400,
    'Value cannot stand in a header',
    'caller',
    false,
    'Remove line breaks and control characters.',
  ),
  cursor_invalid: kind(
    400,
    'Cursor not accepted',
    'caller',
    false,
    'Send "next" exactly as the previous answer gave it, with the same account, action and inputs.',
  ),
  page_limit_reached: kind(400, 'Too many pages', 'caller', false, 'Narrow the list with filters.'),
  deadline_exceeded: kind(504, 'Deadline passed', 'provider', true, 'Repeat later, or allow more time.'),

  // linking an account
  connect_session_invalid: kind(404, 'Link not valid', 'caller', false, 'Ask for a new link.'),
  connect_session_expired: kind(410, 'Link has expired', 'caller', false, 'Ask for a new link.'),
  connect_session_finished: kind(
    409,
    'Link was used already',
    'caller',
    false,
    'Ask for a new link if it is needed again.',
  ),
  connect_session_elsewhere: kind(
    403,
    'Link was opened in another browser',
    'caller',
    false,
    'Go on in the browser in which the link was opened first, or ask for a new link.',
  ),
  device_code_invalid: kind(404, 'Code not valid', 'caller', false, 'Check the code, or ask for a new one.'),
  state_invalid: kind(
    400,
    'Authorization not recognized',
    'caller',
    false,
    'Open the link again in this browser; an authorization can be used once, and for ten minutes.',
  ),
  consent_denied: kind(403, 'Access was not granted', 'caller', false, 'Ask for a new link to try again.'),
  authorization_refused: kind(
    502,
    'The provider refused the authorization',
    'provider',
    false,
    'Check the scopes and the callback URL of the app at the provider.',
  ),
  identity_changed: kind(
    409,
    'Another person than before',
    'caller',
    false,
    'Sign in at the provider as the person who linked the account, or ask for a link that allows another one.',
  ),
  return_url_refused: kind(
    400,
    'Return URL not registered',
    'caller',
    false,
    'An operator can add it to "return_urls" with PUT /project_settings; it is compared exactly.',
  ),
  popup_origin_refused: kind(
    400,
    'Popup origin not registered',
    'caller',
    false,
    'An operator can add it to "popup_origins" with PUT /project_settings; it is compared exactly.',
  ),
  cross_site_refused: kind(403, 'Request from another site', 'caller', false, 'Use the page that this server gives.'),
  too_many_attempts: kind(429, 'Too many attempts', 'caller', true, 'Wait for the time that Retry-After names.'),

  // accounts and their events
  consent_required: kind(
    409,
    'A person must consent',
    'caller',
    false,
    'Make a link with POST /connect_sessions; the account is there once somebody has consented.',
  ),
  credential_inactive: kind(
    422,
    'Credential not active',
    'caller',
    false,
    'Send a token that the provider gave to the client id of the connector profile, or a key, and that has not expired.',
  ),
  grant_absent: kind(
    409,
    'Account has no grant',
    'caller',
    false,
    'Its tokens are obtained with the credentials of the connector profile, whenever they are needed.',
  ),
  webhook_endpoint_disabled: kind(
    409,
    'Webhook endpoint is disabled',
    'caller',
    false,
    'Set "enabled" with PATCH /webhook_endpoints/{id} first.',
  ),

  // obtaining a token
  token_client_rejected: kind(
    502,
    'Client credentials refused',
    'operator',
    false,
    'Check the client id and secret of the connector profile.',
  ),
  token_scope_rejected: kind(
    502,
    'Scopes refused by the token endpoint',
    'operator',
    false,
    'Check the scopes of the connector profile against the app at the provider.',
  ),
  token_request_rejected: kind(
    502,
    'Token request refused',
    'operator',
    false,
    'Check the connector profile; see "provider" for what the token endpoint said.',
  ),
  token_rate_limited: kind(
    429,
    'Token endpoint is rate limited',
    'provider',
    true,
    'Repeat after the time that Retry-After names.',
  ),
  token_endpoint_unavailable: kind(502, 'Token endpoint not available', 'provider', true, 'Repeat later.'),
  token_response_invalid: kind(
    502,
    'Token endpoint gave an unusable answer',
    'provider',
    true,
    'Repeat later; if it lasts, the provider changed something.',
  ),

  // the provider's refusals
  provider_rejected_request: kind(
    400,
    'Provider refused the request',
    'caller',
    false,
    'See "provider" for what it said.',
  ),
  credential_rejected: kind(
    502,
    'Provider refused the token',
    'operator',
    false,
    'Check the connector profile; the token was renewed once and refused again.',
  ),
  provider_forbidden: kind(
    403,
    'Provider denied access',
    'operator',
    false,
    'Give the account access at the provider.',
  ),
  provider_scope_insufficient: kind(
    403,
    'Token lacks a scope that the provider wants',
    'operator',
    false,
    'Grant the scope to the connector profile.',
  ),
  app_api_not_enabled: kind(
    403,
    'API not enabled for this app',
    'operator',
    false,
    'Enable the API for the client id at the provider.',
  ),
  integration_not_provisioned: kind(
    403,
    'App not provisioned at the customer',
    'operator',
    false,
    'The customer must add the client id as an integration.',
  ),
  provider_not_found: kind(404, 'Not found at the provider', 'caller', false, 'Check the ids.'),
  provider_conflict: kind(409, 'Conflict at the provider', 'caller', false, 'See "provider" for what it said.'),
  resource_inactive: kind(
    409,
    'Resource is not active at the provider',
    'caller',
    false,
    'Activate it at the provider.',
  ),
  provisioning_pending: kind(503, 'Resource is still being set up', 'provider', true, 'Repeat in a minute.'),
  provider_rate_limited: kind(
    429,
    'Provider is rate limiting',
    'provider',
    true,
    'Repeat after the time that Retry-After names.',
  ),
  rate_budget_exhausted: kind(
    429,
    "The provider's published limit is used up",
    'provider',
    true,
    'Repeat after the time that Retry-After names; the limit is shared by all accounts of the client id.',
  ),
  upload_refused: kind(502, 'The storage refused a part of the file', 'provider', true, 'Send the whole file again.'),
  provider_unavailable: kind(502, 'Provider failed', 'provider', true, 'Repeat later.'),
  provider_timeout: kind(504, 'Provider did not answer in time', 'provider', true, 'Repeat later.'),
  provider_unreachable: kind(
    502,
    'Provider not reachable',
    'network',
    true,
    'Repeat later; if it lasts, check the network.',
  ),
  provider_response_invalid: kind(
    502,
    'Provider gave an unusable answer',
    'provider',
    true,
    'Repeat later; if it lasts, the provider changed something.',
  ),
  provider_response_too_large: kind(
    502,
    'Provider answer too large',
    'provider',
    false,
    'Ask for less, for example with a smaller page_size.',
  ),
  provider_redirect_refused: kind(
    502,
    'Provider answered with a redirect',
    'provider',
    false,
    'Redirects are not followed.',
  ),
  pagination_cycle: kind(
    502,
    'Provider repeats its pages',
    'provider',
    false,
    'Stop paging: the provider gives the same page again.',
  ),
  host_refused: kind(
    502,
    'Host not allowed',
    'operator',
    false,
    'Only hosts that the connector declares may be called, and private addresses only when CORBEL_ALLOW_PRIVATE_ADDRESSES names them.',
  ),

  // our own
  output_shaping_failed: kind(
    502,
    'Answer could not be shaped',
    'server',
    false,
    'Call with raw=true for the unshaped answer, and report the action.',
  ),
  request_rendering_failed: kind(
    500,
    'Request could not be built',
    'server',
    false,
    'Report the action and the inputs.',
  ),
  sealed_value_unreadable: kind(
    500,
    'Sealed value cannot be opened',
    'server',
    false,
    'The record was moved or damaged, or its encryption key is missing.',
  ),
  store_unavailable: kind(503, 'Store not available', 'server', true, 'Repeat later.'),
  shutting_down: kind(503, 'Server is stopping', 'server', true, 'Repeat; another process will answer.'),
  // 499: never sent, there is nobody to send it to; it stands in logs.
  caller_gone: kind(499, 'Caller went away', 'caller', true, 'Repeat if the answer is still wanted.'),
  request_timeout: kind(408, 'Request took too long to arrive', 'caller', true, 'Send the request faster.'),
  internal: kind(500, 'Internal error', 'server', false, 'Report the request id.'),
} as const satisfies Record<string, ProblemKind>;

export type ProblemCode = keyof typeof PROBLEMS;

/** One thing wrong with one field of a request. `path` is a JSON pointer into the body ("" for the body itself). */
export interface FieldError {
  path: string;
  message: string;
}

/** What the provider said, as far as it could be read. Never holds a body, only extracted, shortened texts. */
export interface ProviderDetail {
  status?: number;
  code?: string;
  message?: string;
  request_id?: string;
}

export interface ProblemOptions {
  hint?: string;
  errors?: FieldError[];
  provider?: ProviderDetail;
  /** Seconds, whole, at least 1; becomes Retry-After. */
  retryAfterS?: number;
  /** Overrides the kind's own answer, where the thrower knows better (a write that may have happened). */
  retryable?: boolean;
  /** Further members of the problem document (RFC 9457 §3.2). Public: no secrets. */
  extra?: Record<string, unknown>;
  cause?: unknown;
}

/**
 * A refusal on its way to the caller. `detail` is public text; what is private goes into `cause`, which is logged (redacted)
 * and never sent.
 */
export class Problem extends Error {
  readonly code: ProblemCode;
  readonly options: ProblemOptions;

  constructor(code: ProblemCode, detail: string, options: ProblemOptions = {}) {
    super(detail, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'Problem';
    this.code = code;
    this.options = options;
  }

  get status(): number {
    return PROBLEMS[this.code].status;
  }

  get fault(): Fault {
    return PROBLEMS[this.code].fault;
  }

  get retryable(): boolean {
    return this.options.retryable ?? PROBLEMS[this.code].retryable;
  }
}

/** The problem document (RFC 9457) for a refusal. */
export function problemDocument(problem: Problem, requestId: string): Record<string, unknown> {
  const { hint, errors, provider, extra } = problem.options;
  return {
    type: `urn:corbel:problem:${problem.code}`,
    title: PROBLEMS[problem.code].title,
    status: problem.status,
    detail: problem.message,
    code: problem.code,
    fault: problem.fault,
    retryable: problem.retryable,
    request_id: requestId,
    hint: hint ?? PROBLEMS[problem.code].hint,
    ...(errors && { errors }),
    ...(provider && { provider }),
    ...extra,
  };
}

function kind(status: number, title: string, fault: Fault, retryable: boolean, hint: string): ProblemKind {
  return { status, title, fault, retryable, hint };
}
