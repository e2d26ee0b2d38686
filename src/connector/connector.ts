import type { Expression } from '../expression/expression.ts';
import type { Template } from '../expression/template.ts';
import type { FieldError, ProblemCode } from '../problems.ts';
import type { ActionSource } from './action-source.ts';
import type { Guide } from './guide.ts';

/** A provider as declared, compiled and frozen. Nothing in here changes after the load. */
export interface Connector {
  readonly id: string;
  readonly label: string;
  readonly description: string;
  /** By semver.org. */
  readonly version: string | undefined;
  readonly docs: string | undefined;
  /** Every origin that may be called for this connector, after the operator's replacements. */
  readonly origins: ReadonlySet<string>;
  /** The same before the replacements. */
  readonly declaredOrigins: ReadonlySet<string>;
  readonly scopes: ReadonlyMap<string, Scope>;
  readonly authentication: ReadonlyMap<string, Authentication>;
  readonly accountSettings: InputSet;
  readonly errors: ErrorRules;
  /** The checklist of an account's set-up at the provider; empty where the connector has none. */
  readonly diagnosis: readonly Check[];
  /** By public id. */
  readonly actions: ReadonlyMap<string, Action>;
  /** Where each action is declared, by public id. */
  readonly sources: ReadonlyMap<string, ActionSource>;
  /** How the provider is set up, by the authentication that it is for. */
  readonly guides: ReadonlyMap<string, Guide>;
}

export interface Scope {
  readonly description: string;
  /** Every scope that this one implies, itself and the implied ones' implications included. */
  readonly covers: ReadonlySet<string>;
}

/** A way to obtain tokens. What a grant does not have is undefined. */
export interface Authentication {
  readonly id: string;
  readonly label: string;
  readonly description: string | undefined;
  readonly grant: 'client_credentials' | 'authorization_code' | 'jwt_bearer' | 'provided_token' | 'api_key';
  /** Undefined, as is {@link clientAuthentication}, of keys: they are not obtained from anybody. */
  readonly tokenEndpoint: URL | undefined;
  readonly clientAuthentication: 'client_secret_basic' | 'client_secret_post' | undefined;
  readonly tokens: ReadonlySet<'app' | 'user'>;
  readonly authorizationEndpoint: URL | undefined;
  readonly authorizationParameters: ReadonlyMap<string, string>;
  readonly introspectionEndpoint: URL | undefined;
  readonly revocationEndpoint: URL | undefined;
  /** Profiles may do without a client secret. */
  readonly publicClients: boolean;
  readonly identity:
    | {
        readonly url: URL;
        readonly subject: Expression;
        readonly name: Expression | undefined;
        readonly email: Expression | undefined;
      }
    | undefined;
  /** Where requests carry the credential. */
  readonly placement: Placement;
  /** What a key must look like. */
  readonly keyPattern: KeyPattern | undefined;
  /** Of `claims`; of a key's method of `status`, `headers` and `body` of the identity's answer. */
  readonly grantedScopes: Expression | undefined;
  readonly refreshTokenLifeMs: number | undefined;
  readonly assertion:
    | { readonly audience: string; readonly algorithm: 'RS256' | 'ES256'; readonly lifeMs: number }
    | undefined;
}

/** A header with the credential behind a prefix, or as the user name of HTTP Basic (RFC 7617) with an empty password. */
export type Placement =
  /** Lower-case name. */
  { readonly in: 'header'; readonly name: string; readonly prefix: string } | { readonly in: 'basic' };

