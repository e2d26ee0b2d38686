import type { InputFormat } from './format.ts';

/**
 * What stands below a name of the context: the known names, or anything. Of steps also those that cannot be read yet: the one
 * that the expression is in, and those behind it.
 */
export type Members = 'any' | 'this step' | 'later step' | ReadonlyMap<string, Members>;

/** The context of expressions at one place: its members by name. */
export type Context = ReadonlyMap<string, Members>;

/** Of a file: all that is known before its bytes come. */
const FILE_MEMBERS = leaves('name', 'content_type');
const ANSWER: Context = leaves('status', 'headers', 'body');

/** Names with anything below them. */
export function leaves(...names: readonly string[]): ReadonlyMap<string, Members> {
  return new Map(names.map((name) => [name, 'any']));
}

/** What every expression of an action can read: its inputs, the account's settings and, where it takes one, the file. */
export function callContext(
  inputs: Readonly<Record<string, InputFormat>>,
  account: Readonly<Record<string, InputFormat>>,
  file: boolean,
): Context {
  return new Map([
    ['inputs', membersOf(inputs)],
    ...accountContext(account),
    ...(file ? ([['file', FILE_MEMBERS]] as const) : []),
  ]);
}

/** Only the account's settings. */
export function accountContext(account: Readonly<Record<string, InputFormat>>): Context {
  return new Map([['account', membersOf(account)]]);
}

/** With the answer of a request at hand. */
export function withAnswer(context: Context): Context {
  return new Map([...context, ...ANSWER]);
}

/** Only an answer, whatever request it is to. */
export function answerContext(): Context {
  return ANSWER;
}

/** Of a refusal and the call that it answers, of whatever action: any input may be read. */
export function ruleContext(account: Readonly<Record<string, InputFormat>>): Context {
  return new Map<string, Members>([
    ...ANSWER,
    ['inputs', 'any'],
    ...accountContext(account),
    ['request', leaves('method', 'path')],
  ]);
}

function membersOf(declared: Readonly<Record<string, InputFormat>>): Members {
  return new Map(
    Object.entries(declared).map(([name, { properties, items }]) => {
      // A path through a list reads the items' members.
      const members = properties ?? items?.properties;
      return [name, members ? leaves(...Object.keys(members)) : 'any'];
    }),
  );
}
