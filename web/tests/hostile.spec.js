/** Texts and fields that try to run, to break out, or to burst the page. */

import { shop } from '../harness/campaigns.js';
import { expectNoSideways, expectOnlyText } from '../harness/checks.js';
import { HOSTILE, HOSTILE_NAME } from '../harness/hostile.js';
import { somebody } from '../harness/people.js';
import { expect, test } from '../harness/test.js';
import { LANGUAGES } from '../harness/words.js';

const NARROW = { width: 320, height: 640 };

for (const language of LANGUAGES) {
  test.describe(`${language}, where the browser would let scripts run`, () => {
    // The policy would stop what escapes; here it is the escaping alone that is tested.
    test.use({ language, bypassCSP: true, viewport: NARROW });

    test('texts of a campaign are texts', async ({ visitor, page, city }) => {
      const paths = ['/', '/c/hostile', '/c/hostile?outlet1=h1', '/c/hostile?outlet1=h2'];
      for (const path of [...paths, '/c/hostile/find', `/e/${city.receipts.hostile}`]) {
        await visitor.open(path);
        await expect(page.getByText(HOSTILE).first()).toBeVisible();
        await expectOnlyText(page);
        await expectNoSideways(page, path);
      }
      await visitor.open('/c/hostile?outlet1=h1');
      await expect(page).toHaveTitle(HOSTILE);
      await expect(page.getByRole('textbox', { name: HOSTILE, exact: true })).toBeVisible();
    });

    test('what is typed stays what was typed', async ({ visitor, page, words }) => {
      const person = somebody({ name: HOSTILE_NAME, id_number: '"><b>', phone: "'><script>" });
      await visitor.fillForm('masks', person);
      await visitor.check();
      await expect(page.getByRole('alert')).toBeVisible();
      await visitor.expectTyped(person);
      await expectOnlyText(page);
      await expectNoSideways(page, 'the form');
      await visitor.open('/c/masks/find');
      await visitor.fill(person);
      await visitor.button(words.lookUp).click();
      await expect(page.getByRole('alert')).toBeVisible();
      await visitor.expectTyped(person);
      await expectOnlyText(page);
      await visitor.input('receiptNumber').fill(HOSTILE_NAME);
      await visitor.button(words.openEntry).click();
      await expect(visitor.input('receiptNumber')).toHaveValue(HOSTILE_NAME);
      await expectOnlyText(page);
    });

    test('such a name can book', async ({ visitor, page }) => {
      await visitor.fillForm('masks', somebody({ name: HOSTILE_NAME }));
      await visitor.check();
      await expect(page.getByText(HOSTILE_NAME)).toBeVisible();
      await expectOnlyText(page);
      await visitor.confirm();
      await visitor.expectBooked();
      await expectOnlyText(page);
    });

    test('addresses are no markup', async ({ visitor, page }) => {
      const markup = encodeURIComponent(HOSTILE);
      for (const path of [
        `/${markup}`,
        `/c/${markup}`,
        `/e/${markup}`,
        `/errors/${markup}`,
        `/c/masks?lang=${markup}`,
        `/c/masks?outlet1=${markup}&district=${markup}`,
      ]) {
        await visitor.open(path);
        await expect(page.getByRole('main')).toBeVisible();
        await expectOnlyText(page);
        await expectNoSideways(page, path);
      }
    });
  });
}

test('a text that turns the line around is refused', async ({ node }) => {
  const title = { zh: '口罩\u202e约预', en: 'Masks\u202esksam' };
  await expect(node.load(shop('turned', { title }))).rejects.toThrow(/U\+202E/);
});

test('the policy lets nothing run that is not ours', async ({ visitor, page, city }) => {
  for (const path of ['/', '/c/masks', '/c/masks/find', `/e/${city.receipts.booked}`, '/x']) {
    const answer = await page.goto(visitor.url + path);
    const policy = answer?.headers()['content-security-policy'] ?? '';
    expect(policy, path).toContain("default-src 'none'");
    expect(policy, path).toContain("frame-ancestors 'none'");
    expect(policy, path).not.toContain('unsafe');
  }
});
