/** What scripts do for people on the way: outlets nearest by, a memory, a picture of the ticket. */

import { FIRST } from '../harness/campaigns.js';
import { somebody } from '../harness/people.js';
import { expect, test } from '../harness/test.js';
import { LANGUAGES } from '../harness/words.js';

for (const language of LANGUAGES) {
  test.describe(language, () => {
    test.use({ language, viewport: { width: 390, height: 844 } });

    test('the nearest outlet comes first, and leads to the form', async (
      { visitor, page, context, words },
    ) => {
      await context.grantPermissions(['geolocation']);
      // A little north of the second outlet, which lies south of the first.
      await context.setGeolocation({ ...FIRST, latitude: FIRST.latitude - 0.009 });
      await visitor.open('/c/masks');
      await visitor.button(words.nearest).click();
      const nearest = near(page).first();
      await expect(nearest).toContainText(words.anOutlet);
      await expect(near(page)).toHaveCount(4);
      await nearest.getByRole('link').click();
      await expect(page.getByText(words.anOutlet)).toBeVisible();
      await expect(visitor.input('name')).toBeVisible();
    });

    test('who does not allow the position is told what else to do', async (
      { visitor, page, words },
    ) => {
      await visitor.open('/c/masks');
      await visitor.button(words.nearest).click();
      await expect(page.getByRole('status')).toContainText(/./);
      await expect(visitor.button(words.nearest)).toBeEnabled();
      await expect(near(page)).toHaveCount(0);
    });

    test('the device remembers only who asks for it, and forgets', async (
      { visitor, page, words },
    ) => {
      const person = somebody();
      await visitor.fillForm('shop', person);
      await page.getByRole('checkbox', { name: words.remember }).check();
      await visitor.send();
      await visitor.expectBooked();

      await visitor.open('/c/masks?outlet1=w1');
      await visitor.expectTyped(person);
      await visitor.button(words.forget).click();
      await expect(visitor.input('name')).toHaveValue('');
      await page.reload();
      await expect(visitor.input('name')).toHaveValue('');
      await expect(visitor.button(words.forget)).toBeHidden();
    });

    test('a ticket is saved as a picture', async ({ visitor, page, words }) => {
      await visitor.fillForm('shop', somebody());
      await visitor.send();
      await visitor.expectBooked();
      const coming = page.waitForEvent('download');
      await visitor.button(words.savePicture).click();
      const picture = await coming;
      expect(picture.suggestedFilename()).toMatch(/^shop-\d+\.png$/);
      const bytes = [];
      for await (const part of await picture.createReadStream()) bytes.push(part);
      const png = Buffer.concat(bytes);
      expect(png.subarray(1, 4).toString()).toBe('PNG');
      // As wide as it is drawn, and higher: nothing is cut off.
      expect(png.readUInt32BE(16)).toBe(720);
      expect(png.readUInt32BE(20)).toBeGreaterThan(720);
    });
  });
}

/**
 * The outlets nearest by: each with how far it is.
 * @param {import('@playwright/test').Page} page
 */
function near(page) {
  return page.getByRole('listitem').filter({ hasText: ' · ' });
}
