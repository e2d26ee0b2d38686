import { request } from 'undici';
import { jsonLineWith, type Running, start } from './processes.ts';

/** The simulated provider, one process for all that is measured. */
export interface Sandbox extends Running {
  origin: string;
  clientId: string;
  clientSecret: string;
  /** A hub with more than 200 projects. */
  hub: string;
}

export async function startSandbox(outputFile: string): Promise<Sandbox> {
  const running = await start({ program: 'sandbox/aps/main.ts', outputFile }, jsonLineWith('client_id'));
  const { origin, client_id, client_secret, hubs } = running.found;
  const hub = (hubs as { id: string; region: string }[]).find(({ region }) => region === 'US');
  if (!hub) throw new Error('the sandbox has no hub in the US');
  return {
    ...running,
    origin: String(origin),
    clientId: String(client_id),
    clientSecret: String(client_secret),
    hub: hub.id,
  };
}

/** A token of the sandbox, for calling it directly. */
export async function sandboxToken({ origin, clientId, clientSecret }: Sandbox): Promise<string> {
  const response = await request(`${origin}/authentication/v2/token`, {
    method: 'POST',
    headers: {
      authorization: `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString('base64')}`,
      'content-type': 'application/x-www-form-urlencoded',
    },
    body: 'grant_type=client_credentials&scope=data%3Aread',
  });
  const { access_token } = (await response.body.json()) as { access_token: string };
  return access_token;
}
