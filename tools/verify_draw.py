#!/usr/bin/env python3
"""Check a Tidegate draw from its public files: one file, standard library, no network.

    verify_draw.py FOLDER [--operator-key VKEY] [--notary-key VKEY]... [--previous FOLDER]...
                   [--upto seal|seed|result] [--tiles] [--bare]

Written from docs/draw-format.md ("the page") alone, not from the program that draws. Section
names in quotes below are the headings of that page. How it goes:

    1. the events (seal, opening, seeded, result, alternates, void) and the chain between them;
    2. the seed: commitments, balls, the drand signature;
    3. the sealed list, streamed once: grammar, order, tags, tree, and for each entry its number
       and what the cut-offs give it, which must be what the winners' file says;
    4. the winners alone, replayed against the stock: they must earn exactly those cut-offs.

Exit: 0 all that was checked is right; 1 the draw is wrong (file, line, expected, found);
2 it cannot be checked (a missing file, a wrong call). It reads the list once, needs well under
1 GB for 14 million entries, and writes nothing.

To read it: start at the end, with class Draw; Ed25519 and the drand section stand alone.
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
from functools import lru_cache
from itertools import islice, zip_longest
from operator import ge

sha256 = hashlib.sha256


# == Verdicts and words =======================================================================

class Wrong(Exception):
    """The draw is wrong: where, what was expected, what was found."""

    def __init__(self, place, expected, found, line=None):
        super().__init__(place)
        self.place = place if line is None else f"{place}, line {line}"
        self.expected, self.found = expected, found


class Unverifiable(Exception):
    """It cannot be checked: a file is missing, or the call makes no sense."""


class Report:
    """Prints each check as it is made; remembers what could not be checked and what is odd."""

    def __init__(self, out=sys.stdout):
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
    """Bytes or text for a message, cut to a readable length."""
    text = value.decode("ascii", "backslashreplace") if isinstance(value, bytes) else str(value)
    return text if len(text) <= 300 else text[:280] + f"… ({len(text)} characters)"


def hex_sha256(data):
    return sha256(data).hexdigest()


def must_equal(place, what, expected, found, line=None):
    if expected != found:
        raise Wrong(place, f"{what} {shown(expected)}", shown(found), line)


# == Files and grammar ========================================================================

TYPES = {  # the names used between < and > in the templates below
    "hex": "[0-9a-f]{64}", "int": "0|[1-9][0-9]{0,18}", "draw": "[A-Za-z0-9._/-]{1,100}",
    "words": "[ -~]{1,200}", "word": "[!-~]{1,100}", "hex-or-none": "[0-9a-f]{64}|none",
    "balls": "none|[A-Z0-9]{1,8}(?: [A-Z0-9]{1,8}){0,63}",
    "round": "none|[0-9a-f]{64} round [1-9][0-9]{0,18}",
    "beacon": "none|[0-9a-f]{64} [1-9][0-9]{0,18} [0-9a-f]{96}",
    "bucket": "[A-Z0-9._-]{1,64}(?:#[A-Z0-9._-]{1,16})?", "pass": "[12]", "n": "[1-8]",
    "number": "[0-9a-f]{64}", "time": "[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}Z",
}
BUCKET = re.compile(TYPES["bucket"].encode())


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
        raise Wrong(place, re.sub(r":[\w-]+>", ">", template), shown(line), number)
    return found.groupdict()


def read(folder, name):
    try:
        with open(os.path.join(folder, name), "rb") as file:
            return file.read()
    except OSError as error:
        raise Unverifiable(f"{name} cannot be read: {error.strerror}")


def exists(folder, name):
    return os.path.exists(os.path.join(folder, name))


def refuse_bad_bytes(place, data, first_line=1, whole=True):
    """ASCII, no byte order mark, LF ends every line, the last one too (head of the page)."""
    if whole and data.startswith(b"\xef\xbb\xbf"):
        raise Wrong(place, "no byte order mark", "a byte order mark", first_line)
    if not data.isascii() or b"\r" in data:
        at = next(i for i, byte in enumerate(data) if byte > 127 or byte == 13)
        raise Wrong(place, "ASCII, lines that end in LF", f"a byte {data[at]:#04x}",
                    first_line + data.count(b"\n", 0, at))
    if whole and data and not data.endswith(b"\n"):
        raise Wrong(place, "LF at the end of the last line", "no LF",
                    first_line + data.count(b"\n"))


def lines_of(place, data):
    refuse_bad_bytes(place, data)
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


def ed_times(k, point):
    total = (0, 1, 1, 0)
    for bit in bin(k)[2:]:
        total = ed_add(total, total)
        if bit == "1":
            total = ed_add(total, point)
    return total


def ed_encode(point):
    inverse = pow(point[2], -1, P25519)
    x, y = point[0] * inverse % P25519, point[1] * inverse % P25519
    return (y | (x & 1) << 255).to_bytes(32, "little")


ED_BASE = ed_decode((4 * pow(5, -1, P25519) % P25519).to_bytes(32, "little"))


def ed25519_verify(key, message, signature):
    """Strict: S below L, canonical key, no key of small order, [S]B = R + [k]A byte for byte."""
    point, s = ed_decode(key), int.from_bytes(signature[32:], "little")
    if len(signature) != 64 or point is None or s >= L25519:
        return False
    if ed_encode(ed_times(8, point)) == ed_encode((0, 1, 1, 0)):
        return False
    k = int.from_bytes(hashlib.sha512(signature[:32] + key + message).digest(), "little")
    minus = (P25519 - point[0], point[1], 1, P25519 - point[3])
    return ed_encode(ed_add(ed_times(s, ED_BASE), ed_times(k % L25519, minus))) == signature[:32]


# == Signed notes ("The tree") =================================================================

def base64_bytes(text):
    """The bytes of canonical base64, or None."""
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
    return data if base64.b64encode(data) == text else None


class Key:
    """A published key: name+key id+base64(0x01 ‖ public key)."""

    def __init__(self, text):
        name, _, rest = text.partition("+")
        key_id, _, encoded = rest.partition("+")
        data = base64_bytes(encoded.encode("ascii", "replace")) or b""
        if len(data) != 33 or data[0] != 1:
            raise Unverifiable(f"not a key of the form name+id+base64: {text}")
        self.name, self.public, self.notes = name, data[1:], []
        self.id = sha256(name.encode() + b"\n\x01" + self.public).digest()[:4]
        if self.id.hex() != key_id:
            raise Unverifiable(f"the key's id should be {self.id.hex()}, not {key_id}: {text}")


class Note:
    """A signed note taken apart; `text` is what is signed and what every digest is of."""

    def __init__(self, folder, name):
        self.name, data = name, read(folder, name)
        body, gap, tail = data.partition(b"\n\n")
        if not gap or not tail.endswith(b"\n"):
            raise Wrong(name, "a signed note: text, an empty line, signature lines",
                        "no empty line" if not gap else "no LF at the end")
        self.text = body + b"\n"
        self.lines = lines_of(name, self.text)
        self.digest = hex_sha256(self.text)
        self.signatures = [self.signature(line, number) for number, line
                           in enumerate(tail.split(b"\n")[:-1], len(self.lines) + 2)]

    def signature(self, line, number):
        found = re.fullmatch(b"\xe2\x80\x94 ([^ +\\n]+) ([A-Za-z0-9+/=]+)", line)
        data = base64_bytes(found[2]) if found else None
        if data is None or len(data) < 5:
            raise Wrong(self.name, "— name base64(key id ‖ signature)", shown(line), number)
        return found[1].decode("utf-8", "replace"), data[:4], data[4:], number

    def check(self, draw, operator, notaries):
        """The operator signed it; whatever a given notary signed is right too. Gives names."""
        if not any(name == draw for name, *_ in self.signatures):
            raise Wrong(self.name, f"a signature line of the operator, {draw}", "none")
        valid = []
        for key in ([operator] if operator else []) + notaries:
            mine = [s for s in self.signatures if (s[0], s[1]) == (key.name, key.id)]
            for _, _, signature, number in mine:
                if not ed25519_verify(key.public, self.text, signature):
                    raise Wrong(self.name, f"a valid signature by {key.name}+{key.id.hex()}",
                                "a signature that does not fit the text", number)
            if mine:
                valid.append(key.name)
                key.notes.append(self.name)
            elif key is operator:
                raise Wrong(self.name, f"a signature by {key.name}+{key.id.hex()}", "none")
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


def times(k, point):
    total = None
    for bit in bin(k)[2:]:
        total = add(total, total)
        total = add(total, point) if bit == "1" else total
    return total


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
    return (x, y) if times(R, (x, y)) is None else None


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
    return times(H_EFFECTIVE, add(map_to_curve(u[0]), map_to_curve(u[1])))


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
    f, power, points = one, one, [q for _, q in pairs]
    for bit in bin(X)[3:]:
        f = f12_mul(f, f)
        for i, (p, q) in enumerate(pairs):
            for other in [None, q] if bit == "1" else [None]:
                other = other or points[i]
                f = f12_mul(f, line_at(points[i], other, p))
                points[i] = add(points[i], other)
    for bit in bin((P**12 - 1) // R)[2:]:
        power = f12_mul(power, power)
        power = f12_mul(power, f) if bit == "1" else power
    return power == one


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
ENTRY = re.compile((
    rf"({COMMIT}(?:\+{COMMIT}){{0,7}}),({TAG}(?:\+{TAG}){{0,7}}),(?:[1-9]|[12][0-9]|3[0-2]),"
    rf"[1-8],{CHOICE}(?:>{CHOICE}){{0,4}}(?:>\*)?").encode())
QUICK = re.compile(rb"^[0-9a-f+]{64}([0-9a-f+]*),([0-9a-f+]{32})([0-9a-f+]*),([1-9][0-9]?),([1-8]),"
                   rb"([A-Z0-9._#>*-]+)\n", re.M)
UNSHAPELY = bytes(set(range(256)) - set(b">*\n"))
BLOCK_BYTES = 1 << 19
TICKETS = {b"%d" % w for w in range(1, 33)}
ENTRY_FORM = "commit[+commit…],tag[+tag…],w,n,choice[>choice…][>*]"
NO_LINE, CLOSED, NEVER = b"\xff" * 33, bytes(32), b""  # above, at the foot of, below all numbers


def blocks(folder, name, digest):
    """The file in blocks of whole lines, each with its first line's number."""
    rest, number = b"", 1
    try:
        with open(os.path.join(folder, name), "rb") as file:
            for chunk in iter(lambda: file.read(BLOCK_BYTES), b""):
                digest.update(chunk)
                cut = chunk.rfind(b"\n") + 1
                if not cut:
                    raise Wrong(name, ENTRY_FORM, "a line longer than any entry", number)
                block, rest = rest + chunk[:cut], chunk[cut:]
                yield number, block
                number += block.count(b"\n")
    except OSError as error:
        raise Unverifiable(f"{name} cannot be read: {error.strerror}")
    if rest:
        refuse_bad_bytes(name, rest, number)
        raise Wrong(name, "LF at the end of the last line", "no LF", number)


