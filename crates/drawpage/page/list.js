/**
 * Where a line stands in the sealed list, by the tree's tiles and the list's bundles (C2SP
 * tlog-tiles, tlog-proof; RFC 6962).
 *
 * Owns: the search, the path to the root, and reading a proof that somebody brings. Never: asks
 * for less than a whole bundle of 256 lines, so that whoever serves them learns no line; says that
 * a line is missing before both neighbours of its place are shown to be in the sealed tree.
 */

import { equal, join, sha256, textOf, unbase64, utf8 } from "./bytes.js";
import { Problem } from "./problem.js";

/** @typedef {import("./bytes.js").Bytes} Bytes */
/** @typedef {(path: string) => Promise<Bytes>} Load */
/** @typedef {{ size: number, root: Uint8Array }} Head */
/** @typedef {{ line: string, index: number, path: Bytes[], files: string[] }} Found */

const WIDTH = 256;
/** So many hexadecimal digits of a line are as much as a double holds exactly. */
const DIGITS = 13;
/** After so many guesses by value the rest is halved: a list can be made so that guesses fail. */
const GUESSES = 5;
const PROOF = "c2sp.org/tlog-proof@v1";
const PATH_MAX = 64;

/**
 * The hash of a line as a leaf.
 *
 * @param {string} line
 */
export function leaf(line) {
  return sha256(join(Uint8Array.of(0), utf8(line)));
}

/**
 * @param {Uint8Array} left
 * @param {Uint8Array} right
 */
function node(left, right) {
  return sha256(join(Uint8Array.of(1), left, right));
}

/**
 * The file of tile `number` of a level, which may be `entries`, in a tree of `size` leaves.
 *
 * @param {number | "entries"} level
 * @param {number} number
 * @param {number} size
 */
export function fileOf(level, number, size) {
  const width = widthOf(level === "entries" ? 0 : level, number, size);
  const digits = String(number);
  const groups = digits.padStart(Math.ceil(digits.length / 3) * 3, "0").match(/.../g) ?? [];
  const last = groups.pop();
  const place = [...groups.map((group) => `x${group}`), last].join("/");
  return `tile/${level}/${place}${width < WIDTH ? `.p/${width}` : ""}`;
}

/**
 * How many hashes or lines a tile holds.
 *
 * @param {number} level
 * @param {number} number
 * @param {number} size
 */
function widthOf(level, number, size) {
  return Math.min(WIDTH, Math.floor(size / WIDTH ** level) - number * WIDTH);
}

/** The list of one draw as it is asked for, each file once. */
export class List {
  /**
   * @param {Head} head
   * @param {Load} load
   */
  constructor({ size, root }, load) {
    this.size = size;
    this.root = root;
    this.load = load;
    /** @type {Map<number, string[]>} */
    this.bundles = new Map();
    /** @type {Map<string, Bytes[]>} */
    this.tiles = new Map();
  }

  /**
   * The line that begins so, and its place, proved. That there is none is a problem, which names
   * the neighbours.
   *
   * @param {string} beginning
   * @returns {Promise<Found>}
   */
  async find(beginning) {
    const number = await this.search(beginning);
    const at = number * WIDTH;
    const lines = this.bundles.get(number) ?? [];
    const index = lines.findIndex((line) => line.startsWith(beginning));
    if (0 <= index) {
      const path = await this.prove(at + index);
      const files = [...this.bundles.keys()].map((one) => fileOf("entries", one, this.size));
      return { line: lines[index], index: at + index, path, files: [...files, ...this.tiles.keys()] };
    }
    return this.absent(beginning);
  }

