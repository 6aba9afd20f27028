/** An operator's evening, from the pages alone; and what goes wrong on one. */

import { readFile } from 'node:fs/promises';
import { ONLY_PLACE, campaign, shop } from '../harness/campaigns.js';
import { expectNoSideways, expectOnlyText } from '../harness/checks.js';
import { CONSOLE_WORDS } from '../harness/console_words.js';
import { HOSTILE } from '../harness/hostile.js';
import { Line } from '../harness/line.js';
import { AUDITOR, OWNER, Operator } from '../harness/operator.js';
import { somebody } from '../harness/people.js';
import { expect, test as base } from '../harness/test.js';
import { LANGUAGES } from '../harness/words.js';

const HOUR_MS = 3_600_000;
const GOODS = { zh: '一盒口罩', en: 'A box of masks' };
const TIME = { zh: '傍晚', en: 'Evening' };
const WHY = 'As the plan of the evening says';

/**
 * @typedef {import('../harness/test.js').Fixtures & import('@playwright/test').PlaywrightTestArgs} Given
 */

const test = base.extend(
  /** @type {import('@playwright/test').Fixtures<{ operator: Operator }, {}, Given>} */ ({
    operator: async ({ page, language, node }, use) => {
      await node.makeAccount('owner', OWNER.name, OWNER.password);
      await use(new Operator(page, CONSOLE_WORDS[language], node.operatorUrl));
    },
  }),
);

