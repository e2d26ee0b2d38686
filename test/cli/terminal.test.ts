import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { processTerminal } from '../../src/cli/terminal.ts';
import { corbel } from './support/corbel.ts';

// Sets a title, colours by the one-byte form of CSI, and turns the direction of the text around.
const ORDERS = '\u001b]0;title\u0007\u009b31m\u202Ereversed';
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
const ACTING = /[\0-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e]/;

describe('a terminal', () => {
  it('is given no orders by what a command prints or notes', () => {
    const { terminal, out, err } = written({ json: false });
    terminal.print(`Acme ${ORDERS}\n\tsecond line`);
    terminal.note(`failed: ${ORDERS}`);
    expect(out()).not.toMatch(ACTING);
    expect(out()).toMatch(/^Acme .*\n\tsecond line\n$/);
    expect(err()).not.toMatch(ACTING);
  });

  it('keeps the colours of the command itself', () => {
    const { terminal, out } = written({ json: false });
    terminal.print('\u001b[31mred\u001b[39m');
    expect(out()).toBe('\u001b[31mred\u001b[39m\n');
  });

  it('is given the same JSON with the characters written as numbers', () => {
    const { terminal, out } = written({ json: true });
    terminal.print(JSON.stringify({ label: ORDERS }, null, 2));
    expect(out()).not.toMatch(ACTING);
    expect(JSON.parse(out())).toEqual({ label: ORDERS });
  });

  it('is given none by a guide, which is printed as it was written, nor by the command line', async () => {
    const directory = await connectors(`authentication: api_key
summary: "Set it up \\e]0;title\\a\\x9b31m"
sections: [{ title: "T\\e[2J", steps: [{ title: "S\\e[2J", text: "x\\e[2J" }] }]
`);
    const [guide, unknown, misspelt] = await Promise.all([
      corbel(['guide', 'acme', '--connectors', directory]),
      corbel(['guide', ORDERS, '--connectors', directory]),
      corbel([ORDERS]),
    ]);
    expect(guide.code).toBe(0);
    expect([guide.stdout, unknown.stderr, misspelt.stderr].filter((text) => ACTING.test(text))).toEqual([]);
  });
});

function written(options: { json: boolean }) {
  const out: string[] = [];
  const err: string[] = [];
  const stream = (texts: string[]) => ({ isTTY: true, write: (text: string) => texts.push(text) > 0 });
  const from = { env: {}, cwd: () => '/', stdin: { isTTY: true }, stdout: stream(out), stderr: stream(err), once() {} };
  const terminal = processTerminal(from as unknown as Parameters<typeof processTerminal>[0], options);
  return { terminal, out: () => out.join(''), err: () => err.join('') };
}

async function connectors(guide: string): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'corbel-terminal-'));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  await corbel([
    'new',
    'connector',
    'acme',
    '--host',
    'https://api.acme.test',
    '--auth',
    'api_key',
    '--connectors',
    directory,
  ]);
  await mkdir(join(directory, 'acme/guides'));
  await writeFile(join(directory, 'acme/guides/api_key.yaml'), guide);
  return directory;
}
