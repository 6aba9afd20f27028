/** A draw from its list to its winners, from the pages alone; the hall beside it; the script on paper. */

import {
  BALLS,
  BEACON,
  CEREMONY_WORDS,
  DEADLINE,
  ROUND_AT,
  SECRETS,
  STAGES,
  commitment,
  enter,
  foundDraws,
} from '../harness/ceremony.js';
import { campaign } from '../harness/campaigns.js';
import { expectAccessible, expectNoSideways } from '../harness/checks.js';
import { CONSOLE_WORDS } from '../harness/console_words.js';
import { AUDITOR, OWNER, Operator } from '../harness/operator.js';
import { lookAt } from '../harness/pictures.js';
import { expect, test as base } from '../harness/test.js';
import { LANGUAGES } from '../harness/words.js';

const WHY = 'As announced';
/** Windows of pages at a desk and on a phone; of the hall, a projector's. */
const WINDOWS = /** @type {const} */ ([
  { width: 360, height: 740, colorScheme: 'dark', isJudged: true },
  { width: 1280, height: 800, colorScheme: 'light', isJudged: true },
]);
const HALL_WINDOWS = /** @type {const} */ ([
  { width: 360, height: 740, colorScheme: 'dark', isJudged: true },
  { width: 1920, height: 1080, colorScheme: 'light', isJudged: true },
]);
/** What is looked at in both languages, and what in one: there the texts alone would differ. */
const HALLS = { zh: STAGES, en: ['opened', 'published'] };
const EVERYWHERE = ['draw-opened', 'step-seal', 'step-void'];
const LARGE = [
  { width: 1280, height: 800 },
  { width: 360, height: 740 },
];

/** @typedef {import('../harness/node.js').Node} Node */

const test = base.extend(
  /** @type {import('@playwright/test').Fixtures<{ operator: Operator, ceremony: typeof CEREMONY_WORDS['en'] }, { drawn: Node }, import('../harness/test.js').Fixtures & import('@playwright/test').PlaywrightTestArgs>} */ ({
    drawn: [
      async ({}, use) => {
        const node = await foundDraws();
        await node.makeAccount('owner', OWNER.name, OWNER.password);
        await node.makeAccount('auditor', AUDITOR.name, AUDITOR.password);
        await use(node);
        await node.stop();
      },
      { scope: 'worker', timeout: 120_000 },
    ],
    ceremony: async ({ language }, use) => use(CEREMONY_WORDS[language]),
    operator: async ({ page, language, drawn }, use) => {
      await use(new Operator(page, CONSOLE_WORDS[language], drawn.operatorUrl));
    },
  }),
);

