/**
 * Every receipt of a rehearsal, checked by the code of the person's page.
 *
 *     node receipts.mjs PAGE REHEARSAL
 *
 * Owns: bringing files from a folder where the page would ask a server, and holding what the page
 * concludes against the tables of winners. Never: checks a receipt itself.
 * On failure: exit code 1, and the first receipt that is not right.
 */

import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";

const [page, home] = process.argv.slice(2).map((folder) => resolve(folder));
const module = (name) => import(pathToFileURL(join(page, name)).href);
const [{ check }, { readKey }] = await Promise.all(["check.js", "note.js"].map(module));

/** @param {string} file */
async function load(file) {
  try {
    return new Uint8Array(await readFile(join(home, "public", file)));
  } catch (problem) {
    if (problem.code === "ENOENT") {
      return undefined;
    }
    throw problem;
  }
}

/** What each number won: `bucket,pass,event`. */
async function winners() {
  const won = new Map();
  for (const [event, file] of [["0", "winners.txt"], ["1", "winners-1.txt"]]) {
    const rows = (await readFile(join(home, "public", file), "ascii")).trimEnd().split("\n");
    for (const row of rows.filter(Boolean)) {
      const [number, , bucket, pass] = row.split(",");
      won.set(number, { bucket, pass, event });
    }
  }
  return won;
}

/** What the page should conclude of somebody who won that, or nothing. */
function expected(won) {
  if (!won) {
    return "nothing";
  }
  return won.event !== "0" ? "alternate" : won.pass === "1" ? "drawn" : "drawn_any";
}

const key = await readKey((await readFile(join(home, "operator-key.txt"), "utf8")).trim());
const won = await winners();
const identities = await readFile(join(home, "receipts", "identities.txt"), "ascii");
const counts = {};
for (const row of identities.trimEnd().split("\n")) {
  const [file, identity] = row.split(" ");
  const receipt = await readFile(join(home, "receipts", file), "utf8");
  const steps = await check({ receipt, identity, key, load });
  const wrong = steps.find((step) => step.state !== "right");
  const { code, places } = steps[steps.length - 1];
  const shown = steps.flatMap(({ evidence }) => evidence).find(({ label }) => label === "number");
  const own = won.get(shown?.text);
  const isRight = !wrong && code === expected(own) && (places.bucket || "") === (own?.bucket ?? "");
  if (!isRight) {
    console.error(`${file}: ${JSON.stringify(wrong ?? { code, places, own })}`);
    process.exit(1);
  }
  counts[code] = (counts[code] ?? 0) + 1;
}
console.log(`the page takes all of them for right: ${JSON.stringify(counts)}`);
