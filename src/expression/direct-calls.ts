import type { Run } from './direct-frame.ts';
import {
  BUILTINS,
  type Callback,
  concatenated,
  containsMatch,
  filter,
  type Matcher,
  map,
  replaceMatches,
  sift,
} from './direct-functions.ts';
import type { Scope } from './direct-scope.ts';
import { ALLOWED_FUNCTIONS, CONCATENATION } from './functions.ts';
import type { RegexEngine } from './regex.ts';
import type { Node } from './syntax-tree.ts';

export interface CallCompiler {
  compile(node: Node, scope: Scope): Run;
  readonly regexEngine: RegexEngine;
}

type WithCallback = (value: unknown, callback: Callback, frame: Parameters<Run>[1]) => unknown;

const WITH_CALLBACK: ReadonlyMap<unknown, WithCallback> = new Map<unknown, WithCallback>([
  ['sift', sift],
  ['filter', filter],
  ['map', map],
]);

/** A call of a function of the language; undefined when it is left to the interpreter. */
export function compileCall(node: Node, scope: Scope, compiler: CallCompiler): Run | undefined {
  const { procedure, arguments: given = [] } = node;
  if (procedure?.type !== 'variable' || procedure.predicate || procedure.group) return undefined;
  const name = String(procedure.value);
  // A variable may be called like a function.
  if (scope.slotOf(name) !== undefined) return undefined;
  const [first, second, third] = given;
  if (name === CONCATENATION) {
    const left = first && compiler.compile(first, scope);
    const right = second && compiler.compile(second, scope);
    return left && right && ((input, frame) => concatenated(left(input, frame), right(input, frame)));
  }
  const withCallback = WITH_CALLBACK.get(name);
  if (withCallback) return given.length === 2 ? callbackCall(withCallback, first, second, scope, compiler) : undefined;
  if (second?.type === 'regex') return regexCall(name, given.length, [first, second, third], scope, compiler);
  const builtin = BUILTINS.get(name);
  if (!builtin || given.length < builtin.from || given.length > builtin.to) return undefined;
  const { run } = builtin;
  const values = given.map((argument) => compiler.compile(argument, scope));
  const [one] = values;
  if (values.length === 1 && one) return (input, frame) => run(frame, one(input, frame));
  return (input, frame) => run(frame, ...values.map((value) => value(input, frame)));
}

function callbackCall(
  call: WithCallback,
  value: Node | undefined,
  lambda: Node | undefined,
  scope: Scope,
  compiler: CallCompiler,
): Run | undefined {
  if (value === undefined || lambda?.type !== 'lambda' || lambda.signature || lambda.predicate || lambda.group)
    return undefined;
  const names = (lambda.arguments ?? []).map((parameter) => String(parameter.value));
  const { body } = lambda;
  // A parameter may hide a function; one with the name of another hides that.
  if (body === undefined || names.some((name) => ALLOWED_FUNCTIONS.includes(name))) return undefined;
  if (new Set(names).size < names.length) return undefined;
  const on = compiler.compile(value, scope);
  const inner = scope.inner();
  const slots = names.map((name) => inner.add(name));
  const run = compiler.compile(body, inner);
  return (input, frame) =>
    call(
      on(input, frame),
      {
        call(values) {
          for (let index = 0; index < slots.length; index += 1) frame.slots[slots[index] as number] = values[index];
          return run(input, frame);
        },
      },
      frame,
    );
}

function regexCall(
  name: string,
  count: number,
  [text, regex, replacement]: readonly (Node | undefined)[],
  scope: Scope,
  { compile, regexEngine }: CallCompiler,
): Run | undefined {
  if (text === undefined || regex === undefined || regex.predicate || regex.group) return undefined;
  const value = compile(text, scope);
  const matcher = () => new regexEngine(regex.value) as Matcher;
  if (name === 'contains' && count === 2) return (input, frame) => containsMatch(value(input, frame), matcher(), frame);
  const by = replacement?.value;
  const isPlain = replacement?.type === 'string' && !replacement.predicate && !replacement.group;
  if (name === 'replace' && count === 3 && isPlain && typeof by === 'string' && !by.includes('$'))
    return (input, frame) => replaceMatches(value(input, frame), matcher(), by, frame);
  return undefined;
}
