import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { USERPROFILE_ORIGIN } from '../../../sandbox/aps/oauth-paths.ts';
import { SANDBOX_S3_ORIGINS } from '../../../sandbox/aps/signed-urls.ts';
import { readSandboxFile } from '../../../src/cli/dev/sandbox-file.ts';
import { filledIn } from '../../../src/cli/dev/sandboxes.ts';
import { ConnectorError } from '../../../src/connector/diagnostics.ts';
import { temporaryDirectory } from './support.ts';

describe('the file that registers sandbox programs', () => {
  let folder: Awaited<ReturnType<typeof temporaryDirectory>>;
  beforeAll(async () => {
    folder = await temporaryDirectory('corbel-sandboxes-');
  });
  afterAll(() => folder.remove());

  async function rulesOf(text: string): Promise<string[]> {
    const path = join(folder.path, 'sandboxes.yaml');
    await writeFile(path, text);
    const error = await readSandboxFile(path).catch((thrown: unknown) => thrown);
    if (!(error instanceof ConnectorError)) throw new Error('was not refused');
    return error.diagnostics.map(({ line, rule }) => `${line} ${rule}`);
  }

  it('names the program of this project, and every origin that it stands in for', async () => {
    const program = (await readSandboxFile('sandbox/sandboxes.yaml')).get('autodesk');
    expect(program?.program).toBe(resolve('sandbox/aps/main.ts'));
    const origins = ['https://developer.api.autodesk.com', USERPROFILE_ORIGIN, ...SANDBOX_S3_ORIGINS];
    expect(program?.stands_in_for.toSorted()).toEqual(origins.toSorted());
  });

  it('need not be there', async () => {
    expect(await readSandboxFile(join(folder.path, 'nowhere.yaml'))).toEqual(new Map());
  });

  it('is refused with line and rule where it is wrong', async () => {
    const good = 'acme:\n  program: a.ts\n  stands_in_for: [https://api.acme.test]\n';
    expect(await rulesOf(good.replace('program', 'programm'))).toEqual(['2 FMT001']);
    expect(await rulesOf(good.replace('a.ts', '../a.ts'))).toEqual(['2 FMT003']);
    expect(await rulesOf(good.replace('.test', '.test/v1'))).toEqual(['3 FMT003']);
    expect(await rulesOf(`${good}  x: [`)).toEqual(['4 YML001']);
  });

  it('takes values over from the ready line, and nothing that is not there', () => {
    const ready = { client_id: 'one', port: 5 };
    expect(filledIn('${client_id}:${port}:${missing}:${toString}', ready)).toBe('one:5::');
  });
});
