/** An OpenAPI file, or an operation in it, that cannot be imported at all. Messages are for people. */
export class OpenApiFailure extends Error {
  /** What to do about it. */
  readonly hint: string | undefined;

  constructor(message: string, hint?: string) {
    super(message);
    this.name = 'OpenApiFailure';
    this.hint = hint;
  }
}