  /**
   * The bundle that would hold a line that begins so; -1 when it would stand between two bundles,
   * both of which are known then.
   *
   * @param {string} beginning
   */
  async search(beginning) {
    let [low, high] = [0, Math.ceil(this.size / WIDTH)];
    let [below, above] = [{ place: 0, value: 0 }, { place: this.size, value: 16 ** DIGITS }];
    for (let guesses = 0; low < high; guesses += 1) {
      const share = (valueOf(beginning) - below.value) / (above.value - below.value || 1);
      const place = below.place + share * (above.place - below.place);
      const guess = Math.floor(place / WIDTH);
      const middle = Math.floor((low + high) / 2);
      const number = guesses < GUESSES ? Math.min(high - 1, Math.max(low, guess)) : middle;
      const lines = await this.bundle(number);
      const [first, last] = [lines[0], lines[lines.length - 1]];
      if (beginning < first && !first.startsWith(beginning)) {
        high = number;
        above = { place: number * WIDTH, value: valueOf(first) };
      } else if (last < beginning) {
        low = number + 1;
        below = { place: number * WIDTH + lines.length, value: valueOf(last) };
      } else {
        return number;
      }
    }
    return -1;
  }

  /**
   * Says that no line begins so, once the neighbours of its place are proved.
   *
   * @param {string} beginning
   * @returns {Promise<never>}
   */
  async absent(beginning) {
    /** @type {[number, string][]} */
    const known = [...this.bundles].flatMap(([number, lines]) =>
      lines.map((one, place) => /** @type {[number, string]} */ ([number * WIDTH + place, one])),
    );
    known.sort(([one], [other]) => one - other);
    const behind = known.findIndex(([, one]) => beginning < one);
    const [before, after] = behind < 0 ? [known[known.length - 1], undefined]
      : [known[behind - 1], known[behind]];
    const gap = [before ? before[0] : -1, after ? after[0] : this.size];
    for (const neighbour of [before, after]) {
      if (neighbour) {
        await this.prove(neighbour[0]);
      }
    }
    if (gap[1] - gap[0] !== 1) {
      throw new Problem("list_damaged", { file: "tile/entries" });
    }
    const told = (/** @type {[number, string] | undefined} */ one) => one?.[1] ?? "–";
    throw new Problem("absent", { before: told(before), after: told(after) });
  }

  /**
   * The path from leaf `index`, of a bundle that is known, to the root, which it reaches.
   *
   * @param {number} index
   */
  async prove(index) {
    const number = Math.floor(index / WIDTH);
    const lines = await this.bundle(number);
    const hashes = await Promise.all(lines.map(leaf));
    const path = await this.path(index, { number, hashes });
    const root = await rootOf(hashes[index - number * WIDTH], index, this.size, path);
    if (!root || !equal(root, this.root)) {
      throw new Problem("list_damaged", { file: fileOf("entries", number, this.size) });
    }
    return path;
  }

  /**
   * @param {number} index
   * @param {{ number: number, hashes: Bytes[] }} own the leaves of its bundle
   */
  async path(index, own) {
    const path = [];
    let [start, end] = [0, this.size];
    while (1 < end - start) {
      const middle = start + largestBelow(end - start);
      const isLeft = index < middle;
      path.push(await (isLeft ? this.over(middle, end, own) : this.over(start, middle, own)));
      [start, end] = isLeft ? [start, middle] : [middle, end];
    }
    return path.reverse();
  }

  /**
   * The root over the leaves from `start` to `end`.
   *
   * @param {number} start
   * @param {number} end
   * @param {{ number: number, hashes: Bytes[] }} own
   * @returns {Promise<Bytes>}
   */
  async over(start, end, own) {
    const length = end - start;
    const largest = largestBelow(length);
    if (largest * 2 !== length && length !== 1) {
      const left = await this.over(start, start + largest, own);
      return node(left, await this.over(start + largest, end, own));
    }
    const level = Math.floor(Math.round(Math.log2(length)) / 8);
    const place = start / WIDTH ** level;
    const number = Math.floor(place / WIDTH);
    const isOwn = level === 0 && number === own.number;
    let hashes = isOwn ? own.hashes : await this.tile(level, number);
    const from = place % WIDTH;
    hashes = hashes.slice(from, from + length / WIDTH ** level);
    while (1 < hashes.length) {
      const pairs = Array.from({ length: hashes.length / 2 }, (_, pair) => 2 * pair);
      hashes = await Promise.all(pairs.map((pair) => node(hashes[pair], hashes[pair + 1])));
    }
    return hashes[0];
  }

