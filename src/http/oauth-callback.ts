import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { referenceOf, stateOf } from '../domain/connect-session.ts';
import { getProjectSettings } from '../domain/project-settings.ts';
import type { AttemptLimit } from '../link/attempt-limit.ts';
import type { BrowserCookie } from '../link/browser-cookie.ts';
import { type AuthorizationAnswer, type CallbackFlowDependencies, finishAuthorization } from '../link/callback-flow.ts';
import type { PublicAddress } from '../link/public-address.ts';
import { returnLocation } from '../link/return-url.ts';
import { Secret } from '../secret.ts';
import { limitRequests } from './hub.ts';
import { type HubPages, setHubHeaders } from './hub-pages.ts';
import { problemOf } from './problem-responses.ts';

export interface OAuthCallbackDependencies extends CallbackFlowDependencies {
  cookie: BrowserCookie;
  address: PublicAddress;
  pages: HubPages;
  requests: AttemptLimit;
}

// From /connect/oauth2/<connector>/callback.
const ASSETS = '../../../hub/assets';

/** The path of a connector's redirect URI, which is the public URL and this. */
export function callbackPath(connector: string): string {
  return `/connect/oauth2/${connector}/callback`;
}

/**
 * Where a provider sends the browser back to. Whatever comes of it, the next address has nothing of the query in it: no
 * code, no state, no text of the provider's.
 */
export function oauthCallbackRoutes(scope: FastifyInstance, deps: OAuthCallbackDependencies): void {
  setHubHeaders(scope);
  limitRequests(scope, deps.requests);
  scope.setErrorHandler((error, request, reply) => {
    const problem = problemOf(error);
    if (problem.code === 'internal') deps.logger.error({ request_id: request.id, err: error }, 'unexpected failure');
    request.problem = problem;
    return sendPage(
      reply,
      problem.status,
      deps.pages.refusal(problem, request.id, ASSETS),
      problem.options.retryAfterS,
    );
  });

  scope.get<{ Params: { connector: string } }>(
    callbackPath(':connector'),
    // A HEAD, which would use the answer up, is sent by no browser that comes from a provider.
    { config: { access: 'open' }, exposeHeadRoute: false },
    async (request, reply) => {
      const browser = deps.cookie.digest(request.headers.cookie);
      const session = await finishAuthorization(deps, request.params.connector, answerOf(request), browser);
      const { return_urls } = await getProjectSettings(deps.store, session.project);
      const { return_url, popup_origin } = session;
      // With a popup the page must run first, to tell the page that opened it.
      const direct = return_url !== null && popup_origin === null && return_urls.includes(return_url);
      const location = direct
        ? returnLocation(return_url, session.id, stateOf(session, deps.clock.now()))
        : `${deps.address.url('/hub/done')}#${referenceOf(session)}`;
      return reply.redirect(location, 303);
    },
  );
}

/** A parameter that stands twice is taken for absent: two readers could choose differently between them (RFC 6749 §3.1). */
function answerOf(request: FastifyRequest): AuthorizationAnswer {
  const query = request.query as Readonly<Record<string, string | string[] | undefined>>;
  const text = (name: string) => {
    const value = query[name];
    return typeof value === 'string' && value !== '' ? value : undefined;
  };
  const code = text('code');
  return {
    state: text('state'),
    code: code === undefined ? undefined : new Secret(code),
    error: text('error'),
    errorDescription: text('error_description'),
    iss: text('iss'),
  };
}

function sendPage(reply: FastifyReply, status: number, page: string, retryAfterS: number | undefined): FastifyReply {
  if (retryAfterS !== undefined) reply.header('retry-after', String(retryAfterS));
  return reply.code(status).type('text/html; charset=utf-8').send(page);
}
