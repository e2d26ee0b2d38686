export const TOKEN_PATH = '/authentication/v2/token';
export const AUTHORIZE_PATH = '/authentication/v2/authorize';
export const INTROSPECT_PATH = '/authentication/v2/introspect';
export const REVOKE_PATH = '/authentication/v2/revoke';
export const KEYS_PATH = '/authentication/v2/keys';
export const DISCOVERY_PATH = '/.well-known/openid-configuration';
export const USERINFO_PATH = '/userinfo';

/** Where the real service answers `/userinfo`; the sandbox does so itself, which `CORBEL_ORIGIN_OVERRIDES` has to say. */
export const USERPROFILE_ORIGIN = 'https://api.userprofile.autodesk.com';
