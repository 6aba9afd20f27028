/** That the checks of every page see what they are for. */

import { expect, test } from '@playwright/test';
import { expectAccessible, expectNoSideways, expectOnlyText } from '../harness/checks.js';
import { HOSTILE } from '../harness/hostile.js';
import { personalIn, somebody } from '../harness/people.js';

const PAGE = '<!doctype html><html lang="en"><title>A page</title><main><h1>A page</h1>';

test('axe sees a picture without words, and grey on grey', async ({ page }) => {
  await page.setContent(`${PAGE}<p>All is well.</p>`);
  await expectAccessible(page, 'a page');
  await page.setContent(`${PAGE}<img src="data:,">`);
  await expect(expectAccessible(page, 'a page')).rejects.toThrow(/image-alt/);
  await page.setContent(`${PAGE}<p style="color: #999; background: #888">Grey.</p>`);
  await expect(expectAccessible(page, 'a page')).rejects.toThrow(/color-contrast/);
});

test('what lies beyond the edge is seen', async ({ page }) => {
  await page.setViewportSize({ width: 320, height: 640 });
  await page.setContent(`${PAGE}<p style="width: 300px">Within.</p>`);
  await expectNoSideways(page, 'a page');
  await page.setContent(`${PAGE}<p style="width: 400px">Beyond.</p>`);
  await expect(expectNoSideways(page, 'a page')).rejects.toThrow(/Beyond/);
});

test('a text that became markup is seen', async ({ page }) => {
  await page.setContent(`${PAGE}<script type="application/json">{}</script>`);
  await expectOnlyText(page);
  await page.setContent(`${PAGE}<p>${HOSTILE}</p>`);
  await expect(expectOnlyText(page)).rejects.toThrow(/a text ran/);
});

test('what is personal is seen in an address', () => {
  const { name, id_number: idNumber, phone } = somebody();
  const clean = 'http://127.0.0.1/c/masks?outlet1=w2';
  const told = [name, idNumber, phone].map((word) => `${clean}&x=${encodeURIComponent(word)}`);
  expect(personalIn([clean])).toEqual([]);
  expect(personalIn([clean, ...told])).toHaveLength(3);
  expect(personalIn([`${clean}&x=${name.split('').join('%20')}%E0%A4%A`])).toEqual([]);
});
