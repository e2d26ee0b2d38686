import type { IncomingMessage } from 'node:http';
import { type Answer, jsonAnswer } from './answer.ts';
import { requireToken } from './bearer.ts';
import { gatewayError, methodRefused } from './errors.ts';
import type { AppRegistry } from './oauth-apps.ts';
import {
  AuthorizationPageError,
  type AuthorizationRequest,
  checkAuthorization,
  type Decision,
  decide,
} from './oauth-authorize.ts';
import { readForm } from './oauth-client-authentication.ts';
import { OauthRefusal, refusalAnswer } from './oauth-errors.ts';
import type { GrantStore } from './oauth-grants.ts';
import { answerUserinfo, discoveryAnswer } from './oauth-identity.ts';
import { consentPage, errorPage, redirectAnswer } from './oauth-pages.ts';
import * as paths from './oauth-paths.ts';
import type { ServiceAccounts } from './oauth-service-accounts.ts';
import { introspect, revoke } from './oauth-token-information.ts';
import type { RateLimiter } from './rate-limits.ts';
import type { RecordedEntry } from './recorder.ts';
import type { People } from './sandbox-people.ts';
import type { Switches } from './switches.ts';
import { answerToken } from './token-endpoint.ts';
import type { TokenIssuer } from './token-issuer.ts';

export interface OauthRequest {
  incoming: IncomingMessage;
  path: string;
  /** The whole body; `undefined` when it is too long. */
  readForm(): Promise<string | undefined>;
  entry: RecordedEntry;
}

export interface OauthParts {
  apps: AppRegistry;
  grants: GrantStore;
  serviceAccounts: ServiceAccounts;
  issuer: TokenIssuer;
  people: People;
  limiter: RateLimiter;
  now: () => number;
  switches: () => Switches;
}

type Handler = (request: OauthRequest) => Answer | Promise<Answer>;

/** Published requests per minute. */
const PER_MINUTE = 500;
const REVOCATIONS_PER_MINUTE = 100;
const TOO_LARGE = 413;

/** Answers what is no API behind a token: `undefined` for a path that is none of these. Throws `Refusal`. */
export function createOauth(parts: OauthParts): (request: OauthRequest) => Promise<Answer> | undefined {
  const { apps, grants, issuer, people, switches } = parts;
  const tokenParts = { ...parts, person: people.find };
  const readBody = async (request: OauthRequest): Promise<string> => {
    const body = await request.readForm();
    if (body === undefined) throw gatewayError(TOO_LARGE, 'The request body is too large.');
    return body;
  };
  const counted = (name: string, perMinute: number, handle: Handler): Handler => {
    return (request) => {
      parts.limiter.count(name, perMinute, switches().rate_limits);
      return handle(request);
    };
  };
  const posted = (
    answer: (form: { headers: IncomingMessage['headers']; body: string }) => Answer | Promise<Answer>,
  ) => {
    return async (request: OauthRequest): Promise<Answer> => {
      const body = await readBody(request);
      request.entry.form = body;
      return answer({ headers: request.incoming.headers, body });
    };
  };

  const authorize: Handler = ({ incoming }) => {
    const query = (incoming.url ?? '').split('?').slice(1).join('?');
    const request = checkAuthorization(new URLSearchParams(query), apps);
    return 'redirect' in request ? redirectAnswer(request.redirect) : consentPage(request, query, people.list());
  };
  const consent: Handler = async (request) => {
    const form = readForm(request.incoming.headers, await readBody(request));
    const asked = checkAuthorization(new URLSearchParams(form.get('request') ?? ''), apps);
    if ('redirect' in asked) return redirectAnswer(asked.redirect);
    return redirectAnswer(decide(asked, readDecision(form, asked, people), grants));
  };

  const resources: Record<string, Record<string, Handler>> = {
    [paths.AUTHORIZE_PATH]: { GET: counted('authorize', PER_MINUTE, authorize), POST: consent },
    [paths.TOKEN_PATH]: {
      POST: counted(
        'token',
        PER_MINUTE,
        posted((form) => answerToken(form, tokenParts, switches())),
      ),
    },
    [paths.INTROSPECT_PATH]: {
      POST: counted(
        'introspect',
        PER_MINUTE,
        posted((form) => introspect(form, parts)),
      ),
    },
    [paths.REVOKE_PATH]: {
      POST: counted(
        'revoke',
        REVOCATIONS_PER_MINUTE,
        posted((form) => revoke(form, parts)),
      ),
    },
    [paths.KEYS_PATH]: { GET: async () => jsonAnswer(200, await issuer.jwks(), 'application/json') },
    [paths.DISCOVERY_PATH]: { GET: discoveryAnswer },
    [paths.USERINFO_PATH]: {
      GET: ({ incoming }) => answerUserinfo(requireToken(incoming.headers.authorization, issuer), people.find),
    },
  };

  return (request) => {
    const resource = resources[request.path];
    if (resource === undefined) return undefined;
    const handler = resource[request.incoming.method ?? ''];
    if (handler === undefined) throw methodRefused(Object.keys(resource).join(', '));
    return answered(() => handler(request), switches);
  };
}

async function answered(handle: () => Answer | Promise<Answer>, switches: () => Switches): Promise<Answer> {
  try {
    return await handle();
  } catch (error) {
    if (error instanceof OauthRefusal) return refusalAnswer(error, switches().token_error_shape);
    if (error instanceof AuthorizationPageError) return errorPage(error.message);
    throw error;
  }
}

function readDecision(form: URLSearchParams, asked: AuthorizationRequest, people: People): Decision {
  const decision = form.get('decision');
  if (decision === 'deny') return 'denied';
  const userId = form.get('user') ?? '';
  if (decision !== 'allow' || !people.list().some((one) => one.id === userId)) {
    throw new AuthorizationPageError(`Nobody allowed ${asked.app.name ?? asked.app.clientId} anything.`);
  }
  return { userId, scopes: form.getAll('scope') };
}
