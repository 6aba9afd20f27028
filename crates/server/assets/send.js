/**
 * One entry on its way: sent until there is an answer, always as the same request.
 *
 * Owns: what is under way, kept on the device from the first sending to the answer, so that
 * a reload or a killed tab loses nothing. Never: makes a second entry: the server gives the same
 * request the same answer. Never says "failed" of what is only not known yet, and takes nothing
 * back but what the server has surely not taken.
 * On failure: asks again, later each time, until the page is left: half a minute apart at most, or
 * as far as the campaign asks for.
 */

import { delay } from "./status.js";

/** For an answer to arrive, in milliseconds. */
const PATIENCE = 15_000;
/** Between two attempts at most, where neither server nor campaign asks for more. */
const SECONDS_MAX = 30;
/** What nobody has sent for longer belongs to somebody who is gone, in milliseconds. */
const FORGET_AFTER = 30 * 60_000;
/** Whoever waits says so this often, in milliseconds. */
const RENEW_AFTER = 60_000;
/**
 * The requests that were seen to be kept: where one is gone, another tab settled it.
 *
 * @type {Set<string>}
 */
const seen = new Set();

/**
 * @typedef {object} Entry
 * @property {string} request the request's id
 * @property {string} body what the API takes, as JSON
 * @property {number} since milliseconds since 1970, by the phone: when it was last waited for
 *
 * @typedef {object} Told how it goes on
 * @property {"sending" | "unknown" | "offline" | "busy" | "paced" | "paused"} state
 * @property {number} millis until it is sent again; 0 while it is under way
 *
 * @typedef {object} Problem
 * @property {string} code
 * @property {string} title
 * @property {string} detail
 *
 * @typedef {{receipt: string} | {problem: Problem, status: number}} Answer
 *
 * @typedef {object} How an entry is sent
 * @property {() => import("./status.js").Pacing} pacing as it is known at each moment
 * @property {(told: Told, isFree: boolean) => void} tell `isFree` while the server has surely not
 *   taken it, and it may be taken back
 * @property {() => boolean} isPaused whether the campaign is known to be: then it is not sent
 * @property {AbortSignal} signal takes it back; only ever while it is free
 */

/**
 * What is under way in a campaign, the oldest first: on a shared phone it may be several people's.
 *
 * @param {string} campaign
 * @returns {Entry[]}
 */
export function underWay(campaign) {
  return kept(campaign).filter((entry) => !isOver(entry));
}

/**
 * Forgets what was under way for too long, and tells whether there was any.
 *
 * @param {string} campaign
 */
export function forget(campaign) {
  const gone = kept(campaign).filter(isOver);
  gone.forEach((entry) => drop(campaign, entry));
  return gone.length > 0;
}

/** @param {Entry} entry */
function isOver(entry) {
  return Date.now() - entry.since >= FORGET_AFTER;
}

/**
 * @param {string} campaign
 * @returns {Entry[]}
 */
function kept(campaign) {
  try {
    const keys = Object.keys(localStorage).filter((name) => name.startsWith(key(campaign, "")));
    const all = keys.map((name) => /** @type {Entry} */ (JSON.parse(localStorage[name])));
    all.forEach(({ request }) => seen.add(request));
    return all.sort((one, other) => one.since - other.since);
  } catch {
    // A browser that keeps nothing, or something that is not ours: nothing is under way.
    return [];
  }
}

/**
 * An entry to be sent: the one that is under way already where all of it is the same, as after a
 * second tap or in a second tab.
 *
 * @param {string} campaign
 * @param {string} body
 * @returns {Entry}
 */
export function entryOf(campaign, body) {
  const same = underWay(campaign).find((entry) => entry.body === body);
  return same ?? { request: newRequest(), body, since: Date.now() };
}

/**
 * Whether another tab has an entry's answer, or took it back: it is no longer kept.
 *
 * @param {string} campaign
 * @param {Entry} entry
 */
export function isSettled(campaign, { request }) {
  try {
    return seen.has(request) && localStorage.getItem(key(campaign, request)) === null;
  } catch {
    // A browser that keeps nothing any more tells nothing of other tabs.
    return false;
  }
}

/**
 * Sends an entry until there is an answer; none if it was taken back, or settled by another tab.
 *
 * @param {string} campaign
 * @param {Entry} entry
 * @param {How} how
 * @returns {Promise<Answer | undefined>}
 */
