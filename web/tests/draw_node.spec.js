/**
 * A draw at a node: the page that checks, with receipts that the node signed, before and after the
 * publication; and what is taken back when nobody collects it.
 */

import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { ONLY_PLACE, shop } from '../harness/campaigns.js';
import { CONSOLE_WORDS } from '../harness/console_words.js';
import { DRAW_WORDS, expect, test } from '../harness/draw_page.js';
import { OWNER, Operator } from '../harness/operator.js';
import { somebody } from '../harness/people.js';
import { lookAt } from '../harness/pictures.js';
import { LANGUAGES } from '../harness/words.js';

const WHY = { reason: 'a test' };
const SECRETS = { operator: '0a'.repeat(32), notary: '0b'.repeat(32) };
const BALLS = '7';

const WINDOWS = /** @type {const} */ ([
  { width: 390, height: 844, colorScheme: 'light', isJudged: true },
  { width: 320, height: 640, colorScheme: 'dark', isJudged: true },
  { width: 1280, height: 800, colorScheme: 'light', isJudged: false },
]);
const LARGE = [
  { width: 1280, height: 800 },
  { width: 320, height: 640 },
];

test.use({ viewport: { width: 390, height: 844 } });

/** @param {'operator' | 'notary'} party */
function commitment(party) {
  const text = `tidegate/secret/v1:masks/1:${party}:${SECRETS[party]}`;
  return createHash('sha256').update(text).digest('hex');
}

/** A campaign of two packs at one shop, for which lots are drawn. */
function lots() {
  const made = shop('masks', { isHeldBack: true, units: 2 });
  return { ...made, toml: `${made.toml}[allocate]\nby = "draw"\n` };
}

/**
 * A step of the draw.
 * @param {import('../harness/node.js').Node} node
 * @param {string} step
 * @param {Record<string, unknown>} [body]
 */
async function take(node, step, body = {}) {
  return node.operate(`campaigns/masks/draws/1/${step}`, { ...WHY, ...body });
}

/**
 * Five people enter, and the list is sealed, or only closed.
 * @param {import('../harness/node.js').Node} node
 */
async function close(node) {
  await node.load(lots());
  const people = [];
  for (let number = 0; number < 5; number += 1) {
    const person = somebody();
    const { receipt } = await node.enter('masks', person, ONLY_PLACE);
    people.push({ number: person.id_number, entry: receipt });
  }
  await node.act('masks', 'close');
  await node.operate('campaigns/masks/draws', WHY);
  return people;
}

/** @param {import('../harness/node.js').Node} node */
async function seal(node) {
  await take(node, 'seal', {
    operator_commitment: commitment('operator'),
    notary_commitment: commitment('notary'),
    notary_tag_key: '0c'.repeat(32),
    balls: '1 of 0-9',
    deadline: '2035-02-02T12:00:00Z',
    rules: '每人一份。\n',
  });
}

/** @type {[string, Record<string, unknown>][]} the steps behind the seal */
const STEPS = [
  ['open', { operator_secret: SECRETS.operator, notary_secret: SECRETS.notary, balls: BALLS }],
  ['seed', {}],
  ['run', {}],
];

