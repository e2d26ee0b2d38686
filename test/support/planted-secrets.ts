/** The ways in which a secret could stand somewhere: as it is, reversed, in base64 at every offset, hexadecimal, percent-encoded. */
export function formsOf(secret: string): string[] {
  const bytes = Buffer.from(secret);
  const base64 = [0, 1, 2].map((offset) => {
    // What stands before shifts the alphabet; the ends depend on the neighbours and are left out.
    const text = Buffer.concat([Buffer.alloc(offset), bytes])
      .toString('base64')
      .replaceAll('=', '');
    return text.slice(offset === 0 ? 0 : offset + 1, -2);
  });
  const forms = [
    ...[secret, [...secret].reverse().join('')],
    ...base64,
    ...base64.map((text) => text.replaceAll('+', '-').replaceAll('/', '_')),
    ...[bytes.toString('hex'), bytes.toString('hex').toUpperCase()],
    ...[encodeURIComponent(secret), new URLSearchParams([['', secret]]).toString().slice(1)],
    JSON.stringify(secret).slice(1, -1),
  ];
  return [...new Set(forms)];
}

/** The names of the secrets that stand in `haystack` in any form. */
export function secretsIn(haystack: Buffer | string, secrets: Record<string, string>): string[] {
  const bytes = Buffer.isBuffer(haystack) ? haystack : Buffer.from(haystack);
  return Object.entries(secrets)
    .filter(([, secret]) => formsOf(secret).some((form) => bytes.includes(form)))
    .map(([name]) => name);
}
