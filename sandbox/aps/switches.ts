import { type Static, Type } from 'typebox';
import { ALL_REGIONS, TOKEN_LIFETIME_S } from './defaults.ts';

/** What an operator of the sandbox may turn while it runs. Unknown keys are refused. */
export const SwitchesSchema = Type.Object(
  {
    /** Lifetime of tokens issued from now on, seconds; really enforced. */
    expires_in: Type.Integer({ minimum: 0, maximum: 86_400 }),
    /** False: the app has no custom integration in any account. */
    provisioned: Type.Boolean(),
    /** Which error body the token endpoint uses: the real one is not documented, so both must be understood. */
    token_error_shape: Type.Union([Type.Literal('rfc6749'), Type.Literal('gateway')]),
    /** Regions whose hubs cannot be read: they are missing from the list and warned about in `meta.warnings`. */
    hubs_warning: Type.Array(Type.String({ pattern: `^(${[...ALL_REGIONS, 'APAC'].join('|')})$` })),
    /** Project ids (`b.…`) that answer 403 "Project is not active". */
    inactive_projects: Type.Array(Type.String({ maxLength: 100 }), { maxItems: 10_000 }),
    /** `off`, `documented` (the provider's published numbers), or that many requests per minute for every route. */
    rate_limits: Type.Union([Type.Literal('off'), Type.Literal('documented'), Type.Integer({ minimum: 1 })]),
  },
  { additionalProperties: false },
);

export type Switches = Static<typeof SwitchesSchema>;

export function defaultSwitches(): Switches {
  return {
    expires_in: TOKEN_LIFETIME_S,
    provisioned: true,
    token_error_shape: 'rfc6749',
    hubs_warning: [],
    inactive_projects: [],
    rate_limits: 'off',
  };
}
