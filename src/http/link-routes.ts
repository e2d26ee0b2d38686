import type { FastifyInstance } from 'fastify';
import type { Audit } from '../audit/audit.ts';
import { createAttemptLimit } from '../link/attempt-limit.ts';
import { auditedEnds, auditedRemovals } from '../link/audited-links.ts';
import { createBrowserCookie } from '../link/browser-cookie.ts';
import type { CallbackFlowDependencies } from '../link/callback-flow.ts';
import { createDeviceCodes } from '../link/device-code.ts';
import { createHubFlow } from '../link/hub-flow.ts';
import { createLinkStates } from '../link/link-state.ts';
import { createPublicAddress } from '../link/public-address.ts';
import { createSessionEnd } from '../link/session-end.ts';
import { connectSessionRoutes } from './connect-sessions.ts';
import { hubRoutes } from './hub.ts';
import { loadHubPages } from './hub-pages.ts';
import { callbackPath, oauthCallbackRoutes } from './oauth-callback.ts';
import { projectSettingsRoutes } from './project-settings.ts';

export type LinkRouteDependencies = Omit<CallbackFlowDependencies, 'states' | 'ends' | 'redirectUri'> & {
  /** Undefined: http at the address listened on. */
  publicUrl: URL | undefined;
  audit: Pick<Audit, 'noteServer'>;
};

// One link takes about ten requests; an office behind one address may open many at once.
const REQUESTS = { burst: 240, refillMs: 250 };
// 10 at once and then one a minute: of 20^8 codes, ten thousand addresses find none of a hundred in half an hour.
const GUESSES = { burst: 10, refillMs: 60_000 };

/** Everything with which accounts are linked: `/connect_sessions`, `/project_settings`, the hub and the callback. */
export function linkRoutes(app: FastifyInstance, given: LinkRouteDependencies): void {
  const { store, vault, random, clock } = given;
  const address = createPublicAddress(given.publicUrl, () => app.server.address());
  const codes = createDeviceCodes({ store, vault, random });
  const ends = createSessionEnd({ store, clock });
  const deps = {
    ...given,
    states: createLinkStates({ store, vault, random }),
    ends,
    redirectUri: (connector: string) => address.url(callbackPath(connector)),
    codes,
    address,
    cookie: createBrowserCookie(random, () => address.secure()),
    pages: loadHubPages(),
    requests: createAttemptLimit(clock, REQUESTS),
    guesses: createAttemptLimit(clock, GUESSES),
  };
  projectSettingsRoutes(app, { store });
  connectSessionRoutes(app, deps);
  const byEndUsers = {
    ...deps,
    ends: auditedEnds(ends, given.audit),
    grants: auditedRemovals(given.grants, given.audit),
  };
  const flow = createHubFlow(byEndUsers);
  app.register(async (scope) => hubRoutes(scope, { ...deps, flow }));
  app.register(async (scope) => oauthCallbackRoutes(scope, byEndUsers));
}
