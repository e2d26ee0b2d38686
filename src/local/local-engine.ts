import type { Registry } from '../connector/connector.ts';
import type { CallAnswer, CallEvent, IncomingFile } from '../engine/call.ts';
import type { Secret } from '../secret.ts';
import type { Door } from '../upstream/types.ts';

/**
 * The whole engine in this process, over a store of its own that is gone afterwards: what the contributors' tools execute
 * actions with. Nothing of it is simulated: gate, binding, tokens, door, paging and shaping are those of the server.
 */
export interface LocalEngine {
  /** Rejects with the Problem of a refusal. */
  execute(call: LocalCall): Promise<CallAnswer>;
  close(): Promise<void>;
}

export interface LocalCall {
  /** Public id. */
  action: string;
  inputs: Readonly<Record<string, unknown>>;
  /** The account's settings. */
  account: Readonly<Record<string, unknown>>;
  credentials: LocalCredentials;
  file?: IncomingFile;
  raw?: boolean;
  dryRun?: boolean;
  signal?: AbortSignal;
  observe?: (event: CallEvent) => void;
}

/** What the call's profile and account hold. */
export interface LocalCredentials {
  /** One of the connector's ways to obtain tokens. */
  authentication: string;
  /** Of the profile; by default everything in the connector's catalogue. */
  scopes?: readonly string[];
  /** Enabled actions; null: all. */
  actions?: readonly string[] | null;
  clientId?: string;
  clientSecret?: Secret;
  /** Of `jwt_bearer`. */
  serviceAccount?: { id: string; keyId: string; privateKey: Secret };
  /** Of a person: a token that was obtained elsewhere, or the API key of an `api_key` method. */
  token?: Secret;
}

export interface LocalEngineOptions {
  registry: Registry;
  /** Wraps the door, to see or answer what is sent; by default the real one as it is. */
  door?: (real: Door) => Door;
  /** Private address ranges that may be called; none by default. */
  allowPrivateAddresses?: readonly string[];
  /** Waits between attempts end at once, and turns under rate limits come at once: for answers that are played. */
  impatient?: boolean;
}

export { openLocalEngine } from './open-local-engine.ts';
