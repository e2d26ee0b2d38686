/** A fenced block of a page. */
export type Block =
  /** Commands that succeed. With `background` they run on while the rest of the page is followed. */
  | { kind: 'sh'; line: number; text: string; background: boolean; printed: Expected | undefined }
  /** A file to be written. */
  | { kind: 'yaml'; line: number; text: string; path: string };

/** What the commands before it print, with … for what varies. */
export interface Expected {
  line: number;
  text: string;
}

const FENCE = /^(`{3,}|~{3,})\s*(\S*)\s*(.*)$/;

/**
 * The blocks of a page that is to be followed, in order. Throws for everything that nobody would run, write or compare: a
 * kind of block that is not known, a word behind it that is not, output that belongs to no commands, a block without an end.
 */
export function blocksOf(markdown: string): Block[] {
  const blocks: Block[] = [];
  const lines = markdown.split('\n');
  for (let index = 0; index < lines.length; index += 1) {
    // Blocks within lists and quotations too: they are shown, and so they are to be followed.
    const opening = FENCE.exec((lines[index] ?? '').replace(/^[\s>]+/, ''));
    if (!opening) continue;
    const [, fence = '', kind = '', info = ''] = opening;
    const end = lines.findIndex((text, at) => at > index && text.trim() === fence);
    const line = index + 1;
    if (end < 0) throw new Error(`line ${line}: the block has no end`);
    add(blocks, kind, info, { line, text: `${lines.slice(index + 1, end).join('\n')}\n` });
    index = end;
  }
  return blocks;
}

function add(blocks: Block[], kind: string, info: string, { line, text }: Expected): void {
  const last = blocks.at(-1);
  if (kind === 'sh' && (info === '' || info === 'background')) {
    blocks.push({ kind, line, text, background: info === 'background', printed: undefined });
  } else if (kind === 'yaml' && info.startsWith('title=')) {
    blocks.push({ kind, line, text, path: info.slice('title='.length) });
  } else if (kind === 'text' && info === '' && last?.kind === 'sh' && !last.background && !last.printed) {
    last.printed = { line, text };
  } else throw new Error(`line ${line}: nobody knows how to follow "${kind} ${info}" here`);
}

/** Matches exactly what is expected, apart from spaces at the ends: … is any text in a line, alone in its line any lines. */
export function patternOf(expected: string): RegExp {
  const lines = trimmed(expected)
    .split('\n')
    .map((line) =>
      line === '…'
        ? '(?:.*\\n)*?'
        : `${line
            .split('…')
            .map((text) => RegExp.escape(text))
            .join('.*')}\\n`,
    );
  return new RegExp(`^${lines.join('')}$`);
}

/** Output as {@link patternOf} wants it. */
export function normalised(printed: string): string {
  return `${trimmed(printed)}\n`;
}

function trimmed(text: string): string {
  return text.replace(/[ \t]+$/gm, '').replace(/^\n+|\s+$/g, '');
}
