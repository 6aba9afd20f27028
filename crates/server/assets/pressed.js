/**
 * Hand-overs that were pressed, as this phone keeps them until their answers are there.
 *
 * Owns: a record of its own for each press, so that no tab takes away what another one pressed.
 * Never: sends one.
 * On failure: where nothing may be kept, a page that stays open loses nothing either.
 */

/** Symbols of a pickup code before its dash. */
const GROUP = 5;
const KEY = "tidegate.counter.under-way.";

/**
 * @typedef {[string, string][]} Body what a form sends
 *
 * @typedef {object} Pressed a hand-over that was pressed
 * @property {string} address
 * @property {Body} body without the token
 * @property {string} shift in which it was pressed: it is never sent under another; empty if it is
 *   not to be sent any more
 * @property {string} number of the entry
 * @property {number} since milliseconds since 1970, by the phone
 */

/** @param {Pressed} pressed */
export function keep(pressed) {
  try {
    localStorage.setItem(KEY + requestOf(pressed), JSON.stringify(pressed));
  } catch {
    // A browser that keeps nothing: while this page is open, nothing is lost either.
  }
}

/**
 * What has no answer yet, the oldest first.
 *
 * @returns {Pressed[]}
 */
export function kept() {
  try {
    const keys = Object.keys(localStorage).filter((name) => name.startsWith(KEY));
    const all = keys.map((name) => /** @type {Pressed} */ (JSON.parse(localStorage[name])));
    return all.sort((one, other) => one.since - other.since);
  } catch {
    // Nothing was kept, or nothing of ours.
    return [];
  }
}

/** @param {Pressed} pressed */
export function isKept(pressed) {
  return kept().some((other) => requestOf(other) === requestOf(pressed));
}

/** @param {Pressed} pressed which has its answer */
export function drop(pressed) {
  try {
    localStorage.removeItem(KEY + requestOf(pressed));
  } catch {
    // Nothing was kept.
  }
}

/** @param {Pressed} pressed */
export function requestOf({ body }) {
  return value(body, "request");
}

/**
 * The pickup code that a form sends, in the groups that people's pages show; full-width letters
 * and other dashes are what the server takes them for.
 *
 * @param {Body} body
 */
export function codeOf(body) {
  const code = value(body, "code").normalize("NFKC").replace(/[\s\p{Pd}]/gu, "").toUpperCase();
  return `${code.slice(0, GROUP)}-${code.slice(GROUP)}`;
}

/**
 * @param {Body} body
 * @param {string} name
 */
function value(body, name) {
  return body.find(([known]) => known === name)?.[1] ?? "";
}
