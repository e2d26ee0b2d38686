import type { FastifyInstance } from 'fastify';
import type { Authentication, Connector } from '../../connector/connector.ts';
import type { Secret } from '../../secret.ts';
import { sampleKey } from './sample-key.ts';
import type { SandboxProgram } from './sandbox-file.ts';
import { filledIn, type RunningSandbox } from './sandboxes.ts';

/** A connector's profile and account for calls; what is undefined, `note` explains. */
export interface DevAccount {
  readonly profile: string | undefined;
  readonly account: string | undefined;
  readonly note: string | undefined;
}

/** Credentials for a simulated provider. */
interface Wanted {
  authentication: Authentication;
  clientId: string;
  clientSecret: string | undefined;
  settings: Readonly<Record<string, unknown>>;
  /** What an account of the method is given; undefined where it needs nothing. */
  credential: Readonly<Record<string, string>> | undefined;
}

// The profile and the account are found again by these.
const PROFILE_NAME = 'corbel dev';
const OWNER = 'corbel-dev';
// Of a provider that is played by examples, which take any.
const CLIENT = 'corbel-dev';
const MAX_LISTED = 100;

/**
 * Makes the profile and, where no person has to consent, the account with which a connector's sandbox is called, over the
 * server's own API; whatever is there already stays or is mended. Never rejects for what the server refuses: it is noted.
 */
export async function ensureDevAccount(
  app: FastifyInstance,
  operator: Secret,
  connector: Connector,
  sandbox: RunningSandbox,
  program: SandboxProgram | undefined,
): Promise<DevAccount> {
  const wanted = wantedOf(connector, sandbox, program);
  if (!wanted) return { profile: undefined, account: undefined, note: 'has no method for the sandbox' };
  const api = apiOf(app, operator);
  const { authentication } = wanted;
  const scopes = [...connector.scopes.keys()];
  const given = {
    client_id: wanted.clientId,
    ...(wanted.clientSecret !== undefined && { client_secret: wanted.clientSecret }),
  };
  const isKey = authentication.grant === 'api_key';

  const found = (
    await api('GET', `/connector_profiles?limit=${MAX_LISTED}&connector=${connector.id}`)
  ).json?.data?.find((profile) => profile.name === PROFILE_NAME && profile.authentication === authentication.id);
  const current = found && same(found.scopes, scopes) && (isKey || found.client_id === wanted.clientId);
  const kept = isKey ? { scopes } : { ...given, scopes };
  const profile = current
    ? found
    : await (found
        ? api('PATCH', `/connector_profiles/${found.id}`, kept)
        : api('POST', '/connector_profiles', {
            ...{ name: PROFILE_NAME, connector: connector.id, authentication: authentication.id },
            ...kept,
          })
      ).then(({ json, refusal }) => (refusal === undefined ? json : { refusal }));
  if (profile?.id === undefined)
    return { profile: undefined, account: undefined, note: `no profile: ${profile?.refusal}` };

  if (authentication.grant === 'authorization_code')
    return { profile: profile.id, account: undefined, note: 'a person links an account: POST /connect_sessions' };
  const list = `/accounts?limit=1&connector_profile_id=${profile.id}&owner_id=${OWNER}`;
  const account = (await api('GET', list)).json?.data?.[0];
  if (account?.id !== undefined) return { profile: profile.id, account: account.id, note: undefined };
  const made = await api('POST', '/accounts', {
    ...{ connector_profile_id: profile.id, owner_id: OWNER, settings: wanted.settings },
    ...(wanted.credential && { credential: wanted.credential }),
  });
  return {
    profile: profile.id,
    account: made.json?.id,
    note: made.refusal === undefined ? undefined : `no account: ${made.refusal}`,
  };
}

function wantedOf(
  connector: Connector,
  { ready }: RunningSandbox,
  program: SandboxProgram | undefined,
): Wanted | undefined {
  const declared = program?.profile;
  const settings = program?.account?.settings ?? {};
  const given = program?.account?.credential;
  const credential =
    given && Object.fromEntries(Object.entries(given).map(([name, text]) => [name, filledIn(text, ready)]));
  if (declared) {
    const authentication = connector.authentication.get(declared.authentication);
    const clientSecret =
      declared.client_secret === undefined ? undefined : filledIn(declared.client_secret, ready) || undefined;
    return (
      authentication && {
        authentication,
        clientId: filledIn(declared.client_id, ready),
        clientSecret,
        settings,
        credential,
      }
    );
  }
  const methods = [...connector.authentication.values()];
  const withoutPerson = ['client_credentials', 'api_key', 'provided_token', 'authorization_code'] as const;
  const authentication = withoutPerson
    .map((grant) => methods.find((method) => method.grant === grant))
    .find((method) => method !== undefined);
  if (!authentication) return undefined;
  const made =
    authentication.grant === 'api_key'
      ? { api_key: keyFor(authentication, ready) }
      : authentication.grant === 'provided_token'
        ? { access_token: CLIENT }
        : undefined;
  return { authentication, clientId: CLIENT, clientSecret: CLIENT, settings, credential: credential ?? made };
}

/** A key that the stand-in offers, else one that looks like those of the provider. */
function keyFor({ keyPattern }: Authentication, ready: Readonly<Record<string, unknown>>): string {
  return filledIn('${api_key}', ready) || (keyPattern && sampleKey(keyPattern)) || CLIENT;
}

/** What is read of the server's answers. */
interface Answer {
  id?: string;
  name?: string;
  authentication?: string;
  client_id?: string;
  scopes?: string[];
  data?: Answer[];
  refusal?: string;
}

function apiOf(app: FastifyInstance, operator: Secret) {
  return async (method: 'GET' | 'POST' | 'PATCH', url: string, payload?: object) => {
    const headers = { authorization: `Bearer ${operator.reveal()}` };
    const { statusCode, body } = await app.inject({ method, url, headers, ...(payload && { payload }) });
    const json = JSON.parse(body) as Answer & {
      code?: string;
      detail?: string;
      errors?: { message: string; path: string }[];
    };
    if (statusCode < 300) return { json: json as Answer, refusal: undefined };
    const about = (json.errors ?? []).map(({ path, message }) => ` ${path} ${message}`).join(';');
    return { json: undefined, refusal: `${json.code}: ${json.detail}${about}` };
  };
}

function same(one: readonly string[] | undefined, other: readonly string[]): boolean {
  return one !== undefined && JSON.stringify([...one].sort()) === JSON.stringify([...other].sort());
}
