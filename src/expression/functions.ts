import jsonata from 'jsonata';
import { ExpressionError } from './expression.ts';
import { GUARDS, type Guard, REPLACEMENTS } from './guards.ts';
import { MAX_BUILT_TEXT_CHARS } from './limits.ts';

/** The functions an expression may use: all of the language's that depend on nothing but their arguments. */
export const ALLOWED_FUNCTIONS: readonly string[] = [
  ...['abs', 'append', 'assert', 'average', 'base64decode', 'base64encode', 'boolean', 'ceil', 'contains', 'count'],
  ...['decodeUrl', 'decodeUrlComponent', 'distinct', 'each', 'encodeUrl', 'encodeUrlComponent', 'error', 'exists'],
  ...[
    'filter',
    'floor',
    'formatBase',
    'formatInteger',
    'formatNumber',
    'fromMillis',
    'join',
    'keys',
    'length',
    'lookup',
  ],
  ...['lowercase', 'map', 'match', 'max', 'merge', 'min', 'not', 'number', 'pad', 'parseInteger', 'power', 'reduce'],
  ...['replace', 'reverse', 'round', 'sift', 'single', 'sort', 'split', 'spread', 'sqrt', 'string', 'substring'],
  ...['substringAfter', 'substringBefore', 'sum', 'toMillis', 'trim', 'type', 'uppercase', 'zip'],
];

/** The others, and why not. */
export const REFUSED_FUNCTIONS: ReadonlyMap<string, string> = new Map([
  ['eval', 'it would run data as an expression'],
  ['clone', 'values never change here, there is nothing to protect from change'],
  ['now', 'the same inputs must give the same request'],
  ['millis', 'the same inputs must give the same request'],
  ['random', 'the same inputs must give the same request'],
  ['shuffle', 'the same inputs must give the same request'],
]);

/** A function as the interpreter keeps it. */
export interface NativeFunction {
  readonly _jsonata_function: true;
  readonly implementation: (this: unknown, ...values: unknown[]) => unknown;
  readonly signature?: unknown;
  /** The interpreter asks for it before it counts the implementation's parameters. */
  readonly arity: number;
}

/** Name under which the guarded "&" is installed; no expression can write it. */
export const CONCATENATION = '&';

/**
 * The allowed functions, each checking its arguments before the interpreter's own implementation sees them. A frozen table,
 * made once; an expression installs copies, because the interpreter notes call positions on the function objects it runs.
 */
export const GUARDED_FUNCTIONS: ReadonlyMap<string, NativeFunction> = await loadFunctions();

async function loadFunctions(): Promise<ReadonlyMap<string, NativeFunction>> {
  const list = ALLOWED_FUNCTIONS.map((name) => `$${name}`).join(',');
  const natives: readonly Omit<NativeFunction, 'arity'>[] = await jsonata(`[${list}]`).evaluate({});
  const guarded = new Map<string, NativeFunction>();
  ALLOWED_FUNCTIONS.forEach((name, index) => {
    const native = natives[index];
    if (native === undefined) throw new TypeError(`the interpreter has no function "${name}"`);
    guarded.set(name, guard(native, GUARDS.get(name), REPLACEMENTS.get(name)));
  });
  const toText = guarded.get('string')?.implementation;
  if (toText === undefined) throw new TypeError('the interpreter has no function "string"');
  guarded.set(CONCATENATION, { _jsonata_function: true, implementation: concatenation(toText), arity: 2 });
  return guarded;
}

function guard(
  native: Omit<NativeFunction, 'arity'>,
  check: Guard | undefined,
  replacement: NativeFunction['implementation'] | undefined,
): NativeFunction {
  const original = native.implementation;
  const implementation = function (this: unknown, ...values: unknown[]): unknown {
    for (const value of values) checkValue(value);
    check?.(values);
    const answer = (replacement ?? original).apply(this, values);
    return answer instanceof Promise ? answer.then(checkAnswer) : checkAnswer(answer);
  };
  // Partial application reads the parameter names out of the source text.
  Object.defineProperty(implementation, 'toString', { value: () => original.toString() });
  return { ...native, implementation, arity: original.length };
}

function checkValue(value: unknown): void {
  if (typeof value === 'string') checkAnswer(value);
  if (typeof value === 'number' && !Number.isFinite(value)) {
    throw new ExpressionError('evaluation', 'a number is out of range');
  }
}

function checkAnswer(answer: unknown): unknown {
  if (typeof answer === 'string' && answer.length > MAX_BUILT_TEXT_CHARS) {
    throw new ExpressionError('limit', 'the text became too long');
  }
  return answer;
}

function concatenation(toText: NativeFunction['implementation']): NativeFunction['implementation'] {
  return function (this: unknown, left: unknown, right: unknown): unknown {
    const leftText = left === undefined ? '' : toText.call(this, left);
    const rightText = right === undefined ? '' : toText.call(this, right);
    return checkAnswer(`${leftText}${rightText}`);
  };
}
