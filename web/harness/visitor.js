/**
 * Somebody who books, looks up and cancels.
 *
 * Owns: the steps of booking, looking up and cancelling. Never: waits for a time to pass; every
 * step waits for what a person would wait for.
 */

import { expect } from '@playwright/test';
import { Reader } from './reader.js';

/**
 * @typedef {typeof import('./words.js').WORDS['en']} Words
 * @typedef {import('./people.js').Person} Person
 */

/** @extends {Reader<Words>} */
export class Visitor extends Reader {
  /**
   * An outlet to choose, where one is enough: a link, or a button once something is typed.
   * @param {string | RegExp} name
   */
  place(name) {
    const starts = typeof name === 'string' ? new RegExp(`^${name}(?!\\d)`) : name;
    const link = this.page.getByRole('link', { name: starts });
    return link.or(this.page.getByRole('button', { name: starts }));
  }

  /** Takes the first step: an outlet, where there is more than one. */
  async chooseOutlet() {
    await this.place(this.words.anOutlet).click();
    await this.page.getByRole('radio').first().waitFor();
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
   * The boxes of somebody who enters with others, shown.
   * @param {string} name
   */
  async boxesOf(name) {
    const boxes = this.page.locator('details', { has: this.page.getByText(name, { exact: true }) });
    if ((await boxes.getAttribute('open')) === null) await boxes.getByText(name).click();
    return boxes;
  }

  /**
   * @param {import('@playwright/test').Locator} boxes
   * @param {'name' | 'idNumber' | 'phone'} which
   */
  inputOf(boxes, which) {
    return boxes.getByRole('textbox', { name: this.words[which], exact: true });
  }

  /**
   * Types who else it is for, and leaves the last field.
   * @param {string} name of the boxes
   * @param {Person} person
   */
  async fillOf(name, person) {
    const boxes = await this.boxesOf(name);
    await this.inputOf(boxes, 'name').fill(person.name);
    await this.inputOf(boxes, 'idNumber').fill(person.id_number);
    await this.inputOf(boxes, 'phone').fill(person.phone);
    await this.inputOf(boxes, 'phone').blur();
  }

  /**
   * Names two outlets, in this order, and goes to their form.
   * @param {string} code of a campaign with several choices
   */
  async chooseTwo(code) {
    const { page, words } = this;
    await this.open(`/c/${code}`);
    const choices = [
      [words.firstChoice, words.anOutlet],
      [words.secondChoice, words.anotherOutlet],
    ];
    for (const [choice, label] of choices) {
      await page.getByLabel(new RegExp(`^${choice}`)).selectOption({ label });
    }
    await this.button(words.next).click();
    await page.getByRole('radio').first().waitFor();
  }

  /** Chooses the last there is at each of the two. */
  async pickTwo() {
    for (const choice of [this.words.firstChoice, this.words.secondChoice]) {
      await this.page.getByRole('group', { name: choice }).getByRole('radio').last().check();
    }
  }

  /**
   * Goes all the way to the form of a campaign and fills it in, but does not send it.
   * @param {string} campaign
   * @param {Person} person
   */
  async fillForm(campaign, person) {
    await this.open(`/c/${campaign}`);
    if ((await this.page.getByRole('radio').count()) === 0) await this.chooseOutlet();
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
