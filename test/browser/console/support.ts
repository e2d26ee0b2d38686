import { fileURLToPath } from 'node:url';
import axe from 'axe-core';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { expect } from 'vitest';
import { consoleIsStale } from '../../../scripts/build-console.ts';
import { openSqlite, startWorld, type World } from '../../support/server.ts';
import { visitor } from '../support/chromium.ts';

const PICTURES = fileURLToPath(new URL('../screenshots/', import.meta.url));
const SIZES = [
  { width: 360, height: 740 },
  { width: 1280, height: 800 },
  { width: 3840, height: 2160 },
];
const ACCESSIBILITY_RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
// All others find the same in both themes, which differ in nothing but colours.
const RULES_OF_COLOURS = ['color-contrast', 'link-in-text-block'];

/** A real server with the built console, the sandbox behind it, and a profile and an account that work. */
export async function startConsole(options: Parameters<typeof startWorld>[1] = {}): Promise<World> {
  if (await consoleIsStale()) throw new Error('the console is not built from its sources: npm run build:console');
  return startWorld(openSqlite, options);
}

export interface VisitOptions {
  /** Of the page; `/console` if not given. */
  path?: string;
  /** An operator key to sign in with; null: not signed in. The first operator's if not given. */
  key?: string | null;
  /** For a profile of its own, which the visit may change for good: permissions, clock, size. */
  context?: Parameters<Browser['newContext']>[0];
  /** Console messages that this visit is about. */
  expected?: RegExp;
  /** With timers that `page.clock` can move on; in a profile of its own. */
  clock?: boolean;
  /** axe looks at what is shown at the end elsewhere, in another visit or before. */
  checked?: boolean;
}

/** One visit in a browser without memory, signed in. At its end nothing was forbidden or failed, and axe finds nothing. */
export async function visitConsole(
  browser: Browser,
  world: Pick<World, 'server'>,
  work: (page: Page, context: BrowserContext) => Promise<void>,
  options: VisitOptions = {},
): Promise<void> {
  const visit = await startVisit(browser, world, options);
  try {
    await work(visit.page, visit.context);
    if (!options.checked) await expectAccessible(visit.page);
    visit.expectNoFaults();
  } catch (error) {
    await visit.page.screenshot({ path: `${PICTURES}failed.png`, fullPage: true }).catch(() => {});
    await visit.end({ failed: true });
    throw error;
  }
  await visit.end();
}

/** A visit that several tests share, each of which goes on where the one before it ended. To be ended. */
export interface Visit {
  page: Page;
  context: BrowserContext;
  /** That nothing was forbidden or failed until now. */
  expectNoFaults(): void;
  end(how?: { failed?: boolean }): Promise<void>;
}

export async function startVisit(
  browser: Browser,
  world: Pick<World, 'server'>,
  options: Omit<VisitOptions, 'checked'> = {},
): Promise<Visit> {
  const { path = '/console', key = world.server.operatorKey ?? '', expected, clock = false } = options;
  const own = options.context ?? (clock ? {} : undefined);
  const profile = await profileOf(browser, own);
  const { context, faults } = profile;
  const page = await context.newPage();
  const visit: Visit = {
    page,
    context,
    expectNoFaults: () => expect(faults.filter((fault) => !expected?.test(fault))).toEqual([]),
    async end({ failed = false } = {}) {
      if (failed || own !== undefined || !(await empty(context, world.server.origin))) await context.close();
      else EMPTIED.set(browser, profile);
    },
  };
  try {
    if (clock) await page.clock.install();
    if (key !== null) await openSession(context, world.server.origin, key);
    await page.goto(`${world.server.origin}${path}`);
    if (key !== null) await page.getByRole('button', { name: 'Sign out' }).waitFor();
    return visit;
  } catch (error) {
    await page.screenshot({ path: `${PICTURES}failed.png`, fullPage: true }).catch(() => {});
    await visit.end({ failed: true });
    throw error;
  }
}

type Profile = Awaited<ReturnType<typeof visitor>>;

// A new profile costs a fifth of a visit: one that was emptied serves the next visit in the same browser as well.
const EMPTIED = new WeakMap<Browser, Profile>();

async function profileOf(browser: Browser, options: VisitOptions['context']): Promise<Profile> {
  const emptied = options === undefined ? EMPTIED.get(browser) : undefined;
  if (emptied) {
    EMPTIED.delete(browser);
    emptied.faults.splice(0);
    return emptied;
  }
  const profile = await visitor(browser, {
    viewport: { width: 1280, height: 800 },
    reducedMotion: 'reduce',
    ...options,
  });
  // What the server refuses stands in the console of the browser too; that is for the page to show.
  profile.context.on('console', (message) => {
    const refusal = /Failed to load resource/.test(message.text());
    if (['error', 'warning'].includes(message.type()) && !refusal) profile.faults.push(message.text());
  });
  return profile;
}

