/**
 * The person's page of a draw: its words, the steps people take, and what every test of it has.
 *
 * Owns: the roles and labels by which tests find things. Never: a class, an id or a place in the
 * tree.
 */

import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Draw } from './draw.js';
import { Site } from './site.js';
import { expect, test as base } from './test.js';

export { expect } from './test.js';

export const DRAW_WORDS = {
  zh: {
    title: '核对摇号结果',
    receipt: '回执',
    kind: '您登记时用的是',
    otherKind: '主办方另有写法',
    identity: '证件号码',
    proofFold: /我有名单证明文件/,
    proof: /c2sp.org/,
    go: '开始核对',
    scan: '扫描二维码',
    open: '打开文件或图片',
    save: '保存核对记录',
    evidence: '查看依据',
    otherLanguage: 'English',
    drawn: /^已中签：/,
    alternate: /^递补中签：/,
    nothing: '到目前为止没有摇中',
    leftOut: '封存的名单里没有您这一行',
    leftOutLater: '这份名单里没有您这一行，它接在前一次之后',
    leftOutPromise: '名单没有兑现这份承诺',
    earlier: '前一次已经分到的人',
    notPublic: '本次摇号不可公开验证',
    badProof: '这份证明文件不能用，还没有结论',
    promise: '名单封存前出具的入册承诺',
    noResult: '还没有结果',
    void: '这次摇号已作废',
    badReceipt: '这张回执不能用来核对',
    badIdentity: '证件与回执对不上',
    badList: '名单文件有问题，不能得出结果',
    badSeed: '种子有问题，不能得出结果',
    badResult: '结果文件有问题，不能得出结果',
    unsure: '没有核对完，还没有结论',
    holds: '相符',
    fails: '不符',
    notYet: '还没到这一步',
    unseen: '未核对',
    group: '3 人的联合登记',
    link: '自己核对摇号',
    openPage: '打开核对页',
    saveReceipt: '把回执保存为文件',
  },
  en: {
    title: 'Check the draw',
    receipt: 'Receipt',
    kind: 'What you entered with',
    otherKind: "Written by the organiser's instructions",
    identity: 'ID number',
    proofFold: /I have a proof/,
    proof: /c2sp.org/,
    go: 'Check',
    scan: 'Scan a QR code',
    open: 'Open a file or picture',
    save: 'Save a record',
    evidence: 'Show the evidence',
    otherLanguage: '中文',
    drawn: /^You have been drawn: /,
    alternate: /^You have been drawn as an alternate: /,
    nothing: 'Not drawn so far',
    leftOut: 'Your line is not in the sealed list',
    leftOutLater: 'Your line is not in this list, which goes on from an earlier one',
    leftOutPromise: 'The list does not keep this promise',
    earlier: 'whoever already got something there',
    notPublic: 'Not publicly verifiable: this draw has neither balls nor a public beacon',
    badProof: 'This proof cannot be used: no result',
    promise: 'a promise, given before the list was sealed',
    noResult: 'There is no result yet',
    void: 'This draw is void',
    badReceipt: 'This receipt cannot be checked',
    badIdentity: 'ID and receipt do not fit',
    badList: 'Something is wrong with the list: no result',
    badSeed: 'Something is wrong with the seed: no result',
    badResult: "Something is wrong with the result's files",
    unsure: 'Not checked to the end: no result',
    holds: 'holds',
    fails: 'does not hold',
    notYet: 'not yet',
    unseen: 'not looked at',
    group: 'an entry of 3 people',
    link: 'Check the draw yourself',
    openPage: 'Open the page that checks',
    saveReceipt: 'Save the receipt as a file',
  },
};

/** @typedef {import('./draw.js').Person} Person */
/** @typedef {import('./draw.js').Stage} Stage */
/** @typedef {import('./site.js').Change} Change */

/** Somebody who checks a receipt. */
export class Checker {
  /**
   * @param {import('@playwright/test').Page} page
   * @param {typeof DRAW_WORDS['en']} words
   */
  constructor(page, words) {
    this.page = page;
    this.words = words;
  }

  /** @param {Pick<Site, 'url'>} site whose folder is that of the draw */
  async open(site) {
    await this.page.goto(`${site.url}/check/`);
    await expect(this.button('go')).toBeEnabled();
  }

  /** @param {'go' | 'scan' | 'save'} word */
  button(word) {
    return this.page.getByRole('button', { name: this.words[word], exact: true });
  }

  /** @param {Pick<Person, 'receipt' | 'number'>} person */
  async fill({ receipt, number }) {
    await this.page.getByLabel(this.words.receipt, { exact: true }).fill(receipt);
    await this.page.getByLabel(this.words.identity, { exact: true }).fill(number);
  }

  /** @param {Pick<Person, 'receipt' | 'number'>} person */
  async check(person) {
    await this.fill(person);
    await this.button('go').click();
  }

  /** The record of the check that ended, as it is saved. */
  async record() {
    const [download] = await Promise.all([
      this.page.waitForEvent('download'),
      this.button('save').click(),
    ]);
    return readFile(await download.path(), 'utf8');
  }

  /**
   * That the check ends in this headline, to which the focus goes.
   * @param {string | RegExp} headline
   */
  async sees(headline) {
    const title = this.page.getByRole('heading', { level: 3, name: headline });
    await expect(title).toBeFocused();
  }

  /**
   * A step of those before the conclusion, from 1.
   * @param {number} number
   */
  step(number) {
    return this.page.getByRole('listitem').filter({ has: this.page.getByRole('heading') }).nth(number - 1);
  }
}

/**
 * @typedef {object} Fixtures
 * @property {Checker} checker
 * @property {(stage: Stage, changes?: Record<string, Change>) => Promise<Site>} serve
 * @property {(name: string, text: string) => Promise<string>} file in a folder of its own
 */

export const test = base.extend(
  /** @type {import('@playwright/test').Fixtures<Fixtures, { draw: Draw }, import('@playwright/test').PlaywrightTestArgs & import('@playwright/test').PlaywrightTestOptions & import('./test.js').Fixtures>} */ ({
    draw: [
      async ({}, use) => {
        const draw = await Draw.found();
        await use(draw);
        await draw.remove();
      },
      { scope: 'worker', timeout: 90_000 },
    ],

    checker: async ({ page, language }, use) => use(new Checker(page, DRAW_WORDS[language])),

    serve: async ({ draw }, use) => {
      /** @type {Site[]} */
      const sites = [];
      await use(async (stage, changes) => {
        const site = await Site.start(draw.folder(stage), changes);
        sites.push(site);
        return site;
      });
      await Promise.all(sites.map((site) => site.stop()));
      const asked = sites.flatMap((site) => site.asked).filter((path) => /RIC|\d{17}/.test(path));
      expect(asked, 'an identity in an address').toEqual([]);
    },

    file: async ({}, use) => {
      const folder = await mkdtemp(join(tmpdir(), 'tidegate-receipt-'));
      await use(async (name, text) => {
        await writeFile(join(folder, name), text);
        return join(folder, name);
      });
      await rm(folder, { recursive: true });
    },
  }),
);
