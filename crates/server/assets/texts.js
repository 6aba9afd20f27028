/**
 * The sentences that scripts show, as the page brought them.
 *
 * Owns: nothing. Never: a sentence of its own: all languages stand together with those of pages.
 */

/** @type {Record<string, string>} */
const texts = JSON.parse(document.getElementById("texts")?.textContent ?? "{}");

/**
 * A sentence with what belongs into its places.
 *
 * @param {string} key
 * @param {Record<string, string>} [places]
 */
export function text(key, places = {}) {
  const found = texts[key];
  if (found === undefined) {
    throw new Error(`the page has no text ${key}`);
  }
  return found.replace(/\{(\w+)\}/g, (whole, place) => places[place] ?? whole);
}

/**
 * Whether there is one.
 *
 * @param {string} key
 */
export function has(key) {
  return key in texts;
}
