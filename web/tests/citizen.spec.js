/**
 * Somebody with a cheap phone in a city of 400 outlets: what they must do to book, what comes over
 * the wire for it, and how long they wait. Counts and bytes are held to; times are told.
 */

import { largeCity } from '../harness/campaigns.js';
import { slowLine, slowProcessor } from '../harness/phone.js';
import { somebody } from '../harness/people.js';
import { expect, test } from '../harness/test.js';
import { Visitor } from '../harness/visitor.js';
import { LANGUAGES } from '../harness/words.js';
import { listen } from '../harness/wire.js';

/** District, outlet, what and when, on, send. */
const TAPS_MAX = 5;
const FIELDS_MAX = 3;
/** The campaign, its district, its outlet, the result. */
const PAGES_MAX = 4;
/** Whatever a step brings that is not kept from the step before. */
const STEP_BYTES_MAX = 40 * 1024;
const TYPING_MS_A_FIELD = 6_000;

for (const language of LANGUAGES) {
  test.describe(language, () => {
    test.use({ language, viewport: { width: 360, height: 640 }, hasTouch: true, isMobile: true });

    test('books in a few taps, on a slow phone and a slow line', async ({
      node,
      page,
      words,
      note,
    }) => {
      await node.load(largeCity('city'));
      const visitor = new Visitor(page, words, node.url);
      const wire = await listen(page, { keepsCache: true });
      await slowLine(page);
      await slowProcessor(page, 4);
      const done = { taps: 0, pages: 0, waitedMs: 0 };
      page.on('request', (request) => {
        if (request.isNavigationRequest()) done.pages += 1;
      });
      const person = somebody();
      let known = 0;
      /** @type {string[]} */
      const told = [];
      /**
       * @param {string} name
       * @param {() => Promise<unknown>} act
       * @param {import('@playwright/test').Locator} seen what the person waits for
       */
      const step = async (name, act, seen) => {
        const began = Date.now();
        await act();
        await seen.waitFor();
        const waited = Date.now() - began;
        const parts = wire();
        const bytes = parts.reduce((sum, part) => sum + part.bytes, 0);
        const asked = parts.filter((part) => part.bytes > 0).length;
        told.push(`${name} ${waited} ms, ${bytes - known} bytes, ${asked} answers so far`);
        expect(bytes - known, name).toBeLessThan(STEP_BYTES_MAX);
        known = bytes;
        done.waitedMs += waited;
      };
      /** @param {import('@playwright/test').Locator} what */
      const tap = async (what) => {
        done.taps += 1;
        await what.tap();
      };

      const outlet = language === 'zh' ? '第 14 网点' : 'Outlet 14';
      await step('campaign', () => visitor.open('/c/city'), visitor.place(words.district));
      await step('district', () => tap(visitor.place(words.district)), visitor.place(outlet));
      await step('outlet', () => tap(visitor.place(outlet)), page.getByRole('radio').first());
      await expect(page.getByRole('radio')).toHaveCount(30);
      await tap(page.getByRole('radio').nth(7));
      await visitor.fill(person);
      await step('check', () => tap(visitor.button(words.check)), visitor.button(words.book));
      await expect(visitor.button(words.book)).toBeEnabled();
      await step('result', () => tap(visitor.button(words.book)), visitor.title(words.booked));

      const seconds = (done.waitedMs + FIELDS_MAX * TYPING_MS_A_FIELD) / 1000;
      note(told.join('; '));
      note(
        `${done.taps} taps, ${FIELDS_MAX} fields, ${done.pages} pages; waited ` +
          `${(done.waitedMs / 1000).toFixed(1)} s; with ${TYPING_MS_A_FIELD / 1000} s for a field ` +
          `${seconds.toFixed(0)} s`,
      );
      expect(done.taps).toBeLessThanOrEqual(TAPS_MAX);
      expect(done.pages).toBeLessThanOrEqual(PAGES_MAX);
    });
  });
}
