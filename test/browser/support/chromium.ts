import { existsSync } from 'node:fs';
import { type Browser, type BrowserContext, chromium } from 'playwright-core';
import { describe } from 'vitest';

// Slow machines start a browser and two servers in this.
const TIMEOUT_MS = 60_000;
// With every window the browser makes two pages of its own, for suggestions below an address bar that nobody sees: as much
// work as the page under test. The last of several such flags holds, so those that Playwright switches off are named again.
const FEATURES_OFF = [
  'WebUIOmniboxPopup',
  'WebUIOmniboxAimPopup',
  'AimEnabled',
  'AvoidCorsURLLoaderRestartOnRedirect',
  'AvoidUnnecessaryBeforeUnloadCheckSync',
  'DestroyProfileOnBrowserClose',
  'HttpsFirstBalancedModeAutoEnable',
  'HttpsUpgrades',
  'LensOverlay',
  'MediaRouter',
  'NetworkTimeServiceQuerying',
  'OptimizationHints',
  'PaintHolding',
  'PreconnectToSearch',
  'ThirdPartyStoragePartitioning',
];
const DEFAULT_PATHS = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

function chromiumPath(): string | undefined {
  const { CHROMIUM } = process.env;
  return CHROMIUM ?? DEFAULT_PATHS.find((path) => existsSync(path));
}

/** A suite in a real browser; skipped in one loud line where there is none, unless skipping is forbidden. */
export function inChromium(title: string, suite: (launch: () => Promise<Browser>) => void): void {
  const executablePath = chromiumPath();
  if (executablePath === undefined) {
    const line = `BROWSER TESTS SKIPPED (${title}): install chromium, or set CHROMIUM to the path of one`;
    if (process.env.TEST_FORBID_SKIPS === '1') throw new Error(line);
    process.stdout.write(`!!! ${line} !!!\n`);
  }
  describe.skipIf(executablePath === undefined)(title, { timeout: TIMEOUT_MS }, () =>
    suite(() =>
      chromium.launch({
        ...(executablePath !== undefined && { executablePath }),
        // Containers seldom allow what the sandbox needs; the pages are our own.
        args: ['--no-sandbox', '--disable-dev-shm-usage', `--disable-features=${FEATURES_OFF.join(',')}`],
      }),
    ),
  );
}

/** A fresh profile with everything noted that a page must not do. */
export async function visitor(
  browser: Browser,
  options: Parameters<Browser['newContext']>[0] = {},
): Promise<{ context: BrowserContext; faults: string[] }> {
  const context = await browser.newContext({ locale: 'en', ...options });
  context.setDefaultTimeout(10_000);
  const faults: string[] = [];
  context.on('weberror', (error) => faults.push(String(error.error())));
  context.on('dialog', (dialog) => {
    faults.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  // A refused call stands in the console too; only what the policy of the page forbids is a fault.
  context.on('console', (message) => {
    if (/Content Security Policy|Refused to/i.test(message.text())) faults.push(message.text());
  });
  return { context, faults };
}
