import { cp, glob, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { publishedSchemas } from '../../src/connector/json-schema.ts';
import { type LanguageServer, type Position, startLanguageServer } from '../support/language-server.ts';

// The cursor, in the texts of this file.
const CURSOR = '«';

let folder: string;
let server: LanguageServer;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'corbel-editor-'));
  // The copied files find the schemas where their headers say: as they are in the code, not as they were generated last.
  await mkdir(join(folder, 'docs/schema'), { recursive: true });
  for (const [kind, schema] of Object.entries(publishedSchemas()))
    await writeFile(join(folder, `docs/schema/${kind}.json`), JSON.stringify(schema));
  await cp('connectors', join(folder, 'connectors'), { recursive: true });
  server = await startLanguageServer();
});

afterAll(async () => {
  await server.stop();
  await rm(folder, { recursive: true });
  expect(() => process.kill(server.pid, 0)).toThrow();
});

const CONNECTOR = 'connectors/autodesk/connector.yaml';
const ACTIONS = 'connectors/autodesk/actions/objects.yaml';
const EXAMPLES = 'connectors/autodesk/examples/buckets.yaml';

interface Shown {
  path: string;
  cursor: Position;
}

/** Opens a copied file with one place changed, or with something at its end; gives the cursor. */
async function edited(file: string, place: string, replacement: string): Promise<Shown> {
  const path = join(folder, file);
  const text = await readFile(path, 'utf8');
  expect(text.split(place), `${file} has "${place}" once`).toHaveLength(2);
  const marked = text.replace(place, () => replacement);
  const before = marked.slice(0, marked.indexOf(CURSOR)).split('\n');
  server.show(path, marked.replace(CURSOR, '')).catch(() => {});
  return { path, cursor: { line: before.length - 1, character: before.at(-1)?.length ?? 0 } };
}

async function completed(file: string, place: string, replacement: string) {
  const { path, cursor } = await edited(file, place, replacement);
  const items = await server.complete(path, cursor);
  return new Map(
    items.map(({ label, documentation = '' }) => [
      label,
      typeof documentation === 'string' ? documentation : documentation.value,
    ]),
  );
}

async function hovered(file: string, place: string, replacement: string): Promise<string> {
  const { path, cursor } = await edited(file, place, replacement);
  return server.hover(path, cursor);
}

