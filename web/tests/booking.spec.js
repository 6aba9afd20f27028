/** The whole way, as people go it: on a phone and at a desk, with keys alone, without scripts. */

import { expectNoSideways } from '../harness/checks.js';
import { somebody } from '../harness/people.js';
import { expect, test } from '../harness/test.js';
import { Visitor } from '../harness/visitor.js';
import { LANGUAGES, WORDS } from '../harness/words.js';

const DEVICES = {
  phone: { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true },
  desk: { viewport: { width: 1280, height: 800 } },
};
/** More keys than any page has things to stop at. */
const TABS_MAX = 60;

for (const language of LANGUAGES) {
  for (const [device, is] of Object.entries(DEVICES)) {
    test.describe(`${language}, ${device}`, () => {
      test.use({ language, ...is });

      test('book, look it up, cancel', async ({ visitor, page, words }) => {
        const person = somebody();
        await visitor.fillForm('masks', person);
        await visitor.send();
        await visitor.expectBooked();
        const receipt = /\/e\/(\w+)/.exec(page.url())?.[1] ?? '';

        await visitor.open('/c/masks/find');
        await visitor.fill(person);
        await visitor.button(words.lookUp).click();
        await expect(visitor.title(words.booked)).toBeVisible();
        await expect(page.getByText(words.cancelThis, { exact: true })).toHaveCount(0);

        await visitor.open('/c/masks/find');
        await visitor.input('receiptNumber').fill(receipt.toUpperCase());
        await visitor.button(words.openEntry).click();
        await visitor.expectBooked();

        await page.getByText(words.cancelThis, { exact: true }).click();
        await page.getByRole('checkbox', { name: words.sure }).check();
        await visitor.button(words.cancel).click();
        await expect(visitor.title(words.cancelled)).toBeVisible();
        await expect(page.getByText(words.pickupCode, { exact: true })).toHaveCount(0);
      });

      test('register: told apart from booked', async ({ visitor, page, words }) => {
        await visitor.open('/c/held-back');
        await page
          .getByLabel(new RegExp(`^${words.firstChoice}`))
          .selectOption({ label: words.anOutlet });
        await visitor.button(words.next).click();
        await visitor.pick();
        await visitor.fill(somebody());
        await visitor.check();
        await visitor.button(words.register).click();
        await expect(visitor.title(words.registered)).toBeVisible();
        await expect(visitor.title(words.booked)).toHaveCount(0);
        await expect(page.getByText(words.pickupCode, { exact: true })).toHaveCount(0);
      });
    });
  }

  test.describe(language, () => {
    test.use({ language });

    test('nothing typed is lost by a mistake', async ({ visitor, page, words }) => {
      const person = somebody();
      const wrong = { ...person, id_number: person.id_number.slice(0, 14), phone: '12345' };
      await visitor.fillForm('masks', wrong);
      await visitor.check();
      await expect(page.getByRole('alert')).toContainText(words.checkThese);
      await visitor.expectTyped(wrong);
      await expect(page.getByRole('radio').first()).toBeChecked();
      for (const which of /** @type {const} */ (['idNumber', 'phone'])) {
        await expect(visitor.input(which)).toHaveAttribute('aria-invalid', 'true');
        await expect(visitor.input(which)).toHaveAccessibleDescription(/./);
      }
      await page.getByRole('alert').getByRole('link').first().click();
      await expect(visitor.input('idNumber')).toBeFocused();

      await visitor.fill(person);
      await visitor.send();
      await visitor.expectBooked();
    });

    test('a tap counts, also when the field before it is wrong', async ({ visitor, page }) => {
      await visitor.open('/c/shop');
      await visitor.fill(somebody());
      await visitor.input('phone').fill('12345');
      await visitor.check();
      await expect(page.getByRole('alert')).toBeVisible({ timeout: 2_000 });
    });

    test('nothing typed is lost by choosing another outlet', async ({ visitor, page, words }) => {
      const person = somebody();
      await visitor.fillForm('masks', person);
      await visitor.button(words.otherOutlets).click();
      await visitor.place(words.anotherOutlet).click();
      await visitor.expectTyped(person);
      await expect(page.getByText(words.anotherOutlet)).toBeVisible();
    });

    test('nothing typed is lost by changing something', async ({ visitor, page, words }) => {
      const person = somebody();
      await visitor.fillForm('masks', person);
      await visitor.check();
      await expect(page.getByText(person.id_number)).toBeVisible();
      await visitor.button(words.change).click();
      await visitor.expectTyped(person);
      await expect(page.getByRole('radio').first()).toBeChecked();
    });

    test('a box must be ticked to cancel', async ({ visitor, page, words, city }) => {
      const { receipt } = await city.node.enter('shop', somebody(), 'w1/kn95/am');
      await visitor.open(`/e/${receipt}`);
      await page.getByText(words.cancelThis, { exact: true }).click();
      await visitor.button(words.cancel).click();
      await expect(page.getByRole('checkbox', { name: words.sure })).not.toBeChecked();
      await visitor.open(`/e/${receipt}`);
      await expect(visitor.title(words.booked)).toBeVisible();
    });

    test('the other language is one tap away, and nothing is lost', async ({ visitor, page }) => {
      await visitor.open('/c/masks');
      await visitor.chooseOutlet();
      const place = await page.getByRole('radio').first().getAttribute('value');
      const other = WORDS[language === 'zh' ? 'en' : 'zh'];
      await expect(page.locator('html')).toHaveAttribute('lang', visitor.words.tag);
      const person = somebody();
      await visitor.pick();
      await visitor.fill(person);
      await page.getByRole('checkbox').check();
      await visitor.button(visitor.words.otherLanguage).click();
      await expect(page.locator('html')).toHaveAttribute('lang', other.tag);
      await expect(page.getByRole('radio').first()).toHaveAttribute('value', place ?? '');
      const again = new Visitor(page, other, visitor.url);
      await again.expectTyped(person);
      await expect(page.getByRole('radio').first()).toBeChecked();
      await expect(page.getByRole('checkbox')).toBeChecked();
      await again.check();
      await again.button(visitor.words.tag === 'en' ? 'English' : '中文').click();
      await expect(page.getByText(person.id_number)).toBeVisible();
      await visitor.confirm();
      await visitor.expectBooked();
    });
  });
}

