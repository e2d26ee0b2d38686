import type { Authentication } from './connector.ts';
import type { ConnectorFormat } from './format.ts';
import { didYouMean } from './suggest.ts';
import type { FaultAt } from './yaml-file.ts';

/** Lints and compiles a connector's ways to obtain tokens; `origins` by host name. */
export function compileAuthentication(
  declared: ConnectorFormat,
  origins: ReadonlyMap<string, string>,
  fault: FaultAt,
): Map<string, Authentication> {
  const methods = new Map<string, Authentication>();
  const hosts = Object.keys(declared.hosts);
  for (const [
    index,
    { token_endpoint, client_authentication, tokens, description, ...method },
  ] of declared.authentication.entries()) {
    const at = ['authentication', index];
    if (methods.has(method.id)) fault([...at, 'id'], 'CON005', `"${method.id}" stands twice`);
    const host = token_endpoint.host ?? hosts[0] ?? '';
    const origin = origins.get(host);
    if (origin === undefined) {
      fault([...at, 'token_endpoint', 'host'], 'CON002', `unknown host "${host}"${didYouMean(host, hosts)}`);
      continue;
    }
    methods.set(method.id, {
      ...method,
      description,
      tokenEndpoint: new URL(`${origin}${token_endpoint.path}`),
      clientAuthentication: client_authentication,
      tokens: new Set(tokens),
    });
  }
  return methods;
}
