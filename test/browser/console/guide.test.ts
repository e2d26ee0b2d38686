import { readFileSync } from 'node:fs';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { World } from '../../support/server.ts';
import { inChromium } from '../support/chromium.ts';
import {
  expectAccessible,
  expectNoSidewaysScroll,
  pictures,
  startConsole,
  startVisit,
  type Visit,
  type VisitOptions,
  visitConsole,
} from './support.ts';

const GUIDE = '/guides/autodesk/two_legged';
const PROVISIONING = 'Add the app as a custom integration';
const listed = JSON.parse(readFileSync('test/fixtures/aps/actions.json', 'utf8')) as { id: string; scopes: string[] }[];

inChromium('the set-up guide', (launch) => {
  let browser: Browser;
  let world: World;
  let count: number;
  beforeAll(async () => {
    [browser, world] = await Promise.all([launch(), startConsole({ allActions: true })]);
    count = (await world.operator.get('/connectors/autodesk/guides/two_legged?format=full')).json.actions.length;
  });
  afterAll(async () => {
    await browser?.close();
    await world?.stop();
  });

  const titled = (page: Page) => page.getByRole('heading', { level: 1, name: /Autodesk|GitLab|Stripe/ }).waitFor();
  const anybody = (work: Parameters<typeof visitConsole>[2], options: Omit<VisitOptions, 'key'> = {}) =>
    visitConsole(
      browser,
      world,
      async (page, own) => {
        await titled(page);
        await work(page, own);
      },
      { path: GUIDE, ...options, key: null },
    );

  // One visit for all of them: they change nothing but what is selected.
  describe('as anybody finds it', () => {
    let visit: Visit;
    beforeAll(async () => {
      visit = await startVisit(browser, world, { path: GUIDE, key: null });
      await titled(visit.page);
    });
    afterEach(() => visit.expectNoFaults());
    afterAll(() => visit?.end());

    it('shows all parts for all actions, and for none only what everybody does', async () => {
      const { page } = visit;
      expect(await sectionsOf(page)).toEqual([
        'Register the app',
        PROVISIONING,
        'Let the app see projects and files',
        'Create the connector profile',
        'Link accounts',
      ]);
      await page.getByText(`${count} of ${count} selected`).waitFor();
      await expectAccessible(page);
      await pictures(page, 'guide');
      await page.getByRole('button', { name: 'Clear', exact: true }).click();
      await page.getByText(`0 of ${count} selected`).waitFor();
      await expect.poll(() => new URL(page.url()).search).toBe('?actions=');
      expect(await sectionsOf(page)).toEqual(['Register the app', 'Create the connector profile', 'Link accounts']);
      expect(await page.getByText('Enables actions:').count()).toBe(0);
      // What was decided stays after a reload: none is not all.
      await page.reload();
      await page.getByText(`0 of ${count} selected`).waitFor();
      await page.getByRole('button', { name: 'Select all' }).click();
      await page.getByText(`${count} of ${count} selected`).waitFor();
      await expect.poll(() => new URL(page.url()).search).toBe('');
    });

    it('adjusts itself to each single action, without asking the server again', async () => {
      const { page } = visit;
      const asked: string[] = [];
      await page.getByRole('button', { name: 'Clear', exact: true }).click();
      await page.getByTestId('scopes').getByText('None').waitFor();
      // An address that changes has the browser look for the page's icon again.
      page.on('request', (request) => request.url().includes('favicon') || asked.push(request.url()));
      const shown = await page.evaluate(async () => {
        const scopes = () => document.querySelector('[data-testid="scopes"]')?.textContent ?? '';
        const seen: { id: string; scopes: string; sections: string[]; text: string }[] = [];
        const settled = async (wanted: (text: string) => boolean) => {
          for (let frame = 0; frame < 200 && !wanted(scopes()); frame += 1)
            await new Promise((resolve) => requestAnimationFrame(resolve));
        };
        const boxes = [...document.querySelectorAll<HTMLInputElement>('aside input[type="checkbox"]')];
        for (const box of boxes) {
          box.click();
          await settled((text) => text !== 'None');
          const article = document.querySelector('article');
          seen.push({
            id: box.value,
            scopes: scopes(),
            sections: [...(article?.querySelectorAll('h2') ?? [])].map((title) => title.textContent ?? ''),
            text: article?.innerText ?? '',
          });
          box.click();
          await settled((text) => text === 'None');
        }
        return seen;
      });
      expect(shown).toHaveLength(count);
      // It needs a person, whom this way does not have.
      expect(shown.map(({ id }) => id)).not.toContain('autodesk_get_current_user');
      for (const { id, scopes } of listed) {
        const one = shown.find((candidate) => candidate.id === id);
        expect(one?.scopes, id).toBe([...scopes].sort().join(' '));
        const account = scopes.some((scope) => scope.startsWith('account:'));
        expect(one?.sections.includes(PROVISIONING), id).toBe(account);
        expect(one?.text.includes('Required for:'), id).toBe(scopes.some((scope) => /^(account|data):/.test(scope)));
        expect(one?.text, id).toContain('Enables actions:');
        expect(one?.text.includes('Webhooks API'), id).toBe(/webhook/.test(id));
      }
      expect(asked).toEqual([]);
      await expectAccessible(page);
    });

    it('finds actions, chooses those that are shown, and says when there is none', async () => {
      const { page } = visit;
      await page.getByRole('button', { name: 'Clear', exact: true }).click();
      const search = page.getByRole('searchbox', { name: 'Search actions' });
      await search.fill('nothing like it');
      await page.getByText('No actions match your search.').waitFor();
      await search.fill('webhook');
      await page.getByRole('button', { name: 'Select shown' }).click();
      await page.getByText(`6 of ${count} selected`).waitFor();
      await search.fill('');
      await pictures(page, 'guide-webhooks');
      const items = page.getByRole('article').getByText('Webhooks API');
      expect(await items.count()).toBe(1);
    });

    it('can be adjusted with the keyboard alone, and keeps the focus', async () => {
      const { page } = visit;
      await page.getByRole('button', { name: 'Select all' }).click();
      await page.getByRole('searchbox', { name: 'Search actions' }).focus();
      await page.keyboard.type('list hubs');
      await page.keyboard.press('Tab');
      await page.keyboard.press('Tab');
      await page.keyboard.press('Enter');
      await page.getByText(`${count - 1} of ${count} selected`).waitFor();
      await page.keyboard.press('Tab');
      await page.keyboard.press('Space');
      await page.getByText(`${count} of ${count} selected`).waitFor();
      expect(await page.evaluate(() => (document.activeElement as HTMLInputElement).value)).toBe('autodesk_list_hubs');
    });
  });

  it('gives an address that shows the same in a fresh browser, and copies it', () =>
    anybody(
      async (page, context) => {
        await page.getByRole('button', { name: 'Clear', exact: true }).click();
        for (const label of ['List Hubs', 'Create Account User', 'Create Folder'])
          await page.getByRole('checkbox', { name: label, exact: true }).check();
        const scopes = page.getByTestId('scopes');
        expect(await scopes.textContent()).toBe('account:write data:create data:read');
        const clipboard = () => page.evaluate(() => navigator.clipboard.readText());

        await page.getByRole('button', { name: 'Copy: Dynamic guide URL' }).click();
        const url = await clipboard();
        expect(url).toBe(`${world.server.origin}${GUIDE}?actions=create_account_user,create_folder,list_hubs`);
        const joined = { Space: ' ', 'Comma (,)': ',', 'Semicolon (;)': ';', 'Pipe (|)': '|', 'New line': '\n' };
        for (const [name, mark] of Object.entries(joined)) {
          await page.getByRole('combobox', { name: 'Separator' }).selectOption({ label: name });
          await page.getByRole('button', { name: 'Copy all scopes' }).click();
          expect(await clipboard()).toBe(['account:write', 'data:create', 'data:read'].join(mark));
        }
        await page.getByRole('button', { name: 'Copy the scope data:create' }).click();
        expect(await clipboard()).toBe('data:create');

        // What was copied last says so for a moment.
        await page.getByRole('article').getByText('Copied').waitFor({ state: 'detached' });
        const text = await page.getByRole('article').innerText();
        await anybody(
          async (fresh) => {
            await fresh.getByText(`3 of ${count} selected`).waitFor();
            expect(await fresh.getByRole('article').innerText()).toBe(text);
          },
          { path: url.slice(world.server.origin.length), checked: true },
        );
        // The API understands the same address.
        const markdown = await (
          await context.request.get(
            `${url.replace('/guides/', '/connectors/').replace('/two_legged', '/guides/two_legged')}&format=md`,
          )
        ).text();
        expect(markdown).toContain('`account:write` `data:create` `data:read`');
        const download = page.waitForEvent('download');
        await page.getByRole('link', { name: 'Download as Markdown' }).click();
        expect((await download).suggestedFilename()).toBe('autodesk-two_legged.md');
        expect(readFileSync(await (await download).path(), 'utf8')).toBe(markdown);
      },
      { context: { permissions: ['clipboard-read', 'clipboard-write'] }, checked: true },
    ));

  it('goes on in the console, at the form with what was selected', () =>
    visitConsole(
      browser,
      world,
      async (page) => {
        await page.goto(`${world.server.origin}${GUIDE}?actions=list_hubs,create_folder,nonsense`);
        await page.getByRole('alert').filter({ hasText: 'nonsense' }).waitFor();
        await page.getByRole('link', { name: 'Open in the console' }).click();
        await page.waitForURL(/\/console\/guides\/autodesk\/two_legged\?actions=create_folder,list_hubs$/);
        await page.getByText(`2 of ${count} selected`).waitFor();
        await pictures(page, 'guide-in-console');
        await page.getByRole('link', { name: 'Create profile with this selection' }).click();
        await page.getByRole('heading', { level: 1, name: 'New connector profile' }).waitFor();
        expect(await page.getByRole('radio', { name: 'OAuth 2.0 (Two-Legged)' }).isChecked()).toBe(true);
        await page.getByText(/^2 of \d+ selected$/).waitFor();
        for (const scope of ['data:read', 'data:create'])
          expect(await page.getByRole('checkbox', { name: scope }).isChecked()).toBe(true);
        expect(await page.getByRole('checkbox', { name: 'account:read' }).isChecked()).toBe(false);
      },
      { path: GUIDE.replace('/guides', '/console/guides') },
    ));

  it('is listed for every connector and method', () =>
    visitConsole(
      browser,
      world,
      async (page) => {
        await page.getByRole('link', { name: 'OAuth 2.0 (Three-Legged)' }).waitFor();
        await pictures(page, 'guides');
        await page.getByRole('link', { name: 'OAuth 2.0 (Three-Legged)' }).click();
        await page.getByRole('heading', { level: 1, name: 'Autodesk: OAuth 2.0 (Three-Legged)' }).waitFor();
        await page.getByText(`${world.server.origin}/connect/oauth2/autodesk/callback`).waitFor();
      },
      { path: '/console/guides' },
    ));

  it('fits a narrow screen, for a connector without credentials too', () =>
    anybody(
      async (page) => {
        await expectNoSidewaysScroll(page);
        await page.getByRole('article').getByText('None of its own').count();
      },
      { path: '/guides/stripe/api_key', context: { viewport: { width: 360, height: 740 } } },
    ));

  it('says when there is no such guide', () =>
    visitConsole(browser, world, (page) => page.getByRole('alert').filter({ hasText: 'no such guide' }).waitFor(), {
      path: '/guides/autodesk/nothing',
      key: null,
    }));
});

function sectionsOf(page: Page): Promise<string[]> {
  return page.getByRole('article').getByRole('heading', { level: 2 }).allTextContents();
}
