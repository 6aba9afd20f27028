"""Tests of verify_draw.py: whole draws made here, and what is wrong with them when tampered with.

The generator below is its own small reading of docs/draw-format.md and shares no code with the
program under test: it sorts all entries, it builds the tree by recursion, it signs. Every
tampering is a named test case and must be refused by file (and line).

    python3 -m unittest discover -s tools/tests
"""
import base64
import functools
import hashlib
import hmac
import io
import json
import os
import random
import re
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import verify_draw  # noqa: E402

verify_draw.beacon_is_valid = functools.lru_cache(None)(verify_draw.beacon_is_valid)
verify_draw.ed25519_verify = functools.lru_cache(None)(verify_draw.ed25519_verify)
VECTOR = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../crates/draw/tests/vector")

DRAW = "lot.example/2026-02-18"
CHAIN = "52db9ba70e0cc0f6eaf7803dd07447a1f5477735fd3f661792ba94600c84e971"
ROUND, SIGNATURE = 657413, ("b713718a38ae728dfd477991af2822e08d2f305e47718cef9f7848ce4050e7be"
                            "41076862b98fad56e91a6b85b89cd97b")
OTHER = "ab" * 32


def sha(data):
    return hashlib.sha256(data).hexdigest()


# -- Ed25519 signing, affine and slow (RFC 8032) ----------------------------------------------

Q, ORDER = 2**255 - 19, 2**252 + 27742317777372353535851937790883648493
CURVE_D = -121665 * pow(121666, Q - 2, Q) % Q
BASE = (15112221349535400772501151409588531511454012693041857206046113283949847762202,
        46316835694926478169428394003475163141307993866256225615783033603165251855960)


def plus(a, b):
    t = CURVE_D * a[0] * b[0] * a[1] * b[1] % Q
    return ((a[0] * b[1] + a[1] * b[0]) * pow(1 + t, -1, Q) % Q,
            (a[1] * b[1] + a[0] * b[0]) * pow(1 - t, -1, Q) % Q)


DOUBLINGS = [BASE]
while len(DOUBLINGS) < 256:
    DOUBLINGS.append(plus(DOUBLINGS[-1], DOUBLINGS[-1]))


def base_times(k):
    point = (0, 1)
    for i in range(256):
        if k >> i & 1:
            point = plus(point, DOUBLINGS[i])
    return (point[1] | (point[0] & 1) << 255).to_bytes(32, "little")


class Signer:
    def __init__(self, name, secret):
        h = hashlib.sha512(secret).digest()
        self.a = int.from_bytes(h[:32], "little") & (2**254 - 8) | 2**254
        self.name, self.prefix, self.public = name, h[32:], base_times(self.a)
        self.id = hashlib.sha256(name.encode() + b"\n\x01" + self.public).digest()[:4]
        self.sign = functools.lru_cache(None)(self.sign)

    def vkey(self):
        key = base64.b64encode(b"\x01" + self.public).decode()
        return f"{self.name}+{self.id.hex()}+{key}"

    def sign(self, text):
        def number(*parts):
            return int.from_bytes(hashlib.sha512(b"".join(parts)).digest(), "little") % ORDER
        r = number(self.prefix, text)
        point = base_times(r)
        s = (r + number(point, self.public, text) * self.a) % ORDER
        return point + s.to_bytes(32, "little")

    def line(self, text, signed):
        signature = self.sign(text) if signed else bytes(64)
        data = base64.b64encode(self.id + signature).decode()
        return f"— {self.name} {data}\n".encode()


OPERATOR = Signer(DRAW, b"o" * 32)
NOTARY = Signer("notary.example", b"n" * 32)


# -- A draw, made in the plainest way ------------------------------------------------------------

def root_of(leaves):
    if len(leaves) == 1:
        return leaves[0]
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return hashlib.sha256(b"\1" + root_of(leaves[:k]) + root_of(leaves[k:])).digest()


def person(i, draw=DRAW):
    identity, salt = f"ID-XX:{i:05d}", sha(b"salt%d" % i)
    inner = hmac.new(b"k" * 32, f"{draw}:{identity}".encode(), hashlib.sha256).digest()
    return (sha(f"tidegate/commit/v1:{draw}:{salt}:{identity}".encode()),
            hmac.new(b"l" * 32, inner, hashlib.sha256).hexdigest()[:32])


@functools.lru_cache(None)
def some_entries(count=300):
    buckets, lines = ["A#65", "A", "B", "C-1", "D"], []
    for i in range(count):
        size = (1, 1, 1, 1, 2, 3)[i % 6]
        people = [person(i * 10 + j) for j in range(size)]
        choices = [buckets[(i * 7 + j * 3) % 5] for j in range(i % 5 + 1)] + ["*"] * (i % 3 == 0)
        lines.append(",".join(["+".join(p[0] for p in people), "+".join(p[1] for p in people),
                               str((1, 1, 2, 32)[i % 4]), str(size), ">".join(choices)]))
    return "".join(line + "\n" for line in sorted(lines)).encode()


def ranked(lines, seed):
    """(number, index, n, choices) of every entry, in the order of the draw."""
    entries = []
    for index, line in enumerate(lines):
        leaf = sha(b"\0" + line)
        _, _, w, n, choices = (line.decode("latin-1").split(",") + ["1"] * 5)[:5]
        number = min(sha(f"{seed}:{leaf}:{t}".encode()) for t in range(1, max(int(w), 1) + 1))
        entries.append((number, index, int(n), choices.split(">")))
    return sorted(entries)


def stock_of(text):
    return {bucket: int(units) for bucket, units in (x.split(",") for x in text.decode().split())}


def allot(entries, stock):
    """Winners' and cut-offs' text, and the entries that are left; the stock falls."""
    order, winners, cutoffs = list(stock), "", ""
    for in_pass in (1, 2):
        table = {(b, n): "0" * 64 for b in order for n in range(1, 9) if stock[b] < n}
        left = []
        for entry in entries:
            number, index, n, choices = entry
            may = [b for b in choices if b != "*"] if in_pass == 1 else \
                [b for b in order if "#" not in b] if choices[-1] == "*" else []
            got = next((b for b in may if stock.get(b, 0) >= n), None)
            if got is None:
                left.append(entry)
                continue
            stock[got] -= n
            winners += f"{number},{index},{got},{in_pass}\n"
            for size in range(1, 9):
                if stock[got] < size:
                    table.setdefault((got, size), number)
        cutoffs += "".join(f"{in_pass},{b},{n},{table[b, n]}\n" for b in order for n in range(1, 9)
                           if (b, n) in table)
        entries = left
    return winners.encode(), cutoffs.encode(), entries


