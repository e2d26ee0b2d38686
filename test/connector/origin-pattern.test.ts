import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileOriginPattern, lintOrigins } from '../../src/connector/origin-pattern.ts';

// Set FUZZ_SEED to repeat a run.
const SEED = Number(process.env.FUZZ_SEED ?? Math.floor(Date.now() % 2 ** 31));

const PATTERNS = ['https://*.s3.amazonaws.com', 'https://s3-*.amazonaws.com', 'https://up.acme.test'];
const pattern = compileOriginPattern(PATTERNS, new Map());
const admitted = (url: string) => pattern.admit(url)?.href;

describe('an origin pattern', () => {
  it.each([
    ['https://bucket.s3.amazonaws.com/key?X-Amz-Signature=ab%2F%2b&x=%27'],
    ['https://bucket-1.s3.amazonaws.com/a//b/%C3%A9/c%20d?'],
    ['https://s3-us-west-2.amazonaws.com/b/key'],
    ['https://up.acme.test/?a=b?c=d'],
    ["https://up.acme.test/it's(fine),~+;@:$&=!*"],
    ['https://xn--bcher-kva.s3.amazonaws.com/'],
  ])('admits %s, and changes nothing in it', (url) => {
    expect(admitted(url)).toBe(url);
  });

  it('admits what the standard writes in another way without changing its meaning', () => {
    expect(admitted('https://up.acme.test')).toBe('https://up.acme.test/');
    expect(admitted('https://up.acme.test?a=b')).toBe('https://up.acme.test/?a=b');
    expect(admitted('https://up.acme.test:443/a')).toBe('https://up.acme.test/a');
    expect(admitted("https://up.acme.test/a'?n=UTF-8''b")).toBe("https://up.acme.test/a'?n=UTF-8%27%27b");
  });

  it.each([
    ['plain http', 'http://up.acme.test/'],
    ['another scheme', 'ftp://up.acme.test/'],
    ['no scheme', '//up.acme.test/'],
    ['a scheme in upper case', 'HTTPS://up.acme.test/'],
    ['another host that has it in its path', 'https://evil.com/.s3.amazonaws.com'],
    ['another host that has it in its query', 'https://evil.com?a.s3.amazonaws.com'],
    ['another host that has it in its fragment', 'https://evil.com#a.s3.amazonaws.com'],
    ['a host that goes on', 'https://a.s3.amazonaws.com.evil.com/'],
    ['a host that goes on without a dot', 'https://up.acme.testing/'],
    ['a host that begins before', 'https://evilup.acme.test/'],
    ['two labels for one', 'https://a.b.s3.amazonaws.com/'],
    ['no label', 'https://.s3.amazonaws.com/'],
    ['no label and no dot', 'https://s3.amazonaws.com/'],
    ['nothing for part of a label', 'https://s3-.amazonaws.com/'],
    ['a dot for part of a label', 'https://s3-a.evil.amazonaws.com/'],
    ['a user', 'https://a.s3.amazonaws.com@evil.com/'],
    ['a user at an allowed host', 'https://a.b@up.acme.test/'],
    ['an empty user', 'https://@up.acme.test/'],
    ['a user and a password', 'https://a:b@up.acme.test/'],
    ['upper case', 'https://UP.acme.test/'],
    ['a dot at the end', 'https://up.acme.test./'],
    ['another port', 'https://up.acme.test:8443/'],
    ['an empty port', 'https://up.acme.test:/'],
    ['a port with zeros', 'https://up.acme.test:00443/'],
    ['letters beyond ASCII', 'https://ü.s3.amazonaws.com/'],
    ['a letter that folds to ASCII', 'https://up.acme.teſt/'],
    ['a dot that is none', 'https://up。acme.test/'],
    ['letters beyond ASCII in the path', 'https://up.acme.test/é'],
    ['a space before', ' https://up.acme.test/'],
    ['a space within', 'https://up.acme.test/a b'],
    ['a line break after', 'https://up.acme.test/\n'],
    ['a tab that parsers drop', 'https://up.acme\t.test/'],
    ['a NUL', 'https://up.acme.test/\0'],
    ['a backslash for a slash', 'https:\\\\up.acme.test\\'],
    ['a backslash before the host', 'https://evil.com\\.s3.amazonaws.com/'],
    ['a backslash in the path', 'https://up.acme.test/a\\b'],
    ['an encoded dot in the host', 'https://evil.com%2f.s3.amazonaws.com/'],
    ['an IPv4 address', 'https://127.0.0.1/'],
    ['an IPv4 address as a number', 'https://2130706433/'],
    ['an IPv6 address', 'https://[::1]/'],
    ['dot segments', 'https://up.acme.test/a/../b'],
    ['encoded dot segments', 'https://up.acme.test/a/%2e%2E/b'],
    ['a fragment', 'https://up.acme.test/a#b'],
    ['an empty fragment', 'https://up.acme.test/a#'],
    ['three slashes', 'https:///up.acme.test/'],
    ['one slash', 'https:/up.acme.test/'],
    ['a name of names that are too long', `https://${'a'.repeat(300)}.s3.amazonaws.com/`],
    ['a URL without end', `https://up.acme.test/${'a'.repeat(9_000)}`],
    ['nothing', ''],
  ])('refuses %s', (_title, url) => {
    expect(admitted(url)).toBeUndefined();
  });

  it(`never admits a host that is not of it, whatever is put around the allowed one (seed ${SEED})`, () => {
    const piece = fc.constantFrom(
      ...[
        'https://',
        'http://',
        '//',
        '/',
        '\\',
        '@',
        ':',
        '?',
        '#',
        '.',
        '%2e',
        ' ',
        '\t',
        'evil.com',
        'a',
        '443',
        '[',
        ']',
      ],
      ...['s3.amazonaws.com', 'a.s3.amazonaws.com', 'up.acme.test', 's3-x.amazonaws.com'],
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 7 }), (pieces) => {
        const url = pattern.admit(`https://${pieces.join('')}`);
        if (!url) return;
        expect(url.protocol).toBe('https:');
        expect(url.port + url.username + url.password + url.hash).toBe('');
        expect(url.hostname).toMatch(/^([a-z0-9-]+\.s3|s3-[a-z0-9-]+)\.amazonaws\.com$|^up\.acme\.test$/);
      }),
      { seed: SEED, numRuns: 5_000 },
    );
  });

  it('calls the other origin that the operator set, with the same path and query', () => {
    const overrides = new Map([
      ['https://bucket.s3.amazonaws.com', 'http://127.0.0.1:9000'],
      ['https://elsewhere.test', 'http://127.0.0.1:9001'],
    ]);
    const replaced = compileOriginPattern(PATTERNS, overrides);
    expect(replaced.admit('https://bucket.s3.amazonaws.com/a%2Fb//c?x=%2F&y=a+b?')?.href).toBe(
      'http://127.0.0.1:9000/a%2Fb//c?x=%2F&y=a+b?',
    );
    expect(replaced.admit('https://bucket.s3.amazonaws.com//evil.com/a')?.href).toBe(
      'http://127.0.0.1:9000//evil.com/a',
    );
    expect(replaced.admit('https://other.s3.amazonaws.com/a')?.href).toBe('https://other.s3.amazonaws.com/a');
    expect(replaced.admit('https://elsewhere.test/a')).toBeUndefined();
    expect(replaced.admit('http://127.0.0.1:9000/a')).toBeUndefined();
  });

  it('cannot be written so that it lets anybody in', () => {
    const faults: string[] = [];
    const open = ['https://*', 'https://*.com', 'https://a.*', 'https://*.*.com', 'https://co*.uk', 'https://**.a.b'];
    const wrong = [
      'https://.',
      'https://a.b.',
      'https://.a.b',
      'https://a..b',
      'https://1.2.3.4',
      'https://a.0x1',
      'https://a',
    ];
    expect(lintOrigins([], [...open, ...wrong], (at) => faults.push(at.join('.')))).toBe(false);
    expect(faults).toHaveLength(open.length + wrong.length);
    expect(lintOrigins([], PATTERNS, () => faults.push('no'))).toBe(true);
  });
});
