import type { Client, Reply } from './client.ts';

/** Calls an action with a file as the raw body, its length known. */
export function sendFile(
  client: Client,
  action: string,
  account: string,
  inputs: Record<string, string>,
  content: Buffer,
): Promise<Reply> {
  return client.call('POST', `/actions/autodesk_${action}?${new URLSearchParams(inputs)}`, {
    body: content,
    headers: { 'x-account-id': account, 'content-type': 'application/octet-stream' },
  });
}
