/** A character that changes from placeholder to placeholder. */
interface Wheel {
  readonly at: number;
  readonly first: string;
  readonly radix: number;
}

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
// RFC 9562 §4.1, §4.2: version and variant, which checks of UUIDs look at.
const UUID_FIXED: readonly number[] = [14, 19];

/**
 * A text of the original's shape that tells nothing of it: as long, digits where digits were, letters of the same case where
 * letters were (hexadecimal stays hexadecimal), everything else as it is. Different numbers (from 1) give different texts;
 * once the shape has no more, the text grows.
 */
export function likeShape(original: string, number: number): string {
  const characters = [...original];
  const wheels = wheelsOf(original, characters);
  let left = number;
  for (const { at, first } of wheels) characters[at] = first;
  for (const { at, first, radix } of wheels.toReversed()) {
    characters[at] = String.fromCharCode(first.charCodeAt(0) + (left % radix));
    left = Math.floor(left / radix);
  }
  return characters.join('') + (left > 0 ? String(left) : '');
}

function wheelsOf(original: string, characters: readonly string[]): Wheel[] {
  const letters = original.match(/[a-z]/gi) ?? [];
  const hexadecimal = /\d/.test(original) && letters.every((letter) => /[a-f]/i.test(letter));
  const radix = hexadecimal ? 6 : 26;
  const number = /^[1-9]\d*$/.test(original);
  const fixed = UUID.test(original) ? UUID_FIXED : [];
  return characters.flatMap((character, at): Wheel[] => {
    if (fixed.includes(at)) return [];
    // A number does not begin with zero.
    if (number && at === 0) return [{ at, first: '1', radix: 9 }];
    if (/\p{Nd}/u.test(character)) return [{ at, first: '0', radix: 10 }];
    if (/\p{Lu}/u.test(character)) return [{ at, first: 'A', radix }];
    if (/\p{L}/u.test(character)) return [{ at, first: 'a', radix }];
    return [];
  });
}
