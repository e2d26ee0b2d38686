import type { Clock } from '../clock.ts';
import type { Action, Registry } from '../connector/connector.ts';
import { Problem } from '../problems.ts';
import type { Random } from '../random.ts';
import type { RecordCache } from '../store/record-cache.ts';
import type { Vault } from '../vault/vault.ts';
import { bindCall, checkRequirements } from './bind.ts';
import type { Call, CallAnswer, Engine, IncomingFile } from './call.ts';
import { dryRun } from './dry-run.ts';
import { admit } from './gate.ts';
import { resolveAccount, resolveAction } from './resolve.ts';
import { runSteps } from './run-steps.ts';
import { createSender, type SenderDependencies, type SenderScope } from './send-request.ts';
import { shapeAnswer } from './shape.ts';
import { stageTimer } from './stages.ts';
import type { StepTools } from './step-tools.ts';

export interface EngineDependencies extends SenderDependencies {
  registry: () => Registry;
  cache: RecordCache;
  vault: Vault;
  clock: Clock;
  random: Random;
}

export function createEngine(dependencies: EngineDependencies): Engine {
  const { registry, cache, vault, door, clock, random } = dependencies;

  async function execute(call: Call): Promise<CallAnswer> {
    const { observe, signal, traceHeaders } = call;
    const timed = stageTimer(observe);
    const { action, connector } = resolveAction(registry(), call.action);
    if (call.account === undefined) throw new Problem('account_missing', 'The call names no account.');
    const accountId = call.account;
    const { project } = call.key;
    const { account, profile } = await timed('resolve', () =>
      resolveAccount(cache, vault, project, accountId, connector),
    );
    observe({ type: 'resolved', account: account.id, profile: profile.id, connector: connector.id });
    const admission = await timed('gate', async () => admit({ key: call.key, connector, action, account, profile }));
    const bound = await timed('bind', async () => {
      const bound = bindCall(call, action, account, vault, clock.now());
      if (action.requires.length > 0) await checkRequirements(action, admission.tokenKind, bound.context);
      return bound;
    });
    if (call.dryRun) return timed('render', () => dryRun(action, bound, admission));

    const limits = {
      deadlineAt: deadlineOf(action),
      maxResponseBytes: action.maxResponseBytes,
      safe: safetyOf(action),
    };
    const scope: SenderScope = {
      project,
      connector,
      profile,
      account,
      admission,
      signal,
      traceHeaders,
      observe,
      timed,
      ...limits,
    };
    const sender = createSender(dependencies, scope);
    const [only] = action.steps;
    if (!action.composite && only?.kind === 'request') {
      const request = await sender.render(only.request, bound.context, bound.page);
      const answer = await sender.sendRendered(only.id, only.request, request, bound.context);
      const context = { ...bound.context, ...answer };
      return timed('shape', () =>
        shapeAnswer({ call, action, bound, context, body: answer.body, asked: request.url, vault, clock }),
      );
    }
    const tools: StepTools = {
      send: sender.send,
      door,
      clock,
      random,
      errors: connector.errors,
      requestTimeoutMs: action.timeoutMs,
      maxResponseBytes: action.maxResponseBytes,
      signal,
      observe,
    };
    const { context, lastBody } = await runSteps(action, bound.context, call.file, sender, tools);
    return timed('shape', () =>
      shapeAnswer({ call, action, bound, context, body: lastBody, asked: undefined, vault, clock }),
    );
  }

  /** Of the whole call; with a file, which takes as long as it takes, of each request. */
  function deadlineOf({ file, timeoutMs }: Action): () => number {
    if (file) return () => clock.now() + timeoutMs;
    const deadlineAt = clock.now() + timeoutMs;
    return () => deadlineAt;
  }

  return {
    execute: (call) => (call.file ? releasing(call.file, () => execute(call)) : execute(call)),
  };
}

/** In a composite action each request speaks for itself; otherwise the action's effect does. */
function safetyOf({ composite, effect }: Action): SenderScope['safe'] {
  return composite ? ({ method }) => method === 'GET' || method === 'HEAD' : () => effect === 'read';
}

/**
 * Sees to it that a call's file is let go: read to its end and thrown away when the call succeeded without it, so that the
 * caller can send the whole of it and get its answer; given up when the call failed.
 */
async function releasing(file: IncomingFile, work: () => Promise<CallAnswer>): Promise<CallAnswer> {
  // Nobody may be reading when the caller breaks off; who does read, is told.
  file.stream.on('error', () => {});
  try {
    const answer = await work();
    file.stream.resume();
    return answer;
  } catch (error) {
    file.stream.destroy();
    throw error;
  }
}
