/** What goes wrong on a real evening: power, lines, clocks. Nobody loses anything by it. */

import { campaign, shop } from '../harness/campaigns.js';
import { expectNoSideways } from '../harness/checks.js';
import { clockWrongBy, slowLine } from '../harness/phone.js';
import { somebody } from '../harness/people.js';
import { expect, test } from '../harness/test.js';
import { Visitor } from '../harness/visitor.js';

const SOON_MS = 3_000;

test.use({ viewport: { width: 390, height: 844 } });

test.describe('the node is killed', () => {
  test('between the form and sending it', async ({ node, page, words }) => {
    await node.load(campaign('masks'));
    const visitor = new Visitor(page, words, node.url);
    await visitor.fillForm('masks', somebody());
    await visitor.check();
    await expect(visitor.button(words.book)).toBeEnabled();
    await node.kill();
    await node.restart();
    await visitor.confirm();
    await visitor.expectBooked();
    expect(await node.entries('masks')).toBe(1);
  });

  test('and the form is sent while it is away', async ({ node, page, words }) => {
    await node.load(shop('shop'));
    const visitor = new Visitor(page, words, node.url);
    await visitor.fillForm('shop', somebody());
    await visitor.check();
    await expect(visitor.button(words.book)).toBeEnabled();
    await node.kill();
    const failed = page.waitForEvent('requestfailed', isEntry);
    await visitor.confirm();
    await failed;
    // It says what is going on, and never that it failed.
    await expect(page.getByRole('status')).toContainText(/./);
    await expect(page.getByRole('alert')).toHaveCount(0);
    await node.restart();
    await visitor.expectBooked();
    expect(await node.entries('shop')).toBe(1);
  });

  test('after a booking, which stands', async ({ node, page, words }) => {
    await node.load(shop('shop'));
    const visitor = new Visitor(page, words, node.url);
    await visitor.fillForm('shop', somebody());
    await visitor.send();
    await visitor.expectBooked();
    const code = await page.getByText(/^[0-9A-Z]{5}-[0-9A-Z]{5}$/).innerText();
    await node.kill();
    await node.restart();
    await page.reload();
    await visitor.expectBooked();
    await expect(page.getByText(code, { exact: true })).toBeVisible();
  });
});

test('the line breaks when the form is sent', async ({ visitor, page, context, city }) => {
  const before = await city.node.entries('shop');
  await visitor.fillForm('shop', somebody());
  await visitor.check();
  await expect(visitor.button(visitor.words.book)).toBeEnabled();
  await context.setOffline(true);
  await visitor.confirm();
  await expect(page.getByRole('status')).toContainText(/./);
  await expect(page.getByRole('alert')).toHaveCount(0);
  expect(await city.node.entries('shop')).toBe(before);
  await context.setOffline(false);
  await visitor.expectBooked();
  expect(await city.node.entries('shop')).toBe(before + 1);
});

test('the tab is killed when the form is sent', async ({ visitor, page, context, city }) => {
  const before = await city.node.entries('shop');
  await visitor.fillForm('shop', somebody());
  await visitor.check();
  await expect(visitor.button(visitor.words.book)).toBeEnabled();
  await context.setOffline(true);
  await visitor.confirm();
  await expect(page.getByRole('status')).toContainText(/./);
  await page.close();
  await context.setOffline(false);
  const again = new Visitor(await context.newPage(), visitor.words, visitor.url);
  await again.open('/c/shop');
  await again.expectBooked();
  expect(await city.node.entries('shop')).toBe(before + 1);
});

test('a slow line is enough to book', async ({ visitor, page, city }) => {
  const before = await city.node.entries('masks');
  await slowLine(page);
  await visitor.fillForm('masks', somebody());
  await visitor.send();
  await visitor.expectBooked();
  expect(await city.node.entries('masks')).toBe(before + 1);
});

for (const days of [-1, 1]) {
  test(`the phone's clock is wrong by ${days} day`, async ({ visitor, page, words }) => {
    await clockWrongBy(page, days);
    await visitor.open('/c/soon');
    await expect(page.getByText(words.notOpenYet, { exact: true })).toBeVisible();
    await visitor.fillForm('soon', somebody());
    await visitor.check();
    await expect(visitor.button(words.book)).toBeDisabled();
    await visitor.fillForm('masks', somebody());
    await visitor.send();
    await visitor.expectBooked();
  });
}

test('it opens while one waits', async ({ node, page, words }) => {
  // Campaign files name seconds.
  const opens = Math.ceil((Date.now() + SOON_MS) / 1000) * 1000;
  await node.load(shop('shop', { opens }));
  const visitor = new Visitor(page, words, node.url);
  await visitor.open('/c/shop');
  await expect(page.getByText(words.notOpenYet, { exact: true })).toBeVisible();
  await visitor.pick();
  await visitor.fill(somebody());
  await visitor.send();
  await visitor.expectBooked();
  expect(Date.now()).toBeGreaterThan(opens);
});

