#!/usr/bin/env python3
"""Check a Tidegate draw from its public files: one file, standard library, no network.

    verify_draw.py FOLDER [--operator-key VKEY] [--notary-key VKEY]... [--previous FOLDER]...
                   [--upto seal|seed|result] [--tiles] [--bare]

Written from docs/draw-format.md ("the page") alone, not from the program that draws. Section
names in quotes below are the headings of that page. How it goes:

    1. the events (seal, opening, seeded, result, alternates, void) and the chain between them;
    2. the sealed files against the seal, and the folder before, where the seal follows one;
    3. the seed: commitments, balls, the drand signature;
    4. the list, streamed: grammar, order, tags, tree, and for each entry its number and what the
       cut-offs give it, which must be what the winners' file says;
    5. the winners alone, replayed against the stock: they must earn exactly those cut-offs.

Exit: 0 all that was checked is right; 1 the draw is wrong (file, line, expected, found);
2 it cannot be checked (a missing file, a wrong call). It needs well under 1 GB for 14 million
entries, and writes nothing.

To read it, start at the end, with class Draw. Ed25519 and drand know nothing of draws.
"""
import argparse
import base64
import binascii
import datetime
import gc
import hashlib
import os
import re
import struct
import sys
from collections import Counter
from functools import lru_cache
from itertools import islice, zip_longest
from operator import concat, ge

sha256 = hashlib.sha256


# == Verdicts and words =======================================================================

class Wrong(Exception):
    """The draw is wrong: where, what was expected, what was found."""

    def __init__(self, place, expected, found, line=None):
        super().__init__(place)
        self.place = place if line is None else f"{place}, line {line}"
        self.expected, self.found = shown(expected), shown(found)


class Unverifiable(Exception):
    """It cannot be checked: a file is missing, or the call makes no sense."""


class Report:
    """Prints each check as it is made; remembers what could not be checked and what is odd."""

    def __init__(self, out):
        self.out, self.unchecked, self.remarks = out, [], []

    def ok(self, text, fingerprint=None):
        spoken = "" if fingerprint is None else "  " + grouped(fingerprint)
        print(f"ok    {text}{spoken}", file=self.out, flush=True)

    def skip(self, text):
        print(f"--    not checked: {text}", file=self.out, flush=True)
        self.unchecked.append(text)

    def remark(self, text):
        print(f"note  {text}", file=self.out, flush=True)
        self.remarks.append(text)


def grouped(digest):
    """A fingerprint in groups of four hex digits, as it is read aloud."""
    return " ".join(digest[i:i + 4] for i in range(0, len(digest), 4))


def shown(value):
    """Bytes or text for a message, cut to a readable length; a control character escaped."""
    text = value.decode("ascii", "backslashreplace") if isinstance(value, bytes) else str(value)
    text = re.sub(r"[\0-\x1f\x7f]", lambda found: f"\\x{ord(found[0]):02x}", text)
    return text if len(text) <= 300 else text[:280] + f"… ({len(text)} characters)"


def hex_sha256(data):
    return sha256(data).hexdigest()


def hash_all(prefix, items):
    """SHA-256(prefix ‖ item) of each: 32 bytes."""
    copy = sha256(prefix).copy
    return [state.digest() for item in items for state in [copy()] if state.update(item) is None]


def must_equal(place, what, expected, found, line=None):
    if expected != found:
        raise Wrong(place, f"{what} {shown(expected)}", found, line)


def must_equal_lines(place, what, expected, found, first=1):
    for line, pair in enumerate(zip_longest(expected, found, fillvalue=b"no line"), first):
        must_equal(place, what, *pair, line)


# == Files and grammar (head of the page, "Names") =============================================

TYPES = {  # the names used between < and > in the templates below
    "hex": "[0-9a-f]{64}", "int": "0|[1-9][0-9]{0,18}", "draw": "[A-Za-z0-9._/-]{1,100}",
    "version": "[!-~]{1,40}", "words": "[!-~](?:[ -~]{0,198}[!-~])?",
    "reason": "(?!none\\Z)[!-~](?:[ -~]{0,198}[!-~])?",
    "hex-or-none": "[0-9a-f]{64}|none", "balls": "none|[A-Z0-9]{1,8}(?: [A-Z0-9]{1,8}){0,63}",
    "round": "none|[0-9a-f]{64} round [1-9][0-9]{0,18}",
    "beacon": "none|[0-9a-f]{64} [1-9][0-9]{0,18} [0-9a-f]{96}",
    "bucket": "[A-Z0-9._-]{1,64}(?:#[A-Z0-9._-]{1,16})?", "pass": "[12]", "n": "[1-8]",
    "time": "[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}Z",
}
ENTRIES_MAX, RULES_BYTES_MAX = 2**31, 65536
WINNER = "<number:hex>,<index:int>,<bucket:bucket>,<pass:pass>"


@lru_cache(None)
def grammar(template):
    """A template such as 'stock <stock:hex>' as a regular expression on bytes."""
    parts = re.split(r"<(\w+):([\w-]+)>", template)
    pattern = re.escape(parts[0])
    for name, kind, literal in zip(parts[1::3], parts[2::3], parts[3::3]):
        pattern += f"(?P<{name}>{TYPES[kind]})" + re.escape(literal)
    return re.compile(pattern.encode())


def match(place, line, template, number):
    """The named values of one line, or Wrong with the template for the expectation."""
    found = grammar(template).fullmatch(line)
    if not found:
        raise Wrong(place, re.sub(r":[\w-]+>", ">", template), line, number)
    return found.groupdict()


def read(folder, name):
    with open(os.path.join(folder, name), "rb") as file:
        return file.read()


def file_sha256(folder, name):
    """Of a file that may be too large for the memory."""
    digest = sha256()
    with open(os.path.join(folder, name), "rb") as file:
        for chunk in iter(lambda: file.read(1 << 20), b""):
            digest.update(chunk)
    return digest.hexdigest()


def lines_of(place, data, encoding="ascii"):
    """ASCII (rules.txt: UTF-8), no byte order mark, LF ends every line (head of the page)."""
    if data.startswith(b"\xef\xbb\xbf"):
        raise Wrong(place, "no byte order mark", "a byte order mark", 1)
    at = data.find(b"\r")
    try:
        data.decode(encoding)
    except UnicodeDecodeError as error:
        at = error.start
    if at >= 0:
        raise Wrong(place, f"{encoding.upper()}, lines that end in LF", f"a byte {data[at]:#04x}",
                    1 + data.count(b"\n", 0, at))
    if data and not data.endswith(b"\n"):
        raise Wrong(place, "LF at the end of the last line", "no LF", 1 + data.count(b"\n"))
    return data.split(b"\n")[:-1]


def fields_of(place, lines, templates):
    """All named values of a small file with one template per line."""
    values = {}
    for number, (line, template) in enumerate(zip_longest(lines, templates), 1):
        if line is None or template is None:
            raise Wrong(place, f"{len(templates)} lines", f"{len(lines)} lines", number)
        values.update(match(place, line, template, number))
    return {name: value.decode() for name, value in values.items()}


# == Ed25519: RFC 8032, verification only ======================================================

P25519 = 2**255 - 19
L25519 = 2**252 + 27742317777372353535851937790883648493
D25519 = -121665 * pow(121666, -1, P25519) % P25519


