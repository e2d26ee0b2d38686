import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { access, appendFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { deflateSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadSide } from '../../src/cli/diff/sources.ts';
import { copyConnectors } from '../support/connectors.ts';
import { corbel, corbelHere } from './support/corbel.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'corbel-reference-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('corbel scopes', () => {
  it('prints the least scopes with the separator that is asked for', async () => {
    const ran = await corbel(['scopes', 'autodesk.search_folder', 'autodesk_list_hubs', '-s', 'comma']);
    expect(ran).toMatchObject({ code: 0, stdout: 'data:read,data:search\n' });
  });

  it('prints a line for each connector where there are several', async () => {
    const names = ['gitlab.list_issues', 'stripe.list_customers', 'gitlab.create_issue'];
    const [text, json] = await Promise.all([
      corbelHere(['scopes', ...names]),
      corbelHere(['scopes', ...names, '--json']),
    ]);
    expect(text).toMatchObject({ code: 0, stdout: 'gitlab: api\nstripe: rak_customer_read\n' });
    expect(JSON.parse(json.stdout)).toMatchObject({
      gitlab: { scopes: ['api'], actions: ['gitlab_list_issues', 'gitlab_create_issue'] },
      stripe: { scopes: ['rak_customer_read'] },
    });
  });

  it('says which action was probably meant', async () => {
    const ran = await corbelHere(['scopes', 'autodesk.list_hub', '--json']);
    expect(ran.code).toBe(2);
    expect(JSON.parse(ran.stdout).error.message).toContain('did you mean "autodesk_list_hubs"?');
  });
});

describe('corbel guide', () => {
  it('prints the guide for the actions that are needed', async () => {
    const ran = await corbel(['guide', 'autodesk.two_legged', 'autodesk.list_hubs'], {
      CORBEL_PUBLIC_URL: 'https://here.example.com/',
    });
    expect(ran.code).toBe(0);
    expect(ran.stdout).toContain('https://here.example.com/connect/oauth2/autodesk/callback');
    expect(ran.stdout).toContain('_Enables actions: List Hubs_');
    expect(ran.stdout).not.toContain('custom integration\n');
  });

  it('asks which one where there are several', async () => {
    const ran = await corbelHere(['guide', 'autodesk']);
    expect(ran).toMatchObject({ code: 2, stdout: '' });
    expect(ran.stderr).toContain('autodesk.three_legged');
  });
});

describe('corbel docs', () => {
  it('writes the pages once, keeps files of others, and finds what is out of date', async () => {
    const out = join(folder, 'docs');
    expect((await corbelHere(['docs', 'autodesk', '--out', out])).code).toBe(0);
    const page = join(out, 'autodesk', 'hubs.md');
    await writeFile(join(out, 'autodesk', 'mine.md'), '# Mine\n');
    await appendFile(page, 'Changed.\n');
    const stale = await corbelHere(['docs', 'autodesk', '--out', out, '--check', '--json']);
    expect(stale.code).toBe(1);
    expect(JSON.parse(stale.stdout).stale).toEqual([expect.stringMatching(/hubs\.md$/)]);
    expect(await readFile(page, 'utf8')).toContain('Changed.');
  });
});

describe('corbel diff', () => {
  it('names what breaks, and fails for it', async () => {
    const changed = await copyConnectors();
    await changed.edit('autodesk/actions/hubs.yaml', (text) =>
      text.replace('scopes: [data:read]', 'scopes: [data:write]'),
    );
    const ran = await corbel(['diff', 'connectors', changed.directory, '--json']);
    expect(ran.code).toBe(1);
    const diff = JSON.parse(ran.stdout);
    expect(diff.breaking).toBe(true);
    expect(diff.connectors[0].changes[0]).toMatchObject({ impact: 'breaking', kind: 'scopes_wider' });
    await changed.remove();
  });

  it('reads a revision of git, and nothing that looks like an option', async () => {
    expect((await corbelHere(['diff', 'HEAD:connectors', 'connectors'])).code).toBeLessThan(2);
    const refused = await corbelHere(['diff', '--', '--output=x:connectors', 'connectors']);
    expect(refused.code).toBe(2);
    expect((await corbelHere(['diff', 'nothing:connectors'])).stderr).toContain('no revision nothing');
    const [magic, outside] = await Promise.all([
      corbelHere(['diff', 'HEAD::/connectors', 'connectors']),
      corbelHere(['diff', 'HEAD:../../../etc', 'connectors']),
    ]);
    expect([magic.code, outside.code]).toEqual([2, 2]);
  });

  it('writes nothing beside its copy, whatever folders a tree of git names', async () => {
    const repository = join(folder, 'repository');
    const { copy, revision } = await hostileRepository(repository);
    await expect(loadSide(repository, `${revision}:connectors`)).rejects.toMatchObject({ exitCode: 3 });
    await expect(access(copy)).rejects.toThrow();
  });
});

/** A commit whose connectors/ holds "..": what stands in it would come to stand beside a copy of the folder. */
async function hostileRepository(repository: string): Promise<{ revision: string; copy: string }> {
  const name = `corbel-beside-${process.pid}.yaml`;
  await mkdir(repository);
  const git = (...words: string[]) =>
    execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@example.com', ...words], { cwd: repository })
      .toString()
      .trim();
  git('init', '-q');
  await writeFile(join(repository, name), 'a: 1\n');
  const blob = git('hash-object', '-w', name);
  const object = async (kind: string, content: Buffer): Promise<string> => {
    const whole = Buffer.concat([Buffer.from(`${kind} ${content.length}\0`), content]);
    const id = createHash('sha1').update(whole).digest('hex');
    const path = join(repository, '.git/objects', id.slice(0, 2), id.slice(2));
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, deflateSync(whole));
    return id;
  };
  const entry = (mode: string, file: string, id: string) =>
    Buffer.concat([Buffer.from(`${mode} ${file}\0`), Buffer.from(id, 'hex')]);
  const inner = await object('tree', entry('100644', name, blob));
  const connectors = await object('tree', entry('40000', '..', inner));
  const root = await object(
    'tree',
    Buffer.concat([entry('40000', 'connectors', connectors), entry('100644', name, blob)]),
  );
  return { revision: git('commit-tree', '-m', 'x', root), copy: join(tmpdir(), name) };
}
