/**
 * Who somebody is, as a draw writes it: `TYPE-ISSUER:NUMBER`.
 *
 * Owns: the kinds that a campaign can know people by, and how each is written from what people
 * type. Never: says whether there is such a number.
 */

import { hex, sha256, utf8 } from "./bytes.js";
import { isIdentity } from "./forms.js";

/** What stands behind the colon. A text is named by its digest, since it may hold any letter. */
const NUMBERS = new Map([
  ["RIC-CN", /^\d{17}[\dX]$/],
  ["TEL-E164", /^\+[1-9]\d{6,14}$/],
  ["PPT-ANY", /^[A-Z\d]{5,20}$/],
  ["HRP-CN", /^[HM]\d{8}$/],
]);
/** What people type between digits, or copy along unseen. */
const BETWEEN = /[\s\p{Pd}\u2212\u00ad\u200b-\u200f\u202a-\u202e\u2060\ufeff]/gu;

/**
 * An identity from what somebody typed; nothing if it is not of its kind.
 *
 * @param {string} kind one of those above, `TXT-SHA256`, or `other`
 * @param {string} typed
 */
export async function identityOf(kind, typed) {
  if (kind === "TXT-SHA256") {
    const text = typed.trim();
    return text ? `${kind}:${hex(await sha256(utf8(text))).toUpperCase()}` : undefined;
  }
  const plain = typed.normalize("NFKC").trim().toUpperCase();
  if (kind === "other") {
    return isIdentity(plain) ? plain : undefined;
  }
  const number = short(kind, plain.replace(BETWEEN, ""));
  return NUMBERS.get(kind)?.test(number) ? `${kind}:${number}` : undefined;
}

/**
 * A number as its kind keeps it: a telephone number with its country, which a mobile number of
 * mainland China is known by; a permit without the two digits that count its cards.
 *
 * @param {string} kind
 * @param {string} number
 */
function short(kind, number) {
  if (kind === "TEL-E164") {
    const digits = number.replace(/[().]/g, "").replace(/^00/, "+");
    return /^1[3-9]\d{9}$/.test(digits) ? `+86${digits}` : digits;
  }
  return kind === "HRP-CN" && number.length === 11 ? number.slice(0, 9) : number;
}
