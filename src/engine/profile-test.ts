import type { Clock } from '../clock.ts';
import type { Registry } from '../connector/connector.ts';
import { loadProfile } from '../domain/connector-profile.ts';
import type { TokenBroker } from '../oauth/token-broker.ts';
import { PROBLEMS, Problem, type ProviderDetail } from '../problems.ts';
import type { RecordCache } from '../store/record-cache.ts';
import type { Vault } from '../vault/vault.ts';
import { appTokenRequest, serviceAccountTokenRequest } from './token-request.ts';

/** Whether a profile's credentials and scopes work at the provider. */
export type ProfileTest = (project: string, profileId: string) => Promise<ProfileTestResult>;

export interface ProfileTestResult {
  ok: boolean;
  /** One entry for all the profile's scopes together, or, when that failed for the scopes, one for each of them. */
  checks: { scopes: string[]; ok: boolean; code?: string; detail?: string; hint?: string; provider?: ProviderDetail }[];
  /** Why there is nothing to check. */
  detail?: string;
}

// An operator waits for it; a token endpoint that takes longer is not usable anyway.
const TEST_TIMEOUT_MS = 20_000;

const NO_CREDENTIALS =
  'The profile has no credentials of its own. Each account brings a key, which is checked when the account is linked.';

/** Asks for a token with all the profile's scopes; when they are refused, with each alone, to name the bad ones. */
export function createProfileTest(dependencies: {
  registry: () => Registry;
  cache: RecordCache;
  vault: Vault;
  broker: TokenBroker;
  clock: Clock;
}): ProfileTest {
  const { registry, cache, vault, broker, clock } = dependencies;
  return async (project, profileId) => {
    const profile = await loadProfile(cache, vault, project, profileId);
    const connector = profile && registry().connectors.get(profile.connector);
    const authentication = profile && connector?.authentication.get(profile.authentication);
    if (!profile || !connector || !authentication)
      throw new Problem('not_found', 'There is no such connector profile.');
    if (authentication.grant === 'api_key') return { ok: true, checks: [], detail: NO_CREDENTIALS };
    const deadlineAt = clock.now() + TEST_TIMEOUT_MS;
    const check = async (scopes: string[]): Promise<ProfileTestResult['checks'][number]> => {
      try {
        const need = { project, connector, profile, authentication, scopes, deadlineAt };
        const asked = authentication.grant === 'jwt_bearer' ? serviceAccountTokenRequest(need) : appTokenRequest(need);
        await broker.appToken(asked);
        return { scopes, ok: true };
      } catch (error) {
        if (!(error instanceof Problem)) throw error;
        const { provider, hint = PROBLEMS[error.code].hint } = error.options;
        return { scopes, ok: false, code: error.code, detail: error.message, hint, ...(provider && { provider }) };
      }
    };
    const together = await check(profile.scopes);
    if (together.code !== 'token_scope_rejected' || profile.scopes.length < 2)
      return { ok: together.ok, checks: [together] };
    const checks: ProfileTestResult['checks'] = [];
    // One after the other: a token endpoint counts requests.
    for (const scope of profile.scopes) checks.push(await check([scope]));
    return { ok: false, checks };
  };
}
