import { lookup as dnsLookup } from 'node:dns/promises';
import { isIP, type LookupFunction } from 'node:net';
import ipaddr from 'ipaddr.js';
import { Problem } from '../problems.ts';

export interface ResolvedAddress {
  address: string;
  family: number;
}

/** Every address of a name, as the resolver gives them. Rejects with an error that has a `code` such as ENOTFOUND. */
export type Resolve = (hostname: string) => Promise<readonly ResolvedAddress[]>;

export type Scheme = 'http:' | 'https:';

/** Decides to which addresses a connection may go. Names prove nothing: only the address that is connected to counts. */
export interface AddressGuard {
  /** Whether a connection by this scheme may go to this address. Plain http only goes to allowed private addresses. */
  permits(address: string, scheme: Scheme): boolean;
  /**
   * The refusal (`host_refused`) of a host name that is itself an address, brackets of IPv6 allowed; undefined for names
   * and for permitted addresses.
   */
  refusalOfLiteral(hostname: string, scheme: Scheme): Problem | undefined;
  /**
   * A lookup for `net.connect` that hands over permitted addresses only, so that the socket connects to what was checked.
   * Fails with the problem `host_refused` when a name has no permitted address.
   */
  lookup(scheme: Scheme): LookupFunction;
}

export interface AddressGuardOptions {
  /** CIDRs that may be called although they are not global unicast; throws at once on one that cannot be read. */
  allowPrivateAddresses: readonly string[];
  resolve?: Resolve;
}

/** All of global unicast IPv6 that is assigned lies here (RFC 4291 §2.4, IANA); `::a.b.c.d` and its like do not. */
const GLOBAL_UNICAST_IPV6 = ipaddr.parseCIDR('2000::/3');

/** Public by number, but the host's own metadata service: Azure's platform address ("What is IP address 168.63.129.16?"). */
const PLATFORM_ADDRESSES: readonly string[] = ['168.63.129.16'];

/**
 * Whether an address is global unicast: not private, loopback, link-local, shared (CGNAT), multicast, reserved, and not an
 * IPv6 form that carries an IPv4 address (mapped, NAT64, 6to4, Teredo), which would be a way around the IPv4 rules.
 */
export function isGlobalUnicast(address: string): boolean {
  const parsed = parse(address);
  if (!parsed || PLATFORM_ADDRESSES.includes(address)) return false;
  if (parsed.range() !== 'unicast') return false;
  return parsed.kind() === 'ipv4' || parsed.match(GLOBAL_UNICAST_IPV6);
}

export function createAddressGuard(options: AddressGuardOptions): AddressGuard {
  const allowed = options.allowPrivateAddresses.map((cidr) => ipaddr.parseCIDR(cidr));
  const resolve = options.resolve ?? resolveAll;

  function isAllowedPrivate(address: string): boolean {
    const parsed = parse(address);
    return parsed !== undefined && allowed.some((cidr) => parsed.kind() === cidr[0].kind() && parsed.match(cidr));
  }

  function permits(address: string, scheme: Scheme): boolean {
    return isAllowedPrivate(address) || (scheme === 'https:' && isGlobalUnicast(address));
  }

  return {
    permits,

    refusalOfLiteral(hostname, scheme) {
      const address = hostname.startsWith('[') ? hostname.slice(1, -1) : hostname;
      return isIP(address) === 0 || permits(address, scheme) ? undefined : refusal(hostname, scheme);
    },

    lookup: (scheme) => (hostname, lookupOptions, callback) => {
      resolve(hostname).then(
        (addresses) => {
          const permitted = addresses.filter(({ address }) => permits(address, scheme));
          const [first] = permitted;
          if (!first) callback(refusal(hostname, scheme), '');
          else if (lookupOptions.all) callback(null, permitted);
          else callback(null, first.address, first.family);
        },
        (error: NodeJS.ErrnoException) => callback(error, ''),
      );
    },
  };
}

/** Names the host but not the address, which may be a secret of the network. */
function refusal(hostname: string, scheme: Scheme): Problem {
  const why = scheme === 'http:' ? 'plain http only goes to allowed private addresses' : 'it has no public address';
  return new Problem('host_refused', `${hostname} may not be called: ${why}.`);
}

function parse(address: string): ipaddr.IPv4 | ipaddr.IPv6 | undefined {
  return isIP(address) !== 0 && ipaddr.isValid(address) ? ipaddr.parse(address) : undefined;
}

const resolveAll: Resolve = (hostname) => dnsLookup(hostname, { all: true, order: 'verbatim' });
