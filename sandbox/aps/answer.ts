/** A complete answer before delivery: a fault may still change how (and whether) it travels. */
export interface Answer {
  status: number;
  headers: Readonly<Record<string, string>>;
  body: Buffer;
}

export const JSON_API_TYPE = 'application/vnd.api+json';
const EMPTY = Buffer.alloc(0);

export function jsonAnswer(
  status: number,
  value: unknown,
  contentType: string,
  headers: Record<string, string> = {},
): Answer {
  return { status, headers: { 'Content-Type': contentType, ...headers }, body: Buffer.from(JSON.stringify(value)) };
}

/** A JSON:API document; the live service answers with this media type whatever `Accept` says (recorded traffic). */
export function documentAnswer(value: unknown): Answer {
  return jsonAnswer(200, value, JSON_API_TYPE);
}

export function emptyAnswer(status: number, headers: Record<string, string> = {}): Answer {
  return { status, headers, body: EMPTY };
}
