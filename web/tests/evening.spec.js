/**
 * An operator's evening from the first log-in to the record of it, as the handbook tells it, with
 * the pictures that stand there: `evening-*` in `target/pages/`, cut where their point ends.
 */

import { fileURLToPath } from 'node:url';
import { campaign } from '../harness/campaigns.js';
import { CONSOLE_WORDS } from '../harness/console_words.js';
import { COUNTER_WORDS, makeCode } from '../harness/counter.js';
import { Operator } from '../harness/operator.js';
import { somebody } from '../harness/people.js';
import { expect, test } from '../harness/test.js';
import { LANGUAGES } from '../harness/words.js';

/** @typedef {import('@playwright/test').Locator} Locator */

const FOLDER = fileURLToPath(new URL('../../target/pages/', import.meta.url));
const HOUR_MS = 3_600_000;
const DESK = { width: 1280, height: 800 };
/** What is kept below the last thing that a picture shows, in pixels. */
const MARGIN_PX = 8;
/** How many people come to a place: some places are wanted more than others. */
const CROWD = {
  'w1/kn95/am': 60,
  'w1/kn95/pm': 60,
  'w2/kn95/am': 40,
  'w2/kn95/pm': 40,
  'w1/child/am': 40,
  'w2/child/pm': 30,
  't1/kn95/am': 40,
  't1/kn95/pm': 35,
  't2/kn95/am': 40,
  't2/kn95/pm': 33,
  't1/child/am': 9,
  't2/child/am': 5,
};
/** How many come at once, second by second: most of them at the start. */
const WAVES = [100, 80, 60, 48, 38, 32, 28, 24, 22];
/** How many wish for the first place of the vaccine, and as many for others. */
const WISHES = 60;
/** Of each thing at each place, but where the second delivery differs. */
const UNITS = 40;
/** @type {Record<string, number>} */
const DELIVERED = { 'w1/kn95/am': 60, 'w1/kn95/pm': 60, 't2/child/pm': 20 };

const VACCINE = { zh: '疫苗接种登记', en: 'Vaccine slots' };
const TOLD = {
  en: {
    account: { name: 'Duty Officer', password: 'gate harbour lantern 20' },
    stock: 'Delivery note 17',
    open: 'It is 20:00',
    pause: 'Baicao Hall reports a flooded store room',
    resume: 'The store room is dry again',
    cap: 'No more than the depot can pack',
    close: 'The evening is over',
    publish: 'Results as announced',
    export: 'For the outlets',
    counter: 'Till 1',
  },
  zh: {
    account: { name: '值班员', password: 'gate harbour lantern 20' },
    stock: '第 17 号送货单',
    open: '已到 20:00',
    pause: '百草堂仓库进水',
    resume: '仓库已清理完毕',
    cap: '不超过仓库的打包能力',
    close: '今晚登记到此结束',
    publish: '按公告时间公布',
    export: '发给各网点',
    counter: '一号柜台',
  },
};

/** One evening in one language. */
class Evening {
  /**
   * @param {import('@playwright/test').Page} page
   * @param {import('../harness/node.js').Node} node
   * @param {import('../harness/words.js').Language} language
   */
  constructor(page, node, language) {
    this.page = page;
    this.node = node;
    this.language = language;
    this.told = TOLD[language];
    this.words = CONSOLE_WORDS[language];
    this.operator = new Operator(page, this.words, node.operatorUrl);
  }

  /** @param {string} name of a part that is renewed while one looks */
  part(name) {
    return this.page.locator(`[data-part=${name}]`);
  }

  /** @param {string} name */
  path(name) {
    return `${FOLDER}evening-${name}.${this.language}.png`;
  }

  /**
   * Photographs the page from its top to the lower edge of what is the point.
   * @param {string} name
   * @param {Locator} [last] the form, unless given
   */
  async take(name, last = this.page.locator('main form').last()) {
    await this.page.locator(':focus').evaluateAll((all) => {
      for (const one of all) if (one instanceof HTMLElement) one.blur();
    });
    const box = await last.boundingBox();
    if (!box) throw new Error(`${name}: its last part is not on the page`);
    const scrolled = await this.page.evaluate(() => window.scrollY);
    const height = Math.round(scrolled + box.y + box.height + MARGIN_PX);
    const clip = { x: 0, y: 0, width: DESK.width, height };
    await this.page.screenshot({ path: this.path(name), clip, fullPage: true });
  }

