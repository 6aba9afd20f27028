/**
 * A city with one campaign in each phase, and one entry in each state.
 *
 * Owns: which campaigns and entries there are. Never: is changed by a test but for entries of its
 * own; a test that pauses, closes or kills something starts a node for itself.
 */

import { ONLY_PLACE, campaign, manyOutlets, outlet, shop } from './campaigns.js';
import { HOSTILE, HOSTILE_NAME, LONG_WORD } from './hostile.js';
import { Node } from './node.js';
import { somebody } from './people.js';

const HOUR_MS = 3_600_000;

/**
 * @typedef {object} Receipts of entries, by what became of them
 * @property {string} booked
 * @property {string} registered
 * @property {string} notBooked
 * @property {string} bookedLater
 * @property {string} cancelled
 * @property {string} collected
 * @property {string} hostile
 */

/**
 * @typedef {object} City
 * @property {Node} node
 * @property {Receipts} receipts
 * @property {import('./people.js').Person} booked somebody who is in `masks`
 */

/** @returns {Promise<City>} */
export async function foundCity() {
  const node = await Node.start();
  await node.load(
    hostile(),
    titled(shop('deleted'), '去年的口罩预约', 'Last year’s masks'),
    titled(shop('full', { cap: 1 }), '名额有限的预约', 'Masks with few places'),
    titled(shop('published', { isHeldBack: true, units: 1 }), '第一批疫苗', 'First vaccines'),
    titled(shop('sold-out', { units: 1 }), '仅一份的预约', 'A single pack'),
    titled(campaign('over'), '上周的口罩预约', 'Last week’s masks'),
    titled(campaign('paused'), '暂停中的预约', 'A paused campaign'),
    titled(campaign('soon', { opens: Date.now() + HOUR_MS }), '今晚的口罩预约', 'Tonight’s masks'),
    titled(shop('today', { isToday: true }), '今日领取', 'Collect today'),
    titled(campaign('districts', { outlets: manyOutlets() }), '全市预约', 'The whole city'),
    titled(campaign('held-back', { isHeldBack: true, choicesMax: 3 }), '疫苗登记', 'Vaccine slots'),
    shop('shop'),
    campaign('masks', { notice: { zh: '请勿聚集排队。', en: 'Please do not queue in crowds.' } }),
  );
  const booked = somebody();
  const receipts = await enterPeople(node, booked);
  await node.act('paused', 'pause');
  for (const ended of ['over', 'deleted', 'published']) await node.act(ended, 'close');
  await node.act('published', 'publish');
  await node.operate('campaigns/deleted/shred', { confirm: 'deleted', reason: 'a test' });
  return { node, receipts, booked };
}

/**
 * @param {Node} node
 * @param {import('./people.js').Person} booked
 * @returns {Promise<Receipts>}
 */
async function enterPeople(node, booked) {
  const enter = async (/** @type {string} */ code, person = somebody(), place = ONLY_PLACE) =>
    node.enter(code, person, place);
  await enter('full');
  await enter('sold-out');
  const collected = await enter('today');
  await node.operate('redemptions', { code: collected.code, outlet: 'w1' });
  const cancelled = await enter('shop');
  await fetch(`${node.url}/v1/entries/${cancelled.receipt}`, { method: 'DELETE' });
  return {
    booked: (await enter('masks', booked)).receipt,
    registered: (await enter('held-back')).receipt,
    bookedLater: (await enter('published')).receipt,
    notBooked: (await enter('published')).receipt,
    cancelled: cancelled.receipt,
    collected: collected.receipt,
    hostile: (await enter('hostile', somebody({ name: HOSTILE_NAME }), 'h1/kn95/am')).receipt,
  };
}

/** Every text of it tries to be markup, to run, to turn the line around, or to burst the page. */
function hostile() {
  const both = { zh: HOSTILE, en: HOSTILE };
  const long = { zh: LONG_WORD, en: LONG_WORD };
  const texts = { title: both, summary: both, pickup: both, notice: both, label: both };
  const outlets = [
    outlet('h1', HOSTILE, HOSTILE, HOSTILE, HOSTILE, HOSTILE),
    outlet('h2', LONG_WORD, LONG_WORD, LONG_WORD, LONG_WORD, LONG_WORD),
  ];
  return campaign('hostile', { ...texts, item: both, slot: long, outlets });
}

/**
 * @param {import('./node.js').Campaign} made
 * @param {string} zh
 * @param {string} en
 */
function titled(made, zh, en) {
  const title = /title = \{.*\}/;
  const wanted = `title = { zh-CN = ${JSON.stringify(zh)}, en = ${JSON.stringify(en)} }`;
  return { ...made, toml: made.toml.replace(title, wanted) };
}
