/**
 * The page: what people fill in, and what they are shown.
 *
 * Owns: the form, the language, and when a check begins. Never: keeps or sends what was filled in;
 * decides what `check.js` decides.
 */

import { check } from "./check.js";
import { identityOf } from "./identity.js";
import { published, readKey } from "./note.js";
import * as scanner from "./scan.js";
import { card, element, list, record } from "./show.js";
import { load } from "./web.js";
import { change, fill, other, said } from "./words.js";

/** @typedef {import("./check.js").Step} Step */
/** @typedef {keyof ReturnType<typeof said>["page"]} Word */

const form = /** @type {HTMLFormElement} */ (byId("form"));
const receipt = /** @type {HTMLTextAreaElement} */ (byId("receipt"));
const kind = /** @type {HTMLSelectElement} */ (byId("kind"));
const identity = /** @type {HTMLInputElement} */ (byId("identity"));
const proof = /** @type {HTMLTextAreaElement} */ (byId("proof"));
/** What else than an ID number is typed of a kind, and how. */
const KINDS = /** @type {const} */ ({
  "TEL-E164": { label: "identity_tel", hint: "identity_hint_tel", wrong: "bad_tel" },
  "TXT-SHA256": { label: "identity_txt", hint: "identity_hint_txt", wrong: "empty_identity" },
  other: { label: "identity", hint: "identity_hint_other", wrong: "bad_other" },
});
const video = /** @type {HTMLVideoElement} */ (byId("video"));
const written = document.querySelector("meta[name=operator-key]")?.getAttribute("content") ?? "";
/** @type {import("./note.js").Key | undefined} */
let key;
/** @type {Awaited<ReturnType<typeof scanner.reader>>} */
let reader;

/** What is shown at the moment, to be said again in another language. */
const shown = {
  /** @type {Step[]} */
  steps: [],
  at: 0,
  /** @type {Record<string, Word>} the sentence of each place for messages */
  messages: {},
  isBusy: false,
};

void start();

async function start() {
  choose();
  say();
  listen();
  if (!("subtle" in crypto)) {
    return stopWith("insecure");
  }
  key = await readKey(written);
  showKey();
  if (!key) {
    return stopWith("no_key");
  }
  reader = await scanner.reader();
  byId("scan").hidden = !reader || !("mediaDevices" in navigator);
  byId("go").removeAttribute("disabled");
}

function listen() {
  byId("language").addEventListener("click", () => {
    change();
    say();
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void begin();
  });
  kind.addEventListener("change", say);
  byId("scan").addEventListener("click", () => (scanner.isOn() ? scanner.stop() : void scan()));
  byId("file").addEventListener("change", () => void open());
  byId("save").addEventListener("click", save);
  byId("print").addEventListener("click", () => print());
  addEventListener("beforeprint", () => {
    document.querySelectorAll("#steps details").forEach((one) => one.setAttribute("open", ""));
  });
}

/** @param {string} id */
function byId(id) {
  const found = document.getElementById(id);
  if (!found) {
    throw new Error(`the page has no ${id}`);
  }
  return found;
}

/** Says everything in the language that is chosen. */
function say() {
  const { tag, page } = said();
  document.documentElement.lang = tag;
  document.title = page.title;
  for (const place of document.querySelectorAll("[data-text]")) {
    place.textContent = page[/** @type {Word} */ (place.getAttribute("data-text"))];
  }
  byId("language").textContent = other().name;
  byId("language").lang = other().tag;
  const { label, hint } = ofKind();
  byId("identity-label").textContent = page[label];
  byId("identity-hint").textContent = page[hint];
  byId("scan").textContent = page[scanner.isOn() ? "stop" : "scan"];
  for (const [id, word] of Object.entries(shown.messages)) {
    byId(id).textContent = page[word];
  }
  showSteps();
}

/**
 * Puts a sentence into a place for messages, or empties it.
 *
 * @param {string} id
 * @param {Word} [word]
 */
function message(id, word) {
  delete shown.messages[id];
  if (word) {
    shown.messages[id] = word;
  }
  byId(id).textContent = word ? said().page[word] : "";
}

/**
 * Says why nothing can be checked here at all.
 *
 * @param {Word} word
 */
function stopWith(word) {
  message("stopped", word);
}

