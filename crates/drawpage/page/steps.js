/**
 * The seven steps, from a receipt to what it gives.
 *
 * Owns: what each has to show, in which words and digits it can be computed again. Never: calls
 * right what was not computed here from bytes under the operator's signature.
 * Failures: each is a problem with a code; the page has a sentence for it.
 */

import { digest, equal, hex } from "./bytes.js";
import * as forms from "./forms.js";
import { List, leaf, readProof, rootOf } from "./list.js";
import { readNote, standing, tidied } from "./note.js";
import { decimal, numbers, outcome } from "./outcome.js";
import { Problem } from "./problem.js";

/** @typedef {import("./folder.js").Signed} Signed */
/** @typedef {(label: string, text: string) => void} Show adds evidence */
/** @typedef {{ code?: string, places?: Record<string, string> }} Held */
/** @typedef {(known: Known, show: Show) => Promise<Held>} Work */

/**
 * What the steps have shown so far.
 *
 * @typedef {object} Known
 * @property {string} receipt
 * @property {string} identity
 * @property {string} [proof]
 * @property {number} now
 * @property {import("./folder.js").Folder} folder
 * @property {ReturnType<typeof forms.receipt>} [entry]
 * @property {forms.Line} [line]
 * @property {{ text: string, line: forms.Line }} [listed] the line of the list
 * @property {forms.Seal} [seal]
 * @property {string} [sealed] the digest of the seal's text
 * @property {Signed} [seeded]
 * @property {string} [seed]
 * @property {string} [number]
 * @property {import("./outcome.js").Outcome} [outcome]
 * @property {number} [event] of the alternates that gave it something
 */

/** Drand's quicknet, of which it is known when its rounds appear. */
const QUICKNET = "52db9ba70e0cc0f6eaf7803dd07447a1f5477735fd3f661792ba94600c84e971";
const QUICKNET_FROM = 1_692_803_367n;
const QUICKNET_SECONDS = 3n;
/**
 * How many events of alternates are asked for behind one that is not there: a folder that is served
 * has no list of its files. A longer gap stays unseen.
 */
const EVENTS_AHEAD = 8;
/** Where identity and salt stood, in evidence: with the salt an identity is found by trying. */
const [UNSAID, UNSALTED] = ["‹identity›", "‹salt›"];

/** @type {Record<string, Work>} */
export const STEPS = { receipt, identity, list, seed, number, cutoff, result };

/**
 * 1. The operator has signed the receipt, and it is of this draw.
 *
 * @type {Work}
 */
async function receipt(known, show) {
  const { folder } = known;
  const note = readNote(tidied(known.receipt));
  if (!note) {
    throw new Problem("receipt_shape");
  }
  const [own] = note.signatures.filter((one) => one.name === folder.key.name);
  show("signed_text", note.text.replace(/^salt .*/gm, `salt ${UNSALTED}`));
  show("signatures", note.signatures.map((one) => one.line).join("\n"));
  let entry;
  try {
    entry = forms.receipt(note.text, "receipt");
  } catch (problem) {
    throw problem instanceof Problem ? new Problem("receipt_line", problem.places) : problem;
  }
  if (entry.draw !== folder.key.name) {
    throw new Problem("receipt_other_draw", { found: entry.draw, draw: folder.key.name });
  }
  const found = await standing(note, folder.key);
  if (found !== "signed") {
    throw new Problem(`receipt_${found}`, { name: own?.name ?? folder.key.name });
  }
  known.entry = entry;
  known.line = forms.line(entry.line);
  return { code: entry.isPromise ? "promise" : "right", places: { draw: entry.draw } };
}

/**
 * 2. The identity that was typed opens the line's commitment.
 *
 * @type {Work}
 */
async function identity(known, show) {
  const [entry, line] = [need(known.entry), need(known.line)];
  if (!forms.isIdentity(known.identity)) {
    throw new Problem("identity_shape");
  }
  for (const [place, salt] of entry.salts.entries()) {
    const opens = (/** @type {string[]} */ ...parts) =>
      ["tidegate/commit/v1", entry.draw, ...parts].join(":");
    const made = await digest(opens(salt, known.identity));
    show("id_recipe", `printf '%s' '${opens(UNSALTED, UNSAID)}' | sha256sum`);
    show("gives", made);
    show("in_your_line", line.commits[place]);
    if (made === line.commits[place]) {
      const [person, people] = [String(place + 1), String(entry.salts.length)];
      return entry.salts.length === 1 ? {} : { code: "group", places: { person, people } };
    }
  }
  throw new Problem("identity_other");
}

/**
 * 3. The line stands in the list that was sealed.
 *
 * @type {Work}
 */
