/**
 * Every page of the console in each of its states: on a phone and at a desk, light and dark, in
 * both languages. Each is held to what holds on every page, and photographed into `target/pages/`.
 */

import { foundCity } from '../harness/city.js';
import { CONSOLE_WORDS } from '../harness/console_words.js';
import { AUDITOR, OWNER, Operator } from '../harness/operator.js';
import { somebody } from '../harness/people.js';
import { lookAt } from '../harness/pictures.js';
import { expect, test as base } from '../harness/test.js';
import { LANGUAGES } from '../harness/words.js';

/** Windows: a small phone, and a desk; each scheme on both. */
const WINDOWS = /** @type {const} */ ([
  { width: 360, height: 740, colorScheme: 'dark', isJudged: true },
  { width: 360, height: 740, colorScheme: 'light', isJudged: false },
  { width: 1280, height: 800, colorScheme: 'light', isJudged: true },
  { width: 1280, height: 800, colorScheme: 'dark', isJudged: false },
]);
/** Where letters are twice as large. */
const LARGE = [
  { width: 1280, height: 800 },
  { width: 360, height: 740 },
];
const CROWD = 60;

/** @typedef {import('../harness/city.js').City} Desk a city with accounts */

const test = base.extend(
  /** @type {import('@playwright/test').Fixtures<{ operator: Operator }, { desk: Desk }, import('../harness/test.js').Fixtures & import('@playwright/test').PlaywrightTestArgs>} */ ({
    desk: [
      async ({}, use) => {
        const desk = await furnish();
        await use(desk);
        await desk.node.stop();
      },
      { scope: 'worker', timeout: 90_000 },
    ],
    operator: async ({ page, language, desk }, use) => {
      await use(new Operator(page, CONSOLE_WORDS[language], desk.node.operatorUrl));
    },
  }),
);

/**
 * The pages of an owner.
 * @type {Record<string, (operator: Operator, desk: Desk) => Promise<void>>}
 */
const VIEWS = {
  list: (operator) => operator.open('/console'),
  'campaign-open': async (operator, { node }) => {
    const people = Array.from({ length: CROWD }, () => somebody());
    const places = ['w1/kn95/am', 'w2/kn95/am', 't1/child/pm'];
    await operator.open('/console/c/masks');
    const enter = (/** @type {import('../harness/people.js').Person} */ person, at = 0) =>
      node.enter('masks', person, places[at % places.length] ?? '');
    await Promise.all(people.map(enter));
    const { entries } = await node.operate('campaigns/masks');
    await expect(operator.tile(operator.words.entries)).toHaveText(new RegExp(`^${entries}\\b`));
  },
  'campaign-district': (operator) => operator.open('/console/c/masks?district=1'),
  'campaign-many-districts': (operator) => operator.open('/console/c/districts'),
  'campaign-soon': (operator) => operator.open('/console/c/soon'),
  'campaign-paused': (operator) => operator.open('/console/c/paused'),
  'campaign-full': (operator) => operator.open('/console/c/full'),
  'campaign-over': (operator) => operator.open('/console/c/over'),
  'campaign-published': (operator) => operator.open('/console/c/published'),
  'campaign-held-back': (operator) => operator.open('/console/c/held-back'),
  'campaign-deleted': (operator) => operator.open('/console/c/deleted'),
  'campaign-hostile': (operator) => operator.open('/console/c/hostile'),
  'campaign-pressed': async (operator) => {
    await operator.open('/console/c/masks/do/cap');
    await operator.field(operator.words.capEntries).fill('5000000');
    await operator.sayWhy('Numbers of the second delivery');
    await operator.button(operator.words.setCap).click();
    await expect(operator.page.getByRole('status').first()).toBeVisible();
  },
  'campaign-refused': async (operator) => {
    await operator.open('/console/c/full/do/cap');
    await operator.field(operator.words.capEntries).fill('0');
    await operator.sayWhy('Numbers of the second delivery');
    await operator.button(operator.words.setCap).click();
    await expect(operator.page.getByRole('alert')).toBeVisible();
  },
  'campaign-over-session': async (operator) => {
    await operator.open('/console/c/masks');
    await expect(operator.page.getByText(operator.words.live, { exact: true })).toBeVisible();
    await operator.endSession();
    await expect(operator.page.getByText(operator.words.over)).toBeVisible();
  },
  'switch-open': (operator) => operator.open('/console/c/soon/do/open'),
  'switch-pause': (operator) => operator.open('/console/c/masks/do/pause'),
  'switch-resume': (operator) => operator.open('/console/c/paused/do/resume'),
  'switch-close': (operator) => operator.open('/console/c/masks/do/close'),
  'switch-close-wrong': async (operator) => {
    await operator.open('/console/c/masks/do/close');
    await operator.typeCode('mask', 'masks');
    await operator.sayWhy('The stock is gone');
    await operator.button(operator.words.closeNow).click();
    await expect(operator.page.getByRole('alert')).toBeVisible();
  },
  'switch-publish': (operator) => operator.open('/console/c/held-back/do/publish'),
  'switch-cap': (operator) => operator.open('/console/c/full/do/cap'),
  'switch-withdraw': (operator) => operator.open('/console/c/masks/do/withdraw'),
  'switch-withdraw-preview': (operator) =>
    operator.open('/console/c/masks/do/withdraw?outlet=w1&item=kn95&slot=&units=10'),
  stock: (operator) => operator.open('/console/c/masks/stock'),
  'stock-difference': async (operator) => {
    await operator.open('/console/c/masks/stock');
    await operator.chooseTable('outlet,item,slot,units\nw1,kn95,am,120000\nt2,child,pm,80000\n');
    await expect(operator.title(operator.words.difference)).toBeVisible();
  },
  'stock-below': async (operator) => {
    await operator.open('/console/c/full/stock');
    await operator.chooseTable('outlet,item,slot,units\nw1,kn95,am,0\n');
    await expect(operator.page.getByRole('alert')).toBeVisible();
  },
  'stock-wrong': async (operator) => {
    await operator.open('/console/c/masks/stock');
    await operator.chooseTable('outlet,item,slot,units\nw9,kn95,am,12\nw1,kn95,am,many\n');
    await expect(operator.page.getByRole('alert')).toBeVisible();
  },
  export: (operator) => operator.open('/console/c/masks/export'),
  'export-unpublished': (operator) => operator.open('/console/c/held-back/export'),
  actions: (operator) => operator.open('/console/actions'),
  'actions-none': (operator) => operator.open('/console/actions?text=nothing-like-it'),
  account: (operator) => operator.open('/console/account'),
  'problem-no-campaign': (operator) => operator.open('/console/c/nowhere'),
  'problem-no-page': (operator) => operator.open('/console/nowhere'),
};

