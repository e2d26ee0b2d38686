/** The trace that a caller is part of. */
export interface CallerTrace {
  traceId: string;
  spanId: string;
  traceFlags: number;
}

// https://www.w3.org/TR/trace-context/#traceparent-header: later versions may add parts at the end; ff is none.
const TRACEPARENT = /^(?!ff)([0-9a-f]{2})-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;
const SAMPLED = 1;

/** Reads a `traceparent` header; undefined for what is none, so that the call begins a trace of its own. */
export function parseTraceparent(text: string | undefined): CallerTrace | undefined {
  const [whole, version, traceId = '', spanId = '', flags = '', more] = TRACEPARENT.exec(text ?? '') ?? [];
  if (whole === undefined || (version === '00' && more !== undefined)) return undefined;
  return { traceId, spanId, traceFlags: Number.parseInt(flags, 16) & SAMPLED };
}
