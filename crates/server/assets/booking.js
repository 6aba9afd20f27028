/**
 * A campaign's page that lives: the clock, what is left, and an entry from typing to its answer.
 *
 * Owns: what the page's parts do together. Never: says more than the server said.
 */

import { now, span } from "./clock.js";
import { forgetDraft, help, remember } from "./fields.js";
import { notice } from "./notice.js";
import { entryOf, forget, isSettled, send, underWay } from "./send.js";
import { watch } from "./status.js";
import { back, guard, take } from "./swap.js";
import { has, text } from "./texts.js";

/**
 * @typedef {import("./status.js").Status} Status
 *
 * @typedef {object} Sending an entry that has no answer
 * @property {boolean} isFree whether it may be taken back
 * @property {() => string} stop takes it back, and tells what to say of that
 */

const page = /** @type {HTMLElement} */ (document.querySelector("[data-opens]"));
/** How phases look. */
/** @type {Record<string, string>} */
const KINDS = {
  open: "open",
  "not-open-yet": "waiting",
  "series-unpublished": "waiting",
  paused: "paused",
};
/** Refusals that tell a phase, which then is known sooner than by asking. */
const PHASES = ["series-unpublished", "cap-reached", "closed"];
/** What holds for a campaign that nobody has heard of yet. */
const PACING = { release_percent: 100, retry_seconds: 3, poll_seconds: 5, jitter_seconds: 2 };
/** For the first status to arrive, in milliseconds. */
const HEARD_MAX = 10_000;
/** Refusals after which an earlier entry may be what is wanted. */
const EARLIER = ["already-in", "request-reused", "closed", "cap-reached", "published"];
const campaign = page.dataset.campaign ?? "";
/** @type {Status | undefined} */
let status;
/** When it opens, in milliseconds since 1970; none once it has, or where nobody knows. */
let opens = Date.parse(page.dataset.opens ?? "") || undefined;
let phaseAtFirst = page.dataset.phase ?? "open";
let isSending = false;
/**
 * What was sent from the step on the screen and has no answer.
 *
 * @type {Sending | undefined}
 */
let sent;
/** Takes the word back that something was taken back. */
let unsay = () => {};

enhance(document.body);
const heard = new Promise((done) => {
  watch(campaign, (said) => {
    status = said;
    opens = said.phase === "not-open-yet" && said.next ? Date.parse(said.next) : undefined;
    show();
    done(undefined);
  });
});
guard(takeBack);
setInterval(show, 250);
resume();

/** Goes on with what was under way when this page was left. */
async function resume() {
  if (forget(campaign)) {
    notice(above())(text("send-forgotten"));
  }
  const left = underWay(campaign);
  if (left.length === 0) {
    return;
  }
  const place = above();
  const say = notice(place);
  say(text("send-unknown"));
  // At the campaign's own pace: half a crowd loads its pages again.
  isSending = true;
  await Promise.race([heard, new Promise((over) => setTimeout(over, HEARD_MAX))]);
  isSending = false;
  for (const entry of left) {
    await start(entry, say, null, wayBack(place, say));
  }
}

/** A place above the steps, which stays while they change. */
function above() {
  const place = document.createElement("div");
  place.className = "above";
  document.getElementById("main")?.before(place);
  return place;
}

/**
 * A button that takes back what goes on after a reload, shown while it can.
 *
 * @param {HTMLElement} place
 * @param {ReturnType<typeof notice>} say
 * @returns {(sending: Sending | undefined) => void} told how it goes on; nothing once it is over
 */
function wayBack(place, say) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "quiet-button";
  button.hidden = true;
  button.textContent = text("send-take-back");
  place.append(button);
  /** @type {Sending | undefined} */
  let known;
  button.addEventListener("click", () => {
    if (known?.isFree) {
      say(text(known.stop()));
      unsay = () => say("");
      button.hidden = true;
      show();
    }
  });
  return (sending) => {
    known = sending;
    button.hidden = !sending?.isFree;
  };
}

/** Whether the step on the screen may be left; what waits there is taken back, if it can be. */
function takeBack() {
  if (sent?.isFree) {
    const say = notice(above());
    say(text(sent.stop()));
    sent = undefined;
    unsay = () => say("");
    show();
  }
  return sent === undefined;
}

/**
 * Gives a page's forms what they can do with a script.
 *
 * @param {HTMLElement} root
 */
