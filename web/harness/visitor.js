/**
 * Somebody at a browser: finds things as people do, by what they read.
 *
 * Owns: the steps of booking, looking up and cancelling. Never: waits for a time to pass; every
 * step waits for what a person would wait for.
 */

import { expect } from '@playwright/test';

/**
 * @typedef {import('@playwright/test').Page} Page
 * @typedef {typeof import('./words.js').WORDS['en']} Words
 * @typedef {import('./people.js').Person} Person
 */

export class Visitor {
  /**
   * @param {Page} page
   * @param {Words} words
   * @param {string} url of the node
   */
  constructor(page, words, url) {
    this.page = page;
    this.words = words;
    this.url = url;
  }

  /**
   * Opens an address of the node.
   * @param {string} path
   */
  async open(path) {
    await this.page.goto(this.url + path);
  }

  /**
   * A button by its whole name.
   * @param {string} name
   */
  button(name) {
    return this.page.getByRole('button', { name, exact: true });
  }

  /**
   * The heading that says what this page is.
   * @param {string | RegExp} name
   */
  title(name) {
    return this.page.getByRole('heading', { level: 1, name, exact: true });
  }

  /** Takes the first step: an outlet, where there is more than one. */
  async chooseOutlet() {
    const { outlet, anOutlet, next } = this.words;
    await this.page.getByLabel(outlet, { exact: true }).selectOption({ label: anOutlet });
    await this.button(next).click();
  }

  /** Chooses what and when: the first there is. */
  async pick() {
    await this.page.getByRole('radio').first().check();
  }

  /**
   * Types who it is for, and leaves the last field.
   * @param {Person} person
   */
  async fill(person) {
    await this.input('name').fill(person.name);
    await this.input('idNumber').fill(person.id_number);
    await this.input('phone').fill(person.phone);
    await this.input('phone').blur();
  }

  /** @param {'name' | 'idNumber' | 'phone' | 'receiptNumber'} which */
  input(which) {
    return this.page.getByRole('textbox', { name: this.words[which], exact: true });
  }

  /**
   * Goes all the way to the form of a campaign and fills it in, but does not send it.
   * @param {string} campaign
   * @param {Person} person
   */
  async fillForm(campaign, person) {
    await this.open(`/c/${campaign}`);
    if ((await this.page.getByRole('combobox').count()) > 0) await this.chooseOutlet();
    await this.pick();
    await this.fill(person);
  }

  /** Goes from the form to what is shown once more before it is sent. */
  async check() {
    await this.button(this.words.check).click();
  }

  /** Sends what was checked, where results are known at once. */
  async confirm() {
    await this.button(this.words.book).click();
  }

  /** Checks and sends. */
  async send() {
    await this.check();
    await this.confirm();
  }

  async expectBooked() {
    await expect(this.title(this.words.booked)).toBeVisible();
    await expect(this.page.getByText(this.words.pickupCode, { exact: true })).toBeVisible();
    await expect(this.page).toHaveURL(/\/e\/[0-9a-z]{32}(\?|$)/);
  }

  /** That what was typed stands in the form. */
  async expectTyped(/** @type {Person} */ person) {
    await expect(this.input('name')).toHaveValue(person.name);
    await expect(this.input('idNumber')).toHaveValue(person.id_number);
    await expect(this.input('phone')).toHaveValue(person.phone);
  }
}
