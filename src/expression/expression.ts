/**
 * A compiled expression of the connector language. What executes it is this folder's own business: callers see only this.
 */
export interface Expression {
  /** The text it was compiled from. */
  readonly text: string;
  /** Names of the context's members that it reads at the top level, and the paths below them (`inputs.hub_id`). */
  readonly reads: ReadonlySet<string>;
  /**
   * The value for a context, or undefined when it evaluates to nothing. The context is never changed, the result shares no
   * mutable state with later evaluations and holds only JSON values without dangerous keys.
   * Rejects with {@link ExpressionError}.
   */
  evaluate(context: ExpressionContext): Promise<unknown>;
}

export type ExpressionContext = Readonly<Record<string, unknown>>;

export type ExpressionErrorCode =
  /** Does not parse. */
  | 'syntax'
  /** Uses a function or construct that is not allowed. */
  | 'forbidden'
  /** A regular expression that RE2 does not accept. */
  | 'regex'
  /** Longer than the cap. */
  | 'too_long'
  /** Ran out of time, depth or sequence length. */
  | 'limit'
  /** Failed on this data (wrong type, unknown function result). */
  | 'evaluation';

export class ExpressionError extends Error {
  readonly code: ExpressionErrorCode;
  /** Offset into the expression's text, 0-based, where it is known. */
  readonly offset: number | undefined;

  constructor(code: ExpressionErrorCode, message: string, offset?: number, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'ExpressionError';
    this.code = code;
    this.offset = offset;
  }
}
