import type { JsonWebKey } from 'node:crypto';
import type { Fault, FaultState } from '../../sandbox/aps/faults.ts';
import type { RequestLog } from '../../sandbox/aps/recorder.ts';
import type { Switches } from '../../sandbox/aps/switches.ts';

export interface Link {
  href: string;
}

export interface Resource {
  type: string;
  id: string;
  attributes: {
    name: string;
    displayName: string;
    region: string;
    hidden: boolean;
    versionNumber: number;
    createUserName: string;
    pathInProject?: string;
    extension: { type: string; data: { folderType: string } };
  };
  links: Record<string, Link>;
  relationships: { tip: { data: { id: string } }; parent?: { links: { related: Link } } };
}

/**
 * Everything the sandbox may answer, in one loose shape in which nothing is optional: each test asserts the part that it
 * asked for, absence included.
 */
export interface AnyAnswer
  extends Pick<RequestLog, 'count' | 'token_requests' | 'dropped' | 'requests'>,
    Pick<Switches, 'expires_in' | 'provisioned'> {
  jsonapi: { version: string };
  links: { self: Link; first: Link; prev: Link; next: Link };
  /** One resource or a list of them. */
  data: Resource & Resource[];
  included: Resource[];
  meta: { warnings: object[] };
  errors: { status: string; code: string; detail: string }[];
  access_token: string;
  expires_in: number;
  error: string;
  developerMessage: string;
  errorCode: string;
  keys: [JsonWebKey];
  revoked: number;
  faults: (FaultState & Fault)[];
}
