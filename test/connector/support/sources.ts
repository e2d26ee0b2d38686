import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';
import { compileConnector, createFormatChecks } from '../../../src/connector/compile-connector.ts';
import type { Connector, RequestPlan } from '../../../src/connector/connector.ts';
import type { Diagnostic } from '../../../src/connector/diagnostics.ts';

/** Files of a connector named acme, by path below its folder. */
export type Files = Readonly<Record<string, string>>;

const CHECKS = createFormatChecks();

/** A small connector without a fault that uses most of the format. */
export const GOOD: Files = {
  'connector.yaml': `id: acme
label: Acme
description: Things.
hosts: {api: "https://api.acme.test", files: "https://files.acme.test"}
scopes:
  read: {description: Read}
  write: {description: Write, includes: [read]}
authentication:
  - id: app
    label: App
    grant: client_credentials
    token_endpoint: {path: /token}
    client_authentication: client_secret_basic
    tokens: [app]
account_settings:
  region: {type: string, enum: [US, EU], default: US}
defaults:
  headers: {x-region: "\${account.region}"}
errors:
  code: body.code
  rules:
    - when: status = 403
      code: provider_forbidden
`,
  'actions/things.yaml': `- id: list_things
  label: List Things
  description: Things.
  effect: read
  scopes: [read]
  token: app
  inputs:
    kind: {type: string, pattern: "^[a-z]+$", example: big}
  request:
    method: GET
    path: /things
    query: {kind: "\${inputs.kind}"}
  pagination: {style: page_number, number: page, size: size, first: 0, more: body.next}
  output:
    let: {base: body.base}
    list: body.things
    item: |-
      {
        "id": id,
        "url": $base & id
      }
    fields: {id: {type: string}, url: {type: string}}
  warnings: body.warnings

- id: get_thing
  label: Get Thing
  description: A thing.
  effect: read
  scopes: [read]
  token: any
  inputs:
    thing_id: {type: string, required: true}
  request:
    method: GET
    path: /things/{thing_id}
  output: {object: body}
`,
  'examples/things.yaml': `- name: A thing.
  action: get_thing
  source: made up
  inputs: {thing_id: t1}
  request: {method: GET, url: "https://api.acme.test/things/t1"}
  response: {status: 200, body: {id: t1}}
  output: {data: {id: t1}}
`,
};

/** Replaces one text of one file, which must be there. */
export function changed(files: Files, path: string, from: string, to: string): Files {
  const text = files[path] ?? '';
  if (!text.includes(from)) throw new Error(`${path} has no ${JSON.stringify(from)}`);
  return { ...files, [path]: text.replace(from, () => to) };
}

/** Lints and compiles files in memory. */
export function compileFiles(files: Files, originOverrides: ReadonlyMap<string, string> = new Map()) {
  const below = (folder: string) =>
    Object.entries(files).flatMap(([file, text]) => (file.startsWith(folder) ? [{ file, text }] : []));
  return compileConnector(
    {
      folder: 'acme',
      connector: { file: 'connector.yaml', text: files['connector.yaml'] },
      actions: below('actions/'),
      examples: below('examples/'),
      guides: below('guides/'),
    },
    CHECKS,
    originOverrides,
  );
}

export function compiledOf(files: Files, originOverrides?: ReadonlyMap<string, string>): Connector {
  const compiled = compileFiles(files, originOverrides);
  if (Array.isArray(compiled)) throw new Error(compiled.map(place).join('\n'));
  return compiled;
}

export function faultsOf(files: Files): Diagnostic[] {
  const compiled = compileFiles(files);
  return Array.isArray(compiled) ? compiled : [];
}

/** The request of a step, the first one if none is named. */
export function requestOf(connector: Connector, action: string, step?: string): RequestPlan | undefined {
  const found = connector.actions.get(action)?.steps.find(({ id }) => step === undefined || id === step);
  return found?.kind === 'request' ? found.request : undefined;
}

/** `file:line:column RULE`. */
export function place({ file, line, column, rule }: Pick<Diagnostic, 'file' | 'line' | 'column' | 'rule'>): string {
  return `${file}:${line}:${column} ${rule}`;
}

/** Marks the place where a fault is expected. */
export const MARK = '«';

/** The files without marks, and the marked places. */
export function unmarked(files: Files): { files: Files; places: { file: string; line: number; column: number }[] } {
  const places: { file: string; line: number; column: number }[] = [];
  const plain = Object.entries(files).map(([file, text]) => {
    const [first = '', ...rest] = text.split(MARK);
    let before = first;
    for (const part of rest) {
      const lines = before.split('\n');
      places.push({ file, line: lines.length, column: (lines.at(-1)?.length ?? 0) + 1 });
      before += part;
    }
    return [file, before];
  });
  return { files: Object.fromEntries(plain), places };
}

/** Writes connectors into a directory that is removed when the test is over. */
export async function directoryOf(connectors: Readonly<Record<string, Files>>): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'corbel-connectors-'));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  for (const [id, files] of Object.entries(connectors)) await writeFiles(directory, id, files);
  return directory;
}

export async function writeFiles(directory: string, id: string, files: Files): Promise<void> {
  for (const [path, text] of Object.entries(files)) {
    const file = join(directory, id, path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text);
  }
}
