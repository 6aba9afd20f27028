/**
 * The files of a draw, as docs/draw-format.md writes them.
 *
 * Owns: reading each to the byte. Never: says whether what a file says is true.
 * On failure: a problem with the file and the line (from 1) that is not as it should be.
 */

import { Problem } from "./problem.js";
import { unbase64 } from "./bytes.js";

/** @typedef {ReturnType<typeof seal>} Seal */
/** @typedef {NonNullable<ReturnType<typeof line>>} Line */
/** @typedef {Map<string, number>} Stock the units of each bucket, in their order */
/** @typedef {Map<string, string>} Cutoffs a number by `pass,bucket,units` */

const HEX = "[0-9a-f]{64}";
const NUMBER = "0|[1-9]\\d{0,18}";
const BUCKET = "[A-Z0-9._-]{1,64}(?:#[A-Z0-9._-]{1,16})?";
const COMMITS = `${HEX}(?:\\+${HEX}){0,7}`;
const TAGS = "[0-9a-f]{32}(?:\\+[0-9a-f]{32}){0,7}";
const BALLS = "none|[A-Z0-9]{1,8}(?: [A-Z0-9]{1,8}){0,63}";
/** Printable, and no space at either end. */
const WORDS = "[!-~](?:[ -~]{0,198}[!-~])?";
/** Of a list. */
const ENTRIES_MAX = 2 ** 31;
const LINE = new RegExp(
  `^(${COMMITS}),(${TAGS}),([1-9]|[12]\\d|3[0-2]),([1-8]),(${BUCKET}(?:>${BUCKET}){0,4})(>\\*)?$`,
);
const LINE_CHARACTERS_MAX = 2048;
/** Of a stock, and of each of its buckets. */
const [BUCKETS_MAX, UNITS_MAX] = [65_535, 2 ** 32 - 1];
/** From 2000 to 9998. */
const DEADLINE = "(?!9999)[2-9]\\d{3}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\dZ";
const PROMISE = "tidegate-promise/v1";
/** What a draw says in every event when neither balls nor a beacon are in its seed. */
const PRIVATE = "not publicly verifiable";

/** A file that is a header and a word with its value a line. */
class Fields {
  /**
   * @param {string} text
   * @param {string} header
   * @param {string} file for whoever reads the problem
   */
  constructor(text, header, file) {
    this.lines = text.split("\n");
    this.file = file;
    this.at = 0;
    this.expect(this.lines[0] === header);
    this.at = 1;
  }

  /** @param {unknown} isWell whether the line at hand is as it should be */
  expect(isWell) {
    if (!isWell) {
      throw misshapen(this.file, this.at);
    }
  }

  /**
   * The parts of the next line.
   *
   * @param {string} word
   * @param {string} form
   */
  take(word, form) {
    const parts = new RegExp(`^${word} (?:${form})$`).exec(this.lines[this.at] ?? "");
    this.expect(parts);
    this.at += 1;
    return /** @type {RegExpExecArray} */ (parts).slice(1);
  }

  /**
   * The one part of the next line.
   *
   * @param {string} word
   * @param {string} form
   */
  one(word, form) {
    return this.take(word, `(${form})`)[0];
  }

  /** @param {string} line */
  skip(line) {
    const isNext = this.lines[this.at] === line;
    this.at += isNext ? 1 : 0;
    return isNext;
  }

  /** The last line feed was read, and nothing is left. */
  end() {
    this.expect(this.at === this.lines.length - 1 && this.lines[this.at] === "");
  }
}

/**
 * A receipt; or a promise, which is given before anybody knows the tags of the line.
 *
 * @param {string} text
 * @param {string} file
 */
export function receipt(text, file) {
  const isPromise = text.startsWith(`${PROMISE}\n`);
  const fields = new Fields(text, isPromise ? PROMISE : "tidegate-receipt/v1", file);
  const draw = fields.one("draw", "[A-Za-z0-9._/-]{1,100}");
  const salts = [fields.one("salt", HEX)];
  while (fields.lines[fields.at]?.startsWith("salt ")) {
    salts.push(fields.one("salt", HEX));
  }
  const written = fields.one("line", "[ -~]+");
  fields.at -= 1;
  const read = line(written);
  fields.expect(read && read.commits.length === salts.length && read.hasTags === !isPromise);
  fields.at += 1;
  fields.end();
  return { draw, salts, line: written, isPromise };
}

