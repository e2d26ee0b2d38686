/** An application registered with the sandbox, as one would be on the provider's developer portal. */
export interface SandboxApp {
  clientId: string;
  /** Absent for a public app (desktop, mobile, single page), which proves itself by PKCE alone. */
  clientSecret?: string;
  /** Shown to the person who consents; the client id when absent. */
  name?: string;
  /** Callback addresses, compared exactly. When absent, those of a local Corbel are accepted on any port. */
  redirectUris?: readonly string[];
  /** Scopes the app may ask for; `undefined` means every scope of the catalogue. */
  allowedScopes?: readonly string[];
}

export const SANDBOX_CLIENT_ID = 'sandbox-client';
/** Not a secret of anything: it opens only a simulated provider. */
export const SANDBOX_CLIENT_SECRET = 'sandbox-secret-for-local-use-only';
export const SANDBOX_PUBLIC_CLIENT_ID = 'sandbox-public-client';
export const SANDBOX_SEED = 'corbel';

/** Real tokens live 60 minutes and say 3599 (recorded traffic). */
export const TOKEN_LIFETIME_S = 3599;
/** 15 days when it is not used (authentication guide). */
export const REFRESH_TOKEN_LIFE_S = 1_296_000;
/** 5 minutes (authentication guide). */
export const AUTHORIZATION_CODE_LIFE_S = 300;

export const DEFAULT_APPS: readonly SandboxApp[] = [
  { clientId: SANDBOX_CLIENT_ID, clientSecret: SANDBOX_CLIENT_SECRET, name: 'Sandbox App' },
  { clientId: SANDBOX_PUBLIC_CLIENT_ID, name: 'Sandbox Public App' },
];

/** The real service takes seconds to minutes; this is long enough to be seen and short enough for a test. */
export const PROJECT_ACTIVATION_MS = 1_000;

/** The scope catalogue of the provider's developer guide; `data:read:<URN>` is accepted beside it. */
export const KNOWN_SCOPES: ReadonlySet<string> = new Set([
  'user-profile:read',
  'user:read',
  'user:write',
  'viewables:read',
  'data:read',
  'data:write',
  'data:create',
  'data:search',
  'bucket:create',
  'bucket:read',
  'bucket:update',
  'bucket:delete',
  'code:all',
  'account:read',
  'account:write',
  'openid',
  'application:service_account:read',
  'application:service_account:write',
  'application:service_account_key:read',
  'application:service_account_key:write',
]);

/** Every region the provider lists today; a hub warning names one of them (or the former name APAC). */
export const ALL_REGIONS: readonly string[] = ['US', 'EMEA', 'AUS', 'CAN', 'DEU', 'IND', 'JPN', 'GBR'];
