import { pino } from 'pino';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, it } from 'vitest';
import { systemClock } from '../../../src/clock.ts';
import type { ProblemCode } from '../../../src/problems.ts';
import { systemRandom } from '../../../src/random.ts';
import { openStore } from '../../../src/store/open.ts';
import { createUsageWriter } from '../../../src/telemetry/usage-writer.ts';
import { clientOf } from '../../support/client.ts';
import { makeKey, seedAccount, type World } from '../../support/server.ts';
import { inChromium } from '../support/chromium.ts';
import { pictures, startConsole, visitConsole } from './support.ts';

// Nothing is tested here, and without `TEST_SCREENSHOTS` it is not run at all: pages for people to look at that other visits do
// not come by, and those of the README.

const COMPANIES = [
  'Acme Construction',
  'Blue Crane Builders',
  'Granite Works',
  'Harbour and Hill',
  'Keystone Projects',
  'Riverside Contractors',
  'Timber and Stone',
];
const ACTIONS = ['list_hubs', 'list_projects', 'get_folder', 'list_folder_contents', 'get_hub'];
const MINUTE_MS = 60_000;
const PAST_MINUTES = 58;

interface Tenant {
  project: string;
  key: string;
  account: string;
}

inChromium('pictures of the console', (launch) => {
  let browser: Browser;
  let world: World;
  let tenant: Tenant;
  beforeAll(async () => {
    [browser, world] = await Promise.all([launch(), startConsole({ allActions: true })]);
    tenant = await tenantInUse(world);
  });
  afterAll(async () => {
    await browser?.close();
    await world?.stop();
  });
  const title = (page: Page, name: string) => page.getByRole('heading', { level: 1, name, exact: true }).waitFor();
  const visit = (path: string, work: (page: Page) => Promise<void>) =>
    visitConsole(browser, world, work, { path, key: tenant.key });

  it('of a project in use', () =>
    visit('/console', async (page) => {
      const go = async (name: string) => {
        await page.getByRole('link', { name, exact: true }).click();
        await title(page, name);
        await page.getByRole('status', { name: 'Loading' }).waitFor({ state: 'detached' });
      };
      await page
        .getByRole('img', { name: /^Calls over time: / })
        .locator('svg')
        .first()
        .waitFor();
      await pictures(page, 'readme-overview');
      await page.getByText('Day', { exact: true }).click();
      await page.waitForLoadState('networkidle');
      await pictures(page, 'overview-day');
      await page.getByRole('button', { name: 'As a table: Time taken' }).click();
      await pictures(page, 'overview-table');
      for (const name of ['Connector profiles', 'Accounts', 'Requests', 'API keys', 'Audit']) {
        await go(name);
        await pictures(page, `used-${name.toLowerCase().replaceAll(' ', '-')}`);
      }
      await page.goto(`${world.server.origin}/console/try-it?account=${tenant.account}&action=autodesk_list_hubs`);
      await page.getByRole('button', { name: 'Run', exact: true }).click();
      await page.getByRole('region', { name: /Data, \d items/ }).waitFor();
      await page.getByRole('link', { name: 'Details' }).waitFor();
      await pictures(page, 'readme-try-it');
      await page.goto(
        `${world.server.origin}/console/guides/autodesk/two_legged?actions=create_account_project,list_account_projects`,
      );
      await title(page, 'Autodesk: OAuth 2.0 (Two-Legged)');
      await page.getByText('2 of').waitFor();
      await pictures(page, 'readme-guide');
    }));

  it('of questions, and of what is not there', () =>
    visit(`/console/accounts/${tenant.account}`, async (page) => {
      await title(page, 'Acme Construction');
      await page.getByRole('button', { name: 'More for this account' }).click();
      await pictures(page, 'account-menu');
      await page.getByRole('menuitem', { name: 'Delete' }).click();
      await page.getByRole('dialog').waitFor();
      await pictures(page, 'account-delete');
      for (const [name, path] of Object.entries({
        'account-missing': '/console/accounts/acc_none',
        'request-missing': '/console/requests/req_none',
        'action-missing': '/console/connectors/autodesk/actions/autodesk_none',
        'no-such-page': '/console/nowhere',
        'guide-missing': '/guides/autodesk/none',
        'guide-three-legged': '/guides/autodesk/three_legged',
        'guide-stripe': '/guides/stripe/api_key',
      })) {
        await page.goto(world.server.origin + path);
        await page.waitForLoadState('networkidle');
        await page.getByRole('heading', { level: 1 }).waitFor();
        await pictures(page, name);
      }
    }));

  it('while it loads, when it fails, and when it is refused', () =>
    visit('/console', async (page) => {
      const answers = {
        loading: undefined,
        failed: { status: 503, type: 'store_unavailable', title: 'Store unavailable', hint: 'Try again in a moment.' },
        refused: {
          status: 403,
          type: 'key_not_allowed',
          title: 'Not allowed',
          hint: 'Ask an operator of the project.',
        },
      };
      for (const [name, answer] of Object.entries(answers)) {
        await page.route('**/accounts?*', async (route) => {
          if (route.request().resourceType() === 'document' || answer === undefined) return;
          const { status, type, title: words, hint } = answer;
          const detail = 'The list of accounts was not read.';
          const body = {
            type,
            code: type,
            title: words,
            status,
            detail,
            hint,
            request_id: 'req_0VbmaPSjqDWboxcLalYjre',
          };
          await route.fulfill({ status, contentType: 'application/problem+json', body: JSON.stringify(body) });
        });
        await page.goto(`${world.server.origin}/console/accounts`);
        await title(page, 'Accounts');
        if (answer !== undefined) await page.getByRole('alert').waitFor();
        await pictures(page, `state-${name}`);
        await page.unroute('**/accounts?*');
      }
      await page.goto(`${world.server.origin}/console`);
      await page.setViewportSize({ width: 360, height: 740 });
      await page.getByRole('button', { name: 'Open the navigation' }).click();
      await pictures(page, 'navigation-open');
    }));

  it('of a project with nothing in it', async () => {
    const { json } = await world.operator.post('/projects', { name: 'New tenant' });
    await visitConsole(
      browser,
      world,
      async (page) => {
        for (const path of [
          'connector-profiles',
          'accounts',
          'accounts/link',
          'try-it',
          'requests',
          'api-keys',
          'settings?tab=webhooks',
        ]) {
          await page.goto(`${world.server.origin}/console/${path}`);
          await page.getByRole('heading', { level: 1 }).waitFor();
          await page.waitForLoadState('networkidle');
          await pictures(page, `empty-${path.replace(/\W+/g, '-')}`);
        }
      },
      { key: json.operator_key.token },
    );
  });
});

