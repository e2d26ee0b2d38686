import type { IncomingHttpHeaders } from 'node:http';
import type { Readable } from 'node:stream';
import { Busboy, type BusboyHeaders, type BusboyInstance } from '@fastify/busboy';
import type { IncomingFile } from '../engine/call.ts';
import { Problem } from '../problems.ts';
import { incomingStream } from './incoming-stream.ts';

// Inputs of an action: some dozens at most, none of them large.
const MAX_FIELDS = 100;
const MAX_FIELD_BYTES = 64 * 1024;
const MAX_FIELD_NAME_BYTES = 200;
const MAX_PART_HEADERS = 20;

// As for JSON bodies: a caller that takes longer to send its inputs is broken or hostile.
const FIELDS_TIMEOUT_MS = 15_000;

export interface MultipartCall {
  /** In the order in which they came. */
  fields: [name: string, value: string][];
  file: IncomingFile | undefined;
}

/**
 * Reads a multipart/form-data body (RFC 7578) up to its file, whose bytes then come as they are read. Fields must come
 * before the file: what a field says must be known before the first byte is passed on. Rejects with `request_invalid`, and
 * with `request_timeout` when neither the file nor the end has come in time; the file's stream fails with `request_invalid`
 * when something follows the file.
 */
export function readMultipart(
  headers: IncomingHttpHeaders,
  payload: Readable,
  maxBytes: number,
  fieldsTimeoutMs = FIELDS_TIMEOUT_MS,
): Promise<MultipartCall> {
  return new Promise((resolve, reject) => {
    const fields: [string, string][] = [];
    let file: Readable | undefined;
    let ended = () => {};
    let failed = (_error: Error) => {};
    const rest = new Promise<void>((done, fail) => {
      ended = done;
      failed = fail;
    });
    // Nobody may be listening yet, or any more.
    rest.catch(() => {});

    const fail = (problem: Error): void => {
      clearTimeout(timer);
      reject(problem);
      failed(problem);
      payload.unpipe(parser);
      file?.destroy(problem);
    };
    const refuse = (path: string, message: string) =>
      fail(new Problem('request_invalid', 'The multipart body is not valid.', { errors: [{ path, message }] }));

    const parser = createParser(headers);
    parser.on<'field'>('field', (name, value, nameTruncated, valueTruncated) => {
      if (file) refuse(`/${name}`, 'comes after the file; fields must come before it');
      else if (nameTruncated || valueTruncated) refuse(`/${name}`, `is longer than ${MAX_FIELD_BYTES} bytes`);
      else fields.push([name, value]);
    });
    parser.on<'file'>('file', (name, stream, filename, _encoding, contentType) => {
      if (file) {
        stream.resume();
        refuse(`/${name}`, 'is a second file; an action takes one');
        return;
      }
      clearTimeout(timer);
      file = stream;
      // Told through the iteration over it; without a listener Node would end the process.
      stream.on('error', () => {});
      resolve({
        fields,
        file: {
          stream: incomingStream(stream, { maxBytes, beforeEnd: () => rest }),
          name: filename === '' ? undefined : filename,
          contentType,
          size: undefined,
        },
      });
    });
    parser.on('fieldsLimit', () => refuse('', `has more than ${MAX_FIELDS} fields`));
    parser.on('filesLimit', () => refuse('', 'has more than one file; an action takes one'));
    parser.on('error', (error: unknown) =>
      fail(new Problem('request_invalid', 'The body is not multipart/form-data.', { cause: error })),
    );
    parser.on('finish', () => {
      clearTimeout(timer);
      ended();
      resolve({ fields, file: undefined });
    });
    payload.on('error', (error) => fail(interrupted(error)));
    payload.on('close', () => {
      if (!payload.readableEnded) fail(interrupted());
    });
    const timer = setTimeout(
      () => fail(new Problem('request_timeout', `The fields did not arrive within ${fieldsTimeoutMs / 1_000} s.`)),
      fieldsTimeoutMs,
    );
    payload.pipe(parser);
  });
}

function createParser(headers: IncomingHttpHeaders): BusboyInstance {
  try {
    return new Busboy({
      headers: headers as BusboyHeaders,
      limits: {
        fields: MAX_FIELDS,
        files: 1,
        fieldSize: MAX_FIELD_BYTES,
        fieldNameSize: MAX_FIELD_NAME_BYTES,
        headerPairs: MAX_PART_HEADERS,
      },
    });
  } catch (error) {
    throw new Problem('request_invalid', 'The Content-Type names no boundary.', { cause: error });
  }
}

function interrupted(cause?: unknown): Problem {
  return new Problem('file_interrupted', 'The body broke off before its end.', { cause });
}
