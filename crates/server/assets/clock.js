/**
 * The server's clock, as well as a page can know it.
 *
 * Owns: by how much the phone's clock is wrong. Never: early: what the server said may have been
 * under way, or in a cache, so of all that it said the latest counts.
 */

/** Milliseconds to add to the phone's clock. Until the server was heard, none. */
let offset = Number.NEGATIVE_INFINITY;

/**
 * Takes the server's time in.
 *
 * @param {string} said RFC 3339
 */
export function learn(said) {
  const moment = Date.parse(said);
  if (!Number.isNaN(moment)) {
    offset = Math.max(offset, moment - monotonic());
  }
}

/** Milliseconds since 1970 by the server's clock. */
export function now() {
  return Number.isFinite(offset) ? offset + monotonic() : Date.now();
}

/** Goes on evenly, whatever somebody sets the phone's clock to while the page is open. */
function monotonic() {
  return performance.timeOrigin + performance.now();
}

/**
 * A span as people read it on a board: `2:05:09`, `05:09`; with days, `3 d` in the page's words.
 *
 * @param {number} millis
 * @param {string} days the pattern for more than two days, with `{days}`
 */
export function span(millis, days) {
  const seconds = Math.max(0, Math.ceil(millis / 1000));
  const hours = Math.floor(seconds / 3600);
  if (hours >= 48) {
    return days.replace("{days}", String(Math.floor(hours / 24)));
  }
  const two = (/** @type {number} */ number) => String(number).padStart(2, "0");
  const short = `${two(Math.floor((seconds % 3600) / 60))}:${two(seconds % 60)}`;
  return hours > 0 ? `${hours}:${short}` : short;
}
