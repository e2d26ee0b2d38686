import type { UploadPartsStep } from '../connector/connector.ts';
import type { ExpressionContext } from '../expression/expression.ts';
import type { UpstreamResponse } from '../upstream/types.ts';
import type { IncomingFile } from './call.ts';
import { createPartBuffers } from './part-buffers.ts';
import { cutParts, type Part } from './part-cutter.ts';
import { sendBytes } from './part-sender.ts';
import { planParts } from './part-sizes.ts';
import { createPartUrls } from './part-urls.ts';
import type { StepTools } from './step-tools.ts';
import { readETag } from './upload-answer.ts';
import { watchUpload } from './upload-ending.ts';

/**
 * Sends a file in parts to URLs that the provider signs: several at once, each part tried again and its URL renewed where
 * that can help, holding a bounded number of parts however long the file is. Gives `body` (of the first answer with URLs),
 * `size`, `parts` and `etags`.
 *
 * The first failure ends everything: parts on their way are broken off, the stream is destroyed, and the reason is thrown:
 * what the stream fails with, the reason of the call's signal, `upload_refused`, `host_refused`, `file_interrupted`,
 * `file_too_large`, `request_invalid`, `provider_response_invalid`, or what the door or the request for URLs rejects with.
 */
export async function uploadParts(
  step: UploadPartsStep,
  file: IncomingFile,
  context: ExpressionContext,
  tools: StepTools,
): Promise<Record<string, unknown>> {
  const ending = watchUpload(file.stream, tools.signal);
  const { signal } = ending;
  const running = new Set<Promise<void>>();
  const etags: string[] = [];
  let bytes = 0;
  let parts = 0;
  const tellProgress = () => tools.observe({ type: 'progress', step: step.id, bytes, parts, totalBytes: file.size });

  try {
    // From the beginning: the only part of a short file is at the end of it at once.
    tellProgress();
    const sizes = planParts(step, file.size);
    const urls = createPartUrls({ step, context, tools, count: sizes.count, signal });
    const buffers = createPartBuffers(signal);

    const store = async ({ number, bytes: content, buffer }: Part, url: URL): Promise<void> => {
      const response = await sendBytes(
        { step: step.id, method: 'PUT', url, headers: {}, bytes: content },
        tools,
        signal,
        {
          needed: (refusal) => isExpired(step, refusal),
          url: () => urls.renew(number),
        },
      );
      etags[number - 1] = readETag(response);
      bytes += content.length;
      parts += 1;
      buffers.give(buffer);
      tellProgress();
    };

    for await (const part of cutParts(file, sizes, buffers)) {
      const url = await urls.next(part.number, part.last);
      signal.throwIfAborted();
      const sent: Promise<void> = store(part, url)
        .catch(ending.fail)
        .finally(() => running.delete(sent));
      running.add(sent);
    }
    await Promise.all(running);
    signal.throwIfAborted();
    return { body: urls.firstBody(), size: bytes, parts, etags };
  } catch (error) {
    ending.fail(error);
    await Promise.all(running);
    throw signal.reason;
  } finally {
    ending.release();
  }
}

/** An expression that fails on some odd refusal must not hide the refusal itself. */
async function isExpired(step: UploadPartsStep, { status, headers, body }: UpstreamResponse): Promise<boolean> {
  try {
    return (await step.expiredWhen.evaluate({ status, headers, body: body.toString('utf8') })) === true;
  } catch {
    return false;
  }
}
