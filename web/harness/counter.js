/**
 * A shop's phone and the owner who lets it in: found as people find things, by what they read.
 *
 * Owns: the words of the counter's pages, and the steps there. Never: waits for a time to pass.
 */

import { expect } from '@playwright/test';
import { somebody } from './people.js';

/**
 * @typedef {import('@playwright/test').Page} Page
 * @typedef {import('./node.js').Node} Node
 */

/** Where the phones are, and what they have today. */
const HERE = 'w2/kn95/am';

export const PASSWORD = 'gate harbour lantern 20';

const en = {
  lang: 'en',
  counter: 'Counter',
  outlets: 'Outlets',
  make: 'Make a code',
  endNow: /^End now: /,
  logInCode: 'Log-in code',
  logIn: 'Log in',
  refused: 'This code does not let you in',
  over: 'The shift on this phone is over',
  menu: 'Menu',
  logOut: 'Log out',
  outlet: 'Baicao Hall',
  code: 'Pickup code',
  look: 'Look',
  sure: 'Hand this over?',
  together: 'People who entered together',
  handOver: 'Hand over',
  done: 'Handed over',
  held: 'Hold it: not known yet',
  recorded: /^Recorded at .+: was it handed out\?$/,
  pressedNothing: 'This sending handed nothing over',
  before: 'Already handed over',
  atThisCounter: /^At this counter/,
  left: 'It is not known whether the hand-over of this code was recorded',
  shiftBefore: 'In the shift before',
  notSent: 'Nothing was sent for this code',
  elsewhere: 'At another outlet',
  early: 'Too early',
  cancelled: 'Cancelled',
  unknown: 'Unknown code',
  mistyped: 'Not a pickup code',
  notKnown: 'not known, asking again',
  offline: 'No connection',
  scan: 'Scan with the camera',
  photo: 'Scan from a photo',
  noCode: 'No code found in the photo',
  doneCount: 'Handed over',
  toDo: 'Still to come',
};

/** @type {Record<import('./words.js').Language, typeof en>} */
export const COUNTER_WORDS = {
  en,
  zh: {
    lang: 'zh',
    counter: '柜台',
    outlets: '网点',
    make: '生成登录码',
    endNow: /^立即结束：/,
    logInCode: '登录码',
    logIn: '登录',
    refused: '登录码无效',
    over: '这部手机的班次已结束',
    menu: '菜单',
    logOut: '退出登录',
    outlet: '百草堂',
    code: '取货码',
    look: '查看',
    sure: '确认发放？',
    together: '一起登记的人数',
    handOver: '确认发放',
    done: '已发放',
    held: '先别交出：结果未知',
    recorded: /已记录，东西交出了吗？$/,
    pressedNothing: '这次提交没有发放任何东西',
    before: '之前已发放',
    atThisCounter: /^就在这个柜台/,
    left: '还不知道这个码的发放是否已记录',
    shiftBefore: '上一个班次按过发放',
    notSent: '这个码没有提交',
    elsewhere: '在其他网点领取',
    early: '未到时间',
    cancelled: '已取消',
    unknown: '查无此码',
    mistyped: '取货码有误',
    notKnown: '正在重新询问',
    offline: '网络断开',
    scan: '扫码',
    photo: '拍照识别',
    noCode: '照片里没有找到取货码',
    doneCount: '已发放',
    toDo: '待领取',
  },
};

/**
 * An owner's console in a browser of its own.
 * @param {Page} page
 * @param {Node} node
 * @param {typeof en} words
 */
export async function logInOwner(page, node, words) {
  await node.makeAccount('owner', 'duty officer', PASSWORD);
  await page.goto(`${node.operatorUrl}/console/log-in?lang=${words.lang}`);
  await page.locator('input[name=name]').fill('duty officer');
  await page.locator('input[name=password]').fill(PASSWORD);
  await page.locator('form button.act').click();
  await page.goto(`${node.operatorUrl}/console/counters?lang=${words.lang}`);
}

/**
 * Makes a code for a phone.
 * @param {Page} page the owner's
 * @param {typeof en} words
 * @param {string} name of the counter
 * @param {string} outlets
 */
export async function makeCode(page, words, name, outlets) {
  await page.getByLabel(words.counter, { exact: true }).fill(name);
  await page.getByLabel(words.outlets, { exact: true }).fill(outlets);
  await page.getByRole('button', { name: words.make, exact: true }).click();
  const shown = page.getByText(/^[2-9A-Z]{4}-[2-9A-Z]{4}$/);
  await expect(shown).toBeVisible();
  return (await shown.textContent()) ?? '';
}

export class Counter {
  /**
   * @param {Page} page
   * @param {typeof en} words
   * @param {string} url of the operator listener
   */
  constructor(page, words, url) {
    this.page = page;
    this.words = words;
    this.url = url;
  }

  /** @param {string} code that the console showed */
  async logIn(code) {
    await this.page.goto(`${this.url}/counter/log-in?lang=${this.words.lang}`);
    await this.page.getByLabel(this.words.logInCode).fill(code);
    await this.press(this.words.logIn);
  }

  /** @param {string} name of a button, whole */
  async press(name) {
    const button = this.page.getByRole('button', { name, exact: true });
    await button.waitFor();
    // By then the page's script, if it runs one, has taken its forms.
    await this.page.waitForLoadState('domcontentloaded');
    await button.click();
  }

  /** @param {string} code */
  async look(code) {
    await this.page.getByLabel(this.words.code, { exact: true }).fill(code);
    await this.press(this.words.look);
  }

  /** @param {string | RegExp} headline */
  async expectTold(headline) {
    const title = this.page.getByRole('heading', { level: 1, name: headline, exact: true });
    await expect(title).toBeVisible();
  }

  /**
   * @param {number} done
   * @param {number} toDo
   */
  async expectCounts(done, toDo) {
    const count = (/** @type {string} */ name) => this.page.locator(`dl [data-count=${name}]`);
    await expect(count('done')).toHaveText(String(done));
    await expect(count('to-do')).toHaveText(String(toDo));
  }
}

/**
 * Somebody's entry, and its code.
 * @param {Node} node
 * @param {string} [place]
 */
export async function enter(node, place = HERE) {
  const { receipt, code } = await node.enter('masks', somebody(), place);
  return { receipt, code: String(code) };
}

/**
 * A phone that is let in for one outlet, on a page of its own.
 * @param {Node} node
 * @param {import('@playwright/test').Browser} browser
 * @param {import('@playwright/test').Page} page
 * @param {import('./words.js').Language} language
 */
export async function letIn(node, browser, page, language) {
  const words = COUNTER_WORDS[language];
  const desk = await (await browser.newContext()).newPage();
  await logInOwner(desk, node, words);
  const counter = new Counter(page, words, node.operatorUrl);
  await counter.logIn(await makeCode(desk, words, 'Till 1', 'w2'));
  return { desk, counter, words };
}
