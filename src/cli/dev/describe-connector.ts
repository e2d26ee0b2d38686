import type { FastifyInstance } from 'fastify';
import type { Connector } from '../../connector/connector.ts';
import { ensureDevAccount } from './dev-accounts.ts';
import type { DevConnector } from './dev-event.ts';
import type { DevKeys } from './dev-keys.ts';
import type { SandboxProgram } from './sandbox-file.ts';
import type { RunningSandbox } from './sandboxes.ts';
import { curlOf, tryCallOf } from './try-call.ts';

/** A server that is called by its developer. */
export interface DevServer {
  readonly app: FastifyInstance;
  readonly keys: DevKeys;
  /** Where it listens. */
  readonly address: string;
}

/** Sees to a connector's profile and account, and says how to call it. */
export async function describeConnector(
  { app, keys, address }: DevServer,
  connector: Connector,
  sandbox: RunningSandbox | undefined,
  program: SandboxProgram | undefined,
): Promise<DevConnector> {
  const { id, actions } = connector;
  if (!sandbox)
    return { id, actions: actions.size, sandbox: null, profile: null, account: null, note: null, try: null };
  const { profile, account, note } = await ensureDevAccount(app, keys.operator, connector, sandbox, program);
  const call = account === undefined ? undefined : tryCallOf(connector, sandbox.kind, program);
  return {
    id,
    actions: actions.size,
    sandbox: { kind: sandbox.kind, origin: sandbox.origin, pid: sandbox.child.pid ?? null },
    profile: profile ?? null,
    account: account ?? null,
    note: note ?? null,
    try: call && account !== undefined ? curlOf(call, { address, key: keys.backend.reveal(), account }) : null,
  };
}
