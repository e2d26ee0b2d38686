import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { CALL_PARAMETERS, type Registry } from '../connector/connector.ts';
import type { CallAnswer, Engine } from '../engine/call.ts';
import { Problem } from '../problems.ts';
import { ANY_ROLE, callerOf } from './authentication.ts';
import { acceptFiles, type CallBody, hasFileBody, jsonInputs, readCallBody } from './call-body.ts';
import { goneSignal } from './gone-signal.ts';
import { flag, onlyParameters } from './query.ts';
import { loggableName, recordOf } from './recorded-calls.ts';

interface Calling extends CallBody {
  action: string;
}

export interface ActionRouteDependencies {
  engine: Engine;
  registry: () => Registry;
  fileLimitBytes: number;
}

/** `POST /actions/{id}` and `POST /actions/rpc`. */
export function actionRoutes(
  app: FastifyInstance,
  { engine, registry, fileLimitBytes }: ActionRouteDependencies,
): void {
  acceptFiles(app);

  app.post<{ Params: { id: string }; Querystring: Record<string, string> }>(
    '/actions/:id',
    { config: { access: ANY_ROLE, recorded: true } },
    async (request, reply) => {
      const { id } = request.params;
      // A mistyped dry_run must not send. With a file, the query has the inputs, which are checked as such.
      if (!hasFileBody(request)) onlyParameters(request.query, CALL_PARAMETERS);
      const schema = registry().actions.get(id)?.inputs.schema;
      return call(request, reply, { action: id, ...(await readCallBody(request, schema, fileLimitBytes)) });
    },
  );

  // The shape of StackOne's RPC endpoint, so that its clients work unchanged.
  app.post<{ Querystring: Record<string, string> }>(
    '/actions/rpc',
    { config: { access: ANY_ROLE, recorded: true } },
    async (request, reply) => {
      if (hasFileBody(request)) throw new Problem('media_type_unsupported', 'This route takes JSON only.');
      const calling = rpcOf(jsonInputs(request.body));
      recordOf(request).name(loggableName(calling.action));
      onlyParameters(request.query, CALL_PARAMETERS);
      return call(request, reply, calling);
    },
  );

  async function call(
    request: FastifyRequest<{ Querystring: Record<string, string> }>,
    reply: FastifyReply,
    { action, inputs, file }: Calling,
  ) {
    const account = request.headers['x-account-id'];
    const recorded = recordOf(request);
    const answer = await engine.execute({
      key: callerOf(request),
      action,
      account: typeof account === 'string' && account !== '' ? account : undefined,
      inputs,
      file,
      raw: flag(request.query, 'raw'),
      dryRun: flag(request.query, 'dry_run'),
      signal: goneSignal(reply),
      traceHeaders: recorded.span?.headers,
      observe: (event) => recorded.observe(event),
    });
    return document(answer, request.id);
  }
}

function document({ data, next, warnings }: CallAnswer, requestId: string): Record<string, unknown> {
  return { data, next, warnings, request_id: requestId };
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
  return { action, inputs, file: undefined };
}