export async function send(campaign, entry, { pacing, tell, isPaused, signal }) {
  // What was sent before, by another visit or tab, may have been taken.
  let isFree = underWay(campaign).every(({ request }) => request !== entry.request);
  const isDone = () => signal.aborted || isSettled(campaign, entry);
  let renewed = 0;
  const renew = () => {
    if (!isDone()) {
      renewed = Date.now();
      keep(campaign, { ...entry, since: renewed });
    }
  };
  const say = (/** @type {Told} */ told) => {
    // However long it waits, whoever waits here is not gone.
    if (Date.now() - renewed >= RENEW_AFTER) {
      renew();
    }
    if (!signal.aborted) {
      tell(told, isFree && told.state !== "sending");
    }
  };
  signal.addEventListener("abort", () => drop(campaign, entry));
  renew();
  await paced(pacing, say, isDone);
  for (let attempt = 0; !isDone(); attempt += 1) {
    renew();
    say({ state: "sending", millis: 0 });
    const answer = await once(campaign, entry);
    if ("receipt" in answer || "problem" in answer) {
      drop(campaign, entry);
      return answer;
    }
    // Had an earlier sending been taken, this one had got its entry.
    isFree = answer.state === "paused";
    do {
      const { retry_seconds, jitter_seconds } = pacing();
      const later = Math.max(retry_seconds, Math.min(retry_seconds * 2 ** attempt, SECONDS_MAX));
      await wait(delay(answer.after ?? later, jitter_seconds), answer.state, say);
    } while (answer.state === "paused" && isPaused() && !isDone());
    if (answer.state === "paused") {
      // All who waited for it go on at one moment.
      await paced(pacing, say, isDone);
    }
  }
  return undefined;
}

/**
 * Of a hundred, so many are let go at once; the others go a moment later, and then again so many.
 *
 * @param {How["pacing"]} pacing
 * @param {(told: Told) => void} say
 * @param {() => boolean} isDone
 */
async function paced(pacing, say, isDone) {
  while (!isDone() && Math.random() * 100 >= pacing().release_percent) {
    const { retry_seconds, jitter_seconds } = pacing();
    await wait(delay(retry_seconds, jitter_seconds), "paced", say);
  }
}

/**
 * @param {string} campaign
 * @param {Entry} entry
 * @returns {Promise<Answer | {state: "unknown" | "offline" | "busy" | "paused", after?: number}>}
 */
async function once(campaign, entry) {
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), PATIENCE);
  try {
    const answer = await fetch(`/v1/campaigns/${campaign}/entries`, {
      method: "POST",
      headers: {
        "Content-Type": "application/json",
        "Idempotency-Key": entry.request,
        "Accept-Language": document.documentElement.lang,
      },
      body: entry.body,
      signal: stop.signal,
    });
    const said = await answer.json();
    if (answer.ok) {
      return { receipt: said.receipt };
    }
    if (answer.status === 429 || answer.status >= 500 || answer.status === 408) {
      const after = Number.parseInt(answer.headers.get("Retry-After") ?? "", 10);
      return { state: "busy", after: Number.isNaN(after) ? undefined : after };
    }
    if (said.code === "paused") {
      // A pause ends; the server keeps nothing of a request that it refused.
      return { state: "paused" };
    }
    return { problem: said, status: answer.status };
  } catch {
    // The answer was lost, or the request was: the same question again tells which.
    return { state: navigator.onLine ? "unknown" : "offline" };
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Waits, and tells every second how long still. Being on the line again ends a pause without one.
 *
 * @param {number} pause
 * @param {Told["state"]} state
 * @param {(told: Told) => void} tell
 * @returns {Promise<void>}
 */
export function wait(pause, state, tell) {
  return new Promise((done) => {
    const end = performance.now() + pause;
    const over = () => {
      clearInterval(ticker);
      removeEventListener("online", over);
      done();
    };
    const tick = () => {
      const left = end - performance.now();
      return left > 0 ? tell({ state, millis: left }) : over();
    };
    const ticker = setInterval(tick, 1000);
    if (state === "offline") {
      addEventListener("online", over);
    }
    tick();
  });
}

/**
 * @param {string} campaign
 * @param {string} request
 */
function key(campaign, request) {
  return `tidegate.under-way.${campaign}.${request}`;
}

/**
 * @param {string} campaign
 * @param {Entry} entry
 */
function keep(campaign, entry) {
  try {
    localStorage.setItem(key(campaign, entry.request), JSON.stringify(entry));
    seen.add(entry.request);
  } catch {
    // A browser that keeps nothing: while this page is open, nothing is lost either.
  }
}

/**
 * @param {string} campaign
 * @param {Entry} entry
 */
function drop(campaign, entry) {
  seen.delete(entry.request);
  try {
    localStorage.removeItem(key(campaign, entry.request));
  } catch {
    // Nothing was kept.
  }
}

/** An id that no other request has. */
function newRequest() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