for (const language of LANGUAGES) {
  test.describe(language, () => {
    test.use({ language });

    test('an evening', async ({ operator, node, page, words: { tag } }) => {
      const { words } = operator;
      const people = Array.from({ length: 6 }, () => somebody());
      const enter = (/** @type {number[]} */ ...which) =>
        Promise.all(which.map((at) => node.enter('evening', people[at] ?? somebody(), ONLY_PLACE)));
      const opens = Date.now() + HOUR_MS;
      const offered = { item: GOODS, slot: TIME, units: 3 };
      await node.load(shop('evening', { isHeldBack: true, opens, ...offered }));

      await test.step('logs in', async () => {
        await operator.open('/console');
        await operator.logIn(OWNER);
        await expect(operator.title(words.campaigns)).toBeVisible();
        await expect(page.locator('html')).toHaveAttribute('lang', tag);
        await page.getByRole('rowheader').getByRole('link').click();
        await operator.expectState(words.isNotOpenYet);
        await expect(operator.tile(words.unitsLeft)).toContainText('3');
      });
      await test.step('imports stock, with the difference first', async () => {
        await operator.link(words.stock).click();
        await operator.chooseTable('outlet,item,slot,units\nw1,kn95,am,4\n');
        await expect(operator.title(words.difference)).toBeVisible();
        const row = page.getByRole('row').filter({ hasText: 'w1' });
        await expect(row.getByRole('cell')).toHaveText([GOODS[language], TIME[language], '3', '4', '0']);
        await operator.sayWhy(WHY);
        await operator.button(words.changeStock).click();
        await operator.expectDone();
        await expect(operator.tile(words.unitsLeft)).toContainText('4');
      });
      await test.step('opens', async () => {
        await operator.press(words.openNow, words.openNow, WHY);
        await operator.expectDone();
        await operator.expectState(words.isOpen);
        await expect(page.getByText(words.isHeldBack, { exact: true })).toBeVisible();
      });
      await test.step('watches entries come in', async () => {
        await enter(0, 1, 2);
        await expect(operator.tile(words.entries)).toHaveText('3');
        await expect(operator.tile(words.booked)).toHaveText('3');
        await expect(operator.tile(words.unitsLeft)).toContainText('1');
      });
      await test.step('pauses', async () => {
        await operator.pause('A queue at the East Gate');
        await operator.expectDone();
        await operator.expectState(words.isPaused);
        await expect(operator.button(words.pauseNow)).toBeHidden();
        await expect(enter(3)).rejects.toThrow(/paused/);
      });
      await test.step('resumes', async () => {
        await operator.press(words.resume, words.resumeIt, 'The queue is gone');
        await operator.expectState(words.isOpen);
        await enter(3);
      });
      await test.step('sets a cap', async () => {
        await operator.link(words.cap).click();
        await operator.field(words.capEntries).fill('5');
        await operator.sayWhy(WHY);
        await operator.button(words.setCap).click();
        await operator.expectDone();
        await enter(4);
        await expect(operator.tile(words.entries)).toContainText('5');
        await operator.expectState(words.isFull);
      });
      await test.step('closes, once the code is typed as it is', async () => {
        await operator.link(words.close).click();
        await operator.typeCode('evenin', 'evening');
        await operator.sayWhy(WHY);
        await operator.button(words.closeNow).click();
        await expect(page.getByRole('alert')).toContainText(words.wrongCode);
        await expect(operator.field(words.reason)).toHaveValue(WHY);
        await operator.typeCode('evening', 'evening');
        await operator.button(words.closeNow).click();
        await operator.expectDone();
        await operator.expectState(words.isClosed);
      });
      await test.step('publishes', async () => {
        await operator.press(words.publish, words.publishForGood, WHY, 'evening');
        await operator.expectDone();
        await operator.expectState(words.isPublished);
        await expect(operator.link(words.publish)).toHaveCount(0);
      });
      await test.step('exports', async () => {
        await operator.link(words.export).click();
        await operator.field(words.format).selectOption('csv file');
        await operator.sayWhy('For the shops');
        const begins = page.waitForEvent('download');
        await operator.button(words.download).click();
        const file = await readFile(await (await begins).path(), 'utf8');
        for (const { name } of people.slice(0, 4)) expect(file).toContain(name);
        expect(file).not.toContain(people[4]?.name);
      });
      await test.step('finds in the record what was done', async () => {
        await operator.search('East Gate');
        await expect(operator.records('A queue at the East Gate')).toHaveCount(1);
        await expect(operator.records('A queue at the East Gate')).toContainText(OWNER.name);
        await operator.search('For the shops');
        await expect(operator.records('For the shops')).toHaveCount(1);
        await operator.search(WHY);
        await expect(operator.records(WHY)).toHaveCount(5);
      });
      await test.step('logs out, and the back button shows nothing any more', async () => {
        await operator.button(words.logOut).click();
        await expect(operator.title(words.logIn)).toBeVisible();
        await page.goBack();
        await expect(operator.title(words.logIn)).toBeVisible();
      });
    });

    test('two tabs: what one does, the other shows', async ({ operator, node, context }) => {
      const { words } = operator;
      await node.load(shop('shop'));
      await operator.enter(OWNER);
      await operator.open('/console/c/shop');
      const other = new Operator(await context.newPage(), words, operator.url);
      await other.open('/console/c/shop');
      await other.expectState(words.isOpen);
      await operator.pause(WHY);
      await other.expectState(words.isPaused);
      await expect(other.button(words.pauseNow)).toBeHidden();
      await other.press(words.resume, words.resumeIt, WHY);
      await operator.expectState(words.isOpen);
      await expect(operator.button(words.pauseNow)).toBeVisible();
    });

    test('a session that ends in a form takes nothing away', async ({ operator, node, page }) => {
      const { words } = operator;
      await node.load(shop('shop'));
      await operator.enter(OWNER);
      await operator.open('/console/c/shop/do/close');
      await operator.typeCode('shop', 'shop');
      await operator.sayWhy('The stock is gone');
      await operator.endSession();
      await operator.button(words.closeNow).click();
      await expect(page.getByText(words.ended)).toBeVisible();
      await operator.logIn(OWNER);
      await expect(operator.field(words.reason)).toHaveValue('The stock is gone');
      await expect(operator.field(words.typeCode('shop'))).toHaveValue('');
      await operator.typeCode('shop', 'shop');
      await operator.button(words.closeNow).click();
      await operator.expectDone();
      await operator.open('/console/c/shop/do/publish');
      await expect(operator.field(words.reason)).toHaveValue('');
    });

    test('the node is killed while one watches', async ({ operator, node, page }) => {
      const { words } = operator;
      await node.load(shop('shop'));
      await operator.enter(OWNER);
      await operator.open('/console/c/shop');
      await expect(page.getByText(words.live, { exact: true })).toBeVisible();
      await node.kill();
      await expect(page.getByText(words.stale)).toBeVisible();
      await node.restart();
      await expect(page.getByText(words.lost)).toBeVisible();
      await operator.link(words.again).click();
      await operator.logIn(OWNER);
      await expect(page).toHaveURL(/\/console\/c\/shop$/);
      await node.enter('shop', somebody(), ONLY_PLACE);
      await expect(operator.tile(words.entries)).toHaveText('1');
    });

    test('an auditor sees, changes nothing, and meets nobody', async ({ operator, node, page }) => {
      const { words } = operator;
      const person = somebody();
      await node.load(shop('shop', { isHeldBack: true }));
      await node.enter('shop', person, ONLY_PLACE);
      await node.makeAccount('auditor', AUDITOR.name, AUDITOR.password);
      await operator.open('/console/c/shop');
      await operator.logIn(AUDITOR);
      await expect(operator.tile(words.entries)).toHaveText('1');
      await expect(page.getByText(words.readOnly)).toBeVisible();
      for (const name of [words.close, words.stock, words.export, words.cap]) {
        await expect(operator.link(name)).toHaveCount(0);
      }
      await expect(operator.button(words.pauseNow)).toHaveCount(0);
      const switches = ['open', 'pause', 'close', 'publish', 'cap', 'withdraw'];
      const pages = [...switches.map((word) => `do/${word}`), 'stock', 'export'];
      for (const path of pages) {
        const answer = await page.goto(`${operator.url}/console/c/shop/${path}`);
        expect(answer?.status(), path).toBe(403);
        await expect(operator.title(words.notAllowed)).toBeVisible();
      }
      for (const path of ['', '/c/shop', '/c/shop?district=0', '/actions']) {
        await operator.open(`/console${path}`);
        const html = await page.content();
        for (const secret of Object.values(person)) expect(html, path).not.toContain(secret);
      }
    });

    test.describe('where the browser would let scripts run', () => {
      test.use({ bypassCSP: true, viewport: { width: 360, height: 740 } });

      test('texts and reasons are texts', async ({ operator, node, page }) => {
        const { words } = operator;
        const both = { zh: HOSTILE, en: HOSTILE };
        const texts = { title: both, summary: both, item: both, slot: both };
        await node.load(campaign('hostile', texts));
        await operator.enter(OWNER);
        await operator.open('/console/c/hostile');
        await operator.pause(HOSTILE);
        await operator.expectDone();
        const forms = ['resume', 'close', 'cap', 'withdraw'].map((word) => `/do/${word}`);
        const pages = ['', '?district=0', ...forms, '/stock', '/export'];
        const own = pages.map((path) => `/c/hostile${path}`);
        for (const path of ['', ...own, '/actions', `/actions?text=${encodeURIComponent(HOSTILE)}`]) {
          await operator.open(`/console${path}`);
          await expect(page.getByText(HOSTILE).first()).toBeAttached();
          await expectOnlyText(page);
          await expectNoSideways(page, path);
        }
        await operator.open('/console/c/hostile/stock');
        await operator.chooseTable('outlet,item,slot,units\nw1,kn95,am,7\n');
        await expect(operator.title(words.difference)).toBeVisible();
        await expectOnlyText(page);
        await operator.open('/console/c/hostile/do/close');
        await operator.typeCode(HOSTILE.slice(0, 40), 'hostile');
        await operator.sayWhy(HOSTILE);
        await operator.button(words.closeNow).click();
        await expect(page.getByRole('alert')).toBeVisible();
        await expect(operator.field(words.reason)).toHaveValue(HOSTILE);
        await expectOnlyText(page);
      });
    });

    test.describe('without scripts', () => {
      test.use({ javaScriptEnabled: false });

      test('one pauses and resumes', async ({ operator, node }) => {
        const { words } = operator;
        await node.load(shop('shop'));
        await operator.open('/console');
        await operator.logIn(OWNER);
        await operator.open('/console/c/shop');
        await node.enter('shop', somebody(), ONLY_PLACE);
        await operator.link(words.loadAgain).click();
        await expect(operator.tile(words.entries)).toHaveText('1');
        await operator.pause(WHY);
        await operator.expectState(words.isPaused);
        await operator.press(words.resume, words.resumeIt, WHY);
        await operator.expectState(words.isOpen);
        await operator.search(WHY);
        await expect(operator.records(WHY)).toHaveCount(2);
      });
    });
  });
}