test.describe('with keys alone', () => {
  test.use({ language: 'en' });

  test('from the start page to a booking', async ({ visitor, page, words }) => {
    const person = somebody();
    await visitor.open('/');
    await tabTo(page.getByRole('link', { name: /Chaomen City masks/ }).first());
    await page.keyboard.press('Enter');
    await tabTo(visitor.place(words.anOutlet));
    await page.keyboard.press('Enter');
    const picks = page.getByRole('radio');
    await tabTo(picks.first());
    await page.keyboard.press('ArrowDown');
    await expect(picks.nth(1)).toBeChecked();
    await tabTo(visitor.input('name'));
    await page.keyboard.insertText(person.name);
    await tabTo(visitor.input('idNumber'));
    await page.keyboard.insertText(person.id_number);
    await tabTo(visitor.input('phone'));
    await page.keyboard.insertText(person.phone);
    await page.keyboard.press('Enter');
    await tabTo(visitor.button(words.book));
    await page.keyboard.press('Enter');
    await visitor.expectBooked();
  });

  test('the first stop leads past the head of the page', async ({ visitor, page }) => {
    await visitor.open('/c/masks');
    await page.keyboard.press('Tab');
    await expect(page.getByRole('link', { name: 'Skip to the content' })).toBeFocused();
    await page.keyboard.press('Enter');
    await page.keyboard.press('Tab');
    const within = () => document.querySelector('main')?.contains(document.activeElement);
    expect(await page.evaluate(within)).toBe(true);
  });
});

