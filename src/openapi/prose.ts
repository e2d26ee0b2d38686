// A description in a catalogue is read at a glance; what is longer stands behind `docs`.
const MAX_DESCRIPTION_CHARS = 400;
const MAX_REMARK_CHARS = 140;
// Markdown of a whole manual page need not be looked through.
const MAX_READ_CHARS = 8_000;

/** Markdown as plain sentences, on one line, cut after a sentence. Undefined where nothing is left. */
export function description(markdown: string | undefined): string | undefined {
  return markdown === undefined ? undefined : shortened(plain(markdown), MAX_DESCRIPTION_CHARS);
}

/** The same of an input or a field: shorter, and one sentence has no full stop. */
export function remark(markdown: string | undefined): string | undefined {
  // What follows the first paragraph is lists of values, notes and the like.
  const [first] = markdown === undefined ? [] : paragraphsOf(markdown);
  const text = first === undefined ? undefined : shortened(first, MAX_REMARK_CHARS);
  return text === undefined || /[.!?] /.test(text) ? text : text.replace(/\.$/, '');
}

function plain(markdown: string): string {
  return paragraphsOf(markdown)
    .map((paragraph) => (/[.!?:;]\)?$/.test(paragraph) ? paragraph : `${paragraph}.`))
    .join(' ');
}

function paragraphsOf(markdown: string): string[] {
  return (
    markdown
      .slice(0, MAX_READ_CHARS)
      .replace(/<!--[\s\S]*?-->/g, ' ')
      .replace(/<br\s*\/?>/gi, ' ')
      .replace(/<\/?[a-zA-Z][^<>]*>/g, '')
      // A list begins a paragraph of its own, even without a line between.
      .split(/\n\s*\n|\n(?=\s*[-*+] )/)
      .map(plainParagraph)
      .filter((paragraph) => paragraph !== '')
  );
}

function plainParagraph(paragraph: string): string {
  // Tables, fenced code, rules and items of lists are no sentences.
  if (/^\s*(\||```|---|===|[-*+] )/.test(paragraph)) return '';
  return (
    paragraph
      .replace(/!\[[^\]]*\]\([^)]*\)/g, '')
      .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
      .replace(/^\s*#+\s*/gm, '')
      .replace(/(\*\*|__)(.+?)\1/g, '$2')
      .replace(/`([^`]*)`/g, '$1')
      .replace(/\\([_*`[\]#])/g, '$1')
      .replace(/\p{Cc}+/gu, ' ')
      .replace(/\s+/g, ' ')
      // A sentence that announces a list, which is gone.
      .replace(/(?<=^|[.!?] )[^.!?]*:\s*$/, '')
      .trim()
  );
}

function shortened(text: string, length: number): string | undefined {
  if (text === '') return undefined;
  if (text.length <= length) return text;
  const head = text.slice(0, length);
  const sentence = Math.max(head.lastIndexOf('. '), head.lastIndexOf('! '), head.lastIndexOf('? '));
  if (sentence > length / 4) return head.slice(0, sentence + 1);
  return `${head.slice(0, Math.max(head.lastIndexOf(' '), length / 2)).replace(/[,;:.\s]+$/, '')} …`;
}
