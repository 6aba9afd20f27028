/**
 * What is under way when somebody goes back, loads again, or waits for long: it goes at the
 * campaign's pace, is never entered unseen, and never lost without a word.
 */

import { campaign, shop } from '../harness/campaigns.js';
import { somebody } from '../harness/people.js';
import { expect, test } from '../harness/test.js';
import { Visitor } from '../harness/visitor.js';

/** @typedef {import('@playwright/test').Page} Page */

const ENTRIES = '**/entries';
const MINUTE = 60_000;
const A_PROXYS_PAGE = '<html><body><h1>502 Bad Gateway</h1></body></html>';

test.describe.configure({ mode: 'parallel' });
test.use({ viewport: { width: 390, height: 844 } });

/**
 * Fills the form of the shop in, sends it without a line, and loses the tab.
 * @param {Visitor} visitor
 */
async function sendAndLoseTab(visitor) {
  const { page } = visitor;
  await visitor.fillForm('shop', somebody());
  await visitor.check();
  await expect(visitor.button(visitor.words.book)).toBeEnabled();
  await page.context().setOffline(true);
  await visitor.confirm();
  await expect(page.getByRole('status')).toContainText(visitor.words.offline);
  // A request that outlives its page fails while the tab is there, and would go out with no tab
  // left that is offline.
  await page.goto('about:blank');
  await page.close();
  await page.context().setOffline(false);
}

/**
 * Sends into a pause that the page does not know of yet.
 * @param {Visitor} visitor
 * @param {import('../harness/node.js').Node} node
 * @param {string} code of the campaign
 */
async function sendIntoPause(visitor, node, code) {
  const { page, words } = visitor;
  await expect(visitor.button(words.book)).toBeEnabled();
  await page.route('**/status', (route) => route.abort());
  await node.act(code, 'pause');
  await visitor.confirm();
  await expect(page.getByRole('status')).toContainText(words.paused);
}

/**
 * Lets no time pass on the phone but what a test says.
 * @param {Page} page
 */
async function stopClock(page) {
  await page.clock.install();
  await page.clock.pauseAt(Date.now() + MINUTE);
}

test('after a reload an entry goes when its turn comes', async ({ node, page, words, context }) => {
  await node.load(shop('shop', { releasePercent: 50 }));
  await sendAndLoseTab(new Visitor(page, words, node.url));
  const again = new Visitor(await context.newPage(), words, node.url);
  await again.page.addInitScript(() => {
    Math.random = () => 0.99;
  });
  await again.open('/c/shop');
  await expect(again.page.getByText(words.paced)).toBeVisible();
  expect(await node.entries('shop')).toBe(0);
  await again.page.evaluate(() => {
    Math.random = () => 0;
  });
  await again.expectBooked();
  expect(await node.entries('shop')).toBe(1);
});

test('after a reload an entry goes also where no status comes', async ({
  node,
  page,
  words,
  context,
}) => {
  await node.load(shop('shop'));
  await sendAndLoseTab(new Visitor(page, words, node.url));
  const again = new Visitor(await context.newPage(), words, node.url);
  await stopClock(again.page);
  await again.page.route('**/status', (route) => route.abort());
  await again.open('/c/shop');
  await expect(again.page.getByText(words.lost)).toBeVisible();
  await again.page.clock.runFor(11_000);
  await again.expectBooked();
});

test('what was typed can be changed in a pause', async ({ node, page, words }) => {
  await node.load(campaign('masks'));
  const visitor = new Visitor(page, words, node.url);
  const person = somebody();
  await visitor.fillForm('masks', person);
  await visitor.check();
  await node.act('masks', 'pause');
  await expect(visitor.button(words.book)).toBeDisabled();
  await expect(page.getByText(words.paused)).toBeVisible();
  await visitor.button(words.change).click();
  await visitor.expectTyped(person);
});