test.describe('without scripts', () => {
  test.use({ javaScriptEnabled: false, ...DEVICES.phone });

  test('book and cancel', async ({ visitor, page, words }) => {
    await visitor.fillForm('masks', somebody());
    await visitor.send();
    await visitor.expectBooked();
    await page.getByText(words.cancelThis, { exact: true }).click();
    await page.getByRole('checkbox', { name: words.sure }).check();
    await visitor.button(words.cancel).click();
    await expect(visitor.title(words.cancelled)).toBeVisible();
  });

  test('choose a district, and book there', async ({ visitor, words }) => {
    await visitor.open('/c/districts');
    await visitor.place(words.district).click();
    await visitor.place(/^第 3[0-9]* 网点/).first().click();
    await visitor.pick();
    await visitor.fill(somebody());
    await visitor.send();
    await visitor.expectBooked();
  });

  test('look for an outlet, change it, and lose nothing', async ({ visitor, page, words }) => {
    await visitor.open('/c/districts');
    await page.getByRole('searchbox', { name: words.searchBox }).fill('潮平路 117 号');
    await visitor.button(words.search).click();
    await visitor.place('第 117 网点').click();
    const person = somebody();
    await visitor.pick();
    await visitor.fill(person);
    await visitor.button(words.otherOutlets).click();
    await visitor.button(words.otherDistrict).click();
    await visitor.place(words.district).click();
    await page.getByRole('searchbox', { name: words.searchBox }).fill('潮平路 205');
    await page.keyboard.press('Enter');
    await visitor.place('第 205 网点').click();
    await visitor.expectTyped(person);
    await visitor.pick();
    await visitor.send();
    await visitor.expectBooked();
  });

  test('the same form sent again is one entry', async ({ visitor, page, city }) => {
    const before = await city.node.entries('masks');
    await visitor.fillForm('masks', somebody());
    await visitor.check();
    const posted = page.waitForRequest((request) => request.method() === 'POST');
    await visitor.confirm();
    await visitor.expectBooked();
    const again = await page.context().request.fetch(await posted, { maxRedirects: 0 });
    expect(again.status()).toBe(303);
    expect(page.url()).toBe(city.node.url + again.headers()['location']);
    expect(await city.node.entries('masks')).toBe(before + 1);
  });

  test('a double tap is one entry', async ({ visitor, words, city }) => {
    const before = await city.node.entries('masks');
    await visitor.fillForm('masks', somebody());
    await visitor.check();
    await visitor.button(words.book).dblclick({ noWaitAfter: true });
    await visitor.expectBooked();
    expect(await city.node.entries('masks')).toBe(before + 1);
  });
});

test.describe('one form is one entry', () => {
  test('back after a booking', async ({ visitor, page, words, city }) => {
    const before = await city.node.entries('masks');
    const person = somebody();
    await visitor.fillForm('masks', person);
    await visitor.send();
    await visitor.expectBooked();
    await page.goBack();
    await visitor.pick();
    await visitor.fill(person);
    await visitor.send();
    await expect(page.getByRole('alert')).toContainText(words.alreadyIn);
    expect(await city.node.entries('masks')).toBe(before + 1);
  });

  test('a double tap', async ({ visitor, words, city, note, page }) => {
    const before = await city.node.entries('masks');
    let sent = 0;
    await visitor.fillForm('masks', somebody());
    await visitor.check();
    page.on('request', (request) => (sent += request.method() === 'POST' ? 1 : 0));
    await visitor.button(words.book).dblclick({ noWaitAfter: true });
    await visitor.expectBooked();
    expect(await city.node.entries('masks')).toBe(before + 1);
    note(`the form was sent ${sent} times`);
  });

  test('two tabs with the same person', async ({ visitor, context, words, city }) => {
    const before = await city.node.entries('masks');
    const other = new Visitor(await context.newPage(), words, visitor.url);
    const person = somebody();
    await visitor.fillForm('masks', person);
    await other.fillForm('masks', person);
    await visitor.send();
    await visitor.expectBooked();
    await other.send();
    await expect(other.page.getByRole('alert')).toContainText(words.alreadyIn);
    expect(await city.node.entries('masks')).toBe(before + 1);
  });

  test('a second person on the same phone', async ({ visitor, page, city }) => {
    const before = await city.node.entries('masks');
    await visitor.fillForm('masks', somebody());
    await visitor.send();
    await visitor.expectBooked();
    await visitor.open('/c/masks');
    await visitor.chooseOutlet();
    await visitor.expectTyped({ name: '', id_number: '', phone: '' });
    await expectNoSideways(page, 'the form of a second person');
    await visitor.fillForm('masks', somebody());
    await visitor.send();
    await visitor.expectBooked();
    expect(await city.node.entries('masks')).toBe(before + 2);
  });
});

/**
 * Presses Tab until something has the focus, and sees that one sees it.
 * @param {import('@playwright/test').Locator} locator
 */
async function tabTo(locator) {
  const page = locator.page();
  await locator.waitFor();
  for (let pressed = 0; pressed < TABS_MAX; pressed += 1) {
    await page.keyboard.press('Tab');
    const outline = await locator.evaluate((element) =>
      element === document.activeElement ? getComputedStyle(element).outlineStyle : undefined,
    );
    if (outline !== undefined) {
      expect(outline, `the focus on ${locator} is not seen`).not.toBe('none');
      return;
    }
  }
  throw new Error(`${locator} is not reached by Tab`);
}