def file_digest(folder, name="entries.txt"):
    digest = sha256()
    for _ in blocks(folder, name, digest):
        pass
    return digest.hexdigest()


def refuse_bad_entries(name, lines, number):
    """Look at each line by itself; say which is no entry, and why."""
    for number, line in enumerate(lines, number):
        found = ENTRY.fullmatch(line)
        if not found:
            refuse_bad_bytes(name, line, number, whole=False)
            raise Wrong(name, ENTRY_FORM, shown(line), number)
        commits, tags = (part.count(b"+") + 1 for part in found.groups())
        if commits != tags:
            raise Wrong(name, "as many tags as commits", f"{commits} and {tags}", number)


def columns(name, block, lines, number):
    """Tags, tickets, units, choices of a block, each line of which is an entry.

    ENTRY is the grammar, but slow. So a block gets a quick look, which passes only what ENTRY
    passes: five fields of the right letters in each line; commits and tags of the length of one
    (a line with more is looked at by itself) and no '+' elsewhere; w in range; up to five
    choices, and '*' only as the last. What each choice is, refuse_unknown sees.
    """
    fields = QUICK.findall(block)
    if len(fields) == len(lines):
        more_commits, tags, more_tags, tickets, units, choices = zip(*fields)
        groups, tags = [i for i, more in enumerate(more_commits) if more], list(tags)
        for i in groups:
            refuse_bad_entries(name, [lines[i]], number + i)
            tags += more_tags[i][1:].split(b"+")
        shape = b"\n".join(choices).translate(None, UNSHAPELY)
        if (more_tags.count(b"") == len(lines) - len(groups)
                and block.count(b"+") == sum(lines[i].count(b"+") for i in groups)
                and TICKETS.issuperset(tickets) and block.count(b"*") == block.count(b">*\n")
                and b">>>>>>" not in shape and shape.count(b">>>>>") == shape.count(b">>>>>*")):
            return tags, tickets, units, choices
    refuse_bad_entries(name, lines, number)
    raise AssertionError("the quick look refused what the grammar accepts")


