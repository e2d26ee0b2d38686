import { randomBytes, timingSafeEqual } from 'node:crypto';
import type { SandboxApp } from './defaults.ts';

/** The apps of the simulated developer portal. */
export interface AppRegistry {
  find(clientId: string): SandboxApp | undefined;
  /** All, in the order in which they were registered. */
  list(): readonly SandboxApp[];
  /** Adds the app, or changes what is given of one that exists. A new app gets a secret unless it is to be public. */
  register(about: AppRegistration): SandboxApp;
}

export interface AppRegistration {
  clientId: string;
  clientSecret?: string;
  /** True: an app without a secret, which must use PKCE. */
  public?: boolean;
  name?: string;
  redirectUris?: readonly string[];
  allowedScopes?: readonly string[];
}

/**
 * What an app without registered callback addresses accepts, so that tests and demos need not know their port before they
 * start: the callback of a local Corbel.
 */
const LOCAL_CALLBACK =
  /^http:\/\/(?:127\.0\.0\.1|\[::1\]|localhost)(?::[1-9]\d{0,4})?\/connect\/oauth2\/autodesk\/callback$/;
const SECRET_BYTES = 24;

export function createAppRegistry(initial: readonly SandboxApp[]): AppRegistry {
  const apps = new Map(initial.map((app) => [app.clientId, app]));
  return {
    find: (clientId) => apps.get(clientId),
    list: () => [...apps.values()],
    register(about) {
      const { public: isPublic, ...given } = about;
      const known = apps.get(about.clientId);
      const generated =
        isPublic === true || known !== undefined ? undefined : randomBytes(SECRET_BYTES).toString('hex');
      const { clientSecret = generated, ...rest } = { ...known, ...given };
      const app = { ...rest, ...(isPublic === true || clientSecret === undefined ? {} : { clientSecret }) };
      apps.set(app.clientId, app);
      return app;
    },
  };
}

/** Compared exactly, as text. */
export function acceptsRedirect(app: SandboxApp, redirectUri: string): boolean {
  return app.redirectUris === undefined ? LOCAL_CALLBACK.test(redirectUri) : app.redirectUris.includes(redirectUri);
}

/** Compares texts in a time that does not tell where they differ. */
export function sameText(expected: string, given: string): boolean {
  const a = Buffer.from(expected);
  const b = Buffer.from(given);
  return a.length === b.length && timingSafeEqual(a, b);
}
