/**
 * Every page in each of its phases: at three widths, light and dark, in both languages. Each is
 * held to what holds on every page, and photographed into `target/pages/`.
 */

import { somebody } from '../harness/people.js';
import { lookAt } from '../harness/pictures.js';
import { expect, test } from '../harness/test.js';
import { LANGUAGES } from '../harness/words.js';

/**
 * @typedef {import('../harness/visitor.js').Visitor} Visitor
 * @typedef {import('../harness/city.js').City} City
 */

/** Windows: a small phone, a phone of today, a desk; each scheme on a phone and at a desk. */
const WINDOWS = /** @type {const} */ ([
  { width: 320, height: 640, colorScheme: 'dark', isJudged: true },
  { width: 390, height: 844, colorScheme: 'light', isJudged: false },
  { width: 1280, height: 800, colorScheme: 'light', isJudged: true },
  { width: 1280, height: 800, colorScheme: 'dark', isJudged: false },
]);
/** Where letters are twice as large. */
const LARGE = [
  { width: 1280, height: 800 },
  { width: 390, height: 844 },
  { width: 320, height: 640 },
];
/** @type {Record<string, (visitor: Visitor, city: City) => Promise<void>>} */
const VIEWS = {
  home: (visitor) => visitor.open('/'),
  'campaign-open': (visitor) => visitor.open('/c/masks'),
  'campaign-one-outlet': (visitor) => visitor.open('/c/shop'),
  'campaign-held-back': (visitor) => visitor.open('/c/held-back'),
  'campaign-districts': (visitor) => visitor.open('/c/districts'),
  'campaign-district': (visitor) => visitor.open('/c/districts?district=2'),
  'campaign-soon': (visitor) => visitor.open('/c/soon'),
  'campaign-paused': (visitor) => visitor.open('/c/paused'),
  'campaign-sold-out': (visitor) => visitor.open('/c/sold-out'),
  'campaign-full': (visitor) => visitor.open('/c/full'),
  'campaign-over': (visitor) => visitor.open('/c/over'),
  'campaign-published': (visitor) => visitor.open('/c/published'),
  'campaign-deleted': (visitor) => visitor.open('/c/deleted'),
  'campaign-hostile': (visitor) => visitor.open('/c/hostile'),
  form: async (visitor) => {
    await visitor.open('/c/masks');
    await visitor.chooseOutlet();
  },
  'form-held-back': (visitor) => visitor.chooseTwo('held-back'),
  'form-wrong': async (visitor) => {
    await visitor.open('/c/masks');
    await visitor.chooseOutlet();
    await visitor.input('idNumber').fill('11010119900307');
    await visitor.input('phone').fill('12345');
    await visitor.input('phone').blur();
    await visitor.check();
    await expect(visitor.page.getByRole('alert')).toBeVisible();
  },
  check: async (visitor) => {
    await visitor.fillForm('masks', somebody());
    await visitor.check();
    await expect(visitor.button(visitor.words.book)).toBeVisible();
  },
  'form-already-in': async (visitor, { booked }) => {
    await visitor.fillForm('masks', booked);
    await visitor.send();
    await expect(visitor.page.getByRole('alert')).toContainText(visitor.words.alreadyIn);
  },
  'form-hostile': (visitor) => visitor.open('/c/hostile?outlet1=h1'),
  'entry-booked': (visitor, { receipts }) => visitor.open(`/e/${receipts.booked}`),
  'entry-booked-later': (visitor, { receipts }) => visitor.open(`/e/${receipts.bookedLater}`),
  'entry-registered': (visitor, { receipts }) => visitor.open(`/e/${receipts.registered}`),
  'entry-not-booked': (visitor, { receipts }) => visitor.open(`/e/${receipts.notBooked}`),
  'entry-cancelled': (visitor, { receipts }) => visitor.open(`/e/${receipts.cancelled}`),
  'entry-collected': (visitor, { receipts }) => visitor.open(`/e/${receipts.collected}`),
  'entry-hostile': (visitor, { receipts }) => visitor.open(`/e/${receipts.hostile}`),
  cancel: async (visitor, { receipts }) => {
    await visitor.open(`/e/${receipts.booked}`);
    await visitor.page.getByText(visitor.words.cancelThis, { exact: true }).click();
  },
  find: (visitor) => visitor.open('/c/masks/find'),
  'find-wrong': async (visitor) => {
    await visitor.open('/c/masks/find');
    await visitor.input('receiptNumber').fill('1g0000');
    await visitor.button(visitor.words.openEntry).click();
    await expect(visitor.page.getByRole('alert')).toBeVisible();
  },
  'find-nothing': async (visitor) => {
    await visitor.open('/c/masks/find');
    await visitor.fill(somebody());
    await visitor.button(visitor.words.lookUp).click();
    await expect(visitor.page.getByRole('alert')).toBeVisible();
  },
  'find-found': async (visitor, { booked }) => {
    await visitor.open('/c/masks/find');
    await visitor.fill(booked);
    await visitor.button(visitor.words.lookUp).click();
    await expect(visitor.title(visitor.words.booked)).toBeVisible();
  },
  'problem-no-campaign': (visitor) => visitor.open('/c/nowhere'),
  'problem-no-page': (visitor) => visitor.open('/nowhere'),
  errors: (visitor) => visitor.open('/errors'),
  'error-already-in': (visitor) => visitor.open('/errors/already-in'),
};

for (const language of LANGUAGES) {
  test.describe(language, () => {
    test.use({ language });
    for (const [view, arrive] of Object.entries(VIEWS)) {
      test(view, async ({ visitor, city }) => {
        const { page } = visitor;
        await arrive(visitor, city);
        await lookAt(page, `${view}.${language}`, WINDOWS, LARGE);
      });
    }
  });
}