async function list(known, show) {
  const { folder, proof } = known;
  const entry = need(known.entry);
  if (proof?.trim() && entry.isPromise) {
    throw new Problem("proof_promise", {}, "unsure");
  }
  const text = await folder.note("seal.txt");
  const seal = forms.seal(text, "seal.txt");
  folder.ofThisDraw("seal.txt", seal.draw);
  known.sealed = await digest(text);
  known.seal = seal;
  const written = await folder.note("checkpoint");
  const head = forms.checkpoint(written, "checkpoint");
  folder.ofThisDraw("checkpoint", head.origin);
  show("seal_print", known.sealed.replace(/(.{4})(?=.)/g, "$1 "));
  if (head.size !== seal.entries || hex(head.root) !== seal.root) {
    throw new Problem("seal_checkpoint");
  }
  /** @param {unknown} problem of a line that is missing */
  const neighbours = (problem) => {
    if (problem instanceof Problem && problem.code === "absent") {
      show("neighbours", `${problem.places.before}\n${problem.places.after}`);
      throw new Problem(absence(entry, seal), problem.places);
    }
    throw problem;
  };
  if (seal.previous) {
    show("goes_on", seal.previous);
  }
  const found = proof?.trim()
    ? await brought(known, entry.line, head)
    : await new List(head, folder.bytes).find(beginning(entry.line)).catch(neighbours);
  show("line", found.line);
  known.listed = listed(entry, need(known.line), found.line);
  known.line = known.listed.line;
  show("leaf_recipe", `printf '\\0%s' '${found.line}' | sha256sum`);
  show("gives", hex(await leaf(found.line)));
  show("path", found.path.map(hex).join("\n"));
  show("root", `${seal.root}\n${written}`);
  if (0 < found.files.length) {
    show("asked_for", found.files.join("\n"));
  }
  const [place, size] = [String(found.index + 1), String(head.size)];
  return { code: found.files.length === 0 ? "proof" : "right", places: { place, size } };
}

/**
 * What it means that a line is missing: there can be a right reason for it.
 *
 * @param {ReturnType<typeof forms.receipt>} entry
 * @param {forms.Seal} seal
 */
function absence({ isPromise }, { previous }) {
  return isPromise ? "absent_promise" : previous ? "absent_later" : "absent";
}

/**
 * How the line of an entry begins, and no other of the list: with its commits.
 *
 * @param {string} line
 */
function beginning(line) {
  return line.slice(0, line.indexOf(",") + 1);
}

/**
 * The line of the list, which must be that of the receipt, or one that the promise allows.
 *
 * @param {ReturnType<typeof forms.receipt>} entry
 * @param {forms.Line} own
 * @param {string} found
 */
function listed(entry, own, found) {
  const line = forms.line(found);
  const isIt = entry.isPromise ? line && forms.keeps(own, line) : found === entry.line;
  if (!line || !isIt) {
    throw new Problem("line_other");
  }
  return { text: found, line };
}

/**
 * The place that a proof shows which somebody brought.
 *
 * @param {Known} known
 * @param {string} line
 * @param {import("./list.js").Head} head
 */
async function brought({ folder, proof }, line, { size, root }) {
  const own = await leaf(line);
  const { index, path, checkpoint } = readProof(tidied(need(proof)));
  const text = await folder.signed("checkpoint", checkpoint);
  const other = forms.checkpoint(text, "checkpoint");
  const reached = await rootOf(own, index, size, path);
  if (other.size !== size || !equal(other.root, root) || !reached || !equal(reached, root)) {
    throw new Problem("proof_wrong");
  }
  return { line, index, path, files: [] };
}

/**
 * 4. The seed is the one that the seal allows.
 *
 * @type {Work}
 */
async function seed(known, show) {
  const { folder } = known;
  const [seal, sealed] = [need(known.seal), need(known.sealed)];
  const opening = await happened(known, "opening", "opening.txt", sealed);
  const seeded = opening && (await happened(known, "seeded", "seeded.txt", opening.digest));
  await mustStand(known, [sealed, opening?.digest, seeded?.digest]);
  // What can never be right is told at once, and not when the seed is there.
  const places = round(seal);
  if (opening) {
    opened(seal, sealed, opening, await commitments(seal, opening, show));
  }
  if (!opening || !seeded) {
    const missing = opening ? "seeded.txt" : "opening.txt";
    await mustEnd(known, missing, ["seeded.txt", "result.txt", alternates(1)]);
    throw late(opening ? "opened" : "sealed", known);
  }
  const text = await folder.text("seed.txt");
  const read = forms.seed(text, "seed.txt");
  known.seed = await digest(text);
  known.seeded = seeded;
  show("seed_text", text);
  show("recipe", "sha256sum seed.txt");
  show("gives", known.seed);
  if (read.sealed !== sealed) {
    throw new Problem("seed_other_seal");
  }
  const { operator, notary, balls } = opening.said;
  if (read.operator !== operator || read.notary !== notary || read.balls !== balls) {
    throw new Problem("seed_opening");
  }
  if (seal.drand?.chain !== read.drand?.chain || seal.drand?.round !== read.drand?.round) {
    throw new Problem("seed_round");
  }
  if (known.seed !== seeded.said.seed) {
    throw new Problem("seed_digest");
  }
  if (seal.isPrivate) {
    return { code: "private" };
  }
  const code = !seal.drand ? "balls" : seal.balls ? "right" : "beacon";
  return { code, places: { ...places, balls } };
}

