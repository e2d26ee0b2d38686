import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Client, clientOf } from '../support/client.ts';
import { type KeyedProvider, startKeyedProvider } from '../support/keyed-provider.ts';
import { openSqlite, type Server, type StoreOfTest, startServer } from '../support/server.ts';
import { inChromium, visitor } from './support/chromium.ts';
import { type CustomerApp, startCustomerApp } from './support/customer-app.ts';

/** Where pictures of the pages go, for people to look at; none are taken without it. */
const PICTURES = process.env.TEST_SCREENSHOTS;
const KEY = 'kt-key-of-anna-that-nobody-sees';
const WRONG = 'kt-key-that-is-not-one';

inChromium('the link page of a key', (launch) => {
  let browser: Browser;
  let provider: KeyedProvider;
  let store: StoreOfTest;
  let app: CustomerApp;
  let server: Server;
  let operator: Client;
  let profile: string;
  beforeAll(async () => {
    [browser, provider, store, app] = await Promise.all([
      launch(),
      startKeyedProvider(),
      openSqlite(),
      startCustomerApp(),
    ]);
    server = await startServer({ ...store.env, ...provider.env, CORBEL_LOG_LEVEL: 'trace' });
    operator = clientOf(server.origin, server.operatorKey);
    provider.keys.set(KEY, { id: 'anna', scopes: 'read,write' });
    await operator.call('PUT', '/project_settings', {
      body: { workspace_name: 'Tower & Sons', return_urls: [], popup_origins: [app.origin] },
    });
    const body = { name: 'Keys', connector: 'keyed', authentication: 'key', scopes: ['read'] };
    profile = (await operator.post('/connector_profiles', body)).json.id;
  });
  afterAll(async () => {
    await browser?.close();
    await server?.stop('SIGKILL');
    await Promise.all([provider?.stop(), app?.stop(), store?.remove()]);
  });

  const invite = async (more: object = {}) =>
    (await operator.post('/connect_sessions', { connector_profile_id: profile, owner_id: 'Acme Inc.', ...more })).json;

  async function picture(page: Page, name: string): Promise<void> {
    if (PICTURES !== undefined) await page.screenshot({ path: `${PICTURES}/${name}.png`, fullPage: true });
  }

  /** Everything in which a page could keep something; what stands in its fields, too. */
  const kept = (page: Page): Promise<string> =>
    page.evaluate(`JSON.stringify([
      document.documentElement.outerHTML, [...document.querySelectorAll('input')].map(({ value }) => value),
      location.href, history.state, { ...localStorage }, { ...sessionStorage }, document.cookie,
    ])`);

  async function paste(page: Page, key: string): Promise<void> {
    await page.getByLabel('Access key').fill(key);
    await page.getByRole('button', { name: 'Connect Keyed' }).click();
  }

  it('takes it, also after one that was refused, and keeps nothing of it', async () => {
    const invited = await invite();
    const { context, faults } = await visitor(browser);
    const sent: string[] = [];
    context.on('request', (request) => sent.push(`${request.method()} ${request.url()}`));
    const page = await context.newPage();
    await page.goto(invited.url);
    await page.getByRole('heading', { name: 'Connect Keyed to Tower & Sons' }).waitFor();
    await page.getByText('Make a key under Settings, Keys.').waitFor();
    const field = page.getByLabel('Access key');
    const traits = `(({ type, name, autocomplete }) => [type, name, autocomplete])(document.querySelector('input'))`;
    expect(await page.evaluate(traits)).toEqual(['password', '', 'off']);
    await picture(page, 'key');
    await page.getByRole('button', { name: 'Connect Keyed' }).click();
    await page.getByText('Please fill this in.').waitFor();
    await paste(page, `  ${WRONG}\n`);
    await page.getByText('This key is not accepted.').waitFor();
    expect(await field.getAttribute('aria-invalid')).toBe('true');
    expect(await kept(page)).not.toContain(WRONG);
    await picture(page, 'key-refused');
    await paste(page, KEY);
    await page.getByRole('heading', { name: 'Keyed is connected' }).waitFor();
    expect(await kept(page)).not.toContain(KEY);
    await page.reload();
    await page.getByRole('heading', { name: 'This link was used already' }).waitFor();
    expect(await kept(page)).not.toContain(KEY);
    for (const secret of [KEY, WRONG]) {
      expect(sent.filter((line) => line.includes(secret))).toEqual([]);
      expect(server.stdout() + server.stderr()).not.toContain(secret);
    }
    expect(sent.filter((line) => !line.startsWith(`GET ${server.origin}/`) && line.includes('/start'))).toEqual(
      Array(2).fill(`POST ${server.origin}/hub/start`),
    );
    expect(faults).toEqual([]);
    await context.close();
    const { account_id } = (await operator.get(`/connect_sessions/${invited.id}`)).json;
    expect((await operator.get(`/accounts/${account_id}`)).json.identity.subject).toBe('anna');
  });

  it('tells the page that opened it in a popup, and closes', async () => {
    const invited = await invite({ popup_origin: app.origin });
    const { context, faults } = await visitor(browser);
    const page = await context.newPage();
    await page.goto(app.origin);
    const opened = context.waitForEvent('page');
    await page.evaluate(`openLink(${JSON.stringify(invited.url)})`);
    await paste(await opened, KEY);
    await page.waitForFunction('told.length > 0');
    const told = JSON.stringify(await page.evaluate('told'));
    expect(told).toContain('authenticated');
    expect(told).not.toContain(KEY);
    await page.waitForFunction('popup.closed');
    expect(faults).toEqual([]);
    await context.close();
  });
});