  /**
   * @param {number} level
   * @param {number} number
   */
  async tile(level, number) {
    const file = fileOf(level, number, this.size);
    const bytes = this.tiles.get(file) ?? (await this.hashes(file, level, number));
    this.tiles.set(file, bytes);
    return bytes;
  }

  /**
   * @param {string} file
   * @param {number} level
   * @param {number} number
   */
  async hashes(file, level, number) {
    const bytes = await this.load(file);
    const width = widthOf(level, number, this.size);
    if (bytes.length !== width * 32) {
      throw new Problem("file_cut", { file });
    }
    return Array.from({ length: width }, (_, at) => bytes.slice(at * 32, (at + 1) * 32));
  }

  /**
   * The lines of a bundle.
   *
   * @param {number} number
   */
  async bundle(number) {
    const known = this.bundles.get(number);
    if (known) {
      return known;
    }
    const file = fileOf("entries", number, this.size);
    const bytes = await this.load(file);
    const lines = [];
    let at = 0;
    while (at + 2 <= bytes.length) {
      const end = at + 2 + bytes[at] * 256 + bytes[at + 1];
      const line = end <= bytes.length ? textOf(bytes.slice(at + 2, end)) : undefined;
      if (line === undefined) {
        break;
      }
      lines.push(line);
      at = end;
    }
    if (at !== bytes.length || lines.length !== widthOf(0, number, this.size)) {
      throw new Problem("file_cut", { file });
    }
    this.bundles.set(number, lines);
    return lines;
  }
}

/**
 * The root that `path` leads to from `leaf` at `index` of `size` (RFC 9162, section 2.1.3.2);
 * nothing if it cannot be a path there.
 *
 * @param {Bytes} leaf
 * @param {number} index
 * @param {number} size
 * @param {Bytes[]} path
 */
export async function rootOf(leaf, index, size, path) {
  let [place, last, hash] = [index, size - 1, leaf];
  if (size <= index) {
    return undefined;
  }
  for (const sibling of path) {
    if (last === 0) {
      return undefined;
    }
    if (place % 2 === 1 || place === last) {
      hash = await node(sibling, hash);
      while (place % 2 === 0 && place !== 0) {
        [place, last] = [place / 2, Math.floor(last / 2)];
      }
    } else {
      hash = await node(hash, sibling);
    }
    [place, last] = [Math.floor(place / 2), Math.floor(last / 2)];
  }
  return last === 0 ? hash : undefined;
}

/**
 * Reads a proof that somebody brings: its place, its path, and the note of the tree.
 *
 * @param {string} text
 */
export function readProof(text) {
  const end = text.indexOf("\n\n");
  const lines = text.slice(0, end).split("\n");
  const rest = lines.slice(lines[1]?.startsWith("extra ") ? 2 : 1);
  const index = /^index (0|[1-9]\d{0,15})$/.exec(rest[0] ?? "")?.[1];
  const path = rest.slice(1).map(unbase64);
  const isPath = path.length <= PATH_MAX && path.every((hash) => hash?.length === 32);
  if (end < 0 || lines[0] !== PROOF || !index || !isPath) {
    throw new Problem("proof_shape");
  }
  const hashes = /** @type {Bytes[]} */ (path);
  return { index: Number(index), path: hashes, checkpoint: text.slice(end + 2) };
}

/**
 * Where a line lies between the first that could be and the last.
 *
 * @param {string} line or how it begins
 */
function valueOf(line) {
  const value = parseInt(line.slice(0, DIGITS), 16);
  return Number.isNaN(value) ? 0 : value;
}

/**
 * The largest power of two below a length, or 1.
 *
 * @param {number} length
 */
function largestBelow(length) {
  let power = 1;
  while (power * 2 < length) {
    power *= 2;
  }
  return power;
}
