/** Who watches a live page is not logged out in the middle of it; who has left is. */

import { expect, test } from '../harness/test.js';

const PASSWORD = 'gate harbour lantern 20';
const MINUTES_5 = 5 * 60_000;

/**
 * Logs in, with a clock that the test moves; gives the list of what was asked for to stay.
 * @param {import('@playwright/test').Page} page
 * @param {import('../harness/node.js').Node} node
 * @param {'owner' | 'auditor'} role
 */
async function watch(page, node, role) {
  await node.makeAccount(role, 'somebody', PASSWORD);
  await page.clock.install();
  /** @type {string[]} */
  const asked = [];
  page.on('request', (request) => {
    if (request.url().endsWith('/console/stay')) asked.push(request.method());
  });
  await page.goto(`${node.operatorUrl}/console`);
  await page.locator('input[name=name]').fill('somebody');
  await page.locator('input[name=password]').fill(PASSWORD);
  await page.locator('form button').click();
  await expect(page.locator('[data-live-state].liveWord')).toBeVisible();
  return asked;
}

/** @param {import('@playwright/test').Page} page */
const stayed = (page) => page.waitForResponse((answer) => answer.url().endsWith('/console/stay'));

test('an owner stays by touching the page, and only so', async ({ page, node }) => {
  const asked = await watch(page, node, 'owner');
  await page.mouse.move(50, 50);
  await page.clock.fastForward(MINUTES_5);
  await expect.poll(() => asked.length, 'the way here was a touch').toBe(1);
  await page.clock.fastForward(MINUTES_5);
  await page.clock.fastForward(MINUTES_5);
  expect(asked.length, 'nobody touched it').toBe(1);
  const answer = stayed(page);
  await page.mouse.move(60, 60);
  await page.clock.fastForward(MINUTES_5);
  expect((await answer).status()).toBe(204);
  expect(asked).toEqual(['GET', 'GET']);
});

test('an auditor stays while the page is in sight', async ({ page, node }) => {
  const asked = await watch(page, node, 'auditor');
  for (let times = 1; times <= 3; times += 1) {
    const answer = stayed(page);
    await page.clock.fastForward(MINUTES_5);
    expect((await answer).status()).toBe(204);
    expect(asked.length).toBe(times);
  }
});
