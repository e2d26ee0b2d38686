/** A complete answer before delivery: a fault may still change how (and whether) it travels. */
export interface Answer {
  status: number;
  headers: Readonly<Record<string, string>>;
  body: Buffer;
  /** Sent in place of `body`: content that is made, or too large to be copied, while it travels. */
  stream?: { bytes: number; content: Iterable<Buffer> };
  /** True for what does not come through the provider's edge, and so lacks its headers. */
  bare?: boolean;
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
export function documentAnswer(value: unknown, status = 200): Answer {
  return jsonAnswer(status, value, JSON_API_TYPE);
}

export function emptyAnswer(status: number, headers: Record<string, string> = {}): Answer {
  return { status, headers, body: EMPTY };
}
