import type { Action, Connector } from '../../connector/connector.ts';
import type { ExampleFormat } from '../../connector/format.ts';
import { openReplayStage } from '../../local/replay.ts';
import type { ExampleDraft } from '../../openapi/draft.ts';
import { createNotes, type Note } from '../../openapi/notes.ts';
import { makeExample } from './make-example.ts';

export interface CompletedExamples {
  examples: ExampleFormat[];
  notes: Note[];
}

/**
 * Drafts with what the engine makes of them: each is carried out against the answer that it gives, and what was sent and
 * what came of it stand in the example. Those that do not show what they are there for are left out, with a note.
 */
export async function completeExamples(
  connector: Connector,
  action: Action,
  drafts: readonly ExampleDraft[],
): Promise<CompletedExamples> {
  const notes = createNotes();
  const examples: ExampleFormat[] = [];
  const registry = {
    hash: '',
    connectors: new Map([[connector.id, connector]]),
    actions: connector.actions,
  };
  const stage = await openReplayStage(registry);
  try {
    for (const draft of drafts) {
      const { response, ...asked } = draft;
      const made = await makeExample(stage, connector, action, { ...asked, responses: [response] });
      const shown = made.problem ?? (made.more === true ? 'page_with_next' : 'answer');
      const about = `example ${JSON.stringify(draft.name)}`;
      if (made.answered === 0 || !showsWanted(draft, made.problem, made.more))
        notes.leftOut(about, `it would not show what it is there for, but ${shown}`);
      else if (made.differences.length > 0) notes.leftOut(about, `it would not pass: ${made.differences[0]?.message}`);
      else examples.push(made.declared);
    }
  } finally {
    await stage.close();
  }
  return { examples, notes: notes.list() };
}

function showsWanted({ shows }: ExampleDraft, problem: string | undefined, more: boolean | undefined): boolean {
  if (shows === 'refusal')
    return problem !== undefined && !/^(internal|output_|request_|inputs_|path_|provider_response)/.test(problem);
  if (problem !== undefined) return false;
  return shows === 'answer' || more === (shows === 'page_with_next');
}
