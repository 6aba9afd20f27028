/**
 * Signatures: Ed25519 (RFC 8032), by the browser where it can, else by the arithmetic below.
 *
 * Owns: whether a signature is one. Never: signs; nothing here is secret, so nothing has to take
 * the same time.
 * Invariants: both ways refuse an S that is not below the order and an encoding that is not the
 * shortest; the equation is the one without the cofactor, as in the program that draws.
 */

import { equal, hex, join } from "./bytes.js";

/** @typedef {import("./bytes.js").Bytes} Bytes */
/** @typedef {readonly [bigint, bigint, bigint, bigint]} Point x, y, z and t with x·y = z·t */

const P = 2n ** 255n - 19n;
/** The order of the base point. */
const L = 2n ** 252n + 27742317777372353535851937790883648493n;
const D = mod(-121665n * power(121666n, P - 2n));
const ROOT_OF_MINUS_ONE = power(2n, (P - 1n) / 4n);
/** @type {Point} */
const ZERO = [0n, 1n, 1n, 0n];
const BASE = /** @type {Point} */ (point(new Uint8Array(32).fill(0x66).fill(0x58, 0, 1)));

/**
 * Whether `signature` is that of `message` by `key`.
 *
 * @param {Bytes} key
 * @param {Bytes} message
 * @param {Bytes} signature
 */
export async function verify(key, message, signature) {
  if (key.length !== 32 || signature.length !== 64) {
    return false;
  }
  const native = await imported(key);
  return native
    ? crypto.subtle.verify("Ed25519", native, signature, message)
    : compute(key, message, signature);
}

/**
 * The key in the browser's own hands; nothing where it does not know Ed25519, or the key.
 *
 * @param {Bytes} key
 */
async function imported(key) {
  try {
    return await crypto.subtle.importKey("raw", key, "Ed25519", false, ["verify"]);
  } catch {
    return undefined;
  }
}

/**
 * The same, by the arithmetic below.
 *
 * @param {Bytes} key
 * @param {Bytes} message
 * @param {Bytes} signature
 */
export async function compute(key, message, signature) {
  const s = little(signature.subarray(32));
  const a = point(key);
  if (!a || L <= s || isZero(double(double(double(a))))) {
    return false;
  }
  const hashed = await crypto.subtle.digest("SHA-512", join(signature.subarray(0, 32), key, message));
  const k = little(new Uint8Array(hashed)) % L;
  const minus = /** @type {Point} */ ([mod(-a[0]), a[1], a[2], mod(-a[3])]);
  return equal(encode(twoTimes(s, BASE, k, minus)), signature.subarray(0, 32));
}

/**
 * `m` times `one`, and `n` times `other`.
 *
 * @param {bigint} m
 * @param {Point} one
 * @param {bigint} n
 * @param {Point} other
 */
function twoTimes(m, one, n, other) {
  const sums = [ZERO, one, other, add(one, other)];
  let sum = ZERO;
  for (let bit = 252n; 0n <= bit; bit -= 1n) {
    const which = Number((m >> bit) & 1n) + 2 * Number((n >> bit) & 1n);
    sum = add(double(sum), sums[which]);
  }
  return sum;
}

/**
 * The sum of two points (RFC 8032, section 5.1.4).
 *
 * @param {Point} one
 * @param {Point} other
 * @returns {Point}
 */
function add([x1, y1, z1, t1], [x2, y2, z2, t2]) {
  const a = mod((y1 - x1) * (y2 - x2));
  const b = mod((y1 + x1) * (y2 + x2));
  const c = mod(2n * D * mod(t1 * t2));
  const d = mod(2n * z1 * z2);
  const [e, f, g, h] = [b - a, d - c, d + c, b + a];
  return [mod(e * f), mod(g * h), mod(f * g), mod(e * h)];
}

/** @param {Point} of */
function double(of) {
  return add(of, of);
}

/** @param {Point} of */
function isZero([x, y, z]) {
  return x === 0n && y === z;
}

/**
 * The point that 32 bytes say (RFC 8032, section 5.1.3); nothing if they say none.
 *
 * @param {Uint8Array} bytes
 * @returns {Point | undefined}
 */
function point(bytes) {
  const number = little(bytes);
  const [y, sign] = [number & (2n ** 255n - 1n), number >> 255n];
  const u = mod(y * y - 1n);
  const v = mod(D * y * y + 1n);
  let x = mod(u * power(v, 3n) * power(u * power(v, 7n), (P - 5n) / 8n));
  if (mod(v * x * x) === mod(-u)) {
    x = mod(x * ROOT_OF_MINUS_ONE);
  }
  if (P <= y || mod(v * x * x) !== u || (x === 0n && sign === 1n)) {
    return undefined;
  }
  x = (x & 1n) === sign ? x : mod(-x);
  return [x, y, 1n, mod(x * y)];
}

/** @param {Point} of */
function encode([x, y, z]) {
  const inverse = power(z, P - 2n);
  let number = mod(y * inverse) + ((mod(x * inverse) & 1n) << 255n);
  return Uint8Array.from({ length: 32 }, () => {
    const byte = Number(number & 255n);
    number >>= 8n;
    return byte;
  });
}

/** @param {Uint8Array} bytes the lowest first */
function little(bytes) {
  return BigInt(`0x${hex(bytes.slice().reverse())}`);
}

/** @param {bigint} number */
function mod(number) {
  const rest = number % P;
  return rest < 0n ? rest + P : rest;
}

/**
 * @param {bigint} base
 * @param {bigint} exponent
 */
function power(base, exponent) {
  let [result, square] = [1n, mod(base)];
  for (let rest = exponent; 0n < rest; rest >>= 1n) {
    result = rest & 1n ? mod(result * square) : result;
    square = mod(square * square);
  }
  return result;
}
