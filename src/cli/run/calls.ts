import type { IncomingFile } from '../../engine/call.ts';

/** An answer to show; of several pages together. */
export interface RunAnswer {
  readonly data: unknown;
  readonly next: string | null;
  readonly warnings: readonly unknown[];
  readonly request_id: string | undefined;
  readonly pages: number;
}

/** A call of an action, wherever it is executed. */
export interface RunCall {
  readonly inputs: Readonly<Record<string, unknown>>;
  readonly file: (() => Promise<IncomingFile>) | undefined;
  readonly raw: boolean;
  readonly dryRun: boolean;
}

/** Executes one call; rejects with a Problem, or a {@link RemoteProblem}. */
export type Execute = (call: RunCall) => Promise<Omit<RunAnswer, 'pages'>>;

/** A refusal of a server, as it came. */
export class RemoteProblem extends Error {
  readonly document: Readonly<Record<string, unknown>>;

  constructor(document: Readonly<Record<string, unknown>>) {
    super(String(document.detail ?? document.title ?? 'refused'));
    this.name = 'RemoteProblem';
    this.document = document;
  }
}

/** Follows `next` for at most so many pages; lists are put together, other answers listed page by page. */
export async function executePages(execute: Execute, call: RunCall, maxPages: number): Promise<RunAnswer> {
  const first = await execute(call);
  if (maxPages <= 1 || call.dryRun) return { ...first, pages: 1 };
  const answers = [first];
  let last = first;
  while (last.next !== null && answers.length < maxPages) {
    last = await execute({ ...call, inputs: { ...call.inputs, next: last.next } });
    answers.push(last);
  }
  const data = answers.map((answer) => answer.data);
  return {
    data: answers.length === 1 ? first.data : data.every(Array.isArray) ? data.flat() : data,
    next: last.next,
    warnings: answers.flatMap(({ warnings }) => warnings),
    request_id: last.request_id,
    pages: answers.length,
  };
}
