import type { ErrorCode, YAMLError } from 'yaml';

/** What the parser says, for people who do not know its words: what is wrong, and what was probably meant. */
const MESSAGES: readonly (readonly [code: ErrorCode, said: RegExp, told: string])[] = [
  ['UNEXPECTED_TOKEN', /^Unexpected flow-\w+-start/, 'a bracket within a value; put quotes around the value'],
  ['UNEXPECTED_TOKEN', /at node end$/, 'text after the end of a value; put quotes around the whole value'],
  [
    'UNEXPECTED_TOKEN',
    /token in YAML stream/,
    'this belongs to nothing; is the indentation right, is a bracket closed too early?',
  ],
  ['BLOCK_AS_IMPLICIT_KEY', /./, 'a second ": " in a value; put quotes around the value, or mend the indentation'],
  ['BAD_INDENT', /^Flow (map|sequence)/, 'a bracket is not closed before this place'],
  ['BAD_INDENT', /^All mapping items/, 'keys of one mapping must be indented alike'],
  ['BAD_INDENT', /^All sequence items/, 'items of one list must be indented alike'],
  ['MISSING_CHAR', /^Missing closing (['"])/, 'a quote is not closed'],
  ['MISSING_CHAR', /^Sequence item without/, 'an item of a list begins with "- "; is the indentation right?'],
  ['MISSING_CHAR', /^Missing , /, 'a comma is missing before this'],
  ['MULTILINE_IMPLICIT_KEY', /./, 'a key must end with ":" on its line; is a quote or a bracket not closed above?'],
  ['BAD_SCALAR_START', /character (.+)$/, 'a value cannot begin with $1; put quotes around it'],
  ['TAB_AS_INDENT', /./, 'a tab cannot indent; use spaces'],
];

/** A message of the parser in other words. */
export function tellYamlError({ code, message }: Pick<YAMLError, 'code' | 'message'>): string {
  for (const [own, said, told] of MESSAGES) {
    const found = own === code ? said.exec(message) : null;
    if (found) return told.replace('$1', found[1] ?? '');
  }
  return message;
}

/** The errors that do not merely follow from one before them: after the first, a parser is out of step. */
export function withoutEchoes<E extends Pick<YAMLError, 'code' | 'message' | 'pos'>>(
  errors: readonly E[],
  lineOf: (offset: number) => number,
): E[] {
  const kept: E[] = [];
  for (const error of errors) {
    const last = kept.at(-1);
    const echoes =
      last !== undefined &&
      (error.code === 'UNEXPECTED_TOKEN' ||
        error.message === last.message ||
        lineOf(error.pos[0]) === lineOf(last.pos[0]));
    if (!echoes) kept.push(error);
  }
  return kept;
}
