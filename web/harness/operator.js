/**
 * Somebody at the console.
 *
 * Owns: the steps of logging in and of pressing a switch, and the accounts there are. Never: waits
 * for a time to pass; every step waits for what a person would wait for.
 */

import { expect } from '@playwright/test';
import { Reader } from './reader.js';

/**
 * @typedef {typeof import('./console_words.js').CONSOLE_WORDS['en']} Words
 * @typedef {{ name: string, password: string }} Account
 */

/** @type {Account} */
export const OWNER = { name: 'Owner One', password: 'gate harbour lantern 20' };
/** @type {Account} */
export const AUDITOR = { name: 'Auditor One', password: 'ledger window morning 31' };

/** @extends {Reader<Words>} */
export class Operator extends Reader {
  /**
   * A field by its whole label, or by a part of it.
   * @param {string | RegExp} name
   */
  field(name) {
    return this.page.getByLabel(name, { exact: true });
  }

  /**
   * Logs in on the page where one does.
   * @param {Account} account
   */
  async logIn({ name, password }) {
    await this.field(this.words.account).fill(name);
    await this.field(this.words.password).fill(password);
    await this.button(this.words.logIn).click();
  }

  /**
   * Logs in as a browser does, without the page.
   * @param {Account} account
   */
  async enter({ name, password }) {
    const headers = { origin: this.url, 'sec-fetch-site': 'same-origin' };
    const form = { name, password, next: '' };
    const answer = await this.page.request.post(`${this.url}/console/log-in`, {
      headers,
      form,
      maxRedirects: 0,
    });
    expect(answer.status(), await answer.text()).toBe(303);
  }

  /**
   * The number under a name, where numbers are large.
   * @param {string} name
   */
  tile(name) {
    const isIt = this.page.getByRole('term').filter({ hasText: new RegExp(`^${name}$`) });
    return this.page.locator('div').filter({ has: isIt }).last().getByRole('definition');
  }

  /** Ends the session from elsewhere, as another tab would. */
  async endSession() {
    const token = await this.page.locator('input[name=token]').first().inputValue();
    const headers = { origin: this.url, 'sec-fetch-site': 'same-origin' };
    const form = { token };
    const answer = await this.page.request.post(`${this.url}/console/log-out`, {
      headers,
      form,
      maxRedirects: 0,
    });
    expect(answer.status()).toBe(303);
  }

  /** @param {string} reason */
  async sayWhy(reason) {
    await this.field(this.words.reason).fill(reason);
  }

  /**
   * Types a campaign's code, where one has to.
   * @param {string} typed
   * @param {string} code
   */
  async typeCode(typed, code) {
    await this.field(this.words.typeCode(code)).fill(typed);
  }

  /**
   * Sends a table of stock that is all there is, to be looked at.
   * @param {string} text
   */
  async chooseTable(text) {
    const file = { name: 'stock.csv', mimeType: 'text/csv', buffer: Buffer.from(text) };
    await this.field(this.words.table).setInputFiles(file);
    await this.page.getByRole('radio', { name: this.words.isWhole }).check();
    await this.button(this.words.showDifference).click();
  }

  /**
   * A link by its whole name.
   * @param {string} name
   */
  link(name) {
    return this.page.getByRole('link', { name, exact: true });
  }

  /**
   * That a campaign is said to be so, in large letters.
   * @param {string} word
   */
  async expectState(word) {
    await expect(this.page.getByText(word, { exact: true }).first()).toBeVisible();
  }

  /** That the page says that what was pressed was done. */
  async expectDone() {
    await expect(this.page.getByRole('status').filter({ hasText: this.words.done })).toBeVisible();
  }

  /**
   * Goes from a campaign's page to a switch's form, says why, and presses its button.
   * @param {string} link
   * @param {string} button
   * @param {string} reason
   * @param {string} [code] of the campaign, where it has to be typed
   */
  async press(link, button, reason, code) {
    await this.link(link).click();
    if (code) await this.typeCode(code, code);
    await this.sayWhy(reason);
    await this.button(button).click();
  }

  /**
   * Pauses, from the campaign's page.
   * @param {string} reason
   */
  async pause(reason) {
    await this.field(this.words.pauseReason).fill(reason);
    await this.button(this.words.pauseNow).click();
  }

  /**
   * The records of actions that have this reason, on the page of actions.
   * @param {string} reason
   */
  records(reason) {
    return this.page.getByRole('row').filter({ hasText: reason });
  }

  /**
   * Opens the page of actions and searches it.
   * @param {string} text
   */
  async search(text) {
    await this.link(this.words.actions).first().click();
    await this.field(this.words.searchText).fill(text);
    await this.button(this.words.search).click();
  }
}
