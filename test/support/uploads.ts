import { createHash } from 'node:crypto';
import { type IncomingMessage, request } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Client, Reply } from './client.ts';

const BLOCK_BYTES = 64 * 1024;

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

/** A file of that length, made while it is read; no two blocks of it are the same. */
export function* generatedFile(bytes: number): Generator<Buffer> {
  const pattern = createHash('sha512').update('generated file').digest();
  for (let at = 0; at < bytes; at += BLOCK_BYTES) {
    const block = Buffer.alloc(Math.min(BLOCK_BYTES, bytes - at), pattern);
    block.write(at.toString(36).slice(0, block.length));
    yield block;
  }
}

/** Sizes and MD5s of the parts into which a generated file is cut; one empty part of an empty one. */
export function partsOfGenerated(bytes: number, partBytes: number): { number: number; size: number; md5: string }[] {
  const parts: { number: number; size: number; md5: string }[] = [];
  let hash = createHash('md5');
  let size = 0;
  const end = () => {
    parts.push({ number: parts.length + 1, size, md5: hash.digest('hex') });
    hash = createHash('md5');
    size = 0;
  };
  for (const block of generatedFile(bytes)) {
    if (size === partBytes) end();
    hash.update(block);
    size += block.length;
  }
  end();
  return parts;
}

export interface StreamedCall {
  action: string;
  account: string;
  inputs?: Record<string, string>;
  content: Iterable<Buffer> | AsyncIterable<Buffer>;
  /** Without it the length of the body is not told. */
  size?: number;
  headers?: Record<string, string>;
}

export interface RunningCall {
  /** Rejects when the connection breaks before an answer came. */
  reply: Promise<Reply>;
  /** Breaks the connection. */
  cut(): void;
}

/** Calls an action with a body that is sent while it is made; an answer is read also while the body is still on its way. */
export function streamFile(
  { origin, key }: { origin: string; key: string | undefined },
  { action, account, inputs = {}, content, size, headers = {} }: StreamedCall,
): RunningCall {
  const outgoing = request(`${origin}/actions/autodesk_${action}?${new URLSearchParams(inputs)}`, {
    method: 'POST',
    agent: false,
    headers: {
      authorization: `Bearer ${key}`,
      'x-account-id': account,
      'content-type': 'application/octet-stream',
      ...(size !== undefined && { 'content-length': size }),
      ...headers,
    },
  });
  const reply = new Promise<Reply>((resolve, reject) => {
    outgoing.once('response', (response) => void readReply(response).then(resolve, reject));
    // After an answer the rest of the body is of no interest to the server, and the connection may end.
    pipeline(Readable.from(content, { objectMode: false }), outgoing).catch(reject);
  });
  return { reply, cut: () => outgoing.destroy() };
}

/** The same as a multipart/form-data body: the inputs as fields, then the file. */
export function formOf(
  fields: Record<string, string>,
  file: { name: string; type?: string; content: Iterable<Buffer> },
): { content: Iterable<Buffer>; headers: Record<string, string> } {
  const boundary = 'test-boundary-7d1f';
  const parts = Object.entries(fields).map(
    ([name, value]) => `--${boundary}\r\ncontent-disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`,
  );
  const head = `--${boundary}\r\ncontent-disposition: form-data; name="file"; filename="${file.name}"\r\ncontent-type: ${file.type ?? 'application/octet-stream'}\r\n\r\n`;
  function* content(): Generator<Buffer> {
    yield Buffer.from(parts.join('') + head);
    yield* file.content;
    yield Buffer.from(`\r\n--${boundary}--\r\n`);
  }
  return { content: content(), headers: { 'content-type': `multipart/form-data; boundary=${boundary}` } };
}

async function readReply(response: IncomingMessage): Promise<Reply> {
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString('utf8');
  return { status: response.statusCode ?? 0, headers: response.headers, text, json: text && JSON.parse(text) };
}
