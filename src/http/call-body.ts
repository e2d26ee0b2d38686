import type { IncomingMessage } from 'node:http';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { CALL_PARAMETERS, type JsonSchema } from '../connector/connector.ts';
import type { IncomingFile } from '../engine/call.ts';
import { Problem } from '../problems.ts';
import { incomingStream } from './incoming-stream.ts';
import { readMultipart } from './multipart.ts';
import { inputsOfTexts } from './text-inputs.ts';

/** What a caller sent with a call of an action. */
export interface CallBody {
  inputs: Record<string, unknown>;
  file: IncomingFile | undefined;
}

/** Marks a body that was left unread: its bytes are for whoever takes the file. */
class UnreadBody {
  readonly kind: 'raw' | 'multipart';
  readonly payload: IncomingMessage;

  constructor(kind: 'raw' | 'multipart', payload: IncomingMessage) {
    this.kind = kind;
    this.payload = payload;
  }
}

/** Lets the routes of this scope take `application/octet-stream` and `multipart/form-data`, unread. */
export function acceptFiles(scope: FastifyInstance): void {
  scope.addContentTypeParser('application/octet-stream', async (_request: unknown, payload: IncomingMessage) => {
    return new UnreadBody('raw', payload);
  });
  scope.addContentTypeParser('multipart/form-data', async (_request: unknown, payload: IncomingMessage) => {
    return new UnreadBody('multipart', payload);
  });
}

/**
 * The inputs and the file of a call: a JSON object; a raw body with the inputs in the query; or multipart/form-data with
 * the inputs as fields before the file. `schema` is that of the action's inputs, for texts; undefined where there is no such
 * action. Problems: `body_not_json`, `request_invalid`, `inputs_invalid`.
 */
export async function readCallBody(
  request: FastifyRequest<{ Querystring: Record<string, string | string[]> }>,
  schema: JsonSchema | undefined,
  maxFileBytes: number,
): Promise<CallBody> {
  const { body } = request;
  if (!(body instanceof UnreadBody)) return { inputs: jsonInputs(body), file: undefined };
  if (request.headers['content-encoding'] !== undefined)
    throw new Problem('media_type_unsupported', 'A file with a Content-Encoding is not taken.');
  if (body.kind === 'multipart') {
    const { fields, file } = await readMultipart(request.headers, body.payload, maxFileBytes);
    return { inputs: inputsOfTexts(schema ?? {}, [...queryTexts(request.query), ...fields]), file };
  }
  const size = contentLength(request.headers['content-length']);
  if (size !== undefined && size > maxFileBytes)
    throw new Problem('file_too_large', `The file is larger than ${maxFileBytes} bytes.`, {
      extra: { limit: maxFileBytes },
    });
  return {
    inputs: inputsOfTexts(schema ?? {}, queryTexts(request.query)),
    file: {
      stream: incomingStream(body.payload, { maxBytes: maxFileBytes }),
      name: undefined,
      contentType: undefined,
      size,
    },
  };
}

/** Whether the inputs of this call stand in its query. */
export function hasFileBody(request: FastifyRequest): boolean {
  return request.body instanceof UnreadBody;
}

function* queryTexts(query: Readonly<Record<string, string | string[]>>): Generator<[string, string]> {
  for (const [name, value] of Object.entries(query)) {
    if ((CALL_PARAMETERS as readonly string[]).includes(name)) continue;
    for (const text of [value].flat()) yield [name, text];
  }
}

/** A JSON body's inputs: none, or the members of the object. */
export function jsonInputs(body: unknown): Record<string, unknown> {
  if (body === undefined || body === null) return {};
  if (typeof body !== 'object' || Array.isArray(body))
    throw new Problem('body_not_json', 'The body must be a JSON object.');
  return body as Record<string, unknown>;
}

function contentLength(text: string | undefined): number | undefined {
  return text === undefined ? undefined : Number(text);
}
