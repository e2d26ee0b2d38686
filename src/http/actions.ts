import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { CallAnswer, Engine } from '../engine/execute.ts';
import { Problem } from '../problems.ts';
import { ANY_ROLE, callerOf } from './authentication.ts';
import { callObserver } from './call-log.ts';
import { flag, onlyParameters } from './query.ts';

interface Calling {
  action: string;
  inputs: Record<string, unknown>;
}

/** `POST /actions/{id}` and `POST /actions/rpc`. */
export function actionRoutes(app: FastifyInstance, engine: Engine): void {
  app.post<{ Params: { id: string }; Querystring: Record<string, string> }>(
    '/actions/:id',
    { config: { access: ANY_ROLE } },
    (request, reply) => call(request, reply, { action: request.params.id, inputs: inputsOf(request.body) }),
  );

  // The shape of StackOne's RPC endpoint, so that its clients work unchanged.
  app.post<{ Querystring: Record<string, string> }>(
    '/actions/rpc',
    { config: { access: ANY_ROLE } },
    (request, reply) => call(request, reply, rpcOf(inputsOf(request.body))),
  );

  async function call(
    request: FastifyRequest<{ Querystring: Record<string, string> }>,
    reply: FastifyReply,
    { action, inputs }: Calling,
  ) {
    request.logged.action = action.slice(0, 100);
    // A mistyped dry_run must not send.
    onlyParameters(request.query, ['raw', 'dry_run']);
    const account = request.headers['x-account-id'];
    const answer = await engine.execute({
      key: callerOf(request),
      action,
      account: typeof account === 'string' && account !== '' ? account : undefined,
      inputs,
      raw: flag(request.query, 'raw'),
      dryRun: flag(request.query, 'dry_run'),
      signal: goneSignal(reply),
      observe: callObserver(request.logged),
    });
    return document(answer, request.id);
  }
}

function document({ data, next, warnings }: CallAnswer, requestId: string): Record<string, unknown> {
  return { data, next, warnings, request_id: requestId };
}

function inputsOf(body: unknown): Record<string, unknown> {
  if (body === undefined || body === null) return {};
  if (typeof body !== 'object' || Array.isArray(body))
    throw new Problem('body_not_json', 'The body must be a JSON object.');
  return body as Record<string, unknown>;
}

const RPC_PARTS = ['path', 'query', 'headers', 'body'] as const;

function rpcOf({ action, ...parts }: Record<string, unknown>): Calling {
  if (typeof action !== 'string')
    throw new Problem('request_invalid', 'The body names no action.', {
      errors: [{ path: '/action', message: 'is required' }],
    });
  const errors = Object.keys(parts)
    .filter((name) => !(RPC_PARTS as readonly string[]).includes(name))
    .map((name) => ({ path: `/${name}`, message: 'is not known' }));
  const inputs: Record<string, unknown> = {};
  for (const part of RPC_PARTS) {
    const values = parts[part];
    if (values === undefined || values === null) continue;
    if (typeof values !== 'object' || Array.isArray(values)) {
      errors.push({ path: `/${part}`, message: 'must be an object' });
      continue;
    }
    for (const [name, value] of Object.entries(values)) {
      // Clients of that shape also put the account header here; it has come as a real header already.
      if (part === 'headers' && name.toLowerCase() === 'x-account-id') continue;
      if (Object.hasOwn(inputs, name)) errors.push({ path: `/${part}/${name}`, message: 'is given twice' });
      inputs[name] = value;
    }
  }
  if (errors.length > 0) throw new Problem('request_invalid', 'The call is not valid.', { errors });
  return { action, inputs };
}

/** Aborted when the caller's connection closes before the answer is out. */
function goneSignal(reply: FastifyReply): AbortSignal {
  const controller = new AbortController();
  reply.raw.once('close', () => {
    if (!reply.raw.writableFinished) controller.abort(new Problem('request_timeout', 'The caller went away.'));
  });
  return controller.signal;
}
