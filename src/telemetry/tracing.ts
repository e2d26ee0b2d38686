import type { Context, Span, TimeInput, Tracer } from '@opentelemetry/api';
import type { Registry } from '../connector/connector.ts';
import type { CallEvent } from '../engine/call.ts';
import type { CallAbout, CallSpan, RecordedCall } from '../request-log/recorded-call.ts';
import type { TracingSettings } from '../settings.ts';
import { UNKNOWN } from './call-figures.ts';
import { type CallerTrace, parseTraceparent } from './traceparent.ts';

/** Calls as spans of OpenTelemetry. */
export interface Tracing {
  begin(about: CallAbout): CallSpan;
  /** Sends what is not sent yet, within some seconds. */
  close(): Promise<void>;
}

export interface TracingOptions {
  settings: TracingSettings;
  version: string;
  registry: () => Registry;
}

// What waits for a collector that does not answer; a span is about a KB.
const MAX_QUEUED_SPANS = 4_096;
const EXPORT_TIMEOUT_MS = 5_000;
const EXPORT_DELAY_MS = 1_000;
const CLOSE_DEADLINE_MS = 5_000;

/** Loads the official SDK and begins to trace. Nothing of it is loaded, or costs anything, where this is not called. */
export async function startTracing({ settings, version, registry }: TracingOptions): Promise<Tracing> {
  const [api, sdk, { OTLPTraceExporter }, { defaultResource, resourceFromAttributes }] = await Promise.all([
    import('@opentelemetry/api'),
    import('@opentelemetry/sdk-trace'),
    import('@opentelemetry/exporter-trace-otlp-http'),
    import('@opentelemetry/resources'),
  ]);
  const { endpoint, headers, serviceName, sampler, samplerArgument, propagate } = settings;
  const url = `${endpoint.href.replace(/\/$/, '')}/v1/traces`;
  const exporter = new OTLPTraceExporter({
    url,
    timeoutMillis: EXPORT_TIMEOUT_MS,
    headers: headersOf(headers?.reveal() ?? ''),
  });
  const roots = {
    always_on: new sdk.AlwaysOnSampler(),
    always_off: new sdk.AlwaysOffSampler(),
    traceidratio: new sdk.TraceIdRatioBasedSampler(samplerArgument),
  };
  const name = sampler.replace('parentbased_', '') as keyof typeof roots;
  const chosen = sampler.startsWith('parentbased_') ? new sdk.ParentBasedSampler({ root: roots[name] }) : roots[name];
  const provider = new sdk.TracerProvider({
    sampler: chosen,
    resource: defaultResource().merge(
      resourceFromAttributes({ 'service.name': serviceName, 'service.version': version }),
    ),
    spanProcessors: [
      new sdk.BatchSpanProcessor({
        exporter,
        maxQueueSize: MAX_QUEUED_SPANS,
        scheduledDelayMillis: EXPORT_DELAY_MS,
        exportTimeoutMillis: EXPORT_TIMEOUT_MS,
      }),
    ],
  });
  const tracer = provider.getTracer('corbel', version);

  function callerContext(caller: CallerTrace | undefined, tracestate: string | undefined): Context {
    if (!caller) return api.ROOT_CONTEXT;
    const traceState = tracestate === undefined ? undefined : api.createTraceState(tracestate);
    return api.trace.setSpanContext(api.ROOT_CONTEXT, { ...caller, isRemote: true, ...(traceState && { traceState }) });
  }

  return {
    begin(about) {
      const parent = callerContext(parseTraceparent(about.traceparent), about.tracestate);
      const span = tracer.startSpan(
        'call',
        { kind: api.SpanKind.SERVER, attributes: { 'corbel.request_id': about.id, 'corbel.dry_run': about.dryRun } },
        parent,
      );
      const { traceId, spanId, traceFlags } = span.spanContext();
      const flags = traceFlags.toString(16).padStart(2, '0');
      return {
        headers: propagate ? { traceparent: `00-${traceId}-${spanId}-${flags}` } : {},
        observe: span.isRecording()
          ? (event) => addChild(tracer, api.trace.setSpan(api.ROOT_CONTEXT, span), event, api.SpanKind.CLIENT)
          : () => {},
        end: (call) => endCall(span, call, registry(), api.SpanStatusCode.ERROR),
      };
    },
    async close() {
      const late = new Promise<void>((resolve) => void setTimeout(resolve, CLOSE_DEADLINE_MS).unref());
      await Promise.race([provider.shutdown().catch(() => {}), late]);
    },
  };
}

/** A stage, or an attempt to reach the provider, which was just over when it is told. */
function addChild(tracer: Tracer, parent: Context, event: CallEvent, client: number): void {
  const ended = nowMs();
  if (event.type === 'stage') {
    tracer.startSpan(event.stage, { startTime: ended - event.durationMs }, parent).end(ended);
  } else if (event.type === 'attempt') {
    const { method, host, path } = event.request;
    const { number, durationMs, status, error } = event.attempt;
    // By https://opentelemetry.io/docs/specs/semconv/http/http-spans/; without url.full, in which inputs stand.
    const attributes = {
      'http.request.method': method,
      'server.address': host,
      'url.template': path,
      ...(number > 1 && { 'http.request.resend_count': number - 1 }),
      ...(status !== undefined && { 'http.response.status_code': status }),
      ...(status === undefined
        ? { 'error.type': error ?? UNKNOWN }
        : status >= 400 && { 'error.type': String(status) }),
    };
    const startTime: TimeInput = ended - durationMs;
    tracer.startSpan(`${method} ${path}`, { kind: client, startTime, attributes }, parent).end(ended);
  }
}

function endCall(span: Span, { action: called, outcome }: RecordedCall, registry: Registry, failed: number): void {
  const action = registry.actions.get(called ?? '');
  span.updateName(`call ${action?.id ?? UNKNOWN}`);
  span.setAttributes({
    'corbel.action': action?.id ?? UNKNOWN,
    'corbel.connector': action?.connector ?? UNKNOWN,
    'http.request.method': 'POST',
    ...(outcome?.status != null && { 'http.response.status_code': outcome.status }),
    ...(outcome?.problem && { 'error.type': outcome.problem.code, 'corbel.fault': outcome.problem.fault }),
  });
  // By the convention for servers what the caller did wrong is no error of the span.
  if (outcome?.problem && outcome.problem.fault !== 'caller') span.setStatus({ code: failed });
  span.end();
}

function headersOf(text: string): Record<string, string> {
  const pairs = text.split(',').map((pair) => pair.trim().split(/=(.*)/s));
  return Object.fromEntries(
    pairs.flatMap(([name = '', value]) =>
      name === '' || value === undefined ? [] : [[name.trim(), decoded(value.trim())]],
    ),
  );
}

function nowMs(): number {
  return performance.timeOrigin + performance.now();
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    // Bytes that are no UTF-8.
    return text;
  }
}