/**
 * An event, if it is there; it says what the seal says of being publicly verifiable.
 *
 * @param {Known} known
 * @param {"opening" | "seeded" | "result" | "alternates"} kind
 * @param {string} file
 * @param {string} previous
 */
async function happened({ folder, seal }, kind, file, previous) {
  const event = await folder.event(kind, file, previous);
  if (event && event.isPrivate !== need(seal).isPrivate) {
    throw new Problem("file_private", { file });
  }
  return event;
}

/**
 * What both secrets make, which should be what was sealed.
 *
 * @param {forms.Seal} seal
 * @param {Signed} opening
 * @param {Show} show
 */
async function commitments({ draw, operator, notary }, { said }, show) {
  const made = [];
  for (const [party, commitment] of Object.entries({ operator, notary })) {
    const opens = `tidegate/secret/v1:${draw}:${party}:${said[party]}`;
    const gives = await digest(opens);
    show(`${party}_secret`, `printf '%s' '${opens}' | sha256sum\n${gives}\n${commitment}`);
    made.push(gives === commitment);
  }
  return made;
}

/**
 * That the opening is that of the seal.
 *
 * @param {forms.Seal} seal
 * @param {string} sealed
 * @param {Signed} opening
 * @param {boolean[]} fits whether the operator's secret opens its commitment, and the notary's
 */
function opened(seal, sealed, { said }, [operator, notary]) {
  if (said.seal !== sealed) {
    throw new Problem("opening_other_seal");
  }
  if (!operator || !notary) {
    throw new Problem(operator ? "secret_notary" : "secret_operator");
  }
  if ((said.balls !== "none") !== (seal.balls !== undefined)) {
    throw new Problem("opening_balls");
  }
}

/**
 * When the beacon's round appears, which must be before the deadline.
 *
 * @param {forms.Seal} seal
 * @returns {Record<string, string>}
 */
function round({ drand, deadline }) {
  if (!drand) {
    return {};
  }
  if (drand.chain !== QUICKNET) {
    throw new Problem("beacon_unknown");
  }
  const seconds = QUICKNET_FROM + QUICKNET_SECONDS * (BigInt(drand.round) - 1n);
  if (BigInt(Date.parse(deadline)) <= seconds * 1000n) {
    throw new Problem("round_late", { round: drand.round, deadline });
  }
  return { round: drand.round, at: String(seconds * 1000n) };
}

/**
 * Why there is no more yet: it is not time, or the seal's deadline has passed.
 *
 * @param {string} as far as the draw has come
 * @param {Known} known
 */
function late(as, { seal, now }) {
  const { deadline } = need(seal);
  const isLate = Date.parse(deadline) < now;
  return new Problem(isLate ? `${as}_late` : as, { deadline }, "waiting");
}

/**
 * That nothing is there that comes behind `missing`: else an event was taken away.
 *
 * @param {Known} known
 * @param {string} missing
 * @param {string[]} behind
 */
async function mustEnd({ folder }, missing, behind) {
  const asked = behind.filter((file) => file !== missing);
  const found = await Promise.all(asked.map((file) => folder.load(file)));
  const later = asked.find((_, place) => found[place]);
  if (later) {
    throw new Problem("gap", { file: missing, later });
  }
}

/**
 * That the draw was not declared void. Void comes last, whenever it comes.
 *
 * @param {Known} known
 * @param {(string | undefined)[]} chain the digests of the events so far
 */
async function mustStand(known, chain) {
  const { folder } = known;
  if (!(await folder.load("void.txt"))) {
    return;
  }
  const [before] = chain.filter((one) => one !== undefined).slice(-1);
  let last = need(before);
  if (chain.every((one) => one !== undefined)) {
    const result = await happened(known, "result", "result.txt", last);
    last = result?.digest ?? last;
    for (let number = 1; result; number += 1) {
      const next = await happened(known, "alternates", alternates(number), last);
      if (!next) {
        break;
      }
      last = next.digest;
    }
  }
  const declared = need(await folder.event("void", "void.txt", last));
  throw new Problem("void", { reason: declared.said.reason }, "void");
}

