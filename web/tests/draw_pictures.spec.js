/** The person's page of a draw in each of its states, looked at as every page is. */

import { DRAW_WORDS, expect, test } from '../harness/draw_page.js';
import { lookAt } from '../harness/pictures.js';
import { LANGUAGES } from '../harness/words.js';

/**
 * @typedef {import('../harness/draw_page.js').Checker} Checker
 * @typedef {import('../harness/draw.js').Draw} Draw
 * @typedef {import('../harness/draw_page.js').Stage} Stage
 */

const WINDOWS = /** @type {const} */ ([
  { width: 320, height: 640, colorScheme: 'dark', isJudged: true },
  { width: 390, height: 844, colorScheme: 'light', isJudged: true },
  { width: 390, height: 844, colorScheme: 'dark', isJudged: false },
  { width: 1280, height: 800, colorScheme: 'light', isJudged: true },
  { width: 390, height: 844, colorScheme: 'light', forcedColors: 'active', isJudged: false },
]);
const LARGE = [
  { width: 1280, height: 800 },
  { width: 320, height: 640 },
];

/** @type {Record<string, [Stage, (checker: Checker, draw: Draw) => Promise<void>]>} */
const VIEWS = {
  empty: ['drawn', async () => {}],
  wrong: ['drawn', async (checker) => checker.button('go').click()],
  drawn: [
    'drawn',
    async (checker, draw) => {
      const [winner] = await draw.winners();
      if (winner) await checker.check(winner.person);
      await checker.sees(checker.words.drawn);
    },
  ],
  unfolded: [
    'alternates',
    async (checker, draw) => {
      const [winner] = await draw.winners(1);
      if (winner) await checker.check(winner.person);
      await checker.sees(checker.words.alternate);
      for (const fold of await checker.page.getByText(checker.words.evidence).all()) {
        await fold.click();
      }
    },
  ],
  nothing: [
    'alternates',
    async (checker, draw) => {
      const [loser] = await draw.losers();
      if (loser) await checker.check(loser);
      await checker.sees(checker.words.nothing);
    },
  ],
  waiting: [
    'sealed',
    async (checker, draw) => {
      await checker.check(draw.group);
      await checker.sees(checker.words.noResult);
    },
  ],
  'left-out': [
    'drawn',
    async (checker, draw) => {
      await checker.check(draw.leftOut);
      await checker.sees(checker.words.leftOut);
    },
  ],
  later: [
    'next',
    async (checker, draw) => {
      const [winner] = await draw.winners();
      if (winner) await checker.check(winner.person);
      await checker.sees(checker.words.leftOutLater);
    },
  ],
  promise: [
    'drawn',
    async (checker, draw) => {
      await checker.check({ ...draw.leftOut, receipt: draw.leftOut.promise });
      await checker.sees(checker.words.leftOutPromise);
    },
  ],
  private: [
    'private',
    async (checker, draw) => {
      await checker.check(draw.group);
      await expect(checker.page.getByText(checker.words.notPublic)).toBeVisible();
    },
  ],
  forged: [
    'drawn',
    async (checker, draw) => {
      const { receipt, number } = draw.leftOut;
      await checker.check({ receipt: receipt.replace(/salt (.)/, (_, digit) => `salt ${digit === '0' ? 1 : 0}`), number });
      await checker.sees(checker.words.badReceipt);
    },
  ],
  void: [
    'void',
    async (checker, draw) => {
      await checker.check(draw.group);
      await checker.sees(checker.words.void);
    },
  ],
};

for (const language of LANGUAGES) {
  test.describe(language, () => {
    test.use({ language });
    for (const [view, [stage, arrive]] of Object.entries(VIEWS)) {
      test(view, async ({ checker, draw, serve, page }) => {
        await checker.open(await serve(stage));
        await arrive(checker, draw);
        await lookAt(page, `draw-${view}.${language}`, WINDOWS, LARGE);
      });
    }
  });
}

test('the page is told in both languages where scripts are off', async ({ browser, serve }) => {
  const site = await serve('drawn');
  const context = await browser.newContext({ javaScriptEnabled: false });
  const page = await context.newPage();
  await page.goto(`${site.url}/check/`);
  // Texts for browsers without scripts are none that `getByText` finds.
  const told = page.locator('noscript p');
  await expect(told.filter({ hasText: '需要 JavaScript' })).toBeVisible();
  await expect(told.filter({ hasText: 'needs JavaScript for it' })).toBeVisible();
  await context.close();
  expect(Object.keys(DRAW_WORDS)).toEqual([...LANGUAGES]);
});
