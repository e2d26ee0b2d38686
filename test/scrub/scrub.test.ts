import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { likeShape } from '../../src/scrub/like-shape.ts';
import { scrub } from '../../src/scrub/scrub.ts';

const NOTHING = { credentials: [], personIds: false };
const base64 = (text: string) => Buffer.from(text).toString('base64');

function scrubbed<T>(value: T, options: Partial<Parameters<typeof scrub>[1]> = {}): T {
  return scrub(value, { ...NOTHING, ...options }).value;
}

describe('scrubbing a document', () => {
  it('finds a secret by value in every encoding, wherever it stands', () => {
    const secret = 'Zk3+/9qW=planted&secret';
    const value = {
      plain: `before ${secret} after`,
      deep: [[{ [`key ${secret}`]: 1 }]],
      url: `https://example.org/a?x=${encodeURIComponent(secret)}`,
      base64: base64(`id:${secret}`),
      base64url: Buffer.from(`>>>???${secret}`).toString('base64url'),
      json: JSON.stringify({ inner: JSON.stringify([secret]) }),
    };
    const text = JSON.stringify(scrubbed(value, { credentials: [secret] }));
    for (const form of [
      secret,
      encodeURIComponent(secret),
      base64(`id:${secret}`),
      JSON.stringify(secret).slice(1, -1),
    ])
      expect(text).not.toContain(form);
    expect(Buffer.from((JSON.parse(text) as typeof value).base64, 'base64').toString()).toMatch(/^id:/);
  });

  it.each([
    ['a JWT', 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2lnbmF0dXJlLXNpZ25hdHVyZQ'],
    ['a GitHub token', `ghp_${'16C7e42F292c6912E7710c838347Ae178B4a'}`],
    ['a GitLab token', `glpat-${'Zx9_kLm2pQrs7tUvWxYz'}`],
    ['an AWS key id', `AKIA${'IOSFODNN7EXAMPLE'}`],
    ['a Stripe key', `sk_live_${'4eC39HqLyjWDarjtT1zdp7dc'}`],
    ['a key of OpenAI', `sk-proj-${'abcdefghijklmnop1234567890AB'}`],
    ['a PGP key', '-----BEGIN PGP PRIVATE KEY BLOCK-----\nlQOYBF\n-----END PGP PRIVATE KEY BLOCK-----'],
    [
      'the secret of a Slack hook',
      `T00000000/B00000000/${'XXXXXXXXXXXXXXXXXXXXXXXX'}`,
      'https://hooks.slack.com/services/',
    ],
    ['the key of a connection string', 'Zm9vYmFyYmF6cXV4Zm9v', 'AccountName=x;AccountKey='],
    ['a token in a fragment', 'fragtok1234', 'https://a.example/#access_token='],
    ['the number of a card', '4242 4242 4242 4242'],
    ['the number of a bank account', 'DE89370400440532013000'],
    ['a social security number', '078-05-1120'],
    ['a PEM key', '-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkq\n-----END PRIVATE KEY-----'],
  ])('knows %s by its form', (_what, secret, before = '') => {
    const { value, findings } = scrub({ note: [`use ${before}${secret} here`] }, NOTHING);
    expect(JSON.stringify(value)).not.toContain(JSON.stringify(secret).slice(1, -1));
    expect(findings).toMatchObject([
      { kind: before.endsWith('access_token=') ? 'signed_url' : 'secret', place: 'note[]', count: 1 },
    ]);
  });

  it('finds a credential in other letters and in hexadecimal, too', () => {
    const secret = 'kT9-sEcr3t_Key/Val';
    const forms = [secret.toUpperCase(), secret.toLowerCase(), Buffer.from(secret).toString('hex')];
    const text = JSON.stringify(scrubbed({ forms }, { credentials: [secret] }));
    for (const form of forms) expect(text).not.toContain(form);
  });

  it('keeps numbers that are no card and no account', () => {
    const value = { a: '4242 4242 4242 4241', b: 'DE00370400440532013000', c: 'ORDER1234567890123456' };
    expect(scrubbed(value)).toEqual(value);
  });

  it('replaces the name of whoever pays or is sent something', () => {
    const value = {
      billing_details: { name: 'Arthur Dent' },
      shipping: { name: 'Arthur Dent', carrier: 'x' },
      mode: 'shipping',
    };
    expect(JSON.stringify(scrubbed(value))).not.toContain('Arthur');
    expect(scrubbed(value)).toMatchObject({ shipping: { carrier: 'x' }, mode: 'shipping' });
    expect(scrubbed({ shipping: 'express' })).toEqual({ shipping: 'express' });
  });

  it('knows secrets by the names of their members, whatever they look like, and keeps what only sounds like it', () => {
    const value = {
      api_key: 'plain',
      tokens: ['one1', 'two2'],
      auth: { user: 'login1' },
      token_type: 'Bearer',
      has_password: true,
    };
    expect(scrubbed(value)).toMatchObject({ token_type: 'Bearer', has_password: true });
    expect(JSON.stringify(scrubbed(value))).not.toMatch(/plain|one1|two2|login1/);
  });

  it('takes the signature out of a signed URL and leaves the rest of it', () => {
    const url =
      'https://bucket.s3.amazonaws.com/a/b.rvt?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7%2F2026&X-Amz-Expires=60&X-Amz-Signature=0a1b2c3d4e5f';
    const changed = new URL(scrubbed({ url }).url);
    expect(changed.origin + changed.pathname).toBe('https://bucket.s3.amazonaws.com/a/b.rvt');
    expect(changed.searchParams.get('X-Amz-Expires')).toBe('60');
    expect(changed.searchParams.get('X-Amz-Signature')).toMatch(/^[0-9a-f]{12}$/);
    expect(changed.href).not.toContain('0a1b2c3d4e5f');
  });

  it('replaces an e-mail address with the same one in any place and case', () => {
    const value = scrubbed({
      inputs: { email: 'Grace@Navy.example' },
      url: 'https://api.example.org/users?email=grace%40navy.example&page=1',
      list: [['grace@navy.example', 'ada@example.org']],
      'grace@navy.example': true,
    });
    expect(value).toEqual({
      inputs: { email: 'person1@example.com' },
      url: 'https://api.example.org/users?email=person1%40example.com&page=1',
      list: [['person1@example.com', 'person2@example.com']],
      'person1@example.com': true,
    });
  });

  it('replaces names of people where people stand, and in every text that repeats them', () => {
    const value = scrubbed({
      data: [
        { id: 1, name: 'Hull 12', createdBy: 'Grace Hopper', create_user_name: 'Hopper, Grace' },
        { name: 'Drawing', displayName: 'Drawing', description: 'Checked by Grace Hopper (grace.hopper)' },
      ],
      author: { name: 'Ada Lovelace', display_name: 'Ada' },
      users: [{ id: 7, name: 'Grace' }],
    });
    expect(value).toEqual({
      data: [
        { id: 1, name: 'Hull 12', createdBy: 'NameA NameB', create_user_name: 'NameB, NameA' },
        { name: 'Drawing', displayName: 'Drawing', description: 'Checked by NameA NameB (namea.nameb)' },
      ],
      author: { name: 'NameC NameD', display_name: 'NameC' },
      users: [{ id: 7, name: 'NameA' }],
    });
  });

  it('knows people by the request that asked for them', () => {
    const exchange = (path: string) => ({
      request: { url: `https://api.example.org${path}` },
      response: { body: { data: [{ name: 'Katherine Johnson', role: { name: 'Lead' } }] } },
    });
    expect(JSON.stringify(scrubbed(exchange('/v1/projects/7/users')))).toContain('NameA NameB');
    expect(JSON.stringify(scrubbed(exchange('/v1/projects/7/users')))).toContain('Lead');
    expect(JSON.stringify(scrubbed(exchange('/v1/projects')))).toContain('Katherine Johnson');
  });

  it('replaces telephone numbers and addresses of machines', () => {
    const value = scrubbed({
      phone: '555 0199',
      text: 'call +49 (151) 123-45678 from 10.1.2.3 or fe80::1ff:fe23',
      version: '1.2.3',
    });
    expect(value).toEqual({
      phone: '000 0001',
      text: 'call +00 (000) 000-00002 from 192.0.2.1 or 2001:db8::2',
      version: '1.2.3',
    });
  });

  it('keeps ids of people unless told otherwise, and says so', () => {
    const value = { user_id: 'BW9RM76WZBGL', url: 'https://x.example/u/BW9RM76WZBGL' };
    const { value: same, kept } = scrub(value, NOTHING);
    expect(same).toEqual(value);
    expect(kept).toEqual([{ place: 'user_id', count: 1, reason: 'id of a person' }]);
    const changed = scrubbed(value, { personIds: true });
    expect(changed.url).toBe(`https://x.example/u/${changed.user_id}`);
    expect(changed.user_id).toMatch(/^[A-Z]{2}\d[A-Z]{2}\d{2}[A-Z]{5}$/);
  });

  it('names what may be personal and was kept, without quoting it', () => {
    const { kept } = scrub(
      { street: '1 Infinite Loop', comment: 'met him in the lift', key: 'aB3dE5gH7jK9mN1pQ3sT5vX7zA9cE1gI' },
      NOTHING,
    );
    expect(kept.map(({ place, reason }) => `${place}: ${reason}`)).toEqual([
      'street: may be about a person',
      'comment: free text',
      'key: looks like a key',
    ]);
    expect(JSON.stringify(kept)).not.toMatch(/Infinite|lift|aB3d/);
  });

  it('leaves ordinary data as it is', () => {
    const value = {
      id: 'b.c2960674-2d1e-4cc8-a5f0-4b9026fd3f5d',
      urn: 'urn:adsk.wipprod:dm.lineage:hC6k4hndRWaeIVhIjvHu8w',
      at: '2018-01-17T11:52:11.0000000Z',
      version: '1.0',
      size: 1234567890,
      state: 'open',
      url: 'https://api.example.org/issues?state=open&per_page=20&page=2',
      none: null,
      list: [true, 1.5, ''],
    };
    expect(scrubbed(value)).toEqual(value);
  });

  it.each(['a', 'AA00', '4242 ', '%41', 'a@b.', '1.', 'eyJ-', '[', 'x://', '-----BEGIN PRIVATE KEY-----'])(
    'is done soon with a long text of %j',
    (part) => {
      const text = part.repeat(Math.ceil(200_000 / part.length));
      expect(scrubbed({ text }).text.length).toBeGreaterThan(0);
    },
  );

  it('is not led astray by hostile member names', () => {
    const value = JSON.parse(
      '{"__proto__": {"email": "a@b.example"}, "constructor": {"token": "abcdefgh"}}',
    ) as unknown;
    const text = JSON.stringify(scrubbed(value));
    expect(text).not.toMatch(/a@b\.example|abcdefgh/);
    expect(text).toContain('__proto__');
  });
});

describe('placeholders of the shape of their originals', () => {
  it('are as long, of the same characters, and all different', () => {
    const original = 'c2960674-2d1e-4cc8-a5f0-4b9026fd3f5d';
    const made = Array.from({ length: 500 }, (_, index) => likeShape(original, index + 1));
    expect(new Set(made).size).toBe(500);
    for (const one of made) expect(one).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-a[0-9a-f]{3}-[0-9a-f]{12}$/);
  });

  it('grow when the shape has no more', () => {
    const made = Array.from({ length: 30 }, (_, index) => likeShape('7', index + 1));
    expect(new Set(made).size).toBe(30);
  });
});

