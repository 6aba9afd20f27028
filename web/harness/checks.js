/**
 * What holds on every page, whatever it is about.
 *
 * Owns: the measure of each. Never: excepts a page or a rule.
 */

import { expect } from '@playwright/test';
import axe from 'axe-core';
import { RAN } from './hostile.js';

/** @typedef {import('@playwright/test').Page} Page */

/** WCAG 2.2 AA and all that it is built on. */
const WCAG = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];

/**
 * That axe finds nothing.
 * @param {Page} page
 * @param {string} where for whoever reads the failure
 */
export async function expectAccessible(page, where) {
  if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(axe.source);
  const { violations, passes } = await page.evaluate(async (values) => {
    const { axe } = /** @type {{ axe: typeof import('axe-core') }} */ (/** @type {any} */ (window));
    /** @type {import('axe-core').RunOptions} */
    const options = { runOnly: { type: 'tag', values }, resultTypes: ['violations'] };
    // Nothing is loaded ahead: rules about films are not for these pages.
    return axe.run(document, { ...options, preload: false });
  }, WCAG);
  const found = violations.flatMap(({ id, help, nodes }) =>
    nodes.map((node) => `${id}: ${help}: ${node.target.join(' ')}: ${node.failureSummary}`),
  );
  expect(found, `axe, ${where}`).toEqual([]);
  expect(passes.length, `axe looked at nothing, ${where}`).toBeGreaterThan(0);
}

/**
 * That nothing lies beyond the edge, where one would have to scroll for it.
 * @param {Page} page
 * @param {string} where
 */
export async function expectNoSideways(page, where) {
  expect(await sideways(page), `wider than the window, ${where}`).toEqual([]);
}

/**
 * What lies beyond the edge, if anything.
 * @param {Page} page
 */
export async function sideways(page) {
  return page.evaluate(() => {
    const root = document.documentElement;
    if (root.scrollWidth <= root.clientWidth) return [];
    const wide = [...document.querySelectorAll('body *')].filter(
      (element) => element.getBoundingClientRect().right > root.clientWidth,
    );
    const shown = wide.map((element) => element.outerHTML.slice(0, 80));
    return [`${root.scrollWidth} px in ${root.clientWidth}`, ...shown];
  });
}

/**
 * That no text became markup, and nothing of it ran.
 * @param {Page} page
 */
export async function expectOnlyText(page) {
  const found = await page.evaluate((ran) => {
    const isOurs = (/** @type {Element} */ element) =>
      element.getAttribute('type') === 'application/json' ||
      element.getAttribute('src')?.startsWith('/assets/');
    const scripts = [...document.querySelectorAll('script')].filter((script) => !isOurs(script));
    const images = [...document.querySelectorAll('img')].filter((image) => !isOurs(image));
    const handlers = [...document.querySelectorAll('*')].filter((element) =>
      element.getAttributeNames().some((name) => name.startsWith('on')),
    );
    const markup = [...scripts, ...images, ...handlers].map((element) => element.outerHTML);
    return Reflect.has(window, ran) ? [...markup, 'a text ran'] : markup;
  }, RAN);
  expect(found).toEqual([]);
}
