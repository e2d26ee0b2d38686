import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { World } from '../../support/server.ts';
import { inChromium } from '../support/chromium.ts';
import { expectAccessible, expectNoSidewaysScroll, pictures, startConsole, visitConsole } from './support.ts';

const WRONG_SECRET = 'wrong-secret-4f1c9d0a';

inChromium('connector profiles in the console', (launch) => {
  let browser: Browser;
  let world: World;
  beforeAll(async () => {
    [browser, world] = await Promise.all([launch(), startConsole({ allActions: true })]);
  });
  afterAll(async () => {
    await browser?.close();
    await world?.stop();
  });

  it('are created as the guide says, tested red and green, and their secret is replaced and never shown', () =>
    visitConsole(
      browser,
      world,
      async (page, context) => {
        const told = answersIn(context);
        await page.getByRole('link', { name: 'New profile' }).click();
        await page.getByRole('searchbox', { name: 'Search connectors' }).fill('autod');
        await pictures(page, 'profile-connector');
        // Where the focus is in the card that it was in, when what had it is gone.
        const card = () => page.evaluate(() => document.activeElement?.closest('section')?.textContent ?? '');
        await page.getByRole('radio', { name: 'Autodesk' }).click();
        await expect.poll(card).toMatch(/^ConnectorAutodesk/);
        await page.getByRole('radio', { name: 'OAuth 2.0 (Two-Legged)' }).check();

        await page.getByRole('textbox', { name: 'Name' }).fill('Sandbox of the tests');
        await page.getByRole('button', { name: 'Create and test' }).click();
        await page.getByText('is required by the authentication').first().waitFor();
        const clientId = page.getByLabel('Client ID');
        await expect.poll(() => clientId.evaluate((field) => field === document.activeElement)).toBe(true);
        await clientId.fill(world.sandbox.clientId);
        expect(await clientId.getAttribute('aria-invalid')).not.toBe('true');
        await page.getByRole('textbox', { name: 'Client secret' }).fill(WRONG_SECRET);

        // Everything that was wrong has been changed.
        await page.getByText('Not saved').waitFor({ state: 'detached' });
        // One of the connector's needs a person, whom this type does not have.
        await page.getByText('All 51 actions need').waitFor();
        expect(await page.getByText('user-profile:read', { exact: true }).count()).toBe(1);
        await page.getByText('Only those selected').click();
        await page.getByRole('searchbox', { name: 'Search actions' }).fill('hub');
        await page.getByRole('checkbox', { name: 'List Hubs' }).check();
        await page.getByRole('checkbox', { name: 'Get Hub' }).check();
        await page.getByRole('button', { name: 'Use exactly these' }).first().click();
        await expect.poll(card).toMatch(/^Scopes/);
        expect(await page.getByRole('checkbox', { name: 'data:read' }).isChecked()).toBe(true);
        await page.getByText('exactly what is chosen').waitFor();
        await pictures(page, 'profile-new');
        await expectAccessible(page);
        await page.getByRole('button', { name: 'Create and test' }).click();

        await page.getByRole('heading', { level: 1, name: 'Sandbox of the tests' }).waitFor();
        const outcomes = page.getByRole('list', { name: 'Outcomes' });
        await outcomes.getByText('Failed').waitFor();
        await outcomes.getByText('data:read').waitFor();
        await expectHidden(page, told, WRONG_SECRET);
        await pictures(page, 'profile-red');

        await page.getByRole('button', { name: 'Replace: Client secret' }).click();
        await page.getByRole('textbox', { name: 'Client secret' }).fill(world.sandbox.clientSecret);
        await page.getByRole('button', { name: 'Save' }).click();
        await page.getByText('Profile saved').waitFor();
        await page.getByText('Kept, and not shown').waitFor();
        await page.getByRole('button', { name: 'Test', exact: true }).click();
        await outcomes.getByText('Passed').waitFor();
        await expectHidden(page, told, world.sandbox.clientSecret);
        await pictures(page, 'profile-green');

        await page.getByRole('link', { name: 'Connector profiles' }).last().click();
        const row = page.getByRole('row').filter({ hasText: 'Sandbox of the tests' });
        await row.waitFor();
        expect(await row.getByRole('cell').allTextContents()).toEqual([
          'Sandbox of the tests',
          'Autodesk',
          'OAuth 2.0 (Two-Legged)',
          '1',
          '2',
          '0',
          'Enabled',
        ]);
        await expectHidden(page, told, world.sandbox.clientSecret);
      },
      { path: '/console/connector-profiles' },
    ));

  it('are found by filters, which stand in the address', () =>
    visitConsole(
      browser,
      world,
      async (page) => {
        await world.operator.post('/connector_profiles', {
          name: 'Keys',
          connector: 'stripe',
          authentication: 'api_key',
          scopes: [],
          enabled: false,
        });
        await page.reload();
        await page.getByRole('link', { name: 'Keys', exact: true }).waitFor();
        await pictures(page, 'profiles');
        await page.getByRole('searchbox', { name: 'Search' }).fill('key');
        await page.getByRole('link', { name: 'Sandbox', exact: true }).waitFor({ state: 'detached' });
        expect(page.url()).toContain('text=key');
        await page.getByRole('button', { name: 'Clear filters' }).click();
        await page.getByRole('link', { name: 'Sandbox', exact: true }).waitFor();
        await page.getByRole('combobox', { name: 'Status' }).click();
        await page.getByRole('option', { name: 'Disabled' }).click();
        await page.getByRole('link', { name: 'Sandbox', exact: true }).waitFor({ state: 'detached' });
        await page.getByRole('link', { name: 'Keys', exact: true }).click();
        await page.getByText('each account brings a key of its own').waitFor();
        await page.getByRole('button', { name: 'Test', exact: true }).click();
        await page.getByText('The profile has no credentials of its own').waitFor();
      },
      { path: '/console/connector-profiles' },
    ));

  it('name the scope that the provider refuses, of several', async () => {
    const { json } = await world.operator.post('/connector_profiles', {
      name: 'Too much',
      connector: 'autodesk',
      authentication: 'two_legged',
      client_id: world.sandbox.clientId,
      client_secret: world.sandbox.clientSecret,
      scopes: ['data:read', 'user-profile:read'],
    });
    await visitConsole(
      browser,
      world,
      async (page) => {
        await page.getByRole('button', { name: 'Test', exact: true }).click();
        const outcomes = page.getByRole('list', { name: 'Outcomes' }).getByRole('listitem');
        await outcomes.first().waitFor();
        const told = await outcomes.allInnerTexts();
        const direct = (await world.operator.post(`/connector_profiles/${json.id}/test`)).json;
        expect(told.map((text) => text.startsWith('Passed'))).toEqual(
          direct.checks.map(({ ok }: { ok: boolean }) => ok),
        );
      },
      { path: `/console/connector-profiles/${json.id}` },
    );
  });

  it('are disabled and enabled, keep what is typed, and are deleted with the accounts under them', async () => {
    const profile = `/connector_profiles/${world.profile}`;
    const more = await Promise.all(
      ['<script>alert(1)</script>', '\u202eשלום'].map((owner_name) =>
        world.operator.post('/accounts', { connector_profile_id: world.profile, owner_id: owner_name, owner_name }),
      ),
    );
    const stubborn = `/accounts/${more[0]?.json.id}`;
    await visitConsole(
      browser,
      world,
      async (page) => {
        await page.getByRole('button', { name: 'Disable' }).click();
        const dialog = page.getByRole('dialog');
        await dialog.getByText('are refused until it is enabled again').waitFor();
        await dialog.getByRole('button', { name: 'Disable' }).click();
        // What is typed outlives that the page asks anew.
        const name = page.getByRole('textbox', { name: 'Name' });
        await name.fill('Mine');
        await page.getByRole('button', { name: 'Enable' }).click();
        await page.getByText('Profile enabled').waitFor();
        expect((await world.backend.act('list_hubs', world.account)).status).toBe(200);
        expect(await name.inputValue()).toBe('Mine');

        await world.operator.patch(profile, { name: 'Theirs', scopes: ['data:read', 'data:write'] });
        await page.getByRole('button', { name: 'Save' }).click();
        await page.getByText('Changed elsewhere meanwhile: name').waitFor();
        expect(await page.getByRole('checkbox', { name: 'data:write' }).isChecked()).toBe(true);
        await expectAccessible(page);
        await page.getByRole('button', { name: 'Save' }).click();
        await page.getByText('Profile saved').waitFor();
        expect((await world.operator.get(profile)).json).toMatchObject({
          name: 'Mine',
          scopes: ['data:read', 'data:write'],
        });

        await page.getByRole('button', { name: 'Delete' }).click();
        await dialog.getByText('3 accounts are linked under').waitFor();
        await dialog.getByRole('link', { name: 'customer-1' }).waitFor();
        await dialog.getByRole('link', { name: '<script>' }).waitFor();
        const confirm = dialog.getByRole('button', { name: 'Delete it and 3 accounts' });
        const typed = dialog.getByRole('textbox', { name: 'Type the name' });
        await typed.fill('Theirs');
        expect(await confirm.isEnabled()).toBe(false);
        await typed.fill(' Mine');
        await expectAccessible(page);
        await pictures(page, 'profile-delete');

        // One of them cannot be deleted for now; the others are.
        await page.route(`**${stubborn}`, (route) =>
          route.request().method() === 'DELETE' ? route.fulfill({ status: 502 }) : route.continue(),
        );
        await confirm.click();
        await dialog.getByText('One account could not be deleted').waitFor();
        await dialog.getByText('2 of 3 accounts deleted', { exact: true }).waitFor();
        await expectAccessible(page);
        await pictures(page, 'profile-delete-failed');
        expect((await world.operator.get(profile)).json).toMatchObject({ enabled: false, account_count: 1 });
        await page.unroute(`**${stubborn}`);
        await dialog.getByRole('button', { name: 'Go on' }).click();
        await page.getByText('Profile deleted').waitFor();
        await page.getByRole('heading', { level: 1, name: 'Connector profiles' }).waitFor();
        expect(await page.getByRole('link', { name: 'Mine', exact: true }).count()).toBe(0);
      },
      { path: `/console${profile.replace('_', '-')}` },
    );
    expect((await world.operator.get(`/accounts/${world.account}`)).status).toBe(404);
    expect((await world.operator.get(profile)).status).toBe(404);
  });

  it('are deleted for good when nothing is linked under them', async () => {
    const { json } = await world.operator.post('/connector_profiles', {
      name: 'Gone soon',
      connector: 'stripe',
      authentication: 'api_key',
      scopes: [],
    });
    await visitConsole(
      browser,
      world,
      async (page) => {
        await page.getByRole('button', { name: 'Delete' }).click();
        await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
        await page.getByText('Profile deleted').waitFor();
        await page.getByRole('link', { name: 'New profile' }).waitFor();
        expect(await page.getByRole('link', { name: 'Gone soon' }).count()).toBe(0);
      },
      { path: `/console/connector-profiles/${json.id}` },
    );
    expect((await world.operator.get(`/connector_profiles/${json.id}`)).status).toBe(404);
  });

  it('ask for what a service account needs, on a narrow screen and with the keyboard', () =>
    visitConsole(
      browser,
      world,
      async (page) => {
        await page.getByRole('radio', { name: 'OAuth 2.0 (Two-Legged)' }).focus();
        await page.keyboard.press('ArrowDown');
        await page.keyboard.press('ArrowDown');
        await page.getByLabel('Private key').waitFor();
        expect(await page.getByRole('radio', { name: 'Secure Service Account' }).isChecked()).toBe(true);
        await expectNoSidewaysScroll(page);
        for (const label of ['Client ID', 'Service account ID', 'Key ID']) await page.getByLabel(label).fill('x');
        await page.getByRole('textbox', { name: 'Client secret' }).fill('x');
        await page.getByLabel('Private key').fill('no key');
        await page.keyboard.press('Tab');
        await page.getByRole('button', { name: 'Create and test' }).focus();
        await page.keyboard.press('Enter');
        await page.getByText('must be a private key in PEM').waitFor();
      },
      {
        path: '/console/connector-profiles/new?connector=autodesk',
        context: { viewport: { width: 360, height: 740 } },
      },
    ));
});

/** Every answer of the API so far. */
function answersIn(context: BrowserContext): Promise<string>[] {
  const answers: Promise<string>[] = [];
  context.on('response', (response) => {
    if (response.headers()['content-type']?.includes('json')) answers.push(response.text().catch(() => ''));
  });
  return answers;
}

async function expectHidden(page: Page, answers: readonly Promise<string>[], secret: string): Promise<void> {
  expect(await page.content()).not.toContain(secret);
  const kept = await page.evaluate(() =>
    JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie, history.state]),
  );
  expect(kept).not.toContain(secret);
  const values = await page.evaluate(() =>
    [...document.querySelectorAll('input, textarea')].map((field) => (field as HTMLInputElement).value),
  );
  expect(values).not.toContain(secret);
  expect(page.url()).not.toContain(secret);
  expect((await Promise.all(answers)).join('\n')).not.toContain(secret);
}
