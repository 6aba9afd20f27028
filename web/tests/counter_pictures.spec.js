/**
 * The counter's pages in each of their states, held to what holds on every page, and photographed
 * into `target/pages/` as `counter-*`.
 */

import { campaign } from '../harness/campaigns.js';
import { Counter, COUNTER_WORDS, letIn, logInOwner, makeCode } from '../harness/counter.js';
import { drawLots } from '../harness/lots.js';
import { somebody } from '../harness/people.js';
import { lookAt } from '../harness/pictures.js';
import { expect, test } from '../harness/test.js';
import { LANGUAGES } from '../harness/words.js';

/** @typedef {import('@playwright/test').Page} Page */

/** A small phone, a phone of today, a desk. */
const WINDOWS = /** @type {const} */ ([
  { width: 320, height: 640, colorScheme: 'dark', isJudged: true },
  { width: 390, height: 844, colorScheme: 'light', isJudged: true },
  { width: 1280, height: 800, colorScheme: 'light', isJudged: false },
  { width: 390, height: 844, colorScheme: 'light', isJudged: false, forcedColors: 'active' },
]);
const PHONE = { width: 390, height: 844 };
/** Where letters are twice as large. */
const LARGE = [{ width: 1280, height: 800 }, PHONE];
/** Today at the outlet of the phone. */
const HERE = 'w2/kn95/am';
const BUTTON_PX_MIN = 64;

/**
 * That buttons at the counter are as large as a thumb wants them, and its letters large.
 * @param {Page} page
 */
async function expectForThumbs(page) {
  const small = await page.evaluate((least) => {
    const buttons = [...document.querySelectorAll('main :is(button, .button)')];
    const shown = buttons.filter((button) => button.getClientRects().length > 0);
    const low = shown.filter((button) => button.getBoundingClientRect().height < least);
    return low.map((button) => button.outerHTML);
  }, BUTTON_PX_MIN);
  expect(small, 'buttons too small').toEqual([]);
  const size = await page.evaluate(() => getComputedStyle(document.body).fontSize);
  expect(Number.parseFloat(size)).toBeGreaterThanOrEqual(20);
}

for (const language of LANGUAGES) {
  test.describe(language, () => {
    test.use({ language });

    test('the counter in every state', async ({ node, browser, page }) => {
      await node.load(campaign('masks', { isToday: true }));
      const words = COUNTER_WORDS[language];
      const enter = async (/** @type {string} */ place) => {
        const { code, receipt } = await node.enter('masks', somebody(), place);
        return { code: String(code), receipt };
      };
      const [mine, gone] = [await enter(HERE), await enter(HERE), await enter('w2/child/am')];
      const other = await enter('w1/kn95/am');
      const later = await enter('w2/kn95/pm');
      await fetch(`${node.url}/v1/entries/${gone.receipt}`, { method: 'DELETE' });
      const desk = await (await browser.newContext()).newPage();
      await logInOwner(desk, node, words);
      const name = language === 'zh' ? '一号柜台' : 'Till 1';
      await lookAt(desk, `console-counters.${language}`, WINDOWS, LARGE);
      const code = await makeCode(desk, words, name, 'w2');
      await lookAt(desk, `console-counters-code.${language}`, WINDOWS, LARGE);

      const counter = new Counter(page, words, node.operatorUrl);
      await counter.logIn('2222-2222');
      await expect(page.getByRole('alert')).toBeVisible();
      await lookAt(page, `counter-log-in-wrong.${language}`, WINDOWS, LARGE);
      await counter.logIn(code);
      await counter.expectTold(words.outlet);
      await expectForThumbs(page);
      await lookAt(page, `counter-home.${language}`, WINDOWS, LARGE);
      await counter.look(mine.code);
      await counter.expectTold(words.sure);
      await expectForThumbs(page);
      await lookAt(page, `counter-look.${language}`, WINDOWS, LARGE);
      await counter.press(words.handOver);
      await counter.expectTold(words.done);
      await expectForThumbs(page);
      await lookAt(page, `counter-done.${language}`, WINDOWS, LARGE);
      /** @type {[string, string, string][]} */
      const told = [
        ['before', mine.code, words.before],
        ['elsewhere', other.code, words.elsewhere],
        ['early', later.code, words.early],
        ['cancelled', gone.code, words.cancelled],
        ['mistyped', 'ABCDE-FGHJ0', words.mistyped],
      ];
      for (const [view, typed, headline] of told) {
        await counter.look(typed);
        await counter.expectTold(headline);
        await lookAt(page, `counter-${view}.${language}`, WINDOWS, LARGE);
      }
      await page.getByText(words.menu, { exact: true }).click();
      await lookAt(page, `counter-menu.${language}`, WINDOWS, LARGE);
      await desk.goto(`${node.operatorUrl}/console/counters`);
      await lookAt(desk, `console-counters-running.${language}`, WINDOWS, LARGE);
    });

    test('one code for people who entered together', async ({ node, browser, page }) => {
      const masks = campaign('masks', { isToday: true, isHeldBack: true, draws: true, together: 3 });
      await node.load(masks);
      const family = [somebody(), somebody(), somebody()];
      const { receipt } = await node.enterTogether('masks', family, HERE);
      await drawLots(node, 'masks');
      const { code } = await (await fetch(`${node.url}/v1/entries/${receipt}`)).json();
      const { counter, words } = await letIn(node, browser, page, language);
      await counter.look(code);
      await counter.expectTold(words.sure);
      await expect(page.getByText(words.together, { exact: true })).toBeVisible();
      await expect(page.getByRole('definition').filter({ hasText: /^3$/ })).toHaveCount(1);
      for (const { name } of family) await expect(page.getByText(name)).toHaveCount(0);
      await expectForThumbs(page);
      await lookAt(page, `counter-together.${language}`, WINDOWS, LARGE);
      await page.setViewportSize(PHONE);
      await counter.press(words.handOver);
      await counter.expectTold(words.done);
    });
  });
}