for (const language of LANGUAGES) {
  test.describe(language, () => {
    test.use({ language });
    const look = (/** @type {Operator} */ { page }, /** @type {string} */ view) =>
      lookAt(page, `console.${view}.${language}`, WINDOWS, LARGE);

    for (const [view, arrive] of Object.entries(VIEWS)) {
      test(view, async ({ operator, desk }) => {
        await operator.enter(OWNER);
        await arrive(operator, desk);
        await look(operator, view);
      });
    }

    test('campaign-auditor', async ({ operator }) => {
      await operator.enter(AUDITOR);
      await operator.open('/console/c/masks');
      await look(operator, 'campaign-auditor');
    });

    test('problem-role', async ({ operator }) => {
      await operator.enter(AUDITOR);
      await operator.open('/console/c/masks/do/close');
      await look(operator, 'problem-role');
    });

    for (const [view, path] of [
      ['log-in', '/console'],
      ['log-in-ended', '/console/log-in?ended=1'],
    ]) {
      test(view ?? '', async ({ operator }) => {
        await operator.open(path ?? '');
        await look(operator, view ?? '');
      });
    }

    test('nobody yet, and a wrong password', async ({ page, language, node }) => {
      const operator = new Operator(page, CONSOLE_WORDS[language], node.operatorUrl);
      await operator.open('/console');
      await look(operator, 'log-in-first');
      await node.makeAccount('owner', OWNER.name, OWNER.password);
      await operator.enter(OWNER);
      await operator.open('/console');
      await look(operator, 'list-empty');
      await operator.button(operator.words.logOut).click();
      const wrong = { ...OWNER, password: 'not the password at all' };
      await operator.logIn(wrong);
      await expect(page.getByRole('alert')).toContainText(operator.words.refused);
      await look(operator, 'log-in-wrong');
      await expect(async () => {
        await operator.logIn(wrong);
        await expect(page.getByRole('alert')).toContainText(operator.words.wait, { timeout: 500 });
      }).toPass();
      await look(operator, 'log-in-locked');
    });
  });
}

/** A city with people who may look at it. */
async function furnish() {
  const desk = await foundCity();
  await desk.node.makeAccount('owner', OWNER.name, OWNER.password);
  await desk.node.makeAccount('auditor', AUDITOR.name, AUDITOR.password);
  return desk;
}