/** A project with customers, an hour of calls behind it, and some more just now. */
async function tenantInUse(world: World): Promise<Tenant> {
  const { json } = await world.operator.post('/projects', { name: 'Production' });
  const project = json.id;
  const first = clientOf(world.server.origin, json.operator_key.token);
  const { token: key } = await makeKey(first, { role: 'operator', name: 'Operations' });
  const operator = clientOf(world.server.origin, key);
  const scopes = ['data:read', 'data:write', 'account:read'];
  const { profile, account } = await seedAccount(operator, world.sandbox, {
    profile: { name: 'BIM 360 and ACC', scopes },
    account: { owner_id: 'acme', owner_name: COMPANIES[0] },
  });
  const others: string[] = [];
  for (const name of COMPANIES.slice(1)) {
    const owner_id = name.toLowerCase().replaceAll(' ', '-');
    const reply = await operator.post('/accounts', { connector_profile_id: profile, owner_id, owner_name: name });
    others.push(reply.json.id);
  }
  await operator.post(`/accounts/${others.at(-1)}/suspend`, {});
  await pastCalls(world, project, account, profile);
  const backend = clientOf(world.server.origin, (await makeKey(operator, { role: 'backend', name: 'Backend' })).token);
  // As far away as providers are.
  await world.sandbox.faults([{ kind: 'latency', path: '/project/', ms: 84 }]);
  for (const id of [account, ...others.slice(0, 4)]) {
    await backend.act('list_hubs', id);
    await backend.act('list_projects', id, { hub_id: world.hub });
  }
  await backend.act('get_hub', account, { hub_id: 'b.none' });
  return { project, key, account };
}

/** Between 0 and 1, the same each time. */
function evenly(seed: number): number {
  const value = Math.sin(seed * 12.9898) * 43_758.5453;
  return value - Math.floor(value);
}

/** As if processes had counted them. Waves, so that the charts look like those of a day at work. */
async function pastCalls(world: World, project: string, account: string, profile: string): Promise<void> {
  const url = world.env.CORBEL_STORE ?? '';
  const store = await openStore({ url, clock: systemClock, random: systemRandom, allowVolatile: false });
  let now = Date.now();
  const writer = createUsageWriter({
    store,
    clock: { ...systemClock, now: () => now },
    random: systemRandom,
    logger: pino({ enabled: false }),
  });
  const end = now;
  for (let ago = PAST_MINUTES; ago >= 0; ago -= 1) {
    now = end - ago * MINUTE_MS;
    const calls = Math.round(26 + 14 * Math.sin(ago / 7) + 6 * Math.sin(ago * 1.7));
    for (let call = 0; call < calls; call += 1) {
      const share = evenly(call + ago * 61);
      const code: ProblemCode | null =
        share < 0.015 ? 'provider_rate_limited' : share < 0.022 ? 'provider_not_found' : null;
      const action = `autodesk_${ACTIONS[Math.floor(evenly(call * 7 + ago) ** 2 * ACTIONS.length)] ?? 'get_hub'}`;
      const corbelMs = 1.6 + 2.2 * share + 9 * evenly(ago) * share ** 8;
      const providerMs = 70 + 60 * share + (160 + 30 * Math.sin(ago / 9)) * share ** 6;
      const common = { project, account, profile, action, connector: 'autodesk', code, corbelMs, providerMs };
      writer.add({ ...common, waitsMs: {}, limits: new Map() });
    }
    await writer.flush();
  }
  await writer.close();
  await store.close();
}