STOCK = b"A#65,4\nA,20\nB,15\nC-1,9\nD,30\n"
NOTHING = b"A#65,0\nA,0\nB,0\nC-1,0\nD,0\n"


class Maker:
    """Writes a draw; `change` may alter a file as it is made, and what follows follows it."""

    def __init__(self, folder, change=None, entries=None, stock=STOCK, drand=True,
                 balls="41 08 33", previous="none", upto=9, void=None, signed=True,
                 returns=(b"A,3\nB,1\n",), secrets=None):
        self.secrets = secrets or {"operator": "1" * 64, "notary": "2" * 64}
        self.folder, self.change, self.balls, self.drand = folder, change or {}, balls, drand
        self.last, self.notes, self.signed, self.returns = previous, {}, signed, returns
        os.makedirs(folder, exist_ok=True)
        self.make(some_entries() if entries is None else entries, stock, upto)
        if void:
            self.note("void.txt", ["tidegate-void/v1", f"draw {DRAW}", f"reason {void}"])

    def write(self, name, data):
        data = self.change.get(name, lambda d: d)(data)
        path = os.path.join(self.folder, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as file:
            file.write(data)
        return data

    def note(self, name, lines, chained=True):
        if name not in ("seal.txt", "void.txt", "checkpoint") and not (self.balls or self.drand):
            lines.append("not publicly verifiable")
        text = "".join(f"{line}\n" for line in lines + [f"previous {self.last}"] * chained)
        text = self.change.get(name + " text", lambda d: d)(text.encode())
        signers = self.change.get(name + " signers", [OPERATOR, NOTARY])
        self.write(name, text + b"\n" + b"".join(s.line(text, self.signed)
                                                    for s in signers))
        self.notes[name] = sha(text)
        if chained:
            self.last = sha(text)

    def make(self, entries, stock, upto):
        entries, stock = self.write("entries.txt", entries), self.write("stock.txt", stock)
        self.entries = entries
        rules, lines = self.write("rules.txt", b"Anyone.\n"), entries.split(b"\n")[:-1]
        leaves = [hashlib.sha256(b"\0" + line).digest() for line in lines]
        root = root_of(leaves) if leaves else hashlib.sha256(b"").digest()
        self.tiles(lines, leaves)
        self.note("checkpoint", [DRAW, str(len(lines)), base64.b64encode(root).decode()], False)
        secrets = self.secrets
        commitments = [f"{who}-commitment " + sha(f"tidegate/secret/v1:{DRAW}:{who}:{s}".encode())
                       for who, s in secrets.items()]
        opened = [f"{who} {secret}" for who, secret in secrets.items()]
        balls = f"balls {self.balls or 'none'}"
        self.note("seal.txt", [
            "tidegate-seal/v1", f"draw {DRAW}", "suite sha256",
            f"entries {len(lines)} root {root.hex()} file {sha(entries)}", f"stock {sha(stock)}",
            f"rules {sha(rules)}", f"program 1.0.0 {OTHER}", *commitments,
            "balls 3 of 01-49, in the order drawn" if self.balls else "balls none",
            f"drand {CHAIN} round {ROUND}" if self.drand else "drand none",
            "deadline 2026-02-18T12:00:00Z"])
        if upto >= 2:
            self.note("opening.txt", ["tidegate-opening/v1", f"draw {DRAW}",
                                      f"seal {self.last}", *opened, balls])
        if upto >= 3:
            drand = f"drand {CHAIN} {ROUND} {SIGNATURE}" if self.drand else "drand none"
            seed = self.write("seed.txt", "".join(f"{line}\n" for line in [
                "tidegate-seed/v1", f"seal {self.notes['seal.txt']}", *opened, balls,
                drand]).encode())
            self.note("seeded.txt", ["tidegate-seeded/v1", f"draw {DRAW}", f"seed {sha(seed)}"])
            self.seed = sha(seed)
        if upto >= 4:
            self.result(lines, stock)
        for k, returned in enumerate(self.returns if upto >= 5 else (), 1):
            self.alternates(k, returned)

    def result(self, lines, stock):
        self.stock = stock_of(stock)
        winners, cutoffs, self.left = allot(ranked(lines, self.seed), self.stock)
        winners, cutoffs = self.write("winners.txt", winners), self.write("cutoffs.txt", cutoffs)
        self.note("result.txt", [
            "tidegate-result/v1", f"draw {DRAW}", f"seed {self.seed}",
            f"winners {winners.count(10)} {sha(winners)}", f"cutoffs {sha(cutoffs)}"])
        audit = sorted((sha(f"{self.seed}:audit:{sha(bytes(1) + line)}".encode()), index)
                       for index, line in enumerate(lines))[:20]
        self.write("sample.txt", "".join(f"{a},{i}\n" for a, i in audit).encode())

    def alternates(self, k, returned):
        returned = self.write(f"returned-{k}.txt", returned)
        for bucket, units in stock_of(returned).items():
            if bucket in self.stock:
                self.stock[bucket] += units
        winners, cutoffs, self.left = allot(self.left, self.stock)
        winners = self.write(f"winners-{k}.txt", winners)
        cutoffs = self.write(f"cutoffs-{k}.txt", cutoffs)
        self.note(f"alternates-{k}.txt", [
            "tidegate-alternates/v1", f"draw {DRAW}", f"event {k}", f"returned {sha(returned)}",
            f"winners {winners.count(10)} {sha(winners)}", f"cutoffs {sha(cutoffs)}"])

    def tiles(self, lines, leaves):
        levels = {"entries": [len(x).to_bytes(2, "big") + x for x in lines], "0": leaves,
                  "1": [root_of(leaves[i:i + 256]) for i in range(0, len(leaves) - 255, 256)]}
        for level, items in levels.items():
            for i in range(0, len(items), 256):
                part = items[i:i + 256]
                end = f".p/{len(part)}" if len(part) < 256 else ""
                self.write(f"tile/{level}/{i // 256:03d}{end}", b"".join(part))


def on_line(number, old, new):
    """A change of one line (from 1) of a file."""
    def change(data):
        lines = data.split(b"\n")
        assert old in lines[number - 1], (old, lines[number - 1])
        lines[number - 1] = lines[number - 1].replace(old, new, 1)
        return b"\n".join(lines)
    return change


def swap_lines(i, j):
    def change(data):
        lines = data.split(b"\n")
        lines[i - 1], lines[j - 1] = lines[j - 1], lines[i - 1]
        return b"\n".join(lines)
    return change


def without_line(number):
    return lambda data: b"".join(data.splitlines(True)[:number - 1]
                                 + data.splitlines(True)[number:])


def flipped(data):
    """The last hex digit of line 1's first field changed."""
    return data[:63] + (b"0" if data[63:64] != b"0" else b"1") + data[64:]


def sorted_again(change):
    return lambda data: b"".join(sorted(change(data).splitlines(True)))


def field(number, index, value):
    """An entry's field replaced."""
    def change(data):
        lines = data.split(b"\n")
        parts = lines[number - 1].split(b",")
        parts[index] = value(parts[index]) if callable(value) else value
        lines[number - 1] = b",".join(parts)
        return b"\n".join(lines)
    return change


def copied_tag(data):
    lines = data.split(b"\n")
    parts = lines[8].split(b",")
    parts[1] = b"+".join([lines[2].split(b",")[1][:32]] + parts[1].split(b"+")[1:])
    lines[8] = b",".join(parts)
    return b"\n".join(lines)


class Case(unittest.TestCase):
    def setUp(self):
        self.scratch = tempfile.TemporaryDirectory()
        self.folder = os.path.join(self.scratch.name, "draw")
        self.addCleanup(self.scratch.cleanup)

    def run_it(self, *arguments, folder=None):
        out = io.StringIO()
        code = verify_draw.main([folder or self.folder, *arguments], out)
        return code, out.getvalue()

    def accepts(self, *arguments, says=(), folder=None):
        code, text = self.run_it(*arguments, folder=folder)
        self.assertEqual(code, 0, text)
        for words in says:
            self.assertIn(words, text)
        return text

    def refuses(self, place, *arguments, says="", code=1, folder=None):
        got, text = self.run_it(*arguments, folder=folder)
        self.assertEqual(got, code, text)
        if code == 1:
            self.assertIn(f"WRONG {place}\n", text)
        self.assertIn(says, text)


KEYS = ("--operator-key", OPERATOR.vkey(), "--notary-key", NOTARY.vkey())


class RightDraws(Case):
    def test_everything_with_keys_and_tiles(self):
        Maker(self.folder)
        text = self.accepts(*KEYS, "--tiles", says=["alternates-1: ", "tile/: 5 files",
                                                    "signed by lot.example", "20 entries"])
        self.assertNotIn("not checked", text)

    def test_without_keys_says_so(self):
        Maker(self.folder)
        self.accepts(says=["Not checked: signatures: give the operator's key"])

    def test_upto(self):
        Maker(self.folder, upto=1)
        self.accepts("--upto", "seal", says=["Right as far as it was checked: to seal.txt"])
        self.refuses("", code=2, says="result.txt is missing")
        Maker(self.folder, upto=3)
        self.accepts("--upto", "seed", says=["quicknet"])
        self.accepts("--upto", "seal")

    def test_balls_alone_and_drand_alone(self):
        Maker(self.folder, drand=False)
        self.accepts(*KEYS, says=["before the balls were drawn"])
        Maker(self.folder, balls=None)
        self.accepts(*KEYS)

    def test_what_is_odd_but_not_wrong(self):
        Maker(self.folder, balls="41 08")
        self.accepts(*KEYS, says=["opened: balls 41"])

    def test_alternates_twice(self):
        Maker(self.folder, returns=(b"D,2\nA#65,4\nC-1,0\n", b"B,3\n"), signed=False)
        self.accepts(says=["alternates-1: ", "alternates-2: "])

    def test_no_more_comes_back_than_is_out(self):
        stock = STOCK.replace(b",", b",9")  # enough, so that nobody is left and what is back stays
        few = {"entries": some_entries(20), "stock": stock, "signed": False}
        out = stock_of(stock)["A"] - Maker(self.folder, upto=4, **few).stock["A"]
        self.assertGreater(out, 1)
        Maker(self.folder, returns=(b"B,0\nA,1\n", b"A,%d\n" % (out - 1)), **few)
        self.accepts(says=["alternates-2: 0"])
        Maker(self.folder, returns=(b"B,0\nA,1\n", b"A,%d\n" % out), **few)
        self.refuses("returned-2.txt, line 1", says=f"up to {out - 1} units of A")
        Maker(self.folder, returns=(b"B,0\nA,%d\n" % (out + 1),), **few)
        os.remove(os.path.join(self.folder, "alternates-2.txt"))
        self.refuses("returned-1.txt, line 2", says=f"up to {out} units of A")

    def test_rules_are_utf_8(self):
        Maker(self.folder, {"rules.txt": lambda data: "抽签规则。\n".encode()}, upto=4)
        self.accepts(*KEYS)

    def test_limits_of_the_words(self):
        for name, number, old, new in [
                ("version", 7, b"1.0.0", b"v" * 40), ("words", 10, b"3 of 01-49, ", b"~" * 182),
                ("last round", 12, b"2026-02-18T12:00:00Z", b"2023-09-15T11:00:04Z")]:
            with self.subTest(name=name):
                Maker(self.folder, {"seal.txt text": on_line(number, old, new)}, signed=False)
                self.accepts()

    def test_sample_without_a_result(self):
        Maker(self.folder, upto=4, void="no", signed=False)
        for name in ("result.txt", "winners.txt", "cutoffs.txt", "void.txt"):
            os.remove(os.path.join(self.folder, name))
        self.accepts("--upto", "seed", says=["the 20 entries with the smallest audit numbers"])

    def test_sample_before_there_is_a_seed(self):
        for upto in (1, 2):
            Maker(self.folder, upto=upto)
            with open(os.path.join(self.folder, "sample.txt"), "w"):
                self.refuses("sample.txt", "--upto", "seal", says="before there is a seed")
        Maker(self.folder, upto=4)
        self.accepts("--upto", "seal")

    def test_not_publicly_verifiable(self):
        Maker(self.folder, balls=None, drand=False)
        self.accepts(*KEYS, says=["NOT PUBLICLY VERIFIABLE"])

    def test_empty_list(self):
        Maker(self.folder, entries=b"", upto=4)
        self.accepts(*KEYS, says=[": 0 entries"])

    def test_sizes_around_powers_of_two(self):
        for count in (1, 2, 3, 255, 256, 257, 600):
            with self.subTest(count=count):
                folder = os.path.join(self.scratch.name, str(count))
                Maker(folder, entries=some_entries(count), upto=4, signed=False)
                self.accepts("--tiles", folder=folder)

    def test_small_blocks(self):
        whole, verify_draw.BLOCK_BYTES = verify_draw.BLOCK_BYTES, 1500
        self.addCleanup(setattr, verify_draw, "BLOCK_BYTES", whole)
        Maker(self.folder, signed=False)
        self.accepts("--tiles")

    def test_many_small_draws(self):
        chance = random.Random(2026)
        for i in range(12):
            stock = "".join(f"{bucket},{chance.choice((0, 1, 2, 3, 7, 40))}\n"
                            for bucket in chance.sample(["A#65", "A", "B", "C-1", "D"], 5))
            folder = os.path.join(self.scratch.name, f"small-{i}")
            Maker(folder, entries=some_entries(chance.randrange(1, 60)), stock=stock.encode(),
                  drand=False, balls=f"{i:02d} 08 33", upto=4, signed=False)
            with self.subTest(i=i):
                self.accepts(folder=folder)

    def test_stray_files_are_told(self):
        Maker(self.folder)
        with open(os.path.join(self.folder, "winners-2.txt"), "w"):
            self.accepts(says=["winners-2.txt: no event of this folder speaks of it"])

    def test_strays_among_the_tiles_are_told(self):
        Maker(self.folder)
        for name in ("tile/0/999", "tile/0/000.p/44", "tile/notes/a.txt"):
            path = os.path.join(self.folder, name)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "w"):
                pass
        text = self.accepts("--tiles", says=[f"note  tile/{name}: no tile of this list is called so"
                                             for name in ("0/000.p", "0/999", "notes")])
        self.assertEqual(text.count("no tile of this list"), 6)  # once, and in the verdict

    def test_void_at_each_point(self):
        for upto in range(1, 6):
            with self.subTest(upto=upto):
                folder = os.path.join(self.scratch.name, str(upto))
                Maker(folder, upto=upto, void="the round did not come")
                self.accepts(*KEYS, folder=folder, says=["VOID: the round did not come."])

    def test_void_is_told_however_far_is_checked(self):
        for upto, stage in [(1, "seal"), (2, "seal"), (3, "seal"), (3, "seed"), (4, "seed")]:
            with self.subTest(upto=upto, stage=stage):
                folder = os.path.join(self.scratch.name, f"{upto}-{stage}")
                Maker(folder, upto=upto, void="the round did not come")
                self.accepts(*KEYS, "--upto", stage, folder=folder,
                             says=["VOID: the round did not come."])
                path = os.path.join(folder, "void.txt")
                with open(path, "rb") as file:
                    note = file.read()
                for name, broken, place in [
                        ("forged", note.replace(b"did not", b"did so"), "void.txt, line 6"),
                        ("cut off", note[:-40], "void.txt"),
                        ("of another draw", note.replace(b"02-18", b"02-19"), "void.txt, line 2")]:
                    with open(path, "wb") as file:
                        file.write(broken)
                    code, text = self.run_it(*KEYS, "--upto", stage, folder=folder)
                    self.assertEqual(code, 1, name)
                    self.assertIn(f"WRONG {place}", text, name)

    def test_strays_are_told_where_nothing_was_left_aside(self):
        Maker(self.folder, upto=1)
        with open(os.path.join(self.folder, "winners.txt"), "w"):
            self.accepts("--upto", "seal", says=["winners.txt: no event of this folder speaks of"])

    def test_bare(self):
        Maker(self.folder, upto=4)
        for name in ("seal.txt", "opening.txt", "seeded.txt", "result.txt", "rules.txt"):
            os.remove(os.path.join(self.folder, name))
        self.accepts("--bare", *KEYS[:2], says=["agree with each other: 300 entries"])
        os.remove(os.path.join(self.folder, "checkpoint"))
        self.accepts("--bare", says=["there is no checkpoint"])

    def test_the_worked_draw(self):
        self.accepts("--bare", folder=VECTOR, says=["11 entries, 8 of them", "quicknet"])


