import { styleText } from 'node:util';
import { printable, replaceActing } from '../connector/diagnostics.ts';

type Style = Parameters<typeof styleText>[0];

/** Where a command reads from and writes to. Commands touch the process in no other way. */
export interface Terminal {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Folder that relative paths start from. */
  readonly cwd: string;
  /** Whether somebody is there to be asked. */
  readonly interactive: boolean;
  /** The answer is one JSON document. */
  readonly json: boolean;
  /** Writes a line of the answer to standard output. */
  print(text: string): void;
  /** Writes a line that is no part of the answer (progress, advice) to standard error. */
  note(text: string): void;
  /** The text in a colour where standard output is a terminal that shows them (NO_COLOR and FORCE_COLOR are heeded). */
  paint(style: Style, text: string): string;
  /** The same for what goes to standard error. */
  paintNote(style: Style, text: string): string;
  /** Clears the screen where standard output is one; elsewhere it does nothing. */
  clear(): void;
  /** Resolves when the command is to end: Ctrl-C, SIGTERM, or a terminal that is closed. */
  interrupted(): Promise<void>;
}

// ECMA-48: erase the screen, what was scrolled away (xterm), then go to its upper left corner.
const CLEAR_SCREEN = '\u001b[2J\u001b[3J\u001b[H';

/** What {@link processTerminal} needs of a process. */
export type TerminalProcess = Pick<NodeJS.Process, 'env' | 'cwd' | 'stdin' | 'stdout' | 'stderr' | 'once'>;

/** The terminal of a process. With `json`, nobody is asked anything. */
export function processTerminal(from: TerminalProcess, { json }: { json: boolean }): Terminal {
  const { stdin, stdout, stderr, env } = from;
  return {
    env,
    cwd: from.cwd(),
    interactive: !json && stdin.isTTY === true && stderr.isTTY === true,
    json,
    print: (text) => void stdout.write(`${json ? escaped(text) : harmless(text)}\n`),
    note: (text) => void stderr.write(`${harmless(text)}\n`),
    paint: (style, text) => styleText(style, text, { stream: stdout }),
    paintNote: (style, text) => styleText(style, text, { stream: stderr }),
    clear: () => void (stdout.isTTY === true && stdout.write(CLEAR_SCREEN)),
    interrupted: () =>
      new Promise((resolve) => {
        for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) from.once(signal, () => resolve());
      }),
  };
}

/** What `paint` writes (ECMA-48: SGR), and what lays out a text. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: it is what is looked for.
const OWN = /(\u001b\[[\d;]{1,20}m|[\n\t])/;

/** Without what acts on a terminal, wherever a command took it from: a file, its name, a provider, the command line. */
export function harmless(text: string): string {
  return text
    .split(OWN)
    .map((part, index) => (index % 2 === 1 ? part : printable(part)))
    .join('');
}

/** The same JSON, in which such characters are written as their numbers. */
function escaped(json: string): string {
  const numbered = (character: string) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  return replaceActing(json, (character) => (character === '\n' ? character : numbered(character)));
}
