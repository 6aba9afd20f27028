/**
 * What a check has shown, for people: on the page, and as a record to hand on.
 *
 * Owns: how a conclusion and its steps look. Never: decides anything; shows markup of a file.
 */

import { fill, moment, said } from "./words.js";

/** @typedef {import("./check.js").Step} Step */

/** Beside the words: seen at a glance, and also without colours. */
const MARKS = { right: "✓", wrong: "✗", unsure: "?", waiting: "…", void: "—", unseen: "·" };
/** What a conclusion looks like. */
const LOOKS = { right: "good", wrong: "bad", unsure: "wait", waiting: "wait", void: "bad", unseen: "" };
/** Conclusions that are told in a calmer tone than their step. */
const CALM = ["left_out_later", "left_out_promise", "wrong_proof"];

/**
 * An element with words in it.
 *
 * @param {string} name
 * @param {string} [className]
 * @param {...(string | Node)} content
 */
export function element(name, className = "", ...content) {
  const made = document.createElement(name);
  made.className = className;
  made.append(...content);
  return made;
}

/**
 * The sentences of a conclusion.
 *
 * @param {Step} step
 */
function conclusion({ code, places, isPrivate }) {
  const { head, lead, next } = lookUp(said().conclusions, code);
  const sentences = [head, lead, ...(isPrivate ? [said().page.not_public] : []), next];
  return sentences.map((sentence) => fill(sentence, places));
}

/**
 * The sentence of a step; nothing for one that nobody looked at.
 *
 * @param {Step} step
 */
function sentence({ id, state, code, places }) {
  if (code === state && code !== "right" && !places.reason) {
    return "";
  }
  const { steps, problems } = said();
  return fill(lookUp(state === "right" ? lookUp(steps, id) : problems, code), places);
}

/**
 * @template T
 * @param {Record<string, T>} texts
 * @param {string} key
 */
function lookUp(texts, key) {
  const found = texts[key];
  if (found === undefined) {
    throw new Error(`there is no text ${key}`);
  }
  return found;
}

/**
 * The conclusion, as a card.
 *
 * @param {Step} step
 */
export function card(step) {
  const [head, ...sentences] = conclusion(step);
  const isGood = step.state === "right" && step.code !== "nothing";
  const state = CALM.includes(step.code) ? "unsure" : step.state;
  const look = state === "right" && !isGood ? "" : LOOKS[state];
  const title = element("h3", "", head);
  title.tabIndex = -1;
  const told = sentences.map((sentence) => element("p", "", sentence));
  return element("div", `card ${look}`, title, ...told);
}

/**
 * The steps before it, each with its evidence to unfold.
 *
 * @param {Step[]} steps
 */
export function list(steps) {
  const { states, evidence } = said();
  const items = steps.slice(0, -1).map((step) => {
    const mark = element("span", "mark", MARKS[step.state]);
    mark.setAttribute("aria-hidden", "true");
    const title = element("h3", "", lookUp(said().steps, step.id).title);
    const state = element("p", "state", states[step.state]);
    const item = element("li", `step ${step.state}`, mark, title, state);
    item.append(element("p", "", sentence(step)));
    if (0 < step.evidence.length) {
      const unfolded = step.evidence.flatMap(({ label, text }) => [
        element("dt", "", lookUp(evidence, label)),
        element("dd", "", element("pre", "", text)),
      ]);
      const summary = element("summary", "", said().page.evidence);
      item.append(element("details", "", summary, element("dl", "", ...unfolded)));
    }
    return item;
  });
  return element("ol", "steps", ...items);
}

/**
 * All of it as a text to hand on. Neither identity nor receipt is in it: who has the receipt's salt
 * finds the number of an ID by trying.
 *
 * @param {Step[]} steps
 * @param {{ key: string, at: number }} of
 */
export function record(steps, { key, at }) {
  const { page, states, evidence } = said();
  const address = location.href.split("#")[0];
  const last = steps[steps.length - 1];
  const lines = [page.title, address, moment(at), key, "", ...conclusion(last), ""];
  steps.slice(0, -1).forEach((step, place) => {
    const { title } = lookUp(said().steps, step.id);
    lines.push(`${place + 1}. ${title}: ${MARKS[step.state]} ${states[step.state]}`);
    lines.push(sentence(step), "");
    for (const { label, text } of step.evidence) {
      lines.push(`  ${lookUp(evidence, label)}:`, ...text.split("\n").map((row) => `    ${row}`));
    }
    lines.push("");
  });
  return `${[...lines, page.record_note].join("\n")}\n`;
}