class FollowingDraws(Case):
    """Fresh numbers, and a seal after a void one."""

    def follow(self, before, change=None, entries=None,
               stock=NOTHING.replace(b"A,0", b"A,2", 1).replace(b"B,0", b"B,3")):
        rest = b"".join(self.rest_of(before))
        return Maker(self.folder, change=change, entries=rest if entries is None else entries,
                     stock=stock, previous=before.last, returns=(b"A,2\n",))

    def rest_of(self, before):
        lines = before.entries.splitlines(True)
        return [lines[i] for i in sorted(index for _, index, _, _ in before.left)]

    def setUp(self):
        super().setUp()
        self.first = os.path.join(self.scratch.name, "first")
        self.again = ("--previous", self.first)

    def test_fresh_numbers(self):
        self.follow(Maker(self.first))
        self.accepts(*KEYS, *self.again, says=["exactly the lines of the folder before"])
        self.accepts(*KEYS, says=["give its folder (--previous)"])

    def test_the_third_in_a_row(self):
        second = os.path.join(self.scratch.name, "second")
        self.folder, third = second, self.folder
        before = self.follow(Maker(self.first))
        rest = b"".join(self.rest_of(before))
        Maker(third, entries=rest, stock=NOTHING, previous=before.last, upto=4)
        self.accepts("--previous", second, folder=third,
                     says=["exactly the lines of the folder before", "Given something: 0."])
        self.refuses("seal.txt, line 13", *self.again, folder=third)
        beyond = ("--previous", second, *self.again, "--previous", third)
        self.refuses(f"{self.first}/seal.txt, line 13", *beyond, folder=third,
                     says="previous none")

    def test_a_line_left_out(self):
        before = Maker(self.first)
        self.follow(before, {"entries.txt": without_line(7)})
        self.refuses("entries.txt, line 7", *self.again, says="nothing so far")

    def test_last_line_left_out(self):
        before = Maker(self.first)
        self.follow(before, {"entries.txt": lambda data: b"".join(data.splitlines(True)[:-1])})
        self.refuses(f"entries.txt, line {len(before.left)}", *self.again)

    def test_a_winner_once_more(self):
        self.follow(Maker(self.first), entries=some_entries())
        got, text = self.run_it(*self.again)
        self.assertEqual(got, 1)
        self.assertIn("WRONG entries.txt, line ", text)

    def test_other_folder_before(self):
        self.follow(Maker(self.first))
        os.remove(os.path.join(self.first, "alternates-1.txt"))
        self.refuses("seal.txt, line 13", *self.again)

    def test_stock_that_follows(self):
        first = Maker(self.first)
        for number, change in [
                (1, without_line(1)), (2, swap_lines(2, 3)), (5, without_line(5)),
                (6, lambda data: data + b"Z,2\n")]:
            with self.subTest(number=number):
                self.follow(first, stock=change(NOTHING))
                self.refuses(f"stock.txt, line {number}", *self.again,
                             says="the next bucket of the stock before")

    def test_choice_that_is_not_of_its_own_stock(self):
        for void in (None, "the round did not come"):
            with self.subTest(void=void):
                before = Maker(self.first, void=void)
                self.follow(before, stock=NOTHING.replace(b"D,0\n", b""))
                code, text = self.run_it()
                self.assertEqual(code, 1)
                self.assertIn("buckets of stock.txt", text)

    def test_after_a_void_draw(self):
        before = Maker(self.first, upto=2, void="the round did not come")
        Maker(self.folder, previous=before.last, stock=b"D,9\n" + STOCK.replace(b"D,30\n", b""))
        self.accepts(*KEYS, *self.again)

    def test_winners_do_not_come_back_behind_a_void_seal(self):
        void = os.path.join(self.scratch.name, "void")
        first = Maker(self.first)
        self.folder, last = void, self.folder
        between = Maker(void, upto=2, void="the round did not come", previous=first.last,
                        entries=b"".join(self.rest_of(first)), stock=NOTHING)
        whole = ("--previous", void, *self.again)
        Maker(last, previous=between.last, entries=b"".join(self.rest_of(first)), stock=NOTHING,
              upto=4)
        self.accepts(*whole, folder=last, says=["exactly the lines of the folder before"])
        self.accepts("--previous", void, folder=last, says=["behind a void one that before it"])
        Maker(last, previous=between.last, entries=first.entries, stock=NOTHING, upto=4)
        code, text = self.run_it(*whole, folder=last)
        self.assertEqual(code, 1)
        self.assertIn("the next line that has nothing so far", text)
        self.refuses("seal.txt, line 13", "--previous", void, folder=self.first)

    def test_how_each_seal_before_ended(self):
        known = ["before its secrets were opened", "when its secrets and balls were known",
                 "when its seed was known", "when its winners were known",
                 "when its winners were known"]
        for upto, words in enumerate(known, 1):
            with self.subTest(upto=upto):
                before = Maker(self.first, upto=upto, void="bad luck")
                Maker(self.folder, previous=before.last, upto=4)
                told = f"The seal before it, in {self.first}: VOID, {words}: bad luck."
                self.accepts(*KEYS, *self.again, says=[told])
                for name in os.listdir(self.first):
                    if name.endswith(".txt"):
                        os.remove(os.path.join(self.first, name))

    def test_a_secret_that_everybody_knew_is_told(self):
        second = os.path.join(self.scratch.name, "second")
        opened = Maker(self.first, upto=2, void="bad luck")
        sealed = Maker(second, previous=opened.last, upto=1, void="bad luck again")
        fresh = {"operator": "3" * 64, "notary": "4" * 64}
        last = Maker(self.folder, previous=sealed.last, secrets=fresh)
        chain = ("--previous", second, "--previous", self.first)
        text = self.accepts(*KEYS, *chain)
        for who in ("operator", "notary"):
            self.assertIn(f"Look at this: the {who}'s secret of the seal in {second} was known to "
                          f"everybody when it was sealed, from {self.first}/opening.txt.", text)
        self.assertNotIn("secret of this seal", text)
        # What the one party has opened is no secret of the other one's.
        third = os.path.join(self.scratch.name, "third")
        swapped = {"operator": "5" * 64, "notary": "1" * 64}
        Maker(third, entries=b"".join(self.rest_of(last)), stock=NOTHING, previous=last.last,
              upto=4, secrets=swapped)
        text = self.accepts(*KEYS, "--previous", self.folder, *chain, folder=third, says=[
            "the notary's secret of this seal was known to everybody", "drawn, and stands"])
        self.assertNotIn("operator's secret of this seal", text)
        text = self.accepts(*KEYS, "--previous", self.folder, folder=third, says=[
            f"Not checked: the seal that the one in {self.folder} follows"])

    def test_after_a_draw_that_is_still_open(self):
        before = Maker(self.first, upto=2)
        Maker(self.folder, previous=before.last)
        self.refuses(f"{self.first}/opening.txt", *self.again)