for (const language of LANGUAGES) {
  test.describe(language, () => {
    test.use({ language });

    test('a draw from the pages alone, and the hall beside it', async ({ operator, page, ceremony: words, drawn }) => {
      const code = `evening-${language}`;
      await drawn.load(campaign(code, { draws: true, isHeldBack: true, units: 4 }));
      await enter(drawn, code);
      await walk(operator, words, code, async () => {}, async (address) => {
        const hall = await page.context().newPage();
        await hall.goto(`${drawn.operatorUrl}${address}/hall`);
        await expect(hall.getByText(words.isSealed)).toBeVisible();
        await expect(hall.getByText(words.notOpened)).toHaveCount(2);
        await expectGoesOn(hall);
        // It lives by itself.
        return { hall, again: async () => {} };
      });
    });

    test('the script is one page on paper', async ({ operator, page }) => {
      await operator.enter(AUDITOR);
      for (const stage of STAGES) {
        await page.goto(`${operator.url}/console/c/${stage}/draws/1/sheet`);
        const paper = await page.pdf({ preferCSSPageSize: true, printBackground: true });
        expect(pages(paper), `${stage}, ${language}`).toBe(1);
      }
      await lookAt(page, `ceremony.sheet-void.${language}`, WINDOWS, []);
      for (const stage of ['closed', 'published']) {
        await page.goto(`${operator.url}/console/c/${stage}/draws/1/sheet`);
        await page.emulateMedia({ media: 'print', colorScheme: 'light' });
        await page.setViewportSize({ width: 703, height: 1040 });
        await page.screenshot({ path: picture(`sheet-${stage}.${language}.paper`), fullPage: true });
        await page.emulateMedia({ media: 'screen' });
      }
    });

    for (const stage of HALLS[language]) {
      test(`the hall, ${stage}`, async ({ operator, page }) => {
        await operator.enter(AUDITOR);
        await page.goto(`${operator.url}/console/c/${stage}/draws/1/hall`);
        await page.setViewportSize({ width: 1920, height: 1080 });
        await page.emulateMedia({ colorScheme: 'dark' });
        await page.screenshot({ path: picture(`hall-${stage}.${language}.wall`) });
        await lookAt(page, `ceremony.hall-${stage}.${language}`, HALL_WINDOWS, LARGE);
      });
    }

    test('the hall of a large city', async ({ operator, page }) => {
      await operator.enter(AUDITOR);
      await page.goto(`${operator.url}/console/c/city/draws/1/hall`);
      for (const [width, height] of [[1920, 1080], [1280, 720], [360, 740]]) {
        await page.setViewportSize({ width: width ?? 0, height: height ?? 0 });
        await expectNoSideways(page, `a large city, ${width} px`);
        await page.screenshot({ path: picture(`hall-city.${language}.${width}`) });
      }
      await expect(page.getByRole('listitem').filter({ hasText: /\bn299\b/ })).toHaveCount(1);
      await expectAccessible(page, 'a large city');
    });

    for (const [view, path] of [
      ['list', '/console/c/fresh/draws'],
      ['list-published', '/console/c/published/draws'],
      ['draw-closed', '/console/c/closed/draws/1'],
      ['draw-opened', '/console/c/opened/draws/1'],
      ['draw-published', '/console/c/published/draws/1'],
      ['draw-void', '/console/c/void/draws/1'],
      ['step-seal', '/console/c/closed/draws/1/do/seal'],
      ['step-seed', '/console/c/opened/draws/1/do/seed'],
      ['step-run', '/console/c/seeded/draws/1/do/run'],
      ['step-publish', '/console/c/drawn/draws/1/do/publish'],
      ['step-alternates', '/console/c/published/draws/1/do/alternates'],
      ['step-void', '/console/c/drawn/draws/1/do/void'],
    ]) {
      if (language === 'en' && !EVERYWHERE.includes(view ?? '')) continue;
      test(view ?? '', async ({ operator, page }) => {
        await operator.enter(OWNER);
        await operator.open(path ?? '');
        await lookAt(page, `ceremony.${view}.${language}`, WINDOWS, LARGE);
      });
    }

    test('a secret that is wrong by a digit', async ({ operator, page, ceremony: words }) => {
      await operator.enter(OWNER);
      await operator.open('/console/c/sealed/draws/1/do/open');
      await operator.field(words.operatorSecret).fill(SECRETS.operator);
      await operator.field(words.notarySecret).fill(`${SECRETS.notary.slice(1)}a`);
      await operator.field(words.balls).fill('08 41 17');
      await operator.button(words.checkSecrets).click();
      await expect(page.getByText(words.opens)).toHaveCount(1);
      await expect(page.getByText(words.opensNot)).toHaveCount(1);
      await expect(operator.button(words.record)).toHaveCount(0);
      await lookAt(page, `ceremony.step-open-wrong.${language}`, WINDOWS, LARGE);
      await operator.open('/console/c/sealed/draws/1/do/open');
      await expect(operator.field(words.notarySecret)).toHaveValue('');
    });
  });
}

test.describe('without a script', () => {
  test.use({ language: 'en', javaScriptEnabled: false });

  test('a draw from the forms alone', async ({ operator, page, ceremony: words, drawn }) => {
    await drawn.load(campaign('plain', { draws: true, isHeldBack: true, units: 4 }));
    await enter(drawn, 'plain');
    // A step that takes longer is told when somebody looks again.
    const settle = async () => {
      const look = operator.link('Look again');
      await expect(async () => {
        if (await look.isVisible()) await look.click();
        await expect(look).toBeHidden();
      }).toPass();
    };
    await walk(operator, words, 'plain', settle, async (address) => {
      const hall = await page.context().newPage();
      await hall.goto(`${drawn.operatorUrl}${address}/hall`);
      await expect(hall.getByText(/does not go on without a script/)).toBeVisible();
      return { hall, again: async () => void (await hall.reload()) };
    });
  });
});

