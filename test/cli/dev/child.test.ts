import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startChild } from '../../../src/cli/dev/child.ts';
import { startNode } from '../../support/node-process.ts';
import { temporaryDirectory } from './support.ts';

const STAYS = 'setInterval(() => {}, 1_000); console.log(JSON.stringify({ child: process.pid }));';
const LONGEST_MS = 10_000;

describe('a process that a command started', () => {
  let folder: Awaited<ReturnType<typeof temporaryDirectory>>;
  beforeAll(async () => {
    folder = await temporaryDirectory('corbel-child-');
  });
  afterAll(() => folder.remove());

  async function script(name: string, text: string): Promise<string> {
    const path = join(folder.path, name);
    await writeFile(path, text);
    return path;
  }

  it('ends when the command is killed', async () => {
    const stays = await script('stays.mjs', STAYS);
    const parent = await script(
      'parent.mjs',
      `import { startChild } from ${JSON.stringify(pathToFileURL('src/cli/dev/child.ts').href)};
       const child = startChild(${JSON.stringify(stays)}, [], { cwd: process.cwd(), env: process.env });
       console.log(await child.line((line) => line.startsWith('{')));`,
    );
    const running = startNode(parent, []);
    const { child } = await running.record((line) => 'child' in line);
    running.signal('SIGKILL');
    // The child has its standard error from there: only when it has ended, too, is all of it read.
    const ended = await Promise.race([running.ended, sleep(LONGEST_MS)]);
    if (!ended) process.kill(Number(child), 'SIGKILL');
    expect(ended).toEqual({ code: null, signal: 'SIGKILL' });
  });

  it('ends by itself when its work is done, and when it is stopped', async () => {
    const options = { cwd: process.cwd(), env: process.env };
    const done = startChild(await script('done.mjs', 'process.exitCode = 3'), [], options);
    expect(await done.ended).toEqual({ code: 3, signal: null });
    const stays = startChild(await script('stays.mjs', STAYS), [], options);
    await stays.line((line) => line.startsWith('{'));
    await stays.stop();
    expect(await stays.ended).toEqual({ code: null, signal: 'SIGTERM' });
  });
});
