import { isDeepStrictEqual } from 'node:util';
import { isSeq, parseDocument } from 'yaml';
import { listItemText } from './yaml-text.ts';

/**
 * The text of a list's file with one item more; what stands there is kept to the byte, comments, anchors and all. Undefined
 * where the file cannot be added to without touching the rest of it: it is no list, or a list in brackets.
 */
export function appendItem(text: string, item: unknown): string | undefined {
  const document = parseDocument(text, { version: '1.2', merge: false });
  const { contents } = document;
  if (document.errors.length > 0 || !isSeq(contents) || contents.flow === true) return undefined;
  const before: unknown = document.toJS();
  const dash = columnOfDash(text, contents.range?.[0] ?? 0);
  const breaks = text.includes('\r\n') ? '\r\n' : '\n';
  const added = listItemText(item, dash).replaceAll('\n', breaks);
  const start = text === '' || text.endsWith('\n') ? text : `${text}${breaks}`;
  // A block that keeps the line breaks after it would take the empty line for its own.
  const candidates = [`${start}${breaks}${added}`, `${start}${added}`];
  return candidates.find((candidate) => holdsBoth(candidate, before, item));
}

function columnOfDash(text: string, offset: number): number {
  return offset - (text.lastIndexOf('\n', offset - 1) + 1);
}

function holdsBoth(text: string, before: unknown, item: unknown): boolean {
  const document = parseDocument(text, { version: '1.2', merge: false });
  return document.errors.length === 0 && Array.isArray(before) && isDeepStrictEqual(document.toJS(), [...before, item]);
}
