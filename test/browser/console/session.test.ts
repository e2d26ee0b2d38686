import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { makeKey, type World } from '../../support/server.ts';
import { inChromium } from '../support/chromium.ts';
import { expectNoSidewaysScroll, pictures, signIn, startConsole, visitConsole } from './support.ts';

// What an operator waits for, over a slow line.
const MAX_FIRST_LOAD_BYTES = 250 * 1024;

inChromium('the console, its sign-in and its session', (launch) => {
  let browser: Browser;
  let world: World;
  beforeAll(async () => {
    [browser, world] = await Promise.all([launch(), startConsole()]);
  });
  afterAll(async () => {
    await browser?.close();
    await world?.stop();
  });

  it('signs an operator in and out', () =>
    visitConsole(
      browser,
      world,
      async (page, context) => {
        const field = page.getByLabel('Operator key');
        expect(await field.getAttribute('type')).toBe('password');
        expect(await field.getAttribute('autocomplete')).toBe('off');
        await expectNoSidewaysScroll(page);
        await pictures(page, 'sign-in');

        const key = world.server.operatorKey ?? '';
        await signIn(page, key);
        await page.getByRole('heading', { level: 1 }).waitFor();
        const kept = await page.evaluate(() =>
          JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie]),
        );
        expect(kept).not.toContain(key.slice(-20));
        expect(await page.content()).not.toContain(key.slice(-20));
        const [cookie] = await context.cookies();
        expect(cookie).toMatchObject({ name: 'corbel_session', httpOnly: true, sameSite: 'Strict' });
        await pictures(page, 'shell');

        // Another tab signs in with another key: nothing is done or shown with it under the name of the first.
        const other = await makeKey(world.operator, { name: 'Other', role: 'operator' });
        await context.request.post(`${world.server.origin}/console/session`, { data: { key: other.token } });
        await page.getByRole('link', { name: 'API keys' }).click();
        await page.getByText('Signed in with the key Other').waitFor();
        // With the same key once more, which the page need not mind.
        await context.request.post(`${world.server.origin}/console/session`, { data: { key: other.token } });
        await page.getByRole('link', { name: 'Accounts' }).click();
        await page.getByRole('table').waitFor();

        await page.route('**/console/session', (route) => route.abort());
        await page.getByRole('button', { name: 'Sign out' }).click();
        await page.getByText('The server could not be told').waitFor();
        await page.unroute('**/console/session');
        await page.reload();
        await page.getByText('Signed in with the key Other').waitFor();
        const tab = await context.newPage();
        await tab.goto(`${world.server.origin}/console`);
        await tab.getByRole('button', { name: 'Sign out' }).waitFor();
        // Signing out means this browser, whoever is signed in by now.
        await context.request.post(`${world.server.origin}/console/session`, { data: { key } });
        await page.getByRole('button', { name: 'Sign out' }).click();
        await page.getByRole('heading', { name: 'Sign in' }).waitFor();
        expect(await page.getByText('Your session has ended').count()).toBe(0);
        await tab.getByRole('heading', { name: 'Sign in' }).waitFor();
        await tab.close();
        expect(await context.cookies()).toEqual([]);
        await page.reload();
        await page.getByRole('heading', { name: 'Sign in' }).waitFor();
      },
      { key: null },
    ));

  it('tells why a key is not accepted, at the field', () =>
    visitConsole(
      browser,
      world,
      async (page) => {
        const attempt = async (key: string) => {
          await page.getByLabel('Operator key').fill(key);
          await page.getByRole('button', { name: 'Sign in' }).click();
        };
        await attempt('ck_wrong');
        await page.getByRole('alert').filter({ hasText: 'not one of this server' }).waitFor();
        expect(await page.getByLabel('Operator key').getAttribute('aria-invalid')).toBe('true');
        const backend = await makeKey(world.operator, { role: 'backend' });
        await attempt(backend.token);
        await page.getByRole('alert').filter({ hasText: 'Only operators' }).waitFor();
        await pictures(page, 'sign-in-refused');
      },
      { key: null },
    ));

  it('asks to sign in again when the session is over, and goes on at the same page', async () => {
    const key = await makeKey(world.operator, { role: 'operator' });
    await visitConsole(
      browser,
      world,
      async (page) => {
        await signIn(page, key.token);
        await page.getByRole('heading', { level: 1, name: 'Settings' }).waitFor();
        await world.operator.delete(`/api_keys/${key.id}`);
        // Nobody is there: what stood on the screen goes by itself, soon after the thirty minutes of an idle session.
        await page.clock.fastForward('00:35:00');
        await page.getByText('Your session has ended').waitFor();
        await pictures(page, 'session-ended');
        await signIn(page, world.server.operatorKey ?? '');
        await page.getByRole('heading', { level: 1, name: 'Settings' }).waitFor();
        await expect.poll(() => page.evaluate(() => document.activeElement?.id)).toBe('main');
        expect(page.url()).toMatch(/\/console\/settings\?tab=webhooks$/);
      },
      { path: '/console/settings?tab=webhooks', key: null, clock: true },
    );
  });

  it('can be gone through with the keyboard, and shows what does not exist', () =>
    visitConsole(
      browser,
      world,
      async (page) => {
        await page.getByRole('heading', { level: 1, name: 'No such page' }).waitFor();
        await page.keyboard.press('Tab');
        // From the top: the field of the sign-in had the focus before.
        await page.getByRole('link', { name: 'Skip to content' }).focus();
        await page.keyboard.press('Enter');
        expect(await page.evaluate(() => document.activeElement?.id)).toBe('main');
        await page.getByRole('link', { name: 'Go to the overview' }).click();
        const title = page.getByRole('heading', { level: 1 });
        await title.waitFor();
        await expect.poll(() => title.evaluate((element) => element === document.activeElement)).toBe(true);
      },
      { path: '/console/nowhere' },
    ));

  it('keeps the theme that was chosen', () =>
    visitConsole(browser, world, async (page) => {
      const scheme = () => page.evaluate(() => document.documentElement.dataset.mantineColorScheme);
      await page.getByRole('button', { name: /Theme: as the system/ }).click();
      await page.getByRole('button', { name: /Theme: light/ }).click();
      expect(await scheme()).toBe('dark');
      await page.reload();
      await page.getByRole('button', { name: /Theme: dark/ }).waitFor();
      expect(await scheme()).toBe('dark');
      await page.getByRole('button', { name: /Theme: dark/ }).click();
    }));

  it('fits a narrow screen, with its navigation behind a button', () =>
    visitConsole(
      browser,
      world,
      async (page) => {
        await expectNoSidewaysScroll(page);
        const navigation = page.getByRole('navigation', { name: 'Main' });
        expect(await navigation.isVisible()).toBe(false);
        await page.getByRole('button', { name: 'Open the navigation' }).click();
        await navigation.waitFor();
        await page.getByRole('button', { name: 'Close the navigation' }).click();
        await navigation.waitFor({ state: 'hidden' });
      },
      { context: { viewport: { width: 360, height: 740 } } },
    ));

  it('loads at most 250 KB before the sign-in', () =>
    visitConsole(
      browser,
      world,
      async (page, context) => {
        const session = await context.newCDPSession(page);
        await session.send('Network.enable');
        await session.send('Network.setCacheDisabled', { cacheDisabled: true });
        let bytes = 0;
        session.on('Network.loadingFinished', ({ encodedDataLength }) => {
          bytes += encodedDataLength;
        });
        await page.reload({ waitUntil: 'networkidle' });
        expect(bytes).toBeGreaterThan(100_000);
        expect(bytes).toBeLessThanOrEqual(MAX_FIRST_LOAD_BYTES);
        if (process.env.TEST_SCREENSHOTS !== undefined) process.stdout.write(`first load: ${bytes} bytes\n`);
      },
      { key: null },
    ));
});
