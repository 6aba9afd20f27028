/**
 * Bytes, and the ways in which a draw writes them.
 *
 * Owns: hexadecimal, base64, SHA-256. Never: takes what is not written as a draw writes it.
 */

/** @typedef {Uint8Array<ArrayBuffer>} Bytes */

/**
 * The bytes of a text.
 *
 * @param {string} text
 * @returns {Bytes}
 */
export function utf8(text) {
  return new Uint8Array(new TextEncoder().encode(text));
}

/**
 * The text of bytes; nothing if they are no UTF-8.
 *
 * @param {Bytes} bytes
 */
export function textOf(bytes) {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/**
 * Several pieces, one behind the other.
 *
 * @param {...Uint8Array} parts
 * @returns {Bytes}
 */
export function join(...parts) {
  const joined = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let place = 0;
  for (const part of parts) {
    joined.set(part, place);
    place += part.length;
  }
  return joined;
}

/**
 * Whether both are the same bytes. Nothing that is compared here is secret.
 *
 * @param {Uint8Array} one
 * @param {Uint8Array} other
 */
export function equal(one, other) {
  return one.length === other.length && one.every((byte, place) => byte === other[place]);
}

/** @param {Uint8Array} bytes */
export function hex(bytes) {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/**
 * The bytes of lower-case hexadecimal; nothing if it is none.
 *
 * @param {string} digits
 * @returns {Bytes | undefined}
 */
export function unhex(digits) {
  if (digits.length % 2 !== 0 || !/^[0-9a-f]*$/.test(digits)) {
    return undefined;
  }
  const bytes = new Uint8Array(digits.length / 2);
  bytes.forEach((_, place) => {
    bytes[place] = parseInt(digits.slice(2 * place, 2 * place + 2), 16);
  });
  return bytes;
}

/** @param {Uint8Array} bytes */
export function base64(bytes) {
  return btoa(String.fromCharCode(...bytes));
}

/**
 * The bytes of base64; nothing if it is none, or written in another way than we would.
 *
 * @param {string} text
 * @returns {Bytes | undefined}
 */
export function unbase64(text) {
  try {
    const bytes = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
    return base64(bytes) === text ? bytes : undefined;
  } catch {
    return undefined;
  }
}

/**
 * @param {Bytes} bytes
 * @returns {Promise<Bytes>}
 */
export async function sha256(bytes) {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
}

/**
 * The digest of a text or of bytes, in hexadecimal.
 *
 * @param {string | Bytes} of
 */
export async function digest(of) {
  return hex(await sha256(typeof of === "string" ? utf8(of) : of));
}
