/**
 * Signatures: Ed25519 (RFC 8032), by the browser where it can, else by the arithmetic below.
 *
 * Owns: whether a signature is one, by the rule of docs/draw-format.md. Never: signs; nothing here
 * is secret, so nothing has to take the same time.
 * Invariants: both ways answer alike. What browsers differ in is looked at here, before either: an
 * S that is not below the order, points of small order, encodings that are not the shortest; a
 * browser whose equation is another is not asked at all.
 */

import { equal, hex, join, unhex } from "./bytes.js";

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
const Y_OF_ORDER_8 = 0x05fc536d880238b13933c6d305acdfd5f098eff289f4c345b027b2c28f95e826n;
/** The y of each point of order 1, 2, 4 or 8. */
const SMALL_ORDER = [0n, 1n, P - 1n, Y_OF_ORDER_8, P - Y_OF_ORDER_8];
/** A key with a part of small order, and of the empty text a signature that holds by the rule, and
 * one that holds only where both sides of the equation are multiplied by the cofactor. */
const MIXED = [
  "5771f17131249e85219c9b5d71a200b1cd770810352c4317efea7f4a4d700a0c",
  "7d90fa6f4fd8dbf7a130ac9bf0c8e1094f37222a0a0e38a424b044458a946e5292ff903fbead3c904b2e34cbc4f667700e40196ddfec04c8644bc29e9ac47f06",
  "ca337ea5f0db49bf1e8fd854aa0f466ae8ec40680606b79387a1ffabbad4c5f0158d983b6ca1b897026eb191ab3df491f52efbe9327ce773bd717fafd09e3906",
];
/** @type {Promise<boolean> | undefined} */
let exact;

/**
 * Whether `signature` is that of `message` by `key`.
 *
 * @param {Bytes} key
 * @param {Bytes} message
 * @param {Bytes} signature
 */
export async function verify(key, message, signature) {
  if (!isAllowed(key, signature)) {
    return false;
  }
  exact ??= isExact();
  const native = (await exact) ? await imported(key) : undefined;
  return native
    ? crypto.subtle.verify("Ed25519", native, signature, message)
    : holds(key, message, signature);
}

/** Whether the browser's equation is the one of the rule, where it has one. */
async function isExact() {
  const [key, ...signatures] = MIXED.map((digits) => /** @type {Bytes} */ (unhex(digits)));
  const native = await imported(key);
  if (!native) {
    return false;
  }
  const empty = new Uint8Array();
  const [held, taken] = await Promise.all(
    signatures.map((one) => crypto.subtle.verify("Ed25519", native, one, empty)),
  );
  return held && !taken;
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
  return isAllowed(key, signature) && holds(key, message, signature);
}

/**
 * Whether anything may be signed with a key: it encodes a point, in the one way, and not one of
 * small order.
 *
 * @param {Bytes} key
 */
export function isKey(key) {
  return isLarge(key) && point(key) !== undefined;
}

/**
 * Whether key and signature are such as the rule takes, if the equation holds.
 *
 * @param {Bytes} key
 * @param {Bytes} signature
 */
function isAllowed(key, signature) {
  const isWhole = key.length === 32 && signature.length === 64;
  const [r, s] = [signature.subarray(0, 32), signature.subarray(32)];
  return isWhole && isLarge(key) && isLarge(r) && little(s) < L;
}

/**
 * Whether 32 bytes have a y below the prime that is of no point of small order.
 *
 * @param {Uint8Array} bytes
 */
function isLarge(bytes) {
  const y = little(bytes) & (2n ** 255n - 1n);
  return y < P && !SMALL_ORDER.includes(y);
}

/**
 * Whether S times the base is R and k times the key, without the cofactor.
 *
 * @param {Bytes} key
 * @param {Bytes} message
 * @param {Bytes} signature
 */
async function holds(key, message, signature) {
  const s = little(signature.subarray(32));
  const a = point(key);
  if (!a) {
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
