import type { IncomingMessage } from 'node:http';
import { type Answer, emptyAnswer, jsonAnswer } from './answer.ts';
import { ControlError } from './control-input.ts';
import type { SandboxControls, TokenRequest } from './controls.ts';
import type { Fault } from './faults.ts';
import { type ControlHandler, oauthControlHandlers } from './oauth-control-api.ts';
import type { OauthControls } from './oauth-controls.ts';
import type { StorageReport } from './oss.ts';
import { readBody } from './read-body.ts';
import type { Switches } from './switches.ts';

export const CONTROL_PREFIX = '/_sandbox/';

const MAX_BODY_BYTES = 1024 * 1024;
const json = (status: number, value: unknown): Answer => jsonAnswer(status, value, 'application/json');
const problem = (status: number, message: string): Answer => json(status, { error: message });

/** Answers `/_sandbox/…`. Needs no token, meets no fault and is not recorded. */
export async function answerControl(
  request: IncomingMessage,
  path: string,
  controls: SandboxControls & OauthControls,
  storage: () => StorageReport,
): Promise<Answer> {
  const name = path.slice(CONTROL_PREFIX.length);
  const resource = handlers(controls, storage)[name] ?? oauthControlHandlers(controls)[name];
  if (resource === undefined) return problem(404, 'no such control');
  const handler = resource[request.method ?? ''];
  if (handler === undefined) return problem(405, `allowed: ${Object.keys(resource).join(', ')}`);
  const text = await readBody(request, MAX_BODY_BYTES);
  if (text === undefined) return problem(413, `a body of at most ${MAX_BODY_BYTES} bytes is allowed`);
  try {
    return await handler(text === '' ? undefined : JSON.parse(text));
  } catch (error) {
    if (error instanceof ControlError || error instanceof SyntaxError) return problem(400, error.message);
    throw error;
  }
}

function handlers(
  controls: SandboxControls,
  storage: () => StorageReport,
): Record<string, Record<string, ControlHandler>> {
  return {
    requests: {
      GET: () => json(200, controls.requests()),
      DELETE() {
        controls.resetRequests();
        return emptyAnswer(204);
      },
    },
    faults: {
      GET: () => json(200, { faults: controls.faults() }),
      PUT(body) {
        controls.setFaults(faultList(body));
        return json(200, { faults: controls.faults() });
      },
      DELETE() {
        controls.clearFaults();
        return emptyAnswer(204);
      },
    },
    switches: {
      GET: () => json(200, controls.switches()),
      PUT: (body) => json(200, controls.setSwitches(plainObject(body) as Partial<Switches>)),
      DELETE: () => json(200, controls.resetSwitches()),
    },
    world: {
      GET: () => json(200, controls.worldSummary()),
    },
    tokens: {
      POST: async (body) => json(201, await controls.issueToken(plainObject(body) as TokenRequest)),
    },
    storage: { GET: () => json(200, storage()) },
    'tokens/revoke_all': {
      POST: () => json(200, { revoked: controls.revokeAllTokens() }),
    },
  };
}

/** `{"faults": […]}` or the bare list. */
function faultList(body: unknown): Fault[] {
  const list = Array.isArray(body) ? body : plainObject(body).faults;
  if (!Array.isArray(list)) throw new ControlError('the body must be {"faults": […]}');
  return list as Fault[];
}

function plainObject(body: unknown): Record<string, unknown> {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw new ControlError('the body must be a JSON object');
  }
  return body as Record<string, unknown>;
}
