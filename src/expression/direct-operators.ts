import { giveUp, type Run, work } from './direct-frame.ts';
import { isEqual, isTrue } from './direct-values.ts';

type Operator = (left: unknown, right: unknown) => unknown;

const ARITHMETIC: Readonly<Record<string, (left: number, right: number) => number>> = {
  '+': (left, right) => left + right,
  '-': (left, right) => left - right,
  '*': (left, right) => left * right,
  '/': (left, right) => left / right,
  '%': (left, right) => left % right,
};

const COMPARISONS: Readonly<Record<string, <T extends string | number>(left: T, right: T) => boolean>> = {
  '<': (left, right) => left < right,
  '<=': (left, right) => left <= right,
  '>': (left, right) => left > right,
  '>=': (left, right) => left >= right,
};

/** An operator of two operands; undefined for one that is left to the interpreter. */
export function compileOperator(operator: string, left: Run, right: Run): Run | undefined {
  // "and" and "or" need the right side only when the left one does not decide.
  if (operator === 'and')
    return (input, frame) => isTrue(left(input, frame), frame) && isTrue(right(input, frame), frame);
  if (operator === 'or')
    return (input, frame) => isTrue(left(input, frame), frame) || isTrue(right(input, frame), frame);
  if (operator === 'in') {
    return (input, frame) => {
      const wanted = left(input, frame);
      const list = right(input, frame);
      if (Array.isArray(list)) work(frame, list.length);
      return isIn(wanted, list);
    };
  }
  const apply = operatorOf(operator);
  return apply && ((input, frame) => apply(left(input, frame), right(input, frame)));
}

/** "-" before a value. */
export function negated(value: unknown): number | undefined {
  return value === undefined ? undefined : -finite(value);
}

function operatorOf(operator: string): Operator | undefined {
  if (operator === '=') return (left, right) => left !== undefined && right !== undefined && isEqual(left, right);
  if (operator === '!=') return (left, right) => left !== undefined && right !== undefined && !isEqual(left, right);
  const calculate = ARITHMETIC[operator];
  if (calculate) return (left, right) => calculated(left, right, calculate);
  const compare = COMPARISONS[operator];
  if (compare) return (left, right) => compared(left, right, compare);
  return undefined;
}

function calculated(left: unknown, right: unknown, calculate: (left: number, right: number) => number): unknown {
  const one = left === undefined ? undefined : finite(left);
  const other = right === undefined ? undefined : finite(right);
  return one === undefined || other === undefined ? undefined : calculate(one, other);
}

function compared(
  left: unknown,
  right: unknown,
  compare: <T extends string | number>(left: T, right: T) => boolean,
): unknown {
  if (typeof left === 'string' && typeof right === 'string') return compare(left, right);
  if (typeof left === 'number' && typeof right === 'number') return compare(left, right);
  if (!(isComparable(left) && isComparable(right)) || (left !== undefined && right !== undefined)) giveUp();
  return undefined;
}

function isComparable(value: unknown): boolean {
  return value === undefined || typeof value === 'string' || typeof value === 'number';
}

function isIn(wanted: unknown, list: unknown): boolean {
  if (wanted === undefined || list === undefined) return false;
  // Objects are compared by identity, which the interpreter has of copies.
  if (typeof wanted === 'object' && wanted !== null) giveUp();
  return Array.isArray(list) ? list.some((item) => item === wanted) : list === wanted;
}

function finite(value: unknown): number {
  return typeof value === 'number' && Number.isFinite(value) ? value : giveUp();
}
