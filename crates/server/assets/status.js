/**
 * What moves in a campaign: asked for at the campaign's own pace, for as long as the page is there.
 *
 * Owns: when to ask. Never: asks while nobody looks, or together with everybody else.
 * On failure: what was known stays, and it is asked again at the same pace.
 */

import { learn } from "./clock.js";

/**
 * @typedef {object} Pacing
 * @property {number} release_percent
 * @property {number} retry_seconds
 * @property {number} poll_seconds
 * @property {number} jitter_seconds
 */

/**
 * @typedef {object} Status
 * @property {number} version
 * @property {string} phase
 * @property {string} [next]
 * @property {boolean} published
 * @property {boolean} [sold_out]
 * @property {string} [stock]
 * @property {Pacing} pacing
 * @property {string} now
 */

/** For an answer to arrive, in milliseconds. */
const PATIENCE = 10_000;
/** Between two questions while no answer came yet, in milliseconds. */
const FIRST_PACE = 5_000;

/**
 * Tells `told` of every status, the first one at once.
 *
 * @param {string} campaign
 * @param {(status: Status) => void} told
 */
export function watch(campaign, told) {
  let pace = FIRST_PACE;
  let timer = 0;
  const ask = async () => {
    clearTimeout(timer);
    if (!document.hidden) {
      const status = await once(campaign);
      if (status) {
        pace = delay(status.pacing.poll_seconds, status.pacing.jitter_seconds);
        told(status);
      }
    }
    clearTimeout(timer);
    timer = setTimeout(ask, pace);
  };
  document.addEventListener("visibilitychange", () => !document.hidden && ask());
  addEventListener("online", ask);
  ask();
}

/**
 * Milliseconds: so many seconds, and a random part of so many more.
 *
 * @param {number} seconds
 * @param {number} jitter
 */
export function delay(seconds, jitter) {
  return 1000 * (seconds + Math.random() * jitter);
}

/**
 * @param {string} campaign
 * @returns {Promise<Status | undefined>}
 */
async function once(campaign) {
  try {
    const answer = await fetch(`/v1/campaigns/${campaign}/status`, {
      signal: AbortSignal.timeout ? AbortSignal.timeout(PATIENCE) : undefined,
    });
    if (!answer.ok) {
      return undefined;
    }
    /** @type {Status} */
    const status = await answer.json();
    learn(status.now);
    return status;
  } catch {
    // No answer, or half of one: the next question is under way soon enough.
    return undefined;
  }
}
