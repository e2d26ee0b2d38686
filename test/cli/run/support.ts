import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Terminal } from '../../../src/cli/terminal.ts';

const CONNECTOR = `id: acme
label: Acme
description: Things.
hosts: { api: https://api.acme.example }
scopes: {}
authentication:
  - { id: key, label: Key, grant: api_key, placement: { in: header, name: X-Api-Key } }
  - id: app
    label: App
    grant: client_credentials
    token_endpoint: { path: /oauth/token }
    client_authentication: client_secret_basic
    tokens: [app]
account_settings:
  team: { type: string, default: blue, description: "Team" }
errors:
  code: body.code
  message: body.message
  rules:
    - { when: 'body.code = "nope"', code: provider_conflict, hint: "Try another one." }
    - { when: status = 403, code: provider_forbidden }
`;

const ACTIONS = `- id: list_things
  label: List Things
  description: Things.
  effect: read
  scopes: []
  token: any
  inputs:
    owner: { type: string, description: "E-mail address of the owner" }
    limit: { type: integer, description: "At most" }
  request:
    method: GET
    path: /v1/things
    query: { owner: "\${inputs.owner}", team: "\${account.team}", limit: "\${inputs.limit}" }
  pagination: { style: cursor, cursor: page_token, next: body.next_page_token }
  output:
    list: body.things
    item: '{ "id": id, "title": title, "owner": owner.display_name, "email": owner.email, "url": download_url }'
    fields:
      id: { type: integer }
      title: { type: string }
      owner: { type: string }
      email: { type: string }
      url: { type: string }
- id: get_thing
  label: Get Thing
  description: One.
  effect: read
  scopes: []
  token: any
  inputs:
    id: { type: string, required: true, description: "Id" }
  request:
    method: GET
    path: /v1/things/{id}
  output:
    object: |-
      body.data.{
        "id": id,
        "title": attributes.titel
      }
    fields:
      id: { type: string }
      title: { type: string }
`;

export interface Acme {
  readonly directory: string;
  readonly env: Record<string, string>;
  /** Requests that came, as `METHOD path?query`. */
  readonly seen: string[];
  answerWith(answer: (request: IncomingMessage, response: ServerResponse) => void): void;
  close(): Promise<void>;
}

/** A small connector and its provider on the loopback. */
export async function startAcme(): Promise<Acme> {
  const directory = await mkdtemp(join(tmpdir(), 'corbel-acme-'));
  await mkdir(join(directory, 'acme', 'actions'), { recursive: true });
  await writeFile(join(directory, 'acme', 'connector.yaml'), CONNECTOR);
  await writeFile(join(directory, 'acme', 'actions', 'things.yaml'), ACTIONS);
  const seen: string[] = [];
  let answer = (_request: IncomingMessage, response: ServerResponse): void => void response.writeHead(404).end();
  const server = createServer((request, response) => {
    seen.push(`${request.method} ${request.url}`);
    answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    directory,
    seen,
    env: {
      CORBEL_ORIGIN_OVERRIDES: `https://api.acme.example=${origin}`,
      CORBEL_ALLOW_PRIVATE_ADDRESSES: '127.0.0.0/8',
      CORBEL_CONNECTORS_DIR: directory,
    },
    answerWith(wanted) {
      answer = wanted;
    },
    async close() {
      await new Promise((resolve) => {
        server.close(resolve);
        server.closeAllConnections();
      });
      await rm(directory, { recursive: true, force: true, maxRetries: 3 });
    },
  };
}

/** A terminal that remembers. */
export function memoryTerminal(env: Record<string, string>, json = false): Terminal & { out: string[]; err: string[] } {
  const out: string[] = [];
  const err: string[] = [];
  return {
    ...{ env, json, out, err },
    cwd: process.cwd(),
    interactive: false,
    print: (text) => void out.push(text),
    note: (text) => void err.push(text),
    paint: (_style, text) => text,
    paintNote: (_style, text) => text,
    clear: () => {},
    interrupted: () => new Promise(() => {}),
  };
}
