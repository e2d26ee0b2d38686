import type { AddressInfo } from 'node:net';
import type { FastifyInstance } from 'fastify';

/** What a handler of the bench is told by who starts it. */
export interface HandlerEnvironment {
  providerOrigin: string;
  clientId: string;
  clientSecret: string;
  key: string;
}

export function readEnvironment(): HandlerEnvironment {
  return {
    providerOrigin: required('BENCH_PROVIDER_ORIGIN'),
    clientId: required('BENCH_CLIENT_ID'),
    clientSecret: required('BENCH_CLIENT_SECRET'),
    key: required('BENCH_KEY'),
  };
}

/** Listens on a free port of the loopback, prints where, and ends when told. */
export async function serve(app: FastifyInstance): Promise<void> {
  await app.listen({ host: '127.0.0.1', port: 0 });
  const { port } = app.server.address() as AddressInfo;
  console.log(JSON.stringify({ origin: `http://127.0.0.1:${port}` }));
  process.once('SIGTERM', () => process.exit(0));
}

function required(name: string): string {
  const value = process.env[name];
  if (value === undefined) throw new Error(`${name} is not set`);
  return value;
}
