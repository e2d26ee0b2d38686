import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { processTerminal, type TerminalProcess } from '../../../src/cli/terminal.ts';
import { SURROUNDINGS } from '../../../src/connector/rule-pages/surroundings.ts';
import { startNode } from '../../support/node-process.ts';
import { until } from '../../support/redis.ts';
import { connectorNamed, connectorsFolder, FAULTY_ACTIONS } from './support.ts';

const CLI = 'src/cli/corbel.ts';
const ACTIONS = 'actions/things.yaml';
const GOOD_ACTIONS = SURROUNDINGS[ACTIONS];
// What a contributor takes for at once; of several saves one must be told so soon, however busy the machine is.
const SOON_MS = 300;
const SAVES = 4;

describe('corbel validate', () => {
  it('shows faults, exits with 1, and never shows a stack, even of what is no text', async () => {
    const directory = await connectorsFolder({
      acme: connectorNamed('acme', { [ACTIONS]: FAULTY_ACTIONS, 'examples/things.yaml': '\u0000\u0001' }),
    });
    const run = startNode(CLI, ['validate', directory]);
    expect(await run.ended).toMatchObject({ code: 1 });
    expect(run.stdout()).toContain('error FMT001 unknown key "Label" — did you mean "label"?');
    expect(run.stdout()).toContain('error YML004');
    expect(run.stdout()).toContain('see docs/rules.md#fmt001');
    expect(run.stdout()).not.toContain('\u001b');
    expect(run.stdout()).not.toMatch(/\n\s+at /);
    expect(run.stderr()).toBe('');
  });

  it('takes the connectors directory by default and answers with one JSON document; exits with 0 without faults', async () => {
    const directory = await connectorsFolder({ acme: connectorNamed('acme') });
    const run = startNode(CLI, ['validate', '--json'], { CORBEL_CONNECTORS_DIR: directory });
    expect(await run.ended).toMatchObject({ code: 0 });
    expect(JSON.parse(run.stdout())).toMatchObject({ faults: [], connectors: 1, actions: 1, examples: 1 });
  });

  it('refuses a path that is not there with 2', async () => {
    const run = startNode(CLI, ['validate', 'no/such/path', '--json']);
    expect(await run.ended).toMatchObject({ code: 2 });
    expect(JSON.parse(run.stdout())).toEqual({ error: { message: expect.any(String), hint: expect.any(String) } });
  });

  it('with --watch checks again soon after each save, and ends by Ctrl-C with what it found last', async () => {
    const directory = await connectorsFolder({ acme: connectorNamed('acme') });
    const run = startNode(CLI, ['validate', directory, '--watch']);
    const answers = () => run.stdout().match(/(no|\d+) faults? \(/g) ?? [];
    await until(30_000, 'the first answer', () => answers().length === 1);
    const waits: number[] = [];
    for (let save = 1; save <= SAVES; save += 1) {
      const saved = performance.now();
      await writeFile(join(directory, 'acme', ACTIONS), save % 2 === 1 ? FAULTY_ACTIONS : GOOD_ACTIONS);
      await until(30_000, 'an answer to a save', () => (answers().at(-1) === 'no faults (') === (save % 2 === 0));
      waits.push(performance.now() - saved);
    }
    expect(Math.min(...waits)).toBeLessThan(SOON_MS);
    expect(run.stdout()).not.toContain('\u001b');
    await writeFile(join(directory, 'acme', ACTIONS), FAULTY_ACTIONS);
    await until(30_000, 'the last answer', () => answers().at(-1) === '1 fault (');
    expect(await run.stop('SIGINT')).toMatchObject({ code: 1 });
  });
});

describe('the screen', () => {
  it('is cleared where there is one, and nowhere else', () => {
    const written: string[] = [];
    const write = (text: string) => written.push(text) > 0;
    const terminalOf = (isTTY: boolean) =>
      processTerminal(
        { env: {}, cwd: () => '/', stdin: {}, stdout: { isTTY, write }, stderr: {} } as unknown as TerminalProcess,
        {
          json: false,
        },
      );
    terminalOf(false).clear();
    expect(written).toEqual([]);
    terminalOf(true).clear();
    expect(written.join('')).toContain('\u001b[2J');
  });
});
