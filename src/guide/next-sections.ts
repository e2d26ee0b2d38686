import type { Authentication } from '../connector/connector.ts';
import type { FullGuideView } from './full-guide.ts';
import type { MinimalScopes } from './minimal-scopes.ts';
import type { SectionView } from './view-guide.ts';

/** What comes after the set-up at the provider, the same for every connector: the profile, then the accounts. */
export function nextSections(guide: FullGuideView, selection: MinimalScopes): SectionView[] {
  return [profileSection(guide, selection), accountSection(guide)];
}

function profileSection(guide: FullGuideView, { scopes, actions }: MinimalScopes): SectionView {
  const narrowed = actions.length > 0 && actions.length < guide.actions.length;
  const credentials = credentialsOf(guide);
  const body = {
    name: guide.connector_label,
    connector: guide.connector,
    authentication: guide.authentication,
    ...Object.fromEntries(credentials.map(({ name }) => [name, '…'])),
    scopes,
    ...(narrowed && { actions }),
  };
  return {
    title: 'Create the connector profile',
    text: 'An operator does this once; all accounts linked under the profile use it.',
    required_for: null,
    steps: [
      step(
        'Have the details at hand',
        `For the connector **${guide.connector_label}** and the type **${guide.authentication_label}**:`,
        [
          ...credentials.map(({ label, optional }) => `${label}${optional ? ' (optional)' : ''}`),
          'Scopes: those that this guide lists',
          'Actions (optional): only these can be called; without a choice all of them can',
        ],
      ),
      step(
        'Create it',
        `In the console choose **Connector profiles**, **New profile**, then **${guide.connector_label}** and **${guide.authentication_label}**, and fill in the details.\n\nOr by the API, with an operator's key:\n\n\`\`\`http\nPOST /connector_profiles\ncontent-type: application/json\n\n${JSON.stringify(body, null, 2)}\n\`\`\``,
      ),
      step(
        'Test it',
        'In the console open the profile and choose **Test**; by the API `POST /connector_profiles/{id}/test`. It says what the provider does not accept, if anything.',
      ),
    ],
  };
}

function accountSection({ grant, account_settings }: FullGuideView): SectionView {
  const settings = account_settings.map(
    ({ name, description }) => `\`${name}\`${description === null ? '' : `: ${description}`}`,
  );
  const [how, route] = HOW_TO_LINK[grant];
  return {
    title: 'Link accounts',
    text: how,
    required_for: null,
    steps: [
      step(
        'Link a customer',
        `In the console choose **Accounts**, **Link an account**; by the API \`${route}\`.${settings.length > 0 ? ' The settings of an account:' : ''}`,
        settings,
      ),
    ],
  };
}

const HOW_TO_LINK: Readonly<Record<Authentication['grant'], readonly [how: string, route: string]>> = {
  client_credentials: ['The app acts as itself: nobody has to consent.', 'POST /accounts'],
  jwt_bearer: ['The service account acts: nobody has to consent.', 'POST /accounts'],
  authorization_code: ['Each customer consents once, through a link that you give them.', 'POST /connect_sessions'],
  api_key: ['Each customer gives an API key, through a link or through you.', 'POST /connect_sessions'],
  provided_token: ['Each account brings a token that was obtained elsewhere.', 'POST /accounts'],
};

export interface Credential {
  name: 'client_id' | 'client_secret' | 'service_account_id' | 'key_id' | 'private_key';
  label: string;
  optional: boolean;
}

/** What a profile of a method holds, in the order of its form. */
export function credentialsOf({
  grant,
  public_clients,
}: Pick<FullGuideView, 'grant' | 'public_clients'>): Credential[] {
  const needed = (name: Credential['name'], label: string, optional = false): Credential => ({ name, label, optional });
  if (grant === 'api_key') return [];
  return [
    needed('client_id', 'Client ID'),
    needed('client_secret', 'Client secret', public_clients),
    ...(grant === 'jwt_bearer'
      ? [
          needed('service_account_id', 'Service account ID'),
          needed('key_id', 'Key ID'),
          needed('private_key', 'Private key'),
        ]
      : []),
  ];
}

function step(title: string, text: string, items: string[] = []): SectionView['steps'][number] {
  return { title, text, required_for: null, items, scopes: null };
}
