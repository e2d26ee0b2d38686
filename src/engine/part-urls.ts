import type { UploadPartsStep } from '../connector/connector.ts';
import type { ExpressionContext } from '../expression/expression.ts';
import { Problem } from '../problems.ts';
import type { StepTools } from './step-tools.ts';
import { unlessEnded } from './upload-ending.ts';

/**
 * URLs of the first batch for a file of unknown length that has several parts, doubled with every further one: a file of two
 * parts wastes two, one of 1 GiB asks eleven times instead of nine.
 */
const FIRST_BATCH = 4;

/** A batch of one, asked for first, is signed as an upload in one piece by the provider. */
const LEAST_OF_SEVERAL = 2;

/** Gets signed URLs, in batches and only when the first of a batch is needed, because they do not live long. */
export interface PartUrls {
  /** The URL of the next part; to be called for the parts in order, `last` saying that no part follows. */
  next(number: number, last: boolean): Promise<URL>;
  /**
   * A new URL for a part whose own is no longer taken. The rest of its batch is as old, and so is not used either; later
   * batches are no larger than what could be used of this one.
   */
  renew(number: number): Promise<URL>;
  /** The body of the first answer. */
  firstBody(): unknown;
}

export interface PartUrlsOptions {
  step: UploadPartsStep;
  context: ExpressionContext;
  tools: StepTools;
  /** The number of parts, where it is known beforehand. */
  count: number | undefined;
  signal: AbortSignal;
}

/**
 * Rejects with what `send` rejects with, the signal's reason, `provider_response_invalid` for an answer without URLs and
 * `host_refused` for a URL of an origin that the connector does not allow.
 */
export function createPartUrls({ step, context, tools, count, signal }: PartUrlsOptions): PartUrls {
  let first: { body: unknown } | undefined;
  let batch: { first: number; urls: readonly URL[] } = { first: 1, urls: [] };
  let batchSize = FIRST_BATCH;
  let mostUsable = step.maxUrls;

  async function ask(number: number, wanted: number): Promise<URL[]> {
    const asking: ExpressionContext = {
      ...context,
      ...(first && { steps: { ...(context.steps as object | undefined), [step.id]: first } }),
      parts: { first: number, count: wanted },
    };
    const answer = await unlessEnded(tools.send(step.id, step.urls, asking), signal);
    first ??= { body: answer.body };
    const list = await step.urlList.evaluate({ ...asking, ...answer }).catch((error: unknown) => {
      throw new Problem('provider_response_invalid', 'The URLs of the parts could not be read.', { cause: error });
    });
    // The expression language gives a list of one as that one.
    const texts = typeof list === 'string' ? [list] : list;
    if (!Array.isArray(texts) || texts.length === 0) {
      throw new Problem('provider_response_invalid', 'The provider gave no URLs for the parts of the file.');
    }
    return texts.slice(0, wanted).map((text) => admitted(step, text));
  }

  function sizeOfBatch(number: number, last: boolean): number {
    if (last) return 1;
    if (count !== undefined) return Math.min(count - number + 1, mostUsable);
    const wanted = Math.min(batchSize, mostUsable, step.maxParts - number + 1);
    batchSize *= 2;
    return number === 1 ? Math.min(Math.max(wanted, LEAST_OF_SEVERAL), step.maxUrls) : wanted;
  }

  return {
    async next(number, last) {
      const kept = batch.urls[number - batch.first];
      if (kept) return kept;
      batch = { first: number, urls: await ask(number, sizeOfBatch(number, last)) };
      return batch.urls[0] as URL;
    },

    async renew(number) {
      const used = number - batch.first + 1;
      if (used >= 1 && used <= batch.urls.length) {
        mostUsable = Math.min(mostUsable, used);
        batch = { first: batch.first, urls: [] };
      }
      const [url] = await ask(number, 1);
      return url as URL;
    },

    firstBody: () => first?.body,
  };
}

function admitted(step: UploadPartsStep, text: unknown): URL {
  const url = typeof text === 'string' ? step.origins.admit(text) : undefined;
  if (url) return url;
  // The host only: the rest is a credential.
  const host = typeof text === 'string' ? URL.parse(text)?.hostname : undefined;
  throw new Problem(
    'host_refused',
    host
      ? `The provider wants the file to be sent to ${host}, which the connector does not allow.`
      : 'The provider gave something that is no URL for a part of the file.',
  );
}
