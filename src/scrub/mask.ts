import { foundInText } from './shapes.ts';
import { walk } from './walk.ts';

const MASK = '[secret]';
const LEAST_CHARS = 4;

/** A copy of a JSON value with everything masked that has the name or the form of a secret; the rest as it is. */
export function maskSecretsIn(value: unknown): unknown {
  return walk(value, {
    text: (text, { kind }) => (kind === 'secret' && text.length >= LEAST_CHARS ? MASK : maskedText(text)),
    number: (number) => number,
    key: maskedText,
  });
}

function maskedText(text: string): string {
  return foundInText(text).reduce(
    (masked, { kind, text: found }) =>
      kind === 'secret' || kind === 'signed_url' ? masked.replaceAll(found, MASK) : masked,
    text,
  );
}