function enhance(root) {
  root.querySelectorAll("[data-scripted]").forEach((element) => {
    /** @type {HTMLElement} */ (element).hidden = false;
  });
  for (const form of root.querySelectorAll("form")) {
    if (form.dataset.step === "send") {
      takeSending(form);
    } else if (form.method === "post") {
      help(form);
      take(form, enhance);
    }
  }
  near(root);
  show();
}

/**
 * The map is fetched when somebody wants it.
 *
 * @param {HTMLElement} root
 */
function near(root) {
  const button = /** @type {HTMLButtonElement | null} */ (root.querySelector("[data-near]"));
  button?.addEventListener("click", async () => {
    const { nearest } = await import("./near.js");
    await nearest(campaign, button, () => status?.stock);
  });
}

/** What the clock and the last status say, wherever it stands on the page. */
function show() {
  const left = opens === undefined ? 0 : opens - now();
  const waits = left > 0;
  for (const clock of document.querySelectorAll("[data-clock]")) {
    const said = waits ? text("opens-in", { span: span(left, text("days")) }) : "";
    if (clock.textContent !== said) {
      clock.textContent = said;
    }
  }
  const phase = waits ? "not-open-yet" : openNow();
  tell(phase);
  // What is sold out may be given back by somebody at any moment.
  const isOpen = phase === "open" || phase === "sold-out";
  for (const found of document.querySelectorAll("form[data-step=send] button[type=submit]")) {
    const button = /** @type {HTMLButtonElement} */ (found);
    const isBack = button.name === "to";
    button.disabled = isBack ? sent?.isFree === false : !isOpen || isSending;
  }
  marks();
}

/** The phase; what was to open at a moment is open from then on, without asking. */
function openNow() {
  const known = status?.phase ?? phaseAtFirst;
  if (known === "not-open-yet" && opens !== undefined) {
    return "open";
  }
  return known === "open" && status?.sold_out ? "sold-out" : known;
}

/** @param {string} phase */
function tell(phase) {
  const line = /** @type {HTMLElement | null} */ (document.querySelector("[data-phase]"));
  if (!line || line.dataset.phase === phase || !has(`phase-${phase}`)) {
    return;
  }
  line.dataset.phase = phase;
  line.className = `phase ${KINDS[phase] ?? "ended"}`;
  const [word, detail] = [...line.children];
  word.textContent = text(`phase-${phase}`);
  detail.textContent = text(`detail-${phase}`);
  for (const found of document.querySelectorAll("[data-refusal]")) {
    const refusal = /** @type {HTMLElement} */ (found);
    if (PHASES.includes(refusal.dataset.refusal ?? "")) {
      // What it says is over.
      refusal.remove();
    }
  }
}

/**
 * A phase that an answer told.
 *
 * @param {string} phase
 */
function learned(phase) {
  phaseAtFirst = phase;
  opens = undefined;
  status = status && { ...status, phase };
  show();
}

/** What is left of each choice, never more exactly than plenty, few or none. */
function marks() {
  const stock = status?.stock;
  if (stock === undefined) {
    return;
  }
  for (const option of document.querySelectorAll("[data-pool]")) {
    const choice = /** @type {HTMLElement} */ (option);
    const mark = stock[Number(choice.dataset.pool)] ?? "n";
    if (choice.dataset.mark !== mark) {
      choice.dataset.mark = mark;
      choice.classList.toggle("gone", mark === "n");
      const input = choice.querySelector("input");
      if (input) {
        input.disabled = mark === "n";
      }
      const words = choice.querySelector("em");
      if (words) {
        words.textContent = text(`stock-${mark}`);
      }
    }
  }
}

/** @param {HTMLFormElement} form */
function takeSending(form) {
  const say = notice(form);
  form.addEventListener("submit", (event) => {
    const button = /** @type {HTMLButtonElement | null} */ (event.submitter);
    if (button?.name === "to" || !status) {
      // Back to a step before; or the server was never heard, and the form goes without a script.
      return;
    }
    event.preventDefault();
    const fields = new FormData(form);
    remember(fields);
    start(entryOf(campaign, bodyOf(fields)), say, form);
  });
  for (const button of form.querySelectorAll("button[name=to]")) {
    button.addEventListener("click", (event) => {
      event.preventDefault();
      if (takeBack()) {
        back();
      }
    });
  }
}

/**
 * What the API takes of a form.
 *
 * @param {FormData} fields
 */
