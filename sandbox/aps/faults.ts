import { type Static, Type } from 'typebox';

const MAX_BYTES = 4 * 1024 ** 3;
const MAX_MS = 600_000;

/** Which requests a fault meets: all of them, unless narrowed. */
const target = {
  /** Prefix of the raw path (without query); `/` meets every path, the token's too. Never `/_sandbox/`. */
  path: Type.Optional(Type.String({ pattern: '^/', maxLength: 2000 })),
  method: Type.Optional(Type.String({ pattern: '^[A-Z]+$', maxLength: 10 })),
  /** Token requests with that `grant_type` alone; the form is read before the fault then. */
  grant_type: Type.Optional(Type.String({ minLength: 1, maxLength: 100 })),
  /** How many requests it meets before it is used up; without it, all until it is removed. */
  times: Type.Optional(Type.Integer({ minimum: 1 })),
  /** How many matching requests pass unharmed first. */
  skip: Type.Optional(Type.Integer({ minimum: 1 })),
};
const strict = { additionalProperties: false };
const headers = Type.Optional(Type.Record(Type.String(), Type.String()));

export const FaultSchema = Type.Union([
  /**
   * Waits, then goes on: with the next fault that meets the request, or the true answer. With `after_processing` it waits when
   * the request has taken effect, so that a client that gives up has lost an answer that exists.
   */
  Type.Object(
    {
      kind: Type.Literal('latency'),
      ...target,
      ms: Type.Integer({ minimum: 0, maximum: MAX_MS }),
      at: Type.Optional(Type.Union([Type.Literal('before_processing'), Type.Literal('after_processing')])),
    },
    strict,
  ),
  /** Answers that status instead. A body that is not a string is sent as JSON; without one, the gateway's error shape. */
  Type.Object(
    {
      kind: Type.Literal('status'),
      ...target,
      status: Type.Integer({ minimum: 200, maximum: 599 }),
      headers,
      body: Type.Optional(Type.Unknown()),
      /** Adds `Retry-After`, as seconds or as an HTTP date that far from now. */
      retry_after: Type.Optional(
        Type.Union([
          Type.Object({ seconds: Type.Integer({ minimum: 0 }) }, strict),
          Type.Object({ date_in_seconds: Type.Integer() }, strict),
        ]),
      ),
    },
    strict,
  ),
  /** The true answer, in pieces with pauses. */
  Type.Object(
    {
      kind: Type.Literal('drip'),
      ...target,
      bytes_per_chunk: Type.Integer({ minimum: 1 }),
      interval_ms: Type.Integer({ minimum: 0, maximum: MAX_MS }),
    },
    strict,
  ),
  /**
   * Destroys the socket: before anything happened (default), when half of the request's body has arrived, after the request
   * took effect, or after the headers of the answer.
   */
  Type.Object(
    {
      kind: Type.Literal('reset'),
      ...target,
      at: Type.Optional(
        Type.Union([
          Type.Literal('before_processing'),
          Type.Literal('during_body'),
          Type.Literal('after_processing'),
          Type.Literal('after_headers'),
        ]),
      ),
    },
    strict,
  ),
  /** 200 with a valid JSON list at least that long, streamed. */
  Type.Object(
    { kind: Type.Literal('huge_body'), ...target, bytes: Type.Integer({ minimum: 1, maximum: MAX_BYTES }) },
    strict,
  ),
  /** A page of HTML where JSON was due; `content_type` may claim otherwise. */
  Type.Object(
    {
      kind: Type.Literal('not_json'),
      ...target,
      status: Type.Optional(Type.Integer({ minimum: 200, maximum: 599 })),
      content_type: Type.Optional(Type.String()),
    },
    strict,
  ),
  /** A small gzip body of valid JSON that decodes to about that many bytes. */
  Type.Object(
    { kind: Type.Literal('gzip_bomb'), ...target, decoded_bytes: Type.Integer({ minimum: 1, maximum: MAX_BYTES }) },
    strict,
  ),
  /** The true answer with these content codings applied in that order; `corrupt` cuts the coded bytes in half. */
  Type.Object(
    {
      kind: Type.Literal('encoding'),
      ...target,
      encodings: Type.Array(
        Type.Union([Type.Literal('gzip'), Type.Literal('deflate'), Type.Literal('br'), Type.Literal('zstd')]),
        {
          minItems: 1,
          maxItems: 10,
        },
      ),
      corrupt: Type.Optional(Type.Boolean()),
    },
    strict,
  ),
  /** Points elsewhere, by default with 302. */
  Type.Object(
    {
      kind: Type.Literal('redirect'),
      ...target,
      location: Type.String({ minLength: 1 }),
      status: Type.Optional(Type.Integer({ minimum: 300, maximum: 399 })),
    },
    strict,
  ),
  /** The true answer, when it is a 2xx with a JSON object: members left out, then members set. */
  Type.Object(
    {
      kind: Type.Literal('patch_json'),
      ...target,
      omit: Type.Optional(Type.Array(Type.String(), { maxItems: 100 })),
      set: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
    },
    strict,
  ),
  /** The true answer, whose Content-Length promises `missing_bytes` (default 100) more than are sent. */
  Type.Object(
    { kind: Type.Literal('truncated'), ...target, missing_bytes: Type.Optional(Type.Integer({ minimum: 1 })) },
    strict,
  ),
]);

export type Fault = Static<typeof FaultSchema>;

export interface FaultState {
  fault: Fault;
  hits: number;
  /** `null` when without limit. */
  remaining: number | null;
}

/** What meets one request. */
export interface TakenFaults {
  delayMs: number;
  /** When the request has been processed. */
  lateDelayMs: number;
  fault: Exclude<Fault, { kind: 'latency' }> | undefined;
}

export interface FaultRegistry {
  replace(faults: readonly Fault[]): void;
  clear(): void;
  list(): FaultState[];
  /** Whether a fault waits for a grant type, and so for the form of a token request. */
  wantsGrantType(): boolean;
  /** Counts the request against the faults that meet it: the delays of all, and the first fault that is not a delay. */
  take(request: { method: string; path: string; grantType?: string | undefined }): TakenFaults;
}

export function createFaultRegistry(): FaultRegistry {
  let armed: { fault: Fault; seen: number; hits: number }[] = [];

  return {
    replace(faults) {
      armed = faults.map((fault) => ({ fault, seen: 0, hits: 0 }));
    },
    clear() {
      armed = [];
    },
    list: () =>
      armed.map(({ fault, hits }) => ({
        fault,
        hits,
        remaining: fault.times === undefined ? null : fault.times - hits,
      })),
    wantsGrantType: () => armed.some(({ fault }) => fault.grant_type !== undefined),
    take(request) {
      const taken: TakenFaults = { delayMs: 0, lateDelayMs: 0, fault: undefined };
      for (const entry of armed) {
        const { fault } = entry;
        if (!meets(fault, request) || (fault.times !== undefined && entry.hits >= fault.times)) continue;
        entry.seen += 1;
        if (entry.seen <= (fault.skip ?? 0)) continue;
        entry.hits += 1;
        if (fault.kind !== 'latency') return { ...taken, fault };
        if (fault.at === 'after_processing') taken.lateDelayMs += fault.ms;
        else taken.delayMs += fault.ms;
      }
      return taken;
    },
  };
}

function meets(fault: Fault, request: { method: string; path: string; grantType?: string | undefined }): boolean {
  if (fault.method !== undefined && fault.method !== request.method) return false;
  if (fault.path !== undefined && !request.path.startsWith(fault.path)) return false;
  return fault.grant_type === undefined || fault.grant_type === request.grantType;
}
