/**
 * Somebody at a browser: finds things as people do, by what they read.
 *
 * Owns: what all who read a page have in common. Never: knows what a page is about.
 */

/** @typedef {import('@playwright/test').Page} Page */

/** @template Words */
export class Reader {
  /**
   * @param {Page} page
   * @param {Words} words of the pages, in the person's language
   * @param {string} url of the listener that they are on
   */
  constructor(page, words, url) {
    this.page = page;
    this.words = words;
    this.url = url;
  }

  /**
   * Opens an address of the listener.
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
}