function showKey() {
  const groups = (/** @type {string} */ text) => (text.match(/.{1,4}/g) ?? []).map(group);
  byId("draw").textContent = key?.name ?? "–";
  byId("key-name").textContent = key?.name ?? "–";
  byId("key-id").replaceChildren(...groups(key?.id ?? ""));
  byId("key-value").replaceChildren(...groups(key ? published(key) : ""));
}

/** @param {string} text of four characters, with a space behind it for whoever copies */
function group(text) {
  return element("span", "", `${text} `);
}

async function scan() {
  if (!reader) {
    return;
  }
  video.hidden = false;
  message("receipt-said", "looking");
  const scanning = scanner.scan(reader, video);
  byId("scan").textContent = said().page.stop;
  const { text, problem } = await scanning;
  video.hidden = true;
  byId("scan").textContent = said().page.scan;
  take(text, problem);
}

async function open() {
  const input = /** @type {HTMLInputElement} */ (byId("file"));
  const [file] = input.files ?? [];
  if (file) {
    const { text, problem } = await scanner.open(reader, file);
    input.value = "";
    take(text, problem);
  }
}

/**
 * @param {string} [text]
 * @param {Word} [problem]
 */
function take(text, problem) {
  receipt.value = text ?? receipt.value;
  message("receipt-said", text ? "taken" : problem);
}

/** Chooses the kind that the link to this page names, if it names one. */
function choose() {
  const named = location.hash.slice(1);
  kind.value = [...kind.options].some(({ value }) => value === named) ? named : kind.value;
}

/** The words of the kind that is chosen. */
function ofKind() {
  const usual = { label: "identity", hint: "identity_hint", wrong: "bad_identity" };
  return /** @type {{ label: Word, hint: Word, wrong: Word }} */ (
    KINDS[/** @type {keyof typeof KINDS} */ (kind.value)] ?? usual
  );
}

/**
 * Whether everything is filled in; if not, says what is missing, at its place.
 *
 * @param {string | undefined} who
 * @returns {who is string}
 */
function isFilled(who) {
  /** @type {[HTMLElement, Word | undefined][]} */
  const fields = [
    [receipt, receipt.value.trim() ? undefined : "empty_receipt"],
    [identity, !identity.value.trim() ? "empty_identity" : who ? undefined : ofKind().wrong],
  ];
  for (const [field, word] of fields) {
    field.setAttribute("aria-invalid", String(word !== undefined));
    message(`${field.id}-error`, word);
  }
  fields.find(([, word]) => word)?.[0].focus();
  return fields.every(([, word]) => !word);
}

async function begin() {
  if (shown.isBusy || !key) {
    return;
  }
  const who = await identityOf(kind.value, identity.value);
  if (shown.isBusy || !isFilled(who)) {
    return;
  }
  shown.isBusy = true;
  form.setAttribute("aria-busy", "true");
  [shown.steps, shown.at] = [[], Date.now()];
  showSteps();
  message("stopped");
  let done = 1;
  const busy = () => {
    byId("busy").textContent = fill(said().page.busy, { done: String(done) });
  };
  busy();
  try {
    shown.steps = await check({
      ...{ receipt: receipt.value, identity: who, proof: proof.value, key, load },
      told: () => {
        done = Math.min(7, done + 1);
        busy();
      },
    });
  } catch (problem) {
    console.error(problem);
    message("stopped", "failed");
  }
  shown.isBusy = false;
  form.removeAttribute("aria-busy");
  byId("busy").textContent = "";
  showSteps();
  /** @type {HTMLElement | null} */
  const headline = document.querySelector("#conclusion h3");
  headline?.scrollIntoView();
  headline?.focus();
}

function showSteps() {
  const { steps } = shown;
  byId("result").hidden = steps.length === 0;
  if (0 < steps.length) {
    const open = [...document.querySelectorAll("#steps details")].map((one) => one.hasAttribute("open"));
    byId("conclusion").replaceChildren(card(steps[steps.length - 1]));
    byId("steps").replaceChildren(list(steps));
    document.querySelectorAll("#steps details").forEach((one, place) => {
      one.toggleAttribute("open", open[place] ?? false);
    });
  } else {
    byId("conclusion").replaceChildren();
    byId("steps").replaceChildren();
  }
}

function save() {
  const text = record(shown.steps, { key: written, at: shown.at });
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: "text/plain;charset=utf-8" }));
  link.download = said().page.record;
  link.click();
  URL.revokeObjectURL(link.href);
}
