import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { begin, type LinkReply, type LinkWorld, startLinkWorld } from './support.ts';

const SEED = Number(process.env.TEST_SEED ?? Date.now() % 1_000_000);

describe('the callback', () => {
  let world: LinkWorld;
  beforeAll(async () => {
    process.stdout.write(`test/link/callback.test.ts: TEST_SEED=${SEED}\n`);
    world = await startLinkWorld();
  });
  afterAll(() => world?.stop());

  const session = async (id: string) => (await world.backend('GET', `/connect_sessions/${id}`)).json;
  const code = ({ text }: LinkReply) => /<h1>([^<]*)<\/h1>/.exec(text)?.[1];
  const REFUSED = 'Authorization not recognized';

  it('redeems one code when one answer comes a hundred times at once', async () => {
    const { id, token } = await world.invite();
    const browser = world.browser();
    const path = await world.consent(await begin(browser, token));
    const before = await world.exchanges();
    const replies = await Promise.all(Array.from({ length: 100 }, () => browser.get(path)));
    expect(await world.exchanges()).toBe(before + 1);
    expect(replies.filter(({ status }) => status === 303)).toHaveLength(1);
    expect(replies.filter((reply) => reply.status === 400 && code(reply) === REFUSED)).toHaveLength(99);
    expect((await session(id)).state).toBe('authenticated');
    expect((await browser.get(path)).status).toBe(400);
  });

  it("refuses another browser's answer, and leaves it to the right one", async () => {
    const { id, token } = await world.invite();
    const browser = world.browser();
    const path = await world.consent(await begin(browser, token));
    const before = await world.exchanges();
    // One that has a link of its own, and one that has nothing.
    const thief = world.browser();
    await begin(thief, (await world.invite()).token);
    for (const other of [thief, world.browser()]) {
      const reply = await other.get(path);
      expect([reply.status, code(reply)]).toEqual([400, REFUSED]);
      expect(reply.headers['set-cookie']).toBeUndefined();
    }
    const planted = world.browser();
    planted.cookie = `${browser.cookie}; corbel_hub=${'A'.repeat(43)}`;
    expect((await planted.get(path)).status).toBe(400);
    expect(await world.exchanges()).toBe(before);
    expect((await session(id)).state).toBe('pending');
    expect((await browser.get(path)).status).toBe(303);
    expect((await session(id)).state).toBe('authenticated');
  });

  it("refuses an answer on another connector's path, from another issuer, or with parts missing or doubled", async () => {
    const { id, token } = await world.invite();
    const browser = world.browser();
    const path = await world.consent(await begin(browser, token));
    const { searchParams } = new URL(path, 'http://x');
    const [given, state] = [searchParams.get('code'), searchParams.get('state')];
    const before = await world.exchanges();
    for (const wrong of [
      path.replace('/autodesk/', '/other/'),
      path.replace('/autodesk/', '/AUTODESK/'),
      `${path}&iss=${encodeURIComponent('https://evil.example')}`,
      `${path}&iss=nonsense`,
      `/connect/oauth2/autodesk/callback?code=${given}`,
      `/connect/oauth2/autodesk/callback?state=${state}`,
      `/connect/oauth2/autodesk/callback?code=${given}&state=${state}&state=${state}`,
      `/connect/oauth2/autodesk/callback?code=${given}&code=${given}&state=${state}`,
      `/connect/oauth2/autodesk/callback?code=${given}&state=${state}&error=access_denied`,
      `/connect/oauth2/autodesk/callback?code=${given}&state=${state?.slice(1)}`,
      `/connect/oauth2/autodesk/callback?code=${given}&state=${state?.toLowerCase()}`,
      '/connect/oauth2/autodesk/callback',
    ]) {
      const reply = await browser.get(wrong);
      expect([wrong.replace(/(code|state)=[^&]*/g, ''), reply.status, code(reply)]).toEqual([
        expect.any(String),
        400,
        REFUSED,
      ]);
    }
    expect(await world.exchanges()).toBe(before);
    expect((await session(id)).state).toBe('pending');
    expect((await browser.get(`${path}&iss=${encodeURIComponent(world.sandbox.origin)}`)).status).toBe(303);
  });

  it('accepts the answer to the newest request of a link only', async () => {
    const { id, token } = await world.invite();
    const browser = world.browser();
    const older = await world.consent(await begin(browser, token));
    const newer = await world.consent(await begin(browser, token));
    const before = await world.exchanges();
    expect((await browser.get(older)).status).toBe(400);
    expect(await world.exchanges()).toBe(before);
    expect((await browser.get(newer)).status).toBe(303);
    expect((await session(id)).state).toBe('authenticated');
  });

  it('refuses an answer after ten minutes', async () => {
    const { id, token } = await world.invite({ expires_in_s: 1_800 });
    const browser = world.browser();
    const path = await world.consent(await begin(browser, token));
    world.pass(10 * 60_000 + 1);
    const reply = await browser.get(path);
    expect([reply.status, code(reply)]).toEqual([400, REFUSED]);
    expect((await session(id)).state).toBe('pending');
  });

  it("takes every one of 1,000 hostile texts of a provider's refusal for text", { timeout: 60_000 }, async () => {
    const random = seeded(SEED);
    const forbidden =
      /<(?!!doctype html>|\/?(html|head|meta|title|link|script|body|main|div|h1|p|code|noscript)\b)|<script(?! type="module" src="\.\.\/\.\.\/\.\.\/hub\/assets\/hub\.js")|\bon\w+=|javascript:/i;
    for (let round = 0; round < 1_000; round += 1) {
      const [payload, other] = [payloadOf(random), payloadOf(random)];
      const query = (state: string) =>
        `/connect/oauth2/autodesk/callback?${new URLSearchParams({ error: payload, error_description: other, state })}`;
      // Without a state that is known, nothing that came is shown; with one, the text is in JSON that the page shows as text.
      const stray = await world.browser().get(query(payload));
      expect(stray.status).toBe(400);
      expect(forbidden.test(stray.text), `${payload}\n${stray.text}`).toBe(false);
      if (round % 20 !== 0) continue;
      const { id, token } = await world.invite();
      const browser = world.browser();
      const state = new URL(await begin(browser, token)).searchParams.get('state') ?? '';
      const back = await browser.get(query(state));
      expect([back.status, back.text]).toEqual([303, '']);
      expect(back.location).toMatch(/^http:\/\/127\.0\.0\.1:8080\/hub\/done#[0-9A-Za-z_]{45}$/);
      const outcome = await browser.post('/hub/outcome', { reference: new URL(back.location).hash.slice(1) });
      expect(outcome.headers['content-type']).toMatch(/^application\/json/);
      expect(outcome.headers['x-content-type-options'] ?? 'nosniff').toBe('nosniff');
      expect(outcome.json).toMatchObject({ state: 'error', error: { code: 'authorization_refused' } });
      expect(outcome.json.error.detail.length).toBeLessThan(700);
      expect(outcome.json.error.detail).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}]/u);
      expect((await session(id)).error).toEqual(outcome.json.error);
    }
  });

  it('keeps codes, states, verifiers and hub tokens out of the log, the answers and the store', async () => {
    const { token } = await world.invite();
    const browser = world.browser();
    const url = await begin(browser, token);
    const path = await world.consent(url);
    const { searchParams } = new URL(path, 'http://x');
    const page = await world.browser().get(path);
    const done = await browser.get(path);
    const again = await browser.get(path);
    const secrets = [token, token.slice(-43), searchParams.get('code') ?? '-', searchParams.get('state') ?? '-'];
    const records = await world.store.list('global', 'link_state', { limit: 100 });
    const sessions = await world.store.list(world.project, 'connect_session', { limit: 100 });
    const stored = JSON.stringify([records, sessions]);
    for (const secret of secrets) {
      for (const text of [world.log(), page.text, done.text, done.location, again.text, stored])
        expect(text).not.toContain(secret);
    }
    for (const { headers } of [page, done, again]) {
      expect(headers).toMatchObject({
        'cache-control': 'no-store',
        'referrer-policy': 'no-referrer',
        'x-frame-options': 'DENY',
        'content-security-policy': expect.stringMatching(/default-src 'none'.*frame-ancestors 'none'/),
      });
    }
  });
});

const PARTS = [
  '<script>alert(1)</script>',
  '"><img src=x onerror=alert(1)>',
  "'-alert(1)-'",
  '</title><svg onload=alert(1)>',
  '{{content}}',
  '{{page}}',
  "$&$`$'",
  '<!--',
  ']]>',
  'javascript:alert(1)',
  '&lt;b&gt;',
  '\u2028\u2029',
  '\r\nSet-Cookie: a=b',
  '\u0000\u001b[31m',
  '<iframe srcdoc="<b>">',
  '<a href="https://evil.example">Click</a>',
  '`${alert(1)}`',
  '\ud800',
  '＜script＞',
  'x'.repeat(400),
];

function payloadOf(random: () => number): string {
  return Array.from({ length: 1 + Math.floor(random() * 4) }, () => PARTS[Math.floor(random() * PARTS.length)]).join(
    '',
  );
}

/** mulberry32. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
