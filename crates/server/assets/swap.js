/**
 * A form's next page in place of this one, over a line that may break.
 *
 * Owns: sending a form that changes nothing, again until its page is there; going back to the
 * step before with all that was typed. Never: sends an entry; leaves a step that may not be left.
 * On failure: what was typed stays on the screen, and it is sent again by itself, later each time
 * and not together with everybody else.
 */

import { text } from "./texts.js";
import { notice } from "./notice.js";
import { wait } from "./send.js";
import { delay } from "./status.js";

/** For a page to arrive, in milliseconds. */
const PATIENCE = 15_000;
/** Between two attempts, in seconds; twice as long each time, where the server asks for no more. */
const PAUSE = 3;
const PAUSE_MAX = 30;
/** Too slow, too fast: a page that says so is none to go on with. */
const LATER = [408, 429];

/** What every page of ours has, and changes from step to step. */
const PARTS = ["main", ".languages"];
/** The pages of this visit by step, the one that came by its address first. */
const steps = [
  { main: part(document, "main"), languages: part(document, ".languages"), title: document.title },
];

// After a reload the later steps are gone: what was typed fills the first one again.
history.replaceState({ step: 0 }, "");
/** Which one is on the screen. */
let here = 0;
/** How many links inside the page were followed on it, each of which the browser goes back, too. */
let links = 0;
/** Whether it may be left; asked once each time somebody wants to. */
let mayLeave = () => true;
addEventListener("popstate", () => {
  if (history.state === null && location.hash !== "") {
    // A link inside the page leads to no other step.
    history.replaceState({ step: here, links: links + 1 }, "");
  }
  links = Number(history.state?.links ?? 0);
  const to = Math.min(step(), steps.length - 1);
  if (to === here) {
    return;
  }
  if (mayLeave()) {
    show(to);
  } else {
    history.go(here - to);
  }
});

/**
 * Has `may` asked before a step is left for one before it.
 *
 * @param {() => boolean} may
 */
export function guard(may) {
  mayLeave = may;
}

/** Goes back to the step before. */
export function back() {
  history.go(-1 - links);
}

/**
 * Takes a form over.
 *
 * @param {HTMLFormElement} form
 * @param {(main: HTMLElement) => void} shown told of every page that takes the place of this one
 */
export function take(form, shown) {
  const say = notice(form);
  form.addEventListener("submit", (event) => {
    const button = /** @type {HTMLButtonElement | null} */ (event.submitter);
    if (button?.hasAttribute("formaction")) {
      // The same form in another language: a page of its own, from its first word to the last.
      return;
    }
    event.preventDefault();
    const sent = new URLSearchParams();
    for (const [name, value] of new FormData(form)) {
      sent.append(name, String(value));
    }
    if (button?.name) {
      sent.set(button.name, button.value);
    }
    // A browser that does not say which button it was: the next step, never the entry itself.
    if (!sent.has("to")) {
      sent.set("to", "check");
    }
    if (!form.hasAttribute("aria-busy")) {
      form.setAttribute("aria-busy", "true");
      next(form, sent, shown, say).finally(() => form.removeAttribute("aria-busy"));
    }
  });
}

/**
 * @param {HTMLFormElement} form
 * @param {URLSearchParams} sent
 * @param {(main: HTMLElement) => void} shown
 * @param {(sentence: string) => void} say
 */
async function next(form, sent, shown, say) {
  for (let pause = PAUSE; ; pause = Math.min(pause * 2, PAUSE_MAX)) {
    const answer = await once(form.action, sent);
    if ("page" in answer) {
      say("");
      return replace(answer.page, shown);
    }
    say(text("step-lost"));
    const seconds = Math.max(pause, answer.after);
    await wait(delay(seconds, seconds / 2), navigator.onLine ? "busy" : "offline", () => {});
  }
}

/**
 * @param {string} address
 * @param {URLSearchParams} sent
 * @returns {Promise<{ page: Document } | { after: number }>} the page, or in how many seconds at
 *   least to ask again
 */
async function once(address, sent) {
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), PATIENCE);
  try {
    const headers = { Accept: "text/html" };
    const body = sent;
    const answer = await fetch(address, { method: "POST", headers, body, signal: stop.signal });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const isLater = answer.status >= 500 || LATER.includes(answer.status);
    // What a proxy answers for the node is no page of ours.
    if (!isLater && PARTS.every((selector) => page.querySelector(selector))) {
      return { page };
    }
    return { after: Number.parseInt(answer.headers.get("Retry-After") ?? "", 10) || 0 };
  } catch {
    // No page, or half of one: nothing was changed by asking, so it is asked again.
    return { after: 0 };
  } finally {
    clearTimeout(timer);
  }
}

/**
 * @param {Document} page
 * @param {(main: HTMLElement) => void} shown
 */
function replace(page, shown) {
  const main = part(page, "main");
  // Whoever went back and takes another way from there has no way forward any more.
  steps.length = step() + 1;
  steps.push({ main, languages: part(page, ".languages"), title: page.title });
  history.pushState({ step: step() + 1 }, "");
  links = 0;
  show(step());
  shown(main);
}

/**
 * A part that every page of ours has.
 *
 * @param {Document} page
 * @param {string} selector
 */
function part(page, selector) {
  const found = /** @type {HTMLElement | null} */ (page.querySelector(selector));
  if (!found) {
    throw new Error(`a page of ours has a part ${selector}`);
  }
  return found;
}

/** Which step is on the screen. */
function step() {
  return Number(history.state?.step ?? 0);
}

/**
 * The very page of a step, with everything that was typed into it.
 *
 * @param {number} place
 */
function show(place) {
  here = place;
  const { main, languages, title } = steps[place];
  part(document, "main").replaceWith(main);
  part(document, ".languages").replaceWith(languages);
  document.title = title;
  const alert = /** @type {HTMLElement | null} */ (main.querySelector(".alert"));
  const first = alert ?? /** @type {HTMLElement | null} */ (main.querySelector("h1"));
  first?.setAttribute("tabindex", "-1");
  scrollTo(0, 0);
  first?.focus({ preventScroll: alert === null });
}
