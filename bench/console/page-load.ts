import type { BrowserContext } from 'playwright-core';

/** One load of a page, measured by the browser itself. */
export interface PageLoad {
  /** From the navigation's begin until the page could be used, milliseconds. */
  interactiveMs: number;
  /** Bodies as they came over the wire, compressed; none for what was cached. */
  bytes: number;
  requests: number;
}

/** What the script in the page notes. */
interface Noted {
  seenMs: number | undefined;
  /** End of each task that blocked the page, longer than 50 ms (W3C Long Tasks). */
  longTaskEndsMs: number[];
}

// After what the page is used by has appeared, the page may still be too busy to answer.
const SETTLE_MS = 300;
const LONGEST_MS = 20_000;

/**
 * Loads a page in a tab of its own. It can be used when an element of `selector` is drawn, and no long task that began until
 * shortly after still runs. `settled` is awaited before: what the page asks for afterwards is not counted.
 */
export async function measureLoad(context: BrowserContext, url: string, selector: string): Promise<PageLoad> {
  const page = await context.newPage();
  try {
    await page.addInitScript(observe, selector);
    await page.goto(url, { waitUntil: 'commit', timeout: LONGEST_MS });
    await page.waitForFunction(() => '__seen' in globalThis, undefined, { timeout: LONGEST_MS });
    await page.waitForTimeout(SETTLE_MS);
    const [noted, loads] = await page.evaluate(
      () =>
        [
          (globalThis as unknown as { __noted: Noted }).__noted,
          [...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')].map((entry) => {
            const { transferSize, encodedBodySize } = entry as PerformanceResourceTiming;
            return transferSize > 0 ? encodedBodySize : 0;
          }),
        ] as const,
    );
    return {
      interactiveMs: Math.max(noted.seenMs ?? Number.NaN, ...noted.longTaskEndsMs),
      bytes: loads.reduce((sum, bytes) => sum + bytes, 0),
      requests: loads.filter((bytes) => bytes > 0).length,
    };
  } finally {
    await page.close();
  }
}

/** Runs in the page, before anything of it. */
function observe(selector: string): void {
  const noted: Noted = { seenMs: undefined, longTaskEndsMs: [] };
  Object.assign(globalThis, { __noted: noted });
  new PerformanceObserver((list) => {
    for (const { startTime, duration } of list.getEntries()) noted.longTaskEndsMs.push(startTime + duration);
  }).observe({ type: 'longtask', buffered: true });
  const look = () => {
    if (!document.querySelector(selector)) {
      requestAnimationFrame(look);
      return;
    }
    // The frame after the one in which it came has it on the screen.
    requestAnimationFrame(() => {
      noted.seenMs = performance.now();
      Object.assign(globalThis, { __seen: true });
    });
  };
  look();
}
