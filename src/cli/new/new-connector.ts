import { lstat, mkdir, readdir } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { type ConnectorSources, createFormatChecks } from '../../connector/compile-connector.ts';
import { NAME_PATTERN, SCOPE_PATTERN } from '../../connector/format/parts.ts';
import type { ExampleDraft } from '../../openapi/draft.ts';
import { CommandFailure, EXIT } from '../outcome.ts';
import type { Terminal } from '../terminal.ts';
import type { Ask } from './ask.ts';
import { completeExamples } from './complete-examples.ts';
import { compiled, withChanges } from './connector-sources.ts';
import {
  AUTHENTICATION_KINDS,
  type AuthenticationKind,
  type ConnectorWords,
  connectorText,
  firstActionText,
} from './connector-text.ts';
import { resourceFile } from './resource-file.ts';
import { schemaHeader } from './schema-header.ts';
import type { Made } from './show-new.ts';
import { completed, nonEmptyComplaint, originComplaint, pathComplaint } from './wanted.ts';
import { writeFolder } from './write-files.ts';
import { listItemText } from './yaml-text.ts';

export interface NewConnectorOptions {
  label?: string;
  description?: string;
  docs?: string;
  host?: string[];
  auth?: string;
  tokenPath?: string;
  authorizePath?: string;
  introspectPath?: string;
  keyHeader?: string;
  keyPrefix?: string;
  keyBasic?: true;
  scope?: string[];
  action?: string;
  path?: string;
}

const OAUTH: readonly AuthenticationKind[] = [
  'client_credentials',
  'authorization_code',
  'jwt_bearer',
  'provided_token',
];
const FIRST_ACTION = 'list_items';
const FIRST_PATH = '/v1/items';

/**
 * Makes the folder of a new connector, with a first action and its examples: whole or not at all, and only when it has no
 * fault. Throws {@link CommandFailure}; what is missing is asked for where somebody can be asked.
 */
export async function newConnector(
  terminal: Terminal,
  directory: string,
  id: string,
  options: NewConnectorOptions,
  ask: Ask | undefined,
): Promise<Made> {
  if (!/^[a-z][a-z0-9]*$/.test(id))
    throw new CommandFailure(
      EXIT.usage,
      `"${id.slice(0, 80)}" is no name of a connector.`,
      'Lower-case letters and digits, beginning with a letter: acme',
    );
  const folder = join(directory, id);
  if (await lstat(folder).catch(() => undefined))
    throw new CommandFailure(EXIT.usage, `${relative(terminal.cwd, folder)} is there already; it is not overwritten.`);
  const words = await wordsOf(id, options, ask);
  const action = options.action ?? FIRST_ACTION;
  if (!new RegExp(NAME_PATTERN).test(action))
    throw new CommandFailure(
      EXIT.usage,
      `--action "${action.slice(0, 80)}" is no name of an action.`,
      'Such as: list_items',
    );
  const path = options.path ?? FIRST_PATH;
  const complaint = pathComplaint(path) ?? (path.includes('{') ? 'a list has no {name} in its path' : undefined);
  if (complaint !== undefined) throw new CommandFailure(EXIT.usage, `--path: ${complaint}`);
  const file = `${resourceFile(action, [])}.yaml`;
  const base = relative(process.cwd(), folder);
  const checks = createFormatChecks();
  const none: ConnectorSources = {
    folder: id,
    connector: { file: `${base}/connector.yaml`, text: undefined },
    actions: [],
    examples: [],
    guides: [],
  };
  const change = (name: string, after: string) => ({ path: name, before: undefined, after });
  const changes = [
    change('connector.yaml', connectorText(words, join(folder, 'connector.yaml'))),
    change(
      `actions/${file}`,
      firstActionText(
        { id: action, path, scopes: [...words.scopes.keys()].slice(0, 1) },
        join(folder, 'actions', file),
      ),
    ),
  ];
  const connector = compiled(withChanges(none, base, changes), checks);
  const [first] = connector.actions.values();
  if (!first) throw new CommandFailure(EXIT.failed, 'The action was not compiled.');
  const { examples } = await completeExamples(connector, first, firstExamples());
  const header = schemaHeader(join(folder, 'examples', file), 'examples');
  changes.push(change(`examples/${file}`, `${header}${examples.map((one) => listItemText(one)).join('\n')}`));
  compiled(withChanges(none, base, changes), checks);
  await mkdir(directory, { recursive: true });
  await assertFree(directory, id);
  await writeFolder(folder, changes);
  const files = changes.map((one) => ({ path: relative(terminal.cwd, join(folder, one.path)), created: true }));
  return { actions: [first.id], files, notes: [] };
}

