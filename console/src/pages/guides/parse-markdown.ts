/** The part of Markdown that guides are written in. Everything else is text. */
export type Block =
  | { kind: 'paragraph'; content: Inline[] }
  | { kind: 'list'; items: Inline[][] }
  | { kind: 'code'; language: string; text: string };

export type Inline =
  | { kind: 'text'; text: string }
  | { kind: 'code'; text: string }
  | { kind: 'strong'; content: Inline[] }
  | { kind: 'link'; href: string; content: Inline[] };

const FENCE = '```';
const ITEM = '- ';
const INDENT = '  ';

/** Paragraphs, lists of one level and fenced code. Never fails: what is not closed is text, or goes on to the end. */
export function parseMarkdown(text: string): Block[] {
  const blocks: Block[] = [];
  const lines = text.replaceAll('\r\n', '\n').split('\n');
  let at = 0;
  const take = (wanted: (line: string) => boolean): string[] => {
    const from = at;
    while (at < lines.length && wanted(lines[at] ?? '')) at += 1;
    return lines.slice(from, at);
  };
  while (at < lines.length) {
    const line = lines[at] ?? '';
    if (line.trim() === '') {
      at += 1;
    } else if (line.startsWith(FENCE)) {
      at += 1;
      const code = take((one) => !one.startsWith(FENCE));
      at += 1;
      blocks.push({ kind: 'code', language: line.slice(FENCE.length).trim(), text: code.join('\n') });
    } else if (line.startsWith(ITEM)) {
      const items: string[] = [];
      for (const one of take((next) => next.startsWith(ITEM) || next.startsWith(INDENT)))
        if (one.startsWith(ITEM)) items.push(one.slice(ITEM.length));
        else items.push(`${items.pop() ?? ''} ${one.trim()}`);
      blocks.push({ kind: 'list', items: items.map(parseInline) });
    } else {
      const paragraph = take((one) => one.trim() !== '' && !one.startsWith(FENCE) && !one.startsWith(ITEM));
      blocks.push({ kind: 'paragraph', content: parseInline(paragraph.join(' ')) });
    }
  }
  return blocks;
}

/** Code, bold and links to https. */
export function parseInline(text: string): Inline[] {
  const found: Inline[] = [];
  // What was looked for in vain once is not looked for again, so that the time stays proportional to the text.
  const missing = new Set<string>();
  const find = (mark: string, from: number): number => {
    if (missing.has(mark)) return -1;
    const place = text.indexOf(mark, from);
    if (place < 0) missing.add(mark);
    return place;
  };
  let plain = '';
  let at = 0;
  const push = (inline: Inline, end: number) => {
    if (plain !== '') found.push({ kind: 'text', text: plain });
    plain = '';
    found.push(inline);
    at = end;
  };
  while (at < text.length) {
    if (text[at] === '`') {
      const end = find('`', at + 1);
      if (end > 0) {
        push({ kind: 'code', text: text.slice(at + 1, end) }, end + 1);
        continue;
      }
    } else if (text.startsWith('**', at)) {
      const end = find('**', at + 2);
      if (end > at + 2) {
        push({ kind: 'strong', content: parseInline(text.slice(at + 2, end)) }, end + 2);
        continue;
      }
    } else if (text[at] === '[') {
      const middle = find('](', at + 1);
      const end = middle < 0 ? -1 : find(')', middle + 2);
      const href = end < 0 ? undefined : httpsUrl(text.slice(middle + 2, end));
      if (href !== undefined) {
        push({ kind: 'link', href, content: parseInline(text.slice(at + 1, middle)) }, end + 1);
        continue;
      }
    }
    plain += text[at];
    at += 1;
  }
  if (plain !== '') found.push({ kind: 'text', text: plain });
  return found;
}

function httpsUrl(text: string): string | undefined {
  const url = URL.parse(text);
  return url?.protocol === 'https:' && url.username === '' && url.password === '' ? url.href : undefined;
}