test('a receipt is checked at the node, and nobody learns anything before it is published', async ({
  checker,
  node,
  page,
  language,
}) => {
  const words = DRAW_WORDS[language];
  const entered = await close(node);
  const folder = { url: `${node.url}/draws/masks/1` };
  const early = await page.goto(`${folder.url}/check/`);
  expect(early?.status(), 'there is nothing to check before the seal').toBe(404);
  await seal(node);

  const people = await Promise.all(
    entered.map(async ({ number, entry }) => {
      const answer = await fetch(`${node.url}/v1/entries/${entry}/draw`);
      expect(answer.status).toBe(200);
      return { receipt: await answer.text(), number, entry };
    }),
  );
  const [first, second] = people;
  if (!first || !second) throw new Error('somebody has entered');

  // Sealed, opened, seeded, drawn: the page says the same of everybody.
  /** @type {Map<string, number>} */
  const answered = new Map();
  page.on('response', (answer) => {
    answered.set(answer.url().slice(folder.url.length + 1), answer.status());
  });
  for (const [step, body] of [...STEPS, /** @type {const} */ (['', {}])]) {
    await checker.open(folder);
    for (const person of people) {
      await checker.check(person);
      await checker.sees(words.noResult);
      await expect(checker.step(3)).toContainText(words.holds);
    }
    if (step) await take(node, step, body);
  }
  await expect(checker.step(5)).toContainText(words.holds);
  expect(answered.get('result.txt'), 'the result is there, and told to nobody').toBe(404);
  for (const file of ['winners.txt', 'cutoffs.txt', 'result.txt']) {
    expect((await fetch(`${folder.url}/${file}`)).status, file).toBe(404);
  }

  // Published: what the page computes is what the node has booked.
  await node.act('masks', 'publish');
  let drawn = 0;
  for (const person of people) {
    const entry = await fetch(`${node.url}/v1/entries/${person.entry}`);
    const { outcome } = await entry.json();
    await checker.check(person);
    await checker.sees(outcome === 'booked' ? words.drawn : words.nothing);
    for (const step of [1, 2, 3, 4, 5, 6]) {
      await expect(checker.step(step)).toContainText(words.holds);
    }
    drawn += outcome === 'booked' ? 1 : 0;
  }
  expect(drawn, 'as many as there are packs').toBe(2);
  // Somebody else's ID does not open a receipt.
  await checker.check({ receipt: first.receipt, number: second.number });
  await checker.sees(words.badIdentity);
});

for (const language of LANGUAGES) {
  test.describe(language, () => {
    test.use({ language });

    test('from the page of an entry to the page that checks', async ({ checker, node, page }) => {
      const { words } = checker;
      const [person] = await close(node);
      if (!person) throw new Error('somebody has entered');
      await page.goto(`${node.url}/e/${person.entry}`);
      const link = page.getByRole('link', { name: words.link, exact: true });
      await expect(link, 'nothing is sealed').toHaveCount(0);
      await seal(node);
      await page.reload();
      await link.click();
      await lookAt(page, `entry-draw.${language}`, WINDOWS, LARGE);
      const [download] = await Promise.all([
        page.waitForEvent('download'),
        page.getByRole('link', { name: words.saveReceipt, exact: true }).click(),
      ]);
      const receipt = await readFile(await download.path(), 'utf8');
      await expect(page.getByText('tidegate-receipt/v1')).toContainText(receipt.trim());
      await page.getByRole('link', { name: words.openPage, exact: true }).click();
      await expect(page).toHaveURL(`${node.url}/draws/masks/1/check/#RIC-CN`);
      await checker.check({ receipt, number: person.number });
      await checker.sees(words.noResult);
      await expect(checker.step(3)).toContainText(words.holds);
    });

    test('what nobody collected is taken back, after a look at how much', async ({ node, page }) => {
      const people = await close(node);
      await seal(node);
      for (const [step, body] of STEPS) await take(node, step, body);
      await node.makeAccount('owner', OWNER.name, OWNER.password);
      const operator = new Operator(page, CONSOLE_WORDS[language], node.operatorUrl);
      const { words } = operator;
      await operator.enter(OWNER);
      await operator.open('/console/c/masks');
      await expect(operator.link(words.takeBack), 'nobody was told').toHaveCount(0);
      await node.act('masks', 'publish');
      await page.reload();
      await operator.link(words.takeBack).click();
      await operator.button(words.wouldTake).click();
      const would = page.getByRole('status').filter({ hasText: / 2 / });
      await expect(would).toBeVisible();
      await lookAt(page, `console-lapse.${language}`, WINDOWS, LARGE);
      // Nobody could collect anything yet: that is to be said.
      await page.locator('input[name="early"]').check();
      await operator.typeCode('mask', 'masks');
      await operator.sayWhy('The time to collect is over');
      await operator.button(words.takeThemBack).click();
      await expect(page.getByRole('alert')).toContainText(words.wrongCode);
      await expect(would, 'the place is not lost').toBeVisible();
      await operator.typeCode('masks', 'masks');
      await operator.button(words.takeThemBack).click();
      await operator.expectDone();
      const outcomes = people.map(async ({ entry }) => {
        const { outcome } = await (await fetch(`${node.url}/v1/entries/${entry}`)).json();
        return outcome;
      });
      const cancelled = (await Promise.all(outcomes)).filter((outcome) => outcome === 'cancelled');
      expect(cancelled).toHaveLength(2);
    });
  });
}
