import type { Registry } from '../connector/connector.ts';
import { type ConnectSession, findSession, type SessionError, sameDigest } from '../domain/connect-session.ts';
import { loadProfile } from '../domain/connector-profile.ts';
import { Problem } from '../problems.ts';
import type { Secret } from '../secret.ts';
import { assertMayLink, type Consent, completeLink } from './complete-link.ts';
import type { HubFlowDependencies } from './hub-flow.ts';
import type { LinkState } from './link-state.ts';
import { oauthClientOf } from './oauth-client.ts';

/** The provider's answer to an authorization request (RFC 6749 §4.1.2, RFC 9207), with nothing checked yet. */
export interface AuthorizationAnswer {
  state: string | undefined;
  code: Secret | undefined;
  error: string | undefined;
  errorDescription: string | undefined;
  iss: string | undefined;
}

/** What failed behind the person's back is told here; secrets never are. */
export interface LinkLogger {
  warn(details: object, message: string): void;
  error(details: object, message: string): void;
}

export interface CallbackFlowDependencies extends HubFlowDependencies {
  logger: LinkLogger;
}

// Half of what a claimed session is left to its process for.
const EXCHANGE_DEADLINE_MS = 30_000;
const MAX_CODE_CHARS = 4_096;
const MAX_PROVIDER_TEXT_CHARS = 300;
// RFC 6749 §4.1.2.1; RFC 8628 and OpenID Connect have none that a person's refusal could be.
const DENIED = 'access_denied';

/**
 * Ends a link with the provider's answer: the session as it is after that, whatever the answer was. Everything that does not
 * prove to be the answer to this browser's own, newest, unused request is refused with `state_invalid` and changes nothing.
 * Also rejects with `connect_session_expired`, `connect_session_finished` and `store_unavailable`.
 */
export async function finishAuthorization(
  deps: CallbackFlowDependencies,
  connectorId: string,
  answer: AuthorizationAnswer,
  browserDigest: string | undefined,
): Promise<ConnectSession> {
  const found = answer.state === undefined ? undefined : await deps.states.find(answer.state);
  const state = found?.state;
  // One answer for all of these: whoever tries must not learn which part was right.
  if (!found || !state || browserDigest === undefined || !sameDigest(state.browser_digest, browserDigest))
    throw invalid();
  // Mix-up (RFC 9700 §4.4): an answer that came on another provider's path is not the answer to this request.
  if (state.connector !== connectorId || !isOwnIssuer(deps.registry(), connectorId, answer.iss)) throw invalid();
  if ((answer.code === undefined) === (answer.error === undefined)) throw invalid();
  if (!(await found.consume())) throw invalid();

  const session = await findSession(deps.store, state.project, state.session);
  if (!session) throw new Problem('connect_session_expired', 'The link has expired.');
  const claimed = await deps.ends.claim(session, state.attempt);
  if (answer.code === undefined) return refusedByProvider(deps, claimed, answer);
  try {
    await link(deps, claimed, state, answer.code);
  } catch (error) {
    // Nothing can be noted now; after a minute the same link can be used again.
    if (error instanceof Problem && error.code === 'store_unavailable') throw error;
    if (!(error instanceof Problem)) deps.logger.error({ err: error, session: claimed.id }, 'a link failed');
    return deps.ends.failed(claimed, sessionError(error));
  }
  return deps.ends.authenticated(claimed);
}

async function link(
  deps: CallbackFlowDependencies,
  session: ConnectSession,
  state: LinkState,
  code: Secret,
): Promise<void> {
  const { cache, vault, registry, clock, oauth } = deps;
  if (code.reveal().length > MAX_CODE_CHARS) throw invalid();
  const connector = registry().connectors.get(session.connector);
  const profile = await loadProfile(cache, vault, session.project, session.profile_id);
  if (!connector || !profile?.enabled) throw new Problem('profile_disabled', 'The connector profile is disabled.');
  const client = oauthClientOf(connector, profile);
  const deadlineAt = clock.now() + EXCHANGE_DEADLINE_MS;
  const grant = await oauth.exchangeCode(client, {
    code,
    redirectUri: deps.redirectUri(session.connector),
    codeVerifier: state.code_verifier,
    deadlineAt,
  });
  let consent: Consent | undefined;
  try {
    const identity = await oauth.fetchIdentity(client, grant.accessToken, deadlineAt);
    await assertMayLink(deps.store, session, identity);
    consent = { client, grant, identity };
  } finally {
    // What will not be kept must not stay in force at the provider.
    if (!consent) await oauth.revoke(client, grant);
  }
  await completeLink(deps, session, state.settings, consent);
}

function refusedByProvider(
  { ends }: CallbackFlowDependencies,
  claimed: ConnectSession,
  { error, errorDescription }: AuthorizationAnswer,
): Promise<ConnectSession> {
  if (error === DENIED) return ends.denied(claimed, { code: 'consent_denied', detail: 'Access was not granted.' });
  const words = [error, errorDescription].map((text) => plainWords(text ?? '')).filter((text) => text !== '');
  const detail = `The provider refused the authorization: ${words.join(': ')}`;
  return ends.failed(claimed, { code: 'authorization_refused', detail });
}

/** RFC 9207: where the provider says who it is, it must be the one whose token endpoint gets the code. */
function isOwnIssuer(registry: Registry, connectorId: string, iss: string | undefined): boolean {
  if (iss === undefined) return true;
  const methods = [...(registry.connectors.get(connectorId)?.authentication.values() ?? [])];
  return URL.canParse(iss) && methods.some(({ tokenEndpoint }) => tokenEndpoint?.origin === new URL(iss).origin);
}

/** A provider's text as one short line; it is shown as text and nothing else. */
function plainWords(text: string): string {
  return text
    .toWellFormed()
    .replace(/[\p{C}\p{Z}\s]+/gu, ' ')
    .trim()
    .slice(0, MAX_PROVIDER_TEXT_CHARS);
}

function sessionError(error: unknown): SessionError {
  return error instanceof Problem
    ? { code: error.code, detail: error.message }
    : { code: 'internal', detail: 'An unexpected failure.' };
}

function invalid(): Problem {
  return new Problem('state_invalid', 'This authorization was not begun in this browser, or was used already.');
}