function bodyOf(fields) {
  /** @type {Record<string, string>} */
  const identity = {};
  const choices = [];
  /** @type {Map<string, Record<string, string>>} */
  const others = new Map();
  for (const [name, value] of fields) {
    const further = /^p(\d)\.(.+)$/.exec(name);
    if (name.startsWith("f.")) {
      identity[name.slice(2)] = String(value);
    } else if (further) {
      const [, number = "", code = ""] = further;
      others.set(number, { ...others.get(number), [code]: String(value).trim() });
    } else if (/^choice\d$/.test(name) && value !== "") {
      const [outlet, item, slot] = String(value).split("/");
      choices.push({ outlet, item, slot });
    }
  }
  const units = Number(fields.get("units") ?? undefined);
  // Somebody of whom nothing was typed is nobody.
  const people = [...others.values()].filter((person) =>
    Object.values(person).some((value) => value !== ""),
  );
  return JSON.stringify({
    identity,
    choices,
    ...(units ? { units } : {}),
    ...(fields.get("any") === "yes" ? { any: true } : {}),
    ...(people.length > 0 ? { people } : {}),
  });
}

/**
 * Sends an entry, and says how it goes on.
 *
 * @param {import("./send.js").Entry} entry
 * @param {ReturnType<typeof notice>} say
 * @param {HTMLFormElement | null} form none after a reload
 * @param {(sending: Sending | undefined) => void} [told] how it goes on; nothing once it is over
 */
async function start(entry, say, form, told = () => {}) {
  if (isSending) {
    return;
  }
  isSending = true;
  const taking = new AbortController();
  const stop = () => {
    // Another tab may go on with it, and have its answer already.
    const word = isSettled(campaign, entry) ? "send-elsewhere" : "send-stopped";
    taking.abort();
    isSending = false;
    say("");
    return word;
  };
  /** @type {Sending} */
  const sending = { isFree: false, stop };
  if (form) {
    unsay();
    // What an earlier one was told is read; what another entry is told after a reload is not.
    document.querySelectorAll("[data-refusal]").forEach((refusal) => refusal.remove());
    sent = sending;
  }
  show();
  let before = "";
  /** @type {import("./send.js").How["tell"]} */
  const tell = ({ state, millis }, isFree) => {
    sending.isFree = isFree;
    told(sending);
    if (state === "paused" && before !== state) {
      learned(state);
    }
    before = state;
    // A pause has no end that anybody could count down to.
    const counts = millis > 0 && state !== "paused";
    const rest = counts ? text("again-in", { span: span(millis, text("days")) }) : "";
    say(text(`send-${state}`), rest);
  };
  const isPaused = () => status?.phase === "paused";
  const pacing = () => status?.pacing ?? PACING;
  const answer = await send(campaign, entry, { pacing, tell, isPaused, signal: taking.signal });
  if (taking.signal.aborted) {
    return;
  }
  isSending = false;
  sent = undefined;
  told(undefined);
  say(answer ? "" : text("send-elsewhere"));
  show();
  if (!answer) {
    return;
  }
  if ("receipt" in answer) {
    forgetDraft(campaign);
    const language = new URLSearchParams(location.search).get("lang");
    location.replace(`/e/${answer.receipt}${language ? `?lang=${language}` : ""}`);
  } else if (form?.isConnected && (answer.status === 400 || answer.status === 422)) {
    // The server shows what is wrong beside each field.
    form.submit();
  } else {
    refused(answer.problem);
  }
}

/** @param {import("./send.js").Problem} problem */
function refused(problem) {
  if (PHASES.includes(problem.code)) {
    learned(problem.code);
  }
  const alert = document.createElement("div");
  alert.className = "alert";
  alert.dataset.refusal = problem.code;
  alert.setAttribute("role", "alert");
  alert.tabIndex = -1;
  const title = document.createElement("h2");
  title.textContent = problem.title;
  const detail = document.createElement("p");
  detail.textContent = has(`refused-${problem.code}`)
    ? text(`refused-${problem.code}`)
    : problem.detail;
  alert.append(title, detail);
  const known = /** @type {HTMLAnchorElement | null} */ (document.querySelector("[data-find]"));
  if (known && EARLIER.includes(problem.code)) {
    const find = document.createElement("a");
    find.className = "go";
    find.href = known.href;
    find.textContent = text("find");
    alert.append(find);
  }
  document.querySelector(".phase")?.after(alert);
  alert.focus();
}
