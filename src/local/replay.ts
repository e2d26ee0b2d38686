import { Readable } from 'node:stream';
import type { Action, Connector, Example, Registry } from '../connector/connector.ts';
import type { CallAnswer, CallEvent, IncomingFile } from '../engine/call.ts';
import { Problem } from '../problems.ts';
import type { LocalCredentials } from './local-engine.ts';
import { openLocalEngine } from './open-local-engine.ts';
import { type SeenRequest, startPlayer } from './player.ts';
import { createReplayCredentials } from './replay-credentials.ts';

/** What became of a replay. */
export interface Replayed {
  /** The answer, or the refusal; `internal` where the engine itself failed. */
  outcome: CallAnswer | Problem;
  seen: readonly SeenRequest[];
  credentials: LocalCredentials | undefined;
}

/**
 * Examples through the whole engine, with a provider on the loopback in the place of the real one. Never more than one at a
 * time; never rejects for what an example holds.
 */
export interface ReplayStage {
  replay(action: Action, example: Example, observe?: (event: CallEvent) => void): Promise<Replayed>;
  /** Asks for the page after an answer; the provider gives one with nothing in it. */
  replayNext(action: Action, example: Example, next: string): Promise<Replayed>;
  close(): Promise<void>;
}

/** Sets the stage for the connectors of a registry that was loaded without replaced origins. */
export async function openReplayStage(registry: Registry): Promise<ReplayStage> {
  const methods = [...registry.connectors.values()].flatMap(({ authentication }) => [...authentication.values()]);
  const player = await startPlayer(methods.flatMap(({ tokenEndpoint }) => tokenEndpoint ?? []));
  const engine = await openLocalEngine({
    registry,
    door: player.door,
    allowPrivateAddresses: ['127.0.0.0/8'],
    impatient: true,
  }).catch(async (error: unknown) => {
    await player.close();
    throw error;
  });
  const made = createReplayCredentials();
  const credentials = new WeakMap<Example, LocalCredentials>();

  function credentialsOf(connector: Connector, action: Action, example: Example): LocalCredentials | undefined {
    const known = credentials.get(example) ?? made.of(connector, action);
    if (known) credentials.set(example, known);
    return known;
  }

  async function call(
    action: Action,
    example: Example,
    inputs: Example['inputs'],
    seen: readonly SeenRequest[],
    observe?: (event: CallEvent) => void,
  ): Promise<Replayed> {
    const connector = registry.connectors.get(action.connector);
    const own = connector && credentialsOf(connector, action, example);
    if (!own) return { outcome: noMethod(action), seen, credentials: own };
    const file = example.file && fileOf(example.file);
    const { account } = example;
    const outcome = await engine
      .execute({
        ...{ action: action.id, inputs, account, credentials: own },
        ...(file && { file }),
        ...(observe && { observe }),
      })
      .catch(refusalOf);
    return { outcome, seen, credentials: own };
  }

  return {
    replay: (action, example, observe) =>
      call(action, example, example.inputs, player.play(example.exchanges), observe),
    replayNext: (action, example, next) => {
      const { status = 200, body } = example.exchanges[0]?.response ?? {};
      const empty = { status, headers: { 'content-type': 'application/json' }, body: Array.isArray(body) ? [] : {} };
      return call(action, example, { ...example.inputs, next }, player.answerWith(empty));
    },
    async close() {
      await engine.close();
      await player.close();
    },
  };
}

function noMethod({ id, token }: Action): Problem {
  return new Problem(
    'token_kind_unavailable',
    `No authentication of the connector gives a token that ${id} needs (${token}).`,
  );
}

function refusalOf(error: unknown): Problem {
  if (error instanceof Problem) return error;
  return new Problem('internal', error instanceof Error ? error.message : String(error));
}

const CHUNK_BYTES = 64 * 1024;

/** The file of an example, on its way in; its content does not matter. */
function fileOf({ bytes, name, contentType }: NonNullable<Example['file']>): IncomingFile {
  const chunks = function* () {
    for (let left = bytes; left > 0; left -= CHUNK_BYTES) yield Buffer.alloc(Math.min(left, CHUNK_BYTES));
  };
  return { stream: Readable.from(chunks(), { objectMode: false }), name, contentType, size: bytes };
}