def refuse_disorder(name, last, lines, number):
    """Strictly ascending by bytes."""
    if last >= lines[0] or any(map(ge, lines, islice(lines, 1, None))):
        for number, line in enumerate(lines, number):
            if last >= line:
                what = "the line before once more" if last == line else shown(line)
                raise Wrong(name, "lines strictly ascending by bytes", what, number)
            last = line


def refuse_unknown(name, known, lines, choices, number):
    """Each choice is a bucket of the stock (of the first seal's, where a seal follows)."""
    named = set(b">".join(choices).split(b">"))
    bad = named - known if known else {c for c in named if c != b"*" and not BUCKET.fullmatch(c)}
    if bad:
        for number, (line, mine) in enumerate(zip(lines, choices), number):
            for choice in bad.intersection(mine.split(b">")):
                raise Wrong(name, "choices that are buckets of stock.txt", shown(choice), number)


class Tags:
    """Finds a tag that stands twice: 16 bytes each, in 256 parts so that each part is small."""

    def __init__(self):
        self.parts = {b"%02x" % i: ([], bytearray()) for i in range(256)}
        self.add_to = {first: waiting.append for first, (waiting, _) in self.parts.items()}
        self.waiting = 0

    def add(self, tags):
        add_to = self.add_to
        for tag in tags:
            add_to[tag[:2]](tag)
        self.waiting += len(tags)
        if self.waiting >= 1 << 20:
            self.pack()

    def pack(self):
        for waiting, packed in self.parts.values():
            packed += binascii.unhexlify(b"".join(waiting))
            waiting.clear()
        self.waiting = 0

    def repeated(self):
        """A tag that stands twice, or None."""
        self.pack()
        for _, packed in self.parts.values():
            if len(set(struct.iter_unpack("16s", packed))) != len(packed) // 16:
                seen = set()
                for tag, in struct.iter_unpack("16s", packed):
                    if tag in seen:
                        return tag.hex().encode()
                    seen.add(tag)
        return None


def refuse_repeated_tag(folder, name, tag):
    """A second look at the list, only to name the lines."""
    where = [number + i for number, block in blocks(folder, name, sha256())
             for i, line in enumerate(block.split(b"\n")) for _ in range(line.count(tag))]
    raise Wrong(name, "each tag once in the list",
                f"tag {tag.decode()} in lines {', '.join(map(str, where[:5]))}", where[1])


class Tiles:
    """Compares tile/ with the tree and the list (C2SP tlog-tiles); --tiles."""

    def __init__(self, folder):
        self.folder, self.files, self.buffers = folder, 0, {}

    def take(self, level, items):
        buffer = self.buffers.setdefault(level, [0, []])
        buffer[1] += items
        while len(buffer[1]) >= 256:
            self.compare(level, buffer[0], buffer[1][:256])
            buffer[0] += 1
            del buffer[1][:256]

    def finish(self):
        for level, (index, items) in self.buffers.items():
            if items:
                self.compare(level, index, items)

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
        self.files += 1


def leaf_hashes(lines):
    copy, leaves = sha256(b"\0").copy, []
    for line in lines:
        state = copy()
        state.update(line)
        leaves.append(state.digest())
    return leaves