class Tamperings(Case):
    """What is altered as the draw is made (digests and signatures follow) must be refused."""


class LaterTamperings(Case):
    """What is altered after everything was signed must be refused."""


def grow(number):
    """Line `number` of the winners, index raised by one."""
    def change(data):
        lines = data.split(b"\n")
        parts = lines[number - 1].split(b",")
        parts[1] = b"%d" % (int(parts[1]) + 1)
        lines[number - 1] = b",".join(parts)
        return b"\n".join(lines)
    return change


E1, W1, C1, S1 = "entries.txt", "winners.txt", "cutoffs.txt", "stock.txt"
BOM = b"\xef\xbb\xbf"
MADE = {  # name: (file, change, place that must be named, words)
    "byte order mark": (E1, lambda d: BOM + d, f"{E1}, line 1", ""),
    "carriage returns": (E1, lambda d: d.replace(b"\n", b"\r\n", 1), f"{E1}, line 1", "\\x0d"),
    "not ascii": (E1, on_line(5, b">", b"\xc3\xa9"), f"{E1}, line 5", "\\xc3"),
    "no last line feed": (E1, lambda d: d[:-1], f"{E1}, line 300", "no LF"),
    "empty line": (E1, lambda d: d.replace(b"\n", b"\n\n", 1), f"{E1}, line 2", ""),
    "letters before a commit": (E1, on_line(3, b"", b"ZZ"), f"{E1}, line 3", ""),
    "two lines swapped": (E1, swap_lines(10, 11), f"{E1}, line 11", "ascending"),
    "a line twice": (E1, lambda d: d.replace(b"\n", b"\n" + d.split(b"\n")[0] + b"\n", 1),
                     f"{E1}, line 2", "once more"),
    "upper-case hex": (E1, lambda d: d[:5] + b"A" + d[6:], f"{E1}, line 1", ""),
    "short commit": (E1, field(4, 0, lambda c: c[:-1]), f"{E1}, line 4", ""),
    "short tag": (E1, field(4, 1, lambda c: c[:-1]), f"{E1}, line 4", ""),
    "one tag too many": (E1, field(6, 1, lambda t: t + b"+" + b"0" * 32), f"{E1}, line 6", "tags"),
    "one commit too many": (E1, field(6, 0, lambda c: c + b"+" + b"f" * 64), f"{E1}, line 6",
                            "tags"),
    "tag twice": (E1, copied_tag, f"{E1}, line 9", "in lines 3, 9"),
    "33 tickets": (E1, field(8, 2, b"33"), f"{E1}, line 8", ""),
    "no ticket": (E1, field(8, 2, b"0"), f"{E1}, line 8", ""),
    "leading zero": (E1, field(8, 2, b"01"), f"{E1}, line 8", ""),
    "nine units": (E1, field(8, 3, b"9"), f"{E1}, line 8", ""),
    "six choices": (E1, field(8, 4, b"A>B>D>A>B>D"), f"{E1}, line 8", ""),
    "six choices and any": (E1, field(8, 4, b"A>B>D>A>B>D>*"), f"{E1}, line 8", ""),
    "no choice": (E1, field(8, 4, b"*"), f"{E1}, line 8", ""),
    "any before another": (E1, field(8, 4, b"A>*>B"), f"{E1}, line 8", ""),
    "empty choice": (E1, field(8, 4, b"A>>B"), f"{E1}, line 8", ""),
    "unknown bucket": (E1, field(8, 4, b"A>Z"), f"{E1}, line 8", "buckets of stock.txt"),
    "lower-case bucket": (E1, field(8, 4, b"a"), f"{E1}, line 8", ""),
    "a sixth field": (E1, field(8, 4, b"A,1"), f"{E1}, line 8", ""),
    "bucket twice in the stock": (S1, lambda d: d + b"A,1\n", f"{S1}, line 6", "once"),
    "too many units": (S1, on_line(1, b",4", b",4294967296"), f"{S1}, line 1", ""),
    "empty stock": (S1, lambda d: b"", S1, "1 to 65,535"),
    "rules in Latin-1": ("rules.txt", lambda d: b"a\nr\xe8gle\n", "rules.txt, line 2", "UTF-8"),
    "rules with a byte order mark": ("rules.txt", lambda d: BOM + d, "rules.txt, line 1", "mark"),
    "rules without a last line feed": ("rules.txt", lambda d: d[:-1], "rules.txt, line 1", "no LF"),
    "rules of more than 64 KiB": ("rules.txt", lambda d: b"a" * 65536 + b"\n", "rules.txt",
                                  "65,536"),
    "rules with carriage returns": ("rules.txt", lambda d: b"a\r\n", "rules.txt, line 1", ""),
    "no rules": ("rules.txt", lambda d: b"", "rules.txt, line 1", "an empty file"),
    "winner replaced": (W1, grow(1), W1, ""),
    "winner left out": (W1, without_line(5), W1, "no line for entry"),
    "winner too many": (W1, lambda d: d + b"f" * 64 + b",299,A,2\n", W1, ""),
    "winners swapped": (W1, swap_lines(3, 4), f"{W1}, line 4", "by pass, then by number"),
    "winner twice": (W1, lambda d: d + d.split(b"\n")[0].replace(b",1", b",2") + b"\n", W1, ""),
    "another bucket": (W1, lambda d: field(1, 2, b"B" if b",B," not in d.split(b"\n")[0]
                                           else b"A")(d), f"{W1}, line 1", "by the cut-offs"),
    "number of a winner": (W1, lambda d: flipped(d), f"{W1}, line 1", "by the cut-offs"),
    "cut-off raised": (C1, on_line(9, b"1,A,1,", b"1,A,1,f"), f"{C1}, line 9", ""),
    "cut-off moved": (C1, lambda d: field(9, 3, b"f" * 64)(d), W1, "no line for entry"),
    "cut-off line left out": (C1, without_line(1), W1, ""),
    "closed cut-off left out": (C1, without_line(8), f"{C1}, line 8", "as the winners earn it"),
    "cut-off lines swapped": (C1, swap_lines(2, 3), f"{C1}, line 3", "stock order"),
    "cut-off of another bucket": (C1, on_line(1, b"A#65", b"Z"), f"{C1}, line 1", ""),
    "tranches left out in pass 2": (C1, lambda d: re.sub(b"2,A#65,.*\n", b"", d), C1,
                                    "as the winners earn"),
    "more came back than was out": ("returned-1.txt", on_line(2, b"1", b"16"),
                                    "returned-1.txt, line 2", "up to 15 units of B"),
    "alternate left out": ("winners-1.txt", without_line(1), "winners-1.txt", "no line for entry"),
    "other bucket came back": ("returned-1.txt", lambda d: b"A,3\nZ,1\n", "returned-1.txt, line 2",
                               "a bucket of stock.txt"),
    "alternates' cut-off": ("cutoffs-1.txt", without_line(8), "cutoffs-1.txt, line 8", ""),
    "sample line left out": ("sample.txt", without_line(3), "sample.txt, line 3", "next smallest"),
    "sample index": ("sample.txt", grow(1), "sample.txt", ""),
    "tile": ("tile/0/000", lambda d: b"x" + d[1:], "tile/0/000", ""),
    "bundle": ("tile/entries/001.p/44", lambda d: d[:-1] + b"x", "tile/entries/001.p/44", ""),
    "count in the checkpoint": ("checkpoint text", on_line(2, b"300", b"301"),
                                "checkpoint, line 2", ""),
    "root in the checkpoint": ("checkpoint text", on_line(3, b"=", b"=="), "checkpoint, line 3",
                               ""),
    "origin": ("checkpoint text", on_line(1, b"lot", b"lat"), "checkpoint, line 1", ""),
    "more in the checkpoint": ("checkpoint text", lambda d: d + b"x\n", "checkpoint, line 4", ""),
}
SEAL = {
    "suite": (3, b"sha256", b"sha512"), "count": (4, b"300", b"299"),
    "root": (4, b"root ", b"root a"),
    "stock digest": (5, b"stock ", b"stock 0"), "entry count with zero": (4, b" 300", b" 0300"),
    "program": (7, b"1.0.0 ", b""), "deadline": (12, b"02-18", b"02-30"),
    "deadline zone": (12, b"Z", b"+08:00"), "previous": (13, b"none", b"nil"),
    "words": (10, b"3 of", b"3\tof"), "operator commitment": (8, b"operator", b"Operator"),
    "version of 41": (7, b"1.0.0", b"v" * 41), "version with a space": (7, b"1.0.0", b"1.0 0"),
    "words with a space before": (10, b"balls ", b"balls  "),
    "words with a space behind": (10, b"drawn", b"drawn "),
    "words of 201": (10, b"3 of 01-49, ", b"~" * 183),
    "drand round zero": (11, b" 657413", b" 0"), "drand chain": (11, b" 52db", b" 62db"),
    "deadline before 2000": (12, b"2026-02-18", b"1999-12-31"),
    "deadline behind 9998": (12, b"2026", b"9999"),
}
for name, (number, old, new) in SEAL.items():
    MADE[f"seal {name}"] = ("seal.txt text", on_line(number, old, new),
                            f"seal.txt, line {number}", "")


