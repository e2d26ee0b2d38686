import type { Placement } from '../connector/connector.ts';

const MASK = '[secret]';

/** The header that carries a credential, by its lower-case name. */
export function credentialHeader(placement: Placement, credential: string): Record<string, string> {
  return placement.in === 'basic'
    ? { authorization: `Basic ${Buffer.from(basicPair(credential), 'utf8').toString('base64')}` }
    : { [placement.name]: `${placement.prefix}${credential}` };
}

/** The same for people to look at, with no credential in it. */
export function maskedHeader(placement: Placement): Record<string, string> {
  return placement.in === 'basic'
    ? { authorization: `Basic ${MASK}` }
    : { [placement.name]: `${placement.prefix}${MASK}` };
}

/** What no text may show of a credential that is sent so. */
export function secretsOfCredential(placement: Placement, credential: string): string[] {
  return placement.in === 'basic' ? [credential, basicPair(credential)] : [credential];
}

/** RFC 7617 §2: user-id and password. */
function basicPair(credential: string): string {
  return `${credential}:`;
}
