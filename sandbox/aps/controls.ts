import { type Static, Type } from 'typebox';
import type { Accounts } from './account-store.ts';
import { type HubSummary, summarizeWorld } from './account-summary.ts';
import type { AnswerCache } from './answer-cache.ts';
import { ControlError, requireValid } from './control-input.ts';
import { type Fault, type FaultRegistry, FaultSchema, type FaultState } from './faults.ts';
import type { Recorder, RequestLog } from './recorder.ts';
import { defaultSwitches, type Switches, SwitchesSchema } from './switches.ts';
import type { TokenIssuer } from './token-issuer.ts';
import type { World } from './world.ts';

/** The controls as code; `/_sandbox/` offers the same over HTTP. */
export interface SandboxControls {
  requests(): RequestLog;
  resetRequests(): void;
  faults(): FaultState[];
  /** Replaces all faults. Throws `ControlError` when one is malformed, and then changes nothing. */
  setFaults(faults: readonly Fault[]): void;
  clearFaults(): void;
  switches(): Switches;
  /** Changes the given switches and leaves the others. Throws `ControlError` on an unknown key or a bad value. */
  setSwitches(changes: Partial<Switches>): Switches;
  resetSwitches(): Switches;
  /** Makes all issued tokens invalid; says how many were alive. */
  revokeAllTokens(): number;
  /** A token without asking the token endpoint: with `user_id` a person's, as a three-legged flow would give it. */
  issueToken(about: TokenRequest): Promise<{ access_token: string; expires_in: number }>;
  worldSummary(): { hubs: HubSummary[] };
}

export const TokenRequestSchema = Type.Object(
  {
    /** Separated by spaces; not checked against the catalogue. */
    scope: Type.String({ minLength: 1, maxLength: 3000 }),
    user_id: Type.Optional(Type.String({ minLength: 1, maxLength: 100 })),
    /** The first registered app when absent. */
    client_id: Type.Optional(Type.String({ minLength: 1, maxLength: 100 })),
  },
  { additionalProperties: false },
);
export type TokenRequest = Static<typeof TokenRequestSchema>;

export function createControls(parts: {
  recorder: Recorder;
  faults: FaultRegistry;
  issuer: TokenIssuer;
  cache: AnswerCache;
  world: World;
  accounts: Accounts;
  /** Whose tokens are issued when nothing else is asked for. */
  defaultClientId: string;
  initialSwitches: Partial<Switches>;
}): SandboxControls {
  const initial = (): Switches => {
    const switches = { ...defaultSwitches(), ...parts.initialSwitches };
    requireValid(SwitchesSchema, switches, 'switches');
    return switches;
  };
  let switches = initial();
  const turn = (next: Switches): Switches => {
    switches = next;
    // Several switches change what is rendered.
    parts.cache.clear();
    return switches;
  };

  return {
    requests: () => parts.recorder.read(),
    resetRequests: () => parts.recorder.reset(),
    faults: () => parts.faults.list(),
    setFaults(faults) {
      for (const [index, fault] of faults.entries()) requireFault(fault, index);
      parts.faults.replace(faults);
    },
    clearFaults: () => parts.faults.clear(),
    switches: () => switches,
    setSwitches(changes) {
      const next = { ...switches, ...changes };
      requireValid(SwitchesSchema, next, 'switches');
      return turn(next);
    },
    resetSwitches: () => turn(initial()),
    revokeAllTokens: () => parts.issuer.revokeAll(),
    async issueToken(about) {
      requireValid(TokenRequestSchema, about, 'token');
      const scopes = about.scope.split(' ').filter((one) => one !== '');
      const lifetime = switches.expires_in;
      const clientId = about.client_id ?? parts.defaultClientId;
      const token = await parts.issuer.issue({ clientId, userId: about.user_id }, scopes, lifetime);
      return { access_token: token, expires_in: lifetime };
    },
    worldSummary: () => summarizeWorld(parts.world, parts.accounts),
  };
}

/** Checks against the schema of the fault's own kind, because the errors of a whole union help nobody. */
function requireFault(fault: Fault, index: number): void {
  const kinds = FaultSchema.anyOf.map((schema) => schema.properties.kind.const);
  const schema = FaultSchema.anyOf.find((one) => one.properties.kind.const === (fault as Partial<Fault> | null)?.kind);
  if (schema === undefined) throw new ControlError(`faults[${index}].kind must be one of ${kinds.join(', ')}`);
  requireValid(schema, fault, `faults[${index}]`);
}