/**
 * From the campaign's page to the publication. Whoever watches the hall looks at it on the way.
 * @param {Operator} operator
 * @param {typeof CEREMONY_WORDS['en']} words
 * @param {string} code
 * @param {() => Promise<void>} settle waits for a step that takes longer
 * @param {(address: string) => Promise<{ hall: import('@playwright/test').Page, again: () => Promise<void> }>} open
 *   the hall's page, and how its news is had
 */
async function walk(operator, words, code, settle, open) {
  const { page } = operator;
  const address = `/console/c/${code}/draws/1`;
  const go = async (/** @type {string} */ step) => {
    await operator.open(address);
    // The way here may have the same name, and it stands above what comes next.
    const next = page.locator('[data-part="draw-next"]');
    await next.getByRole('link', { name: step, exact: true }).click();
  };
  const press = async (/** @type {string} */ button) => {
    await operator.sayWhy(WHY);
    await operator.button(button).click();
    await settle();
    await operator.expectDone();
  };
  await operator.enter(OWNER);
  await operator.open(`/console/c/${code}`);
  await operator.link(words.draws).click();
  await press(words.closeList);

  await go(words.sealIt);
  await operator.field(words.operatorCommitment).fill(commitment(code, 'operator'));
  await operator.field(words.notaryCommitment).fill(commitment(code, 'notary'));
  await operator.field(words.tagKey).fill('05'.repeat(32));
  await operator.field(words.ballsKind).fill(BALLS);
  await operator.field(words.beaconAt).fill(ROUND_AT);
  await operator.field(words.rehearsal).check();
  await operator.field(words.deadline).fill(DEADLINE);
  await operator.field(words.rules).fill('每人一份。\n');
  await operator.button(words.check).click();
  await press(words.sealForGood);
  const { hall, again } = await open(address);

  await go(words.openThem);
  await operator.field(words.operatorSecret).fill(SECRETS.operator);
  await operator.field(words.notarySecret).fill(SECRETS.notary);
  await operator.field(words.balls).fill('08 41 17');
  await operator.button(words.checkSecrets).click();
  await expect(page.getByText(words.opens)).toHaveCount(2);
  await press(words.record);
  await again();
  await expect(hall.getByText(words.opened)).toHaveCount(2);

  await go(words.makeSeed);
  await operator.field(words.signature).fill(BEACON);
  await operator.button(words.checkSignature).click();
  await press(words.makeSeed);
  await go(words.draw);
  await press(words.drawNow);
  await again();
  await expect(hall.getByText(words.winners)).toHaveCount(0);
  await go(words.publish);
  await operator.typeCode(code, code);
  await press(words.publishForGood);
  await expect(page.getByText(words.nothingMore)).toBeVisible();
  await again();
  await expect(hall.getByText(words.isPublished, { exact: true })).toBeVisible();
  await expect(hall.getByText(words.winners)).toBeVisible();
}

/**
 * That the clock goes on.
 * @param {import('@playwright/test').Page} hall
 */
async function expectGoesOn(hall) {
  const clock = hall.getByRole('timer');
  const before = (await clock.textContent()) ?? '';
  expect(before).toMatch(/^\d\d:\d\d:\d\d$/);
  await expect(clock).not.toHaveText(before);
  await expectAccessible(hall, 'the hall, live');
}

/**
 * How many pages a PDF has, by the objects that say they are one.
 * @param {Buffer} paper
 */
function pages(paper) {
  return [...paper.toString('latin1').matchAll(/\/Type\s*\/Page(?![a-zA-Z])/g)].length;
}

/** @param {string} name */
function picture(name) {
  return new URL(`../../target/pages/ceremony.${name}.png`, import.meta.url).pathname;
}
