import { request } from 'undici';
import type { SandboxProcess } from './sandbox-process.ts';

export interface ObtainedElsewhere {
  access_token: string;
  refresh_token: string;
  expires_in: number;
}

const CALLBACK = 'http://127.0.0.1/connect/oauth2/autodesk/callback';

/** Lets a person consent and redeems the code, as somebody's script would that hands the tokens over later. */
export async function obtainElsewhere(
  sandbox: SandboxProcess,
  { scopes, user, client }: { scopes: readonly string[]; user: string; client?: { id: string; secret: string } },
): Promise<ObtainedElsewhere> {
  const { id, secret } = client ?? { id: sandbox.clientId, secret: sandbox.clientSecret };
  const query = { client_id: id, response_type: 'code', redirect_uri: CALLBACK, scope: scopes.join(' '), state: 'x' };
  const url = `${sandbox.origin}/authentication/v2/authorize?${new URLSearchParams(query)}`;
  const back = await sandbox.consent({ authorization_url: url, user });
  const code = back.searchParams.get('code') ?? '';
  const response = await request(`${sandbox.origin}/authentication/v2/token`, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`,
    },
    body: new URLSearchParams({ grant_type: 'authorization_code', code, redirect_uri: CALLBACK }).toString(),
  });
  const text = await response.body.text();
  if (response.statusCode !== 200) throw new Error(text);
  return JSON.parse(text) as ObtainedElsewhere;
}

/** People who can sign in at the sandbox. */
export async function peopleOf(
  sandbox: SandboxProcess,
): Promise<{ id: string; name: string; email: string; description: string }[]> {
  const { people } = (await sandbox.control('GET', 'people')) as {
    people: { id: string; name: string; email: string; description: string }[];
  };
  return people;
}
