import type { IncomingMessage } from 'node:http';

/** Resolves when half of the announced body has arrived (half a megabyte when no length is announced), or all of it. */
export async function readHalf(request: IncomingMessage): Promise<void> {
  const announced = Number(request.headers['content-length'] ?? 1024 * 1024);
  let left = Math.floor(announced / 2);
  if (left <= 0) return;
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    left -= (chunk as Buffer).length;
    if (left <= 0) return;
  }
}