describe('an editor with yaml-language-server', () => {
  it('finds nothing wrong with the files of our connectors', async () => {
    const files: string[] = [];
    for await (const file of glob('connectors/**/*.yaml')) files.push(file);
    const found = await Promise.all(
      files.map(async (file) => {
        const path = join(folder, file);
        return (await server.show(path, await readFile(path, 'utf8'))).map(({ message }) => `${file}: ${message}`);
      }),
    );
    // An anchor that nothing refers to is no fault of the format.
    expect(found.flat().filter((line) => !line.includes(': Unused anchor'))).toEqual([]);
  });

  it('offers the keys of a connector that are not there yet, explained', async () => {
    const items = await completed(CONNECTOR, 'defaults:\n  timeout_s: 30\n', `${CURSOR}\n`);
    expect(items.get('defaults')).toBe('What all actions have in common.');
    expect([...items.keys()]).not.toContain('hosts');
  });

  it('offers, where the grant is chosen, only the keys of this grant', async () => {
    const jwt =
      '    assertion: { audience: https://developer.api.autodesk.com/authentication/v2/token, algorithm: RS256, life_s: 300 }\n';
    const items = await completed(CONNECTOR, jwt, `    ${CURSOR}\n`);
    expect(items.get('assertion')).toContain('The JWT that is sent instead of a consent.');
    for (const other of ['authorization_endpoint', 'placement', 'introspection_endpoint'])
      expect([...items.keys()]).not.toContain(other);
  });

  it('offers, where the style is chosen, only the keys of this pagination, of an output those of its form', async () => {
    const pagination = await completed(ACTIONS, '    cursor: startAt\n    size: limit\n', `    ${CURSOR}\n`);
    expect(pagination.get('cursor')).toBe('Query parameter that takes the cursor.');
    expect([...pagination.keys()]).not.toContain('offset');
    const output = await completed(ACTIONS, '    list: body.items\n', `    list: body.items\n    ${CURSOR}\n`);
    expect([...output.keys()]).toContain('let');
    expect([...output.keys()]).not.toContain('object');
  });

  it('offers every grant, style and word with what it means', async () => {
    const added = `  - id: further\n    label: Further\n    grant: ${CURSOR}\n`;
    const grants = await completed(CONNECTOR, '\naccount_settings:\n', `${added}\naccount_settings:\n`);
    expect([...grants.keys()].sort()).toEqual([
      'api_key',
      'authorization_code',
      'client_credentials',
      'jwt_bearer',
      'provided_token',
    ]);
    expect(grants.get('client_credentials')).toContain('The app acts as itself');
    const styles = await completed(ACTIONS, 'style: cursor', `style: ${CURSOR}`);
    // Also where a whole branch stands already, and its word is to be changed.
    expect([...styles.keys()].sort()).toEqual(['cursor', 'link_header', 'offset', 'page_number']);
    const effects = await completed(ACTIONS, 'effect: delete', `effect: ${CURSOR}`);
    expect(effects.get('read')).toBe('Changes nothing. Sent with GET or HEAD.');
  });

  it('offers the codes that an error rule may give, and all of them to an example', async () => {
    const rule = await completed(
      CONNECTOR,
      '  rules:\n',
      `  rules:\n    - when: status = 418\n      code: ${CURSOR}\n`,
    );
    expect(rule.get('provider_not_found')).toBe('Check the ids.');
    expect([...rule.keys()]).not.toContain('key_missing');
    const refused = `- name: Refused.\n  action: list_buckets\n  source: Made up\n  problem:\n    code: ${CURSOR}\n`;
    const example = await completed(EXAMPLES, '- name: A page of buckets', `${refused}- name: A page of buckets`);
    expect(example.get('scopes_missing')).toBe('Scopes missing.');
  });

  it('explains a key, a key of a branch and a word under the cursor', async () => {
    const key = await hovered(CONNECTOR, 'diagnosis:\n', `diag${CURSOR}nosis:\n`);
    expect(key).toContain('The checklist behind `POST /accounts/{id}/diagnose`');
    const ofBranch = await hovered(ACTIONS, '    cursor: startAt', `    cur${CURSOR}sor: startAt`);
    expect(ofBranch).toContain('#### Cursor pagination');
    expect(ofBranch).toContain('starting_after');
    const word = await hovered(ACTIONS, 'effect: delete', `effect: de${CURSOR}lete`);
    expect(word).toContain('* `delete`: Removes something.');
    const value = await hovered(ACTIONS, '      beginsWith:', `      begins${CURSOR}With:`);
    expect(value).toContain('What evaluates to nothing is left out.');
    const example = await hovered(EXAMPLES, '- name: A page of buckets', `- na${CURSOR}me: A page of buckets`);
    expect(example).toContain('It is the name of the test.');
  });

  it('marks an unknown key, a key of another branch and a word that is none', async () => {
    const path = join(folder, CONNECTOR);
    const text = (await readFile(path, 'utf8'))
      .replace('\nscopes:\n', '\nscope: {}\nscopes:\n')
      .replace('    grant: jwt_bearer\n', '    grant: jwt_bearer\n    public_clients: true\n')
      .replace('algorithm: RS256', 'algorithm: HS256');
    const found = await server.show(path, text);
    const lines = text.split('\n');
    const told = found.map(({ message, range }) => `${lines[range.start.line]?.trim().split(':')[0]}: ${message}`);
    expect(told.sort()).toEqual([
      'assertion: Value is not accepted. Valid values: "RS256", "ES256".',
      'public_clients: Property public_clients is not allowed.',
      'scope: Property scope is not allowed.',
    ]);
  });
});