/**
 * 5. The line's number.
 *
 * @type {Work}
 */
async function number(known, show) {
  const [{ text, line }, seed] = [need(known.listed), need(known.seed)];
  const own = hex(await leaf(text));
  const all = await numbers(seed, own, line.tickets);
  all.forEach((number, ticket) => {
    show("recipe", `printf '%s' '${seed}:${own}:${ticket + 1}' | sha256sum`);
    show("gives", number);
  });
  const [smallest] = [...all].sort();
  known.number = smallest;
  show("number", smallest);
  const places = { number: decimal(smallest), tickets: String(line.tickets) };
  return { code: line.tickets === 1 ? "right" : "tickets", places };
}

/**
 * 6. What the cut-offs give that number, in the draw and in the alternates after it.
 *
 * @type {Work}
 */
async function cutoff(known, show) {
  const [seal, seeded, line] = [need(known.seal), need(known.seeded), need(known.line)];
  const own = need(known.number);
  const result = await happened(known, "result", "result.txt", seeded.digest);
  if (!result) {
    await mustEnd(known, "result.txt", behind(0));
    throw new Problem("no_result", {}, "waiting");
  }
  if (result.said.seed !== known.seed) {
    throw new Problem("result_seed");
  }
  const stock = forms.stock(await sealedText(known, "stock.txt", seal.stock), "stock.txt");
  const strange = line.choices.find((bucket) => !stock.has(bucket));
  if (strange) {
    throw new Problem("no_such_bucket", { bucket: strange });
  }
  show("result_text", result.text);
  known.event = 0;
  known.outcome = await table(known, "cutoffs.txt", result, stock, show);
  let last = result;
  for (let event = 1; !known.outcome.bucket; event += 1) {
    const file = alternates(event);
    const next = await happened(known, "alternates", file, last.digest);
    if (!next) {
      await mustEnd(known, file, behind(event));
      break;
    }
    if (next.said.event !== String(event)) {
      throw new Problem("file_chain", { file });
    }
    show("result_text", next.text);
    [known.event, last] = [event, next];
    known.outcome = await table(known, `cutoffs-${event}.txt`, next, stock, show);
  }
  return compared(known, own);
}

/** @param {number} event */
function alternates(event) {
  return `alternates-${event}.txt`;
}

/**
 * The events of alternates that would come behind one, as far as they are asked for.
 *
 * @param {number} event
 */
function behind(event) {
  return Array.from({ length: EVENTS_AHEAD }, (_, place) => alternates(event + 1 + place));
}

/**
 * What one table gives.
 *
 * @param {Known} known
 * @param {string} file
 * @param {Signed} signed
 * @param {forms.Stock} stock
 * @param {Show} show
 */
async function table(known, file, signed, stock, show) {
  const text = await sealedText(known, file, signed.said.cutoffs);
  show("recipe", `sha256sum ${file}`);
  show("gives", signed.said.cutoffs);
  const cutoffs = forms.cutoffs(text, stock, file);
  const given = outcome(need(known.line), need(known.number), cutoffs, stock);
  show("compared", given.compared.join("\n"));
  return given;
}

/**
 * A text of which an event has told the digest.
 *
 * @param {Known} known
 * @param {string} file
 * @param {string} wanted
 */
async function sealedText({ folder }, file, wanted) {
  const text = await folder.text(file);
  if ((await digest(text)) !== wanted) {
    throw new Problem("file_digest", { file });
  }
  return text;
}

/**
 * The comparison that decided, for people.
 *
 * @param {Known} known
 * @param {string} own
 * @returns {Held}
 */
function compared({ outcome, line }, own) {
  const { bucket, cutoff } = need(outcome);
  const places = {
    number: decimal(own, cutoff),
    cutoff: cutoff && decimal(cutoff, own),
    bucket: bucket ?? "",
    units: String(need(line).units),
  };
  if (bucket) {
    return { code: cutoff ? "right" : "open", places };
  }
  return { code: "above", places };
}

/**
 * 7. What that means.
 *
 * @type {Work}
 */
async function result({ outcome, line, event }) {
  const { bucket, pass } = need(outcome);
  const places = { bucket: bucket ?? "", units: String(need(line).units), event: String(event) };
  if (!bucket) {
    return { code: "nothing", places };
  }
  return { code: event ? "alternate" : pass === 1 ? "drawn" : "drawn_any", places };
}

/**
 * What a step before this one has shown.
 *
 * @template T
 * @param {T | undefined} value
 * @returns {T}
 */
function need(value) {
  if (value === undefined) {
    throw new Error("a step was taken before the one that it needs");
  }
  return value;
}
