import type { Action, Authentication, Connector } from '../connector/connector.ts';
import type { MinimalScopes } from './minimal-scopes.ts';
import type { SectionView } from './view-guide.ts';

/** What comes after the set-up at the provider, the same for every connector: the profile, then the accounts. */
export function nextSections(
  connector: Connector,
  method: Authentication,
  selected: readonly Action[],
  selection: MinimalScopes,
): SectionView[] {
  return [profileSection(connector, method, selected, selection), accountSection(connector, method)];
}

function profileSection(
  connector: Connector,
  method: Authentication,
  selected: readonly Action[],
  { scopes }: MinimalScopes,
): SectionView {
  const narrowed = selected.length > 0 && selected.length < connector.actions.size;
  const body = {
    name: connector.label,
    connector: connector.id,
    authentication: method.id,
    ...Object.fromEntries(credentialsOf(method).map(({ name }) => [name, '…'])),
    scopes,
    ...(narrowed && { actions: selected.map(({ id }) => id) }),
  };
  return {
    title: 'Create the connector profile',
    text: 'An operator does this once; all accounts linked under the profile use it.',
    required_for: null,
    steps: [
      step('Have the details at hand', `For the connector **${connector.label}** and the type **${method.label}**:`, [
        ...credentialsOf(method).map(({ label, optional }) => `${label}${optional ? ' (optional)' : ''}`),
        'Scopes: those that this guide lists',
        'Actions (optional): only these can be called; without a choice all of them can',
      ]),
      step(
        'Create it',
        `With an operator's key:\n\n\`\`\`http\nPOST /connector_profiles\ncontent-type: application/json\n\n${JSON.stringify(body, null, 2)}\n\`\`\``,
        [],
      ),
      step('Test it', '`POST /connector_profiles/{id}/test` says what the provider does not accept, if anything.', []),
    ],
  };
}

function accountSection(connector: Connector, { grant }: Authentication): SectionView {
  const settings = Object.entries(
    (connector.accountSettings.schema.properties ?? {}) as Record<string, { description?: string }>,
  ).map(([name, { description }]) => `\`${name}\`${description === undefined ? '' : `: ${description}`}`);
  const [how, route] = HOW_TO_LINK[grant];
  return {
    title: 'Link accounts',
    text: how,
    required_for: null,
    steps: [step('Link a customer', `\`${route}\`${settings.length > 0 ? ' with the settings' : ''}`, settings)],
  };
}

const HOW_TO_LINK: Readonly<Record<Authentication['grant'], readonly [how: string, route: string]>> = {
  client_credentials: ['The app acts as itself: nobody has to consent.', 'POST /accounts'],
  jwt_bearer: ['The service account acts: nobody has to consent.', 'POST /accounts'],
  authorization_code: ['Each customer consents once, through a link that you give them.', 'POST /connect_sessions'],
  api_key: ['Each customer gives an API key, through a link or through you.', 'POST /connect_sessions'],
  provided_token: ['Each account brings a token that was obtained elsewhere.', 'POST /accounts'],
};

interface Credential {
  name: string;
  label: string;
  optional: boolean;
}

/** What a profile of the method holds, in the order of its form. */
export function credentialsOf({ grant, publicClients }: Authentication): Credential[] {
  const needed = (name: string, label: string, optional = false): Credential => ({ name, label, optional });
  if (grant === 'api_key') return [];
  return [
    needed('client_id', 'Client ID'),
    needed('client_secret', 'Client secret', publicClients),
    ...(grant === 'jwt_bearer'
      ? [
          needed('service_account_id', 'Service account ID'),
          needed('key_id', 'Key ID'),
          needed('private_key', 'Private key'),
        ]
      : []),
  ];
}

function step(title: string, text: string, items: string[]): SectionView['steps'][number] {
  return { title, text, required_for: null, items, scopes: null };
}
