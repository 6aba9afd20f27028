/**
 * What becomes of a press when its answer comes late, in another tab, or under another log-in: it
 * is neither told as nothing, nor as fresh, nor forgotten.
 */

import { campaign } from '../harness/campaigns.js';
import { Counter, enter, letIn, makeCode } from '../harness/counter.js';
import { expect, test } from '../harness/test.js';

/** @typedef {import('@playwright/test').Page} Page */

const HAND_OVER = '**/counter/hand-over';

test.describe.configure({ mode: 'parallel' });
test.use({ language: 'en', viewport: { width: 390, height: 844 } });

/**
 * Presses reach the node from now on, and their answers reach nobody.
 * @param {Page} page
 */
async function loseAnswers(page) {
  await page.route(HAND_OVER, async (route) => {
    await route.fetch();
    await route.abort();
  });
}

/**
 * Presses reach nobody from now on.
 * @param {Page} page
 */
async function losePresses(page) {
  await page.route(HAND_OVER, (route) => route.abort());
}

test('a press that arrives late is asked about, not told as fresh', async ({
  node,
  browser,
  page,
}) => {
  await node.load(campaign('masks', { isToday: true }));
  const { counter, words } = await letIn(node, browser, page, 'en');
  const { code } = await enter(node);
  await counter.look(code);
  await losePresses(page);
  await counter.press(words.handOver);
  await counter.expectTold(words.held);
  await page.goto('about:blank');
  await page.unrouteAll({ behavior: 'wait' });
  await page.goto(`${counter.url}/counter`);
  await counter.expectTold(words.recorded);
  await expect(page.getByText(code, { exact: true })).toBeVisible();
  await counter.expectCounts(1, 0);
});

test('a press is not told as nothing when another tab logs in anew', async ({
  node,
  browser,
  page,
  context,
}) => {
  await node.load(campaign('masks', { isToday: true }));
  const { desk, counter, words } = await letIn(node, browser, page, 'en');
  const { code } = await enter(node);
  await counter.look(code);
  await loseAnswers(page);
  await counter.press(words.handOver);
  await counter.expectTold(words.held);
  const other = new Counter(await context.newPage(), words, counter.url);
  await desk.goto(`${counter.url}/console/counters`);
  await other.logIn(await makeCode(desk, words, 'Till 2', 'w2'));
  await other.expectTold(words.outlet);
  await page.unrouteAll({ behavior: 'wait' });
  await expect(page.getByText(`${code}: ${words.shiftBefore}`)).toBeVisible();
  await expect(page.getByLabel(words.code, { exact: true })).toHaveValue(code);
  await counter.press(words.look);
  // Another name of the counter, and yet it was this phone.
  await counter.expectTold(words.before);
  await expect(page.getByText(words.atThisCounter)).toBeVisible();
});

test('a code in full-width letters finds its own press', async ({
  node,
  browser,
  page,
  context,
}) => {
  await node.load(campaign('masks', { isToday: true }));
  const { desk, counter, words } = await letIn(node, browser, page, 'en');
  const { code } = await enter(node);
  await counter.look(code);
  await loseAnswers(page);
  await counter.press(words.handOver);
  await counter.expectTold(words.held);
  const other = new Counter(await context.newPage(), words, counter.url);
  await desk.goto(`${counter.url}/console/counters`);
  await other.logIn(await makeCode(desk, words, 'Till 2', 'w2'));
  await other.look(fullWidth(code));
  await other.expectTold(words.before);
  await expect(other.page.getByText(words.atThisCounter)).toBeVisible();
});

for (const end of ['its shift is over', 'another tab logs in']) {
  test(`where nothing is kept, a press stays in sight when ${end}`, async ({
    node,
    browser,
    page,
    context,
  }) => {
    await node.load(campaign('masks', { isToday: true }));
    await page.addInitScript(() => {
      Storage.prototype.setItem = () => {
        throw new DOMException('no room', 'QuotaExceededError');
      };
    });
    const { desk, counter, words } = await letIn(node, browser, page, 'en');
    const { code } = await enter(node);
    await counter.look(code);
    await loseAnswers(page);
    await counter.press(words.handOver);
    await counter.expectTold(words.held);
    await desk.goto(`${counter.url}/console/counters`);
    if (end === 'its shift is over') {
      await desk.getByRole('button', { name: words.endNow }).click();
      await expect(desk.getByRole('button', { name: words.endNow })).toHaveCount(0);
    } else {
      const other = new Counter(await context.newPage(), words, counter.url);
      await other.logIn(await makeCode(desk, words, 'Till 2', 'w2'));
      await other.expectTold(words.outlet);
    }
    await page.unrouteAll({ behavior: 'wait' });
    await expect(page.getByText(`${code}: ${words.left}`)).toBeVisible();
    await counter.expectTold(words.held);
  });
}

