/**
 * What the numbers decide.
 *
 * Owns: an entry's number, and what the cut-offs give it. Never: reads a file.
 */

import { digest } from "./bytes.js";

/** @typedef {import("./forms.js").Line} Line */

/**
 * What an entry gets: a bucket in one of the passes, or nothing; and each comparison that showed it.
 *
 * @typedef {{ bucket?: string, pass: number, cutoff: string, compared: string[] }} Outcome
 */

/**
 * The numbers of an entry, one a ticket.
 *
 * @param {string} seed
 * @param {string} leaf
 * @param {number} tickets
 */
export function numbers(seed, leaf, tickets) {
  const all = Array.from({ length: tickets }, (_, ticket) => ticket + 1);
  return Promise.all(all.map((ticket) => digest(`${seed}:${leaf}:${ticket}`)));
}

/**
 * What the table gives an entry with `number`: the first bucket that was not closed before it.
 *
 * @param {Line} line
 * @param {string} number
 * @param {import("./forms.js").Cutoffs} cutoffs
 * @param {import("./forms.js").Stock} stock
 * @returns {Outcome}
 */
export function outcome({ units, choices, acceptsAny }, number, cutoffs, stock) {
  const others = acceptsAny ? [...stock.keys()].filter((bucket) => !bucket.includes("#")) : [];
  const ways = [
    ...choices.map((bucket) => ({ pass: 1, bucket })),
    ...others.map((bucket) => ({ pass: 2, bucket })),
  ];
  const compared = [];
  let last = "";
  for (const { pass, bucket } of ways) {
    const row = `${pass},${bucket},${units}`;
    const cutoff = cutoffs.get(row);
    const gets = cutoff === undefined || number <= cutoff;
    compared.push(`${row},${cutoff ?? "–"}\n${number} ${gets ? "≤" : ">"} ${cutoff ?? "∞"}`);
    last = pass === 1 || gets ? (cutoff ?? "") : last;
    if (gets) {
      return { bucket, pass, cutoff: cutoff ?? "", compared };
    }
  }
  return { pass: 0, cutoff: last, compared };
}

/**
 * A number between 0 and 1 that people can hold against another: as many decimals as it takes to
 * tell the two apart, cut off and not rounded.
 *
 * @param {string} number 64 hex digits
 * @param {string} [other]
 */
export function decimal(number, other) {
  for (let digits = 6; digits <= 30; digits += 6) {
    const [own, theirs] = [fraction(number, digits), other && fraction(other, digits)];
    if (own !== theirs || number === other) {
      return own;
    }
  }
  return fraction(number, 78);
}

/**
 * @param {string} number
 * @param {number} digits
 */
function fraction(number, digits) {
  const scaled = (BigInt(`0x${number}`) * 10n ** BigInt(digits)) >> 256n;
  return `0.${String(scaled).padStart(digits, "0")}`;
}
