import type { Connector, Registry } from '../connector/connector.ts';

/** Names hosts for labels: those that connectors declare, and `other` for all that are known at run time only. */
export function hostLabeller(registry: () => Registry): (hostname: string) => string {
  const known = new WeakMap<Registry, ReadonlySet<string>>();
  return (hostname) => {
    const current = registry();
    let hosts = known.get(current);
    if (!hosts) {
      hosts = new Set([...current.connectors.values()].flatMap((connector) => hostsOf(connector)));
      known.set(current, hosts);
    }
    return hosts.has(hostname) ? hostname : 'other';
  };
}

function hostsOf({ origins, authentication }: Connector): string[] {
  const endpoints = [...authentication.values()].flatMap((method) => [
    ...(method.tokenEndpoint ? [method.tokenEndpoint.hostname] : []),
    ...(method.identity ? [method.identity.url.hostname] : []),
  ]);
  return [...[...origins].map((origin) => new URL(origin).hostname), ...endpoints];
}