/**
 * An entry of the list; nothing if it is none.
 *
 * @param {string} written
 */
export function line(written) {
  const parts = LINE_CHARACTERS_MAX < written.length ? null : LINE.exec(written);
  if (!parts) {
    return undefined;
  }
  const [commits, tags, choices] = [parts[1].split("+"), parts[2].split("+"), parts[5].split(">")];
  if (commits.length !== tags.length) {
    return undefined;
  }
  const [tickets, units] = [Number(parts[3]), Number(parts[4])];
  const [hasTags, acceptsAny] = [/[^0+]/.test(parts[2]), parts[6] !== undefined];
  return { commits, hasTags, tickets, units, choices, acceptsAny };
}

/**
 * Whether a line of the list is the one that was promised: with the same commits, units and
 * choices, and no fewer tickets, which grow with draws that are lost.
 *
 * @param {Line} promised
 * @param {Line} listed
 */
export function keeps(promised, listed) {
  /** @param {Line} line */
  const wants = ({ commits, units, choices, acceptsAny }) =>
    JSON.stringify([commits, units, choices, acceptsAny]);
  return wants(promised) === wants(listed) && promised.tickets <= listed.tickets;
}

/**
 * @param {string} text
 * @param {string} file
 */
export function checkpoint(text, file) {
  const [origin, size, root, ...rest] = text.split("\n");
  const fields = new Fields(text, origin, file);
  fields.expect(origin);
  fields.at = 1;
  fields.expect(new RegExp(`^(?:${NUMBER})$`).test(size));
  fields.at = 2;
  const hash = unbase64(root ?? "");
  fields.expect(hash?.length === 32 && rest.length === 1 && rest[0] === "");
  return { origin, size: Number(size), root: /** @type {Uint8Array} */ (hash) };
}

/**
 * @param {string} text
 * @param {string} file
 */
export function seal(text, file) {
  const fields = new Fields(text, "tidegate-seal/v1", file);
  const draw = fields.one("draw", "[A-Za-z0-9._/-]{1,100}");
  fields.one("suite", "sha256");
  const [entries, root, list] = fields.take(
    "entries",
    `(${NUMBER}) root (${HEX}) file (${HEX})`,
  );
  fields.at -= 1;
  fields.expect(Number(entries) <= ENTRIES_MAX);
  fields.at += 1;
  const stock = fields.one("stock", HEX);
  const rules = fields.one("rules", HEX);
  fields.one("program", `[!-~]{1,40} ${HEX}`);
  const operator = fields.one("operator-commitment", HEX);
  const notary = fields.one("notary-commitment", HEX);
  const balls = fields.one("balls", WORDS);
  const [none, chain, round] = fields.take("drand", `(none)|(${HEX}) round ([1-9]\\d{0,18})`);
  const deadline = fields.one("deadline", DEADLINE);
  fields.at -= 1;
  fields.expect(isMoment(deadline));
  fields.at += 1;
  const previous = fields.one("previous", `none|${HEX}`);
  fields.end();
  return {
    ...{ draw, entries: Number(entries), root, list, stock, rules, operator, notary, deadline },
    balls: balls === "none" ? undefined : balls,
    drand: none ? undefined : { chain, round },
    isPrivate: balls === "none" && none !== undefined,
    previous: previous === "none" ? undefined : previous,
  };
}

/**
 * Whether there is such a day and such a time on it.
 *
 * @param {string} written as in 2026-02-18T12:00:00Z
 */
function isMoment(written) {
  const at = Date.parse(written);
  return !Number.isNaN(at) && new Date(at).toISOString() === written.replace("Z", ".000Z");
}

/**
 * What every event after the seal says.
 *
 * @typedef {object} Event
 * @property {string} draw
 * @property {Record<string, string>} said
 * @property {boolean} isPrivate
 * @property {string} previous
 */

