import { CommandFailure, EXIT } from '../outcome.ts';
import { readText } from '../run/read-values.ts';
import type { Terminal } from '../terminal.ts';
import type { AskedExample } from './make-example.ts';

/** Answers as they are given on the command line. */
export interface GivenAnswers {
  /** Files, or `-`. */
  readonly answers: readonly string[];
  /** One for each answer; the last is that of all further ones. */
  readonly statuses: readonly string[];
  /** `name: value` is of all answers, `2:name: value` of the second. */
  readonly headers: readonly string[];
}

const OK = 200;
const NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

interface GivenHeader {
  /** From 1; undefined: all. */
  readonly answer: number | undefined;
  readonly name: string;
  readonly value: string;
}

/**
 * The answers in the order of the requests. Statuses without any answer are those of answers without a body. Throws
 * {@link CommandFailure} (usage).
 */
export async function readAnswers(
  terminal: Terminal,
  { answers, statuses, headers }: GivenAnswers,
): Promise<AskedExample['responses']> {
  const wrong = statuses.find((text) => statusComplaint(text) !== undefined);
  if (wrong !== undefined)
    throw new CommandFailure(EXIT.usage, `--status ${JSON.stringify(wrong)}: ${statusComplaint(wrong)}.`);
  const named = headers.map(headerOf);
  const texts: string[] = answers.length === 0 ? statuses.map(() => '') : [];
  for (const file of answers) texts.push(await readText(terminal, file));
  const missing = named.find(({ answer = 1 }) => answer < 1 || answer > texts.length);
  if (missing) throw new CommandFailure(EXIT.usage, `--header ${missing.name}: there is no such answer.`);
  return texts.map((text, index) => {
    const own = named.filter(({ answer = index + 1 }) => answer === index + 1);
    return {
      status: Number(statuses[index] ?? statuses.at(-1) ?? OK),
      ...(own.length > 0 && { headers: Object.fromEntries(own.map(({ name, value }) => [name, value])) }),
      ...(text.trim() !== '' && { body: bodyOf(text) }),
    };
  });
}

/** Complains about what is no status of an answer. */
export function statusComplaint(text: string): string | undefined {
  return /^[2-5]\d\d$/.test(text) ? undefined : 'write a status from 200 to 599';
}

function headerOf(text: string): GivenHeader {
  const [, number, name = '', value = ''] = /^(?:(\d{1,3}):)?\s*([^:]*?)\s*:(.*)$/s.exec(text) ?? [];
  if (!NAME.test(name) || /[^\t\x20-\x7e\x80-\xff]/.test(value))
    throw new CommandFailure(EXIT.usage, `--header ${JSON.stringify(text)} is no header.`, 'Write it as name:value.');
  return { answer: number === undefined ? undefined : Number(number), name: name.toLowerCase(), value: value.trim() };
}

/** What is no JSON is sent as it is, and so is a JSON text: a text of an example has no quotes around it. */
function bodyOf(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'string' ? text.trim() : value;
  } catch {
    return text;
  }
}
