import type { Expression } from '../expression/expression.ts';
import type { Template } from '../expression/template.ts';
import type { FieldError, ProblemCode } from '../problems.ts';

/** A provider as declared, compiled and frozen. Nothing in here changes after the load. */
export interface Connector {
  readonly id: string;
  readonly label: string;
  readonly description: string;
  readonly docs: string | undefined;
  /** Every origin that may be called for this connector, after the operator's replacements. */
  readonly origins: ReadonlySet<string>;
  readonly scopes: ReadonlyMap<string, Scope>;
  readonly authentication: ReadonlyMap<string, Authentication>;
  readonly accountSettings: InputSet;
  readonly errors: ErrorRules;
  /** By public id. */
  readonly actions: ReadonlyMap<string, Action>;
}

export interface Scope {
  readonly description: string;
  /** Every scope that this one implies, itself and the implied ones' implications included. */
  readonly covers: ReadonlySet<string>;
}

export interface Authentication {
  readonly id: string;
  readonly label: string;
  readonly description: string | undefined;
  readonly grant: 'client_credentials';
  readonly tokenEndpoint: URL;
  readonly clientAuthentication: 'client_secret_basic' | 'client_secret_post';
  readonly tokens: ReadonlySet<'app' | 'user'>;
}

export type Effect = 'read' | 'create' | 'update' | 'delete' | 'execute';
export type TokenKind = 'app' | 'user' | 'any';
export type JsonSchema = Readonly<Record<string, unknown>>;

export interface Action {
  readonly connector: string;
  /** Public id, `<connector>_<local id>`. */
  readonly id: string;
  readonly label: string;
  readonly description: string;
  readonly docs: string | undefined;
  readonly effect: Effect;
  readonly scopes: readonly string[];
  readonly providerScopes: readonly string[];
  readonly token: TokenKind;
  readonly inputs: InputSet;
  readonly request: RequestPlan;
  readonly pagination: Pagination | undefined;
  readonly output: Output;
  readonly warnings: Expression | undefined;
  readonly timeoutMs: number;
  readonly maxResponseBytes: number;
  readonly examples: readonly Example[];
}

/** Named values with their checks. */
export interface InputSet {
  readonly schema: JsonSchema;
  readonly names: ReadonlySet<string>;
  /** The values with defaults filled in, or everything that is wrong with them. The given object is not changed. */
  bind(values: Readonly<Record<string, unknown>>): { values: Record<string, unknown> } | { errors: FieldError[] };
}

export interface RequestPlan {
  readonly method: string;
  readonly origin: string;
  readonly segments: readonly PathSegment[];
  readonly query: readonly (readonly [name: string, value: Template])[];
  /** Lower-case names; the connector's defaults are already in. */
  readonly headers: readonly (readonly [name: string, value: Template])[];
  readonly body: BodyPlan | undefined;
}

export type PathSegment = { readonly literal: string } | { readonly name: string; readonly value: Template };

export type BodyPlan =
  | { readonly literal: unknown }
  | { readonly template: Template }
  | { readonly list: readonly BodyPlan[] }
  | { readonly object: readonly (readonly [key: string, value: BodyPlan])[] };

export type Pagination =
  | {
      readonly style: 'page_number';
      readonly number: string;
      readonly first: number;
      readonly size: string | undefined;
      readonly more: Expression;
    }
  | { readonly style: 'cursor'; readonly cursor: string; readonly size: string | undefined; readonly next: Expression };

export interface Output {
  readonly kind: 'list' | 'object';
  /** Of the whole context; gives the shaped data. */
  readonly shape: Expression;
  /** JSON Schema of `data`. */
  readonly schema: JsonSchema;
}

export interface ErrorRules {
  readonly code: Expression | undefined;
  readonly message: Expression | undefined;
  readonly requestId: Expression | undefined;
  readonly rules: readonly {
    readonly when: Expression;
    readonly code: ProblemCode;
    readonly hint: string | undefined;
  }[];
}

export interface Example {
  readonly name: string;
  readonly source: string;
  readonly inputs: Readonly<Record<string, unknown>>;
  readonly account: Readonly<Record<string, unknown>>;
  readonly request: {
    readonly method: string;
    readonly url: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly body: unknown;
  };
  readonly response: {
    readonly status: number;
    readonly headers: Readonly<Record<string, string>>;
    readonly body: unknown;
  };
  readonly output:
    | { readonly data: unknown; readonly more: boolean; readonly warnings: readonly unknown[] }
    | undefined;
  readonly problem: { readonly code: string } | undefined;
}

/** Everything that was loaded together. A reload makes a whole new one. */
export interface Registry {
  /** SHA-256 over all files, hexadecimal: equal exactly when the files are. */
  readonly hash: string;
  readonly connectors: ReadonlyMap<string, Connector>;
  /** By public id, over all connectors. */
  readonly actions: ReadonlyMap<string, Action>;
}

/** Codes that an error rule may give: refusals that only the provider's answer shows. */
export const RULE_CODES: ReadonlySet<string> = new Set<ProblemCode>([
  'provider_rejected_request',
  'credential_rejected',
  'provider_forbidden',
  'provider_scope_insufficient',
  'app_api_not_enabled',
  'integration_not_provisioned',
  'provider_not_found',
  'provider_conflict',
  'resource_inactive',
  'provisioning_pending',
  'provider_rate_limited',
  'provider_unavailable',
]);

/** Input names that the server adds to paginated actions. */
export const PAGE_INPUTS = ['page_size', 'next'] as const;
