import { StatusBadge, type Tone } from '../../components/status-badge.tsx';

const EFFECTS: Readonly<Record<string, { tone: Tone; text: string }>> = {
  read: { tone: 'quiet', text: 'Reads' },
  create: { tone: 'busy', text: 'Creates' },
  update: { tone: 'busy', text: 'Changes' },
  delete: { tone: 'bad', text: 'Deletes' },
  execute: { tone: 'busy', text: 'Executes' },
};

/** What an action does at the provider. */
export function EffectBadge({ effect }: { effect: string }) {
  const { tone, text } = EFFECTS[effect] ?? { tone: 'quiet' as const, text: effect };
  return <StatusBadge tone={tone}>{text}</StatusBadge>;
}

const TOKENS: Readonly<Record<string, string>> = {
  app: 'Of the app',
  user: 'Of a person',
  any: 'Of the app or of a person',
};

/** Whose token an action takes. */
export function tokenWords(token: string): string {
  return TOKENS[token] ?? token;
}

const GRANTS: Readonly<Record<string, string>> = {
  client_credentials: 'Client credentials (OAuth 2.0)',
  authorization_code: 'Authorization code (OAuth 2.0)',
  jwt_bearer: 'Signed assertion (RFC 7523)',
  provided_token: 'Token from elsewhere',
  api_key: 'API key',
};

/** How an authentication method comes by its credential. */
export function grantWords(grant: string): string {
  return GRANTS[grant] ?? grant;
}