MADE["round at the deadline"] = ("seal.txt text", on_line(
    12, b"2026-02-18T12:00:00Z", b"2023-09-15T11:00:03Z"), "seal.txt, line 11", "before the dead")
MADE["round beyond all time"] = ("seal.txt text", on_line(11, b" 657413", b" 9" + b"0" * 18),
                                 "seal.txt, line 11", "before the deadline")


def other_hex(number, word):
    """A digest or secret in a note replaced by another of the right form."""
    def change(data):
        lines = data.split(b"\n")
        parts = lines[number - 1].split(b" ")
        at = parts.index(word) + 1
        assert len(parts[at]) == 64
        parts[at] = OTHER.encode()
        lines[number - 1] = b" ".join(parts)
        return b"\n".join(lines)
    return change


for note, number, word, place in [
        ("seal.txt", 4, b"root", "seal.txt, line 4"), ("seal.txt", 4, b"file", E1),
        ("seal.txt", 5, b"stock", S1), ("seal.txt", 6, b"rules", "rules.txt"),
        ("seal.txt", 8, b"operator-commitment", "opening.txt, line 4"),
        ("seal.txt", 9, b"notary-commitment", "opening.txt, line 5"),
        ("opening.txt", 3, b"seal", "opening.txt, line 3"),
        ("opening.txt", 4, b"operator", "opening.txt, line 4"),
        ("opening.txt", 5, b"notary", "opening.txt, line 5"),
        ("opening.txt", 7, b"previous", "opening.txt, line 7"),
        ("seeded.txt", 3, b"seed", "seeded.txt, line 3"),
        ("seeded.txt", 4, b"previous", "seeded.txt, line 4"),
        ("result.txt", 3, b"seed", "result.txt, line 3"), ("result.txt", 5, b"cutoffs", C1),
        ("result.txt", 6, b"previous", "result.txt, line 6"),
        ("alternates-1.txt", 4, b"returned", "returned-1.txt"),
        ("alternates-1.txt", 6, b"cutoffs", "cutoffs-1.txt"),
        ("alternates-1.txt", 7, b"previous", "alternates-1.txt, line 7")]:
    MADE[f"{note} {word.decode()}"] = (f"{note} text", other_hex(number, word), place, "")