def ed_decode(data):
    """A point from its 32 bytes in extended coordinates, or None (RFC 8032, 5.1.3)."""
    p, y, sign = P25519, int.from_bytes(data, "little") & (2**255 - 1), data[31] >> 7
    if y >= p:
        return None
    x2 = (y * y - 1) * pow(D25519 * y * y + 1, -1, p) % p
    x = pow(x2, (p + 3) // 8, p)
    if (x * x - x2) % p:
        x = x * pow(2, (p - 1) // 4, p) % p
    if (x * x - x2) % p or (x == 0 and sign):
        return None
    x = p - x if x & 1 != sign else x
    return x, y, 1, x * y % p


def ed_add(a, b):
    """RFC 8032, 5.1.4: complete, so it doubles too."""
    p = P25519
    e, f = (a[1] - a[0]) * (b[1] - b[0]) % p, (a[1] + a[0]) * (b[1] + b[0]) % p
    g, h = 2 * a[3] * b[3] * D25519 % p, 2 * a[2] * b[2] % p
    e, f, g, h = f - e, h - g, h + g, f + e
    return e * f % p, g * h % p, f * g % p, e * h % p


def times(k, element, combine, total):
    """k times an element of any group, or its k-th power; total is the neutral element."""
    for bit in bin(k)[2:]:
        total = combine(total, total)
        total = combine(total, element) if bit == "1" else total
    return total


def ed_encode(point):
    inverse = pow(point[2], -1, P25519)
    x, y = point[0] * inverse % P25519, point[1] * inverse % P25519
    return (y | (x & 1) << 255).to_bytes(32, "little")


ED_ZERO = (0, 1, 1, 0)
ED_BASE = ed_decode((4 * pow(5, -1, P25519) % P25519).to_bytes(32, "little"))


Y_OF_ORDER_8 = 0x05fc536d880238b13933c6d305acdfd5f098eff289f4c345b027b2c28f95e826
SMALL_ORDER = {0, 1, P25519 - 1, Y_OF_ORDER_8, P25519 - Y_OF_ORDER_8}


def ed_allowed(data):
    """Is y below the prime, and none of a point of order 1, 2, 4 or 8 ("The tree")?"""
    y = int.from_bytes(data, "little") & (2**255 - 1)
    return len(data) == 32 and y < P25519 and y not in SMALL_ORDER


def ed25519_verify(key, message, signature):
    """The four conditions of the page ("The tree"): the strict rule, without the cofactor."""
    s = int.from_bytes(signature[32:], "little")
    if len(signature) != 64 or s >= L25519 or not (ed_allowed(key) and ed_allowed(signature[:32])):
        return False
    point = ed_decode(key)
    if point is None:
        return False
    k = int.from_bytes(hashlib.sha512(signature[:32] + key + message).digest(), "little")
    minus = (P25519 - point[0], point[1], 1, P25519 - point[3])
    total = ed_add(times(s, ED_BASE, ed_add, ED_ZERO), times(k % L25519, minus, ed_add, ED_ZERO))
    return ed_encode(total) == signature[:32]


# == Signed notes ("The tree") =================================================================

KEY_NAME, NOTE_BYTES_MAX, SIGNATURES_MAX = "[!-*,-~]{1,100}", 65536, 100
SIGNATURE = re.compile(f"— ({KEY_NAME}) ([A-Za-z0-9+/=]+)".encode())


def base64_bytes(text):
    """The bytes of canonical base64, or None."""
    try:
        data = base64.b64decode(text, validate=True)
    except ValueError:
        return None
    return data if base64.b64encode(data) == text else None


class Key:
    """A published key ("The tree"): name+key id+base64(0x01 ‖ public key)."""

    def __init__(self, text):
        name, _, rest = text.partition("+")
        key_id, _, encoded = rest.partition("+")
        data = base64_bytes(encoded.encode("ascii", "replace")) or b""
        if len(data) != 33 or data[0] != 1 or not re.fullmatch(KEY_NAME, name):
            raise Unverifiable(f"not a key of the form name+id+base64: {text}")
        self.name, self.public, self.notes = name, data[1:], []
        if not ed_allowed(self.public) or ed_decode(self.public) is None:
            raise Unverifiable(f"not a key with which anything may be signed: {text}")
        self.id = sha256(name.encode() + b"\n\x01" + self.public).digest()[:4]
        self.label = f"{name}+{self.id.hex()}"
        if self.id.hex() != key_id:
            raise Unverifiable(f"the key's id should be {self.id.hex()}, not {key_id}: {text}")


class Note:
    """A signed note ("The tree"); `text` is what is signed and what every digest is of."""

    def __init__(self, folder, name):
        self.name, data = name, read(folder, name)
        if len(data) > NOTE_BYTES_MAX:
            raise Wrong(name, f"up to {NOTE_BYTES_MAX:,} bytes", f"{len(data):,}")
        body, gap, tail = data.rpartition(b"\n\n")
        if not gap or not tail.endswith(b"\n"):
            raise Wrong(name, "a signed note: text, an empty line, signature lines",
                        "no empty line" if not gap else "no LF at the end")
        self.text = body + b"\n"
        self.lines = lines_of(name, self.text)
        for number, line in enumerate(self.lines, 1):
            if re.search(rb"[^ -~]", line):
                raise Wrong(name, "printable ASCII", line, number)
        self.digest = hex_sha256(self.text)
        self.signatures = [self.signature(line, number) for number, line
                           in enumerate(tail.split(b"\n")[:-1], len(self.lines) + 2)]
        if len(self.signatures) > SIGNATURES_MAX:
            raise Wrong(name, f"up to {SIGNATURES_MAX} signatures", len(self.signatures))
        seen = set()
        for signer, key_id, _, number in self.signatures:
            if (signer, key_id) in seen:
                raise Wrong(name, f"one signature line of {signer}+{key_id.hex()}", "two", number)
            seen.add((signer, key_id))

    def signature(self, line, number):
        found = SIGNATURE.fullmatch(line)
        data = base64_bytes(found[2]) if found else None
        if data is None or len(data) < 5:
            raise Wrong(self.name, "— name base64(key id ‖ signature)", line, number)
        return found[1].decode(), data[:4], data[4:], number

    def check(self, draw, operator, notaries):
        """The operator signed it; whatever a given notary signed is right too. Gives names."""
        if not any(name == draw for name, *_ in self.signatures):
            raise Wrong(self.name, f"a signature line of the operator, {draw}", "none")
        valid = []
        for key in ([operator] if operator else []) + notaries:
            mine = [s for s in self.signatures if (s[0], s[1]) == (key.name, key.id)]
            for _, _, signature, number in mine:
                if not ed25519_verify(key.public, self.text, signature):
                    raise Wrong(self.name, f"a valid signature by {key.label}",
                                "a signature that does not fit the text", number)
            if mine:
                valid.append(key.name)
                key.notes.append(self.name)
            elif key is operator:
                raise Wrong(self.name, f"a signature by {key.label}", "none")
        return valid


# == drand: the beacon's signature on BLS12-381 ================================================
#
# Stands alone: beacon_is_valid(round, signature) at its end is all that the rest calls. Scheme
# bls-unchained-g1-rfc9380: the signature is a point of G1, the public key one of G2, the
# message is SHA-256 of the round as 8 bytes. Constants: RFC 9380, 8.8.1 and E.2. Plain
# arithmetic, no tricks: a check takes under a second.

QUICKNET = "52db9ba70e0cc0f6eaf7803dd07447a1f5477735fd3f661792ba94600c84e971"
QUICKNET_GENESIS, QUICKNET_PERIOD = 1692803367, 3
QUICKNET_KEY = bytes.fromhex(
    "83cf0f2896adee7eb8b5f01fcad3912212c437e0073e911fb90022d3e760183c8c4b450b6a0a6c3ac6a5776a2d10"
    "64510d1fec758c921cc22b0e17e63aaf4bcb5ed66304de9cf809bd274ca73bab4af5a6e9c76a4bc09e76eae8991e"
    "f5ece45a")
QUICKNET_TAG = b"BLS_SIG_BLS12381G1_XMD:SHA-256_SSWU_RO_NUL_"
G2_GENERATOR = bytes.fromhex(
    "93e02b6052719f607dacd3a088274f65596bd0d09920b61ab5da61bbdc7f5049334cf11213945d57e5ac7d055d04"
    "2b7e024aa2b2f08f0a91260805272dc51051c6e47ad4fa403b02b4510b647ae3d1770bac0326a805bbefd48056c8"
    "c121bdb8")
X = 0xd201000000010000  # the curve's parameter is -X
R = X**4 - X**2 + 1  # the order of the groups
P = (X + 1)**2 * R // 3 - X  # the field
SSWU_Z, H_EFFECTIVE = 11, X + 1
SSWU_A, SSWU_B = (int(k, 16) for k in """
144698a3b8e9433d693a02c96d4982b0ea985383ee66a8d8e8981aefd881ac98936f8da0e0f97f5cf428082d584c1d
12e2908d11688030018b12e8753eee3b2016c1f0f24f4070a0b9c14fcef35ef55a23215a316ceaa5d1cc48e98e172be0
""".split())
# The 11-isogeny's x, numerator and denominator (E.2: k_1 and k_2), lowest coefficient first. Its y
# follows: y' times the derivative of x, divided by 11; so k_3 and k_4 need not stand here.
ISOGENY = [[int(k, 16) for k in part.split()] for part in """
11a05f2b1e833340b809101dd99815856b303e88a2d7005ff2627b56cdb4e2c85610c2d5f2e62d6eaeac1662734649b7
17294ed3e943ab2f0588bab22147a81c7c17e75b2f6a8417f565e33c70d1e86b4838f2a6f318c356e834eef1b3cb83bb
d54005db97678ec1d1048c5d10a9a1bce032473295983e56878e501ec68e25c958c3e3d2a09729fe0179f9dac9edcb0
1778e7166fcc6db74e0609d307e55412d7f5e4656a8dbf25f1b33289f1b330835336e25ce3107193c5b388641d9b6861
e99726a3199f4436642b4b3e4118e5499db995a1257fb3f086eeb65982fac18985a286f301e77c451154ce9ac8895d9
1630c3250d7313ff01d1201bf7a74ab5db3cb17dd952799b9ed3ab9097e68f90a0870d2dcae73d19cd13c1c66f652983
d6ed6553fe44d296a3726c38ae652bfb11586264f0f8ce19008e218f9c86b2a8da25128c1052ecaddd7f225a139ed84
17b81e7701abdbe2e8743884d1117e53356de5ab275b4db1a682c62ef0f2753339b7c8f8c8f475af9ccb5618e3f0c88e
80d3cf1f9a78fc47b90b33563be990dc43b756ce79f5574a2c596c928c5d1de4fa295f296b74e956d71986a8497e317
169b1f8e1bcfa7c42e0c37515d138f22dd2ecb803a0c5c99676314baf4bb1b7fa3190b2edc0327797f241067be390c9e
10321da079ce07e272d8ec09d2565b0dfa7dccdde6787f96d50af36003b14866f69b771f8c285decca67df3f1605fb7b
6e08c248e260e70bd1e962381edee3d31d79d7e22c837bc23c0bf1bc24c6b68c24b1b80b64d391fa9c8ba2e8ba2d229
;
8ca8d548cff19ae18b2e62f4bd3fa6f01d5ef4ba35b48ba9c9588617fc8ac62b558d681be343df8993cf9fa40d21b1c
12561a5deb559c4348b4711298e536367041e8ca0cf0800c0126c2588c48bf5713daa8846cb026e9e5c8276ec82b3bff
b2962fe57a3225e8137e629bff2991f6f89416f5a718cd1fca64e00b11aceacd6a3d0967c94fedcfcc239ba5cb83e19
3425581a58ae2fec83aafef7c40eb545b08243f16b1655154cca8abc28d6fd04976d5243eecf5c4130de8938dc62cd8
13a8e162022914a80a6f1d5f43e7a07dffdfc759a12062bb8d6b44e833b306da9bd29ba81f35781d539d395b3532a21e
e7355f8e4e667b955390f7f0506c6e9395735e9ce9cad4d0a43bcef24b8982f7400d24bc4228f11c02df9a29f6304a5
772caacf16936190f3e0c63e0596721570f5799af53a1894e2e073062aede9cea73b3538f0de06cec2574496ee84a3a
14a7ac2a9d64a8b230b3f5b074cf01996e7f63c21bca68a81996e1cdf9822c580fa5b9489d11e2d311f7d99bbdcc5a5e
a10ecf6ada54f825e920b3dafc7a3cce07f8d1d7161366b74100da67f39883503826692abba43704776ec3a79a1d641
95fc13ab9e92ad4476d6e3eb3a56680f682b4ee96f7d03776df533978f31c1593174e4b4b7865002d6384d168ecdd0a
1
""".split(";")]


def root(a):
    """A square root modulo P (which is 3 mod 4), or None."""
    r = pow(a, (P + 1) // 4, P)
    return r if (r * r - a) % P == 0 else None


class F2:
    """a + b·u with u² = -1: a number of the field of G2, and with b = 0 one of G1."""

    def __init__(self, a, b=0):
        self.a, self.b = a % P, b % P

    def __eq__(self, other):
        return (self.a, self.b) == (other.a, other.b)

    def __add__(self, other):
        return F2(self.a + other.a, self.b + other.b)

    def __sub__(self, other):
        return F2(self.a - other.a, self.b - other.b)

    def __mul__(self, other):
        return F2(self.a * other.a - self.b * other.b, self.a * other.b + self.b * other.a)

    def __truediv__(self, other):
        norm = pow(other.a**2 + other.b**2, -1, P)
        return self * F2(other.a * norm, -other.b * norm)

    def root(self):
        """A square root or None; the root of the norm gives the first part of it."""
        norm = root(self.a**2 + self.b**2)
        for sign in (1, -1):
            a = root((self.a + sign * norm) * (P + 1) // 2) if norm is not None else None
            if a and (F2(a) * F2(a) == self or self.b):
                return F2(a, self.b * pow(2 * a, -1, P))
        return None


def slope_of(a, b):
    """The slope of the line through two points, or of the tangent; None if it is upright."""
    if a != b:
        return None if a[0] == b[0] else (b[1] - a[1]) / (b[0] - a[0])
    return F2(3) * a[0] * a[0] / (a[1] + a[1])


def add(a, b):
    """Affine addition on y² = x³ + c, the same for G1 and G2; None is the point at infinity."""
    if a is None or b is None:
        return a or b
    slope = slope_of(a, b)
    if slope is None:
        return None
    x = slope * slope - a[0] - b[0]
    return x, slope * (a[0] - x) - a[1]


def decode(data, c):
    """A compressed point of y² = x³ + c: canonical, on the curve, of order R; or None."""
    parts = [data[i:i + 48] for i in range(0, len(data), 48)]
    numbers = [int.from_bytes(part, "big") for part in parts]
    numbers[0] &= 2**381 - 1
    if data[0] >> 6 != 0b10 or max(numbers) >= P:  # compressed, not the point at infinity
        return None
    x = F2(*reversed(numbers))
    y = (x * x * x + c).root()
    if y is None:
        return None
    if ((y.b, y.a) > (-y.b % P, -y.a % P)) != bool(data[0] & 0x20):
        y = F2(0) - y
    return (x, y) if times(R, (x, y), add, None) is None else None


def expand_message(message, tag):
    """expand_message_xmd with SHA-256 to 128 bytes (RFC 9380, 5.3.1)."""
    tag += bytes([len(tag)])
    first = sha256(bytes(64) + message + b"\0\x80\0" + tag).digest()
    blocks = [sha256(first + b"\1" + tag).digest()]
    for i in (2, 3, 4):
        mixed = bytes(a ^ b for a, b in zip(first, blocks[-1]))
        blocks.append(sha256(mixed + bytes([i]) + tag).digest())
    return b"".join(blocks)


def map_to_curve(u):
    """A number to a point of G1's curve: simplified SWU (6.6.2), then the isogeny (E.2)."""
    t = SSWU_Z * u * u
    t = (t * t + t) % P
    x = SSWU_B * (1 + pow(t, -1, P)) * pow(-SSWU_A, -1, P) if t else \
        SSWU_B * pow(SSWU_Z * SSWU_A, -1, P)
    y = root(x**3 + SSWU_A * x + SSWU_B)
    if y is None:
        x = SSWU_Z * u * u * x % P
        y = root(x**3 + SSWU_A * x + SSWU_B)
    y = P - y if y % 2 != u % 2 else y
    (n, d), (dn, dd) = ([sum(k * pow(x, i, P) for i, k in enumerate(part)) for part in ISOGENY],
                        [sum(i * k * pow(x, i - 1, P) for i, k in enumerate(part) if i)
                         for part in ISOGENY])
    return F2(n * pow(d, -1, P)), F2(y * (dn * d - n * dd) * pow(11 * d * d, -1, P))


def hash_to_g1(message, tag):
    """hash_to_curve (RFC 9380, 3 and 5.2)."""
    data = expand_message(message, tag)
    u = [int.from_bytes(data[i:i + 64], "big") % P for i in (0, 64)]
    return times(H_EFFECTIVE, add(map_to_curve(u[0]), map_to_curve(u[1])), add, None)


def f12_mul(a, b):
    """Polynomials in w of degree 11, modulo w¹² - 2w⁶ + 2; u is w⁶ - 1."""
    c = [0] * 23
    for i, ai in enumerate(a):
        if ai:
            for j, bj in enumerate(b):
                c[i + j] += ai * bj
    for i in range(22, 11, -1):
        c[i - 6] += 2 * c[i]
        c[i - 12] -= 2 * c[i]
    return [value % P for value in c[:12]]


def line_at(a, b, at):
    """The line through a and b of G2, carried from the twist, at a point of G1; times w³."""
    slope, line = slope_of(a, b), [0] * 12
    for power, part in ((0, slope * a[0] - a[1]), (2, F2(0) - slope * at[0]), (3, at[1])):
        line[power], line[power + 6] = (part.a - part.b) % P, part.b
    return line


def pairings_cancel(pairs):
    """Is the product of the pairings e(p, q) one? Ate pairing, affine, one final power."""
    one = [1] + [0] * 11
    f, points = one, [q for _, q in pairs]
    for bit in bin(X)[3:]:
        f = f12_mul(f, f)
        for i, (p, q) in enumerate(pairs):
            for other in [None, q] if bit == "1" else [None]:
                other = other or points[i]
                f = f12_mul(f, line_at(points[i], other, p))
                points[i] = add(points[i], other)
    return times((P**12 - 1) // R, f, f12_mul, one) == one


def beacon_is_valid(number, signature):
    """Did quicknet sign this round? e(-signature, generator) · e(hash of the round, key) = 1."""
    point = decode(signature, F2(4))
    if point is None:
        return False
    hashed = hash_to_g1(sha256(number.to_bytes(8, "big")).digest(), QUICKNET_TAG)
    return pairings_cancel([((point[0], F2(0) - point[1]), decode(G2_GENERATOR, F2(4, 4))),
                            (hashed, decode(QUICKNET_KEY, F2(4, 4)))])


# == The sealed list, streamed ("An entry", "The tree") ========================================

COMMIT, TAG, CHOICE = "[0-9a-f]{64}", "[0-9a-f]{32}", TYPES["bucket"]
W_N = "([1-9]|[12][0-9]|3[0-2]),([1-8])"
ENTRY = re.compile(rf"{COMMIT}((?:\+{COMMIT}){{0,7}}),{TAG}((?:\+{TAG}){{0,7}}),{W_N},"
                   rf"{CHOICE}(?:>{CHOICE}){{0,4}}(?:>\*)?".encode())
TICKETS, UNITS = ({b"%d" % i for i in range(1, top + 1)} for top in (32, 8))
HEX_DIGITS, CHOICE_LETTERS = b"0123456789abcdef", b"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._#>*-"
UNSHAPELY = bytes(set(range(256)) - set(b">*\n"))
BLOCK_BYTES = 1 << 19
ENTRY_FORM = "commit[+commit…],tag[+tag…],w,n,choice[>choice…][>*]"


def blocks(folder):
    """entries.txt in blocks of whole lines, each with its first line's number (from 1)."""
    rest, number = b"", 1
    with open(os.path.join(folder, "entries.txt"), "rb") as file:
        for chunk in iter(lambda: file.read(BLOCK_BYTES), b""):
            cut = chunk.rfind(b"\n") + 1
            if not cut and len(rest) > 4096:
                raise Wrong("entries.txt", ENTRY_FORM, "a line longer than any entry", number)
            block, rest = rest + chunk[:cut], chunk[cut:] if cut else rest + chunk
            if cut:
                yield number, block
                number += block.count(b"\n")
    if rest:
        raise Wrong("entries.txt", "LF at the end of the last line", "no LF", number)


def refuse_bad_entries(lines, number):
    """Look at each line by itself ("An entry"); say which is no entry, and why."""
    for number, line in enumerate(lines, number):
        found = ENTRY.fullmatch(line)
        if not found:
            raise Wrong("entries.txt", ENTRY_FORM, line, number)
        commits, tags = (part.count(b"+") + 1 for part in found.groups()[:2])
        must_equal("entries.txt", "as many tags as commits:", commits, tags, number)


def columns(block, lines, number):
    """Tags, tickets, units, choices of a block, each line of which is an entry ("An entry").

    ENTRY is the grammar, but slow. So a block gets a quick look: five fields of the right letters
    in each line, up to five choices, '*' only as the last. A line with more than one commit or
    tag is looked at by itself; what each choice is, refuse_unknown sees.
    """
    fields, odd, more = [line.split(b",") for line in lines], [], []
    if set(map(len, fields)) != {5}:
        fields = [[b""] * 5]
    commits, tags, tickets, units, choices = map(list, zip(*fields))
    if set(map(len, commits)) != {64} or set(map(len, tags)) != {32}:
        odd = [i for i, (commit, tag) in enumerate(zip(commits, tags))
               if len(commit) != 64 or len(tag) != 32]
        for i in odd:
            more += tags[i].split(b"+")
            commits[i] = tags[i] = b""
    shape = b"\n".join(choices).translate(None, UNSHAPELY)
    if (not all(choices) or b"".join(choices).translate(None, CHOICE_LETTERS)
            or b"".join(commits + tags).translate(None, HEX_DIGITS)
            or not TICKETS.issuperset(tickets) or not UNITS.issuperset(units)
            or block.count(b"*") != block.count(b">*\n")
            or b">>>>>>" in shape or shape.count(b">>>>>") != shape.count(b">>>>>*")):
        refuse_bad_entries(lines, number)
        raise AssertionError("the quick look refused what the grammar accepts")
    for i in odd:
        refuse_bad_entries([lines[i]], number + i)
    return list(filter(None, tags)) + more, tickets, units, choices


def refuse_disorder(last, lines, number):
    """Strictly ascending by bytes ("The files")."""
    if last >= lines[0] or any(map(ge, lines, islice(lines, 1, None))):
        for number, line in enumerate(lines, number):
            if last >= line:
                what = "the line before once more" if last == line else line
                raise Wrong("entries.txt", "lines strictly ascending by bytes", what, number)
            last = line


def refuse_unknown(known, lines, choices, number):
    """Each choice is a bucket of this folder's stock.txt ("An entry")."""
    bad = set(b">".join(choices).split(b">")) - known
    if bad:
        for number, (line, mine) in enumerate(zip(lines, choices), number):
            for choice in bad.intersection(mine.split(b">")):
                raise Wrong("entries.txt", "choices that are buckets of stock.txt", choice, number)


class Tags:
    """Finds a tag that stands twice ("An entry"): in 256 parts, so that each part is small."""

    def __init__(self):
        self.parts = {b"%02x" % i: ([], bytearray()) for i in range(256)}
        self.add_to = {first: waiting.append for first, (waiting, _) in self.parts.items()}

    def add(self, tags):
        add_to = self.add_to
        for tag in tags:
            add_to[tag[:2]](tag)
        for waiting, packed in self.parts.values():
            packed += binascii.unhexlify(b"".join(waiting))
            waiting.clear()

    def refuse_repeated(self, folder):
        for _, part in self.parts.values():
            if len(set(struct.iter_unpack("16s", part))) != len(part) // 16:
                (tag,), _ = Counter(struct.iter_unpack("16s", part)).most_common(1)[0]
                # A second look at the list, only to name the lines.
                tag = tag.hex()
                where = [number + i for number, block in blocks(folder) for i, line in
                         enumerate(block.split(b"\n")) for _ in range(line.count(tag.encode()))]
                raise Wrong("entries.txt", "each tag once in the list", f"tag {tag} in lines "
                            + ", ".join(map(str, where[:5])), where[1])


class Tiles:
    """Compares tile/ with the tree and the list ("The tree": C2SP tlog-tiles); --tiles."""

    def __init__(self, folder):
        self.folder, self.files, self.buffers = folder, set(), {}

    def take(self, level, items, last=False):
        buffer = self.buffers.setdefault(level, [0, []])
        buffer[1] += items
        while len(buffer[1]) >= 256 or last and buffer[1]:
            self.compare(level, buffer[0], buffer[1][:256])
            buffer[0] += 1
            del buffer[1][:256]

    def finish(self):
        for level in self.buffers:
            self.take(level, [], last=True)

    def compare(self, level, index, items):
        path = f"{index % 1000:03d}"
        while index >= 1000:
            index //= 1000
            path = f"x{index % 1000:03d}/{path}"
        path = f"tile/{level}/{path}" + (f".p/{len(items)}" if len(items) < 256 else "")
        if level == "entries":
            items = [len(line).to_bytes(2, "big") + line for line in items]
        expected, found = b"".join(items), read(self.folder, path)
        if expected != found:
            raise Wrong(path, f"the {len(items)} items that follow from entries.txt "
                        f"(SHA-256 {hex_sha256(expected)})", f"SHA-256 {hex_sha256(found)}")
        self.files.add(path)

    def strays(self):
        """What lies in tile/ and is none of the files that were compared."""
        if not os.path.isdir(os.path.join(self.folder, "tile")):
            return []  # of an empty list, which has no tiles
        folders = {os.path.dirname(path) for path in self.files} | {"tile"}
        while above := {os.path.dirname(path) for path in folders} - folders - {""}:
            folders |= above
        waiting, found = ["tile"], []
        while waiting:
            folder = waiting.pop()
            for name in os.listdir(os.path.join(self.folder, folder)):
                path = f"{folder}/{name}"
                if path in folders:
                    waiting.append(path)
                elif path not in self.files:
                    found.append(path)
        return sorted(found)


class Tree:
    """RFC 6962 ("The tree"): keeps one waiting hash a level and combines whole batches."""

    def __init__(self, tiles=None):
        self.levels, self.tiles = [], tiles

    def extend(self, hashes):
        level = 0
        while hashes:
            if level == len(self.levels):
                self.levels.append([])
            if self.tiles and level % 8 == 0:
                self.tiles.take(level // 8, hashes)
            hashes = self.levels[level] + hashes
            self.levels[level] = [hashes.pop()] if len(hashes) % 2 else []
            hashes = hash_all(b"\1", map(concat, hashes[::2], hashes[1::2]))
            level += 1

    def root(self):
        root = None
        for waiting in self.levels:
            for left in waiting:
                root = left if root is None else sha256(b"\1" + left + root).digest()
        return root or sha256(b"").digest()


def stream_list(folder, known, ranking=None, expected=None, tiles=None):
    """All that the list alone must be; each batch to the ranking. Gives its size and root."""
    tree, tags, last, count = Tree(tiles), Tags(), b"", 0
    for number, block in blocks(folder):
        lines = block.split(b"\n")[:-1]
        more, tickets, units, choices = columns(block, lines, number)
        tags.add(more)
        refuse_disorder(last, lines, number)
        last = lines[-1]
        refuse_unknown(known, lines, choices, number)
        if expected:
            expected.take(lines, number)
        if tiles:
            tiles.take("entries", lines)
        leaves = hash_all(b"\0", lines)
        tree.extend(leaves)
        if ranking:
            ranking.take(number - 1, leaves, tickets, units, choices)
        count += len(lines)
    tags.refuse_repeated(folder)
    if tiles:
        tiles.finish()
    return count, tree.root()


# == The draw ("The draw", "Alternates", "The audit sample") ===================================

NO_LINE, CLOSED, NEVER = b"\xff" * 33, bytes(32), b""  # above, at the foot of, below all numbers


def read_stock(place, data):
    """bucket,units a line, each bucket once ("The stock"); a dictionary in published order."""
    stock, lines = {}, lines_of(place, data)
    if not 1 <= len(lines) <= 65535:
        raise Wrong(place, "1 to 65,535 lines", f"{len(lines)} lines")
    for number, line in enumerate(lines, 1):
        found = match(place, line, "<bucket:bucket>,<units:int>", number)
        if int(found["units"]) > 2**32 - 1:
            raise Wrong(place, "units up to 4294967295", line, number)
        if found["bucket"] in stock:
            raise Wrong(place, "each bucket once", line, number)
        stock[found["bucket"]] = int(found["units"])
    return stock


class Round:
    """One allotment: "The draw" itself (K = 0), or "Alternates" by order (K = 1, 2, …)."""

    def __init__(self, folder, k, stock):
        end = f"-{k}.txt" if k else ".txt"
        self.stock_name = f"returned{end}" if k else "stock.txt"
        self.winners_name, self.cutoffs_name = f"winners{end}", f"cutoffs{end}"
        self.data = {name: read(folder, name) for name in
                     (self.winners_name, self.cutoffs_name, self.stock_name)}
        self.stock, self.gain = stock, read_stock(self.stock_name, self.data[self.stock_name])
        for number, bucket in enumerate(self.gain, 1):
            self.must_know(self.stock_name, bucket, number)
        self.cutoffs = lines_of(self.cutoffs_name, self.data[self.cutoffs_name])
        self.winners = lines_of(self.winners_name, self.data[self.winners_name])
        self.read_cutoffs()
        self.read_winners()

    def must_know(self, place, bucket, number):
        if bucket not in self.stock:
            raise Wrong(place, "a bucket of stock.txt", bucket, number)

    def read_cutoffs(self):
        """pass,bucket,n,number by pass, stock order, n ("The draw"); the limits of each choice."""
        table, last = {}, ()
        order = {bucket: i for i, bucket in enumerate(self.stock)}
        for number, line in enumerate(self.cutoffs, 1):
            found = match(self.cutoffs_name, line,
                          "<pass:pass>,<bucket:bucket>,<n:n>,<number:hex>", number)
            self.must_know(self.cutoffs_name, found["bucket"], number)
            place = (found["pass"], order[found["bucket"]], found["n"])
            if place <= last:
                raise Wrong(self.cutoffs_name, "lines by pass, stock order, n", line, number)
            table[found["pass"], found["bucket"], found["n"]] = binascii.unhexlify(found["number"])
            last = place
        self.limits, self.second, self.highest = {}, {}, {}
        for n in (b"%d" % n for n in range(1, 9)):
            self.limits[n] = {b: table.get((b"1", b, n), NO_LINE) for b in self.stock}
            self.second[n] = [(b, table.get((b"2", b, n), NO_LINE)) for b in self.stock
                              if b"#" not in b]
            self.limits[n][b"*"] = max((c for _, c in self.second[n]), default=NEVER)
            self.highest[n] = max(self.limits[n].values())

    def read_winners(self):
        """number,index,bucket,pass: by pass, then in order ("The draw"); who stands where."""
        self.line_of, last = {}, ()
        self.units = bytearray(len(self.winners))  # n of each, once the list has shown it
        for number, line in enumerate(self.winners, 1):
            found = match(self.winners_name, line, WINNER, number)
            index = int(found["index"])
            place = (found["pass"], found["number"], index)
            if place <= last:
                raise Wrong(self.winners_name, "lines by pass, then by number", line, number)
            self.must_know(self.winners_name, found["bucket"], number)
            if self.line_of.setdefault(index, number) != number:
                raise Wrong(self.winners_name, f"entry {index} once", line, number)
            last = place

    def outcome(self, number, n, choices):
        """The rule of the table ("The draw"): (pass, bucket), or None."""
        limit = self.limits[n]
        for choice in choices.split(b">"):
            if number <= limit[choice]:
                return (b"1", choice) if choice != b"*" else \
                    next((b"2", bucket) for bucket, c in self.second[n] if number <= c)
        return None

    def offer(self, entries):
        """What the table gives each entry must stand in the winners' file. Gives the rest."""
        rest, highest, outcome = [], self.highest, self.outcome
        for entry in entries:
            index, number, n, choices = entry
            got = outcome(number, n, choices) if number <= highest[n] else None
            if got is None:
                rest.append(entry)
                continue
            line = self.line_of.get(index)
            expected = b"%s,%d,%s,%s" % (binascii.hexlify(number), index, got[1], got[0])
            if line is None:
                raise Wrong(self.winners_name, expected, f"no line for entry {index} (entries.txt,"
                            f" line {index + 1}), which is within the cut-offs")
            must_equal(self.winners_name, "by the cut-offs", expected, self.winners[line - 1], line)
            self.units[line - 1] = int(n)
        return rest

    def finish(self, left):
        """No one else stands in the winners' file; and the winners earn the cut-offs.

        `left` is what the rounds before left of each bucket; what came back is added, and it may
        not be more than is out ("Alternates"). In the first round all of stock.txt comes.
        """
        for line, n in enumerate(self.units, 1):
            if not n:
                raise Wrong(self.winners_name, "entries that the cut-offs give something",
                            self.winners[line - 1], line)
        for line, (bucket, units) in enumerate(self.gain.items(), 1):
            given = self.stock[bucket] - left[bucket]
            if units > given:
                raise Wrong(self.stock_name, f"up to {given} units of {bucket.decode()}, which "
                            "were given out and did not come back before", units, line)
            left[bucket] += units
        must_equal_lines(self.cutoffs_name, "as the winners earn it:", self.replay(left),
                         self.cutoffs)

    def replay(self, stock):
        """The winners alone against the stock, in their order ("The draw"); what they earn."""
        table, at = [], 0
        for in_pass in (b"1", b"2"):
            earned = {b: [CLOSED.hex() if units < n else None for n in range(9)]
                      for b, units in stock.items()}
            while at < len(self.winners) and self.winners[at].endswith(b"," + in_pass):
                number, _, bucket, _ = self.winners[at].split(b",")
                before, n = stock[bucket], self.units[at]
                if n > before:
                    raise Wrong(self.winners_name, f"{n} units of {bucket.decode()} in stock",
                                f"{before}: more is given than there is", at + 1)
                stock[bucket] = before - n
                for size in range(before - n + 1, min(before, 8) + 1):
                    earned[bucket][size] = number.decode()
                at += 1
            table += [b"%s,%s,%d,%s" % (in_pass, bucket, n, numbers[n].encode())
                      for bucket, numbers in earned.items() for n in range(1, 9) if numbers[n]]
        return table


class Sample:
    """sample.txt: the entries with the smallest audit numbers ("The audit sample")."""

    def __init__(self, seed, data):
        self.prefix, self.lines = seed.encode() + b":audit:", lines_of("sample.txt", data)
        audits = [match("sample.txt", line, "<audit:hex>,<index:int>", number)["audit"]
                  for number, line in enumerate(self.lines, 1)]
        self.last, self.due = max(map(binascii.unhexlify, audits), default=NEVER), []

    def take(self, first, leaves):
        audits = hash_all(self.prefix, leaves)
        self.due += [(audit.hex(), index) for index, audit in enumerate(audits, first)
                     if audit <= self.last]

    def finish(self):
        due = [f"{audit},{index}".encode() for audit, index in sorted(self.due)]
        must_equal_lines("sample.txt", "the next smallest:", due, self.lines)


class Ranking:
    """The number of each entry, and what each round gives it."""

    def __init__(self, seed, rounds, sample=None):
        self.prefix, self.rounds, self.sample = seed.encode() + b":", rounds, sample

    def take(self, first, leaves, tickets, units, choices):
        leaves = list(map(binascii.hexlify, leaves))
        if self.rounds:
            numbers = self.numbers(leaves, tickets)
            entries = zip(range(first, first + len(leaves)), numbers, units, choices)
            for one in self.rounds:
                entries = one.offer(entries)
        if self.sample:
            self.sample.take(first, leaves)

    def numbers(self, leaves, tickets):
        """The smallest SHA-256(seed ‖ ":" ‖ leaf ‖ ":" ‖ t), t = 1 … w ("The draw")."""
        numbers = hash_all(self.prefix, [leaf + b":1" for leaf in leaves])
        tickets, t = list(map(int, tickets)), 2
        while more := [i for i, w in enumerate(tickets) if w >= t]:
            others = hash_all(self.prefix, [b"%s:%d" % (leaves[i], t) for i in more])
            for i, number in zip(more, others):
                if number < numbers[i]:
                    numbers[i] = number
            t += 1
        return numbers

    def finish(self, stock, report):
        left = dict.fromkeys(stock, 0)
        for one in self.rounds:
            one.finish(left)
            report.ok(f"{one.winners_name}: all {len(one.winners):,} entries within the cut-offs "
                      "stand in it, and no other")
            report.ok(f"{one.cutoffs_name}: the winners alone, replayed against "
                      f"{one.stock_name}, earn exactly this table")
        if self.sample:
            self.sample.finish()
            report.ok(f"sample.txt: the {len(self.sample.lines):,} entries with the smallest "
                      "audit numbers")


# == Events ("The seal", "The opening and the seed", "Alternates", "Void") =====================

EVENTS = {  # what stands between the first two lines and `previous`
    "seal": [
        "suite sha256", "entries <count:int> root <root:hex> file <entries:hex>",
        "stock <stock:hex>", "rules <rules:hex>", "program <version:version> <program:hex>",
        "operator-commitment <operator:hex>", "notary-commitment <notary:hex>",
        "balls <balls:words>", "drand <drand:round>", "deadline <deadline:time>"],
    "opening": [
        "seal <seal:hex>", "operator <operator:hex>", "notary <notary:hex>", "balls <balls:balls>"],
    "seeded": ["seed <seed:hex>"],
    "result": ["seed <seed:hex>", "winners <count:int> <winners:hex>", "cutoffs <cutoffs:hex>"],
    "alternates": ["event <event:int>", "returned <returned:hex>",
                   "winners <count:int> <winners:hex>", "cutoffs <cutoffs:hex>"],
    "void": ["reason <reason:reason>"],
}
SEED = ["tidegate-seed/v1", "seal <seal:hex>", "operator <operator:hex>", "notary <notary:hex>",
        "balls <balls:balls>", "drand <drand:beacon>"]
STAGES = {"seal": "seal.txt", "seed": "seeded.txt", "result": "result.txt"}
PARTIES = ("operator", "notary")
KNOWN_BY = ("before its secrets were opened", "when its secrets and balls were known",
            "when its seed was known", "when its winners were known")


def commitment(draw, who, secret):
    """What is sealed of a secret ("The seal")."""
    return hex_sha256(f"tidegate/secret/v1:{draw}:{who}:{secret}".encode())


def moment(place, text, line):
    """A deadline ("The seal"), or Wrong."""
    try:
        found = datetime.datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ")
    except ValueError:
        found = datetime.datetime.min
    if not 2000 <= found.year <= 9998:
        raise Wrong(place, "deadline: a date and time that exist, 2000 to 9998", text, line)
    return found


def event_names(folder):
    """The events that lie in a folder, in their order, without gaps ("The files")."""
    names = os.listdir(folder)
    later = sum(bool(re.fullmatch(r"alternates-[1-9][0-9]{0,8}\.txt", name)) for name in names)
    order = ["seal.txt", "opening.txt", "seeded.txt", "result.txt"]
    order += [f"alternates-{k}.txt" for k in range(1, later + 1)]
    present = [name for name in order if name in names]
    if later and present != order or present != order[:len(present)] or not present:
        raise Unverifiable(next(name for name in order if name not in names) + " is missing")
    return present + ["void.txt"] * ("void.txt" in names)


class Event:
    """A signed note, its fields, and its place in the chain."""

    def __init__(self, folder, name, public=True):
        self.name, self.note = name, Note(folder, name)
        kind = re.split("[-.]", name)[0]
        not_public = [] if public or kind in ("seal", "void") else ["not publicly verifiable"]
        template = [f"tidegate-{kind}/v1", "draw <draw:draw>", *EVENTS[kind], *not_public,
                    f"previous <previous:{'hex-or-none' if kind == 'seal' else 'hex'}>"]
        self.fields = fields_of(name, self.note.lines, template)
        self.digest = self.note.digest
        if kind == "seal" and int(self["count"]) > ENTRIES_MAX:
            raise Wrong(name, f"up to {ENTRIES_MAX:,} entries", self["count"], 4)
        if kind == "seal":
            self.deadline = moment(name, self["deadline"], 12)

    def __getitem__(self, field):
        return self.fields[field]

    def must_say(self, field, what, expected):
        """A field's value, checked; names the line it stands in."""
        line = next((i for i, text in enumerate(self.note.lines, 1)
                     if text.startswith(field.encode() + b" ")), None)
        must_equal(self.name, f"{field} {what}:", expected, self[field], line)


class Before:
    """The folder that a seal follows ("The seal", "Alternates"): only read, not checked."""

    def __init__(self, folder, seal):
        names, older = event_names(folder), Event(folder, "seal.txt")
        must_equal("seal.txt", "draw, as in the seal before:", older["draw"], seal["draw"], 2)
        seal.must_say("previous", f"is the text of {names[-1]} of the folder before",
                      Note(folder, names[-1]).digest)
        self.folder, self.is_void, self.seal = folder, names[-1] == "void.txt", older
        if not self.is_void and "result.txt" not in names:
            raise Wrong(f"{folder}/{names[-1]}", "a draw that has a result or is void",
                        "a draw that is still open")
        self.stock = read_stock("stock.txt", read(folder, "stock.txt"))
        public = older["balls"] != "none" or older["drand"] != "none"
        opening = Event(folder, "opening.txt", public) if "opening.txt" in names else None
        self.opened = [opening[who] for who in PARTIES] if opening else []
        self.ended = "drawn, and stands"
        if self.is_void:
            known = KNOWN_BY[min(len(names) - 1, len(KNOWN_BY)) - 1]
            self.ended = f"VOID, {known}: {Event(folder, 'void.txt')['reason']}"
        self.served, self.rest = set(), self.left()
        for k in range(0 if self.is_void else len(names) - 3):
            name = f"winners-{k}.txt" if k else "winners.txt"
            self.served.update(int(match(name, line, WINNER, number)["index"]) for number, line
                               in enumerate(lines_of(name, read(folder, name)), 1))

    def left(self):
        for number, block in blocks(self.folder):
            for index, line in enumerate(block.split(b"\n")[:-1], number - 1):
                if index not in self.served:
                    yield line

    def check_stock(self, stock):
        """Every bucket of the stock before, in its order ("Alternates": fresh numbers)."""
        must_equal_lines("stock.txt", "the next bucket of the stock before:", self.stock, stock)

    def take(self, lines, number):
        """Exactly the lines that have nothing so far ("Alternates": fresh numbers)."""
        must_equal_lines("entries.txt", "the next line that has nothing so far:",
                         islice(self.rest, len(lines)), lines, number)

    def finish(self, count):
        for line in self.rest:
            raise Wrong("entries.txt", f"once more a line that has nothing so far: {shown(line)}",
                        "no line", count + 1)


# == One folder ================================================================================

class Draw:
    """One folder, checked from the cheap to the dear."""

    def __init__(self, options, report):
        self.folder, self.options, self.report = options.folder, options, report
        self.operator = Key(options.operator_key) if options.operator_key else None
        self.notaries = [Key(text) for text in options.notary_key]
        self.events, self.ranking, self.before, self.beacon = {}, None, None, None
        self.chain = []  # the seals before, the last one first

    def verify(self):
        names = event_names(self.folder)
        last = STAGES[self.options.upto or "result"]
        if last not in names and "void.txt" not in names:
            raise Unverifiable(f"{last} is missing")
        whole = names
        # A void draw goes no further, and its void.txt names the last event: it is read whole.
        if (self.options.upto and last in names and last != "result.txt"
                and "void.txt" not in names):
            names = names[:names.index(last) + 1]
        self.check_events(names)
        self.check_seal()
        self.check_before()
        if "opening.txt" in names:
            self.check_opening()
        if "seeded.txt" in names:
            self.check_seed()
            self.check_rounds([n for n in names if n.startswith(("result", "alternates"))])
        elif ("seeded.txt" not in whole
              and os.path.exists(os.path.join(self.folder, "sample.txt"))):
            raise Wrong("sample.txt", "no sample before there is a seed", "a file")
        self.check_list()
        self.check_keys_used()
        if names == whole:
            self.look_for_strays(names)
        return self.verdict(names)

    def look_for_strays(self, names):
        """Files that no event of this folder speaks of: they may mislead whoever reads them."""
        known = {*names, "entries.txt", "stock.txt", "rules.txt", "checkpoint", "tile", "check"}
        if self.ranking:
            known |= {"seed.txt", "sample.txt"}
            known |= {name for one in self.ranking.rounds for name in one.data}
        for name in sorted(set(os.listdir(self.folder)) - known):
            self.report.remark(f"{name}: no event of this folder speaks of it")

    def check_events(self, names):
        """Each note's form, signatures, draw and `previous` ("The seal" and after)."""
        seal = Event(self.folder, "seal.txt")
        self.public = seal["balls"] != "none" or seal["drand"] != "none"
        self.name, before = seal["draw"], None
        if self.operator and self.operator.name != self.name:
            raise Unverifiable(f"the operator's key is of {self.operator.name}, "
                               f"the draw is {self.name}")
        for name in names:
            event = Event(self.folder, name, self.public)
            event.must_say("draw", "as in seal.txt", self.name)
            if before:
                event.must_say("previous", f"is the text of {before.name}", before.digest)
            signers = event.note.check(self.name, self.operator, self.notaries)
            signed = f", signed by {' and '.join(signers)}" if signers else ""
            chained = f", follows {before.name}" if before else ""
            self.report.ok(f"{name}: form{chained}{signed}; its fingerprint", event.digest)
            self.events[name] = before = event
        if not self.public:
            self.report.remark("this draw is NOT PUBLICLY VERIFIABLE: neither balls nor drand")

    def check_seal(self):
        """The sealed files are those of the seal; the round appears before the deadline."""
        seal = self.events["seal.txt"]
        stock = read(self.folder, "stock.txt")
        rules = read(self.folder, "rules.txt")
        if len(rules) > RULES_BYTES_MAX:
            raise Wrong("rules.txt", f"up to {RULES_BYTES_MAX:,} bytes", f"{len(rules):,}")
        if not lines_of("rules.txt", rules, "utf-8"):
            raise Wrong("rules.txt", "rules, LF at the end of the last line", "an empty file", 1)
        for name in ("stock", "rules", "entries"):
            digest = file_sha256(self.folder, f"{name}.txt")
            must_equal(f"{name}.txt", "the digest in seal.txt,", seal[name], digest)
            self.report.ok(f"{name}.txt: the file that was sealed", digest)
        self.stock = read_stock("stock.txt", stock)
        start, deadline = datetime.datetime(1970, 1, 1), seal.deadline
        if seal["drand"] != "none":
            chain, _, number = seal["drand"].split()
            must_equal("seal.txt", "the drand chain quicknet,", QUICKNET, chain, 11)
            seconds = QUICKNET_GENESIS + QUICKNET_PERIOD * (int(number) - 1)
            if seconds >= (deadline - start).total_seconds():
                raise Wrong("seal.txt", f"a round that appears before the deadline, {deadline} UTC",
                            seal["drand"], 11)
            self.beacon = start + datetime.timedelta(seconds=seconds)
            self.report.ok(f"seal.txt: drand round {number} appears {self.beacon} UTC, before the "
                           f"deadline, {deadline} UTC")

    def check_before(self):
        """`previous` of the seal, and the folders before ("The seal", "Alternates")."""
        seal, place = self.events["seal.txt"], "seal.txt"
        for folder in self.options.previous:
            if seal["previous"] == "none":
                raise Wrong(place, f"a seal that follows {folder}", "previous none", 13)
            self.chain.append(Before(folder, seal))
            seal, place = self.chain[-1].seal, f"{folder}/seal.txt"
        standing = [before for before in self.chain if not before.is_void]
        self.before = (standing or self.chain[-1:] or [None])[0]
        if standing:
            self.before.check_stock(self.stock)
            self.report.ok("stock.txt: the buckets of the draw before that stands, in its order")
            self.report.skip("how many units came back before this seal: no file says it")
        if not standing and seal["previous"] != "none":
            self.report.skip("the draw before this one, and which entries and buckets it left: "
                             "give its folder (--previous), and behind a void one that before it")
        elif seal["previous"] != "none":
            self.report.skip(f"the seal that the one in {self.chain[-1].folder} follows: give its "
                             "folder, too (--previous)")
        if self.before:
            self.report.ok("seal.txt: follows the folder before (which is only read here: check "
                           "it by itself)", self.events["seal.txt"]["previous"])
        self.look_for_known_secrets()

    def look_for_known_secrets(self):
        """What was opened of a draw everybody knows, whichever party it is sealed for again."""
        seals = [("this seal", self.events["seal.txt"])]
        seals += [(f"the seal in {before.folder}", before.seal) for before in self.chain]
        for at, (which, seal) in enumerate(seals):
            for who in PARTIES:
                known = [older.folder for older in self.chain[at:] for secret in older.opened
                         if commitment(self.name, who, secret) == seal[who]]
                if known:
                    self.report.remark(f"the {who}'s secret of {which} was known to everybody when "
                                       f"it was sealed, from {known[0]}/opening.txt")

    def check_opening(self):
        """The secrets open the commitments; the balls are there if the seal says so."""
        seal, opening = self.events["seal.txt"], self.events["opening.txt"]
        opening.must_say("seal", "is the text of seal.txt", seal.digest)
        for line, who in enumerate(PARTIES, 4):
            must_equal("opening.txt", f"a secret that opens the {who}'s commitment", seal[who],
                       commitment(self.name, who, opening[who]), line)
        balls = opening["balls"]
        if (balls == "none") != (seal["balls"] == "none"):
            raise Wrong("opening.txt", f"balls as sealed: {seal['balls']}", balls, 6)
        announced = re.match(r"([1-9][0-9]*) of ", seal["balls"])
        if announced and int(announced[1]) != len(balls.split()):
            self.report.remark(f"sealed: balls {seal['balls']}; opened: balls {balls}")
        self.report.ok(f"opening.txt: both secrets open their commitments; balls {balls}")

    def check_seed(self):
        """seed.txt says what was opened, and the sealed round with its true signature."""
        seal, opening = self.events["seal.txt"], self.events["opening.txt"]
        data = read(self.folder, "seed.txt")
        lines, self.seed = lines_of("seed.txt", data), hex_sha256(data)
        self.events["seeded.txt"].must_say("seed", "is SHA-256 of seed.txt", self.seed)
        seed = fields_of("seed.txt", lines, SEED)
        must_equal("seed.txt", "the text of seal.txt", seal.digest, seed["seal"], 2)
        for line, field in ((3, "operator"), (4, "notary"), (5, "balls")):
            must_equal("seed.txt", f"{field} as opened:", opening[field], seed[field], line)
        self.report.ok("seed.txt: made of what was opened; the seed", self.seed)
        sealed = seal["drand"].replace(" round", "")
        must_equal("seed.txt", "drand: the sealed chain and round,", sealed,
                   " ".join(seed["drand"].split()[:2]), 6)
        self.check_beacon(seed["drand"], 6)

    def check_beacon(self, beacon, line):
        """The round's signature against the chain's public key ("The opening and the seed")."""
        if beacon != "none":
            _, number, signature = beacon.split()
            if not beacon_is_valid(int(number), bytes.fromhex(signature)):
                raise Wrong("seed.txt", f"quicknet's signature of round {number}",
                            f"one that does not verify: {signature}", line)
            self.report.ok(f"seed.txt: drand round {number} is signed by the quicknet network")

    def check_rounds(self, names):
        """The files of the result and of each alternates event against the notes' digests."""
        rounds = []
        for k, name in enumerate(names):
            event, one = self.events[name], Round(self.folder, k, self.stock)
            for place, data in one.data.items():
                field = re.split(r"[-.]", place)[0]
                if field != "stock":
                    must_equal(place, f"the digest in {name},", event[field], hex_sha256(data))
                    self.report.ok(f"{place}: the file that {name} names", event[field])
            must_equal(name, "winners, as lines in the file:", str(len(one.winners)),
                       event["count"], 5 if k else 4)
            event.must_say(*("event", "counts from 1", str(k)) if k else
                           ("seed", "as in seeded.txt", self.seed))
            rounds.append(one)
        sample = None
        if os.path.exists(os.path.join(self.folder, "sample.txt")):
            sample = Sample(self.seed, read(self.folder, "sample.txt"))
        self.ranking = Ranking(self.seed, rounds, sample)

    def check_list(self):
        """Stream entries.txt ("An entry", "The tree"), then compare what it sums up to."""
        tiles = Tiles(self.folder) if self.options.tiles else None
        exact = self.before if self.before and not self.before.is_void else None
        self.count, root = stream_list(self.folder, {*self.stock, b"*"}, self.ranking, exact, tiles)
        self.report.ok(f"entries.txt: {self.count:,} entries, each well formed, in order, known "
                       "choices, no tag twice")
        if exact:
            exact.finish(self.count)
            self.report.ok("entries.txt: exactly the lines of the folder before that have nothing")
        if not self.options.bare:
            seal = self.events["seal.txt"]
            must_equal("seal.txt", "entries, as in the list:", str(self.count), seal["count"], 4)
            must_equal("seal.txt", "root, as of the list:", root.hex(), seal["root"], 4)
        self.check_checkpoint(root)
        if tiles:
            self.report.ok(f"tile/: {len(tiles.files):,} files agree with the tree and the list")
            for path in tiles.strays():
                self.report.remark(f"{path}: no tile of this list is called so")
        elif os.path.exists(os.path.join(self.folder, "tile")):
            self.report.skip("tile/: ask for it with --tiles")
        if self.ranking:
            self.ranking.finish(self.stock, self.report)

    def check_checkpoint(self, root):
        """Three lines: the draw's name, the number of entries, the root ("The tree")."""
        if self.options.bare and not os.path.exists(os.path.join(self.folder, "checkpoint")):
            return self.report.skip("the tree's root: there is no checkpoint")
        note = Note(self.folder, "checkpoint")
        if self.options.bare:
            self.name = note.lines[0].decode()
        expected = [self.name.encode(), b"%d" % self.count, base64.b64encode(root)]
        must_equal_lines("checkpoint", "as of the list:", expected, note.lines)
        note.check(self.name, self.operator, self.notaries)
        self.report.ok("checkpoint: the tree over entries.txt; its root", root.hex())

    def check_keys_used(self):
        if not self.operator:
            self.report.skip("signatures: give the operator's key (--operator-key)")
        for key in self.notaries:
            if not key.notes:
                raise Wrong("the notes", f"a signature by {key.label}", "none")
            missing = [name for name in [*self.events, "checkpoint"] if name not in key.notes]
            if missing and not self.options.bare:
                self.report.remark(f"{key.name} did not sign {', '.join(missing)}")

    def verify_bare(self):
        """entries, stock, seed, winners, cutoffs and perhaps a checkpoint, without events."""
        data = read(self.folder, "seed.txt")
        self.seed = hex_sha256(data)
        self.stock = read_stock("stock.txt", read(self.folder, "stock.txt"))
        self.report.ok("seed.txt: taken as it is; the seed", self.seed)
        for number, line in enumerate(lines_of("seed.txt", data), 1):
            if line.startswith(b"drand " + QUICKNET.encode()):
                found = match("seed.txt", line, "drand <drand:beacon>", number)
                self.check_beacon(found["drand"].decode(), number)
        one = Round(self.folder, 0, self.stock)
        self.ranking = Ranking(self.seed, [one])
        self.check_list()
        self.check_keys_used()
        self.report.skip("the seal, the opening, the result and the chain between them; the "
                         "rules; where the seed comes from")
        return [f"These files agree with each other: {self.count:,} entries, "
                f"{len(one.winners):,} of them given something."]

    def verdict(self, names):
        """What a journalist reads."""
        lines = [f"The draw {self.name}: {self.count:,} entries."]
        if "void.txt" in names:
            lines = [f"The draw {self.name} is VOID: {self.events['void.txt']['reason']}.",
                     "What was published before that is right."]
        elif self.ranking and self.ranking.rounds:
            given = [len(one.winners) for one in self.ranking.rounds]
            lines.append(f"Given something: {given[0]:,}" + "".join(
                f", alternates-{k}: {n:,}" for k, n in enumerate(given[1:], 1))
                + ". Every one of them, and no one else, follows from the list and the seed.")
        else:
            lines.append(f"Right as far as it was checked: to {names[-1]}.")
        lines += [f"The seal before it, in {before.folder}: {before.ended}."
                  for before in self.chain]
        if not self.public:
            return lines + ["NOT PUBLICLY VERIFIABLE: the seed is the operator's and the notary's."]
        before = f"before {self.beacon} UTC" if self.beacon else "before the balls were drawn"
        return lines + [f"No file proves when it was published: that this seal was out {before}, "
                        "you must know yourself. Its fingerprint:",
                        "    " + grouped(self.events["seal.txt"].digest)]


# == The command ===============================================================================

def main(argv=None, out=sys.stdout):
    parser = argparse.ArgumentParser(description="Check a draw from its public files.")
    parser.add_argument("folder", metavar="FOLDER")
    parser.add_argument("--operator-key", metavar="VKEY", help="name+id+base64, as published")
    parser.add_argument("--notary-key", metavar="VKEY", action="append", default=[])
    parser.add_argument("--previous", metavar="FOLDER", action="append", default=[],
                        help="the folder that this one's seal follows; again for the one before "
                             "that, back to the first, at least to the draw that stands")
    parser.add_argument("--upto", choices=list(STAGES), help="check only so far (default: all; "
                        "a void draw always is)")
    parser.add_argument("--tiles", action="store_true", help="check tile/ against the list")
    parser.add_argument("--bare", action="store_true", help="a vector: the lists without events")
    options, report = parser.parse_args(argv), Report(out)
    gc.disable()  # nothing here makes cycles, and the collector would cost a tenth of the time
    try:
        draw = Draw(options, report)
        lines = draw.verify_bare() if options.bare else draw.verify()
    except Wrong as wrong:
        print(f"WRONG {wrong.place}\n      expected: {wrong.expected}\n      found:    "
              f"{wrong.found}\n\nVERDICT: the draw is WRONG, see {wrong.place}.", file=out)
        return 1
    except (Unverifiable, OSError) as problem:
        print(f"\nVERDICT: it cannot be checked: {problem}.", file=out)
        return 2
    except Exception as fault:  # must not look like a verdict on the draw
        print(f"\nVERDICT: it cannot be checked: this program failed: {fault!r}", file=out)
        return 2
    print("\nVERDICT: " + "\n         ".join(
        lines + [f"Look at this: {text}." for text in report.remarks]
        + [f"Not checked: {text}." for text in report.unchecked]), file=out)
    print("All that was checked is right.", file=out)
    return 0


if __name__ == "__main__":
    sys.stdout.reconfigure(errors="backslashreplace")  # a dash must not stop a verdict
    sys.exit(main())
