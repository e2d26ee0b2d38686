import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { AnyJson } from '../support/client.ts';
import { openSqlite, startWorld, type World } from '../support/server.ts';
import { inChromium, visitor } from './support/chromium.ts';
import { type CustomerApp, startCustomerApp } from './support/customer-app.ts';

/** Where pictures of the pages go, for people to look at; none are taken without it. */
const PICTURES = process.env.TEST_SCREENSHOTS;

inChromium('the link page', (launch) => {
  let browser: Browser;
  let world: World;
  let app: CustomerApp;
  let stranger: CustomerApp;
  let profile: string;
  beforeAll(async () => {
    [browser, world, app, stranger] = await Promise.all([
      launch(),
      startWorld(openSqlite),
      startCustomerApp(),
      startCustomerApp(),
    ]);
    const made = await world.operator.post('/connector_profiles', {
      name: 'People',
      connector: 'autodesk',
      authentication: 'three_legged',
      client_id: world.sandbox.clientId,
      client_secret: world.sandbox.clientSecret,
      scopes: ['data:read', 'data:write', 'account:read', 'user-profile:read'],
    });
    profile = made.json.id;
    await world.operator.call('PUT', '/project_settings', {
      body: {
        workspace_name: 'Tower & Sons',
        return_urls: [`${app.origin}/linked`],
        popup_origins: [app.origin],
      },
    });
  });
  afterAll(async () => {
    await browser?.close();
    await Promise.all([world?.stop(), app?.stop(), stranger?.stop()]);
  });

  async function invite(body: Record<string, unknown> = {}): Promise<AnyJson> {
    const reply = await world.backend.post('/connect_sessions', {
      connector_profile_id: profile,
      owner_id: 'customer-1',
      owner_name: 'Acme Construction',
      ...body,
    });
    expect(reply.status, reply.text).toBe(201);
    return reply.json;
  }
  const session = async ({ id }: AnyJson) => (await world.backend.get(`/connect_sessions/${id}`)).json;

  async function decide(page: Page, decision: 'Allow' | 'Deny', user = 0): Promise<void> {
    await page.waitForURL(/\/authentication\/v2\/authorize/);
    await page.getByLabel('Sign in as').selectOption({ index: user });
    await page.getByRole('button', { name: decision }).click();
  }

  async function picture(page: Page, name: string): Promise<void> {
    if (PICTURES !== undefined) await page.screenshot({ path: `${PICTURES}/${name}.png`, fullPage: true });
  }

  /** One visit in a browser of its own; at its end nothing forbidden has happened in it. */
  async function visit(
    work: (page: Page, context: BrowserContext) => Promise<void>,
    options?: Parameters<typeof visitor>[1],
  ): Promise<void> {
    const { context, faults } = await visitor(browser, options);
    try {
      const page = await context.newPage();
      await work(page, context).catch(async (error: unknown) => {
        await picture(page, 'failed');
        throw error;
      });
      expect(faults).toEqual([]);
    } finally {
      await context.close();
    }
  }

  it('links an account whose actions then run for the person who consented', async () => {
    const invited = await invite({ settings: { region: 'EMEA' } });
    await visit(async (page) => {
      await page.goto(invited.url);
      await page.getByRole('heading', { name: 'Connect Autodesk to Tower & Sons' }).waitFor();
      // The token is gone from the address bar, and works when the page is loaded again all the same.
      expect(page.url()).toBe(`${world.server.origin}/hub`);
      await page.reload();
      const heading = page.getByRole('heading', { name: 'Connect Autodesk to Tower & Sons' });
      await heading.waitFor();
      expect(await heading.evaluate((element) => element === element.ownerDocument.activeElement)).toBe(true);
      const text = await page.getByRole('main').innerText();
      for (const shown of ['Acme Construction', 'Tower & Sons', 'data:read', new URL(world.sandbox.origin).host])
        expect(text).toContain(shown);
      expect(await page.getByLabel('Region').inputValue()).toBe('EMEA');
      await picture(page, 'link');
      await page.getByText('More details').click();
      await page.getByLabel('Account id').fill('nonsense');
      await page.getByRole('button', { name: 'Continue to Autodesk' }).click();
      await page.getByText('This does not have the right form').waitFor();
      expect(await page.getByLabel('Account id').getAttribute('aria-invalid')).toBe('true');
      await picture(page, 'link-fault');
      await page.getByLabel('Account id').fill('');
      await page.getByRole('button', { name: 'Continue to Autodesk' }).click();
      await decide(page, 'Allow');
      await page.getByRole('heading', { name: 'Autodesk is connected' }).waitFor();
      expect(page.url()).toBe(`${world.server.origin}/hub/done`);
      await picture(page, 'done');
      await page.reload();
      await page.getByRole('heading', { name: 'Autodesk is connected' }).waitFor();
    });
    const { state, account_id } = await session(invited);
    expect(state).toBe('authenticated');
    const account = (await world.backend.get(`/accounts/${account_id}`)).json;
    expect(account).toMatchObject({ status: 'active', settings: { region: 'EMEA' }, owner_name: 'Acme Construction' });
    const person = await world.backend.act('get_current_user', account_id);
    expect([person.status, JSON.stringify(person.json)]).toEqual([
      200,
      expect.stringContaining(account.identity.email),
    ]);
  });

  it.each([
    { which: 'at once', body: {} },
    { which: 'also when a popup was expected', body: { popup: true } },
  ])('goes on to the registered return URL $which', async ({ body: { popup } }) => {
    const invited = await invite({ return_url: `${app.origin}/linked`, ...(popup && { popup_origin: app.origin }) });
    await visit(async (page) => {
      await page.goto(invited.url);
      await page.getByRole('button', { name: 'Continue to Autodesk' }).click();
      await decide(page, 'Allow');
      await page.waitForURL(`${app.origin}/linked?connect_session_id=${invited.id}&status=authenticated`);
      expect(await page.evaluate('document.referrer')).toBe('');
    });
  });

  it('says so when the link has expired, before it is opened or while it is looked at', async () => {
    const [unopened, open] = [await invite({ expires_in_s: 1 }), await invite({ expires_in_s: 8 })];
    await visit(async (page) => {
      await page.goto(open.url);
      const button = page.getByRole('button', { name: 'Continue to Autodesk' });
      await button.waitFor();
      await page.waitForTimeout(Math.max(0, Date.parse(open.expires_at) - Date.now()) + 50);
      await button.click();
      await page.getByRole('heading', { name: 'This link has expired' }).waitFor();
      await page.goto(unopened.url);
      await page.reload();
      await page.getByRole('heading', { name: 'This link has expired' }).waitFor();
      await picture(page, 'expired');
    });
    expect([(await session(unopened)).state, (await session(open)).state]).toEqual(['expired', 'expired']);
  });

  it('tells the page that opened it in a popup, and closes', async () => {
    const invited = await invite({ popup_origin: app.origin });
    await visit(async (page, context) => {
      await page.goto(app.origin);
      const opened = context.waitForEvent('page');
      await page.evaluate(`openLink(${JSON.stringify(invited.url)})`);
      const popup = await opened;
      await popup.getByRole('button', { name: 'Continue to Autodesk' }).click();
      await decide(popup, 'Allow');
      await page.waitForFunction('told.length > 0');
      const { account_id } = await session(invited);
      expect(await page.evaluate('told')).toEqual([
        {
          origin: world.server.origin,
          data: { type: 'corbel.connect', status: 'authenticated', session_id: invited.id, account_id },
        },
      ]);
      await page.waitForFunction('popup.closed');
    });
  });

  it('tells nothing to a page of another origin that opened it', async () => {
    const invited = await invite({ popup_origin: app.origin });
    await visit(async (page, context) => {
      await page.goto(stranger.origin);
      const opened = context.waitForEvent('page');
      await page.evaluate(`openLink(${JSON.stringify(invited.url)})`);
      const popup = await opened;
      await popup.getByRole('button', { name: 'Continue to Autodesk' }).click();
      await decide(popup, 'Allow');
      await page.waitForFunction('popup.closed');
      expect(await page.evaluate('told')).toEqual([]);
    });
    expect((await session(invited)).state).toBe('authenticated');
  });

  it('says so when the person refuses, at the provider or on the page', async () => {
    const [atProvider, onPage] = [await invite(), await invite()];
    await visit(async (page) => {
      await page.goto(atProvider.url);
      await page.getByRole('button', { name: 'Continue to Autodesk' }).click();
      await decide(page, 'Deny');
      await page.getByRole('heading', { name: 'Nothing was connected' }).waitFor();
      await picture(page, 'denied');
      await page.goto(onPage.url);
      await page.getByRole('button', { name: 'Cancel' }).click();
      await page.getByRole('heading', { name: 'Nothing was connected' }).waitFor();
    });
    expect([(await session(atProvider)).state, (await session(onPage)).state]).toEqual(['cancelled', 'cancelled']);
  });

  it('says so when another person links the account again', async () => {
    const first = await invite();
    await visit(async (page) => {
      await page.goto(first.url);
      await page.getByRole('button', { name: 'Continue to Autodesk' }).click();
      await decide(page, 'Allow', 0);
      await page.getByRole('heading', { name: 'Autodesk is connected' }).waitFor();
    });
    const { account_id } = await session(first);
    const again = await invite({ account_id });
    await visit(async (page) => {
      await page.goto(again.url);
      await page.getByText('Sign in as the same Autodesk user as then').waitFor();
      await picture(page, 'relink');
      await page.getByRole('button', { name: 'Continue to Autodesk' }).click();
      await decide(page, 'Allow', 1);
      await page.getByRole('heading', { name: 'Autodesk could not be connected' }).waitFor();
      await page.getByText('identity_changed').waitFor();
      await picture(page, 'identity-changed');
    });
    expect(await session(again)).toMatchObject({ state: 'error', error: { code: 'identity_changed' } });
    expect((await world.backend.act('get_current_user', account_id)).status).toBe(200);
  });

  it('says so when a link was used, was opened elsewhere, is no link, or was taken back', async () => {
    const used = await invite();
    await visit(async (page) => {
      await page.goto(used.url);
      await page.getByRole('button', { name: 'Continue to Autodesk' }).click();
      await decide(page, 'Allow');
      await page.getByRole('heading', { name: 'Autodesk is connected' }).waitFor();
      await page.goto(used.url);
      await page.getByRole('heading', { name: 'This link was used already' }).waitFor();
      await picture(page, 'used');
    });
    const open = await invite();
    await visit(async (page) => {
      await page.goto(open.url);
      await page.getByRole('button', { name: 'Continue to Autodesk' }).waitFor();
      await visit(async (other) => {
        await other.goto(open.url);
        await other.getByRole('heading', { name: 'This link is open in another browser' }).waitFor();
      });
      await world.backend.delete(`/connect_sessions/${open.id}`);
      await page.getByRole('button', { name: 'Continue to Autodesk' }).click();
      await page.getByRole('heading', { name: 'This link was used already' }).waitFor();
      // The same address again would be a reload, with which the link stays.
      await page.goto('about:blank');
      await page.goto(`${world.server.origin}/hub`);
      await page.getByRole('heading', { name: 'This link is not valid' }).waitFor();
      await page.goto(`${world.server.origin}/connect/oauth2/autodesk/callback?state=x&code=y`);
      await page.getByRole('heading', { name: 'Authorization not recognized' }).waitFor();
      await page.waitForURL(`${world.server.origin}/connect/oauth2/autodesk/callback`);
      await picture(page, 'refused');
    });
  });

  it("shows a provider's hostile text as text", async () => {
    const invited = await invite();
    await visit(async (page) => {
      const payload = `"><img src=x onerror=alert(1)><script>alert(2)</script></p><a href="javascript:alert(3)">x</a>`;
      await page.route(/\/authentication\/v2\/authorize/, async (route) => {
        const state = new URL(route.request().url()).searchParams.get('state') ?? '';
        const query = new URLSearchParams({ error: payload, error_description: payload, state });
        const location = `${world.server.origin}/connect/oauth2/autodesk/callback?${query}`;
        await route.fulfill({ status: 302, headers: { location } });
      });
      await page.goto(invited.url);
      await page.getByRole('button', { name: 'Continue to Autodesk' }).click();
      await page.getByRole('heading', { name: 'Autodesk could not be connected' }).waitFor();
      expect(await page.getByRole('main').innerText()).toContain('<img src=x onerror=alert(1)>');
      expect(await page.locator('main img, main script, main a').count()).toBe(0);
    });
  });

  it('takes the code of another device, with the keyboard alone', async () => {
    const invited = await invite({ flow: 'device' });
    await visit(async (page) => {
      await page.goto(invited.device.verification_url);
      await page.getByRole('heading', { name: 'Connect a device' }).waitFor();
      await page.keyboard.press('Tab');
      await page.keyboard.type('bcdf-ghjk');
      await page.keyboard.press('Enter');
      await page.getByText('There is no such code').waitFor();
      await picture(page, 'device');
      await page.getByLabel('Code').fill('');
      await page.keyboard.type(invited.device.user_code.toLowerCase().replace('-', ' '));
      await page.keyboard.press('Enter');
      await page.getByRole('button', { name: 'Continue to Autodesk' }).waitFor();
      expect(page.url()).toBe(`${world.server.origin}/hub`);
      // The region, what is folded away, then the button.
      for (const name of ['SELECT', 'SUMMARY', 'BUTTON']) {
        await page.keyboard.press('Tab');
        expect(await page.evaluate('document.activeElement.tagName')).toBe(name);
      }
      await page.keyboard.press('Enter');
      await decide(page, 'Allow');
      await page.getByText('You can go back to your other device').waitFor();
    });
    expect((await session(invited)).state).toBe('authenticated');
  });

  it.each([
    { name: 'phone', width: 360, height: 740, colorScheme: 'light' as const },
    { name: 'small-dark', width: 320, height: 568, colorScheme: 'dark' as const },
    { name: 'desktop-dark', width: 1_280, height: 800, colorScheme: 'dark' as const },
  ])('fits on a screen of $width pixels ($colorScheme)', async ({ name, width, height, colorScheme }) => {
    const invited = await invite({ owner_name: 'Donaudampfschifffahrtsgesellschaftskapitänsmützenabzeichen Inc.' });
    await visit(
      async (page) => {
        const fits = () => page.evaluate('document.documentElement.scrollWidth <= innerWidth');
        await page.goto(invited.url);
        const button = page.getByRole('button', { name: 'Continue to Autodesk' });
        await button.waitFor();
        expect(await page.getByText('Inc..').count()).toBe(0);
        expect(await fits()).toBe(true);
        // WCAG 2.2, 2.5.8 wants 24; thumbs want more.
        expect((await button.boundingBox())?.height).toBeGreaterThanOrEqual(44);
        await picture(page, name);
        await button.click();
        await decide(page, 'Allow');
        await page.getByRole('heading', { name: 'Autodesk is connected' }).waitFor();
        expect(await fits()).toBe(true);
        await picture(page, `${name}-done`);
      },
      { viewport: { width, height }, colorScheme },
    );
  });
});
