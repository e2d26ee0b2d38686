import { parseObject } from '../upstream/provider-words.ts';
import type { Door, UpstreamResponse } from '../upstream/types.ts';

/** What passed through a recording door. */
export interface Recorder {
  readonly door: Door;
  /** The JSON object of an answer with status 200, as the provider sent it. */
  readonly json: Record<string, unknown> | undefined;
  readonly response: UpstreamResponse | undefined;
  /** What the door rejected with. */
  readonly failure: unknown;
}

/**
 * A door that keeps what passed, for the error path, and lets only what `reduce` gives of a good answer through: openid-client
 * refuses a token for a malformed `expires_in`, `refresh_token` or `id_token`, and a token that was given is not dropped
 * for that.
 */
export function recordingDoor(
  door: Door,
  reduce: (json: Record<string, unknown>) => Record<string, unknown>,
): Recorder {
  let response: UpstreamResponse | undefined;
  let failure: unknown;
  let json: Record<string, unknown> | undefined;
  const recording: Door = {
    send: async (outgoing, options) => {
      try {
        response = await door.send(outgoing, options);
      } catch (error) {
        failure = error;
        throw error;
      }
      json = response.status === 200 ? parseObject(response.body.toString('utf8')) : undefined;
      if (!json) return response;
      // Some servers name another media type, of which openid-client makes a refusal.
      const headers = { ...response.headers, 'content-type': 'application/json' };
      return { ...response, headers, body: Buffer.from(JSON.stringify(reduce(json))) };
    },
    close: () => door.close(),
  };
  return {
    door: recording,
    get json() {
      return json;
    },
    get response() {
      return response;
    },
    get failure() {
      return failure;
    },
  };
}