for (const way of ['the button', 'the browser']) {
  test(`back by ${way} takes back what waits for the end of a pause`, async ({
    node,
    page,
    words,
  }) => {
    await node.load(campaign('masks'));
    const visitor = new Visitor(page, words, node.url);
    const person = somebody();
    await visitor.fillForm('masks', person);
    await visitor.check();
    await sendIntoPause(visitor, node, 'masks');
    await (way === 'the button' ? visitor.button(words.change).click() : page.goBack());
    await visitor.expectTyped(person);
    await expect(page.getByText(words.takenBack)).toBeVisible();
    const second = page.getByRole('radio').nth(1);
    await second.check();
    const [outlet, item, slot] = ((await second.getAttribute('value')) ?? '').split('/');
    await node.act('masks', 'resume');
    await page.unroute('**/status');
    await visitor.check();
    const sent = page.waitForRequest((request) => request.url().endsWith('/entries'));
    await visitor.confirm();
    expect((await sent).postDataJSON().choices).toEqual([{ outlet, item, slot }]);
    await visitor.expectBooked();
    expect(await node.entries('masks')).toBe(1);
  });
}

test('what one tab takes back no other tab sends', async ({ node, page, words, context }) => {
  await node.load(shop('shop'));
  const visitor = new Visitor(page, words, node.url);
  await visitor.fillForm('shop', somebody());
  await visitor.check();
  await sendIntoPause(visitor, node, 'shop');
  const other = new Visitor(await context.newPage(), words, node.url);
  await other.open('/c/shop');
  await expect(other.button(words.takeBack)).toBeVisible();
  await visitor.button(words.change).click();
  await expect(page.getByText(words.takenBack)).toBeVisible();
  await node.act('shop', 'resume');
  await expect(other.page.getByText(words.elsewhere)).toBeVisible();
  await expect(other.page.getByText(words.paused)).toHaveCount(0);
  await other.fillForm('shop', somebody());
  await other.check();
  await expect(other.button(words.book)).toBeEnabled();
  expect(await node.entries('shop')).toBe(0);
});

test('what another tab booked is not told as taken back', async ({
  node,
  page,
  words,
  context,
}) => {
  await node.load(shop('shop', { retrySeconds: 120 }));
  const visitor = new Visitor(page, words, node.url);
  await visitor.fillForm('shop', somebody());
  await visitor.check();
  await sendIntoPause(visitor, node, 'shop');
  await node.act('shop', 'resume');
  const other = new Visitor(await context.newPage(), words, node.url);
  await other.open('/c/shop');
  await other.expectBooked();
  await visitor.button(words.change).click();
  await expect(page.getByText(words.elsewhere)).toBeVisible();
  await expect(page.getByText(words.takenBack)).toHaveCount(0);
});

test('after a reload in a pause it can be taken back', async ({ node, page, words }) => {
  await node.load(campaign('masks'));
  const visitor = new Visitor(page, words, node.url);
  const person = somebody();
  await visitor.fillForm('masks', person);
  await visitor.check();
  await sendIntoPause(visitor, node, 'masks');
  await page.unroute('**/status');
  await page.reload();
  await visitor.button(words.takeBack).click();
  await expect(page.getByText(words.takenBack)).toBeVisible();
  await expect(visitor.button(words.takeBack)).toHaveCount(0);
  await visitor.expectTyped(person);
  const second = page.getByRole('radio').nth(1);
  await second.check();
  const [outlet, item, slot] = ((await second.getAttribute('value')) ?? '').split('/');
  await node.act('masks', 'resume');
  await visitor.check();
  const sent = page.waitForRequest((request) => request.url().endsWith('/entries'));
  await visitor.confirm();
  expect((await sent).postDataJSON().choices).toEqual([{ outlet, item, slot }]);
  await visitor.expectBooked();
  expect(await node.entries('masks')).toBe(1);
});

