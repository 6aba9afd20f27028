/**
 * Signed notes and published keys (C2SP signed-note).
 *
 * Owns: how a note is parted into text and signatures, and whether a key has signed it. Never:
 * takes a text for true that nobody asked it to verify; takes a note that docs/draw-format.md, and
 * with it every other program, refuses, or the other way round.
 */

import { base64, hex, join, sha256, unbase64, utf8 } from "./bytes.js";
import { isKey, verify } from "./ed25519.js";

/** @typedef {import("./bytes.js").Bytes} Bytes */

/**
 * @typedef {object} Key
 * @property {string} name whose it is: the draw's
 * @property {string} id 8 hex digits
 * @property {Bytes} bytes
 */

/**
 * @typedef {object} Note
 * @property {string} text with its last line feed
 * @property {{ name: string, id: string, bytes: Bytes, line: string }[]} signatures
 */

/** The kind of an Ed25519 key. */
const ED25519 = Uint8Array.of(1);
const BYTES_MAX = 64 << 10;
const SIGNATURES_MAX = 100;
const NAME = "([!-*,-~]{1,100})";
const KEY = new RegExp(`^${NAME}\\+([0-9a-f]{8})\\+(\\S+)$`);
const SIGNATURE = new RegExp(`^— ${NAME} (\\S+)$`);

/**
 * Reads a key as it is published, `name+id+base64`; nothing if it is none.
 *
 * @param {string} text
 * @returns {Promise<Key | undefined>}
 */
export async function readKey(text) {
  const parts = KEY.exec(text);
  const bytes = unbase64(parts?.[3] ?? "");
  if (!parts || bytes?.length !== 33 || bytes[0] !== ED25519[0]) {
    return undefined;
  }
  const [, name, id] = parts;
  const key = bytes.slice(1);
  if (!isKey(key)) {
    return undefined;
  }
  const own = await sha256(join(utf8(`${name}\n`), ED25519, key));
  return hex(own.subarray(0, 4)) === id ? { name, id, bytes: key } : undefined;
}

/**
 * A key's own part as it is published, which people compare.
 *
 * @param {Key} key
 */
export function published(key) {
  return base64(join(ED25519, key.bytes));
}

/**
 * Reads a note; nothing if it is not parted as one. Nothing is verified by that.
 *
 * @param {string} text
 * @returns {Note | undefined}
 */
export function readNote(text) {
  const end = text.lastIndexOf("\n\n");
  if (end < 0 || BYTES_MAX < utf8(text).length || !text.endsWith("\n")) {
    return undefined;
  }
  const signed = text.slice(0, end + 1);
  const lines = text.slice(end + 2, -1).split("\n");
  if (/[^\n -~]/.test(signed) || SIGNATURES_MAX < lines.length) {
    return undefined;
  }
  /** @type {Note["signatures"]} */
  const signatures = [];
  for (const line of lines) {
    const parts = SIGNATURE.exec(line);
    const bytes = unbase64(parts?.[2] ?? "");
    if (!parts || !bytes || bytes.length < 5) {
      return undefined;
    }
    const [name, id] = [parts[1], hex(bytes.subarray(0, 4))];
    if (signatures.some((one) => one.name === name && one.id === id)) {
      return undefined;
    }
    signatures.push({ name, id, bytes: bytes.slice(4), line });
  }
  return { text: signed, signatures };
}

/**
 * Whether `key` has signed: `unsigned` if nobody of that name and key has, `forged` if the
 * signature is not one of this text.
 *
 * @param {Note} note
 * @param {Key} key
 * @returns {Promise<"signed" | "unsigned" | "forged">}
 */
export async function standing({ text, signatures }, { name, id, bytes }) {
  const own = signatures.find((one) => one.name === name && one.id === id);
  if (!own) {
    return "unsigned";
  }
  return (await verify(bytes, utf8(text), own.bytes)) ? "signed" : "forged";
}

/**
 * A receipt as it was pasted, as it was written: lines end in a line feed, and spaces around it,
 * which chats and mails add, are not its own.
 *
 * @param {string} pasted
 */
export function tidied(pasted) {
  const lines = pasted.replace(/^\ufeff/, "").replace(/\r\n?/g, "\n").split("\n");
  return `${lines.map((line) => line.replace(/\s+$/, "")).join("\n").trim()}\n`;
}
