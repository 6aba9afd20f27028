/**
 * What can stop a check.
 *
 * Owns: its code, for which the page has a sentence in each language, and what belongs into the
 * sentence. Never: a sentence.
 */

/**
 * How a step of the check stands: it holds; it does not; it could not be looked at; it is not
 * there yet; the draw is void; a step before it did not hold.
 *
 * @typedef {"right" | "wrong" | "unsure" | "waiting" | "void" | "unseen"} State
 */

export class Problem extends Error {
  /**
   * @param {string} code
   * @param {Record<string, string>} [places]
   * @param {State} [state]
   */
  constructor(code, places = {}, state = "wrong") {
    super(`${code} ${JSON.stringify(places)}`);
    this.code = code;
    this.places = places;
    this.state = state;
  }
}
