/**
 * The sentences, in the language that is chosen.
 *
 * Owns: which language that is, and how places, times and buckets are written in it. Never: a
 * sentence of its own.
 */

import { en } from "./en.js";
import { zh } from "./zh.js";

const LANGUAGES = { zh, en };
/** Places that hold a count. */
const COUNTS = ["place", "size", "people", "person", "tickets"];

let words = first();

/** The language of the address, else that of the browser. */
function first() {
  const asked = location.hash.slice(1);
  if (asked === "zh" || asked === "en") {
    return LANGUAGES[asked];
  }
  return navigator.language.toLowerCase().startsWith("zh") ? zh : en;
}

/** All sentences of the language that is chosen. */
export function said() {
  return words;
}

/** The other language, which a switch offers. */
export function other() {
  return words === zh ? en : zh;
}

/** Chooses the other language. */
export function change() {
  words = other();
}

/**
 * A sentence with what belongs into its places.
 *
 * @param {string} sentence
 * @param {Record<string, string>} places
 */
export function fill(sentence, places) {
  return sentence.replace(/\{(\w+)\}/g, (_, place) => written(place, places[place] ?? ""));
}

/**
 * @param {string} place
 * @param {string} value
 */
function written(place, value) {
  if (COUNTS.includes(place)) {
    return Number(value).toLocaleString(words.tag);
  }
  if (place === "units") {
    return (value === "1" ? words.unit : words.units).replace("{count}", value);
  }
  if (place === "bucket" && value.includes("#")) {
    const [bucket, tranche] = value.split("#");
    return words.tranche.replace("{bucket}", bucket).replace("{tranche}", tranche);
  }
  if (place === "at") {
    return value && words.at.replace("{at}", moment(Number(value)));
  }
  return place === "deadline" ? moment(Date.parse(value)) : value;
}

/** @param {number} milliseconds since 1970 */
export function moment(milliseconds) {
  return new Date(milliseconds).toLocaleString(words.tag, {
    ...{ year: "numeric", month: "long", day: "numeric" },
    ...{ hour: "2-digit", minute: "2-digit", hour12: false, timeZoneName: "short" },
  });
}