async function wordsOf(id: string, options: NewConnectorOptions, ask: Ask | undefined): Promise<ConnectorWords> {
  const auth = options.auth ?? (await ask?.choose('How does it authenticate?', kinds()));
  if (auth !== undefined && !Object.hasOwn(AUTHENTICATION_KINDS, auth))
    throw new CommandFailure(
      EXIT.usage,
      `--auth ${JSON.stringify(auth.slice(0, 40))} is not known`,
      `It is one of ${Object.keys(AUTHENTICATION_KINDS).join(', ')}.`,
    );
  const authentication = auth as AuthenticationKind | undefined;
  const oauth = authentication !== undefined && OAUTH.includes(authentication);
  const [host, ...otherHosts] = options.host ?? [];
  const label = `${id.charAt(0).toUpperCase()}${id.slice(1)}`;
  const path = (flag: string, message: string, given: string | undefined, usual: string) => ({
    flag,
    message,
    given,
    check: pathComplaint,
    ...(ask && { default: usual }),
  });
  const values: Partial<Record<string, string>> = await completed<string>(
    {
      host: {
        flag: '--host <origin>',
        message: 'Host of its API, as https://…',
        given: host?.replace(/^[a-z0-9_]+=/, ''),
        check: originComplaint,
      },
      auth: authentication === undefined ? { flag: '--auth <kind>', message: '', given: undefined } : undefined,
      authorize:
        authentication === 'authorization_code'
          ? path('--authorize-path <path>', 'Path of its page for consent', options.authorizePath, '/oauth2/authorize')
          : undefined,
      token: oauth
        ? path('--token-path <path>', 'Path of its token endpoint', options.tokenPath, '/oauth2/token')
        : undefined,
      introspect:
        authentication === 'provided_token'
          ? path(
              '--introspect-path <path>',
              'Path of its introspection endpoint',
              options.introspectPath,
              '/oauth2/introspect',
            )
          : undefined,
      label: {
        flag: '--label <text>',
        message: 'Name for people',
        given: options.label,
        default: label,
        check: nonEmptyComplaint,
      },
    },
    ask,
  );
  const { host: origin = '', label: shown = label } = values;
  return {
    id,
    label: shown,
    description: options.description ?? `${shown}, over its public API.`,
    docs: docsOf(options.docs),
    hosts: hostsOf(host, origin, otherHosts),
    scopes: scopesOf(options.scope ?? []),
    authentication: authentication ?? 'client_credentials',
    tokenPath: values.token ?? '',
    authorizePath: values.authorize ?? '',
    introspectPath: values.introspect ?? '',
    key: keyOf(options),
  };
}

function kinds() {
  return (Object.entries(AUTHENTICATION_KINDS) as [AuthenticationKind, string][]).map(([value, description]) => ({
    value,
    name: value,
    description,
  }));
}

function docsOf(docs: string | undefined): string | undefined {
  if (docs === undefined || /^https:\/\/\S+$/.test(docs)) return docs;
  throw new CommandFailure(EXIT.usage, '--docs: write a URL that begins with https://');
}

/** `https://api.example.com`, or `name=https://…`; the first one is called api if it has no name. */
function hostsOf(first: string | undefined, origin: string, others: readonly string[]): ReadonlyMap<string, string> {
  const hosts = new Map<string, string>();
  const named = (text: string, fallback: string) => /^([a-z][a-z0-9_]*)=/.exec(text)?.[1] ?? fallback;
  hosts.set(named(first ?? '', 'api'), origin);
  for (const [index, text] of others.entries()) {
    const other = text.replace(/^[a-z0-9_]+=/, '');
    const complaint = originComplaint(other);
    if (complaint !== undefined) throw new CommandFailure(EXIT.usage, `--host: ${complaint}`);
    hosts.set(named(text, `host_${index + 2}`), other);
  }
  return hosts;
}

/** `read`, or `read=Read everything`. */
function scopesOf(scopes: readonly string[]): ReadonlyMap<string, string> {
  const pattern = new RegExp(SCOPE_PATTERN);
  return new Map(
    scopes.map((text) => {
      const [scope = '', ...words] = text.split('=');
      if (!pattern.test(scope))
        throw new CommandFailure(
          EXIT.usage,
          `--scope ${JSON.stringify(text.slice(0, 80))} is no scope`,
          'Such as: --scope "data:read=Read everything"',
        );
      return [scope, words.join('=').trim() || `As the provider says: ${scope}`];
    }),
  );
}

function keyOf({ keyBasic, keyHeader, keyPrefix }: NewConnectorOptions): ConnectorWords['key'] {
  if (keyBasic) return { in: 'basic' };
  const name = keyHeader ?? 'Authorization';
  const prefix = keyPrefix ?? (name.toLowerCase() === 'authorization' ? 'Bearer ' : undefined);
  return { in: 'header', name, prefix };
}

function firstExamples(): ExampleDraft[] {
  const headers = { 'content-type': 'application/json' };
  const item = { id: 'itm_1', name: 'First', createdAt: '2026-01-31T12:00:00Z' };
  const source = 'made up; take what the provider shows instead';
  return [
    {
      name: 'A page that has a next one.',
      source,
      inputs: { name: 'First', page_size: 1 },
      response: { status: 200, headers, body: { data: [item], next_cursor: 'after_itm_1' } },
      shows: 'page_with_next',
    },
    {
      name: 'The last page has no next one.',
      source,
      inputs: {},
      response: { status: 200, headers, body: { data: [item] } },
      shows: 'last_page',
    },
    {
      name: 'The provider refuses what it is asked.',
      source,
      inputs: {},
      response: { status: 400, headers, body: { code: 'bad_request', message: 'limit is too large' } },
      shows: 'refusal',
    },
  ];
}

/** Names that differ in case only are one folder on some machines. */
async function assertFree(directory: string, id: string): Promise<void> {
  const names = await readdir(directory).catch(() => []);
  const other = names.find((name) => name.toLowerCase() === id);
  if (other !== undefined) throw new CommandFailure(EXIT.usage, `${other} is there already; it is not overwritten.`);
}
