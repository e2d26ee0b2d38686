import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { World } from '../../support/server.ts';
import { inChromium } from '../support/chromium.ts';
import { expectAccessible, expectNoSidewaysScroll, pictures, startConsole, visitConsole } from './support.ts';

const SCOPES = ['data:read', 'data:write', 'data:create', 'bucket:create', 'bucket:read'];
// More than one part of a file that is sent in parts.
const FILE_BYTES = 12 * 1024 * 1024;
const UPLOAD_MS = 6_000;
const LONG = `<script>alert(1)</script>${'\u202e'}${'x'.repeat(10_000)}`;

inChromium('calls from the console', (launch) => {
  let browser: Browser;
  let world: World;
  beforeAll(async () => {
    [browser, world] = await Promise.all([
      launch(),
      startConsole({ manyHubCalls: true, scopes: SCOPES, furtherActions: ['uploads'] }),
    ]);
  });
  afterAll(async () => {
    await browser?.close();
    await world?.stop();
  });

  const tryIt = (action: string) => `/console/try-it?${new URLSearchParams({ account: world.account, action })}`;

  const callNamed = async (correlationId: string) => {
    const headers = { 'x-account-id': world.account, 'x-correlation-id': correlationId };
    const reply = await world.operator.call('POST', '/actions/autodesk_list_hubs', { headers, body: {} });
    expect(reply.status, reply.text).toBe(200);
  };

  it('tries an action by its form: dry run, run, the same in code, and then in the log', () =>
    visitConsole(
      browser,
      world,
      async (page) => {
        await page.getByRole('combobox', { name: 'Account' }).click();
        await page.getByRole('option', { name: /customer-1/ }).click();
        await page.getByRole('combobox', { name: 'Action' }).fill('hubs that account');
        await pictures(page, 'try-it-search');
        await page.getByRole('option', { name: /autodesk_list_hubs/ }).click();
        await page.getByRole('heading', { name: 'List Hubs' }).waitFor();

        await page.getByLabel('name', { exact: true }).fill(`O'Hara "&" $(id)`);
        await page.getByRole('button', { name: 'Dry run' }).click();
        const request = page.getByRole('region', { name: 'Request to the provider' });
        await request.waitFor();
        const shown = await request.innerText();
        expect(shown).toContain('filter%5Bname%5D=O%27Hara');
        expect(shown).toContain('authorization: Bearer [secret]');
        await expectAccessible(page);
        await pictures(page, 'try-it-dry-run');

        await page.getByLabel('name', { exact: true }).fill('');
        await page.getByRole('button', { name: 'Run', exact: true }).click();
        await page.getByRole('region', { name: /Data, \d items/ }).waitFor();
        await page.getByText('Provider', { exact: true }).waitFor();
        await pictures(page, 'try-it-answer');
        await page.getByRole('tab', { name: 'TypeScript' }).click();
        await page.getByRole('region', { name: 'TypeScript' }).getByText('process.env.CORBEL_KEY').waitFor();
        await page.getByRole('tab', { name: 'Python' }).click();

        await page.getByRole('link', { name: 'Details' }).click();
        await page.getByRole('heading', { level: 1, name: 'autodesk_list_hubs' }).waitFor();
        await page.getByText('/project/v1/hubs').first().waitFor();
        await pictures(page, 'request');
        await page.getByRole('link', { name: 'Requests' }).first().click();
        await page.getByRole('heading', { level: 1, name: 'Requests' }).waitFor();
        await page.getByText('Dry run').first().waitFor();
      },
      { path: '/console/try-it' },
    ));

  it('goes from page to page, and shows hostile answers as text', async () => {
    const { hubs } = await world.sandbox.world();
    const hub = hubs.find(({ id }) => id === world.hub);
    expect(hub).toBeDefined();
    await world.sandbox.faults([
      {
        kind: 'patch_json',
        path: `/project/v1/hubs/${world.hub}`,
        method: 'GET',
        skip: 1,
        set: { data: [{ id: LONG, attributes: { name: LONG } }] },
      },
    ]);
    await visitConsole(
      browser,
      world,
      async (page) => {
        await page.getByLabel('hub_id').fill(world.hub);
        await page.getByLabel('page_size').fill('one');
        await page.getByRole('button', { name: 'Run', exact: true }).click();
        await page.getByText('Must be a whole number').waitFor();
        await page.getByLabel('page_size').fill('1');
        await page.getByRole('button', { name: 'Run', exact: true }).click();
        await page.getByRole('button', { name: 'Next page' }).waitFor();
        // Disabled meanwhile, it would have left keyboards at the top of the page.
        expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Run');
        await page.getByRole('button', { name: 'Next page' }).click();
        await page.getByText('<script>').first().waitFor();
        await page
          .getByRole('button', { name: /Show all 10,0\d\d characters/ })
          .first()
          .click();
        await expectNoSidewaysScroll(page);
        await pictures(page, 'try-it-hostile');
      },
      { path: tryIt('autodesk_list_projects') },
    );
    await world.sandbox.faults([]);
  });

  it('shows why a call is refused, at the field and with the hint', () =>
    visitConsole(
      browser,
      world,
      async (page) => {
        await page.getByRole('button', { name: 'Run', exact: true }).click();
        await page.getByText('Is required').waitFor();
        await page.getByText('JSON', { exact: true }).click();
        await page.getByLabel('Inputs as JSON').fill('{"hub_id": ');
        await page.getByRole('button', { name: 'Dry run' }).click();
        await page.getByText('Is not JSON').waitFor();
        await page.getByLabel('Inputs as JSON').fill('{"hub_id": "b.written"}');
        await page.getByText('Form', { exact: true }).click();
        expect(await page.getByLabel('hub_id').inputValue()).toBe('b.written');
        await page.getByLabel('hub_id').fill('b.00000000-0000-4000-8000-000000000000');
        await page.getByRole('button', { name: 'Run', exact: true }).click();
        await page.getByRole('alert').waitFor();
        await page.getByRole('link', { name: 'Details' }).click();
        await page.getByRole('region', { name: 'Why it failed' }).waitFor();
        await pictures(page, 'request-failed');
      },
      { path: tryIt('autodesk_get_hub') },
    ));

  it('uploads a file with its progress, there and in the log', async () => {
    const bucket = `console-${world.account.slice(-8).toLowerCase()}`;
    const made = await world.operator.act('create_bucket', world.account, {
      bucket_key: bucket,
      policy_key: 'transient',
    });
    expect(made.status, made.text).toBe(200);
    // The first part is there at once, the others are on their way for a while.
    await world.sandbox.faults([{ kind: 'latency', path: '/', method: 'PUT', ms: UPLOAD_MS, skip: 1 }]);
    await visitConsole(
      browser,
      world,
      async (page, context) => {
        await page.getByLabel('bucket_key').fill(bucket);
        await page.getByLabel('object_key').fill('drawing.dwg');
        await page.locator('input[type=file]').setInputFiles({
          name: 'drawing.dwg',
          mimeType: 'application/octet-stream',
          buffer: Buffer.alloc(FILE_BYTES, 'x'),
        });
        await pictures(page, 'try-it-upload-form');
        await page.getByRole('button', { name: 'Run', exact: true }).click();
        const log = await context.newPage();
        await log.goto(`${world.server.origin}/console/requests?state=running`);
        await log.getByRole('progressbar', { name: 'Upload' }).waitFor();
        await pictures(log, 'requests-uploading');
        await page.getByRole('progressbar', { name: 'Upload' }).waitFor();
        await page.getByText('Succeeded').waitFor({ timeout: 20_000 });
        await log.close();
        await page.getByRole('link', { name: 'Details' }).click();
        await page.getByText(/12\.6 MB of 12\.6 MB, 100 %/).waitFor();
        await pictures(page, 'request-upload');
      },
      { path: tryIt('autodesk_signed_s3_upload') },
    );
    await world.sandbox.faults([]);
  });

  it('narrows the log, keeps up with it, and does not keep the session awake by that', async () => {
    await callNamed('order-4711');
    await visitConsole(
      browser,
      world,
      async (page) => {
        await page.getByRole('row').nth(1).waitFor();
        await pictures(page, 'requests');
        await page.getByLabel('Correlation id').fill('order-4711');
        await expect.poll(() => page.getByRole('row').count()).toBe(2);
        const again = page.waitForRequest(
          (request) => request.url().includes('/requests?') && request.headers()['x-background-request'] === '1',
        );
        await callNamed('order-4711');
        await again;
        await expect.poll(() => page.getByRole('row').count(), { timeout: 10_000 }).toBe(3);
        const status = page.getByRole('combobox', { name: 'HTTP status' });
        await status.click();
        await page.getByRole('option', { name: '4xx: refused' }).click();
        await page.getByText('No call fits').waitFor();
        await status.click();
        await page.getByRole('option', { name: '200', exact: true }).click();
        await expect.poll(() => page.getByRole('row').count()).toBe(3);
        expect(new URL(page.url()).searchParams.get('status')).toBe('200');
        await page.getByLabel('Error code').fill('provider_timeout');
        await page.getByText('No call fits').waitFor();
      },
      { path: '/console/requests' },
    );
  });
});