MADE.update({
    "draw of the opening": ("opening.txt text", on_line(2, b"18", b"19"), "opening.txt, line 2",
                            ""),
    "balls as opened": ("opening.txt text", on_line(6, b"41", b"42"), "seed.txt, line 5", ""),
    "balls kept back": ("opening.txt text", on_line(6, b"41 08 33", b"none"),
                        "opening.txt, line 6", "as sealed"),
    "winners counted": ("result.txt text", on_line(4, b"winners ", b"winners 1"),
                        "result.txt, line 4", ""),
    "alternates counted": ("alternates-1.txt text", on_line(5, b"winners ", b"winners 1"),
                           "alternates-1.txt, line 5", ""),
    "alternates' number": ("alternates-1.txt text", on_line(3, b"1", b"2"),
                           "alternates-1.txt, line 3", ""),
    "not verifiable though it is": ("result.txt text", lambda d: d.replace(
        b"previous", b"not publicly verifiable\nprevious"), "result.txt, line 6", ""),
    "seed of another seal": ("seed.txt", other_hex(2, b"seal"), "seed.txt, line 2", ""),
    "seed's operator": ("seed.txt", other_hex(3, b"operator"), "seed.txt, line 3", ""),
    "seed's notary": ("seed.txt", other_hex(4, b"notary"), "seed.txt, line 4", ""),
    "seed's balls": ("seed.txt", on_line(5, b"41 08", b"08 41"), "seed.txt, line 5", ""),
    "another round": ("seed.txt", on_line(6, b"657413", b"657414"), "seed.txt, line 6", "657413"),
    "forged beacon": ("seed.txt", on_line(6, b"b7137", b"b7138"), "seed.txt, line 6", "quicknet"),
    "negated beacon": ("seed.txt", on_line(6, b" b71", b" 971"), "seed.txt, line 6", "quicknet"),
    "beacon left out": ("seed.txt", on_line(6, f"{CHAIN} {ROUND} {SIGNATURE}".encode(), b"none"),
                        "seed.txt, line 6", ""),
    "a line more in the seed": ("seed.txt", lambda d: d + b"nonce 7\n", "seed.txt, line 7", ""),
})


