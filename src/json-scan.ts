const BYTE = { quote: 0x22, backslash: 0x5c, openBracket: 0x5b, closeBracket: 0x5d, openBrace: 0x7b, closeBrace: 0x7d };

/**
 * The deepest nesting and the longest run of digits outside strings, in one pass without recursion: `JSON.parse` takes
 * 200,000 levels, and whoever walks the result then overflows the stack. Looks at bytes, since in UTF-8 no part of a longer
 * character equals an ASCII byte. Stops early beyond `maxDepth`.
 */
export function scanJson(body: Buffer, maxDepth: number): { depth: number; digits: number } {
  let depth = 0;
  let deepest = 0;
  let run = 0;
  let digits = 0;
  for (let at = 0; at < body.length; at += 1) {
    const byte = body[at] ?? 0;
    if (byte >= 0x30 && byte <= 0x39) {
      run += 1;
      if (run > digits) digits = run;
      continue;
    }
    run = 0;
    if (byte === BYTE.quote) {
      at = endOfString(body, at + 1);
    } else if (byte === BYTE.openBrace || byte === BYTE.openBracket) {
      depth += 1;
      if (depth > deepest) deepest = depth;
      if (depth > maxDepth) break;
    } else if (byte === BYTE.closeBrace || byte === BYTE.closeBracket) {
      depth -= 1;
    }
  }
  return { depth: deepest, digits };
}

/** Where the string that begins at `at` has its closing quote; the end of the text when it has none. */
function endOfString(body: Buffer, at: number): number {
  let end = at;
  while (end < body.length && body[end] !== BYTE.quote) end += body[end] === BYTE.backslash ? 2 : 1;
  return end;
}
