/**
 * The counter's pages without waiting: look, hand over, the next one.
 *
 * Owns: sending a form until there is an answer, always as the same request; a hand-over that is
 * under way, kept on the phone until its answer, so that a killed tab asks again. Never: hands over
 * by itself: what is asked again was pressed, in this shift, and until then nothing else can be.
 * On failure: says that it is not known yet, and asks again; without a connection, once there is
 * one.
 */

import { text } from "./texts.js";
import { notice } from "./notice.js";
import { wait } from "./send.js";
import { isOn, offer } from "./camera.js";

/** For an answer to arrive, in milliseconds. */
const PATIENCE = 10_000;
/** Between two attempts, in milliseconds; twice as long each time. */
const PAUSE = 1_000;
const PAUSE_MAX = 8_000;
/** Symbols of a pickup code before its dash. */
const GROUP = 5;
const KEY = "tidegate.counter.under-way";

/**
 * @typedef {object} UnderWay a hand-over that was pressed
 * @property {string} address
 * @property {[string, string][]} body without the token
 * @property {string} shift in which it was pressed: it is never sent under another
 * @property {string} number of the entry
 *
 * @typedef {{ page: Document, isKnown: boolean } | { leads: string }} Answer
 */

begin();
goOn();

/** Brings what stands on the page to life. */
function begin() {
  for (const form of document.querySelectorAll("form[data-send]")) {
    take(/** @type {HTMLFormElement} */ (form));
  }
  fromAddress();
  const place = /** @type {HTMLElement | null} */ (document.querySelector("[data-scan]"));
  const look = /** @type {HTMLFormElement | null} */ (
    document.querySelector("form[data-send=look]")
  );
  if (place && look) {
    offer(place, field(look, "token").value, (code) => {
      navigator.vibrate?.(60);
      field(look, "code").value = code;
      look.requestSubmit();
    });
  }
}

/** A code that came behind the address, from a QR code: the browser sent it to nobody. */
function fromAddress() {
  const field = /** @type {HTMLInputElement | null} */ (
    document.querySelector("[data-from-address]")
  );
  const code = location.hash.slice(1);
  if (field && code) {
    field.value = code;
    history.replaceState(null, "", location.pathname);
  }
}

/** @param {HTMLFormElement} form */
function take(form) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (form.hasAttribute("aria-busy")) {
      return;
    }
    const body = [...new FormData(form)].map(([name, value]) => [name, String(value)]);
    const sent = /** @type {[string, string][]} */ (body);
    const address = new URL(form.action).pathname;
    const other = kept();
    if (other && other.shift === shift()) {
      // Another tab pressed, and its answer comes first.
      void handOver(other, hold(other), false);
    } else if (form.dataset.send === "hand-over") {
      const own = sent.filter(([name]) => name !== "token");
      const number = form.dataset.number ?? "";
      const pressed = { address, body: own, shift: shift(), number };
      keep(pressed);
      void handOver(pressed, form, true);
    } else {
      drop();
      void look(form, address, sent);
    }
  });
}

/** A hand-over whose answer never came to this phone: it is held until it comes. */
function goOn() {
  const left = kept();
  if (!left) {
    return;
  }
  const form = /** @type {HTMLFormElement | null} */ (
    document.querySelector("form[data-send=look]")
  );
  if (shift() && left.shift === shift()) {
    void handOver(left, hold(left), false);
  } else if (form) {
    // Whoever works now did not press: they look first, and the look forgets it.
    field(form, "code").value = codeOf(left);
    notice(form)(`${codeOf(left)}: ${text("other_shift")}`);
  } else {
    const main = /** @type {HTMLElement} */ (document.getElementById("main"));
    notice(main)(`${codeOf(left)}: ${text("left")}`);
  }
}

/**
 * Asks until there is a page, and shows it.
 *
 * @param {HTMLFormElement} form where it is told how it goes on
 * @param {string} address
 * @param {[string, string][]} body
 */
async function look(form, address, body) {
  form.setAttribute("aria-busy", "true");
  const say = notice(form);
  for (let pause = PAUSE; ; pause = Math.min(pause * 2, PAUSE_MAX)) {
    say(text("sending"));
    const answer = await once(address, body);
    if (typeof answer === "object") {
      return "page" in answer ? show(answer.page) : location.assign(answer.leads);
    }
    await wait(pause, answer, ({ state }) => say(text(state)));
  }
}

/**
 * Sends a hand-over until its answer is there; until then nothing else can be done.
 *
 * @param {UnderWay} pressed
 * @param {HTMLFormElement} form where it is told how it goes on
 * @param {boolean} isFirst whether it was never sent before
 */
async function handOver(pressed, form, isFirst) {
  const body = /** @type {[string, string][]} */ ([
    ...pressed.body,
    ["token", field(form, "token").value],
  ]);
  closeWays(true);
  form.setAttribute("aria-busy", "true");
  let say = notice(form);
  for (let pause = PAUSE; ; pause = Math.min(pause * 2, PAUSE_MAX)) {
    say(text("sending"));
    const answer = await once(pressed.address, body);
    if (typeof answer === "object") {
      return answered(answer, isFirst);
    }
    if (isFirst) {
      isFirst = false;
      say = notice(hold(pressed));
    }
    await wait(pause, answer, ({ state }) => say(text(state)));
  }
}

