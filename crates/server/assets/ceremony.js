/**
 * The pages of a draw: a clock that goes on, how long it is until the beacon, and the end of a step
 * that was pressed.
 *
 * Owns: these three. Never: asks for anything by itself but the page anew, once its step has ended;
 * a time of its own: it goes by the server's.
 */

import { learn, now, span } from "./clock.js";

const SECOND = 1000;

/** @param {number} part */
const two = (part) => String(part).padStart(2, '0');

/**
 * A time of day in the zone of a moment that the server has told.
 * @param {number} moment
 * @param {string} said
 */
function timeOfDay(moment, said) {
  const [, sign, hours, minutes] = /([+-])(\d\d):(\d\d)$/.exec(said) ?? [];
  const ahead = (Number(hours ?? 0) * 60 + Number(minutes ?? 0)) * (sign === '-' ? -1 : 1);
  const local = new Date(moment + ahead * 60_000);
  return [local.getUTCHours(), local.getUTCMinutes(), local.getUTCSeconds()].map(two).join(':');
}

/** @param {Element} element @param {string} text */
const say = (element, text) => {
  if (element.textContent !== text) element.textContent = text;
};

function tick() {
  const moment = now();
  for (const clock of document.querySelectorAll('time[data-clock]')) {
    say(clock, timeOfDay(moment, clock.getAttribute('datetime') ?? ''));
  }
  for (const wait of document.querySelectorAll('[data-until]')) {
    if (!(wait instanceof HTMLElement)) continue;
    const { until = '', left = '', days = '', passed = '' } = wait.dataset;
    const still = Date.parse(until) - moment;
    say(wait, still <= 0 ? passed : `${left} ${span(still, days)}`);
  }
}

/** At each full second of the server. */
function beat() {
  tick();
  window.setTimeout(beat, SECOND - (now() % SECOND));
}

/** What the server says of its time, each time it says so. */
function hear() {
  for (const clock of document.querySelectorAll('time[data-clock]')) {
    learn(clock.getAttribute('datetime') ?? '');
  }
  tick();
}

const heard = new MutationObserver(hear);
for (const part of document.querySelectorAll('[data-part^="hall-"]')) {
  heard.observe(part, { childList: true });
}

// Whoever pressed and did not wait to the end is told when there is an end.
const work = document.querySelector('[data-part=draw-work]');
if (work && document.querySelector('[data-pending]')) {
  let wasAtWork = work.querySelector('[data-at-work]') !== null;
  new MutationObserver(() => {
    const isAtWork = work.querySelector('[data-at-work]') !== null;
    if (wasAtWork && !isAtWork) {
      window.location.replace(window.location.pathname + window.location.search);
    }
    wasAtWork = isAtWork;
  }).observe(work, { childList: true });
}

hear();
beat();