/** An RE2, linear in time. */
export interface KeyPattern {
  readonly source: string;
  matches(key: string): boolean;
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
  /** The API family of the connector that it belongs to. */
  readonly api: string | undefined;
  /** Name of its file, without the ending. */
  readonly resource: string;
  readonly effect: Effect;
  readonly scopes: readonly string[];
  readonly providerScopes: readonly string[];
  readonly token: TokenKind;
  readonly inputs: InputSet;
  /** Whether the action takes a file; undefined where it does not. */
  readonly file: { readonly description: string | undefined } | undefined;
  readonly requires: readonly Requirement[];
  /** At least one; exactly one request step, of id `request`, unless the action is composite. */
  readonly steps: readonly Step[];
  readonly composite: boolean;
  /** Of an action that is not composite: how the caller pages through it. */
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

/** Something that must hold before a call goes on. */
export interface Requirement {
  readonly that: Expression;
  /** Asked only when this kind of token is used; undefined: always. */
  readonly token: 'app' | 'user' | undefined;
  readonly input: string | undefined;
  readonly message: string;
}

export interface RequestPlan {
  readonly method: string;
  readonly origin: string;
  /** The same before the operator's replacement: what a provider may call itself. */
  readonly declaredOrigin: string;
  /** The path as declared, with its {names}: what logs show instead of the path itself. */
  readonly template: string;
  readonly segments: readonly PathSegment[];
  readonly query: readonly (readonly [name: string, value: Template])[];
  /** How lists in the query are sent: `a=1,2` or `a=1&a=2`. */
  readonly queryLists: 'commas' | 'repeat';
  /** Lower-case names; the connector's and the API's defaults are already in. */
  readonly headers: readonly (readonly [name: string, value: Template])[];
  readonly body: BodyPlan | undefined;
  readonly bodyEncoding: 'json' | 'form';
  /** Content-Type of the body, unless `headers` has one. */
  readonly contentType: string;
  /** Statuses beyond 2xx that are answers. */
  readonly acceptStatus: ReadonlySet<number>;
  readonly refusedWhen: Expression | undefined;
  /** The limit that the provider puts on this endpoint. */
  readonly rateLimit: RateLimit | undefined;
}

/** A published limit: at most `requests` in any `windowMs`, counted for each client id. */
export interface RateLimit {
  /** Unique among all connectors: `<connector>.<api>.<limit>`. */
  readonly id: string;
  readonly requests: number;
  readonly windowMs: number;
}

export type Step = RequestStep | UploadPartsStep | UploadFileStep;

interface StepCommon {
  readonly id: string;
  readonly when: Expression | undefined;
}

export interface RequestStep extends StepCommon {
  readonly kind: 'request';
  readonly request: RequestPlan;
  readonly forEach: Expression | undefined;
  /** In a composite action: all pages are walked, or until `find` gives something. */
  readonly pagination: Pagination | undefined;
  readonly find: Expression | undefined;
}

export interface UploadPartsStep extends StepCommon {
  readonly kind: 'upload_parts';
  readonly urls: RequestPlan;
  readonly urlList: Expression;
  readonly origins: OriginPattern;
  readonly maxUrls: number;
  readonly minPartBytes: number;
  readonly maxParts: number;
  readonly expiredWhen: Expression;
}

export interface UploadFileStep extends StepCommon {
  readonly kind: 'upload_file';
  readonly url: Expression;
  readonly method: string;
  readonly origins: OriginPattern;
  readonly headers: readonly (readonly [name: string, value: Template])[];
}

/** Decides about URLs that are known at run time only. */
export interface OriginPattern {
  /**
   * The URL to call for a URL that the provider or a caller gave: the same, or with its origin replaced as the operator
   * set. Undefined when its origin is not allowed, or it is no https URL, or has credentials in it.
   */
  admit(url: string): URL | undefined;
}

/** One step of the set-up checklist. */
export type Check = {
  readonly id: string;
  readonly label: string;
  readonly remedy: string;
  readonly needs: readonly string[];
} & (
  | { readonly kind: 'token'; readonly token: 'app' | 'user' }
  | {
      readonly kind: 'request';
      readonly scopes: readonly string[];
      readonly needsSettings: readonly string[];
      readonly request: RequestPlan;
      readonly passedWhen: Expression | undefined;
    }
  | { readonly kind: 'manual'; readonly notChecked: string }
);

export type PathSegment =
  | { readonly literal: string }
  | {
      readonly name: string;
      readonly value: Template;
      /** Slashes in the value are sent encoded instead of refused. */
      readonly slashes: boolean;
    };

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
  | { readonly style: 'cursor'; readonly cursor: string; readonly size: string | undefined; readonly next: Expression }
  | {
      readonly style: 'link_header';
      /** In lower case. */
      readonly relation: string;
      readonly size: string | undefined;
      /** What the provider may call its host: the declared origin, and the one in its place. */
      readonly origins: ReadonlySet<string>;
    }
  | {
      readonly style: 'offset';
      readonly offset: string;
      readonly size: string;
      readonly defaultSize: number;
      readonly count: Expression;
      readonly total: Expression | undefined;
    };

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
  /** Where it stands; `index` counts the file's examples from 0, `line` its lines from 1. */
  readonly at: { readonly file: string; readonly index: number; readonly line: number };
  readonly source: string;
  readonly inputs: Readonly<Record<string, unknown>>;
  readonly account: Readonly<Record<string, unknown>>;
  readonly file:
    | { readonly bytes: number; readonly name: string | undefined; readonly contentType: string | undefined }
    | undefined;
  /** Every request with its answer, in order; one unless the action is composite. */
  readonly exchanges: readonly Exchange[];
  readonly output:
    | { readonly data: unknown; readonly more: boolean; readonly warnings: readonly unknown[] }
    | undefined;
  readonly problem: { readonly code: string } | undefined;
}

export interface Exchange {
  readonly request: {
    readonly method: string;
    readonly url: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly body: unknown;
    /** Length of a body that is part of the file. */
    readonly bytes: number | undefined;
  };
  readonly response: {
    readonly status: number;
    readonly headers: Readonly<Record<string, string>>;
    readonly body: unknown;
  };
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

/** Query parameters of a call that are not inputs: with a file, the inputs stand in the query beside them. */
export const CALL_PARAMETERS = ['raw', 'dry_run'] as const;