def made_case(name, file, change, place, words):
    def test(self):
        Maker(self.folder, {file: change}, signed=False)
        code, text = self.run_it("--tiles")
        self.assertEqual(code, 1, text)
        self.assertIn(f"WRONG {place}", text)
        self.assertIn(words, text)
        if "line" in place:
            self.assertIn(f"WRONG {place}\n", text)
    setattr(Tamperings, "test_" + "".join(c if c.isalnum() else "_" for c in name), test)


for name, case in MADE.items():
    made_case(name, *case)

LATER = {  # name: (file, change, place)
    "entries": (E1, field(9, 2, b"3"), E1), "stock": (S1, on_line(1, b"4", b"5"), S1),
    "rules": ("rules.txt", lambda d: d + b"But not you.\n", "rules.txt"),
    "seed": ("seed.txt", on_line(5, b"41", b"42"), "seeded.txt, line 3"),
    "winners": (W1, without_line(2), W1), "cutoffs": (C1, without_line(2), C1),
    "returned": ("returned-1.txt", on_line(1, b"3", b"4"), "returned-1.txt"),
    "winners of alternates": ("winners-1.txt", without_line(1), "winners-1.txt"),
    "seal": ("seal.txt", on_line(7, b"1.0.0", b"1.0.1"), "seal.txt, line 15"),
    "result": ("result.txt", on_line(4, b"winners ", b"winners 1"), "result.txt, line 8"),
    "checkpoint": ("checkpoint", on_line(2, b"300", b"301"), "checkpoint, line 2"),
    "no empty line": ("seal.txt", lambda d: d.replace(b"\n\n", b"\n"), "seal.txt"),
    "signature line": ("seal.txt", lambda d: d.replace(b"\xe2\x80\x94", b"-", 1),
                       "seal.txt, line 15"),
    "no signature": ("seal.txt", lambda d: d[:d.index(b"\n\n") + 2], "seal.txt"),
}


def later_case(name, file, change, place):
    def test(self):
        Maker(self.folder)
        path = os.path.join(self.folder, file)
        with open(path, "rb") as opened:
            data = opened.read()
        with open(path, "wb") as opened:
            opened.write(change(data))
        self.refuses(place, *KEYS)
    setattr(LaterTamperings, "test_" + name.replace(" ", "_"), test)


for name, case in LATER.items():
    later_case(name, *case)


