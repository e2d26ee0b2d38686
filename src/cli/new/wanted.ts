import { CommandFailure, EXIT } from '../outcome.ts';
import type { Ask, TextQuestion } from './ask.ts';

/** A value that a command needs: given by a flag, or asked for. */
export interface Wanted extends TextQuestion {
  /** As in the help, such as `--path <path>`. */
  flag: string;
  given: string | undefined;
}

/**
 * The values, by the keys of what is wanted (none where that is undefined): those of the flags, checked, and those of the person at the terminal, where one
 * is there. Throws {@link CommandFailure} (usage) for flags that are wrong, and with all missing ones at once.
 */
export async function completed<Key extends string>(
  wanted: Readonly<Record<Key, Wanted | undefined>>,
  ask: Ask | undefined,
): Promise<Record<Key, string>> {
  const entries = (Object.entries(wanted) as [Key, Wanted | undefined][]).flatMap(([key, one]) =>
    one ? [[key, one] as const] : [],
  );
  for (const [, { flag, given, check }] of entries) {
    const complaint = given === undefined ? undefined : check?.(given);
    if (complaint !== undefined) throw new CommandFailure(EXIT.usage, `${flag}: ${complaint}`);
  }
  const missing = entries.filter(([, { given, default: fallback }]) => given === undefined && fallback === undefined);
  if (!ask && missing.length > 0)
    throw new CommandFailure(
      EXIT.usage,
      `${missing.length === 1 ? 'A flag is' : 'Flags are'} missing: ${missing.map(([, { flag }]) => flag).join(', ')}`,
      'On a terminal they are asked for; here nobody can be.',
    );
  const values = {} as Record<Key, string>;
  for (const [key, { given, ...question }] of entries)
    values[key] = given ?? (ask ? await ask.text(question) : (question.default ?? ''));
  return values;
}

/** Complains about what is no https origin. */
export function originComplaint(text: string): string | undefined {
  const origin = URL.canParse(text) ? new URL(text).origin : undefined;
  if (origin === text && text.startsWith('https://')) return undefined;
  return `write an origin, such as ${origin?.startsWith('https://') ? origin : 'https://api.example.com'}`;
}

/** Complains about what is no path of a request. */
export function pathComplaint(text: string): string | undefined {
  return /^\/[^\s?#]*$/.test(text) ? undefined : 'write a path without query, such as /v1/items/{item_id}';
}

export function nonEmptyComplaint(text: string): string | undefined {
  return text.trim() === '' ? 'write something' : undefined;
}
