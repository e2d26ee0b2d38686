import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { clientOf } from '../../support/client.ts';
import { type ConnectorsCopy, copyConnectors } from '../../support/connectors.ts';
import { type Receiver, startReceiver } from '../../support/receiver.ts';
import type { World } from '../../support/server.ts';
import { inChromium } from '../support/chromium.ts';
import {
  expectAccessible,
  expectNoSidewaysScroll,
  goWithin,
  pictures,
  signIn,
  startConsole,
  visitConsole,
} from './support.ts';

const HUBS = 'autodesk/actions/hubs.yaml';

inChromium('keys, audit, connectors, settings and the overview in the console', (launch) => {
  let browser: Browser;
  let world: World;
  let connectors: ConnectorsCopy;
  beforeAll(async () => {
    connectors = await copyConnectors();
    [browser, world] = await Promise.all([
      launch(),
      startConsole({ env: { CORBEL_CONNECTORS_DIR: connectors.directory } }),
    ]);
  });
  afterAll(async () => {
    await browser?.close();
    await world?.stop();
    await connectors?.remove();
  });

  const title = (page: Page, name: string | RegExp) => page.getByRole('heading', { level: 1, name }).waitFor();

  it('makes a key, shows it once, and revokes it; the audit trail tells of both', () =>
    visitConsole(
      browser,
      world,
      async (page) => {
        await title(page, 'API keys');
        await pictures(page, 'api-keys');
        await page.getByRole('button', { name: 'New key' }).click();
        const form = page.getByRole('dialog', { name: 'New API key' });
        await form.getByLabel('Name').fill('Nightly export');
        await form.getByLabel('Only certain actions').check();
        await form.getByRole('combobox', { name: 'Actions' }).fill('list_hubs');
        await page.getByRole('option', { name: 'autodesk_list_hubs' }).click();
        for (const action of ['autodesk_list_projects', 'autodesk_get_project']) {
          await form.getByRole('combobox', { name: 'Actions' }).fill(action);
          await page.getByRole('option', { name: action }).click();
        }
        await page.keyboard.press('Tab');
        await form.getByLabel('Only certain accounts').check();
        await form.getByRole('combobox', { name: 'Accounts' }).fill('customer-1');
        await page.getByRole('option', { name: /customer-1/ }).click();
        await page.keyboard.press('Tab');
        await expectAccessible(page);
        await pictures(page, 'api-key-new');
        await form.getByRole('button', { name: 'Create key' }).click();
        const created = page.getByRole('dialog', { name: 'Key created' });
        const token = (await created.locator('code').filter({ hasText: /^ck_/ }).textContent()) ?? '';
        await expectAccessible(page);
        await pictures(page, 'api-key-created');

        const caller = clientOf(world.server.origin, token);
        expect((await caller.act('list_hubs', world.account)).status).toBe(200);
        const other = await caller.act('get_hub', world.account, { hub_id: world.hub });
        expect([other.status, other.json.code]).toEqual([403, 'key_not_allowed']);

        await created.getByRole('button', { name: 'I have copied it' }).click();
        await created.waitFor({ state: 'hidden' });
        const secret = token.slice(-20);
        expect(await page.content()).not.toContain(secret);
        expect(page.url()).not.toContain('ck_');

        await page.getByRole('link', { name: 'Nightly export' }).click();
        const drawer = page.getByRole('dialog', { name: 'Nightly export' });
        await drawer.getByText('autodesk_list_hubs').waitFor();
        await expectAccessible(page);
        await pictures(page, 'api-key');

        await drawer.getByRole('button', { name: 'Narrow or rename' }).click();
        const narrowing = page.getByRole('dialog', { name: 'Narrow or rename this key' });
        const save = narrowing.getByRole('button', { name: 'Save' });
        expect(await save.isDisabled()).toBe(true);
        await narrowing.getByLabel('Name').fill('Weekly export');
        await narrowing.getByRole('combobox', { name: 'Actions' }).press('Backspace');
        expect(await page.getByRole('option').allTextContents()).toEqual(['autodesk_get_project']);
        await page.keyboard.press('Tab');
        await narrowing.getByRole('combobox', { name: 'Expires' }).click();
        await page.getByRole('option', { name: 'In 7 days' }).click();
        await expectAccessible(page);
        await pictures(page, 'api-key-narrow');
        // Somebody else takes more away meanwhile: what is chosen here would give some of it back.
        const { id } = (await world.operator.get('/audit?action=api_key.created&limit=1')).json.data[0].target;
        await world.operator.patch(`/api_keys/${id}`, { actions: ['autodesk_list_hubs'] });
        await save.click();
        await narrowing.getByText(/has "autodesk_list_projects", which the key does not/).waitFor();
        await expect.poll(() => narrowing.getByText('autodesk_list_projects', { exact: true }).count()).toBe(0);
        await save.click();
        await narrowing.waitFor({ state: 'hidden' });
        const { json: narrowed } = await world.operator.get(`/api_keys/${id}`);
        expect(narrowed).toMatchObject({ name: 'Weekly export', actions: ['autodesk_list_hubs'] });
        expect(Date.parse(narrowed.expires_at)).toBeGreaterThan(Date.now() + 6 * 86_400_000);
        expect((await caller.act('list_hubs', world.account)).status).toBe(200);
        const weekly = page.getByRole('dialog', { name: 'Weekly export' });
        await weekly.getByRole('button', { name: 'Revoke' }).click();
        // Escape closes the question alone, and the focus is where it was.
        const question = page.getByRole('dialog', { name: 'Revoke this key?' });
        await question.waitFor();
        await page.keyboard.press('Escape');
        await question.waitFor({ state: 'detached' });
        await expect.poll(() => page.evaluate(() => document.activeElement?.textContent)).toBe('Revoke');
        await weekly.getByRole('button', { name: 'Revoke' }).click();
        await page.getByRole('dialog', { name: 'Revoke this key?' }).getByRole('button', { name: 'Revoke' }).click();
        await weekly.getByText('Revoked').first().waitFor();
        expect(await weekly.getByRole('button', { name: 'Narrow or rename' }).count()).toBe(0);
        expect((await caller.act('list_hubs', world.account)).json.code).toBe('key_revoked');

        await page.goto(`${world.server.origin}/console/audit?action=api_key`);
        await title(page, 'Audit');
        await page.getByRole('link', { name: 'API key revoked' }).click();
        const record = page.getByRole('dialog', { name: 'API key revoked' });
        await record.getByText('First operator key').or(record.getByText('Console')).first().waitFor();
        expect(await record.textContent()).toContain('Weekly export');
        await expectAccessible(page);
        await pictures(page, 'audit-record');
        await page.keyboard.press('Escape');
        await page.getByRole('link', { name: 'API key created' }).first().click();
        const made = await page.getByRole('dialog', { name: 'API key created' }).textContent();
        for (const text of ['actions', 'accounts', '127.0.0.1', 'Hash']) expect(made).toContain(text);
        expect(made).not.toContain(secret);
        await page.keyboard.press('Escape');
        await page.getByRole('combobox', { name: 'Outcome' }).click();
        await page.getByRole('option', { name: 'Failed' }).click();
        await page.getByText('Nothing matches').waitFor();
        await page.getByRole('button', { name: 'Clear filters' }).click();
        await page.getByRole('link', { name: 'Console signed in' }).first().waitFor();
        await pictures(page, 'audit');

        const { seq } = (await world.operator.get('/audit?action=api_key.updated&limit=1')).json.data[0];
        await page.goto(`${world.server.origin}/console/audit?action=console&record=${seq}`);
        const further = page.getByRole('dialog', { name: 'API key updated' });
        await further.getByText('expires_at').waitFor();
        await goWithin(page, '/console/audit?action=console&record=123456');
        await page.getByRole('dialog').getByText('There is no such record in the audit trail.').waitFor();
        await expectAccessible(page);
        await page.keyboard.press('Escape');
        await page.getByRole('dialog').waitFor({ state: 'hidden' });
        expect(new URL(page.url()).search).toBe('?action=console');
      },
      { path: '/console/api-keys' },
    ));

  it('shows connectors, and every action of every one of them', () =>
    visitConsole(
      browser,
      world,
      async (page) => {
        await title(page, 'Connectors');
        await pictures(page, 'connectors');
        await page.getByLabel('Search').fill('signed upload');
        await page.getByRole('heading', { name: /\d+ actions?/ }).waitFor();
        await pictures(page, 'connectors-found');
        await page.getByRole('button', { name: 'Clear filters' }).click();
        await page.getByRole('link', { name: 'Autodesk' }).click();
        await title(page, 'Autodesk');
        await page.getByRole('link', { name: 'List Hubs' }).waitFor();
        await expectAccessible(page);
        await pictures(page, 'connector');
        await page.getByRole('link', { name: 'List Hubs' }).click();
        await title(page, 'List Hubs');
        await page.getByRole('button', { name: 'Show YAML' }).click();
        await page.getByRole('region', { name: /hubs\.yaml, from line \d+/ }).waitFor();
        expect(await page.getByRole('region', { name: /hubs\.yaml/ }).textContent()).toMatch(/^- id: list_hubs\n/);
        await expectAccessible(page);
        await pictures(page, 'action');

        const { json } = await world.operator.get('/actions');
        const actions: { id: string; label: string; connector: string }[] = json.data;
        expect(actions.length).toBeGreaterThan(60);
        // In the page, which is loaded already: as by its own links.
        const faults = await page.evaluate(async (all) => {
          const wrong: string[] = [];
          for (const { id, label, connector } of all) {
            history.pushState({ key: id, idx: 1 }, '', `/console/connectors/${connector}/actions/${id}`);
            dispatchEvent(new PopStateEvent('popstate', { state: { key: id, idx: 1 } }));
            const begun = performance.now();
            const shown = () =>
              document.querySelector('h1')?.textContent === label &&
              [...document.querySelectorAll('h2')].some((heading) => heading.textContent === 'Source');
            while (!shown() && performance.now() - begun < 3_000) await new Promise((next) => setTimeout(next, 5));
            if (!shown() || document.querySelector('[role=alert]')) wrong.push(`${id}: ${document.title}`);
          }
          return wrong;
        }, actions);
        expect(faults).toEqual([]);
      },
      // It ends at a page like the one that was looked at.
      { path: '/console/connectors', checked: true },
    ));

  it('shows why a reload was refused, and that it is mended', () =>
    visitConsole(
      browser,
      world,
      async (page) => {
        await title(page, 'Autodesk');
        await page.getByText('None since the start').waitFor();
        const reload = async () => {
          const from = world.server.records().length;
          world.server.signal('SIGHUP');
          await world.server.record(({ msg }) => /^(connectors reloaded|reload refused)/.test(String(msg)), { from });
          await page.reload();
        };
        await connectors.edit(HUBS, (text) => text.replace('effect: read', 'effekt: read'));
        await reload();
        await page.getByRole('region', { name: 'autodesk/actions/hubs.yaml, line' }).first().waitFor();
        await expectAccessible(page);
        await pictures(page, 'connector-refused');
        await goWithin(page, '/console/connectors/autodesk/actions/autodesk_list_hubs');
        await page.getByRole('button', { name: 'Show YAML' }).click();
        await page.getByRole('alert').filter({ hasText: 'changed since it was loaded' }).waitFor();
        await goWithin(page, '/console/connectors');
        await page.getByRole('heading', { name: 'The last reload was refused' }).waitFor();
        await pictures(page, 'connectors-refused');
        await connectors.edit(HUBS, (text) => text.replace('effekt: read', 'effect: read'));
        await reload();
        await page.getByRole('link', { name: 'Autodesk' }).click();
        await page.getByText('Nothing changed').waitFor();
      },
      { path: '/console/connectors/autodesk', checked: true },
    ));

  it('keeps the settings of a project, and shows what was delivered to an endpoint', async () => {
    const receiver: Receiver = await startReceiver();
    const endpoint = `${receiver.origin}/hook`;
    await visitConsole(
      browser,
      world,
      async (page) => {
        await title(page, 'Settings');
        await page.getByLabel('Your name').fill('Example Works');
        await page.getByLabel('Return URLs').fill('https://app.example.com/back\nnot a url');
        await page.getByRole('button', { name: 'Save' }).click();
        await page.getByText(/^Line 2 /).waitFor();
        await page.getByLabel('Return URLs').fill('https://app.example.com/back');
        await page.getByRole('button', { name: 'Save' }).click();
        await page.getByText('Settings saved').waitFor();
        const { json } = await world.operator.get('/project_settings');
        expect(json).toMatchObject({ workspace_name: 'Example Works', return_urls: ['https://app.example.com/back'] });
        await pictures(page, 'settings');

        await page.getByRole('tab', { name: 'Webhooks' }).click();
        await page.getByRole('button', { name: 'New endpoint' }).click();
        const form = page.getByRole('dialog', { name: 'New webhook endpoint' });
        await form.getByLabel('URL').fill(endpoint);
        await form.getByLabel('All events').uncheck();
        await expectAccessible(page);
        await pictures(page, 'webhook-new');
        await form.getByRole('button', { name: 'Create endpoint' }).click();
        const created = page.getByRole('dialog', { name: 'Endpoint created' });
        const secret =
          (await created
            .locator('code')
            .filter({ hasText: /^whsec_/ })
            .textContent()) ?? '';
        expect(secret).toMatch(/^whsec_.{40}/);
        await created.getByRole('button', { name: 'I have copied it' }).click();
        await created.waitFor({ state: 'hidden' });
        expect(await page.content()).not.toContain(secret.slice(-20));

        await world.operator.patch(`/accounts/${world.account}`, { owner_name: 'First customer' });
        await page.getByRole('link', { name: endpoint }).click();
        const drawer = page.getByRole('dialog', { name: 'Webhook endpoint' });
        await drawer.getByText('account.updated').first().waitFor();
        await drawer.getByText('Delivered').first().waitFor();
        await expectAccessible(page);
        await pictures(page, 'webhook');
        await drawer.getByRole('button', { name: /^Send again/ }).click();
        await page.getByText('It is sent again').waitFor();
        await drawer.getByRole('button', { name: 'Make a new secret' }).click();
        await page
          .getByRole('dialog', { name: 'Make a new secret?' })
          .getByRole('button', { name: 'Make a new secret' })
          .click();
        const renewed = page.getByRole('dialog', { name: 'New secret' });
        expect(
          await renewed
            .locator('code')
            .filter({ hasText: /^whsec_/ })
            .textContent(),
        ).not.toBe(secret);
        await renewed.getByRole('button', { name: 'I have copied it' }).click();
        await drawer.getByRole('button', { name: 'Delete endpoint' }).click();
        await page
          .getByRole('dialog', { name: 'Delete this endpoint?' })
          .getByRole('button', { name: 'Delete' })
          .click();
        await page.getByText('No endpoints yet').waitFor();

        await page.getByRole('tab', { name: 'Projects' }).click();
        await page.getByRole('row').filter({ hasText: 'Root: this one' }).waitFor();
        await page.getByRole('button', { name: 'New project' }).click();
        const naming = page.getByRole('dialog', { name: 'New project' });
        await naming.getByLabel('Name').fill('Second tenant');
        await expectAccessible(page);
        await page.keyboard.press('Enter');
        const project = page.getByRole('dialog', { name: 'Project created' });
        const token = (await project.locator('code').filter({ hasText: /^ck_/ }).textContent()) ?? '';
        await expectAccessible(page);
        await pictures(page, 'project-created');
        const tenant = await clientOf(world.server.origin, token).get('/projects');
        expect(tenant.json.data).toMatchObject([{ name: 'Second tenant', root: false }]);
        await project.getByRole('button', { name: 'I have copied it' }).click();
        await project.waitFor({ state: 'hidden' });
        expect(await page.content()).not.toContain(token.slice(-20));
        await page.getByRole('button', { name: 'Rename Second tenant' }).click();
        await page.getByRole('dialog', { name: 'Rename project' }).getByLabel('Name').fill('Third tenant');
        await page.keyboard.press('Enter');
        await page.getByRole('button', { name: 'Rename Third tenant' }).waitFor();
        await page.getByRole('dialog').waitFor({ state: 'hidden' });
        await pictures(page, 'projects');
        await page.setViewportSize({ width: 360, height: 740 });
        await page.getByRole('list', { name: 'Projects' }).waitFor();
        await expectNoSidewaysScroll(page);
      },
      { path: '/console/settings' },
    );
    await receiver.close();
  });

  it('shows the calls that were made, as charts and as tables', async () => {
    for (let call = 0; call < 6; call += 1) await world.backend.act('list_hubs', world.account);
    await world.backend.act('get_hub', world.account, { hub_id: 'b.none' });
    await visitConsole(
      browser,
      world,
      async (page) => {
        await title(page, 'Overview');
        const tile = page.locator('dl > div').filter({ has: page.getByText('Calls', { exact: true }) });
        await expect.poll(() => tile.textContent()).toMatch(/^Calls([7-9]|\d\d)in the last hour$/);
        await page
          .getByRole('img', { name: /^Calls over time: / })
          .locator('svg')
          .first()
          .waitFor();
        await page.getByRole('link', { name: 'autodesk_list_hubs' }).waitFor();
        await page.getByText('autodesk.data_management.hubs', { exact: true }).waitFor();
        await expectNoSidewaysScroll(page);
        await expectAccessible(page);
        await pictures(page, 'overview-few');
        await page.setViewportSize({ width: 360, height: 740 });
        await expectNoSidewaysScroll(page);
        await page.setViewportSize({ width: 1280, height: 800 });
        await page.getByRole('button', { name: 'As a table: Calls' }).click();
        await page.getByRole('table', { name: 'Calls, the newest first' }).waitFor();
        // By itself, within ten seconds.
        const before = await tile.textContent();
        await world.backend.act('list_hubs', world.account);
        await page.clock.fastForward(10_000);
        await expect.poll(() => tile.textContent()).not.toBe(before);
      },
      { clock: true },
    );
  });

  it('leads a new operator to a first call', async () => {
    const { json } = await world.operator.post('/projects', { name: 'New tenant' });
    await visitConsole(
      browser,
      world,
      async (page) => {
        await page.getByRole('heading', { name: 'Three steps to the first call' }).waitFor();
        await expectNoSidewaysScroll(page);
        await pictures(page, 'overview-empty');
        await page.getByRole('link', { name: 'New profile' }).click();
        await title(page, 'New connector profile');
        // What only operators of the root project have.
        await goWithin(page, '/console/settings?tab=projects');
        await page.getByRole('alert').getByText('Only operators of the root project').waitFor();
        expect(await page.getByRole('tab').allTextContents()).toEqual(['Project', 'Webhooks']);
      },
      { key: json.operator_key.token, context: { viewport: { width: 360, height: 740 } } },
    );
  });

  it('takes a new operator from the sign-in to a first call without anything else', async () => {
    const { json } = await world.operator.post('/projects', { name: 'Another tenant' });
    await visitConsole(
      browser,
      world,
      async (page) => {
        await signIn(page, json.operator_key.token);
        await title(page, 'Overview');
        await page.getByRole('link', { name: 'Guides' }).click();
        await page.getByRole('link', { name: 'OAuth 2.0 (Two-Legged)' }).click();
        await title(page, 'Autodesk: OAuth 2.0 (Two-Legged)');
        await page.getByRole('button', { name: 'Clear' }).click();
        await page.getByRole('searchbox', { name: 'Search actions' }).fill('list hubs');
        await page.getByRole('checkbox', { name: 'List Hubs' }).check();
        await page.getByRole('link', { name: 'Create profile with this selection' }).click();

        await title(page, 'New connector profile');
        await page.getByRole('textbox', { name: 'Name' }).fill('First');
        await page.getByLabel('Client ID').fill(world.sandbox.clientId);
        await page.getByRole('textbox', { name: 'Client secret' }).fill(world.sandbox.clientSecret);
        await page.getByRole('button', { name: 'Create and test' }).click();
        await title(page, 'First');
        await page.getByRole('list', { name: 'Outcomes' }).getByText('Passed').waitFor();

        await page.getByRole('link', { name: 'Accounts' }).click();
        await title(page, 'Accounts');
        await page.getByRole('link', { name: 'Link an account' }).first().click();
        await title(page, 'Link an account');
        await page.getByRole('combobox', { name: 'Profile', exact: true }).click();
        await page.getByRole('option', { name: 'First' }).click();
        await page.getByLabel('Owner id').fill('customer-1');
        await page.getByRole('button', { name: 'Make the account' }).click();

        await title(page, 'customer-1');
        await page.getByRole('link', { name: 'Try it', exact: true }).first().click();
        await title(page, 'Try it');
        await page.getByRole('combobox', { name: 'Account' }).click();
        await page.getByRole('option', { name: /customer-1/ }).click();
        await page.getByRole('combobox', { name: 'Action' }).click();
        await page.getByRole('option', { name: /autodesk_list_hubs/ }).click();
        await page.getByRole('button', { name: 'Run', exact: true }).click();
        await page.getByRole('region', { name: /Data, \d items/ }).waitFor();
        await page.getByRole('link', { name: 'Overview' }).click();
        const tile = page.locator('dl > div').filter({ has: page.getByText('Calls', { exact: true }) });
        await tile.waitFor();
        await page.clock.fastForward(10_000);
        await expect.poll(() => tile.textContent(), { timeout: 30_000 }).toBe('Calls1in the last hour');
      },
      // It ends at the overview that was looked at.
      { key: null, clock: true, checked: true },
    );
  });
});
