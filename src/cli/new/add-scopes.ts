import { isDeepStrictEqual } from 'node:util';
import { isMap, isScalar, parseDocument } from 'yaml';
import { flowText, memberText } from './yaml-text.ts';

/**
 * The text of a connector.yaml with further scopes in its catalogue; all else is kept to the byte. Undefined where that
 * cannot be done.
 */
export function addScopes(text: string, scopes: ReadonlyMap<string, string>): string | undefined {
  const document = parseDocument(text, { version: '1.2', merge: false });
  const { contents } = document;
  const pair = isMap(contents) ? contents.items.find(({ key }) => isScalar(key) && key.value === 'scopes') : undefined;
  if (document.errors.length > 0 || !isMap(pair?.value)) return undefined;
  const { items, flow, range } = pair.value;
  const added = Object.fromEntries([...scopes].map(([scope, description]) => [scope, { description }]));
  const before = document.toJS() as { scopes: object };
  const wanted = { ...before, scopes: { ...before.scopes, ...added } };
  const start = range?.[0] ?? 0;
  const end = range?.[1] ?? 0;
  const edited = flow ? inBrackets() : inLines();
  const result = parseDocument(edited, { version: '1.2', merge: false });
  return result.errors.length === 0 && isDeepStrictEqual(result.toJS(), wanted) ? edited : undefined;

  function inBrackets(): string {
    const inside = flowText(added).slice(1, -1).trim();
    if (items.length > 0) {
      const last = text.slice(0, end - 1).trimEnd();
      return `${last}${last.endsWith(',') ? '' : ','} ${inside} }${text.slice(end)}`;
    }
    const lines = Object.entries(added).map(([scope, value]) => memberText(scope, value, 2));
    return `${text.slice(0, start).trimEnd()}\n${lines.join('').trimEnd()}${text.slice(end)}`;
  }

  function inLines(): string {
    const column = start - (text.lastIndexOf('\n', start - 1) + 1);
    const lines = Object.entries(added).map(([scope, value]) => memberText(scope, value, column));
    // Behind the last scope with what is said about it on its line, before the blank line and comments of what follows.
    const last = items.at(-1)?.value;
    const lastEnd = (last as { range?: [number, number, number] } | null | undefined)?.range?.[1] ?? end;
    const valueEnd = text.slice(0, lastEnd).trimEnd().length;
    const lineEnd = text.indexOf('\n', valueEnd);
    const at = lineEnd < 0 ? text.length : lineEnd + 1;
    return `${text.slice(0, at)}${lineEnd < 0 ? '\n' : ''}${lines.join('')}${text.slice(at)}`;
  }
}
