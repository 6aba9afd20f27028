/**
 * The counter's pages without waiting: look, hand over, the next one.
 *
 * Owns: sending a form until there is an answer, always as the same request, also by a tab that
 * takes the place of a killed one. Never: hands over by itself: what is asked again was pressed, in
 * this shift, and until then nothing else can be. Never forgets a press that it does not know the
 * answer of: what another log-in pressed is reminded of until its code was looked at.
 * On failure: says that it is not known yet, and asks again; without a connection, once there is
 * one.
 */

import { text } from "./texts.js";
import { notice } from "./notice.js";
import { wait } from "./send.js";
import { isOn, offer } from "./camera.js";
import { codeOf, drop, isKept, keep, kept, requestOf } from "./pressed.js";

/** For an answer to arrive, in milliseconds. */
const PATIENCE = 10_000;
/** Between two attempts, in milliseconds; twice as long each time. */
const PAUSE = 1_000;
const PAUSE_MAX = 8_000;

/**
 * @typedef {import("./pressed.js").Body} Body
 * @typedef {import("./pressed.js").Pressed} Pressed
 *
 * @typedef {object} Shown a page that came
 * @property {Document} page
 * @property {boolean} isOurs whether the node knew what it said: no proxy, and nothing broken
 * @property {boolean} isTold whether it tells what the code is worth, or what became of it
 *
 * @typedef {Shown | { leads: string }} Answer
 *
 * @typedef {object} Sending
 * @property {boolean} isFirst whether nothing was sent before
 * @property {string} unsent a code that was pressed just now, for which nothing is sent; or empty
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
    const fields = [...new FormData(form)].map(([name, value]) => [name, String(value)]);
    const sent = /** @type {Body} */ (fields);
    const address = new URL(form.action).pathname;
    const other = kept().find(isOfThisShift);
    if (other) {
      // Another tab pressed, and its answer comes first.
      const code = codeOf(sent);
      const unsent = code === codeOf(other.body) ? "" : code;
      void handOver(other, hold(other), { isFirst: false, unsent });
    } else if (form.dataset.send === "hand-over") {
      const body = sent.filter(([name]) => name !== "token");
      const number = form.dataset.number ?? "";
      const pressed = { address, body, shift: shift(), number, since: Date.now() };
      keep(pressed);
      // A page without this script may have sent it before.
      const isFirst = !body.some(([name]) => name === "late");
      void handOver(pressed, form, { isFirst, unsent: "" });
    } else {
      void look(form, address, sent);
    }
  });
}

/** A hand-over whose answer never came to this phone: it is held until it comes. */
function goOn() {
  const left = kept().find(isOfThisShift);
  if (left) {
    void handOver(left, hold(left), { isFirst: false, unsent: "" });
  } else {
    remind("");
  }
}

/**
 * Says what was pressed under another log-in and never answered, until its code was looked at:
 * whoever works now did not press, and looks first. Says, too, what was not sent.
 *
 * @param {string} unsent a code; empty if there is none
 */
function remind(unsent) {
  const left = kept().find((pressed) => !isOfThisShift(pressed));
  const isAsking = document.querySelector("main form[data-send=hand-over]") !== null;
  if ((!left && !unsent) || isAsking) {
    return;
  }
  const form = /** @type {HTMLFormElement | null} */ (
    document.querySelector("form[data-send=look]")
  );
  const code = left ? codeOf(left.body) : "";
  const place = form ?? /** @type {HTMLElement} */ (document.getElementById("main"));
  if (form && !field(form, "code").value) {
    field(form, "code").value = unsent || code;
    // What a scanner types takes its place.
    field(form, "code").select();
  }
  if (left) {
    notice(place)(`${code}: ${text(form ? "other_shift" : "left")}`);
  }
  if (unsent) {
    notice(place)(`${unsent}: ${text("not_sent")}`);
  }
}

/**
 * Asks until there is a page, and shows it.
 *
 * @param {HTMLFormElement} form where it is told how it goes on
 * @param {string} address
 * @param {Body} body
 */
