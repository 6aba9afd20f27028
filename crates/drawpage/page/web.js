/**
 * The draw's folder over the network: the one above this page's.
 *
 * Owns: how a file is asked for, and what an answer means. Never: asks anybody else, or with
 * anything that tells people apart.
 */

import { Problem } from "./problem.js";

const FOLDER = new URL("../", import.meta.url);
/** For a file to arrive, in milliseconds: a bundle on a crowded line. */
const PATIENCE = 60_000;
/** Not there. Stores that do not list their files say 403 in place of 404. */
const ABSENT = [403, 404, 410];

/** @type {import("./folder.js").Load} */
export async function load(file) {
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), PATIENCE);
  try {
    const answer = await fetch(new URL(file, FOLDER), {
      cache: "no-cache",
      credentials: "omit",
      referrerPolicy: "no-referrer",
      signal: stop.signal,
    });
    if (ABSENT.includes(answer.status)) {
      return undefined;
    }
    if (!answer.ok) {
      throw new Problem("server", { file, status: String(answer.status) }, "unsure");
    }
    return new Uint8Array(await answer.arrayBuffer());
  } catch (problem) {
    throw problem instanceof Problem ? problem : new Problem("offline", { file }, "unsure");
  } finally {
    clearTimeout(timer);
  }
}
