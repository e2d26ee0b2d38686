import { type ChildProcess, spawn } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { until } from '../support/redis.ts';
import { type Clone, cloneRepository } from './support/clone.ts';
import { type Block, blocksOf, normalised, patternOf } from './support/page.ts';

const PAGE = 'docs/your-first-action.md';
const MAX_LINES = 200;
const STEP_DEADLINE_MS = 60_000;

type Commands = Extract<Block, { kind: 'sh' }>;

interface Shell {
  process: ChildProcess;
  printed: () => string;
  ended: Promise<number | null>;
}

/** Runs commands as a person would in the clone; a group of its own, so that what they start can be ended with them. */
function startShell({ folder, env }: Clone, text: string): Shell {
  const child = spawn('bash', ['-e', '-o', 'pipefail', '-c', `exec 2>&1\n${text}`], {
    cwd: folder,
    env,
    detached: true,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const out: Buffer[] = [];
  child.stdout?.on('data', (chunk: Buffer) => out.push(chunk));
  return {
    process: child,
    printed: () => Buffer.concat(out).toString('utf8'),
    ended: new Promise((resolve) => child.once('close', resolve)),
  };
}

/** Ctrl-C: the signal goes to all that the shell runs. */
async function interrupt({ process: { pid, exitCode, signalCode }, ended }: Shell): Promise<void> {
  if (pid === undefined || exitCode !== null || signalCode !== null) return;
  process.kill(-pid, 'SIGINT');
  const late = setTimeout(() => process.kill(-pid, 'SIGKILL'), STEP_DEADLINE_MS);
  await ended;
  clearTimeout(late);
}

/** The commands with what a reader copies from the screen of the server. */
function filledIn(text: string, screen: string): string {
  const seen = (pattern: RegExp) => pattern.exec(screen)?.[1] ?? '';
  return text
    .replace('ck_…', seen(/Backend key +(ck_\S+)/))
    .replace('acc_…', seen(/account (acc_\S+)/))
    .replace('http://127.0.0.1:8080', seen(/Corbel +(http:\S+)/));
}

describe('the page for the first action', () => {
  let clone: Clone;
  const background: Shell[] = [];
  beforeAll(async () => {
    clone = await cloneRepository();
  });
  afterAll(async () => {
    await Promise.all(background.map(interrupt));
    await clone.remove();
  });

  async function follow(block: Commands): Promise<void> {
    const at = `${PAGE}:${block.line}`;
    const shell = startShell(clone, filledIn(block.text, background.map(({ printed }) => printed()).join('')));
    if (block.background) {
      background.push(shell);
      const ready = () => shell.printed().includes('Ctrl-C stops everything') || shell.process.exitCode !== null;
      await until(STEP_DEADLINE_MS, `${at}: it does not start`, ready);
      expect(shell.process.exitCode, `${at} ended: ${shell.printed()}`).toBeNull();
      return;
    }
    const late = setTimeout(() => void interrupt(shell), STEP_DEADLINE_MS);
    const exitCode = await shell.ended;
    clearTimeout(late);
    const printed = shell.printed();
    expect(exitCode, `${at} printed:\n${printed}`).toBe(0);
    if (!block.printed) return;
    const { line, text } = block.printed;
    // Compared as texts where they differ: that is readable, the pattern is not.
    if (!patternOf(text).test(normalised(printed)))
      expect(normalised(printed), `${PAGE}:${line} is not what is printed`).toBe(normalised(text));
  }

  it(`has at most ${MAX_LINES} lines`, async () => {
    expect((await readFile(PAGE, 'utf8')).trimEnd().split('\n').length).toBeLessThanOrEqual(MAX_LINES);
  });

  it('gives a working, tested and served action when each block is followed to the letter', async () => {
    const blocks = blocksOf(await readFile(join(clone.folder, PAGE), 'utf8'));
    const commands = blocks.filter((block) => block.kind === 'sh');
    expect(commands.length).toBeGreaterThan(8);
    for (const block of blocks) {
      if (block.kind === 'yaml') await writeFile(join(clone.folder, block.path), block.text);
      else await follow(block);
      if (block === commands[0]) await clone.quickNpx();
    }
  }, 300_000);
});

describe('the reader of the page', () => {
  it.each([
    ['a kind of block that nobody runs', '```js\n1\n```'],
    ['a block without a kind', '```\nls\n```'],
    ['a file without a path', '```yaml\na: 1\n```'],
    ['a word that it does not know', '```sh skip\nls\n```'],
    ['output of nothing', '```text\nx\n```'],
    ['a block that does not end', '```sh\nls'],
    ['the same within a list', '- so:\n\n  ```console\n  $ ls\n  ```'],
  ])('refuses %s', (_what, markdown) => {
    expect(() => blocksOf(markdown)).toThrow(/^line \d+:/);
  });

  it('compares to the letter, but for …', () => {
    expect('a 12 ms b\n').toMatch(patternOf('a … b'));
    expect('first\nsecond\nlast\n').toMatch(patternOf('…\nlast'));
    expect('first\nlast\nmore\n').not.toMatch(patternOf('…\nlast'));
    expect('a (1+1)\n').toMatch(patternOf('a (1+1)'));
    expect('a\nb\n').not.toMatch(patternOf('a…b'));
  });
});
