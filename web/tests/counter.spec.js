/** A shop's morning, from the pages alone: let in, look, hand over, every reason why not. */

import {
  Counter,
  COUNTER_WORDS,
  enter,
  letIn,
  logInOwner,
  makeCode,
} from '../harness/counter.js';
import { campaign } from '../harness/campaigns.js';
import { expectOnlyText } from '../harness/checks.js';
import { film, photo, picture } from '../harness/film.js';
import { HOSTILE } from '../harness/hostile.js';
import { expect, test } from '../harness/test.js';
import { LANGUAGES } from '../harness/words.js';

/**
 * @typedef {import('../harness/node.js').Node} Node
 */

/**
 * A shop's morning.
 * @param {Node} node
 * @param {Awaited<ReturnType<typeof letIn>>} shop
 */
async function morning(node, { desk, counter, words }) {
  const { page } = counter;
  await counter.expectTold(words.outlet);
  await counter.expectCounts(0, 0);
  const [mine, second, gone] = [await enter(node), await enter(node), await enter(node)];
  const other = await enter(node, 'w1/kn95/am');
  const later = await enter(node, 'w2/kn95/pm');
  await fetch(`${node.url}/v1/entries/${gone.receipt}`, { method: 'DELETE' });

  await counter.look(mine.code.toLowerCase().replace('-', ' '));
  await counter.expectTold(words.sure);
  await counter.press(words.handOver);
  await counter.expectTold(words.done);
  await counter.expectCounts(1, 1);
  await counter.look(mine.code);
  await counter.expectTold(words.before);
  await counter.look(other.code);
  await counter.expectTold(words.elsewhere);
  await counter.look(later.code);
  await counter.expectTold(words.early);
  await counter.look(gone.code);
  await counter.expectTold(words.cancelled);
  await counter.look('22222-2222');
  await counter.expectTold(words.mistyped);
  await counter.look(second.code);
  await counter.press(words.handOver);
  await counter.expectCounts(2, 0);

  await page.getByText(words.menu, { exact: true }).click();
  await counter.press(words.logOut);
  await expect(page.getByLabel(words.logInCode)).toBeVisible();
  const code = await makeCode(desk, words, 'Till 2', 'w2');
  await counter.logIn(code);
  await counter.expectCounts(2, 0);
  await desk.reload();
  await desk.goto(`${counter.url}/console/counters`);
  await desk.getByRole('button', { name: words.endNow }).click();
  await expect(desk.getByRole('button', { name: words.endNow })).toHaveCount(0);
  await page.reload();
  await expect(page.getByText(words.over)).toBeVisible();
  await counter.logIn(code);
  await expect(page.getByRole('alert')).toContainText(words.refused);
}

test.describe.configure({ mode: 'parallel' });

for (const language of LANGUAGES) {
  for (const javaScriptEnabled of [true, false]) {
    test.describe(`${language}, ${javaScriptEnabled ? 'with' : 'without'} scripts`, () => {
      test.use({ language, javaScriptEnabled });

      test('a shop’s morning', async ({ node, browser, page }) => {
        await node.load(campaign('masks', { isToday: true }));
        await morning(node, await letIn(node, browser, page, language));
      });
    });
  }
}

