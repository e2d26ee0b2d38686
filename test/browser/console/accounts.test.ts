import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { clientOf } from '../../support/client.ts';
import { startKeyedProvider } from '../../support/keyed-provider.ts';
import { obtainElsewhere, peopleOf } from '../../support/provided-token.ts';
import { openSqlite, startServer, type World } from '../../support/server.ts';
import { inChromium } from '../support/chromium.ts';
import { expectAccessible, expectNoSidewaysScroll, pictures, startConsole, visitConsole } from './support.ts';

const HTML = `<img src=x onerror="document.title='owned'"><b>bold</b>`;
const RIGHT_TO_LEFT = '\u202eشركة البناء';

inChromium('the accounts of the console', (launch) => {
  let browser: Browser;
  let world: World;
  let people: string;
  beforeAll(async () => {
    [browser, world] = await Promise.all([launch(), startConsole({ manyHubCalls: true })]);
    const made = await world.operator.post('/connector_profiles', {
      name: 'People',
      connector: 'autodesk',
      authentication: 'three_legged',
      client_id: world.sandbox.clientId,
      client_secret: world.sandbox.clientSecret,
      scopes: ['data:read', 'user-profile:read'],
    });
    people = made.json.id;
  });
  afterAll(async () => {
    await browser?.close();
    await world?.stop();
  });

  async function newAccount(body: Record<string, unknown>): Promise<string> {
    const reply = await world.operator.post('/accounts', { connector_profile_id: world.profile, ...body });
    expect(reply.status, reply.text).toBe(201);
    return reply.json.id;
  }
  const title = (page: Page, name: string) => page.getByRole('heading', { level: 1, name }).waitFor();
  async function choose(page: Page, label: string, option: string): Promise<void> {
    await page.getByRole('combobox', { name: label, exact: true }).click();
    await page.getByRole('option', { name: option }).click();
  }
  async function more(page: Page, item: string): Promise<void> {
    await page.getByRole('button', { name: 'More for this account' }).click();
    await page.getByRole('menuitem', { name: item }).click();
    await page.getByRole('dialog').getByRole('button', { name: item }).click();
    await page.getByRole('dialog').waitFor({ state: 'detached' });
  }

  it('links a customer by an invitation that tells what became of it', () =>
    visitConsole(
      browser,
      world,
      async (page, context) => {
        await title(page, 'Accounts');
        await page.getByRole('link', { name: 'Link an account' }).click();
        await title(page, 'Link an account');
        await choose(page, 'Profile', 'People');
        await page.getByLabel('Owner id').fill('customer-7');
        await page.getByLabel('Owner name').fill('Acme Construction');
        await choose(page, 'region', 'EMEA');
        await pictures(page, 'link-form');
        await page.getByRole('button', { name: 'Make the invitation' }).click();
        await page.getByText('Waiting for the customer').waitFor();
        await page.getByRole('img', { name: 'QR code of the link' }).waitFor();
        await expectAccessible(page);
        await pictures(page, 'link-invitation');
        const url = (await page.getByRole('link', { name: 'Open it here' }).getAttribute('href')) ?? '';
        const kept = await page.evaluate(() =>
          JSON.stringify([{ ...localStorage }, { ...sessionStorage }, location.href]),
        );
        expect(kept).not.toContain(url.slice(-20));

        const customer = await browser.newContext();
        const hub = await customer.newPage();
        await hub.goto(url);
        await hub.getByRole('button', { name: 'Continue to Autodesk' }).click();
        await hub.getByRole('button', { name: 'Allow' }).click();
        await hub.getByRole('heading', { name: 'Autodesk is connected' }).waitFor();
        await customer.close();

        // By itself.
        await page.getByRole('status').getByText('Linked').waitFor();
        await page.getByRole('link', { name: 'Open the account' }).click();
        await title(page, 'Acme Construction');
        const access = page.getByRole('region', { name: 'Access at the provider' });
        await access.getByText('A person’s consent').waitFor();
        await access.getByText('data:read', { exact: true }).first().waitFor();
        await access.getByText(/of \d+ enabled actions can be called/).waitFor();
        await access.getByRole('button', { name: 'Refresh now' }).click();
        await page.getByText('Refreshed').waitFor();
        await pictures(page, 'account-consented');
        expect(context.pages()).toHaveLength(1);
      },
      { path: '/console/accounts' },
    ));

  it('shows a code to type on another device, and cancels an invitation', () =>
    visitConsole(
      browser,
      world,
      async (page) => {
        await page.getByText('Code on another device').click();
        await page.getByLabel('Owner id').fill('customer-8');
        await page.getByRole('button', { name: 'Make the invitation' }).click();
        await page.getByText('Code to type there').waitFor();
        await pictures(page, 'link-device');
        await page.getByRole('button', { name: 'Cancel the invitation' }).click();
        await page.getByText('It was cancelled').waitFor();
        await page.getByRole('button', { name: 'Make another' }).click();
        expect(await page.getByLabel('Owner id').inputValue()).toBe('customer-8');
      },
      { path: `/console/accounts/link?profile=${people}` },
    ));

  it('makes an account where nobody must consent, with what is wrong at its field', () =>
    visitConsole(
      browser,
      world,
      async (page, context) => {
        await page.getByLabel('Owner id').fill('customer-9');
        await page.getByLabel('account_id').fill('nonsense');
        await page.getByRole('button', { name: 'Make the account' }).click();
        const field = page.getByLabel('account_id');
        await expect.poll(() => field.getAttribute('aria-invalid')).toBe('true');
        await field.fill('');
        await page.getByRole('button', { name: 'Make the account' }).click();
        await title(page, 'customer-9');

        await page.getByRole('button', { name: 'Diagnose', exact: true }).click();
        const checks = page.getByRole('region', { name: 'Diagnose' });
        await checks.getByText('Passed').first().waitFor();
        await expectAccessible(page);
        await pictures(page, 'account-diagnosed');

        // What others change meanwhile takes nothing away, and nothing of theirs is overwritten unseen.
        const account = new URL(page.url()).pathname.replace('/console', '');
        await page.getByLabel('Owner name').fill('Number Nine');
        await world.operator.patch(account, { owner_id: 'customer-9b', owner_name: 'Theirs' });
        await page.getByRole('button', { name: 'Save' }).click();
        await page.getByText('Changed elsewhere meanwhile: owner_name').waitFor();
        expect(await page.getByLabel('Owner id').inputValue()).toBe('customer-9b');
        await page.getByRole('button', { name: 'Save' }).click();
        await title(page, 'Number Nine');
        await page.getByRole('button', { name: 'Discard' }).waitFor({ state: 'detached' });

        // Figures that are not renewed say so, and are renewed again.
        await context.setOffline(true);
        await page.getByRole('button', { name: 'Diagnose again' }).click();
        const stale = page.getByRole('status').getByText(/Not renewed since .+: the server does not answer/);
        await stale.first().waitFor();
        await title(page, 'Number Nine');
        await expectAccessible(page);
        await pictures(page, 'account-stale');
        await context.setOffline(false);
        await page.getByRole('button', { name: 'Try again' }).first().click();
        await stale.first().waitFor({ state: 'detached' });
      },
      { path: `/console/accounts/link?profile=${world.profile}` },
    ));

  it('takes a token and a newer one, and never shows either again', async () => {
    const made = await world.operator.post('/connector_profiles', {
      name: 'Tokens',
      connector: 'autodesk',
      authentication: 'token',
      client_id: world.sandbox.clientId,
      client_secret: world.sandbox.clientSecret,
      scopes: ['data:read', 'user-profile:read'],
    });
    const [person] = await peopleOf(world.sandbox);
    const user = person?.id ?? '';
    const obtain = () => obtainElsewhere(world.sandbox, { scopes: ['data:read', 'user-profile:read'], user });
    const [first, second] = [await obtain(), await obtain()];
    await visitConsole(
      browser,
      world,
      async (page) => {
        let answers = '';
        page.on('response', (response) => {
          // What is no text any more, was gone to by leaving a page.
          void response.text().then(
            (text) => (answers += text),
            () => {},
          );
        });
        await page.getByLabel('Owner id').fill('customer-11');
        const give = async ({ access_token, refresh_token }: typeof first) => {
          await page.getByRole('textbox', { name: 'Access token', exact: true }).fill(access_token);
          await page.getByRole('textbox', { name: 'Refresh token' }).fill(refresh_token);
        };
        await give({ ...first, access_token: 'made-up' });
        await page.getByRole('button', { name: 'Make the account' }).click();
        await page.getByRole('alert').getByText('credential_inactive').waitFor();
        await give(first);
        await pictures(page, 'link-token');
        await page.getByRole('button', { name: 'Make the account' }).click();
        await title(page, 'customer-11');
        await page.getByRole('link', { name: 'Link again' }).click();
        await title(page, 'Link again');
        await give(second);
        await page.getByRole('button', { name: 'Link again' }).click();
        await title(page, 'customer-11');
        await page.getByText('A token from elsewhere').waitFor();
        const kept = await page.evaluate(() =>
          JSON.stringify([
            { ...localStorage },
            { ...sessionStorage },
            location.href,
            document.documentElement.outerHTML,
          ]),
        );
        for (const { access_token, refresh_token } of [first, second])
          for (const secret of [access_token, refresh_token]) {
            expect(kept).not.toContain(secret);
            expect(answers).not.toContain(secret);
          }
      },
      { path: `/console/accounts/link?profile=${made.json.id}` },
    );
  });

  it('takes a key and that of another person, says what is wrong with one, and never shows any', async () => {
    const [provider, store] = await Promise.all([startKeyedProvider(), openSqlite()]);
    const server = await startServer({ ...store.env, ...provider.env });
    onTestFinished(async () => {
      await server.stop('SIGKILL');
      await Promise.all([provider.stop(), store.remove()]);
    });
    const [key, other, wrong] = ['kt-key-of-anna', 'kt-key-of-bert', 'kt-key-of-nobody'];
    provider.keys.set(key, { id: 'anna', scopes: 'read' });
    const { json: profile } = await clientOf(server.origin, server.operatorKey).post('/connector_profiles', {
      ...{ name: 'Keys', connector: 'keyed', authentication: 'key', scopes: ['read'] },
    });
    provider.keys.set(other, { id: 'bert', scopes: 'read' });
    const answers: Promise<string>[] = [];
    const give = async (page: Page, button: string, secret: string) => {
      await page.getByRole('textbox', { name: 'API key' }).fill(secret);
      await page.getByRole('button', { name: button, exact: true }).click();
    };
    await visitConsole(
      browser,
      { server },
      async (page) => {
        page.on('response', (response) => answers.push(response.text().catch(() => '')));
        await page.getByRole('textbox', { name: 'Owner id' }).fill(' customer-1 ');
        await give(page, 'Make the account', wrong);
        await page.getByRole('alert').first().waitFor();
        expect(await page.getByRole('textbox', { name: 'Owner id' }).inputValue()).toBe(' customer-1 ');
        await give(page, 'Make the account', key);
        await page.getByRole('heading', { level: 1, name: 'customer-1' }).waitFor();
        await page.getByText('The account’s own key').waitFor();
        await page.getByText('Person anna').first().waitFor();

        await page.getByRole('link', { name: 'Link again' }).click();
        await give(page, 'Link again', other);
        await page.getByRole('alert').getByText('identity_changed').waitFor();
        await page.getByRole('checkbox', { name: 'May be another person than before' }).check();
        await page.getByRole('button', { name: 'Link again', exact: true }).click();
        await page.getByText('Account linked again').waitFor();
        await page.getByText('Person bert').first().waitFor();
        const told = (await Promise.all(answers)).join('\n') + (await page.content());
        for (const secret of [key, other, wrong]) expect(told).not.toContain(secret);
      },
      { path: `/console/accounts/link?profile=${profile.id}` },
    );
  });

  it('says what to do where the set-up at the provider is wrong', async () => {
    const id = await newAccount({ owner_id: 'unprovisioned' });
    await world.sandbox.faults([
      {
        kind: 'status',
        path: '/authentication/v2/token',
        status: 401,
        body: { developerMessage: 'The client_id specified does not have access' },
      },
    ]);
    // Another app, so that no token is at hand.
    const other = await world.operator.post('/connector_profiles', {
      name: 'Wrong app',
      connector: 'autodesk',
      authentication: 'two_legged',
      client_id: 'another-app',
      client_secret: 'another-secret',
      scopes: ['data:read'],
    });
    const broken = await newAccount({ owner_id: id, connector_profile_id: other.json.id });
    await visitConsole(
      browser,
      world,
      async (page) => {
        await page.getByRole('button', { name: 'Diagnose', exact: true }).click();
        await page.getByText('What to do').first().waitFor();
        await page.getByText(/checks failed/).waitFor();
        await expectNoSidewaysScroll(page);
        await pictures(page, 'account-failing');
      },
      { path: `/console/accounts/${broken}` },
    );
    await world.sandbox.faults([]);
  });

  it('suspends, resumes and deletes, each after a question', async () => {
    const id = await newAccount({ owner_id: 'customer-10', owner_name: 'Tenth' });
    await visitConsole(
      browser,
      world,
      async (page) => {
        const button = page.getByRole('button', { name: 'More for this account' });
        for (const reducedMotion of ['reduce', 'no-preference'] as const) {
          await page.emulateMedia({ reducedMotion });
          await button.click();
          await page.getByRole('menuitem', { name: 'Suspend' }).click();
          await page.getByRole('dialog').waitFor();
          await page.keyboard.press('Escape');
          await page.getByRole('dialog').waitFor({ state: 'detached' });
          // The item that was clicked is gone with its menu.
          await expect.poll(() => button.evaluate((element) => element === document.activeElement)).toBe(true);
        }
        await page.emulateMedia({ reducedMotion: 'reduce' });
        await more(page, 'Suspend');
        await page.getByText('Suspended by an operator.').first().waitFor();
        await pictures(page, 'account-suspended');
        await more(page, 'Resume');
        await page.getByText('Active', { exact: true }).first().waitFor();
        await more(page, 'Delete');
        await title(page, 'Accounts');
        // An app's own token is nothing that a person gave.
        await page.getByText('Account deleted', { exact: true }).waitFor();
      },
      { path: `/console/accounts/${id}` },
    );
    expect((await world.operator.get(`/accounts/${id}`)).status).toBe(404);
  });

  it('shows names of any kind as text, and finds them', async () => {
    await newAccount({ owner_id: HTML, owner_name: HTML });
    await newAccount({ owner_id: 'rtl', owner_name: RIGHT_TO_LEFT });
    await newAccount({ owner_id: 'long', owner_name: 'W'.repeat(200) });
    await visitConsole(
      browser,
      world,
      async (page) => {
        await page.getByRole('link', { name: HTML }).waitFor();
        expect(await page.locator('main img, main b').count()).toBe(0);
        await expectNoSidewaysScroll(page);
        await pictures(page, 'accounts');
        const seeded = page.getByRole('row').filter({ hasText: 'customer-1' }).first();
        await seeded.getByText(/of \d+ actions allowed/).waitFor();
        await seeded.getByText(/^\d+ missing/).waitFor();
        await page.getByLabel('Owner').fill('bold');
        await expect.poll(() => page.getByRole('row').count()).toBe(2);
        await choose(page, 'Status', 'Inactive');
        await page.getByText('No account fits').waitFor();
        expect(page.url()).toContain('status=inactive');
        await page.getByRole('button', { name: 'Clear filters' }).first().click();
        await page.getByRole('link', { name: HTML }).click();
        await page.getByRole('heading', { level: 1 }).filter({ hasText: 'bold' }).waitFor();
        expect(await page.title()).toContain('<img');
        await expectNoSidewaysScroll(page);
      },
      { path: '/console/accounts' },
    );
  });
});
