import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { faultOfOrigin, faultOfReturnUrl, returnLocation } from '../../src/link/return-url.ts';
import { type LinkWorld, startLinkWorld } from './support.ts';

const REGISTERED = 'https://app.example.com/corbel/linked';

/** Addresses that look like the registered one, mean another, or are taken for it by some parser or other. */
function hostileVariants(): string[] {
  const url = new URL(REGISTERED);
  const { host, pathname: path } = url;
  const controls = [
    '\t',
    '\n',
    '\r',
    '\u0000',
    '%09',
    '%0a',
    '%0d',
    '%00',
    ' ',
    '\u00a0',
    '\u200b',
    '\ufeff',
    '\u2028',
    '\u00ad',
    '%20',
    '%e3%80%82',
  ];
  const hosts = [
    'evil.example',
    `${host}.evil.example`,
    `evil-${host}`,
    `evil${host}`,
    `${host}.`,
    `${host}:443`,
    `${host}:8443`,
    `${host}:`,
    host.toUpperCase(),
    'APP.example.com',
    'app.example.co',
    'app.example.com.',
    'example.com',
    'sub.app.example.com',
    'app-example.com',
    'appXexample.com',
    'аpp.example.com',
    'app.exаmple.com',
    'app。example。com',
    'app%2eexample%2ecom',
    'app.example.com%00.evil.example',
    'app.example.com%23.evil.example',
    'app.example.com\\.evil.example',
    'app.example.com/.evil.example',
    'app.example.com?.evil.example',
    'app.example.com#.evil.example',
    'app.example.com;evil.example',
    'app.example.com,evil.example',
    'xn--pp-7cd.example.com',
    'ａｐｐ.example.com',
    '127.0.0.1',
    '0x7f.1',
    '2130706433',
    '[::1]',
    '[::ffff:127.0.0.1]',
    'localhost',
  ];
  const userinfo = ['evil@', 'evil:pass@', `${host}@evil.example/`, `${host}%40evil.example`, '@', ':@', 'user:@'];
  const schemes = [
    'http',
    'HTTPS',
    'javascript',
    'data',
    'file',
    'ftp',
    'blob',
    'vbscript',
    'intent',
    'https:https',
    ' https',
    'view-source:https',
    'about',
    'ws',
    'mailto',
  ];
  const paths = [
    `${path}/`,
    `${path}//`,
    `/${path}`,
    `//${path}`,
    path.toUpperCase(),
    path.slice(0, -1),
    `${path}x`,
    `${path}.`,
    `${path}%2e`,
    `${path}%2f`,
    `${path}%20`,
    `${path}?`,
    `${path}#`,
    `${path}?x=1`,
    `${path}#x`,
    `${path};x`,
    `${path}&x`,
    `${path}\\`,
    `${path}/..`,
    `${path}/../linked`,
    `${path}/./`,
    `/corbel/../corbel/linked`,
    `/corbel/./linked`,
    `/corbel//linked`,
    `/corbel/%2e%2e/linked`,
    `/corbel/%6cinked`,
    `/corbel%2flinked`,
    `\\corbel\\linked`,
    `/corbel\\linked`,
    `/corbel/linked%252e`,
    `/corbel/linked/..%2f..%2f`,
    `/corbel/linked@evil.example`,
    `/redirect?to=https://evil.example`,
    `/`,
    ``,
  ];
  return [
    ...hosts.map((one) => `https://${one}${path}`),
    ...userinfo.map((one) => `https://${one}${host}${path}`),
    ...schemes.map((one) => `${one}://${host}${path}`),
    ...paths.map((one) => `https://${host}${one}`),
    ...controls.flatMap((one) => [
      `${one}${REGISTERED}`,
      `${REGISTERED}${one}`,
      `https://${one}${host}${path}`,
      `https://${host}${one}${path}`,
      `https:/${one}/${host}${path}`,
      `ht${one}tps://${host}${path}`,
    ]),
    ...[
      '//',
      '/',
      '\\\\',
      '/\\',
      '\\/',
      'https:',
      'https:/',
      'https:///',
      'https:\\\\',
      'http:',
      '?',
      '#',
      '.',
      '..',
      '',
    ].map((one) => `${one}${host}${path}`),
    'javascript:alert(1)',
    'javascript://app.example.com/%0aalert(1)',
    'data:text/html,<script>alert(1)</script>',
    `data:text/html;base64,PHNjcmlwdD4=`,
    'null',
    'undefined',
    '*',
    'https://*.example.com/corbel/linked',
    'https://',
    'https:',
    '',
  ].filter((variant) => variant !== REGISTERED);
}