/**
 * @param {Answer} answer to a hand-over
 * @param {boolean} isFirst whether nothing was sent before it
 */
function answered(answer, isFirst) {
  if ("leads" in answer) {
    // The shift is over. That nothing was handed over is sure of a single press alone.
    if (isFirst) {
      drop();
    }
    return location.assign(isFirst ? answer.leads : "/counter/log-in?ended=1");
  }
  if (answer.isKnown) {
    drop();
  }
  closeWays(false);
  show(answer.page);
}

/**
 * Shows that a hand-over is not known yet, in the place of all that could be pressed.
 *
 * @param {UnderWay} pressed
 */
function hold(pressed) {
  const template = /** @type {HTMLTemplateElement} */ (document.getElementById("held"));
  const main = /** @type {HTMLElement} */ (document.getElementById("main"));
  main.replaceChildren(template.content.cloneNode(true));
  const put = (/** @type {string} */ place, /** @type {string} */ what) => {
    /** @type {HTMLElement} */ (main.querySelector(place)).textContent = what;
  };
  put("[data-code]", codeOf(pressed));
  put("[data-number]", pressed.number);
  const headline = /** @type {HTMLElement} */ (main.querySelector("h1"));
  headline.setAttribute("tabindex", "-1");
  headline.focus({ preventScroll: true });
  scrollTo(0, 0);
  return /** @type {HTMLFormElement} */ (main.querySelector("form"));
}

/** @param {boolean} areClosed */
function closeWays(areClosed) {
  document.querySelector(".bar")?.toggleAttribute("inert", areClosed);
  document.querySelector("[data-way-out]")?.toggleAttribute("hidden", areClosed);
}

/**
 * The code of a hand-over, in the groups that people's pages show.
 *
 * @param {UnderWay} pressed
 */
function codeOf(pressed) {
  const typed = pressed.body.find(([name]) => name === "code")?.[1] ?? "";
  const code = typed.replace(/[\s-]/g, "").toUpperCase();
  return `${code.slice(0, GROUP)}-${code.slice(GROUP)}`;
}

/** Tells this log-in from others; nothing where nobody is logged in. */
function shift() {
  return document.body.dataset.shift ?? "";
}

/**
 * @param {string} address
 * @param {[string, string][]} body
 * @returns {Promise<Answer | "unknown" | "offline" | "busy">}
 */
async function once(address, body) {
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), PATIENCE);
  try {
    const headers = { Accept: "text/html" };
    const sent = new URLSearchParams(body);
    const answer = await fetch(address, {
      method: "POST",
      headers,
      body: sent,
      signal: stop.signal,
    });
    const html = await answer.text();
    if (answer.redirected) {
      // The shift is over, and the page that it leads to says so.
      return { leads: answer.url };
    }
    const { status } = answer;
    if ((status === 429 || status === 503) && answer.headers.has("Retry-After")) {
      return "busy";
    }
    const page = new DOMParser().parseFromString(html, "text/html");
    // A proxy between that answers for the node knows nothing.
    return page.getElementById("main") ? { page, isKnown: status < 500 } : "unknown";
  } catch {
    // The answer was lost, or the request was: the same form again tells which.
    return navigator.onLine ? "unknown" : "offline";
  } finally {
    clearTimeout(timer);
  }
}

/** @param {Document} page */
function show(page) {
  const main = page.getElementById("main");
  if (!main) {
    throw new Error("a page of ours has a main part");
  }
  const isScanning = isOn();
  document.getElementById("main")?.replaceWith(main);
  document.title = page.title;
  scrollTo(0, 0);
  begin();
  const spoken = document.getElementById("spoken");
  const told = main.querySelector("[role=status]") ?? main.querySelector("h1");
  if (spoken) {
    spoken.textContent = told?.textContent ?? "";
  }
  const next = /** @type {HTMLElement | null} */ (main.querySelector("input.code"));
  if (next && !isScanning) {
    return next.focus({ preventScroll: true });
  }
  // Never a button: a scanner of bars ends each code with the key that would press it.
  const headline = /** @type {HTMLElement | null} */ (main.querySelector("h1"));
  headline?.setAttribute("tabindex", "-1");
  headline?.focus({ preventScroll: true });
}

/**
 * @param {HTMLFormElement} form
 * @param {string} name
 */
function field(form, name) {
  return /** @type {HTMLInputElement} */ (form.elements.namedItem(name));
}

/** @param {UnderWay} underWay */
function keep(underWay) {
  try {
    localStorage.setItem(KEY, JSON.stringify(underWay));
  } catch {
    // A browser that keeps nothing: while this page is open, nothing is lost either.
  }
}

/** @returns {UnderWay | undefined} */
function kept() {
  try {
    const found = /** @type {UnderWay | null} */ (JSON.parse(localStorage.getItem(KEY) ?? "null"));
    // One of an older page says not whose it is.
    return found?.shift === undefined ? undefined : found;
  } catch {
    // Nothing was kept, or nothing of ours.
  }
  return undefined;
}

function drop() {
  try {
    localStorage.removeItem(KEY);
  } catch {
    // Nothing was kept.
  }
}