// What a provider could put into an answer, each with the name of a member that tells it.
const originals = fc.oneof(
  fc.tuple(fc.stringMatching(/^[a-z]{3,8}\.[a-z]{3,8}$/), fc.stringMatching(/^[a-z]{4,8}$/)).map(([who, where]) => ({
    key: 'email',
    text: `${who}@${where}.example`,
  })),
  fc.stringMatching(/^[A-Z][qxz][a-z]{3,7} [A-Z][qxz][a-z]{3,7}$/).map((text) => ({ key: 'created_by', text })),
  fc.stringMatching(/^[A-Za-z0-9+/]{9,30}$/).map((text) => ({ key: 'access_token', text })),
  fc.stringMatching(/^\+49 1[5-7]\d \d{7}$/).map((text) => ({ key: 'phone', text })),
);

const wrappers: readonly ((text: string) => string)[] = [
  (text) => text,
  (text) => `see ${text}, please`,
  (text) => `https://api.example.org/x?q=${encodeURIComponent(text)}&n=1`,
  (text) => base64(`begin ${text} end`),
  (text) => JSON.stringify({ deep: [text] }),
];

describe('whatever stands in a document', () => {
  it('goes from everywhere, and the same becomes the same', () => {
    const property = fc.property(
      fc.uniqueArray(originals, { minLength: 1, maxLength: 5, selector: ({ text }) => text.toLowerCase() }),
      fc.array(fc.tuple(fc.nat(), fc.nat()), { maxLength: 12 }),
      (planted, uses) => {
        const places = uses.map(([which, how]) => ({
          which: which % planted.length,
          wrap: wrappers[how % wrappers.length] ?? String,
        }));
        const document = {
          told: planted.map(({ key, text }) => ({ [key]: text })),
          used: places.map(({ which, wrap }) => wrap(planted[which]?.text ?? '')),
        };
        const { value } = scrub(document, NOTHING);
        const replaced = value.told.map((one) => Object.values(one)[0] ?? '');
        const clear = JSON.stringify(value);
        for (const [index, { text }] of planted.entries()) {
          expect(clear).not.toContain(JSON.stringify(text).slice(1, -1));
          expect(replaced[index]).not.toBe(text);
        }
        expect(value.used).toEqual(places.map(({ which, wrap }) => wrap(replaced[which] ?? '')));
        expect(new Set(replaced).size).toBe(planted.length);
      },
    );
    fc.assert(property, { numRuns: 300 });
  });

  it('keeps its types and its members', () => {
    const shape = (value: unknown): unknown => {
      if (Array.isArray(value)) return value.map(shape);
      if (typeof value !== 'object' || value === null) return typeof value;
      return Object.values(value).map(shape);
    };
    const property = fc.property(fc.jsonValue({ maxDepth: 4 }), (value) => {
      expect(shape(scrub(value, NOTHING).value)).toEqual(shape(value));
    });
    fc.assert(property, { numRuns: 200 });
  });
});
