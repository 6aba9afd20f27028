/**
 * How pages are seen and heard by people who see or hear otherwise: strong contrast, colours of
 * their own, no colours, no motion, from right to left, read aloud; and what a hurried look at a
 * result takes from it.
 */

import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { expectAccessible, expectNoSideways } from '../harness/checks.js';
import { somebody } from '../harness/people.js';
import { expect, test } from '../harness/test.js';
import { LANGUAGES } from '../harness/words.js';

/** @typedef {import('@playwright/test').Page} Page */

const FOLDER = fileURLToPath(new URL('../../target/pages/', import.meta.url));
const SMALL = { width: 360, height: 640 };
/** @type {Record<string, Parameters<Page['emulateMedia']>[0]>} */
const SIGHTS = {
  contrast: { contrast: 'more' },
  'contrast-dark': { contrast: 'more', colorScheme: 'dark' },
  forced: { forcedColors: 'active' },
  'forced-dark': { forcedColors: 'active', colorScheme: 'dark' },
  still: { reducedMotion: 'reduce' },
};
const RESULTS = /** @type {const} */ ([
  'booked',
  'registered',
  'notBooked',
  'cancelled',
  'collected',
]);

test.use({ viewport: SMALL });

for (const language of LANGUAGES) {
  test.describe(language, () => {
    test.use({ language });

    test('every step, however it is looked at', async ({ visitor, page }) => {
      await visitor.open('/c/districts?district=2');
      await looked(page, `sight-outlets.${language}`);
      await visitor.open('/c/masks?outlet1=w2');
      await visitor.pick();
      await visitor.input('phone').fill('12345');
      await visitor.check();
      await expect(page.getByRole('alert')).toBeFocused();
      await looked(page, `sight-wrong.${language}`);
      await visitor.fill(somebody());
      await visitor.check();
      await expect(visitor.button(visitor.words.book)).toBeEnabled();
      await looked(page, `sight-check.${language}`);
    });

    test('results are told apart at a glance, also without colours', async ({
      visitor,
      page,
      city,
      context,
    }) => {
      const shown = [];
      const looks = new Set();
      for (const sight of ['light', 'dark', 'grey', 'forced']) {
        await page.emulateMedia({
          colorScheme: sight === 'dark' ? 'dark' : 'light',
          forcedColors: sight === 'forced' ? 'active' : 'none',
        });
        for (const result of RESULTS) {
          await visitor.open(`/e/${city.receipts[result]}`);
          if (sight === 'grey') {
            await page.evaluate(() => {
              document.documentElement.style.filter = 'grayscale(1)';
            });
          }
          looks.add(`${sight} ${await look(page)}`);
          shown.push((await page.screenshot()).toString('base64'));
        }
        await visitor.open('/c/sold-out');
        shown.push((await page.screenshot()).toString('base64'));
      }
      expect(looks.size, 'each its own frame and picture').toBe(4 * RESULTS.length);
      const sheet = await context.newPage();
      await sheet.setViewportSize({ width: 6 * SMALL.width, height: SMALL.height });
      const pictures = shown.map((png) => `<img src="data:image/png;base64,${png}">`);
      const style = `img { width: ${SMALL.width - 4}px; margin: 2px; float: left }`;
      await sheet.setContent(`<style>body { margin: 0 } ${style}</style>${pictures.join('')}`);
      await sheet.screenshot({ path: `${FOLDER}results.${language}.png`, fullPage: true });
    });

    test('what happens next, and when, is in sight without scrolling', async ({
      visitor,
      page,
      city,
    }) => {
      const { booked, registered } = city.receipts;
      for (const receipt of [booked, registered]) {
        await visitor.open(`/e/${receipt}`);
        const facts = page.getByRole('main').locator('section').first().locator('p, svg');
        for (const fact of await facts.all()) {
          const box = await fact.boundingBox();
          const bottom = (box?.y ?? SMALL.height) + (box?.height ?? 0);
          expect(bottom, await fact.innerText().catch(() => 'a picture')).toBeLessThan(SMALL.height);
        }
        expect(await facts.count()).toBeGreaterThan(4);
      }
    });

    test('from right to left, nothing is cut off', async ({ visitor, page, city }) => {
      const paths = ['/', '/c/masks', '/c/masks?outlet1=w2', '/c/districts?district=1'];
      const entries = [`/e/${city.receipts.booked}`, `/e/${city.receipts.registered}`];
      for (const [place, path] of [...paths, ...entries, '/c/masks/find'].entries()) {
        await visitor.open(path);
        await page.evaluate(() => {
          document.documentElement.dir = 'rtl';
        });
        await expectNoSideways(page, `${path} from right to left`);
        const { left, right } = await page.getByRole('heading', { level: 1 }).evaluate((heading) => {
          const range = document.createRange();
          range.selectNodeContents(heading);
          const { left, right } = range.getBoundingClientRect();
          return { left, right: document.documentElement.clientWidth - right };
        });
        expect(right, `${path}: the heading begins at the right`).toBeLessThanOrEqual(left + 60);
        const path_ = `${FOLDER}rtl-${place}.${language}.png`;
        await page.screenshot({ path: path_, fullPage: true });
      }
    });
  });
}