class Tree:
    """RFC 6962, 2.1: keeps one waiting hash a level and combines whole batches."""

    def __init__(self, tiles=None):
        self.levels, self.tiles = [], tiles

    def extend(self, hashes):
        copy, level = sha256(b"\1").copy, 0
        while hashes:
            if level == len(self.levels):
                self.levels.append([])
            if self.tiles and level % 8 == 0:
                self.tiles.take(level // 8, hashes)
            hashes = self.levels[level] + hashes
            self.levels[level] = [hashes.pop()] if len(hashes) % 2 else []
            pairs, hashes = iter(hashes), []
            for left, right in zip(pairs, pairs):
                state = copy()
                state.update(left + right)
                hashes.append(state.digest())
            level += 1

    def root(self):
        root = None
        for waiting in self.levels:
            for left in waiting:
                root = left if root is None else sha256(b"\1" + left + root).digest()
        return root or sha256(b"").digest()


class SealedList:
    """entries.txt, read once from front to back."""

    def __init__(self, folder, known, tiles, name="entries.txt"):
        self.folder, self.name, self.known, self.tiles = folder, name, known, tiles
        self.count, self.file, self.root = 0, None, None

    def stream(self, ranking=None, expected=None):
        """Check all that the list alone must be; hand each batch to the ranking, if any."""
        digest, tree, tags, last = sha256(), Tree(self.tiles), Tags(), b""
        for number, block in blocks(self.folder, self.name, digest):
            lines = block.split(b"\n")[:-1]
            more, tickets, units, choices = columns(self.name, block, lines, number)
            tags.add(more)
            refuse_disorder(self.name, last, lines, number)
            last = lines[-1]
            refuse_unknown(self.name, self.known, lines, choices, number)
            if expected:
                expected.take(lines, number)
            if self.tiles:
                self.tiles.take("entries", lines)
            leaves = leaf_hashes(lines)
            tree.extend(leaves)
            if ranking:
                ranking.take(number - 1, leaves, tickets, units, choices)
            self.count += len(lines)
            if sys.stderr.isatty():
                print(f"      {self.count:,} entries", end="\r", file=sys.stderr)
        repeated = tags.repeated()
        if repeated:
            refuse_repeated_tag(self.folder, self.name, repeated)
        if self.tiles:
            self.tiles.finish()
        self.file, self.root = digest.hexdigest(), tree.root()


# == The draw ("The draw", "Alternates", "The audit sample") ===================================

def read_stock(place, data):
    """bucket,units a line, each bucket once; a dictionary in published order."""
    stock, lines = {}, lines_of(place, data)
    if not 1 <= len(lines) <= 65535:
        raise Wrong(place, "1 to 65,535 lines", f"{len(lines)} lines")
    for number, line in enumerate(lines, 1):
        found = match(place, line, "<bucket:bucket>,<units:int>", number)
        if int(found["units"]) > 2**32 - 1:
            raise Wrong(place, "units up to 4294967295", shown(line), number)
        if found["bucket"] in stock:
            raise Wrong(place, "each bucket once", shown(line), number)
        stock[found["bucket"]] = int(found["units"])
    return stock


class Limits(dict):
    """Cut-offs by choice; a choice that is no longer in the stock counts for nothing."""

    def __missing__(self, choice):
        return NEVER


class Round:
    """One allotment: the draw itself (K = 0), or alternates by order (K = 1, 2, …)."""

    def __init__(self, folder, k, bare=False):
        end = f"-{k}.txt" if k else ".txt"
        self.stock_name = f"returned{end}" if k else "stock.txt"
        self.winners_name, self.cutoffs_name = f"winners{end}", f"cutoffs{end}"
        self.stock_data = read(folder, self.stock_name)
        self.winners_data = read(folder, self.winners_name)
        self.cutoffs_data = read(folder, self.cutoffs_name)
        self.stock = read_stock(self.stock_name, self.stock_data)
        self.cutoffs = lines_of(self.cutoffs_name, self.cutoffs_data)
        self.winners = lines_of(self.winners_name, self.winners_data)
        # A bare vector may be older than the rule that tranches have no lines in pass 2.
        self.tranches_twice = bare and any(re.match(b"2,[^,]*#", c) for c in self.cutoffs)
        self.read_cutoffs()
        self.read_winners()

    def read_cutoffs(self):
        """The table: cutoff[pass][bucket][n], and from it the limits of each choice."""
        table, last = {}, ()
        order = {bucket: i for i, bucket in enumerate(self.stock)}
        for number, line in enumerate(self.cutoffs, 1):
            found = match(self.cutoffs_name, line,
                          "<pass:pass>,<bucket:bucket>,<n:n>,<number:number>", number)
            bucket, key = found["bucket"], (found["pass"], found["bucket"], found["n"])
            if bucket not in order:
                raise Wrong(self.cutoffs_name, f"a bucket of {self.stock_name}", bucket, number)
            place = (found["pass"], order[bucket], found["n"])
            if place <= last:
                raise Wrong(self.cutoffs_name, "lines by pass, stock order, n", shown(line), number)
            table[key], last = bytes.fromhex(found["number"].decode()), place
        self.highest = {}
        open_buckets = [b for b in self.stock if b"#" not in b]
        self.limits, self.second = {}, {}
        for n in (b"%d" % n for n in range(1, 9)):
            self.limits[n] = Limits((b, table.get((b"1", b, n), NO_LINE)) for b in self.stock)
            self.second[n] = [(b, table.get((b"2", b, n), NO_LINE)) for b in open_buckets]
            self.limits[n][b"*"] = max((c for _, c in self.second[n]), default=NEVER)
            self.highest[n] = max(self.limits[n].values())

    def read_winners(self):
        """number,index,bucket,pass: by pass, then in order; who stands where."""
        self.line_of, last = {}, ()
        self.units = bytearray(len(self.winners))  # n of each, once the list has shown it
        for number, line in enumerate(self.winners, 1):
            found = match(self.winners_name, line,
                          "<number:number>,<index:int>,<bucket:bucket>,<pass:pass>", number)
            index = int(found["index"])
            place = (found["pass"], found["number"], index)
            if place <= last:
                raise Wrong(self.winners_name, "lines by pass, then by number", shown(line),
                            number)
            if found["bucket"] not in self.stock:
                raise Wrong(self.winners_name, f"a bucket of {self.stock_name}", shown(line),
                            number)
            if self.line_of.setdefault(index, number) != number:
                raise Wrong(self.winners_name, f"entry {index} once", shown(line), number)
            last = place

    def outcome(self, number, n, choices):
        """The rule of the table: (pass, bucket), or None."""
        for choice in choices.split(b">"):
            if choice != b"*" and number <= self.limits[n][choice]:
                return b"1", choice
        if choices.endswith(b">*"):
            for bucket, cutoff in self.second[n]:
                if number <= cutoff:
                    return b"2", bucket
        return None

    def offer(self, entries, keep):
        """What the table gives each entry must stand in the winners' file. Gives the rest."""
        limits, highest, rest = self.limits, self.highest, []
        for entry in entries:
            _, number, n, choices = entry
            if number <= highest[n]:  # else it is above every cut-off
                limit = limits[n]
                for choice in choices.split(b">"):
                    if number <= limit[choice]:
                        self.settle(*entry)
                        break
                else:
                    if keep:
                        rest.append(entry)
            elif keep:
                rest.append(entry)
        return rest

    def settle(self, index, number, n, choices):
        in_pass, bucket = self.outcome(number, n, choices)
        expected = b"%s,%d,%s,%s" % (binascii.hexlify(number), index, bucket, in_pass)
        line = self.line_of.get(index)
        if line is None:
            raise Wrong(self.winners_name, shown(expected), f"no line for entry {index} "
                        f"(entries.txt, line {index + 1}), which is within the cut-offs")
        must_equal(self.winners_name, "by the cut-offs", expected, self.winners[line - 1], line)
        self.units[line - 1] = int(n)

    def finish(self):
        """No one else stands in the winners' file; and the winners earn the cut-offs."""
        for line, n in enumerate(self.units, 1):
            if not n:
                raise Wrong(self.winners_name, "entries that the cut-offs give something",
                            shown(self.winners[line - 1]), line)
        pairs = zip_longest(self.replay(), self.cutoffs, fillvalue=b"no line")
        for number, (expected, found) in enumerate(pairs, 1):
            must_equal(self.cutoffs_name, "as the winners earn it:", expected, found, number)

    def replay(self):
        """The winners alone against the stock, in their order; the table they earn."""
        stock, table, at = dict(self.stock), [], 0
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
            table += [f"{in_pass.decode()},{bucket.decode()},{n},{numbers[n]}".encode()
                      for bucket, numbers in earned.items() for n in range(1, 9)
                      if numbers[n] and (in_pass == b"1" or b"#" not in bucket
                                         or self.tranches_twice)]
        return table


class Sample:
    """sample.txt: the entries with the smallest audit numbers, opened before the notary."""

    def __init__(self, seed, data):
        self.state, self.lines = sha256(seed.encode() + b":audit:"), lines_of("sample.txt", data)
        audits = [match("sample.txt", line, "<audit:number>,<index:int>", number)["audit"]
                  for number, line in enumerate(self.lines, 1)]
        self.last, self.due = max(map(binascii.unhexlify, audits), default=NEVER), []

    def take(self, first, leaves):
        copy, last = self.state.copy, self.last
        for index, leaf in enumerate(leaves, first):
            state = copy()
            state.update(leaf)
            if state.digest() <= last:
                self.due.append((state.hexdigest(), index))

    def finish(self):
        due = [f"{audit},{index}".encode() for audit, index in sorted(self.due)]
        for number, pair in enumerate(zip_longest(due, self.lines, fillvalue=b"no line"), 1):
            must_equal("sample.txt", "the next smallest:", *pair, number)


class Ranking:
    """The number of each entry, and what each round gives it."""

    def __init__(self, seed, rounds, sample=None):
        self.seeded, self.rounds, self.sample = sha256(seed.encode() + b":"), rounds, sample
        self.more = {b"%d" % w: [b":%d" % t for t in range(2, w + 1)] for w in range(1, 33)}

    def take(self, first, leaves, tickets, units, choices):
        leaves = list(map(binascii.hexlify, leaves))
        numbers = self.numbers(leaves, tickets)
        entries = zip(range(first, first + len(leaves)), numbers, units, choices)
        for later, one in enumerate(self.rounds, 1):
            entries = one.offer(entries, keep=later < len(self.rounds))
        if self.sample:
            self.sample.take(first, leaves)

    def numbers(self, leaves, tickets):
        """The smallest, over the tickets, of SHA-256(seed ‖ ":" ‖ leaf ‖ ":" ‖ t)."""
        copy, more, numbers = self.seeded.copy, self.more, []
        for leaf, w in zip(leaves, tickets):
            state = copy()
            state.update(leaf + b":1")
            number = state.digest()
            for ticket in more[w]:
                state = copy()
                state.update(leaf + ticket)
                another = state.digest()
                if another < number:
                    number = another
            numbers.append(number)
        return numbers

    def finish(self):
        for one in self.rounds:
            one.finish()
        if self.sample:
            self.sample.finish()


# == Events ("The seal", "The opening and the seed", "Alternates", "Void") =====================

NOT_PUBLIC = "not publicly verifiable"
EVENTS = {
    "seal.txt": [
        "tidegate-seal/v1", "draw <draw:draw>", "suite sha256",
        "entries <count:int> root <root:hex> file <entries:hex>", "stock <stock:hex>",
        "rules <rules:hex>", "program <version:word> <program:hex>",
        "operator-commitment <operator:hex>", "notary-commitment <notary:hex>",
        "balls <balls:words>", "drand <drand:round>", "deadline <deadline:time>",
        "previous <previous:hex-or-none>"],
    "opening.txt": [
        "tidegate-opening/v1", "draw <draw:draw>", "seal <seal:hex>", "operator <operator:hex>",
        "notary <notary:hex>", "balls <balls:balls>", "previous <previous:hex>"],
    "seeded.txt": [
        "tidegate-seeded/v1", "draw <draw:draw>", "seed <seed:hex>", "previous <previous:hex>"],
    "result.txt": [
        "tidegate-result/v1", "draw <draw:draw>", "seed <seed:hex>",
        "winners <count:int> <winners:hex>", "cutoffs <cutoffs:hex>", "previous <previous:hex>"],
    "alternates": [
        "tidegate-alternates/v1", "draw <draw:draw>", "event <event:int>",
        "returned <returned:hex>", "winners <count:int> <winners:hex>", "cutoffs <cutoffs:hex>",
        "previous <previous:hex>"],
    "void.txt": [
        "tidegate-void/v1", "draw <draw:draw>", "reason <reason:words>",
        "previous <previous:hex>"],
}
SEED = ["tidegate-seed/v1", "seal <seal:hex>", "operator <operator:hex>", "notary <notary:hex>",
        "balls <balls:balls>", "drand <drand:beacon>"]
STAGES = {"seal": "seal.txt", "seed": "seeded.txt", "result": "result.txt"}


def event_names(folder):
    """The events that lie in a folder, in their order, without gaps."""
    try:
        names = os.listdir(folder)
    except OSError as error:
        raise Unverifiable(f"{folder} cannot be read: {error.strerror}")
    later = sorted(int(m[1]) for m in map(re.compile(r"alternates-([1-9][0-9]{0,8})\.txt")
                                          .fullmatch, names) if m)
    order = ["seal.txt", "opening.txt", "seeded.txt", "result.txt"]
    order += [f"alternates-{k}.txt" for k in range(1, len(later) + 1)]
    present = [name for name in order if name in names]
    if later and later[-1] != len(later) or present != order[:len(present)] or not present:
        gap = next((name for name in order if name not in names), "an alternates-K.txt")
        raise Unverifiable(f"{gap} is missing")
    return present + ["void.txt"] * ("void.txt" in names)


class Event:
    """A signed note, its fields, and its place in the chain."""

    def __init__(self, folder, name, public=True):
        self.name, self.note = name, Note(folder, name)
        template = EVENTS[re.sub(r"-\d+\.txt", "", name)]
        if not public and name not in ("seal.txt", "void.txt"):
            template = template[:-1] + [NOT_PUBLIC] + template[-1:]
        self.fields = fields_of(name, self.note.lines, template)
        self.digest = self.note.digest

    def __getitem__(self, field):
        return self.fields[field]

    def must_say(self, field, what, expected):
        """A field's value, checked; names the line it stands in."""
        word = b"previous " if field == "previous" else field.encode() + b" "
        line = next((i for i, text in enumerate(self.note.lines, 1) if text.startswith(word)), None)
        must_equal(self.name, f"{field} {what}:", expected, self[field], line)


# == One folder and those before it ============================================================

class Before:
    """The folders before, newest first: what a following seal must agree with. Only read."""

    def __init__(self, folders):
        self.folder, self.ends, self.known, self.is_void = folders[0], [], None, False
        for i, folder in enumerate(folders):
            names = event_names(folder)
            seal = Event(folder, "seal.txt")
            self.ends.append((Note(folder, names[-1]).digest, seal, names[-1]))
            if i == 0:
                self.is_void = names[-1] == "void.txt"
                rounds = [n for n in names if n == "result.txt" or n.startswith("alternates-")]
                if not self.is_void and not rounds:
                    raise Wrong(f"{folder}/{names[-1]}", "a draw that has a result or is void",
                                "a draw that is still open")
        if self.ends[-1][1]["previous"] == "none":
            self.known = set(read_stock("stock.txt", read(folders[-1], "stock.txt")))
        self.served = set()
        if not self.is_void:
            for k in range(len(rounds)):
                name = f"winners-{k}.txt" if k else "winners.txt"
                self.served.update(int(match(name, line, "<number:number>,<index:int>,"
                                             "<bucket:bucket>,<pass:pass>", number)["index"])
                                   for number, line in
                                   enumerate(lines_of(name, read(self.folder, name)), 1))
            self.rest = self.left()

    def left(self):
        for number, block in blocks(self.folder, "entries.txt", sha256()):
            for index, line in enumerate(block.split(b"\n")[:-1], number - 1):
                if index not in self.served:
                    yield line

    def take(self, lines, number):
        """entries.txt holds exactly the lines that have nothing so far ("Fresh numbers")."""
        for number, (line, expected) in enumerate(zip_longest(
                lines, islice(self.rest, len(lines)), fillvalue=b"no line"), number):
            must_equal("entries.txt", "the next line that has nothing so far:", expected, line,
                       number)

    def finish(self, count):
        expected = next(self.rest, b"no line")
        must_equal("entries.txt", "the next line that has nothing so far:", expected, b"no line",
                   count + 1)


class Draw:
    """One folder, checked from the cheap to the dear."""

    def __init__(self, options, report):
        self.folder, self.options, self.report = options.folder, options, report
        self.operator = Key(options.operator_key) if options.operator_key else None
        self.notaries = [Key(text) for text in options.notary_key]
        self.events, self.ranking, self.known, self.before = {}, None, None, None

    def verify(self):
        names = event_names(self.folder)
        last = STAGES[self.options.upto or "result"]
        if last not in names and "void.txt" not in names:
            raise Unverifiable(f"{last} is missing")
        if self.options.upto and last in names and last != "result.txt":
            names = names[:names.index(last) + 1]
        self.check_events(names)
        self.check_seal()
        if self.options.previous or self.events["seal.txt"]["previous"] != "none":
            self.check_before()
        if "opening.txt" in names:
            self.check_opening()
        if "seeded.txt" in names:
            self.check_seed()
        if "result.txt" in names:
            self.check_rounds([n for n in names if n.startswith("alternates-")])
        self.check_list()
        self.check_keys_used()
        if not self.options.upto:
            self.look_for_strays(names)
        return self.verdict(names)

    def look_for_strays(self, names):
        """Files that no event of this folder speaks of: they may mislead whoever reads them."""
        known = {*names, "entries.txt", "stock.txt", "rules.txt", "checkpoint", "tile"}
        known |= {"seed.txt"} if "seeded.txt" in names else set()
        known |= {"winners.txt", "cutoffs.txt", "sample.txt"} if self.ranking else set()
        known |= {f"{kind}-{k}.txt" for kind in ("returned", "winners", "cutoffs")
                  for k in range(1, len(names)) if f"alternates-{k}.txt" in names}
        for name in sorted(set(os.listdir(self.folder)) - known):
            self.report.remark(f"{name}: no event of this folder speaks of it")

    def check_events(self, names):
        """Each note's form, signatures, draw and `previous`."""
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
        if not self.operator:
            self.report.skip("signatures: give the operator's key (--operator-key)")
        if not self.public:
            self.report.remark("this draw is NOT PUBLICLY VERIFIABLE: neither balls nor drand")

    def check_seal(self):
        """stock.txt and rules.txt against the seal; its date; its words."""
        seal = self.events["seal.txt"]
        for name, field in (("stock.txt", "stock"), ("rules.txt", "rules")):
            data = read(self.folder, name)
            lines_of(name, data)
            must_equal(name, "the digest in seal.txt,", seal[field], hex_sha256(data))
            self.report.ok(f"{name}: the file that was sealed", seal[field])
        self.stock = read_stock("stock.txt", read(self.folder, "stock.txt"))
        self.known = {*self.stock, b"*"}
        try:
            deadline = datetime.datetime.strptime(seal["deadline"], "%Y-%m-%dT%H:%M:%SZ")
        except ValueError:
            raise Wrong("seal.txt", "deadline: a date and time that exist", seal["deadline"], 12)
        if seal["drand"] != "none":
            chain, _, number = seal["drand"].split()
            if chain != QUICKNET:
                raise Unverifiable(f"seal.txt names a drand chain that is not known: {chain}")
            seconds = QUICKNET_GENESIS + QUICKNET_PERIOD * (int(number) - 1)
            if seconds > 253402300799:
                raise Wrong("seal.txt", "a round within our era", seal["drand"], 11)
            self.beacon = datetime.datetime(1970, 1, 1) + datetime.timedelta(seconds=seconds)
            self.report.ok(f"seal.txt: drand round {number} appears {self.beacon} UTC")
            if self.beacon > deadline:
                self.report.remark(f"the drand round appears after the deadline, {deadline} UTC")

    def check_before(self):
        """`previous` of the seal, and the folder it names."""
        seal = self.events["seal.txt"]
        if not self.options.previous:
            self.known = None
            self.report.skip("the draw before this one, which entries it left, and whether each "
                             "choice is of its stock: give its folder (--previous)")
            return
        self.before = Before(self.options.previous)
        newer = seal
        for digest, older, name in self.before.ends:
            must_equal("seal.txt", "draw, as in the seal before:", older["draw"], self.name, 2)
            newer.must_say("previous", f"is the text of {name} of the folder before", digest)
            newer = older
        if self.before.known is None:
            self.known = None
            self.report.skip("whether each choice is of the first seal's stock: give the folders "
                             "back to the first (--previous, more than once)")
        else:
            self.known |= self.before.known
            for number, bucket in enumerate(self.stock, 1):
                if not self.before.is_void and bucket not in self.before.known:
                    raise Wrong("stock.txt", "buckets of the first seal's stock", shown(bucket),
                                number)
        self.report.ok("seal.txt: follows the folder before (which is only read here: check it "
                       "by itself)", seal["previous"])

    def check_opening(self):
        """The secrets open the commitments; the balls are there if the seal says so."""
        seal, opening = self.events["seal.txt"], self.events["opening.txt"]
        opening.must_say("seal", "is the text of seal.txt", seal.digest)
        for who, line in (("operator", 4), ("notary", 5)):
            text = f"tidegate/secret/v1:{self.name}:{who}:{opening[who]}"
            must_equal("opening.txt", f"a secret that opens the {who}'s commitment", seal[who],
                       hex_sha256(text.encode()), line)
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
        lines = lines_of("seed.txt", data)
        self.events["seeded.txt"].must_say("seed", "is SHA-256 of seed.txt", hex_sha256(data))
        seed = fields_of("seed.txt", lines, SEED)
        must_equal("seed.txt", "the text of seal.txt", seal.digest, seed["seal"], 2)
        for line, field in ((3, "operator"), (4, "notary"), (5, "balls")):
            must_equal("seed.txt", f"{field} as opened:", opening[field], seed[field], line)
        self.seed = hex_sha256(data)
        self.report.ok("seed.txt: made of what was opened; the seed", self.seed)
        sealed = seal["drand"].replace(" round", "")
        must_equal("seed.txt", "drand: the sealed chain and round,", sealed,
                   " ".join(seed["drand"].split()[:2]), 6)
        self.check_beacon(seed["drand"], 6)

    def check_beacon(self, beacon, line):
        if beacon != "none":
            _, number, signature = beacon.split()
            if not beacon_is_valid(int(number), bytes.fromhex(signature)):
                raise Wrong("seed.txt", f"quicknet's signature of round {number}",
                            f"one that does not verify: {signature}", line)
            self.report.ok(f"seed.txt: drand round {number} is signed by the quicknet network")

    def check_rounds(self, alternates):
        """The files of the result and of each alternates event against the notes' digests."""
        result = self.events["result.txt"]
        result.must_say("seed", "as in seeded.txt", self.seed)
        rounds = []
        for k, name in enumerate(["result.txt"] + alternates):
            event, one = self.events[name], Round(self.folder, k)
            files = [(one.winners_name, "winners", one.winners_data),
                     (one.cutoffs_name, "cutoffs", one.cutoffs_data),
                     (one.stock_name, "returned", one.stock_data)]
            for place, field, data in files[:3 if k else 2]:
                must_equal(place, f"the digest in {name},", event[field], hex_sha256(data))
                self.report.ok(f"{place}: the file that {name} names", event[field])
            must_equal(name, "winners, as lines in the file:", str(len(one.winners)),
                       event["count"], 4)
            if k:
                event.must_say("event", "counts from 1", str(k))
                self.check_returned(one)
            rounds.append(one)
        sample = None
        if exists(self.folder, "sample.txt"):
            sample = Sample(self.seed, read(self.folder, "sample.txt"))
        self.ranking = Ranking(self.seed, rounds, sample)

    def check_returned(self, one):
        for number, (bucket, units) in enumerate(one.stock.items(), 1):
            if bucket not in self.stock:
                raise Wrong(one.stock_name, "buckets of stock.txt", shown(bucket), number)
            if units > self.stock[bucket]:
                self.report.remark(f"{one.stock_name}, line {number}: more units of "
                                   f"{bucket.decode()} than stock.txt ever had")

    def check_list(self):
        """Stream entries.txt, then compare what it sums up to."""
        tiles = Tiles(self.folder) if self.options.tiles else None
        self.list = SealedList(self.folder, self.known, tiles)
        exact = self.before if self.before and not self.before.is_void else None
        try:
            self.list.stream(self.ranking, exact)
        except Wrong as wrong:
            if not wrong.place.startswith("entries.txt") and not self.options.bare:
                must_equal("entries.txt", "the digest in seal.txt,",
                           self.events["seal.txt"]["entries"], file_digest(self.folder))
            raise
        if exact:
            exact.finish(self.list.count)
            self.report.ok("entries.txt: exactly the lines of the folder before that have nothing")
        self.report.ok(f"entries.txt: {self.list.count:,} entries, each well formed, in order, "
                       "known choices, no tag twice")
        if "seal.txt" in self.events:
            seal = self.events["seal.txt"]
            must_equal("seal.txt", "entries, as in the list:", str(self.list.count),
                       seal["count"], 4)
            must_equal("entries.txt", "the digest in seal.txt,", seal["entries"], self.list.file)
            self.report.ok("entries.txt: the file that was sealed", seal["entries"])
            must_equal("seal.txt", "root, as of the list:", self.list.root.hex(), seal["root"], 4)
        self.check_checkpoint()
        if tiles:
            self.report.ok(f"tile/: {tiles.files:,} files agree with the tree and the list")
        elif exists(self.folder, "tile"):
            self.report.skip("tile/: ask for it with --tiles")
        if self.ranking:
            self.check_outcome()

    def check_checkpoint(self):
        if self.options.bare and not exists(self.folder, "checkpoint"):
            return self.report.skip("the tree's root: there is no checkpoint")
        note = Note(self.folder, "checkpoint")
        if self.options.bare:
            self.name = note.lines[0].decode()
        expected = [self.name.encode(), b"%d" % self.list.count, base64.b64encode(self.list.root)]
        for number, pair in enumerate(zip_longest(expected, note.lines, fillvalue=b"no line"), 1):
            must_equal("checkpoint", "as of the list:", *pair, number)
        note.check(self.name, self.operator, self.notaries)
        self.report.ok("checkpoint: the tree over entries.txt; its root", self.list.root.hex())

    def check_outcome(self):
        self.ranking.finish()
        for one in self.ranking.rounds:
            self.report.ok(f"{one.winners_name}: all {len(one.winners):,} entries within the "
                           "cut-offs stand in it, and no other")
            self.report.ok(f"{one.cutoffs_name}: the winners alone, replayed against "
                           f"{one.stock_name}, earn exactly this table")
        if self.ranking.sample:
            self.report.ok(f"sample.txt: the {len(self.ranking.sample.lines):,} entries with the "
                           "smallest audit numbers")

    def check_keys_used(self):
        for key in self.notaries:
            if not key.notes:
                raise Wrong("the notes", f"a signature by {key.name}+{key.id.hex()}", "none")
            missing = [name for name in [*self.events, "checkpoint"] if name not in key.notes]
            if missing and not self.options.bare:
                self.report.remark(f"{key.name} did not sign {', '.join(missing)}")

    def verify_bare(self):
        """entries, stock, seed, winners, cutoffs and perhaps a checkpoint, without events."""
        one = Round(self.folder, 0, bare=True)
        self.known, data = {*one.stock, b"*"}, read(self.folder, "seed.txt")
        self.seed = hex_sha256(data)
        self.report.ok("seed.txt: taken as it is; the seed", self.seed)
        for number, line in enumerate(lines_of("seed.txt", data), 1):
            found = re.fullmatch(rb"drand (.*)", line)
            if found and found[1].startswith(QUICKNET.encode()):
                found = match("seed.txt", line, "drand <drand:beacon>", number)
                self.check_beacon(found["drand"].decode(), number)
        if one.tranches_twice:
            self.report.remark("cutoffs.txt has lines of tranches (#) in pass 2, which the page "
                               "leaves out; they are checked too")
        self.ranking = Ranking(self.seed, [one])
        self.check_list()
        self.check_keys_used()
        if not self.operator:
            self.report.skip("signatures: give the operator's key (--operator-key)")
        self.report.skip("the seal, the opening, the result and the chain between them; the "
                         "digests of stock.txt, winners.txt and cutoffs.txt; the rules; where "
                         "the seed comes from")
        return [f"These files agree with each other: {self.list.count:,} entries, "
                f"{len(one.winners):,} of them given something."]

    def verdict(self, names):
        """What a journalist reads."""
        seal = self.events["seal.txt"]
        lines = [f"The draw {self.name}: {self.list.count:,} entries."]
        if "void.txt" in names:
            lines[0] = f"The draw {self.name} is VOID: {self.events['void.txt']['reason']}."
            lines.append("What was published before that is right.")
        elif self.ranking:
            given = [len(one.winners) for one in self.ranking.rounds]
            lines.append(f"Given something: {given[0]:,}" + "".join(
                f", alternates-{k}: {n:,}" for k, n in enumerate(given[1:], 1))
                + ". Every one of them, and no one else, follows from the list and the seed.")
        else:
            lines.append(f"Right as far as it was checked: to {names[-1]}.")
        if not self.public:
            lines.append("NOT PUBLICLY VERIFIABLE: the seed is the operator's and the notary's.")
        else:
            before = f"before {self.beacon} UTC" if seal["drand"] != "none" else \
                "before the balls were drawn"
            lines.append(f"No file proves when it was published: that this seal was out {before},"
                         " you must know yourself. Its fingerprint:")
            lines.append("    " + grouped(seal.digest))
        return lines


# == The command ===============================================================================

def arguments(argv):
    parser = argparse.ArgumentParser(description="Check a draw from its public files.")
    parser.add_argument("folder", metavar="FOLDER")
    parser.add_argument("--operator-key", metavar="VKEY", help="name+id+base64, as published")
    parser.add_argument("--notary-key", metavar="VKEY", action="append", default=[])
    parser.add_argument("--previous", metavar="FOLDER", action="append", default=[],
                        help="the folder that this one's seal follows; again for the one before")
    parser.add_argument("--upto", choices=list(STAGES), help="check only so far (default: all)")
    parser.add_argument("--tiles", action="store_true", help="check tile/ against the list")
    parser.add_argument("--bare", action="store_true", help="a vector: the lists without events")
    return parser.parse_args(argv)


def main(argv=None, out=sys.stdout):
    options, report = arguments(argv), Report(out)
    gc.disable()  # nothing here makes cycles, and the collector would cost a tenth of the time
    try:
        draw = Draw(options, report)
        lines = draw.verify_bare() if options.bare else draw.verify()
    except Wrong as wrong:
        print(f"WRONG {wrong.place}\n      expected: {wrong.expected}\n      found:    "
              f"{wrong.found}\n\nVERDICT: the draw is WRONG, see {wrong.place}.", file=out)
        return 1
    except Unverifiable as problem:
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
