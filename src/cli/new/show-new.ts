import { printable } from '../../connector/diagnostics.ts';
import type { Note } from '../../openapi/notes.ts';
import type { Terminal } from '../terminal.ts';

/** What a command made. `--json` gives exactly this. */
export interface Made {
  /** Public ids of new actions. */
  actions: string[];
  files: { path: string; created: boolean }[];
  notes: Note[];
}

const HEADINGS: Readonly<Record<Note['kind'], string>> = {
  guess: 'Guessed, to be checked',
  changed: 'Taken over in another form',
  left_out: 'Left out',
};

/** Tells what was written, then what a person should look at. */
export function showMade(terminal: Terminal, made: Made, target: string): void {
  if (terminal.json) {
    terminal.print(JSON.stringify(made));
    return;
  }
  for (const { path, created } of made.files)
    terminal.print(
      `${terminal.paint('green', created ? '+' : '~')} ${printable(path)}${created ? '' : '  (added at its end)'}`,
    );
  showNotes(terminal, made.notes);
  terminal.note(`\nNext: corbel test ${target}`);
}

export function showNotes(terminal: Terminal, notes: readonly Note[]): void {
  for (const kind of ['guess', 'changed', 'left_out'] as const) {
    const own = notes.filter((note) => note.kind === kind);
    if (own.length === 0) continue;
    terminal.note(`\n${terminal.paintNote('bold', HEADINGS[kind])}`);
    for (const { about, message } of own)
      terminal.note(`  ${terminal.paintNote('cyan', printable(about))}: ${printable(message)}`);
  }
}
