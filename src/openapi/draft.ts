import type { ActionFormat } from '../connector/format.ts';
import type { Shape } from './shape.ts';

/** An input on its way into an action. */
export interface DraftInput {
  name: string;
  input: NonNullable<ActionFormat['inputs']>[string];
  shape: Shape;
  /** What the file gives as an example of it, apart from its shape's. */
  example: unknown;
  from: 'path' | 'query' | 'header' | 'body';
  /** As the provider calls it. */
  original: string;
}

/**
 * An example without what the engine makes of it: the request as sent and the output are found by carrying it out, the
 * more so as it is then sure to pass.
 */
export interface ExampleDraft {
  name: string;
  source: string;
  inputs: Record<string, unknown>;
  response: { status: number; headers?: Record<string, string>; body?: unknown };
  /** What the example is there to show: an answer, and of a paginated one whether more pages follow, or a refusal. */
  shows: 'answer' | 'page_with_next' | 'last_page' | 'refusal';
}
