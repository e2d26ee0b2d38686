export type HookStatus = 'active' | 'inactive' | 'reactivated';

/** A hook as it is kept; the region it lives in is the store's. */
export interface Hook {
  hookId: string;
  tenant: string;
  callbackUrl: string;
  /** Client id, or the person's id. */
  createdBy: string;
  creatorType: 'Application' | 'O2User';
  system: string;
  event: string;
  /** Milliseconds since the epoch. */
  createdAt: number;
  updatedAt: number;
  status: HookStatus;
  autoReactivateHook: boolean;
  callbackWithEventPayloadOnly: boolean;
  scope: Readonly<Record<string, string>>;
  hookExpiry: string | null;
  hookAttribute: Readonly<Record<string, unknown>> | undefined;
  filter: string | undefined;
  /** A secret: never answered. */
  token: string | undefined;
}

/** Hooks by region: a region never shows those of another one. */
export interface Webhooks {
  /** In the order of creation. */
  list(region: string): readonly Hook[];
  get(region: string, hookId: string): Hook | undefined;
  add(region: string, hook: Hook): void;
  delete(region: string, hookId: string): void;
}

export function createWebhooks(): Webhooks {
  const regions = new Map<string, Map<string, Hook>>();
  const of = (region: string): Map<string, Hook> => {
    const known = regions.get(region) ?? new Map<string, Hook>();
    regions.set(region, known);
    return known;
  };
  return {
    list: (region) => [...of(region).values()],
    get: (region, hookId) => of(region).get(hookId),
    add: (region, hook) => void of(region).set(hook.hookId, hook),
    delete: (region, hookId) => void of(region).delete(hookId),
  };
}