async function look(form, address, body) {
  form.setAttribute("aria-busy", "true");
  // Whose press it was shows by its request, which this phone alone knows.
  const left = kept().find((pressed) => codeOf(pressed.body) === codeOf(body));
  const asked = left ? [...body, pair("pressed", requestOf(left))] : body;
  const say = notice(form);
  for (let pause = PAUSE; ; pause = Math.min(pause * 2, PAUSE_MAX)) {
    say(text("sending"));
    const answer = await once(address, asked);
    if (typeof answer === "object") {
      if ("leads" in answer) {
        return location.assign(answer.leads);
      }
      if (left && answer.isTold) {
        drop(left);
      }
      return show(answer.page);
    }
    await wait(pause, answer, ({ state }) => say(text(state)));
  }
}

/**
 * Sends a hand-over until its answer is there; until then nothing else can be done.
 *
 * @param {Pressed} pressed
 * @param {HTMLFormElement} form where it is told how it goes on
 * @param {Sending} sending
 */
async function handOver(pressed, form, { isFirst, unsent }) {
  const token = field(form, "token").value;
  closeWays(true);
  form.setAttribute("aria-busy", "true");
  let say = notice(form);
  for (let pause = PAUSE; ; pause = Math.min(pause * 2, PAUSE_MAX)) {
    say(text("sending"));
    // An answer that comes late may find somebody else at the table: it must not read as fresh.
    const late = isFirst ? [] : [pair("late", "1")];
    const body = [...pressed.body, pair("token", token), ...late];
    const answer = await once(pressed.address, body);
    if (typeof answer === "object") {
      return answered(answer, pressed, { isFirst, unsent });
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
 * @param {Pressed} pressed
 * @param {Sending} sending
 */
function answered(answer, pressed, { isFirst, unsent }) {
  if ("leads" in answer) {
    // The shift is over. That nothing was handed over is sure of a single press alone.
    if (isFirst) {
      drop(pressed);
      return location.assign(answer.leads);
    }
    return leave(pressed, "/counter/log-in?ended=1");
  }
  if (answer.isTold || (isFirst && answer.isOurs)) {
    drop(pressed);
  } else if (answer.isOurs) {
    // This log-in may not ask any more, and what an earlier sending did is not known.
    const unsure = { ...pressed, shift: "" };
    keep(unsure);
    return leave(unsure, "/counter");
  }
  closeWays(false);
  show(answer.page, unsent);
}

/**
 * Goes to a page that reminds of a press. Where nothing is kept no other page would know of it, and
 * this one stays, until somebody leaves it who has read that.
 *
 * @param {Pressed} pressed
 * @param {string} address
 */
function leave(pressed, address) {
  if (isKept(pressed)) {
    return location.assign(address);
  }
  notice(hold(pressed))(`${codeOf(pressed.body)}: ${text("left")}`);
  closeWays(false);
}

/**
 * Shows that a hand-over is not known yet, in the place of all that could be pressed.
 *
 * @param {Pressed} pressed
 */
function hold(pressed) {
  const template = /** @type {HTMLTemplateElement} */ (document.getElementById("held"));
  const main = /** @type {HTMLElement} */ (document.getElementById("main"));
  main.replaceChildren(template.content.cloneNode(true));
  const put = (/** @type {string} */ place, /** @type {string} */ what) => {
    /** @type {HTMLElement} */ (main.querySelector(place)).textContent = what;
  };
  put("[data-code]", codeOf(pressed.body));
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

/** Tells this log-in from others; nothing where nobody is logged in. */
function shift() {
  return document.body.dataset.shift ?? "";
}

/** @param {Pressed} pressed */
function isOfThisShift(pressed) {
  return shift() !== "" && pressed.shift === shift();
}

/**
 * @param {string} name
 * @param {string} value
 * @returns {[string, string]}
 */
function pair(name, value) {
  return [name, value];
}

/**
 * @param {string} address
 * @param {Body} body
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
    if (!page.getElementById("main")) {
      // A proxy between that answers for the node knows nothing.
      return "unknown";
    }
    const isOurs = status < 500;
    const told = page.querySelector(".told, form[data-send=hand-over]");
    return { page, isOurs, isTold: isOurs && told !== null };
  } catch {
    // The answer was lost, or the request was: the same form again tells which.
    return navigator.onLine ? "unknown" : "offline";
  } finally {
    clearTimeout(timer);
  }
}

/**
 * @param {Document} page
 * @param {string} [unsent] a code for which nothing was sent
 */
function show(page, unsent = "") {
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
  remind(unsent);
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