class Signatures(Case):
    def test_a_note_signed_by_another_of_the_same_name(self):
        Maker(self.folder, {"result.txt signers": [Signer(DRAW, b"x" * 32), NOTARY]})
        self.refuses("result.txt", *KEYS, says="expected: a signature by")

    def test_a_note_the_operator_did_not_sign(self):
        Maker(self.folder, {"seeded.txt signers": [NOTARY]})
        self.refuses("seeded.txt", says="a signature line of the operator")

    def test_a_note_the_notary_did_not_sign(self):
        Maker(self.folder, {"seeded.txt signers": [OPERATOR]})
        self.accepts(*KEYS, says=["notary.example did not sign seeded.txt"])

    def test_a_notary_who_signed_nothing(self):
        Maker(self.folder)
        self.refuses("the notes", "--notary-key", Signer("other.example", b"y" * 32).vkey())

    def test_a_key_of_another_draw_or_form(self):
        Maker(self.folder)
        self.refuses("", "--operator-key", NOTARY.vkey(), code=2, says="the operator's key is of")
        self.refuses("", "--operator-key", "nonsense", code=2, says="not a key")
        wrong_id = OPERATOR.vkey().replace(OPERATOR.id.hex(), "00000000")
        self.refuses("", "--operator-key", wrong_id, code=2, says="id should be")


class Agreement(Case):
    """What every program that checks a draw must take or refuse alike, from one file."""

    def cases(self, kind):
        with open(os.path.join(VECTOR, "agreement.json"), encoding="utf-8") as file:
            return json.load(file)[kind]

    def put(self, name, parts):
        os.makedirs(self.folder, exist_ok=True)
        with open(os.path.join(self.folder, name), "wb") as file:
            file.write("".join(map(self.written, parts)).encode())

    def written(self, part):
        """A text, or how often it stands there; with a third, counted between the two texts."""
        if isinstance(part, str):
            return part
        return "".join(part[0] + "".join(f"{n}{end}" for end in part[2:])
                       for n in range(1, part[1] + 1))

    def taken(self, check):
        try:
            check()
        except (verify_draw.Wrong, verify_draw.Unverifiable):
            return False
        return True

    def test_notes(self):
        for case in self.cases("notes"):
            def check():
                key = verify_draw.Key(case["key"])
                verify_draw.Note(self.folder, "note").check(key.name, key, [])
            self.put("note", case["note"])
            with self.subTest(case["what"]):
                self.assertEqual(self.taken(check), case["taken"])

    def test_events(self):
        for case in self.cases("events"):
            self.put(case["file"], case["text"] + ["\n— n AAAAAAA=\n"])
            with self.subTest(case["what"]):
                found = self.taken(lambda: verify_draw.Event(self.folder, case["file"]))
                self.assertEqual(found, case["taken"])

    def test_tables(self):
        def stock():
            return verify_draw.read_stock("stock.txt", verify_draw.read(self.folder, "stock.txt"))

        checks = {
            "stock.txt": stock,
            "cutoffs.txt": lambda: verify_draw.Round(self.folder, 0, stock()),
            "entries.txt": lambda: verify_draw.stream_list(self.folder, {*stock(), b"*"}),
        }
        self.put("winners.txt", [])
        for case in self.cases("tables"):
            self.put("stock.txt", case.get("stock", []))
            self.put(case["file"], case["text"] + ["\n"] * (case["file"] == "entries.txt"))
            with self.subTest(case["what"]):
                self.assertEqual(self.taken(checks[case["file"]]), case["taken"])


class Uncheckable(Case):
    def test_missing_files(self):
        for name in (E1, S1, W1, C1, "seal.txt", "seed.txt", "opening.txt", "checkpoint",
                     "rules.txt", "result.txt", "returned-1.txt"):
            with self.subTest(name=name):
                Maker(self.folder)
                os.remove(os.path.join(self.folder, name))
                self.refuses("", code=2, says=name)

    def test_no_folder(self):
        self.refuses("", code=2, folder=os.path.join(self.scratch.name, "none"))

    def test_usage(self):
        with self.assertRaises(SystemExit) as raised, open(os.devnull, "w") as null:
            stderr, sys.stderr = sys.stderr, null
            try:
                verify_draw.main(["--upto", "moon", "x"])
            finally:
                sys.stderr = stderr
        self.assertEqual(raised.exception.code, 2)


class Vectors(unittest.TestCase):
    def test_ed25519_rfc8032(self):
        for key, message, signature in [
            ("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
             "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e3"
             "9701cf9b46bd25bf5f0595bbe24655141438e7a100b"),
            ("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
             "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3"
             "613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"),
        ]:
            key, message, signature = map(bytes.fromhex, (key, message, signature))
            check = verify_draw.ed25519_verify
            self.assertTrue(check(key, message, signature))
            self.assertFalse(check(key, message + b"x", signature))
            self.assertFalse(check(key, message, signature[:-1] + b"\xff"))
            s = int.from_bytes(signature[32:], "little") + ORDER  # malleable form
            self.assertFalse(check(key, message, signature[:32] + s.to_bytes(32, "little")))

    def test_ed25519_small_order_key(self):
        self.assertFalse(verify_draw.ed25519_verify(
            (1).to_bytes(32, "little"), b"", (1).to_bytes(32, "little") + bytes(32)))

    def test_hash_to_curve_rfc9380_j_9_1(self):
        tag = b"QUUX-V01-CS02-with-BLS12381G1_XMD:SHA-256_SSWU_RO_"
        for message, x, y in [
            (b"", "052926add2207b76ca4fa57a8734416c8dc95e24501772c814278700eed6d1e4e8cf62d9c09db0f"
                  "ac349612b759e79a1",
             "08ba738453bfed09cb546dbb0783dbb3a5f1f566ed67bb6be0e8c67e2e81a4cc68ee29813bb7994998f3e"
             "ae0c9c6a265"),
            (b"abc", "03567bc5ef9c690c2ab2ecdf6a96ef1c139cc0b2f284dca0a9a7943388a49a3aee664ba5379a7"
                     "655d3c68900be2f6903",
             "0b9c15f3fe6e5cf4211f346271d7b01c8f3b28be689c8429c85b67af215533311f0b8dfaaa154fa6b8817"
             "6c229f2885d"),
        ]:
            point = verify_draw.hash_to_g1(message, tag)
            self.assertEqual([v.a for v in point], [int(x, 16), int(y, 16)])

    def test_quicknet_rounds(self):
        signature = bytes.fromhex(SIGNATURE)
        self.assertTrue(verify_draw.beacon_is_valid(ROUND, signature))
        self.assertFalse(verify_draw.beacon_is_valid(ROUND + 1, signature))

    def test_points_that_are_none(self):
        decode, four = verify_draw.decode, verify_draw.F2(4)
        self.assertIsNone(decode(b"\xc0" + bytes(47), four))  # infinity
        self.assertIsNone(decode(b"\x80" + bytes(47), four))  # on the curve, not in the group
        self.assertIsNone(decode(b"\x9f" + b"\xff" * 47, four))  # not below the modulus
        self.assertIsNone(decode(b"\x17" + bytes(47), four))  # not compressed


if __name__ == "__main__":
    unittest.main()
