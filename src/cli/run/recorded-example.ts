import type { Action, Connector, Example, Exchange, Registry } from '../../connector/connector.ts';
import { checkExample } from '../../local/check/check-example.ts';
import type { Difference } from '../../local/check/difference.ts';
import { openReplayStage } from '../../local/replay.ts';
import { type Finding, type Kept, scrub } from '../../scrub/scrub.ts';
import type { RecordedExchange } from './recorder.ts';

/** What a call came to, as it was. */
export interface Recording {
  readonly name: string;
  readonly source: string;
  readonly inputs: Readonly<Record<string, unknown>>;
  readonly account: Readonly<Record<string, unknown>>;
  readonly file: { readonly bytes: number; readonly name?: string; readonly content_type?: string } | undefined;
  readonly exchanges: readonly RecordedExchange[];
  /** Of an answer. */
  readonly output:
    | { readonly data: unknown; readonly more: boolean; readonly warnings: readonly unknown[] }
    | undefined;
  readonly problem: { readonly code: string } | undefined;
}

/** An example to be written, with what was done to it. */
export interface ScrubbedExample {
  /** As it stands in a file of examples. */
  readonly declared: Readonly<Record<string, unknown>>;
  /** What the caller gets, scrubbed. */
  readonly output: Recording['output'];
  readonly findings: readonly Finding[];
  readonly kept: readonly Kept[];
  /** Why it would not pass its test; empty where it does. */
  readonly differences: readonly Difference[];
}

/**
 * Scrubs a recording and makes an example of it that passes its test: it is played through the engine once, and what scrubbing
 * changed in the requests and the output is taken over from there. `registry` has no replaced origins.
 */
export async function scrubbedExample(
  registry: Registry,
  connector: Connector,
  action: Action,
  recording: Recording,
  options: { credentials: readonly string[]; personIds: boolean },
): Promise<ScrubbedExample> {
  const { name, source, ...personal } = recording;
  const { value, findings, kept } = scrub(personal, options);
  const exchanges = value.exchanges.map(({ request, response }, index) => ({
    request: { ...request, url: withOrigin(request.url, recording.exchanges[index]?.request.url) },
    response,
  }));
  const first = exampleOf(name, source, { ...value, exchanges });
  const stage = await openReplayStage(registry);
  try {
    const checked = await checkExample(stage, connector, action, first);
    if (checked.differences.length === 0) return result(first, value.output);
    // Names that a filter compares, say: what is made of the scrubbed answer is what the example shows.
    const mended: Example = {
      ...first,
      exchanges: first.exchanges.map((exchange, index) => ({
        ...exchange,
        request: checked.actual.requests.get(index) ?? exchange.request,
      })),
      output: first.output && checked.actual.output ? checked.actual.output : first.output,
    };
    const again = await checkExample(stage, connector, action, mended);
    return result(mended, mended.output, again.differences);
  } finally {
    await stage.close();
  }

  function result(
    example: Example,
    output: Recording['output'],
    differences: readonly Difference[] = [],
  ): ScrubbedExample {
    return { declared: declaredExample(action, example, value), output, findings, kept, differences };
  }
}

/** Hosts are the connector's own: one that is called like a person stays what it is. */
function withOrigin(url: string, original: string | undefined): string {
  const { origin } = new URL(original ?? url);
  const scrubbed = URL.parse(url);
  return scrubbed === null || original === undefined ? url : `${origin}${scrubbed.pathname}${scrubbed.search}`;
}

type Personal = Omit<Recording, 'name' | 'source'>;

function exampleOf(
  name: string,
  source: string,
  { inputs, account, file, exchanges, output, problem }: Personal,
): Example {
  return {
    at: { file: '', index: 0, line: 1 },
    name,
    source,
    inputs,
    account,
    file: file && { bytes: file.bytes, name: file.name, contentType: file.content_type },
    exchanges: exchanges.map(({ request, response }) => ({
      request: { ...request, body: request.body, bytes: request.bytes },
      response: { ...response, body: response.body },
    })),
    output,
    problem,
  };
}

function declaredExample(action: Action, example: Example, { file }: Personal): Record<string, unknown> {
  const { name, source, inputs, account, exchanges, output, problem } = example;
  const shown = exchanges.map(declaredExchange);
  const [only] = shown;
  return {
    name,
    action: action.id.slice(action.connector.length + 1),
    source,
    ...(Object.keys(inputs).length > 0 && { inputs }),
    ...(Object.keys(account).length > 0 && { account }),
    ...(file && { file }),
    ...(action.composite ? { exchanges: shown } : only),
    ...(output && {
      output: {
        data: output.data,
        ...(output.more && { more: true }),
        ...(output.warnings.length > 0 && { warnings: output.warnings }),
      },
    }),
    ...(problem && { problem }),
  };
}

function declaredExchange({ request, response }: Exchange) {
  const { method, url, headers, body, bytes } = request;
  return {
    request: {
      method,
      url,
      ...(Object.keys(headers).length > 0 && { headers }),
      ...(body !== undefined && { body }),
      ...(bytes !== undefined && { bytes }),
    },
    response: {
      status: response.status,
      ...(Object.keys(response.headers).length > 0 && { headers: response.headers }),
      ...(response.body !== undefined && { body: response.body }),
    },
  };
}
