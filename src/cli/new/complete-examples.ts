import type { Action, Connector, Example } from '../../connector/connector.ts';
import type { ExampleFormat } from '../../connector/format.ts';
import { checkExample } from '../../local/check/check-example.ts';
import { openReplayStage } from '../../local/replay.ts';
import type { ExampleDraft } from '../../openapi/draft.ts';
import { createNotes, type Note } from '../../openapi/notes.ts';

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
      const asked = replayable(draft, undefined);
      const { actual } = await checkExample(stage, connector, action, asked);
      const request = actual.requests.get(0);
      const shown = actual.problem ?? (actual.output?.more === true ? 'page_with_next' : 'answer');
      const about = `example ${JSON.stringify(draft.name)}`;
      if (!request || !showsWanted(draft, actual.problem, actual.output?.more)) {
        notes.leftOut(about, `it would not show what it is there for, but ${shown}`);
        continue;
      }
      const { output, problem } = actual;
      const complete = replayable(draft, {
        request,
        output: output && { data: output.data, more: output.more, warnings: output.warnings },
        problem: problem === undefined ? undefined : { code: problem },
      });
      const { differences } = await checkExample(stage, connector, action, complete);
      if (differences.length > 0) notes.leftOut(about, `it would not pass: ${differences[0]?.message}`);
      else examples.push(written(draft, action, complete));
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

type Outcome = Pick<Example, 'output' | 'problem'> & { request: Example['exchanges'][number]['request'] };

function replayable({ name, source, inputs, response }: ExampleDraft, outcome: Outcome | undefined): Example {
  const { status, headers = {}, body } = response;
  // Before anything is known, any request gets the answer: there is only one.
  const request = outcome?.request ?? {
    method: 'GET',
    url: 'https://localhost/',
    headers: {},
    body: undefined,
    bytes: undefined,
  };
  return {
    name,
    at: { file: '', index: 0, line: 1 },
    source,
    inputs,
    account: {},
    file: undefined,
    exchanges: [{ request, response: { status, headers, body } }],
    output: outcome === undefined ? { data: null, more: false, warnings: [] } : outcome.output,
    problem: outcome?.problem,
  };
}

function written(draft: ExampleDraft, action: Action, { exchanges, output, problem }: Example): ExampleFormat {
  const [{ request, response } = { request: undefined, response: undefined }] = exchanges;
  const { status, headers, body } = draft.response;
  return {
    name: draft.name,
    action: action.id.slice(action.connector.length + 1),
    source: draft.source,
    ...(Object.keys(draft.inputs).length > 0 && { inputs: draft.inputs }),
    ...(request && {
      request: {
        method: request.method,
        url: request.url,
        ...(Object.keys(request.headers).length > 0 && { headers: { ...request.headers } }),
        ...(request.body !== undefined && { body: request.body }),
      },
    }),
    ...(response && { response: { status, ...(headers && { headers }), ...(body !== undefined && { body }) } }),
    ...(output && {
      output: {
        data: output.data,
        ...(action.pagination && { more: output.more }),
        ...(output.warnings.length > 0 && { warnings: [...output.warnings] }),
      },
    }),
    ...(problem && { problem: { code: problem.code } }),
  };
}
