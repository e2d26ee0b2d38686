import type { Action, Connector, Example } from '../../connector/connector.ts';
import type { CallEvent } from '../../engine/call.ts';
import { Problem } from '../../problems.ts';
import type { Replayed, ReplayStage } from '../replay.ts';
import { nextPageDifferences } from './check-next-page.ts';
import { type DeclaredOutput, fieldDifferences, outcomeDifferences, outputOf } from './check-outcome.ts';
import { requestsDifferences } from './check-requests.ts';
import { type DeclaredRequest, declaredOf } from './declared-request.ts';
import type { Difference } from './difference.ts';

/** What became of an example. */
export interface Checked {
  readonly connector: Connector;
  readonly action: Action;
  readonly example: Example;
  /** Empty where everything is as declared. */
  readonly differences: readonly Difference[];
  /** Ids of the steps that sent something. */
  readonly steps: ReadonlySet<string>;
  readonly actual: Actual;
}

/** What an example would have to declare to be right. */
export interface Actual {
  /** By the index of the exchange; the first that was sent for each. */
  readonly requests: ReadonlyMap<number, DeclaredRequest>;
  readonly output: DeclaredOutput | undefined;
  readonly problem: string | undefined;
}

/** Replays an example and compares: requests, outcome, declared fields, the next page. Never rejects for what it holds. */
export async function checkExample(
  stage: ReplayStage,
  connector: Connector,
  action: Action,
  example: Example,
): Promise<Checked> {
  const steps = new Set<string>();
  const unreadable = urlDifferences(example);
  if (unreadable.length > 0) {
    const actual = { requests: new Map(), output: undefined, problem: undefined };
    return { connector, action, example, differences: unreadable, steps, actual };
  }
  const observe = (event: CallEvent) => {
    if (event.type === 'attempt') steps.add(event.request.step);
  };
  const replayed = await stage.replay(action, example, observe);
  const { outcome } = replayed;
  const differences = [
    ...requestsDifferences(connector, example, replayed),
    ...outcomeDifferences(example, outcome),
    ...(outcome instanceof Problem ? [] : fieldDifferences(action, outcome.data)),
  ];
  const [first] = example.exchanges;
  // What follows from another difference is not told twice.
  if (differences.length === 0 && first && !(outcome instanceof Problem) && outcome.next !== null)
    differences.push(
      ...(await nextPageDifferences(action, first, await stage.replayNext(action, example, outcome.next))),
    );
  return { connector, action, example, differences, steps, actual: actualOf(connector, example, replayed) };
}

function urlDifferences({ exchanges }: Example): Difference[] {
  return exchanges.flatMap(({ request }): Difference[] =>
    URL.canParse(request.url)
      ? []
      : [
          {
            part: 'request',
            message: 'the URL of the request is none',
            actual: request.url,
            remedy: 'write it whole, as in https://api.example.com/things?limit=10',
          },
        ],
  );
}

function actualOf(connector: Connector, { exchanges }: Example, { outcome, seen, credentials }: Replayed): Actual {
  const authentication = connector.authentication.get(credentials?.authentication ?? '');
  const requests = new Map<number, DeclaredRequest>();
  for (const one of seen) {
    if (one.exchange === undefined || requests.has(one.exchange)) continue;
    requests.set(one.exchange, declaredOf(one, exchanges[one.exchange]?.request, authentication));
  }
  const refused = outcome instanceof Problem;
  return {
    requests,
    output: refused ? undefined : outputOf(outcome),
    problem: refused ? outcome.code : undefined,
  };
}
