/** Where the keeping of grants tells what an operator should know. Never given a token. */
export interface GrantLogger {
  warn(details: object, message: string): void;
  error(details: object, message: string): void;
}