test('a double press is one action', async ({ operator, node, page }) => {
  const { words } = operator;
  await node.load(shop('shop'));
  await operator.enter(OWNER);
  await operator.open('/console/c/shop');
  await operator.field(words.pauseReason).fill(WHY);
  await operator.button(words.pauseNow).dblclick();
  await operator.expectDone();
  await operator.search(WHY);
  await expect(operator.records(WHY)).toHaveCount(1);
  await expect(page.getByText('already-so')).toHaveCount(0);
});

test('back, forth and again do nothing a second time', async ({ operator, node, page }) => {
  const { words } = operator;
  await node.load(shop('shop'));
  await operator.enter(OWNER);
  await operator.open('/console/c/shop');
  await operator.link(words.cap).click();
  await operator.field(words.capEntries).fill('7');
  await operator.sayWhy(WHY);
  await operator.button(words.setCap).click();
  await operator.expectDone();
  await page.reload();
  await operator.expectDone();
  await page.goBack();
  await expect(operator.field(words.capEntries)).toHaveValue('7');
  await page.goForward();
  await operator.expectDone();
  await operator.search(WHY);
  await expect(operator.records(WHY)).toHaveCount(1);
});

test('a page that the browser had kept is asked for anew, not sent anew', async ({
  operator,
  node,
  page,
}) => {
  const { words } = operator;
  /** What a browser says that shows a page as it was; this one keeps none while it is tested. */
  const comeBack = () =>
    page.evaluate(() => {
      window.dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }));
    });
  const request = page.locator('form[data-keep] input[name=request]');
  await node.load(shop('shop'));
  await operator.enter(OWNER);
  for (const path of ['/console/c/shop', '/console/c/shop/do/cap']) {
    await operator.open(path);
    const former = await request.inputValue();
    await comeBack();
    await expect(request).not.toHaveValue(former);
    await expect(page).toHaveURL(`${operator.url}${path}`);
  }
  await operator.open('/console/c/shop/do/close');
  await operator.typeCode('shopp', 'shop');
  await operator.sayWhy(WHY);
  await operator.button(words.closeNow).click();
  await expect(page.getByRole('alert')).toContainText(words.wrongCode);
  const asked = page.waitForRequest((sent) => sent.isNavigationRequest());
  await comeBack();
  expect((await asked).method()).toBe('GET');
  await expect(page.getByRole('alert')).toHaveCount(0);
  await expect(operator.field(words.reason)).toHaveValue(WHY);
});

test.describe('the line', () => {
  /**
   * Watches a campaign over a line, has it go wrong, and sees what happened meanwhile.
   * @param {Operator} operator
   * @param {import('../harness/node.js').Node} node
   * @param {(line: Line) => void} goWrong
   */
  async function watchThrough({ page, words, url }, node, goWrong) {
    const line = await Line.to(url);
    const operator = new Operator(page, words, line.url);
    await node.load(shop('shop'));
    await operator.enter(OWNER);
    await operator.open('/console/c/shop');
    await expect(page.getByText(words.live, { exact: true })).toBeVisible();
    goWrong(line);
    await expect(page.getByText(words.stale)).toBeVisible();
    await node.enter('shop', somebody(), ONLY_PLACE);
    line.mend();
    await expect(page.getByText(words.live, { exact: true })).toBeVisible();
    await expect(operator.tile(words.entries)).toHaveText('1');
    await page.close();
    await line.end();
  }

  test('breaks while one watches', async ({ operator, node }) => {
    await watchThrough(operator, node, (line) => line.cut());
  });

  test('falls silent while one watches', async ({ operator, node }) => {
    await watchThrough(operator, node, (line) => line.fallSilent());
  });
});