test.describe('on a phone', () => {
  test.use({ language: 'en', viewport: { width: 390, height: 844 } });

  test('a code behind the address is filled in and leaves it', async ({ node, browser, page }) => {
    await node.load(campaign('masks', { isToday: true }));
    const words = COUNTER_WORDS.en;
    const desk = await (await browser.newContext()).newPage();
    await logInOwner(desk, node, words);
    const code = await makeCode(desk, words, 'Till 1', 'w2');
    await page.goto(`${node.operatorUrl}/counter/log-in#${code}`);
    await expect(page.getByLabel(words.logInCode)).toHaveValue(code);
    await expect(page).toHaveURL(/\/counter\/log-in$/);
    await page.getByRole('button', { name: words.logIn, exact: true }).click();
    await expect(page).toHaveURL(/\/counter$/);
  });

  test('a double tap hands out once', async ({ node, browser, page }) => {
    await node.load(campaign('masks', { isToday: true }));
    const { counter, words } = await letIn(node, browser, page, 'en');
    const { code } = await enter(node);
    await counter.look(code);
    await page.getByRole('button', { name: words.handOver, exact: true }).dblclick();
    await counter.expectTold(words.done);
    await counter.expectCounts(1, 0);
    await expect(page.getByText('Ready for the next one.', { exact: true })).toBeVisible();
  });

  test('without a connection it says so, and goes on', async ({ node, browser, page, context }) => {
    await node.load(campaign('masks', { isToday: true }));
    const { counter, words } = await letIn(node, browser, page, 'en');
    const { code } = await enter(node);
    await counter.look(code);
    await counter.expectTold(words.sure);
    await context.setOffline(true);
    await counter.press(words.handOver);
    await expect(page.getByText(words.offline)).toBeVisible();
    await context.setOffline(false);
    await counter.expectTold(words.recorded);
    await counter.expectCounts(1, 0);
  });

  test('a lost answer is asked for again, also by a page that was killed', async ({
    node,
    browser,
    page,
  }) => {
    await node.load(campaign('masks', { isToday: true }));
    const { counter, words } = await letIn(node, browser, page, 'en');
    const { code } = await enter(node);
    await counter.look(code);
    // It reaches the node, and its answer reaches nobody.
    await page.route('**/counter/hand-over', async (route) => {
      await route.fetch();
      await route.abort();
    });
    await counter.press(words.handOver);
    await expect(page.getByText(words.notKnown)).toBeVisible();
    await page.unrouteAll({ behavior: 'wait' });
    await page.goto('about:blank');
    await page.goto(`${node.operatorUrl}/counter`);
    await counter.expectTold(words.recorded);
    await expect(page.getByText(code, { exact: true })).toBeVisible();
    await expect(page.locator('.about')).toContainText('Entry number 1');
    await counter.expectCounts(1, 0);
  });

  test('nothing else can be done until it is known what a press did', async ({
    node,
    browser,
    page,
  }) => {
    await node.load(campaign('masks', { isToday: true }));
    const { counter, words } = await letIn(node, browser, page, 'en');
    const { code } = await enter(node);
    const held = async () => {
      await counter.expectTold(words.held);
      await expect(page.getByText(code, { exact: true })).toBeVisible();
      await expect(page.locator('.about')).toContainText('Entry number 1');
      const ways = page.locator('main').locator('a, button, input:not([type=hidden])');
      await expect(ways).toHaveCount(0);
      await expect(page.locator('.bar')).toHaveAttribute('inert', '');
    };
    await page.route('**/counter/hand-over', (route) => route.abort());
    await counter.look(code);
    await counter.press(words.handOver);
    await held();
    await page.screenshot({ path: '../target/pages/counter-held.png', fullPage: true });
    await page.reload();
    await held();
    await page.unrouteAll({ behavior: 'wait' });
    await counter.expectTold(words.recorded);
    await expect(page.getByText(code, { exact: true })).toBeVisible();
    await counter.expectCounts(1, 0);
    await expect(page.locator('.bar')).not.toHaveAttribute('inert', '');
  });

  test('a press of the shift before is never sent, and said', async ({ node, browser, page }) => {
    await node.load(campaign('masks', { isToday: true }));
    const { desk, counter, words } = await letIn(node, browser, page, 'en');
    const { code } = await enter(node);
    await page.route('**/counter/hand-over', (route) => route.abort());
    await counter.look(code);
    await counter.press(words.handOver);
    await counter.expectTold(words.held);
    await desk.goto(`${node.operatorUrl}/console/counters`);
    await desk.getByRole('button', { name: words.endNow }).click();
    await expect(desk.getByRole('button', { name: words.endNow })).toHaveCount(0);
    await page.unrouteAll({ behavior: 'wait' });
    await expect(page.getByText(`${code}: It is not known`)).toBeVisible();
    await expect(page.getByText(words.pressedNothing)).toHaveCount(0);
    await counter.logIn(await makeCode(desk, words, 'Till 2', 'w2'));
    await expect(page.getByText(`${code}: In the shift before`)).toBeVisible();
    await expect(page.getByLabel(words.code, { exact: true })).toHaveValue(code);
    await counter.expectCounts(0, 1);
    await counter.press(words.look);
    await counter.expectTold(words.sure);
    await page.goto(`${node.operatorUrl}/counter`);
    await counter.expectTold(words.outlet);
    await expect(page.getByLabel(words.code, { exact: true })).toHaveValue('');
  });

  test('a busy node is asked again, a broken one is shown', async ({ node, browser, page }) => {
    await node.load(campaign('masks', { isToday: true }));
    const { counter, words } = await letIn(node, browser, page, 'en');
    const { code } = await enter(node);
    await counter.look(code);
    const html = '<main id="main"><h1>Broken</h1></main>';
    /** @type {Record<string, string>[]} */
    const answers = [{ 'Retry-After': '1' }, {}];
    await page.route('**/counter/hand-over', async (route) => {
      const headers = answers.shift();
      const broken = { status: 503, contentType: 'text/html', body: html };
      await (headers ? route.fulfill({ ...broken, headers }) : route.continue());
    });
    await counter.press(words.handOver);
    await counter.expectTold(words.held);
    await counter.expectTold('Broken');
    await page.goto(`${node.operatorUrl}/counter`);
    await counter.expectTold(words.recorded);
    await counter.expectCounts(1, 0);
  });

  test('a restart in the middle loses neither the shift nor the press', async ({
    node,
    browser,
    page,
  }) => {
    await node.load(campaign('masks', { isToday: true }));
    const { counter, words } = await letIn(node, browser, page, 'en');
    const { code } = await enter(node);
    await counter.look(code);
    await counter.expectTold(words.sure);
    await node.kill();
    await counter.press(words.handOver);
    await expect(page.getByText(words.notKnown)).toBeVisible();
    await node.restart();
    await counter.expectTold(words.recorded);
    await counter.expectCounts(1, 0);
  });

  test('a shift that an owner ended in the middle hands out nothing more', async ({
    node,
    browser,
    page,
  }) => {
    await node.load(campaign('masks', { isToday: true }));
    const { desk, counter, words } = await letIn(node, browser, page, 'en');
    const { code } = await enter(node);
    await counter.look(code);
    await counter.expectTold(words.sure);
    await desk.goto(`${node.operatorUrl}/console/counters`);
    await desk.getByRole('button', { name: words.endNow }).click();
    await expect(desk.getByRole('button', { name: words.endNow })).toHaveCount(0);
    await counter.press(words.handOver);
    await expect(page.getByText(words.over)).toBeVisible();
    await expect(page.getByRole('alert').getByText(words.pressedNothing)).toBeVisible();
  });

  test('no text becomes markup', async ({ node, browser, page }) => {
    const both = { zh: HOSTILE, en: HOSTILE };
    await node.load(campaign('masks', { isToday: true, title: both, item: both, slot: both }));
    const words = COUNTER_WORDS.en;
    const desk = await (await browser.newContext()).newPage();
    await logInOwner(desk, node, words);
    const code = await makeCode(desk, words, '<script>window.__ran=1</script>"\'>', 'w2');
    await expectOnlyText(desk);
    const counter = new Counter(page, words, node.operatorUrl);
    await counter.logIn(code);
    await counter.look(HOSTILE.slice(0, 40));
    await counter.expectTold(words.mistyped);
    await expectOnlyText(page);
    await counter.look((await enter(node)).code);
    await counter.expectTold(words.sure);
    await expectOnlyText(page);
    await counter.press(words.handOver);
    await counter.expectTold(words.done);
    await expectOnlyText(page);
  });

  test('a photo is read, and one without a code is not', async ({ node, browser, page }) => {
    await node.load(campaign('masks', { isToday: true }));
    const { counter, words } = await letIn(node, browser, page, 'en');
    const { receipt } = await enter(node);
    const html = await (await fetch(`${node.url}/e/${receipt}`)).text();
    const send = (/** @type {Buffer} */ buffer) =>
      page
        .getByLabel(words.photo)
        .setInputFiles({ name: 'photo.bmp', mimeType: 'image/bmp', buffer });
    await send(photo(Buffer.alloc(640 * 480, 200)));
    await expect(page.getByText(words.noCode)).toBeVisible();
    await send(photo(picture(html)));
    await counter.expectTold(words.sure);
  });
});

test('the camera reads a code that is held before it', async ({ node, playwright }, testInfo) => {
  await node.load(campaign('masks', { isToday: true }));
  const { receipt, code } = await enter(node);
  const path = testInfo.outputPath('camera.y4m');
  await film(path, picture(await (await fetch(`${node.url}/e/${receipt}`)).text()));
  const { executablePath } = testInfo.project.use.launchOptions ?? {};
  const camera = ['--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream'];
  const args = [...camera, `--use-file-for-fake-video-capture=${path}`];
  const browser = await playwright.chromium.launch({ executablePath, args });
  const page = await (await browser.newContext({ permissions: ['camera'] })).newPage();
  const { counter, words } = await letIn(node, browser, page, 'en');
  await counter.press(words.scan);
  await counter.expectTold(words.sure);
  await counter.press(words.handOver);
  await counter.expectTold(words.done);
  // The same code is still before it, is read again, and changes nothing.
  const seen = await page.waitForResponse(/counter\/frame/);
  expect([seen.status(), await seen.text()]).toEqual([200, code]);
  await page.waitForRequest(/counter\/frame/);
  await counter.expectTold(words.done);
  await counter.expectCounts(1, 0);
  await browser.close();
});
