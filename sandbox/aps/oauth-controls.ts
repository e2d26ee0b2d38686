import { type Static, Type } from 'typebox';
import type { Accounts } from './account-store.ts';
import type { AnswerCache } from './answer-cache.ts';
import { ControlError, requireValid } from './control-input.ts';
import type { SandboxApp } from './defaults.ts';
import { newUser } from './hq-users.ts';
import type { AppRegistry } from './oauth-apps.ts';
import { AuthorizationPageError, checkAuthorization, type Decision, decide } from './oauth-authorize.ts';
import type { FamilyEnd, GrantStore } from './oauth-grants.ts';
import { AUTHORIZE_PATH } from './oauth-paths.ts';
import type { ServiceAccounts } from './oauth-service-accounts.ts';
import type { SandboxClock } from './sandbox-clock.ts';
import { everyAccount, type People } from './sandbox-people.ts';
import type { TokenIssuer } from './token-issuer.ts';
import type { World } from './world.ts';

const strict = { additionalProperties: false };
const Id = Type.String({ minLength: 1, maxLength: 200 });
const Ids = Type.Array(Id, { maxItems: 100 });
/** A year either way. */
const MAX_ADVANCE_S = 31_536_000;

const ConsentSchema = Type.Object(
  {
    /** Where the app sends the browser; its origin does not matter. */
    authorization_url: Type.String({ minLength: 1, maxLength: 10_000 }),
    /** The id of one of the people who can sign in. */
    user: Id,
    /** What is granted, when it is less than all that is asked for. */
    scopes: Type.Optional(Ids),
    deny: Type.Optional(Type.Boolean()),
  },
  strict,
);
export type ConsentRequest = Static<typeof ConsentSchema>;
const AppSchema = Type.Object(
  {
    client_id: Id,
    client_secret: Type.Optional(Id),
    public: Type.Optional(Type.Boolean()),
    name: Type.Optional(Id),
    redirect_uris: Type.Optional(Type.Array(Type.String({ format: 'url' }), { maxItems: 100 })),
    scopes: Type.Optional(Ids),
  },
  strict,
);
export type AppRequest = Static<typeof AppSchema>;
const ServiceAccountSchema = Type.Object(
  {
    /** The first registered app when absent. */
    client_id: Type.Optional(Id),
    /** True (default): it administers every account. False: no account knows it. */
    invited: Type.Optional(Type.Boolean()),
  },
  strict,
);
export type ServiceAccountRequest = Static<typeof ServiceAccountSchema>;
const ServiceAccountChangeSchema = Type.Object({ service_account_id: Id, enabled: Type.Boolean() }, strict);
export type ServiceAccountChange = Static<typeof ServiceAccountChangeSchema>;
const RevocationSchema = Type.Object({ user: Type.Optional(Id), client_id: Type.Optional(Id) }, strict);
export type GrantSelection = Static<typeof RevocationSchema>;
const ClockSchema = Type.Object(
  { advance_s: Type.Number({ minimum: -MAX_ADVANCE_S, maximum: MAX_ADVANCE_S }) },
  strict,
);
export type ClockChange = Static<typeof ClockSchema>;

/** What came of one consent; never a token. */
export interface GrantReport {
  id: string;
  user: string;
  client_id: string;
  scopes: readonly string[];
  /** Of the current refresh token; 1 is that of the code. */
  generation: number;
  /** False when it ended or its refresh token expired. */
  alive: boolean;
  ended_by: FamilyEnd | null;
  refreshes: number;
  /** How often a replaced refresh token was used. */
  reuse_count: number;
  code_reuse_count: number;
  refresh_expires_in_s: number;
}

export interface AppReport {
  client_id: string;
  /** Absent for a public app. */
  client_secret?: string;
  /** `null` stands for the callback of a local Corbel, on any port. */
  redirect_uris: readonly string[] | null;
}

export interface ServiceAccountReport {
  service_account_id: string;
  email: string;
  key_id: string;
  private_key: string;
}

/** The controls of the OAuth provider as code; `/_sandbox/` offers the same over HTTP. All throw `ControlError`. */
export interface OauthControls {
  /** `reuse_count` is the sum over all. */
  grants(): { grants: GrantReport[]; reuse_count: number };
  /** Ends the grants of a person, an app, or all, as a person does in the account settings; says how many were alive. */
  revokeGrants(which?: GrantSelection): number;
  /** Does without a browser what the page does: where the browser would be sent. */
  consent(about: ConsentRequest): { redirect_url: string };
  /** Adds an app, or changes what is given of one. */
  registerApp(about: AppRequest): AppReport;
  createServiceAccount(about?: ServiceAccountRequest): Promise<ServiceAccountReport>;
  /** Turns a service account off and on. */
  changeServiceAccount(about: ServiceAccountChange): void;
  people(): { id: string; name: string; email: string; description: string }[];
  clock(): { now: string; offset_s: number };
  advanceClock(about: ClockChange): { now: string; offset_s: number };
}