/** Leaves nothing of a visit in a profile; false when it ended elsewhere than at the console. */
async function empty(context: BrowserContext, origin: string): Promise<boolean> {
  const pages = context.pages();
  if (!pages.every((page) => page.url().startsWith(`${origin}/`))) return false;
  await pages[0]?.evaluate(() => localStorage.clear());
  await Promise.all(pages.map((page) => page.close()));
  context.removeAllListeners('response');
  await context.clearCookies();
  return true;
}

/** As the form does it, without the page before the page: the suite of the session proves the form. */
async function openSession(context: BrowserContext, origin: string, key: string): Promise<void> {
  const reply = await context.request.post(`${origin}/console/session`, { data: { key } });
  if (reply.status() !== 201) throw new Error(`not signed in: ${await reply.text()}`);
}

/** Signs in at the page that asks for it. */
export async function signIn(page: Page, key: string): Promise<void> {
  await page.getByLabel('Operator key').fill(key);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('button', { name: 'Sign out' }).waitFor();
}

/** Goes to another address of the console as its own links do, without loading everything anew. */
export async function goWithin(page: Page, path: string): Promise<void> {
  await page.evaluate((to) => {
    const state = { key: to, idx: 1 };
    history.pushState(state, '', to);
    dispatchEvent(new PopStateEvent('popstate', { state }));
  }, path);
}

/** axe-core finds nothing, in the light and in the dark. */
export async function expectAccessible(page: Page): Promise<void> {
  // By the debugger: the policy of the page lets nothing else in. A page that stayed has it already.
  if (!(await page.evaluate(() => 'axe' in globalThis))) await page.evaluate(axe.source);
  await showIn(page, 'light');
  expect(await violationsOf(page, { type: 'tag', values: ACCESSIBILITY_RULES }), 'axe-core, light').toEqual([]);
  await showIn(page, 'dark');
  expect(await violationsOf(page, { type: 'rule', values: RULES_OF_COLOURS }), 'axe-core, dark').toEqual([]);
}

async function violationsOf(page: Page, runOnly: axe.RunOnly): Promise<string[]> {
  return await page.evaluate(async (only) => {
    const run = (globalThis as unknown as { axe: typeof axe }).axe.run;
    const { violations } = await run({
      runOnly: only,
      resultTypes: ['violations'],
      // Tooltips stand at the end of the page, and belong to what they describe.
      ...(only.type === 'tag' && { rules: { region: { enabled: false } } }),
    });
    return violations.flatMap(({ id, nodes }) =>
      nodes.map(({ html, failureSummary }) => `${id}: ${html.slice(0, 160)} – ${failureSummary}`),
    );
  }, runOnly);
}

/** A theme that the operator chose stays. */
async function showIn(page: Page, colorScheme: 'light' | 'dark'): Promise<void> {
  await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
  const chosen = await page.evaluate(() => /light|dark/.test(localStorage.getItem('mantine-color-scheme-value') ?? ''));
  if (!chosen) await page.locator(`html[data-mantine-color-scheme="${colorScheme}"]`).waitFor({ state: 'attached' });
}

/** Takes pictures of a page for people to look at, where TEST_SCREENSHOTS asks for them. */
export async function pictures(page: Page, name: string): Promise<void> {
  if (process.env.TEST_SCREENSHOTS === undefined) return;
  const before = page.viewportSize();
  // What the mouse was left on would show its tooltip.
  await page.mouse.move(0, 0);
  // Of the whole page: what sticks to the window's top belongs to the page's.
  await page.evaluate(() => scrollTo(0, 0));
  for (const colorScheme of ['light', 'dark'] as const) {
    await showIn(page, colorScheme);
    for (const size of SIZES) {
      await page.setViewportSize(size);
      await page.screenshot({ path: `${PICTURES}${name}-${size.width}-${colorScheme}.png`, fullPage: true });
    }
  }
  if (before) await page.setViewportSize(before);
  // As the README shows it: what a window shows at once.
  await showIn(page, 'light');
  await page.screenshot({ path: `${PICTURES}${name}-window.png` });
}

/** Nothing on the page is wider than its window. */
export async function expectNoSidewaysScroll(page: Page): Promise<void> {
  const over = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  expect(over).toBeLessThanOrEqual(0);
}
