import type { Context, Members } from './context.ts';
import type { RuleId } from './rules.ts';
import { didYouMean } from './suggest.ts';

/** What an expression reads of the context (see `Expression.reads`), name by name. */
export function namesOf(read: string): string[] {
  return (read.match(/`[^`]*`|[^.`]+/g) ?? []).map((name) => name.replaceAll('`', ''));
}

/** What is wrong with reading these names of a context, if anything. */
export function faultOfRead(names: readonly string[], context: Context): { rule: RuleId; message: string } | undefined {
  let members: Members = context;
  for (const [depth, name] of names.entries()) {
    if (members === 'any') return undefined;
    const below = members.get(name);
    if (below === 'this step')
      return { rule: 'ACT017', message: `step "${name}" reads itself, before it has an answer` };
    if (below === 'later step')
      return {
        rule: 'ACT017',
        message: `step "${name}" comes after this place; steps run in the order in which they stand`,
      };
    if (below === undefined) return unknown(names.slice(0, depth), name, readable(members));
    members = below;
  }
  return undefined;
}

function readable(members: Exclude<Members, string>): string[] {
  return [...members].flatMap(([name, below]) => (below === 'this step' || below === 'later step' ? [] : [name]));
}

function unknown(above: readonly string[], name: string, known: readonly string[]): { rule: RuleId; message: string } {
  const hint = didYouMean(name, known);
  const [root] = above;
  const there = known.length > 0 ? known.join(', ') : 'nothing';
  if (root === undefined)
    return { rule: 'ACT004', message: `"${name}" is not there at this place (there are: ${there})${hint}` };
  if (above.length === 1 && root === 'inputs')
    return { rule: 'ACT003', message: `input "${name}" is not declared${hint}` };
  if (above.length === 1 && root === 'account')
    return { rule: 'ACT004', message: `account setting "${name}" is not declared${hint}` };
  if (above.length === 1 && root === 'steps')
    return { rule: 'ACT017', message: `there is no step "${name}" before this place${hint}` };
  return { rule: 'ACT004', message: `"${above.join('.')}" has no "${name}" (it has: ${there})${hint}` };
}
