import type { IncomingMessage } from 'node:http';

/** The whole body as text; `undefined` when longer than `maxBytes`. Rejects when the client goes away first. */
export async function readBody(request: IncomingMessage, maxBytes: number): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let length = 0;
  // The request must outlive an early return: destroying it would cut the connection before the refusal is sent.
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    length += (chunk as Buffer).length;
    if (length > maxBytes) return undefined;
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks).toString('utf8');
}