describe('return URLs', () => {
  let world: LinkWorld;
  beforeAll(async () => {
    world = await startLinkWorld();
    const put = await world.operator('PUT', '/project_settings', {
      workspace_name: 'Tower',
      return_urls: [REGISTERED],
      popup_origins: ['https://app.example.com'],
    });
    expect(put.status).toBe(200);
  });
  afterAll(() => world?.stop());

  const invite = (body: Record<string, unknown>) =>
    world.backend('POST', '/connect_sessions', {
      connector_profile_id: world.profile,
      owner_id: 'customer-1',
      ...body,
    });

  it('are compared exactly: 200 hostile variants are refused', async () => {
    const variants = [...new Set(hostileVariants())];
    expect(variants.length).toBeGreaterThanOrEqual(200);
    expect((await invite({ return_url: REGISTERED })).status).toBe(201);
    for (const return_url of variants) {
      const reply = await invite({ return_url });
      expect([return_url, reply.status, reply.json.code]).toEqual([
        return_url,
        400,
        expect.stringMatching(/^(return_url_refused|request_invalid)$/),
      ]);
    }
  });

  it('are registered only when browsers write them so, over https or on localhost', async () => {
    for (const fine of [
      REGISTERED,
      'http://localhost:3000/',
      'http://127.0.0.1:3000/back?a=b',
      'https://app.example.com/',
    ])
      expect([fine, faultOfReturnUrl(fine)]).toEqual([fine, undefined]);
    for (const wrong of [
      'https://app.example.com',
      'https://APP.example.com/',
      'https://app.example.com:443/',
      'https://user@app.example.com/',
      'https://app.example.com/#x',
      'https://app.example.com/#',
      'https://app.example.com/a/../b',
      'https://app.example.com/ b',
      'http://app.example.com/',
      'javascript:alert(1)',
      'data:text/html,x',
      '/relative',
      '//app.example.com/',
      '',
    ])
      expect([wrong, faultOfReturnUrl(wrong)]).toEqual([wrong, expect.any(String)]);
    const reply = await world.operator('PUT', '/project_settings', {
      workspace_name: null,
      return_urls: [REGISTERED, 'javascript:alert(1)'],
      popup_origins: ['https://app.example.com/', '*', 'null'],
    });
    expect(reply.json.errors.map(({ path }: { path: string }) => path)).toEqual([
      '/return_urls/1',
      '/popup_origins/0',
      '/popup_origins/1',
      '/popup_origins/2',
    ]);
  });

  it('are for operators to set, and every project has its own', async () => {
    expect((await world.backend('GET', '/project_settings')).json.code).toBe('role_forbidden');
    expect((await world.operator('GET', '/project_settings')).json).toEqual({
      project: world.project,
      workspace_name: 'Tower',
      return_urls: [REGISTERED],
      popup_origins: ['https://app.example.com'],
    });
  });

  it('keep their own query, and cannot be made to carry another outcome', () => {
    expect(returnLocation('https://a.example/?status=authenticated&x=1', 'cns_1', 'error')).toBe(
      'https://a.example/?status=error&x=1&connect_session_id=cns_1',
    );
  });

  it('have popup origins beside them, compared exactly too', async () => {
    expect((await invite({ popup_origin: 'https://app.example.com' })).status).toBe(201);
    for (const popup_origin of [
      'https://app.example.com/',
      'https://APP.example.com',
      'https://app.example.com:443',
      'http://app.example.com',
      'https://example.com',
      '*',
      'null',
      '',
    ])
      expect((await invite({ popup_origin })).json.code).toBe('popup_origin_refused');
    expect(faultOfOrigin('https://app.example.com')).toBeUndefined();
    expect(faultOfOrigin('http://app.example.com')).toBeDefined();
  });
});
