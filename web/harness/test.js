/**
 * The fixtures of all tests.
 *
 * Owns: what every test has (a city, a visitor) and what holds in every one of them: nothing
 * personal in an address, no error in a page. Never: shares a node between workers.
 */

import { expect, test as base } from '@playwright/test';
import { foundCity } from './city.js';
import { Node } from './node.js';
import { personalIn } from './people.js';
import { Visitor } from './visitor.js';
import { WORDS } from './words.js';

export { expect } from '@playwright/test';

/**
 * @typedef {object} Fixtures
 * @property {import('./words.js').Language} language
 * @property {typeof WORDS['en']} words in that language
 * @property {Visitor} visitor at the city
 * @property {Node} node of the test's own, to be paused, closed or killed
 * @property {(text: string) => void} note says something in the run's output
 * @property {void} guard
 */

/** @typedef {{ city: import('./city.js').City }} WorkerFixtures */

export const test = base.extend(
  /** @type {import('@playwright/test').Fixtures<Fixtures, WorkerFixtures, import('@playwright/test').PlaywrightTestArgs & import('@playwright/test').PlaywrightTestOptions>} */ ({
    language: ['zh', { option: true }],
    locale: async ({ language }, use) => use(WORDS[language].tag),
    words: async ({ language }, use) => use(WORDS[language]),
    visitor: async ({ page, words, city }, use) => use(new Visitor(page, words, city.node.url)),

    city: [
      async ({}, use) => {
        const city = await foundCity();
        await use(city);
        await city.node.stop();
      },
      { scope: 'worker', timeout: 90_000 },
    ],

    node: async ({}, use, testInfo) => {
      const node = await Node.start();
      await use(node);
      if (testInfo.status !== testInfo.expectedStatus) {
        await testInfo.attach('log of the node', { body: node.log, contentType: 'text/plain' });
      }
      await node.stop();
    },

    note: async ({}, use, testInfo) => {
      await use((description) => testInfo.annotations.push({ type: 'note', description }));
    },

    guard: [
      async ({ context }, use) => {
        /** @type {string[]} */
        const addresses = [];
        /** @type {string[]} */
        const errors = [];
        context.on('request', (request) => {
          addresses.push(request.url(), request.headers()['referer'] ?? '');
        });
        context.on('weberror', (error) => errors.push(String(error.error())));
        context.on('dialog', (dialog) => {
          errors.push(`a dialog: ${dialog.message()}`);
          void dialog.dismiss();
        });
        context.on('console', (message) => {
          if (/Content Security Policy/.test(message.text())) errors.push(message.text());
        });
        await use();
        expect(personalIn(addresses), 'addresses with something personal in them').toEqual([]);
        expect(errors, 'errors in the pages').toEqual([]);
      },
      { auto: true },
    ],
  }),
);
