import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const ORIGIN = 'https://api.keyed.test';

const CONNECTOR = `id: keyed
label: Keyed
description: A provider whose customers make keys.
hosts: {api: "${ORIGIN}"}
scopes:
  read: {description: Read things}
  write: {description: Write things, includes: [read]}
authentication:
  - id: key
    label: Access key
    description: Make a key under Settings, Keys.
    grant: api_key
    placement: {in: header, name: PRIVATE-TOKEN}
    pattern: "^kt-"
    identity: {path: /me, subject: body.id, name: body.name, email: body.email}
    granted_scopes: $split(headers."x-scopes", ",")
  - {id: basic, label: Key as user name, grant: api_key, placement: {in: basic}}
  - {id: bare, label: Key behind a word, grant: api_key, placement: {in: header, name: Authorization, prefix: "Token "}}
  - {id: app, label: App, grant: client_credentials, token_endpoint: {path: /token}, client_authentication: client_secret_post, tokens: [app]}
apis:
  things: {label: Things, rate_limits: [{id: all, requests: 1000, per_s: 60}]}
  scarce: {label: Scarce, rate_limits: [{id: all, requests: 2, per_s: 3600}]}
errors:
  rules:
    - {when: "status = 401 and body.code = 'module_off'", code: provider_forbidden, hint: Switch the module on.}
diagnosis:
  - {id: key, label: The key works, remedy: Make a new key., token: user}
  - {id: things, label: Things can be listed, remedy: Ask for access., needs: [key], api: things, scopes: [read], request: {method: GET, path: /things}}
`;

const ACTIONS = `- id: list_things
  label: List Things
  description: All things.
  effect: read
  api: things
  scopes: [read]
  token: any
  request: {method: GET, path: /things}
  output: {object: body}
- id: get_scarce
  label: Get Scarce
  description: What may be asked for twice an hour.
  effect: read
  api: scarce
  scopes: [read]
  token: user
  request: {method: GET, path: /scarce}
  output: {object: body}
- id: make_thing
  label: Make Thing
  description: A thing.
  effect: create
  api: things
  scopes: [write]
  token: user
  request: {method: POST, path: /things, body: {a: 1}}
  output: {object: body}
- id: get_app
  label: Get App
  description: The app.
  effect: read
  scopes: [read]
  token: app
  request: {method: GET, path: /app}
  output: {object: body}
`;

interface Seen {
  method: string;
  path: string;
  headers: IncomingHttpHeaders;
}

/** A provider that takes keys, on the loopback interface, and the connector for it in a folder of its own. */
export interface KeyedProvider {
  /** What a server needs in its environment. */
  env: Record<string, string>;
  /** Keys that are good, with whose they are and what they may do. */
  keys: Map<string, { id: string; scopes: string }>;
  seen: Seen[];
  /** Answers instead of what would be answered; the key is what the request carried. */
  twist: ((seen: Seen, key: string) => { status: number; body: unknown } | undefined) | undefined;
  /** Awaited before an answer. */
  before: ((seen: Seen, key: string) => Promise<void>) | undefined;
  stop(): Promise<void>;
}

export async function startKeyedProvider(): Promise<KeyedProvider> {
  const directory = await mkdtemp(join(tmpdir(), 'corbel-keyed-'));
  await mkdir(join(directory, 'keyed', 'actions'), { recursive: true });
  await writeFile(join(directory, 'keyed', 'connector.yaml'), CONNECTOR);
  await writeFile(join(directory, 'keyed', 'actions', 'things.yaml'), ACTIONS);

  const listener = createServer(async (request, response) => {
    const { method = '', url = '', headers } = request;
    const seen = { method, path: url, headers };
    provider.seen.push(seen);
    const key = keyIn(headers);
    // Whether the key is good is decided when the request comes, whatever it waits for afterwards.
    const owner = provider.keys.get(key);
    await provider.before?.(seen, key);
    const answer = provider.twist?.(seen, key) ?? (owner ? good(url, owner) : REFUSED);
    const scopes = owner && { 'x-scopes': owner.scopes };
    response.writeHead(answer.status, { 'content-type': 'application/json', ...scopes });
    response.end(JSON.stringify(answer.body));
  });
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  const { port } = listener.address() as AddressInfo;
  const provider: KeyedProvider = {
    env: {
      CORBEL_CONNECTORS_DIR: directory,
      CORBEL_ORIGIN_OVERRIDES: `${ORIGIN}=http://127.0.0.1:${port}`,
      CORBEL_ALLOW_PRIVATE_ADDRESSES: '127.0.0.1/32',
    },
    keys: new Map(),
    seen: [],
    twist: undefined,
    before: undefined,
    async stop() {
      listener.closeAllConnections();
      await new Promise((resolve) => listener.close(resolve));
      await rm(directory, { recursive: true, force: true, maxRetries: 3 });
    },
  };
  return provider;
}

const REFUSED = { status: 401, body: { code: 'bad_key', message: 'Unknown key' } };

function good(url: string, { id }: { id: string }) {
  if (url === '/me') return { status: 200, body: { id, name: `Person ${id}`, email: `${id}@keyed.test` } };
  return { status: 200, body: { things: [url] } };
}

function keyIn(headers: IncomingHttpHeaders): string {
  const { authorization = '', 'private-token': own = '' } = headers;
  const [scheme = '', value = ''] = authorization.split(' ');
  if (scheme === 'Basic') return Buffer.from(value, 'base64').toString().replace(/:$/, '');
  return scheme === 'Token' ? value : String(own);
}
