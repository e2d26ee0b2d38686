import type { Action, Connector, Example } from '../../connector/connector.ts';
import type { ExampleFormat } from '../../connector/format.ts';
import { checkExample } from '../../local/check/check-example.ts';
import type { DeclaredRequest } from '../../local/check/declared-request.ts';
import type { Difference } from '../../local/check/difference.ts';
import type { ReplayStage } from '../../local/replay.ts';

/** An example without what the engine makes of it. */
export interface AskedExample {
  readonly name: string;
  readonly source: string;
  readonly inputs: Readonly<Record<string, unknown>>;
  readonly account?: Readonly<Record<string, unknown>>;
  readonly file?: { readonly bytes: number } | undefined;
  /** What the provider answers, in the order of the requests. None where Corbel itself refuses the call. */
  readonly responses: readonly NonNullable<ExampleFormat['response']>[];
}

/** An example as it stands in a file, and what came of it. */
export interface MadeExample {
  readonly declared: ExampleFormat;
  /** Code of what the call was refused with. */
  readonly problem: string | undefined;
  /** The refusal in words. */
  readonly refusal: string | undefined;
  readonly more: boolean | undefined;
  /** How many of the answers were asked for. */
  readonly answered: number;
  /** Why it would not pass its test; empty where it does. */
  readonly differences: readonly Difference[];
}

type Exchange = Example['exchanges'][number];
type Outcome = Pick<Example, 'output' | 'problem'>;

/** Carries a call out against its answers, and writes what was sent and what came of it into the example. */
export async function makeExample(
  stage: ReplayStage,
  connector: Connector,
  action: Action,
  asked: AskedExample,
): Promise<MadeExample> {
  const unknown = asked.responses.map(() => ANY_REQUEST);
  const nothing = { output: { data: null, more: false, warnings: [] }, problem: undefined };
  const first = await checkExample(stage, connector, action, exampleOf(asked, unknown, nothing));
  const { actual } = first;
  const requests = asked.responses.map((_response, index) => {
    const sent = actual.requests.get(index);
    return sent && (asked.file ? withoutFile(sent) : sent);
  });
  const { output, problem } = actual;
  const complete = exampleOf(
    asked,
    requests.map((request) => request ?? ANY_REQUEST),
    { output, problem: problem === undefined ? undefined : { code: problem } },
  );
  const { differences } = await checkExample(stage, connector, action, complete);
  return {
    declared: written(asked, action, complete),
    problem,
    refusal: first.differences.find(({ part }) => part === 'problem')?.message,
    more: output?.more,
    answered: actual.requests.size,
    differences,
  };
}

// Before anything is known, any request gets the next answer: no request is more like one of them than like another.
const ANY_REQUEST: DeclaredRequest = {
  method: 'GET',
  url: 'https://localhost/',
  headers: {},
  body: undefined,
  bytes: undefined,
};

/** The content of a replayed file is zeros, which no body of the connector's own is made of: only its length matters. */
function withoutFile(sent: DeclaredRequest): DeclaredRequest {
  const { body } = sent;
  return typeof body === 'string' && /^\0+$/.test(body) ? { ...sent, body: undefined, bytes: body.length } : sent;
}

function exampleOf(
  { name, source, inputs, account = {}, file, responses }: AskedExample,
  requests: readonly DeclaredRequest[],
  { output, problem }: Outcome,
): Example {
  const exchanges = responses.map(
    ({ status, headers = {}, body }, index): Exchange => ({
      request: requests[index] ?? ANY_REQUEST,
      response: { status, headers, body },
    }),
  );
  return {
    at: { file: '', index: 0, line: 1 },
    ...{ name, source, inputs, account, exchanges, output, problem },
    file: file && { bytes: file.bytes, name: undefined, contentType: undefined },
  };
}

function written(asked: AskedExample, action: Action, { exchanges, output, problem }: Example): ExampleFormat {
  const { name, source, inputs, account = {}, file } = asked;
  const shown = exchanges.map(({ request }, index) => ({
    request: writtenRequest(request),
    response: writtenResponse(asked.responses[index] ?? { status: 200 }),
  }));
  return {
    name,
    action: action.id.slice(action.connector.length + 1),
    source,
    ...(Object.keys(inputs).length > 0 && { inputs: { ...inputs } }),
    ...(Object.keys(account).length > 0 && { account: { ...account } }),
    ...(file && { file: { bytes: file.bytes } }),
    ...(action.composite ? shown.length > 0 && { exchanges: shown } : shown[0]),
    ...(output && {
      output: {
        data: output.data,
        ...(action.pagination && { more: output.more }),
        ...(output.warnings.length > 0 && { warnings: [...output.warnings] }),
      },
    }),
    ...(problem && { problem: { code: problem.code } }),
  };
}

function writtenRequest({ method, url, headers, body, bytes }: DeclaredRequest): NonNullable<ExampleFormat['request']> {
  return {
    method,
    url,
    ...(Object.keys(headers).length > 0 && { headers: { ...headers } }),
    ...(body !== undefined && { body }),
    ...(bytes !== undefined && { bytes }),
  };
}

function writtenResponse({ status, headers, body }: AskedExample['responses'][number]) {
  return { status, ...(headers && { headers }), ...(body !== undefined && { body }) };
}
