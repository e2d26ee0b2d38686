import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CODE_ALPHABET } from '../../src/link/device-code.ts';
import { begin, type LinkWorld, startLinkWorld } from './support.ts';

describe('linking by a short code', () => {
  let world: LinkWorld;
  beforeAll(async () => {
    world = await startLinkWorld();
  });
  afterAll(() => world?.stop());

  const codeForm = new RegExp(`^[${CODE_ALPHABET}]{4}-[${CODE_ALPHABET}]{4}$`);

  it('leads to the same page, while the device polls', async () => {
    const { id, reply } = await world.invite({ flow: 'device' });
    expect(reply.json.device).toEqual({
      user_code: expect.stringMatching(codeForm),
      verification_url: 'http://127.0.0.1:8080/hub/device',
      interval_s: 5,
    });
    const poll = async () => (await world.backend('GET', `/connect_sessions/${id}`)).json;
    expect((await poll()).state).toBe('pending');
    const browser = world.browser();
    const typed = ` ${reply.json.device.user_code.toLowerCase().replace('-', ' – ')} `;
    const claimed = await browser.post('/hub/device', { user_code: typed });
    expect(claimed.status).toBe(200);
    await browser.get(await world.consent(await begin(browser, claimed.json.token)));
    expect(await poll()).toMatchObject({ state: 'authenticated', account_id: expect.stringMatching(/^acc_/) });
  });

  it('works once for each code, also when it is typed in many places at once', async () => {
    const { reply } = await world.invite({ flow: 'device' });
    const { user_code } = reply.json.device;
    const claims = await Promise.all(
      Array.from({ length: 8 }, () => world.browser().post('/hub/device', { user_code })),
    );
    expect(claims.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(claims.filter(({ json }) => json.code === 'device_code_invalid')).toHaveLength(7);
  });

  it('refuses codes that are none, and one that is tried again and again', async () => {
    for (const wrong of [
      '',
      'BCDF',
      'BCDF-GHJ',
      'BCDF-GHJA',
      'BCDF-GHJ1',
      'BCDFGHJKL',
      '\u0000'.repeat(8),
      'B'.repeat(30),
    ]) {
      const reply = await world.browser().post('/hub/device', { user_code: wrong });
      expect([wrong, reply.json.code]).toEqual([wrong, wrong === '' ? 'request_invalid' : 'device_code_invalid']);
    }
    const codes: string[] = [];
    for (let attempt = 1; attempt <= 12; attempt += 1)
      codes.push((await world.browser().post('/hub/device', { user_code: 'ZZZZ-ZZZZ' })).json.code);
    expect(codes.slice(0, 10)).toEqual(Array.from({ length: 10 }, () => 'device_code_invalid'));
    expect(codes.slice(10)).toEqual(['too_many_attempts', 'too_many_attempts']);
  });

  it('lets one address guess ten times, then once a minute, whatever part of its network it comes from', async () => {
    let guesses = 0;
    const guess = async (remoteAddress: string) => {
      // Never the same code twice: those have a limit of their own.
      const user_code = `BCDF-GH${CODE_ALPHABET[guesses % 20]}${CODE_ALPHABET[Math.floor(guesses / 20)]}`;
      guesses += 1;
      const reply = await world.app.inject({
        method: 'POST',
        url: '/hub/device',
        remoteAddress,
        payload: { user_code },
      });
      return reply.json().code;
    };
    const codes: string[] = [];
    for (let host = 1; host <= 12; host += 1) codes.push(await guess(`2001:db8:1:2::${host}`));
    const [wrong, refused] = ['device_code_invalid', 'too_many_attempts'];
    expect(codes).toEqual([...Array.from({ length: 10 }, () => wrong), refused, refused]);
    expect(await guess('2001:db8:1:3::1')).toBe(wrong);
    world.pass(60_000);
    expect(await guess('2001:db8:1:2::99')).toBe(wrong);
    expect(await guess('2001:db8:1:2::99')).toBe(refused);
  });

  it('expires with its session, and is stored sealed', async () => {
    const { reply, token } = await world.invite({ flow: 'device', expires_in_s: 60 });
    const { records } = await world.store.list('global', 'device_code', { limit: 100 });
    expect(JSON.stringify(records)).not.toContain(token.slice(-43));
    expect(JSON.stringify(records)).not.toContain(reply.json.device.user_code.replace('-', ''));
    world.pass(61_000);
    const late = await world.browser().post('/hub/device', { user_code: reply.json.device.user_code });
    expect(late.json.code).toBe('device_code_invalid');
  });
});
