import { readFileSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { newConnector } from '../../../src/cli/new/new-connector.ts';
import type { Terminal } from '../../../src/cli/terminal.ts';
import { createFormatChecks } from '../../../src/connector/compile-connector.ts';
import { loadFolder } from '../../../src/connector/load.ts';
import { checkExample } from '../../../src/local/check/check-example.ts';
import { openReplayStage } from '../../../src/local/replay.ts';
import { corbelHere } from '../support/corbel.ts';

const OSS = 'test/fixtures/aps/openapi/oss.yaml';
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'corbel-new-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const run = (...args: string[]) => corbelHere(['new', ...args, '--connectors', folder]);

/** Loads a connector and carries out its examples; gives everything that is wrong. */
async function problemsOf(name: string): Promise<string[]> {
  const { faults, connector } = await loadFolder(folder, name, createFormatChecks());
  if (!connector) return faults.map(({ rule, message }) => `${rule} ${message}`);
  const stage = await openReplayStage({
    hash: '',
    connectors: new Map([[name, connector]]),
    actions: connector.actions,
  });
  try {
    const found: string[] = [];
    for (const action of connector.actions.values())
      for (const example of action.examples) {
        const { differences } = await checkExample(stage, connector, action, example);
        found.push(...differences.map(({ message }) => `${example.name}: ${message}`));
      }
    return found;
  } finally {
    await stage.close();
  }
}

describe('corbel new connector', () => {
  it('writes a connector that is valid and passes, and does not touch it again', async () => {
    const args = [
      'connector',
      'acme',
      '--host',
      'https://api.acme.com',
      '--auth',
      'api_key',
      '--scope',
      'items:read=Read',
    ];
    const made = await run(...args);
    expect(made).toMatchObject({ code: 0, stdout: expect.stringContaining('acme/connector.yaml') });
    expect(await problemsOf('acme')).toEqual([]);
    const text = await readFile(join(folder, 'acme/connector.yaml'), 'utf8');
    expect(text.split('\n')[0]).toMatch(/^# yaml-language-server: \$schema=.*docs\/schema\/connector\.json$/);
    expect(await run(...args)).toMatchObject({ code: 2, stdout: '' });
  });

  it('names everything that is missing where nobody can be asked, and writes nothing', async () => {
    const ran = await run('connector', 'beta', '--auth', 'authorization_code');
    expect(ran).toMatchObject({ code: 2, stdout: '' });
    for (const flag of ['--host', '--authorize-path', '--token-path']) expect(ran.stderr).toContain(flag);
    expect(await readdir(folder)).not.toContain('beta');
  });

  it.each(['client_credentials', 'authorization_code', 'api_key', 'jwt_bearer', 'provided_token'])(
    'writes one that is valid for %s',
    async (auth) => {
      const name = auth.replace('_', '');
      const paths = { tokenPath: '/token', authorizePath: '/authorize', introspectPath: '/introspect' };
      const options = { host: ['https://api.acme.com', 'files=https://f.acme.com'], auth, ...paths, scope: [] };
      await newConnector({ cwd: folder } as Terminal, folder, name, options, undefined);
      const { faults, connector } = await loadFolder(folder, name, createFormatChecks());
      expect(faults).toEqual([]);
      // What would not pass is left out.
      expect(connector?.actions.get(`${name}_list_items`)?.examples).toHaveLength(3);
    },
  );
});

describe('corbel new action', () => {
  it('adds to the file of the resource without touching a byte of it', async () => {
    const file = join(folder, 'acme/actions/items.yaml');
    const before = `${await readFile(file, 'utf8')}\n# The end.`;
    await writeFile(file, before);
    const ran = await run(
      'action',
      'acme.create_item',
      '--path',
      '/v1/items',
      '--input',
      'name:string:required',
      '--json',
    );
    expect(ran.code).toBe(0);
    expect(JSON.parse(ran.stdout)).toMatchObject({
      actions: ['acme_create_item'],
      files: [{ created: false }, { created: false }],
      notes: [],
    });
    expect((await readFile(file, 'utf8')).startsWith(before)).toBe(true);
    expect(await problemsOf('acme')).toEqual([]);
  });

  it('refuses to overwrite, and says what a name is', async () => {
    expect(await run('action', 'acme.list_items', '--path', '/v1/x')).toMatchObject({ code: 2, stdout: '' });
    expect((await run('action', 'acme_list_items', '--path', '/v1/x')).stderr).toContain('connector.action');
  });

  it('imports an operation, with its scopes, and tells what it guessed', async () => {
    const args = ['action', 'acme.list_buckets', '--from-openapi', OSS, '--operation', 'get_buckets', '--add-scopes'];
    const ran = await run(...args);
    expect(ran.code).toBe(0);
    expect(ran.stderr).toContain('pagination');
    const [action] = parse(await readFile(join(folder, 'acme/actions/buckets.yaml'), 'utf8'));
    expect(action).toMatchObject({ id: 'list_buckets', scopes: ['bucket:read'], output: { list: 'body.items' } });
    const declared = parse(readFileSync(join(folder, 'acme/connector.yaml'), 'utf8'));
    expect(Object.keys(declared.scopes)).toEqual(['items:read', 'bucket:read']);
    expect(await problemsOf('acme')).toEqual([]);
  });

  it('shows what it would write, and the operations of a file', async () => {
    const dry = await run(
      'action',
      'acme.get_bucket',
      '--from-openapi',
      OSS,
      '--operation',
      'get_bucket_details',
      '--dry-run',
    );
    expect(dry).toMatchObject({ code: 0, stdout: expect.stringContaining('- id: get_bucket') });
    expect(await readFile(join(folder, 'acme/actions/buckets.yaml'), 'utf8')).not.toContain('get_bucket\n');
    const listed = await run('action', '--from-openapi', OSS, '--list', '--json');
    expect(JSON.parse(listed.stdout).operations).toContainEqual(
      expect.objectContaining({ id: 'get_buckets', method: 'GET', path: '/oss/v2/buckets' }),
    );
  });
});