test.describe('read aloud', () => {
  test.use({ language: 'en' });

  test('the way, step by step', async ({ visitor, page, city }) => {
    const main = page.getByRole('main');
    await visitor.open('/c/masks');
    await expect(main).toMatchAriaSnapshot(`
      - heading "Chaomen City masks" [level=1]
      - 'heading "Step 1 of 3: choose where" [level=2]'
      - heading "Tinglan" [level=3]
      - list:
        - listitem:
          - link /Kangmin Pharmacy/
    `);
    await visitor.chooseOutlet();
    await expect(main).toMatchAriaSnapshot(`
      - 'heading "Step 2 of 3: choose and fill in" [level=2]'
      - group "What and when":
        - radio /KN95 respirator.*Morning.*Plenty left/
      - group "About you":
        - textbox "Full name"
        - textbox "ID number"
        - textbox "Mobile phone"
        - checkbox /Remember on this device/
      - button "Continue"
    `);
    await visitor.check();
    await expect(main).toMatchAriaSnapshot(`
      - alert:
        - heading "Please check these" [level=2]
        - list:
          - listitem:
            - link /What and when/
          - listitem:
            - link /Full name/
    `);
    await expect(page).toHaveTitle('Error: Chaomen City masks');
    await expect(page.getByRole('alert')).toBeFocused();
    await visitor.pick();
    await visitor.fill(somebody());
    await visitor.check();
    await expect(main).toMatchAriaSnapshot(`
      - 'heading "Step 3 of 3: check what you entered" [level=2]'
      - term: What and when
      - button "Book"
      - button "Change something"
    `);
    // What is said later is heard only where the region stood there before.
    await expect(page.getByRole('status')).toHaveCount(1);
    await visitor.open(`/e/${city.receipts.registered}`);
    await expect(main).toMatchAriaSnapshot(`
      - heading "No result yet, only registered" [level=1]
      - paragraph: /This is no result/
      - paragraph:
        - strong: /Expected/
      - paragraph: Look your entry up again when results are out.
      - paragraph: /Please do not go to an outlet/
    `);
    await visitor.open(`/e/${city.receipts.booked}`);
    await expect(main).toMatchAriaSnapshot(`
      - heading "Booked" [level=1]
      - paragraph: This is kept for you. Show the code at the outlet.
      - paragraph:
        - strong: /Morning/
      - img "QR code of the pickup code"
      - paragraph: Pickup code
    `);
  });
});

test('on paper it is dark on white, whatever the phone', async ({ visitor, page, city }) => {
  await visitor.open(`/e/${city.receipts.booked}`);
  await page.emulateMedia({ media: 'print', colorScheme: 'dark' });
  const colours = await page.evaluate(() => {
    const shown = getComputedStyle(/** @type {Element} */ (document.querySelector('.code strong')));
    return [shown.color, getComputedStyle(document.body).backgroundColor];
  });
  expect(colours).toEqual(['rgb(20, 33, 43)', 'rgb(255, 255, 255)']);
  const path = `${FOLDER}paper.png`;
  await page.screenshot({ path, fullPage: true });
  expect((await readFile(path)).length).toBeGreaterThan(0);
});

/**
 * Photographs and judges a page as people with other eyes see it.
 * @param {Page} page
 * @param {string} name
 */
async function looked(page, name) {
  for (const [sight, media] of Object.entries(SIGHTS)) {
    await page.emulateMedia(media);
    await expectNoSideways(page, sight);
    await expectAccessible(page, `${name}, ${sight}`);
    await page.screenshot({ path: `${FOLDER}${name}.${sight}.png`, fullPage: true });
    const moves = await page.evaluate(() => document.getAnimations().length);
    expect(moves, 'nothing moves').toBe(0);
    await page.emulateMedia({
      contrast: null,
      forcedColors: null,
      reducedMotion: null,
      colorScheme: null,
    });
  }
}

/**
 * What tells one result from another without a colour: its frame and its picture.
 * @param {Page} page
 */
async function look(page) {
  const result = page.getByRole('main').locator('section').first();
  return result.evaluate((section) => {
    const { borderTopStyle, borderTopWidth } = getComputedStyle(section);
    const picture = section.querySelector('path')?.getAttribute('d');
    return `${borderTopStyle} ${borderTopWidth} ${picture}`;
  });
}