/** The lines between `draw` and `previous`, by the event's kind. */
const LINES = {
  opening: { seal: HEX, operator: HEX, notary: HEX, balls: BALLS },
  seeded: { seed: HEX },
  result: { seed: HEX, winners: `(?:${NUMBER}) ${HEX}`, cutoffs: HEX },
  alternates: {
    event: "[1-9]\\d{0,9}",
    returned: HEX,
    winners: `(?:${NUMBER}) ${HEX}`,
    cutoffs: HEX,
  },
  void: { reason: `(?!none$)${WORDS}` },
};

/**
 * @param {keyof typeof LINES} kind
 * @param {string} text
 * @param {string} file
 * @returns {Event}
 */
export function event(kind, text, file) {
  const fields = new Fields(text, `tidegate-${kind}/v1`, file);
  const draw = fields.one("draw", "[A-Za-z0-9._/-]{1,100}");
  /** @type {Record<string, string>} */
  const said = {};
  for (const [word, form] of Object.entries(LINES[kind])) {
    said[word] = fields.one(word, form);
  }
  const isPrivate = kind !== "void" && fields.skip(PRIVATE);
  const previous = fields.one("previous", HEX);
  fields.end();
  return { draw, said, isPrivate, previous };
}

/**
 * @param {string} text
 * @param {string} file
 */
export function seed(text, file) {
  const fields = new Fields(text, "tidegate-seed/v1", file);
  const sealed = fields.one("seal", HEX);
  const operator = fields.one("operator", HEX);
  const notary = fields.one("notary", HEX);
  const balls = fields.one("balls", BALLS);
  const form = `(none)|(${HEX}) ([1-9]\\d{0,18}) ([0-9a-f]{96})`;
  const [none, chain, round, signature] = fields.take("drand", form);
  fields.end();
  return { sealed, operator, notary, balls, drand: none ? undefined : { chain, round, signature } };
}

/**
 * What is said of a row, from 0, that is not as it should be.
 *
 * @param {string} file
 * @param {number} at
 */
function misshapen(file, at) {
  return new Problem("file_shape", { file, line: String(at + 1) });
}

/**
 * The rows of a table, each with its parts.
 *
 * @param {string} text
 * @param {string} form
 * @param {string} file
 */
function rows(text, form, file) {
  const lines = text.split("\n");
  const shape = new RegExp(`^${form}$`);
  if (lines.pop() !== "") {
    throw misshapen(file, lines.length);
  }
  return lines.map((row, at) => {
    const parts = shape.exec(row);
    if (!parts) {
      throw misshapen(file, at);
    }
    return parts.slice(1);
  });
}

/**
 * @param {string} text
 * @param {string} file
 * @returns {Stock}
 */
export function stock(text, file) {
  const stock = new Map();
  const read = rows(text, `(${BUCKET}),(0|[1-9]\\d{0,9})`, file);
  read.forEach(([bucket, units], at) => {
    if (stock.has(bucket) || UNITS_MAX < Number(units) || at === BUCKETS_MAX) {
      throw misshapen(file, at);
    }
    stock.set(bucket, Number(units));
  });
  if (stock.size === 0) {
    throw misshapen(file, 0);
  }
  return stock;
}

/**
 * @param {string} text
 * @param {Stock} stock
 * @param {string} file
 * @returns {Cutoffs}
 */
export function cutoffs(text, stock, file) {
  const places = new Map([...stock.keys()].map((bucket, place) => [bucket, place]));
  let last = -1;
  const read = rows(text, `([12]),(${BUCKET}),([1-8]),(${HEX})`, file);
  return new Map(
    read.map(([pass, bucket, units, number], at) => {
      const place = places.get(bucket) ?? -Infinity;
      const order = (Number(pass) * places.size + place) * 8 + Number(units);
      if (order <= last) {
        throw misshapen(file, at);
      }
      last = order;
      return [`${pass},${bucket},${units}`, number];
    }),
  );
}

/** @param {string} identity `TYPE-ISSUER:NUMBER` */
export function isIdentity(identity) {
  return identity.length <= 100 && /^[!-,.-9;-`{-~]+-[!-,.-9;-`{-~]+:[!-`{-~]+$/.test(identity);
}