test('a press of the shift before is reminded of until its own code was looked at', async ({
  node,
  browser,
  page,
}) => {
  await node.load(campaign('masks', { isToday: true }));
  const { desk, counter, words } = await letIn(node, browser, page, 'en');
  const [mine, next] = [await enter(node), await enter(node)];
  await counter.look(mine.code);
  await loseAnswers(page);
  await counter.press(words.handOver);
  await counter.expectTold(words.held);
  await desk.goto(`${counter.url}/console/counters`);
  await desk.getByRole('button', { name: words.endNow }).click();
  await expect(desk.getByRole('button', { name: words.endNow })).toHaveCount(0);
  await page.unrouteAll({ behavior: 'wait' });
  await expect(page.getByText(words.over)).toBeVisible();
  await counter.logIn(await makeCode(desk, words, 'Till 2', 'w2'));
  const reminder = page.getByText(`${mine.code}: ${words.shiftBefore}`);
  await expect(reminder).toBeVisible();

  await counter.look(next.code);
  await counter.expectTold(words.sure);
  await counter.press(words.handOver);
  await counter.expectTold(words.done);
  await expect(reminder).toBeVisible();
  await page.reload();
  await expect(reminder).toBeVisible();

  await expect(page.getByLabel(words.code, { exact: true })).toHaveValue(mine.code);
  await counter.press(words.look);
  await counter.expectTold(words.before);
  await expect(page.getByText(words.atThisCounter)).toBeVisible();
  await expect(reminder).toHaveCount(0);
  await page.goto(`${counter.url}/counter`);
  await counter.expectTold(words.outlet);
  await expect(reminder).toHaveCount(0);
});

test('a press in another tab waits, and is told not to be sent', async ({
  node,
  browser,
  page,
  context,
}) => {
  await node.load(campaign('masks', { isToday: true }));
  const { counter, words } = await letIn(node, browser, page, 'en');
  const [mine, next] = [await enter(node), await enter(node)];
  const other = new Counter(await context.newPage(), words, counter.url);
  await other.page.goto(`${counter.url}/counter`);
  await other.look(next.code);
  await other.expectTold(words.sure);
  await counter.look(mine.code);
  await losePresses(page);
  await counter.press(words.handOver);
  await counter.expectTold(words.held);

  await other.press(words.handOver);
  await other.expectTold(words.recorded);
  await expect(other.page.getByText(mine.code, { exact: true })).toBeVisible();
  await expect(other.page.getByText(`${next.code}: ${words.notSent}`)).toBeVisible();
  await other.expectCounts(1, 1);
  await expect(other.page.getByLabel(words.code, { exact: true })).toHaveValue(next.code);
  await other.press(words.look);
  await other.press(words.handOver);
  await other.expectTold(words.done);
  await other.expectCounts(2, 0);
});

test('an answer takes away the press of its own tab alone', async ({
  node,
  browser,
  page,
  context,
}) => {
  await node.load(campaign('masks', { isToday: true }));
  const { counter, words } = await letIn(node, browser, page, 'en');
  const [mine, next] = [await enter(node), await enter(node)];
  // No patience ends while the clock stands.
  await page.clock.install();
  await page.clock.pauseAt(Date.now() + 60_000);
  await counter.look(mine.code);
  const { promise: until, release } = held();
  await page.route(HAND_OVER, async (route) => {
    const response = await route.fetch();
    await until;
    await route.fulfill({ response });
  });
  await counter.press(words.handOver);
  const other = new Counter(await context.newPage(), words, counter.url);
  await other.page.goto(`${counter.url}/counter`);
  await other.expectTold(words.recorded);
  await losePresses(other.page);
  await other.look(next.code);
  await other.press(words.handOver);
  await other.expectTold(words.held);

  release();
  await expect(page.getByText(mine.code, { exact: true })).toBeVisible();
  await counter.expectTold(words.done);
  await page.unrouteAll({ behavior: 'wait' });
  await page.reload();
  await counter.expectTold(words.recorded);
  await expect(page.getByText(next.code, { exact: true })).toBeVisible();
  await counter.expectCounts(2, 0);
});

/**
 * What a keyboard for Chinese types.
 * @param {string} code
 */
function fullWidth(code) {
  return code.replace(/[!-~]/g, (symbol) => String.fromCharCode(symbol.charCodeAt(0) + 0xfee0));
}

/** Something that is waited for, and what ends the wait. */
function held() {
  /** @type {() => void} */
  let release = () => undefined;
  const promise = /** @type {Promise<void>} */ (new Promise((done) => (release = done)));
  return { promise, release };
}
