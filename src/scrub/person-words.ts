/** Runs of letters that are parts of a name; single letters are initials, which say nothing. */
const WORD = /\p{L}[\p{L}\p{M}'’]+/gu;
const LETTERS = 26;

/** What stands in fields for names without being anybody's. */
const NOBODY: ReadonlySet<string> = new Set(
  (
    'account admin administrator anonymous api app application automation bot default deleted external guest internal ' +
    'member none null owner root service support system team test undefined unknown user viewer editor'
  ).split(' '),
);

/** The words of a name that are somebody's; none where it is nobody's. */
export function wordsOfName(name: string): string[] {
  return (name.match(WORD) ?? []).filter((word) => !NOBODY.has(word.toLowerCase()));
}

/** The same name for the same word everywhere, however it is written: `NameA`, `namea`, `NAMEA`. */
export function writtenLike(word: string, number: number): string {
  const plain = `Name${lettersOf(number)}`;
  if (word === word.toLowerCase()) return plain.toLowerCase();
  return word === word.toUpperCase() ? plain.toUpperCase() : plain;
}

/** The name with each of its words put through `replace`, everything between them as it is. */
export function replaceWords(name: string, replace: (word: string) => string): string {
  return name.replace(WORD, (word) => (NOBODY.has(word.toLowerCase()) ? word : replace(word)));
}

/** 1 is A, 27 is AA. */
function lettersOf(number: number): string {
  let text = '';
  for (let left = number; left > 0; left = Math.floor((left - 1) / LETTERS))
    text = String.fromCharCode(65 + ((left - 1) % LETTERS)) + text;
  return text;
}