test('it is paused while one fills in the form', async ({ node, page, words }) => {
  await node.load(shop('shop'));
  const visitor = new Visitor(page, words, node.url);
  await visitor.fillForm('shop', somebody());
  await visitor.check();
  await node.act('shop', 'pause');
  await expect(page.getByText(words.paused)).toBeVisible();
  await expect(visitor.button(words.book)).toBeDisabled();
  await node.act('shop', 'resume');
  await visitor.confirm();
  await visitor.expectBooked();
  expect(await node.entries('shop')).toBe(1);
});

test('it is paused, and one sends before the page knows', async ({ node, page, words }) => {
  await node.load(shop('shop'));
  const visitor = new Visitor(page, words, node.url);
  await visitor.fillForm('shop', somebody());
  await visitor.check();
  await expect(visitor.button(words.book)).toBeEnabled();
  await page.route('**/status', (route) => route.abort());
  await node.act('shop', 'pause');
  const refused = page.waitForResponse((answer) => isEntry(answer.request()));
  await visitor.confirm();
  const request = (await refused).request().headers()['idempotency-key'];
  await expect(page.getByRole('strong').filter({ hasText: words.paused })).toBeVisible();
  await expect(page.getByRole('status')).toContainText(words.paused);
  await expect(page.getByRole('alert')).toHaveCount(0);
  await page.unroute('**/status');
  const taken = page.waitForResponse((answer) => isEntry(answer.request()) && answer.ok());
  await node.act('shop', 'resume');
  expect((await taken).request().headers()['idempotency-key']).toBe(request);
  await visitor.expectBooked();
  expect(await node.entries('shop')).toBe(1);
});

test.describe('without scripts', () => {
  test.use({ javaScriptEnabled: false });

  test('the node is killed between the form and sending it', async ({ node, page, words }) => {
    await node.load(shop('shop'));
    const visitor = new Visitor(page, words, node.url);
    await visitor.fillForm('shop', somebody());
    await visitor.check();
    await node.kill();
    const failed = page.waitForEvent('requestfailed');
    await visitor.confirm();
    await failed;
    await node.restart();
    // The browser asks whether to send the form again; its request id makes that harmless.
    await page.reload();
    await visitor.expectBooked();
    expect(await node.entries('shop')).toBe(1);
  });

  test('it opens while one waits', async ({ node, page, words }) => {
    await node.load(shop('shop', { opens: Date.now() + SOON_MS }));
    const visitor = new Visitor(page, words, node.url);
    await visitor.open('/c/shop');
    await expect(page.getByText(words.notOpenYet, { exact: true })).toBeVisible();
    await expect(visitor.button(words.check)).toBeHidden();
    await expect(async () => {
      await page.reload();
      await expect(visitor.button(words.check)).toBeVisible({ timeout: 500 });
    }).toPass();
    await visitor.fillForm('shop', somebody());
    await visitor.send();
    await visitor.expectBooked();
  });

  test('it is paused while one fills in the form', async ({ node, page, words }) => {
    await node.load(shop('shop'));
    const visitor = new Visitor(page, words, node.url);
    const person = somebody();
    await visitor.fillForm('shop', person);
    await visitor.check();
    await node.act('shop', 'pause');
    await visitor.confirm();
    await expect(page.getByRole('alert')).toBeVisible();
    await visitor.expectTyped(person);
    await expectNoSideways(page, 'a form that was refused');
    await node.act('shop', 'resume');
    await visitor.send();
    await visitor.expectBooked();
    expect(await node.entries('shop')).toBe(1);
  });

  test('the last one goes while one fills in the form', async ({ node, page, words }) => {
    await node.load(campaign('masks', { units: 1 }));
    const visitor = new Visitor(page, words, node.url);
    const person = somebody();
    await visitor.fillForm('masks', person);
    const taken = await page.getByRole('radio').first().getAttribute('value');
    await visitor.check();
    await node.enter('masks', somebody(), taken ?? '');
    await visitor.confirm();
    await expect(page.getByRole('alert')).toBeVisible();
    await visitor.expectTyped(person);
    await expect(page.getByRole('radio').first()).toBeDisabled();
    await page.getByRole('radio').nth(1).check();
    await visitor.send();
    await visitor.expectBooked();
    expect(await node.entries('masks')).toBe(2);
  });
});

/**
 * Whether a request is one to enter somebody.
 * @param {import('@playwright/test').Request} request
 */
function isEntry(request) {
  return request.method() === 'POST';
}
