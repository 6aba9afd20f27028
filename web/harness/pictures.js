/**
 * Pictures of a page, for people to look at, with what holds on every page held to.
 *
 * Owns: the windows a page is looked at through, and where its pictures land. Never: knows what a
 * page is about.
 */

import { fileURLToPath } from 'node:url';
import { expectAccessible, expectNoSideways } from './checks.js';
import { letters } from './phone.js';

/** @typedef {import('@playwright/test').Page} Page */

/**
 * @typedef {object} Window
 * @property {number} width
 * @property {number} height
 * @property {'light' | 'dark'} colorScheme
 * @property {boolean} isJudged whether axe looks at it, too
 * @property {'active'} [forcedColors] whether the colours are those of the person's machine
 */

const FOLDER = fileURLToPath(new URL('../../target/pages/', import.meta.url));

/**
 * Looks at the page that is open through each window, and with letters twice as large.
 * @param {Page} page
 * @param {string} name of the pictures
 * @param {readonly Window[]} windows
 * @param {readonly { width: number, height: number }[]} large the last is photographed
 */
export async function lookAt(page, name, windows, large) {
  for (const { width, height, colorScheme, isJudged, forcedColors } of windows) {
    await page.setViewportSize({ width, height });
    await page.emulateMedia({ colorScheme, forcedColors: forcedColors ?? 'none' });
    await expectNoSideways(page, `${name}, ${width} px`);
    const colours = forcedColors ? 'forced' : colorScheme;
    await page.screenshot({ path: `${FOLDER}${name}.${width}.${colours}.png`, fullPage: true });
    if (isJudged) await expectAccessible(page, `${name}, ${width} px, ${colours}`);
  }
  await page.emulateMedia({ forcedColors: 'none' });
  await letters(page, 200);
  for (const { width, height } of large) {
    await page.setViewportSize({ width, height });
    await expectNoSideways(page, `${name}, ${width} px, large letters`);
  }
  const last = large.at(-1);
  if (!last) return;
  // A picture of the whole page makes Chromium forget how large the letters are: the window grows.
  const height = await page.evaluate(() => document.documentElement.scrollHeight);
  await page.setViewportSize({ width: last.width, height });
  await page.screenshot({ path: `${FOLDER}${name}.${last.width}.large.png` });
  await page.setViewportSize(last);
  await letters(page, 100);
}
