/**
 * What a phone is like: a slow line, a wrong clock, large letters.
 *
 * Owns: how Chromium is told to be so.
 */

/** @typedef {import('@playwright/test').Page} Page */

const DAY_MS = 86_400_000;
/** What a browser takes for the size of its letters unless its owner says otherwise. */
const USUAL_LETTERS_PX = 16;
const USUAL_CODE_PX = 13;
/** A crowded cell: what the pages are made for. */
const SLOW = { bitsPerSecond: 400_000, latencyMs: 400 };

/**
 * A line of 400 kbit/s and 400 ms.
 * @param {Page} page
 */
export async function slowLine(page) {
  const session = await page.context().newCDPSession(page);
  const bytesPerSecond = SLOW.bitsPerSecond / 8;
  await session.send('Network.enable');
  await session.send('Network.emulateNetworkConditions', {
    offline: false,
    latency: SLOW.latencyMs,
    downloadThroughput: bytesPerSecond,
    uploadThroughput: bytesPerSecond,
  });
}

/**
 * A phone whose clock is wrong by so many days; to be said before a page is opened.
 * @param {Page} page
 * @param {number} days
 */
export async function clockWrongBy(page, days) {
  await page.clock.install({ time: Date.now() + days * DAY_MS });
}

/**
 * Letters as large as their owner set them in the browser.
 * @param {Page} page
 * @param {number} percent
 */
export async function letters(page, percent) {
  const session = await page.context().newCDPSession(page);
  const fontSizes = {
    standard: (USUAL_LETTERS_PX * percent) / 100,
    fixed: (USUAL_CODE_PX * percent) / 100,
  };
  await session.send('Page.setFontSizes', { fontSizes });
  await session.detach();
}

/**
 * A processor so many times slower than this one.
 * @param {Page} page
 * @param {number} times
 */
export async function slowProcessor(page, times) {
  const session = await page.context().newCDPSession(page);
  await session.send('Emulation.setCPUThrottlingRate', { rate: times });
}
