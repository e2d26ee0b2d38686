import { type Static, Type } from 'typebox';
import { ALL_REGIONS, PROJECT_ACTIVATION_MS, REFRESH_TOKEN_LIFE_S, TOKEN_LIFETIME_S } from './defaults.ts';

/** What an operator of the sandbox may turn while it runs. Unknown keys are refused. */
export const SwitchesSchema = Type.Object(
  {
    /** Lifetime of tokens issued from now on, seconds; really enforced. */
    expires_in: Type.Integer({ minimum: 0, maximum: 86_400 }),
    /** How long refresh tokens issued from now on live without being used, seconds. */
    refresh_token_life_s: Type.Integer({ minimum: 1, maximum: 31_536_000 }),
    /** True: a refresh answers the same refresh token, which stays valid and may be used any number of times. */
    refresh_without_rotation: Type.Boolean(),
    /** False: the app has no custom integration in any account. */
    provisioned: Type.Boolean(),
    /** Which error body the token endpoint uses: the real one is not documented, so both must be understood. */
    token_error_shape: Type.Union([Type.Literal('rfc6749'), Type.Literal('gateway')]),
    /** Regions whose hubs cannot be read: they are missing from the list and warned about in `meta.warnings`. */
    hubs_warning: Type.Array(Type.String({ pattern: `^(${[...ALL_REGIONS, 'APAC'].join('|')})$` })),
    /** Project ids (`b.…`) that answer 403 "Project is not active". */
    inactive_projects: Type.Array(Type.String({ maxLength: 100 }), { maxItems: 10_000 }),
    /** How long a created project is `pending`, milliseconds. */
    project_activation_ms: Type.Integer({ minimum: 0, maximum: 3_600_000 }),
    /** How long signed URLs of S3 live, seconds, whatever `minutesExpiration` says; `null` obeys that. */
    signed_url_life_s: Type.Union([Type.Null(), Type.Integer({ minimum: 1, maximum: 3600 })]),
    /** True: what was uploaded in several parts is still being put together when its download is asked for. */
    assembling: Type.Boolean(),
    /** The status under which a completed upload is told that its parts are missing or invalid: it is not documented. */
    complete_error_status: Type.Union([Type.Literal(200), Type.Literal(400)]),
    /** True: names that differ in case only are duplicates within a folder. Whether they are is not documented. */
    names_ignore_case: Type.Boolean(),
    /** True: folder search refuses an app that acts for nobody; the reference lists three-legged tokens only. */
    search_needs_user: Type.Boolean(),
    /** `off`, `documented` (the provider's published numbers), or that many requests per minute for every route. */
    rate_limits: Type.Union([Type.Literal('off'), Type.Literal('documented'), Type.Integer({ minimum: 1 })]),
  },
  { additionalProperties: false },
);

export type Switches = Static<typeof SwitchesSchema>;

export function defaultSwitches(): Switches {
  return {
    expires_in: TOKEN_LIFETIME_S,
    refresh_token_life_s: REFRESH_TOKEN_LIFE_S,
    refresh_without_rotation: false,
    provisioned: true,
    token_error_shape: 'rfc6749',
    hubs_warning: [],
    inactive_projects: [],
    project_activation_ms: PROJECT_ACTIVATION_MS,
    signed_url_life_s: null,
    assembling: false,
    complete_error_status: 200,
    names_ignore_case: false,
    search_needs_user: false,
    rate_limits: 'off',
  };
}
