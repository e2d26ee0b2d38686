import { appendFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { copyConnectors } from '../support/connectors.ts';
import { corbel } from './support/corbel.ts';

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

  it('says which action was probably meant', async () => {
    const ran = await corbel(['scopes', 'autodesk.list_hub', '--json']);
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
    const ran = await corbel(['guide', 'autodesk']);
    expect(ran).toMatchObject({ code: 2, stdout: '' });
    expect(ran.stderr).toContain('autodesk.three_legged');
  });
});

describe('corbel docs', () => {
  it('writes the pages once, keeps files of others, and finds what is out of date', async () => {
    const out = join(folder, 'docs');
    expect((await corbel(['docs', 'autodesk', '--out', out])).code).toBe(0);
    const page = join(out, 'autodesk', 'hubs.md');
    await writeFile(join(out, 'autodesk', 'mine.md'), '# Mine\n');
    await appendFile(page, 'Changed.\n');
    const stale = await corbel(['docs', 'autodesk', '--out', out, '--check', '--json']);
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
    expect((await corbel(['diff', 'HEAD:connectors', 'connectors'])).code).toBeLessThan(2);
    const refused = await corbel(['diff', '--', '--output=x:connectors', 'connectors']);
    expect(refused.code).toBe(2);
    expect((await corbel(['diff', 'nothing:connectors'])).stderr).toContain('no revision nothing');
  });
});