export function createOauthControls(parts: {
  apps: AppRegistry;
  grants: GrantStore;
  serviceAccounts: ServiceAccounts;
  issuer: TokenIssuer;
  people: People;
  world: World;
  accounts: Accounts;
  cache: AnswerCache;
  clock: SandboxClock;
}): OauthControls {
  const { apps, grants, serviceAccounts, people, clock } = parts;
  const clockReport = () => ({ now: new Date(clock.now()).toISOString(), offset_s: clock.offsetS() });
  const appOf = (clientId: string | undefined): SandboxApp => {
    const app = clientId === undefined ? apps.list()[0] : apps.find(clientId);
    if (app === undefined) throw new ControlError('there is no such app');
    return app;
  };

  return {
    grants() {
      const reports = grants.families().map((family): GrantReport => {
        const leftMs = family.refreshExpiresAt - clock.now();
        return {
          id: family.id,
          user: family.userId,
          client_id: family.clientId,
          scopes: family.scopes,
          generation: family.generation,
          alive: family.endedBy === undefined && leftMs > 0,
          ended_by: family.endedBy ?? null,
          refreshes: family.refreshes,
          reuse_count: family.reuseCount,
          code_reuse_count: family.codeReuseCount,
          refresh_expires_in_s: Math.floor(leftMs / 1000),
        };
      });
      return { grants: reports, reuse_count: reports.reduce((sum, one) => sum + one.reuse_count, 0) };
    },
    revokeGrants(which = {}) {
      requireValid(RevocationSchema, which, 'grants');
      const meant = grants
        .families()
        .filter((one) => one.endedBy === undefined)
        .filter((one) => which.user === undefined || one.userId === which.user)
        .filter((one) => which.client_id === undefined || one.clientId === which.client_id);
      for (const family of meant) grants.end(family, 'withdrawn');
      return meant.length;
    },
    consent(about) {
      requireValid(ConsentSchema, about, 'consent');
      const query = authorizationQuery(about.authorization_url);
      if (!people.list().some((one) => one.id === about.user)) throw new ControlError('there is no such user');
      return { redirect_url: consentTo(query, about, { apps, grants }) };
    },
    registerApp(about) {
      requireValid(AppSchema, about, 'app');
      const { client_id, client_secret, redirect_uris, scopes, ...rest } = about;
      if (about.public === true && client_secret !== undefined) throw new ControlError('a public app has no secret');
      const app = apps.register({
        ...rest,
        clientId: client_id,
        ...(client_secret === undefined ? {} : { clientSecret: client_secret }),
        ...(redirect_uris === undefined ? {} : { redirectUris: redirect_uris }),
        ...(scopes === undefined ? {} : { allowedScopes: scopes }),
      });
      return {
        client_id: app.clientId,
        ...(app.clientSecret === undefined ? {} : { client_secret: app.clientSecret }),
        redirect_uris: app.redirectUris ?? null,
      };
    },
    async createServiceAccount(about = {}) {
      requireValid(ServiceAccountSchema, about, 'service_account');
      const app = appOf(about.client_id);
      if (app.clientSecret === undefined) throw new ControlError('a public app has no service accounts');
      const { account, privateKeyPem } = await serviceAccounts.create(app);
      if (about.invited !== false) invite(account.id, account.email, parts);
      return {
        service_account_id: account.id,
        email: account.email,
        key_id: account.keyId,
        private_key: privateKeyPem,
      };
    },
    changeServiceAccount(about) {
      requireValid(ServiceAccountChangeSchema, about, 'service_account');
      const account = serviceAccounts.find(about.service_account_id);
      if (account === undefined) throw new ControlError('there is no such service account');
      account.enabled = about.enabled;
    },
    people: () => people.list().map(({ id, name, email, description }) => ({ id, name, email, description })),
    clock: clockReport,
    advanceClock(about) {
      requireValid(ClockSchema, about, 'clock');
      clock.advance(about.advance_s);
      return clockReport();
    },
  };
}

function authorizationQuery(address: string): URLSearchParams {
  // Any base will do: only the path and the query are looked at.
  const url = URL.parse(address, 'http://localhost');
  if (url?.pathname !== AUTHORIZE_PATH) throw new ControlError(`authorization_url must lead to ${AUTHORIZE_PATH}`);
  return url.searchParams;
}

function consentTo(
  query: URLSearchParams,
  about: ConsentRequest,
  { apps, grants }: { apps: AppRegistry; grants: GrantStore },
): string {
  try {
    const request = checkAuthorization(query, apps);
    if ('redirect' in request) return request.redirect;
    const decision: Decision =
      about.deny === true ? 'denied' : { userId: about.user, scopes: about.scopes ?? request.scopes };
    return decide(request, decision, grants);
  } catch (error) {
    if (error instanceof AuthorizationPageError) throw new ControlError(error.message);
    throw error;
  }
}

/** As an administrator of every account, so that all it is asked to do can be done. */
function invite(
  uid: string,
  email: string,
  parts: { world: World; accounts: Accounts; cache: AnswerCache; clock: SandboxClock },
): void {
  for (const account of everyAccount(parts.world, parts.accounts)) {
    const user = newUser(account, email, new Date(parts.clock.now()).toISOString(), 'active');
    account.users.set(user.id, { ...user, uid, role: 'account_admin', name: email });
  }
  parts.cache.clear();
}