test('a link inside the page takes nothing back', async ({ node, page, words }) => {
  await node.load(shop('shop'));
  const visitor = new Visitor(page, words, node.url);
  const person = somebody();
  await visitor.fillForm('shop', { ...person, phone: '12345' });
  await visitor.check();
  const alert = page.getByRole('alert');
  await expect(alert).toContainText(words.checkThese);
  await alert.getByRole('link').first().click();
  await expect(visitor.input('phone')).toBeFocused();
  await expect(alert).toBeVisible();
  await visitor.input('phone').fill(person.phone);
  await visitor.check();
  await sendIntoPause(visitor, node, 'shop');
  await page.getByRole('link', { name: words.skip }).press('Enter');
  await expect(page).toHaveURL(/#main$/);
  await expect(visitor.button(words.book)).toBeVisible();
  await expect(page.getByRole('status')).toContainText(words.paused);
  // One press leads back, though the browser has a link to go back, too.
  await visitor.button(words.change).click();
  await expect(page.getByText(words.takenBack)).toBeVisible();
  await visitor.expectTyped(person);
});

test('there is no way back while it is not known', async ({ node, page, words }) => {
  await node.load(campaign('masks'));
  const visitor = new Visitor(page, words, node.url);
  await visitor.fillForm('masks', somebody());
  await visitor.check();
  await expect(visitor.button(words.book)).toBeEnabled();
  await page.route(ENTRIES, async (route) => {
    await route.fetch();
    await route.abort();
  });
  await visitor.confirm();
  await expect(page.getByRole('status')).toContainText(words.lost);
  await expect(visitor.button(words.change)).toBeDisabled();
  await page.evaluate(() => {
    // There, and here again.
    const both = new Promise((done) => {
      let times = 0;
      addEventListener('popstate', () => (times += 1) === 2 && done(times));
    });
    history.back();
    return both;
  });
  await expect(visitor.button(words.book)).toBeVisible();
  await expect(page.getByRole('status')).toContainText(words.lost);
  await page.unroute(ENTRIES);
  await visitor.expectBooked();
  expect(await node.entries('masks')).toBe(1);
});

test('a refusal after a reload is told', async ({ node, page, words, context }) => {
  await node.load(shop('shop'));
  await sendAndLoseTab(new Visitor(page, words, node.url));
  const again = new Visitor(await context.newPage(), words, node.url);
  await again.open('/');
  await again.page.evaluate(() => {
    for (const [name, value] of Object.entries(localStorage)) {
      const entry = JSON.parse(value);
      entry.body = entry.body.replace(/"phone":"\d+"/, '"phone":"12345"');
      localStorage.setItem(name, JSON.stringify(entry));
    }
  });
  await again.open('/c/shop');
  await expect(again.page.getByRole('alert')).toContainText(words.wrongField);
  expect(await node.entries('shop')).toBe(0);
});

test('every refusal after a reload is told', async ({ node, page, words, context }) => {
  await node.load(shop('shop'));
  await sendAndLoseTab(new Visitor(page, words, node.url));
  const again = new Visitor(await context.newPage(), words, node.url);
  await again.open('/');
  await again.page.evaluate(() => {
    for (const [name, value] of Object.entries(localStorage)) {
      const entry = JSON.parse(value);
      entry.body = entry.body.replace(/"phone":"\d+"/, '"phone":"12345"');
      localStorage.setItem(name, JSON.stringify(entry));
      const request = [...entry.request].reverse().join('');
      const other = JSON.stringify({ ...entry, request });
      localStorage.setItem(name.replace(entry.request, request), other);
    }
  });
  await again.open('/c/shop');
  const alerts = again.page.getByRole('alert');
  await expect(alerts).toHaveCount(2);
  await expect(alerts.first()).toContainText(words.wrongField);
  await expect(alerts.last()).toContainText(words.wrongField);
});

test('what waits long for its turn is not forgotten', async ({ node, page, words }) => {
  await node.load(shop('shop', { releasePercent: 50 }));
  const visitor = new Visitor(page, words, node.url);
  await page.addInitScript(() => {
    Math.random = () => 0.99;
  });
  await page.clock.install();
  await visitor.fillForm('shop', somebody());
  await visitor.check();
  await expect(visitor.button(words.book)).toBeEnabled();
  await visitor.confirm();
  await expect(page.getByRole('status')).toContainText(words.paced);
  const since = () =>
    page.evaluate(() => Math.max(...Object.values(localStorage).map((one) => JSON.parse(one).since)));
  const begun = await since();
  await page.clock.fastForward(40 * MINUTE);
  await expect.poll(since).toBeGreaterThan(begun + 30 * MINUTE);
});

test('what waits through a long pause is not forgotten', async ({ node, page, words, context }) => {
  await node.load(shop('shop'));
  const visitor = new Visitor(page, words, node.url);
  await page.clock.install();
  await visitor.fillForm('shop', somebody());
  await visitor.check();
  await sendIntoPause(visitor, node, 'shop');
  const since = () =>
    page.evaluate(() => Math.max(...Object.values(localStorage).map((one) => JSON.parse(one).since)));
  const begun = await since();
  await page.clock.fastForward(40 * MINUTE);
  await expect.poll(since).toBeGreaterThan(begun + 30 * MINUTE);
  await page.close();
  const again = new Visitor(await context.newPage(), words, node.url);
  await again.open('/c/shop');
  await expect(again.page.getByRole('status').first()).toContainText(words.paused);
  await node.act('shop', 'resume');
  await again.expectBooked();
  expect(await node.entries('shop')).toBe(1);
});

test('what is forgotten is told once', async ({ node, page, words, context }) => {
  await node.load(shop('shop'));
  await sendAndLoseTab(new Visitor(page, words, node.url));
  const again = new Visitor(await context.newPage(), words, node.url);
  await again.page.clock.install({ time: Date.now() + 31 * MINUTE });
  await again.open('/c/shop');
  await expect(again.page.getByText(words.forgotten)).toBeVisible();
  await again.page.reload();
  await expect(again.page.getByRole('radio').first()).toBeVisible();
  await expect(again.page.getByText(words.forgotten)).toHaveCount(0);
  expect(await node.entries('shop')).toBe(0);
});

test('a step that a proxy lost is asked for again', async ({ node, page, words }) => {
  await node.load(shop('shop'));
  const visitor = new Visitor(page, words, node.url);
  await visitor.fillForm('shop', somebody());
  await stopClock(page);
  let asked = 0;
  await page.route('**/c/shop', async (route) => {
    asked += 1;
    // The first is the proxy's word for the node, the second its own.
    const status = [502, 403][asked - 1];
    const lost = { status, contentType: 'text/html', body: A_PROXYS_PAGE };
    await (status ? route.fulfill(lost) : route.continue());
  });
  await visitor.check();
  await expect(page.getByText(words.stepLost)).toBeVisible();
  const askedLater = async () => {
    await page.clock.runFor(5_000);
    return asked;
  };
  await expect.poll(askedLater).toBe(3);
  await expect(visitor.button(words.book)).toBeVisible();
});

test('a step is asked for again when the server wants it, and not sooner', async ({
  node,
  page,
  words,
}) => {
  await node.load(shop('shop'));
  const visitor = new Visitor(page, words, node.url);
  await visitor.fillForm('shop', somebody());
  await stopClock(page);
  let asked = 0;
  await page.route('**/c/shop', async (route) => {
    asked += 1;
    const headers = { 'Retry-After': '60' };
    await (asked === 1 ? route.fulfill({ status: 503, headers }) : route.continue());
  });
  await visitor.check();
  await expect(page.getByText(words.stepLost)).toBeVisible();
  await page.clock.runFor(59_000);
  expect(asked).toBe(1);
  // A second at a time: beyond its patience, the page would give up what is being answered.
  let seconds = 59;
  const askedLater = async () => {
    seconds += 1;
    await page.clock.runFor(1_000);
    return asked;
  };
  await expect.poll(askedLater, { intervals: [20] }).toBe(2);
  expect(seconds).toBeLessThanOrEqual(92);
  await expect(visitor.button(words.book)).toBeVisible();
  expect(asked).toBe(2);
});

test('nobody asks sooner than the campaign wants', async ({ node, page, words }) => {
  await node.load(shop('shop', { retrySeconds: 120 }));
  const visitor = new Visitor(page, words, node.url);
  await visitor.fillForm('shop', somebody());
  await visitor.check();
  await expect(visitor.button(words.book)).toBeEnabled();
  await stopClock(page);
  await page.route(ENTRIES, (route) => route.abort());
  await visitor.confirm();
  await expect(page.getByText(words.lost)).toBeVisible();
  await expect(page.getByText('02:00')).toBeVisible();
});
