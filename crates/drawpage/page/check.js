/**
 * The check of one receipt: seven steps, each from what the one before has shown.
 *
 * Owns: in which order is asked, and what may be concluded. Never: touches a page or a network of
 * its own; shows a sentence. The same file runs in a browser and in Node.
 * Invariants: after a step that does not hold nothing is concluded but that.
 */

import { Folder } from "./folder.js";
import { Problem } from "./problem.js";
import { STEPS } from "./steps.js";

/** @typedef {import("./problem.js").State} State */

/**
 * @typedef {object} Asked
 * @property {string} receipt as it was pasted
 * @property {string} identity `TYPE-ISSUER:NUMBER`
 * @property {import("./note.js").Key} key the operator's
 * @property {import("./folder.js").Load} load
 * @property {string} [proof] a tlog-proof, in place of the list's bundles
 * @property {number} [now] in milliseconds since 1970
 * @property {(step: Step) => void} [told] of each step when it ends
 */

/**
 * @typedef {object} Step
 * @property {string} id
 * @property {State} state
 * @property {string} code which sentence fits
 * @property {Record<string, string>} places what belongs into it
 * @property {Evidence[]} evidence
 * @property {boolean} [isPrivate] of a conclusion: nobody outside can verify that draw
 */

/** @typedef {{ label: string, text: string }} Evidence */

/**
 * Stops from which something else follows than from others of their step.
 *
 * @type {Record<string, string>}
 */
const CONCLUSIONS = {
  absent: "left_out",
  absent_later: "left_out_later",
  absent_promise: "left_out_promise",
  proof_promise: "wrong_proof",
  proof_shape: "wrong_proof",
  proof_wrong: "wrong_proof",
};

/**
 * Checks a receipt as far as the draw has come; the last step is what may be concluded.
 *
 * @param {Asked} asked
 * @returns {Promise<Step[]>}
 */
export async function check({ receipt, identity, key, load, proof, now = Date.now(), told }) {
  const folder = new Folder(key, load);
  /** @type {import("./steps.js").Known} */
  const known = { receipt, identity, proof, now, folder };
  /** @type {Step[]} */
  const steps = [];
  for (const id of Object.keys(STEPS)) {
    const stopped = steps.find((step) => step.state !== "right");
    const step = stopped ? after(id, stopped) : await attempt(id, known);
    step.isPrivate = id === "result" && known.seal?.isPrivate;
    steps.push(step);
    told?.(step);
  }
  return steps;
}

/**
 * A step that nobody looked at, since `stopped` ended the check; of the last one, what that means.
 *
 * @param {string} id
 * @param {Step} stopped
 * @returns {Step}
 */
function after(id, stopped) {
  const { state, places } = stopped;
  const goesOn = state === "waiting" || state === "void";
  if (id !== "result") {
    const left = goesOn ? state : "unseen";
    return { id, state: left, code: left, places: {}, evidence: [] };
  }
  const code = CONCLUSIONS[stopped.code] ?? (goesOn ? state : `${state}_${stopped.id}`);
  return { id, state, code, places, evidence: [] };
}

/**
 * @param {string} id
 * @param {import("./steps.js").Known} known
 * @returns {Promise<Step>}
 */
async function attempt(id, known) {
  /** @type {Evidence[]} */
  const evidence = [];
  try {
    const { code = "right", places = {} } = await STEPS[id](known, (label, text) => {
      evidence.push({ label, text });
    });
    return { id, state: "right", code, places, evidence };
  } catch (problem) {
    if (!(problem instanceof Problem)) {
      throw problem;
    }
    const { state, code, places } = problem;
    return { id, state, code, places, evidence };
  }
}
