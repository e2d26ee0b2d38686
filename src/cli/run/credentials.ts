import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Action, Authentication, Connector } from '../../connector/connector.ts';
import { didYouMean } from '../../connector/suggest.ts';
import { givesTokenFor } from '../../connector/token-kind.ts';
import type { LocalCredentials } from '../../local/local-engine.ts';
import { Secret } from '../../secret.ts';
import { CommandFailure, EXIT } from '../outcome.ts';
import type { Terminal } from '../terminal.ts';

/** Where credentials of `corbel run --local` come from, and what of. Never from the command line, which others can read. */
export const CREDENTIAL_VARIABLES = {
  clientId: 'CORBEL_CLIENT_ID',
  clientSecret: 'CORBEL_CLIENT_SECRET',
  accessToken: 'CORBEL_ACCESS_TOKEN',
  apiKey: 'CORBEL_API_KEY',
  serviceAccountId: 'CORBEL_SERVICE_ACCOUNT_ID',
  serviceAccountKeyId: 'CORBEL_SERVICE_ACCOUNT_KEY_ID',
  serviceAccountKey: 'CORBEL_SERVICE_ACCOUNT_KEY',
  serviceAccountKeyFile: 'CORBEL_SERVICE_ACCOUNT_KEY_FILE',
} as const;

type Variable = keyof typeof CREDENTIAL_VARIABLES;

const NEEDED: Readonly<Record<Authentication['grant'], readonly Variable[]>> = {
  client_credentials: ['clientId', 'clientSecret'],
  jwt_bearer: ['clientId', 'clientSecret', 'serviceAccountId', 'serviceAccountKeyId', 'serviceAccountKey'],
  authorization_code: ['accessToken'],
  provided_token: ['accessToken'],
  api_key: ['apiKey'],
};

export interface LocalIdentity {
  readonly credentials: LocalCredentials;
  /** Everything secret in them, to be kept out of what is recorded. */
  readonly secrets: readonly string[];
}

/**
 * The credentials of the environment for a method: the named one, else the first that gives the action's kind of token and has
 * all its variables. Throws {@link CommandFailure} (usage) with what is missing.
 */
export function readCredentials(
  terminal: Terminal,
  connector: Connector,
  action: Action,
  named: string | undefined,
): LocalIdentity {
  const value = (variable: Variable): string | undefined => {
    const text = terminal.env[CREDENTIAL_VARIABLES[variable]];
    if (text !== undefined && text !== '') return text;
    return variable === 'serviceAccountKey' ? keyFile(terminal) : undefined;
  };
  const missing = ({ grant }: Authentication) => NEEDED[grant].filter((variable) => value(variable) === undefined);
  const methods = candidates(connector, action, named);
  const method = methods.find((one) => missing(one).length === 0);
  if (!method) {
    const lines = methods.map(
      (one) =>
        `  ${one.id}: ${missing(one)
          .map((variable) => CREDENTIAL_VARIABLES[variable])
          .join(', ')}`,
    );
    throw new CommandFailure(
      EXIT.usage,
      `The environment has no credentials for ${connector.id}.`,
      `Set what is missing for one of its methods:\n${lines.join('\n')}`,
    );
  }
  const secret = (variable: Variable) => new Secret(value(variable) ?? '');
  const clientId = value('clientId');
  const withClient = {
    authentication: method.id,
    ...(clientId !== undefined && { clientId }),
    ...(value('clientSecret') !== undefined && { clientSecret: secret('clientSecret') }),
  };
  const secrets = (
    ['clientId', 'clientSecret', 'accessToken', 'apiKey', 'serviceAccountKey', 'serviceAccountKeyId'] as const
  ).flatMap((variable) => value(variable) ?? []);
  return { credentials: { ...withClient, ...ownCredentials(method, value, secret) }, secrets };
}

function ownCredentials(
  { grant }: Authentication,
  value: (variable: Variable) => string | undefined,
  secret: (variable: Variable) => Secret,
): Partial<LocalCredentials> {
  switch (grant) {
    case 'client_credentials':
      return {};
    case 'jwt_bearer':
      return {
        serviceAccount: {
          id: value('serviceAccountId') ?? '',
          keyId: value('serviceAccountKeyId') ?? '',
          privateKey: secret('serviceAccountKey'),
        },
      };
    case 'authorization_code':
    case 'provided_token':
      return { token: secret('accessToken') };
    case 'api_key':
      return { token: secret('apiKey') };
  }
}

function candidates({ id, authentication }: Connector, action: Action, named: string | undefined): Authentication[] {
  if (named === undefined) {
    const all = [...authentication.values()];
    const able = all.filter((method) => givesTokenFor(method, action));
    return able.length > 0 ? able : all;
  }
  const method = authentication.get(named);
  if (method) return [method];
  throw new CommandFailure(
    EXIT.usage,
    `${id} has no authentication "${named}"${didYouMean(named, authentication.keys())}`,
    `It has ${[...authentication.keys()].join(', ')}.`,
  );
}

function keyFile({ env, cwd }: Terminal): string | undefined {
  const path = env[CREDENTIAL_VARIABLES.serviceAccountKeyFile];
  if (path === undefined || path === '') return undefined;
  try {
    return readFileSync(resolve(cwd, path), 'utf8');
  } catch {
    throw new CommandFailure(
      EXIT.usage,
      `${CREDENTIAL_VARIABLES.serviceAccountKeyFile} names a file that cannot be read.`,
    );
  }
}
