/**
 * What somebody sees of a campaign that draws, from its form to what became of the entry: held to
 * what holds on every page, and photographed into `target/pages/` as `lots-*`.
 */

import { campaign } from '../harness/campaigns.js';
import { drawLots } from '../harness/lots.js';
import { somebody } from '../harness/people.js';
import { lookAt } from '../harness/pictures.js';
import { expect, test } from '../harness/test.js';
import { Visitor } from '../harness/visitor.js';
import { LANGUAGES } from '../harness/words.js';

/** A phone by day and by night, a desk. */
const WINDOWS = /** @type {const} */ ([
  { width: 360, height: 740, colorScheme: 'dark', isJudged: true },
  { width: 360, height: 740, colorScheme: 'light', isJudged: true },
  { width: 1280, height: 800, colorScheme: 'light', isJudged: false },
]);
/** Where letters are twice as large. */
const LARGE = [
  { width: 1280, height: 800 },
  { width: 360, height: 740 },
];
const HERE = 'w2/kn95/am';
const PHONE = { width: 360, height: 740 };

for (const language of LANGUAGES) {
  test.describe(language, () => {
    test.use({ language, viewport: PHONE });

    test('the form of a draw', async ({ node, page, words }) => {
      const lots = { isHeldBack: true, choicesMax: 2, draws: true, together: 3 };
      await node.load(campaign('lots', lots));
      const visitor = new Visitor(page, words, node.url);
      const look = async (/** @type {string} */ view) => {
        await lookAt(page, `lots-${view}.${language}`, WINDOWS, LARGE);
        await page.setViewportSize(PHONE);
      };
      await visitor.open('/c/lots');
      await look('campaign');
      await visitor.chooseTwo('lots');
      await look('form');
      await visitor.pickTwo();
      const person = somebody();
      await visitor.fill(person);
      await visitor.fillOf(words.personTwo, { ...somebody(), phone: '123' });
      await visitor.fillOf(words.personThree, person);
      await visitor.check();
      await expect(page.getByRole('alert')).toContainText(words.checkThese);
      await look('form-wrong');
      await visitor.fillOf(words.personTwo, somebody());
      await visitor.fillOf(words.personThree, somebody());
      await page.getByRole('checkbox', { name: words.anyPlace }).check();
      await visitor.check();
      await expect(visitor.button(words.enterDraw)).toBeVisible();
      await look('check');
      await visitor.button(words.enterDraw).click();
      await expect(visitor.title(words.inDraw)).toBeVisible();
      await look('entry-registered');
      await page.getByRole('link', { name: words.promise, exact: true }).click();
      await expect(visitor.title(words.promiseTitle)).toBeVisible();
      await look('promise');
    });

    test('what becomes of an entry', async ({ node, page, words }) => {
      await node.load(campaign('lots', { isHeldBack: true, draws: true, units: 1 }));
      const visitor = new Visitor(page, words, node.url);
      const entries = [];
      for (let number = 0; number < 3; number += 1) {
        entries.push(await node.enter('lots', somebody(), HERE));
      }
      const [, , last] = entries;
      await fetch(`${node.url}/v1/entries/${last?.receipt}`, { method: 'DELETE' });
      await drawLots(node, 'lots');
      const told = await Promise.all(
        entries.map(async ({ receipt }) => {
          const answer = await fetch(`${node.url}/v1/entries/${receipt}`);
          const { outcome } = await answer.json();
          return { receipt, outcome };
        }),
      );
      const receiptOf = (/** @type {string} */ wanted) =>
        told.find(({ outcome }) => outcome === wanted)?.receipt ?? '';
      const open = async (/** @type {string} */ view, /** @type {string} */ path) => {
        await visitor.open(path);
        await lookAt(page, `lots-${view}.${language}`, WINDOWS, LARGE);
      };
      const won = receiptOf('booked');
      await open('entry-booked', `/e/${won}`);
      await expect(visitor.title(words.booked)).toBeVisible();
      await open('receipt', `/e/${won}/draw`);
      await open('entry-not-drawn', `/e/${receiptOf('not-allocated')}`);
      await expect(page.getByText(words.notDrawn)).toBeVisible();
      const gaveUp = receiptOf('cancelled');
      await open('entry-cancelled', `/e/${gaveUp}`);
      await expect(visitor.title(words.cancelled)).toBeVisible();
      await open('receipt-none', `/e/${gaveUp}/draw`);
      const lapse = { do: 'lapse', all: true, early: true, reason: 'a test' };
      await node.operate('campaigns/lots/actions', lapse);
      await open('entry-ended', `/e/${won}`);
      await expect(visitor.title(words.noLonger)).toBeVisible();
    });
  });
}