  /** From the first log-in to the minute of the opening. */
  async prepare() {
    const { operator, node, told, words } = this;
    await node.makeAccount('owner', told.account.name, told.account.password);
    await operator.open('/console');
    await operator.logIn(told.account);
    await node.load(
      campaign('vaccine', { title: VACCINE, isHeldBack: true, units: UNITS }),
      campaign('masks', { opens: Date.now() + HOUR_MS, units: UNITS }),
    );
    await operator.open('/console');
    await expect(this.part('campaigns').getByRole('row')).toHaveCount(3);
    await this.take('list', this.part('campaigns'));

    await operator.open('/console/c/masks/stock');
    const rows = [...places()].map(
      (place) => `${place.replaceAll('/', ',')},${DELIVERED[place] ?? UNITS}`,
    );
    await operator.chooseTable(['outlet,item,slot,units', ...rows, ''].join('\n'));
    await expect(operator.title(words.difference)).toBeVisible();
    await operator.sayWhy(told.stock);
    await this.take('stock');
    await operator.button(words.changeStock).click();
    await operator.expectDone();

    await operator.open('/console/c/masks');
    await operator.expectState(words.isNotOpenYet);
    await operator.press(words.openNow, words.openNow, told.open);
    await operator.expectDone();
  }

  /** Everybody comes, and the page counts them. */
  async rush() {
    const { operator, node, words } = this;
    await operator.open('/console/c/masks');
    const crowd = mixed();
    let come = 0;
    for (const wave of WAVES) {
      const next = crowd.slice(come, come + wave);
      await Promise.all(next.map((place) => node.enter('masks', somebody(), place)));
      come += next.length;
      await expect(operator.tile(words.entries)).toHaveText(new RegExp(`^${come}\\b`));
    }
    expect(come).toBe(crowd.length);
    await expect(this.part('heat').locator('td.h4').first()).toBeVisible();
    await this.take('live', this.part('whole'));
    const heat = this.page.locator('section', { has: this.part('heat') });
    await heat.screenshot({ path: this.path('heat') });
    await this.part('machine').screenshot({ path: this.path('machine') });
  }

  /** Pauses, resumes, caps and closes. */
  async turn() {
    const { operator, told, words } = this;
    await operator.pause(told.pause);
    await operator.expectDone();
    await operator.expectState(words.isPaused);
    await this.take('paused', this.page.locator('.switches'));
    await operator.press(words.resume, words.resumeIt, told.resume);
    await operator.expectDone();
    await operator.link(words.cap).click();
    await operator.field(words.capEntries).fill('450');
    await operator.sayWhy(told.cap);
    await operator.button(words.setCap).click();
    await operator.expectDone();
    await operator.press(words.close, words.closeNow, told.close, 'masks');
    await operator.expectDone();
  }

  /** What was held back is told, and goes to the outlets. */
  async publish() {
    const { operator, node, told, words } = this;
    const wishes = [...Array(WISHES).fill('w1/kn95/am'), ...mixed().slice(0, WISHES)];
    await Promise.all(wishes.map((place) => node.enter('vaccine', somebody(), place)));
    await operator.open('/console/c/vaccine');
    await operator.press(words.close, words.closeNow, told.close, 'vaccine');
    await operator.expectDone();
    await operator.link(words.publish).click();
    await operator.typeCode('vaccine', 'vaccine');
    await operator.sayWhy(told.publish);
    await this.take('publish');
    await operator.button(words.publishForGood).click();
    await operator.expectDone();
    await operator.expectState(words.isPublished);
    await this.take('published', this.part('tiles'));

    await operator.link(words.export).click();
    await operator.sayWhy(told.export);
    await this.take('export');
    const [download] = await Promise.all([
      this.page.waitForEvent('download'),
      operator.button(words.download).click(),
    ]);
    expect(download.suggestedFilename()).toMatch(/^vaccine.*\.zip$/);
    await download.path();
  }

  /** The record of it all, and the first phone of the morning. */
  async afterwards() {
    const { operator, page, told } = this;
    await operator.open('/console/actions');
    await expect(operator.records(told.export)).toBeVisible();
    await this.take('actions', page.getByRole('row').nth(6));
    await operator.open('/console/counters');
    await makeCode(page, COUNTER_WORDS[this.language], told.counter, 'w2');
    await this.take('counter-code', page.locator('main .card').first());
  }
}

for (const language of LANGUAGES) {
  test.describe(language, () => {
    test.use({ language, viewport: DESK, colorScheme: 'light' });

    test('an evening', async ({ page, node }) => {
      const evening = new Evening(page, node, language);
      await evening.prepare();
      await evening.rush();
      await evening.turn();
      await evening.publish();
      await evening.afterwards();
    });
  });
}

/** Every place there is. */
function* places() {
  for (const outlet of ['w1', 'w2', 't1', 't2'])
    for (const item of ['kn95', 'child'])
      for (const slot of ['am', 'pm']) yield `${outlet}/${item}/${slot}`;
}

/** The crowd's places in an order in which each is spread over the evening. */
function mixed() {
  const each = Object.entries(CROWD).flatMap(([place, count]) =>
    [...Array(count).keys()].map((nth) => ({ place, at: (nth + 0.5) / count })),
  );
  return each.sort((one, other) => one.at - other.at).map(({ place }) => place);
}
