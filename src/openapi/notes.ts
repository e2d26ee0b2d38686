/**
 * What a person should know about an import: `guess` (taken from signs, to be checked), `left_out` (the file has it, the
 * action does not), `changed` (the action has it in another form).
 */
export interface Note {
  kind: 'guess' | 'left_out' | 'changed';
  /** The part of the action or of the file that it is about, such as `pagination` or `query parameter "x"`. */
  about: string;
  message: string;
}

/** Collects notes; one that was told already is not told again. */
export interface Notes {
  guess(about: string, message: string): void;
  leftOut(about: string, message: string): void;
  changed(about: string, message: string): void;
  list(): Note[];
}

// Nobody reads more; a hostile file could give one for each of its members.
const MAX_NOTES = 200;

export function createNotes(): Notes {
  const notes = new Map<string, Note>();
  const add = (kind: Note['kind']) => (about: string, message: string) => {
    if (notes.size < MAX_NOTES) notes.set(`${kind} ${about} ${message}`, { kind, about, message });
  };
  return {
    guess: add('guess'),
    leftOut: add('left_out'),
    changed: add('changed'),
    list: () => [...notes.values()],
  };
}
