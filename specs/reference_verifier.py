"""A second verifier of election records, to be read in an evening and trusted for what it says.

It needs Python 3.11 and its standard library, shares no line with the package evote, and was written from
the pages beside it (record-format.md, manifest.md, verification-table.md, decisions/) and from the ElectionGuard
Design Specification 2.1.0, whose sections and equations the comments cite. It holds the whole record in memory
and does one power after the other: plain and slow, so that a reader can follow every step.

    python reference_verifier.py RECORD [--stage setup|voting|final] [--expect FINGERPRINT] [--json FILE]

Verifications 1 to 14 and evote's own checks on ballots are made. Those on boards and rolls (E.17, E.22 to E.33)
are NOT_CHECKED where the manifest declares one. Exit code 0: all passed. 1: a check failed. 3: something could not
be checked. 2: there is no record. Order: report, hashes, groups, signatures, values, files, manifest, checks.
"""

import argparse
import hashlib
import hmac
import json
import os
import re
import stat
import sys
import unicodedata
from collections import Counter
from datetime import datetime
from types import SimpleNamespace

# --- the checks, and the report -----------------------------------------------------------------------------

STAGES = ("setup", "voting", "final")
# Which checks there are from which stage on (verification-table.md).
CHECKS = {
    "setup": "1.ABCDEF 2.ABC 3.AB 4.A E.8 E.9 E.10 E.15 E.16 E.18 E.19 E.22",
    "voting": "5.AB 6.ABCD 7.ABCD 8.ABCDEFG 15.A 16.ABCDEFGH 17.A 18.A 19.ABCD E.1 E.2 E.3 E.4 E.5 E.6 E.7 "
    "E.13 E.17 E.23 E.24 E.25 E.26 E.27 E.28 E.29 E.30 E.31 E.32 E.33",
    "final": "9.AB 10.ABC 11.ABCD 12.ABC 13.AB 14.ABCDEF E.11 E.12 E.14 E.20 E.21",
}


def ids(text):
    """ "6.AB E.10" is 6.A, 6.B, E.10."""
    found = []
    for family, letters in (word.split(".") for word in text.split()):
        found += [f"{family}.{letter}" for letter in ([letters] if letters.isdigit() else letters)]
    return found


STAGE_OF = {check: stage for stage, text in CHECKS.items() for check in ids(text)}
ORDER = sorted(STAGE_OF, key=lambda c: (99 if c[0] == "E" else int(c.split(".")[0]), len(c), c))
PRE_ENCRYPTED = ids("15.A 16.ABCDEFGH 17.A 18.A 19.ABCD")
BOARD = ids("E.17 E.22 E.23 E.24 E.25 E.26 E.27 E.28 E.29 E.30 E.31 E.32 E.33")
ON_CAST = ids("6.ABCD 7.ABCD E.1 E.7")
ON_SHAPED = ids("8.ABD E.3 E.4 E.5")
ON_ALL = ids("5.AB E.6 E.13")
ON_OPENINGS = ids("13.AB 14.ABCDEF")


class Malformed(Exception):
    """Bytes that are not the one form of what they should be."""


class NoRecord(Exception):
    """The folder cannot be used as a record at all."""


def need(condition, message):
    if not condition:
        raise Malformed(message)


class Report:
    """Counts, findings and reasons per check. A finding outweighs a reason not to check, and that outweighs
    "not applicable"; a check that looked at nothing, and nobody said why, is NOT_CHECKED."""

    def __init__(self, stage):
        self.stage = stage  # how far the record is checked: what was asked for, or less
        self.looked, self.findings, self.skipped, self.inapplicable = Counter(), {}, {}, {}

    def later(self, stage):
        return [check for check in ORDER if STAGES.index(STAGE_OF[check]) > STAGES.index(stage)]

    def count(self, check, number=1):
        self.looked[check] += number

    def fail(self, check, where, message, expected="", computed=""):
        finding = {"where": where, "expected": str(expected), "computed": str(computed), "message": message}
        self.findings.setdefault(check, []).append(finding)

    def compare(self, check, where, computed, stated):
        self.count(check)
        if computed != stated:
            self.fail(check, where, "another value was computed", computed.hex(), stated.hex())

    def skip(self, checks, reason):
        """Something that these checks need could not be had; checks of a later stage are passed over."""
        for check in set(checks) - set(self.later(self.stage)):
            self.skipped.setdefault(check, reason)

    def not_applicable(self, checks, reason):
        for check in checks:
            self.inapplicable.setdefault(check, reason)

    def status(self, check):
        if check in self.findings:
            return "FAIL"
        if check in self.skipped:
            return "NOT_CHECKED"
        if check in self.inapplicable:
            return "NOT_APPLICABLE"
        return "PASS" if self.looked[check] else "NOT_CHECKED"

    def verdict(self):
        found = {self.status(check) for check in ORDER}
        return "FAIL" if "FAIL" in found else "INCOMPLETE" if "NOT_CHECKED" in found else "PASS"

    def checks(self):
        return [
            {
                "id": check,
                "status": self.status(check),
                "count": self.looked[check],
                "found": len(self.findings.get(check, ())),
                "note": self.skipped.get(check) or self.inapplicable.get(check, ""),
                "findings": self.findings.get(check, [])[:100],
            }
            for check in ORDER
        ]


# --- hashes (section 5) -------------------------------------------------------------------------------------


def u32(number):
    return number.to_bytes(4, "big")


def sized(data):
    return u32(len(data)) + data


def sha256(data):
    return hashlib.sha256(data).digest()


def H(key, byte, *parts):
    """H(B0; B1): HMAC-SHA-256, B1 a domain byte and fields of fixed length (5.1)."""
    return hmac.digest(key, bytes([byte]) + b"".join(parts), "sha256")


def tagged(tag, *fields):
    """evote's own hashes: SHA-256 of tag and fields, each behind its length (record-format.md, "Hashes")."""
    return sha256(sized(tag.encode()) + u32(len(fields)) + b"".join(map(sized, fields)))


def merkle_root(leaves):
    """The tree hash of RFC 9162, 2.1.1, over leaf hashes."""
    if len(leaves) < 2:
        return leaves[0] if leaves else sha256(b"")
    split = 1 << (len(leaves) - 1).bit_length() - 1
    return sha256(b"\x01" + merkle_root(leaves[:split]) + merkle_root(leaves[split:]))


def xor(left, right):
    return bytes(a ^ b for a, b in zip(left, right, strict=True))


# --- groups (3.1.1; decisions/p256.md) ----------------------------------------------------------------------
# Both have: read (a value in range, or None), member (in the subgroup of order q), times, power, inverse, bytes.


class Integers:
    """The subgroup of order q of the integers modulo p."""

    version, one = "v2.1.0", 1

    def __init__(self, p, q, g):
        self.p, self.q, self.g, self.width = p, q, g, (p.bit_length() + 7) // 8
        self.stated = self.bytes(p), q.to_bytes((q.bit_length() + 7) // 8, "big"), self.bytes(g)
        self.hashed = self.bytes(p) + q.to_bytes(32, "big") + self.bytes(g)  # as p, q, g enter H_P (4)

    @classmethod
    def published(cls, bits, delta):
        """p = 2^b - 2^(b-256) + 2^256 (floor(2^(b-512) ln 2) + delta) + 2^256 - 1, q = 2^256 - 189, g = 2^r."""
        more = bits - 512 + 64  # ln 2 is the sum of 1 / (k 2^k); 64 bits more than needed
        ln2 = sum((1 << (more - k)) // k for k in range(1, more + 1)) >> 64
        p, q = 2**bits - 2 ** (bits - 256) + 2**256 * (ln2 + delta) + 2**256 - 1, 2**256 - 189
        return cls(p, q, pow(2, (p - 1) // q, p))

    def bytes(self, x):
        return x.to_bytes(self.width, "big")

    def read(self, data):
        x = int.from_bytes(data, "big")
        return x if 0 < x < self.p else None

    def member(self, x):
        return pow(x, self.q, self.p) == 1

    def times(self, x, y):
        return x * y % self.p

    def power(self, x, exponent):
        return pow(x, exponent, self.p)

    def inverse(self, x):
        return pow(x, -1, self.p)

    def to_q(self, digest):
        """H_q: a hash as a number modulo q (5.4)."""
        return int.from_bytes(digest, "big") % self.q


class P256:
    """The curve y^2 = x^3 - 3x + b of FIPS 186, written as the integers are; () is the point at infinity."""

    version, one, width = "evote-p256-v1", (), 33
    p = 2**256 - 2**224 + 2**192 + 2**96 - 1
    q = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
    b = 0x5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B
    g = (
        0x6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296,
        0x4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5,
    )

    def __init__(self):
        self.stated = self.p.to_bytes(32, "big"), self.q.to_bytes(32, "big"), self.bytes(self.g)
        self.hashed = b"".join(x.to_bytes(32, "big") for x in (self.p - 3, self.b, self.p, *self.g, 1))

    def bytes(self, point):
        return bytes([2 + point[1] % 2]) + point[0].to_bytes(32, "big") if point else b"\xff" * 33

    def read(self, data):
        x, p = int.from_bytes(data[1:], "big"), self.p
        if data == b"\xff" * 33:
            return ()
        y = pow(x**3 - 3 * x + self.b, (p + 1) // 4, p)
        if data[0] not in (2, 3) or x >= p or (y * y - x**3 + 3 * x - self.b) % p:
            return None
        return x, y if y % 2 == data[0] - 2 else p - y

    def member(self, point):
        return True  # the curve has prime order

    def times(self, one, two):
        if not one or not two:
            return one or two
        (x, y), (u, v), p = one, two, self.p
        if x == u and (y + v) % p == 0:
            return ()
        slope = (3 * x * x - 3) * pow(2 * y, -1, p) if x == u else (v - y) * pow(u - x, -1, p)
        w = (slope * slope - x - u) % p
        return w, (slope * (x - w) - y) % p

    def power(self, point, exponent):
        result = ()
        for bit in f"{exponent:b}":
            result = self.times(result, result)
            result = self.times(result, point) if bit == "1" else result
        return result

    def inverse(self, point):
        return (point[0], self.p - point[1]) if point else ()

    def to_q(self, digest):
        """hash_to_field of RFC 9380: 48 bytes of expand_message_xmd with SHA-256, modulo the order."""
        tag = b"evote-v1-P256_XMD:SHA-256_SCALAR"
        tag += bytes([len(tag)])
        first = sha256(bytes(64) + digest + b"\x00\x30\x00" + tag)
        one = sha256(first + b"\x01" + tag)
        return int.from_bytes((one + sha256(xor(first, one) + b"\x02" + tag))[:48], "big") % self.q


DELTA_4096 = 287975203778583638958138611533602521491887169409704874643524560756486080635197037903
DELTA_3072 = 298707407953437995876300625370749906325322663598036756391867662926569213935809577593
GROUPS = {
    "electionguard-4096": Integers.published(4096, DELTA_4096),
    "electionguard-3072": Integers.published(3072, DELTA_3072),
    "p256": P256(),
}

# --- Ed25519 by the strict rule (RFC 8032; decisions/ed25519-rule.md) ---------------------------------------

FIELD = 2**255 - 19
SUBGROUP = 2**252 + 27742317777372353535851937790883648493
CURVE_D = -121665 * pow(121666, -1, FIELD) % FIELD


def ed_add(one, two):
    (x, y, z, t), (u, v, w, s) = one, two  # extended coordinates (RFC 8032, 5.1.4)
    a, b, c, d = (y - x) * (v - u), (y + x) * (v + u), 2 * t * s * CURVE_D, 2 * z * w
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % FIELD, g * h % FIELD, f * g % FIELD, e * h % FIELD


def ed_power(point, number):
    result = (0, 1, 1, 0)
    for bit in f"{number:b}":
        result = ed_add(result, result)
        result = ed_add(result, point) if bit == "1" else result
    return result


def ed_bytes(point):
    inverse = pow(point[2], -1, FIELD)
    x, y = point[0] * inverse % FIELD, point[1] * inverse % FIELD
    return (y | (x & 1) << 255).to_bytes(32, "little")


def ed_point(data):
    """The point of an encoding, None if it is none (5.1.3)."""
    number = int.from_bytes(data, "little")
    y, sign = number % 2**255, number >> 255
    square = (y * y - 1) * pow(CURVE_D * y * y + 1, -1, FIELD) % FIELD
    x = pow(square, (FIELD + 3) // 8, FIELD)
    x = x if (x * x - square) % FIELD == 0 else x * pow(2, (FIELD - 1) // 4, FIELD) % FIELD
    if len(data) != 32 or y >= FIELD or (x * x - square) % FIELD or (x == 0 and sign):
        return None
    x = x if x % 2 == sign else FIELD - x
    return x, y, 1, x * y % FIELD


ED_ONE = ed_bytes((0, 1, 1, 0))
ED_BASE = ed_point((4 * pow(5, -1, FIELD) % FIELD).to_bytes(32, "little"))


def good_key(key):
    """Rules 1 to 3: a point of order L."""
    point = ed_point(key)
    return point is not None and key != ED_ONE and ed_bytes(ed_power(point, SUBGROUP)) == ED_ONE


def signed(key, signature, role, election, origin, message):
    """Rules 4 to 7, over the bytes that a role signs."""
    data = sized(b"evote/v1/signature") + u32(4) + sized(role) + sized(election) + sized(origin) + sized(message)
    r, s = signature[:32], int.from_bytes(signature[32:], "little")
    if not good_key(key) or len(signature) != 64 or s >= SUBGROUP or r == ED_ONE:
        return False
    if int.from_bytes(r, "little") % 2**255 >= FIELD:
        return False
    x, y, _, t = ed_point(key)
    k = int.from_bytes(hashlib.sha512(r + key + data).digest(), "little") % SUBGROUP
    minus = (FIELD - x, y, 1, FIELD - t)
    return ed_bytes(ed_add(ed_power(ED_BASE, s), ed_power(minus, k))) == r


# --- values: MessagePack with one form per value (record-format.md, "Values") ---------------------------------
# tN: text of at most N bytes. bN: at most N bytes. =N: exactly N bytes. e: an element. A-B: an integer.
# [N x: a list of at most N. ?x: x or nil. a|b: one of these words. Anything else is the name of a value.

HASH, COUNT, INDEX = "=32", f"0-{2**53 - 1}", f"1-{2**31 - 1}"
VALUES = {
    "ParametersFile": "version t256, group t256, p b1024, q b32, g b1024, guardians 1-1000, quorum 1-1000, "
    "parameter_hash =32, base_hash =32",
    "GuardianRecords": "guardians [1000 GuardianRecord, round0 [1000 =32, confirmations [1000 =32",
    "GuardianRecord": f"index {INDEX}, vote_commitments [1000 e, data_commitments [1000 e, communication_key e, "
    "vote_proof GroupedProof, data_proof GroupedProof, binding_proof GroupedProof",
    "GroupedProof": "challenge =32, responses [2001 =32",
    "JointKeys": "vote_key e, data_key e, extended_hash =32",
    "DevicesFile": "devices [ DeviceRecord",
    "DeviceRecord": "device t4096, device_hash =32, codes [ =32, initial_field ?=36, initial_hash ?=32, "
    "closing_field ?=36, closing_hash ?=32",
    "SubmittedBallot": "state cast|challenged, ballot EncryptedBallot, context ?ContextOpening",
    "EncryptedBallot": "identifier =32, identifier_hash =32, unit t1024, style t256, weight 1-1000000, device t4096, "
    "contests [1000 EncryptedContest, nonce HashedCiphertext, chaining_field =36, confirmation_code =32",
    "EncryptedContest": f"contest {INDEX}, selections [1000 Selection, limit_proof [1001 ProofPair, "
    "data ?HashedCiphertext, contest_hash =32",
    "Selection": f"option {INDEX}, alpha e, beta e, proof [1001 ProofPair",
    "ProofPair": "challenge =32, response =32",
    "HashedCiphertext": "c0 e, c1 b32768, c2 ProofPair",
    "ContextOpening": "pseudonym ?=32, randomness =32",
    "CheckpointsFile": "closing [ ClosingNote, counted [ CountedLog",
    "ClosingNote": "log 0-100000, note b65536",
    "CountedLog": f"origin t256, size {COUNT}, root =32, ballots {COUNT}, digest =32",
    "PublishedTally": "head ClosingHead, cells [ TalliedCell",
    "ClosingHead": f"size {COUNT}, root =32",
    "TalliedCell": f"contest t256, cell t256, ballots {COUNT}, weight {COUNT}, fields [1000 TalliedField",
    "TalliedField": "option t256, alpha e, beta e",
    "DecryptionFile": "guardians [ 1-1000, cells [ DecryptedCell, withheld [ WithheldCell",
    "DecryptedCell": "contest t256, cell t256, fields [1000 DecryptedField",
    "DecryptedField": f"option t256, power e, count {COUNT}, challenge =32, response =32",
    "WithheldCell": "contest t256, cell t256, reason t4096",
    "OpenedBallot": "identifier =32, contests [1000 OpenedContest",
    "OpenedContest": "contest t256, selections [1000 OpenedSelection, data ?OpenedData",
    "OpenedSelection": f"option t256, value 0-{2**31 - 1}, nonce =32",
    "OpenedData": "plaintext b32768, nonce =32",
    "DecryptedData": "identifier =32, contest t256, beta e, challenge =32, response =32, plaintext b32768",
    "SealedIndex": "index b16777216, signature =64",
    "Index": "format 1-1, sequence 1-999999, previous ?=32, stage setup|voting|final, date t4096, fingerprint =32, "
    "head ?ClosingHead, files [ IndexEntry",
    "IndexEntry": f"path t1024, size {COUNT}, digest =32",
}
VALUES = {name: [field.split(" ", 1) for field in text.split(", ")] for name, text in VALUES.items()}
# Kind: first tag that holds a length itself and how many do; then tag: bytes of the length, least such length.
SIZES = {
    "text": (0xA0, 32, {0xD9: (1, 32), 0xDA: (2, 256), 0xDB: (4, 65536)}),
    "bytes": (0x00, 0, {0xC4: (1, 0), 0xC5: (2, 256), 0xC6: (4, 65536)}),
    "list": (0x90, 16, {0xDC: (2, 16), 0xDD: (4, 65536)}),
    "map": (0x80, 16, {0xDE: (2, 16), 0xDF: (4, 65536)}),
    "integer": (0x00, 128, {0xCC: (1, 128), 0xCD: (2, 256), 0xCE: (4, 65536), 0xCF: (8, 2**32)}),
}


class Reader:
    def __init__(self, data, width):
        self.data, self.at, self.width = data, 0, width

    def take(self, size):
        need(self.at + size <= len(self.data), "the bytes end too early")
        self.at += size
        return self.data[self.at - size : self.at]

    def size(self, kind):
        """A length, or a number, in its shortest form."""
        first, room, wide = SIZES[kind]
        tag = self.take(1)[0]
        if first <= tag < first + room:
            return tag - first
        need(tag in wide, f"a {kind} is wanted here")
        number = int.from_bytes(self.take(wide[tag][0]), "big")
        need(number >= wide[tag][1], "this is not the shortest form")
        return number

    def text(self, most):
        size = self.size("text")
        need(size <= most, "the text is too long")
        try:
            return self.take(size).decode()
        except UnicodeDecodeError:
            raise Malformed("the text is not UTF-8") from None

    def value(self, form):
        if form in VALUES:
            return self.record(form)
        if form[0] == "?":
            if self.data[self.at : self.at + 1] == b"\xc0":
                return self.take(1) and None
            return self.value(form[1:])
        if form[0] == "[":
            most, inner = form[1:].split(" ", 1)
            size = self.size("list")
            need(not most or size <= int(most), "the list is too long")
            return [self.value(inner) for _ in range(size)]
        if "|" in form:
            word = self.text(256)
            need(word in form.split("|"), f"one of {form} is wanted here")
            return word
        if form[0] == "t":
            return self.text(int(form[1:]))
        if form[0] in "b=e":
            size, limit = self.size("bytes"), self.width if form == "e" else int(form[1:])
            need(size <= limit if form[0] == "b" else size == limit, "the byte string has another length")
            return self.take(size)
        low, high = map(int, form.split("-"))
        number = self.size("integer")
        need(low <= number <= high, f"the number is not between {low} and {high}")
        return number

    def record(self, name):
        need(self.size("map") == len(VALUES[name]), "another number of fields")
        value = SimpleNamespace()
        for field, form in VALUES[name]:
            need(self.text(256) == field, f"the field {field} is not in its place")
            setattr(value, field, self.value(form))
        if name == "SubmittedBallot":
            need((value.state == "cast") == (value.context is not None), "cast ballots open their context, no others")
        if name == "DeviceRecord":
            chain = value.initial_field, value.initial_hash, value.closing_field, value.closing_hash
            need(len({part is None for part in chain}) == 1, "a chain is there as a whole or not at all")
        if name in ("OpenedBallot", "OpenedContest"):
            labels = [c.contest for c in value.contests] if name == "OpenedBallot" else [s.option for s in value.selections]
            need(len(set(labels)) == len(labels), "something is opened twice")
        return value


def decode(name, data, width=0):
    reader = Reader(data, width)
    value = reader.record(name)
    need(reader.at == len(data), "bytes are left over")
    return value


# --- files (record-format.md, "Layout" and "Segments") ------------------------------------------------------

MIB = 1024 * 1024
LIMITS = {"manifest.json": 16 * MIB, "parameters.msgpack": 16384, "keys.msgpack": 16384}
for _name in ("guardians", "devices", "tally", "decryption", "checkpoints"):
    LIMITS[f"{_name}.msgpack"] = 256 * MIB
LIMITS |= {"result.json": 256 * MIB, "result.csv": 256 * MIB}
NEEDED = {"setup": ["manifest.json", "parameters.msgpack", "guardians.msgpack", "keys.msgpack"]}
NEEDED["voting"] = [*NEEDED["setup"], "devices.msgpack"]
NEEDED["final"] = [*NEEDED["voting"], "tally.msgpack", "decryption.msgpack", "result.json", "result.csv"]
FRAME_LIMIT = 64 * MIB


def number_of(path, folders="ballots|roll|log|aside|openings|data", ending="seg"):
    found = re.fullmatch(rf"({folders})/([0-9]{{6}})\.{ending}", path, re.ASCII)
    return int(found[2]) if found else 0


def kind_of(path):
    if path in LIMITS:
        return "single"
    if number_of(path):
        return "segment"
    if number_of(path, "hints") or re.fullmatch(r"hints/\.[0-9]{6}\.seg\.[0-9a-f]{16}\.partial", path, re.ASCII):
        return "hint"
    return "index" if number_of(path, "index", "msgpack") else None


class Folder:
    """The record's folder. Links are never followed: what would need one cannot be read."""

    def __init__(self, path):
        self.path = path
        if not os.path.isdir(path) or not self.has("manifest.json"):
            raise NoRecord(f"{path} is no folder with a manifest.json")

    def place(self, name):
        parts = name.split("/")
        for depth in range(1, len(parts)):
            if os.path.islink(os.path.join(self.path, *parts[:depth])):
                raise NoRecord(f"{'/'.join(parts[:depth])} is a link")
        return os.path.join(self.path, *parts)

    def has(self, name):
        return os.path.lexists(self.place(name))

    def read(self, name, limit=None):
        place = self.place(name)
        found = os.lstat(place)
        if not stat.S_ISREG(found.st_mode):
            raise NoRecord(f"{name} is no file")
        need(limit is None or found.st_size <= limit, f"{name} is longer than {limit} bytes")
        with open(place, "rb") as stream:
            return stream.read()

    def files(self):
        """Path and whether it is a regular file, for everything that is no folder."""
        found, waiting = [], [""]
        while waiting:
            prefix = waiting.pop()
            for entry in os.scandir(os.path.join(self.path, prefix)):
                if entry.is_dir(follow_symlinks=False):
                    waiting.append(f"{prefix}{entry.name}/")
                else:
                    found.append((prefix + entry.name, entry.is_file(follow_symlinks=False)))
        return sorted(found)

    def names(self, folder):
        place = os.path.dirname(self.place(f"{folder}/x"))
        return sorted(os.listdir(place)) if os.path.lexists(place) else []

    def frames(self, folder, limit=FRAME_LIMIT):
        """All frames of a folder, and why they cannot be followed further (None if they can)."""
        found = []
        names = [name for name in self.names(folder) if number_of(f"{folder}/{name}", folder)]
        if [number_of(f"{folder}/{name}", folder) for name in names] != list(range(1, len(names) + 1)):
            return [], f"{folder}: a segment is missing"
        for name in names:
            data, at = self.read(f"{folder}/{name}"), 0
            if not data and name != names[-1]:
                return found, f"{folder}/{name} is empty, and another follows"
            while at < len(data):
                size = int.from_bytes(data[at : at + 4], "big")
                if not 0 < size <= min(limit, len(data) - at - 4):
                    return found, f"{folder}/{name} at byte {at}: no whole frame"
                found.append(data[at + 4 : at + 4 + size])
                at += 4 + size
        return found, None

    def indexes(self):
        """Path, bytes, and sealed value (None if it is none) of every index file."""
        found = []
        for path in (f"index/{name}" for name in self.names("index")):
            if not number_of(path, "index", "msgpack"):
                continue
            data, sealed = b"", None
            try:
                data = self.read(path, 16 * MIB + 1024)
                sealed = decode("SealedIndex", data)
            except Malformed:
                pass
            found.append((path, data, sealed))
        return found


# --- the manifest (manifest.md): form, then rules; the first that is broken is told ---------------------------


def strict_json(raw):
    """JSON that no two readers understand differently."""

    def members(pairs):
        need(len(dict(pairs)) == len(pairs), "a member stands twice in one object")
        return dict(pairs)

    def integer(digits):
        need(digits != "-0" and len(digits) < 18 and abs(int(digits)) < 2**53, f"{digits[:20]} is no integer")
        return int(digits)

    def refuse(text):
        raise Malformed(f"{text[:20]} is no integer")

    try:
        need(len(raw) <= 16 * MIB and not raw.startswith(b"\xef\xbb\xbf"), "too long, or a byte order mark")
        text, depth = raw.decode(), 0
        for bracket in re.findall(r'"(?:[^"\\]|\\.)*+"|[][{}]', text, re.DOTALL):
            depth += (bracket in ("[", "{")) - (bracket in ("]", "}"))
            need(depth <= 64, "nested too deeply")
        value = json.loads(
            text, object_pairs_hook=members, parse_int=integer, parse_float=refuse, parse_constant=refuse
        )
        json.dumps(value, ensure_ascii=False).encode()  # no half of a surrogate pair
    except (ValueError, RecursionError) as error:
        raise Malformed(f"this is no JSON: {error}") from None
    return value


def obj(value, names, optional=""):
    """An object with these members and no others."""
    need(type(value) is dict, "an object is wanted")
    missing, more = set(names.split()) - set(value), set(value) - set(names.split()) - set(optional.split())
    need(not missing and not more, f"members missing: {sorted(missing)}; unknown: {sorted(more)}")
    return SimpleNamespace(**value)


def text_of(value, most=4096):
    need(type(value) is str and len(value.encode()) <= most, "a text is wanted, or it is too long")
    return value


def number(value, low=0, high=2**31 - 1):
    need(type(value) is int and low <= value <= high, f"an integer from {low} to {high} is wanted")
    return value


def items(value, most):
    need(type(value) is list and len(value) <= most, f"a list of at most {most} is wanted")
    return value


def flag(value):
    need(type(value) is bool, "true or false is wanted")
    return value


def hexadecimal(value, size):
    need(type(value) is str and re.fullmatch(f"[0-9a-f]{{{2 * size}}}", value), f"{2 * size} digits are wanted")
    return bytes.fromhex(value)


def entries(value, most):
    need(type(value) is dict and len(value) <= most, f"an object of at most {most} members is wanted")
    return value


JOINERS, BLANKS = "\u200c\u200d", "\u115f\u1160\u2800\u3164\uffa0"
VISIBLE_FORMATS = "\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd"
UNSEEN = re.compile(f"[{JOINERS}\ufe00-\ufe0f\U000e0100-\U000e01ef]")


def shown_text(text):
    """The rules for what people read: names, origins, labels."""
    need(text and text == text.strip(), f"{text!r} is empty, or has white space at an end")
    for letter in text:
        kind = unicodedata.category(letter)
        hidden = letter in BLANKS or (kind == "Cf" and letter not in JOINERS + VISIBLE_FORMATS)
        need(kind not in ("Cc", "Cs", "Zl", "Zp") and not hidden, f"{text!r} holds something that does not show")


def label_of(value):
    label = text_of(value)
    shown_text(label)
    need(len(label.encode()) <= 256 and not re.search("[\u00a0\u202f]", label), f"the label {label!r} is too long")
    need(not re.search(r"\s\s", label), f"the label {label!r} has white space in a row")
    need(unicodedata.is_normalized("NFC", label), f"the label {label!r} is not in normal form C")
    return label


def different(values, what):
    need(len(set(values)) == len(values), f"{what} stands twice")


def labels_differ(things, what):
    different([UNSEEN.sub("", thing.label) for thing in things], f"the label of a {what}")


class Manifest:
    """What the election is. Everything here has passed every rule, or Malformed was raised."""

    def __init__(self, raw):
        top = obj(strict_json(raw), "label contests ballot_styles evote")
        need(raw[:1] == b"{" and raw[-1:] == b"}", "there is white space around the object")
        own = obj(
            top.evote,
            "format test salt languages names chaining minimum_cell decrypt_contest_data guardian_opening contests "
            "ballot_styles units extensions",
        )
        number(own.format, 1, 1)
        self.label, self.test, self.salt = label_of(top.label), flag(own.test), hexadecimal(own.salt, 32)
        self.languages = [text_of(language) for language in items(own.languages, 100)]
        different(self.languages, "a language")
        for language in self.languages:
            need(re.fullmatch("[a-z]{2,3}(-[A-Za-z0-9]{2,8}){0,4}", language, re.ASCII), f"{language!r} is no language")
        self.names(own.names)
        self.chaining, self.decrypted = number(own.chaining, 0, 1), flag(own.decrypt_contest_data)
        self.minimum = number(own.minimum_cell, 1 if self.test else 10)
        self.opening = flag(own.guardian_opening)
        self.contests = [self.contest(*pair) for pair in enumerate(self.parallel(top.contests, own.contests, 1000), 1)]
        need(self.contests, "there is no contest")
        labels_differ(self.contests, "contest")
        self.styles = {}
        styles = [self.style(*pair) for pair in self.parallel(top.ballot_styles, own.ballot_styles, 10000)]
        labels_differ(styles, "ballot style")
        self.styles = {style.label: style for style in styles}
        self.units, self.counted_units = {}, 0  # path of every reporting unit: its styles
        self.tree(own.units, "", 1)
        need({s for styles in self.units.values() for s in styles} == set(self.styles), "a style of no unit, or none")
        need({i for s in styles for i in s.contests} == set(range(1, len(self.contests) + 1)), "a contest on no style")
        for contest in self.contests:
            self.cells_cover(contest)
        self.extensions = entries(own.extensions, 100)
        self.declarations()

    def parallel(self, plain, extra, most):
        need(len(items(plain, most)) == len(items(extra, most)), "two parallel lists differ in length")
        return list(zip(plain, extra))

    def names(self, names):
        for name in entries(names, 100).values():
            shown_text(text_of(name))
        need(not names or set(names) == set(self.languages), "names are not in the languages of the election")

    def contest(self, index, pair):
        plain, own = obj(pair[0], "label options", "selection_limit"), obj(pair[1], "names options contest_data cells")
        contest = SimpleNamespace(index=index, label=label_of(plain.label), options=[], data=None)
        contest.limit = number(getattr(plain, "selection_limit", 1), 1, 1000)
        self.names(own.names)
        for place, (option, extra) in enumerate(self.parallel(plain.options, own.options, 1000), 1):
            option, extra = obj(option, "label", "selection_limit"), obj(extra, "kind names")
            limit = getattr(option, "selection_limit", 1)
            limit = number(contest.limit if limit == "CONTEST_LIMIT" else limit, 1, contest.limit)
            self.names(extra.names)
            contest.options.append(SimpleNamespace(index=place, label=label_of(option.label), limit=limit, kind=extra.kind))
        labels_differ(contest.options, "option")
        contest.votes = [option for option in contest.options if option.kind == "option"]
        contest.facts = contest.options[len(contest.votes) :]
        need(contest.votes and all(o.kind == "option" for o in contest.options[: len(contest.votes)]), "options go first")
        different([option.kind for option in contest.facts], "a kind of field")
        for fact in contest.facts:
            need(fact.kind in ("overvote", "undervote", "undervote_difference", "null_vote"), "an unknown kind of field")
            need(fact.limit == (contest.limit if fact.kind == "undervote_difference" else 1), "a limit of a field")
        need(contest.limit <= sum(option.limit for option in contest.votes), "the contest limit exceeds the sum")
        if own.contest_data is not None:
            data = contest.data = obj(own.contest_data, "write_ins write_in_bytes blocks")
            number(data.write_ins, 0, 100), number(data.write_in_bytes, 0, 4096), number(data.blocks, 0, 1024)
            need((data.write_ins == 0) == (data.write_in_bytes == 0), "write-ins without length, or the reverse")
            longest = 6 + 2 * len(contest.votes) + data.write_ins * (2 + data.write_in_bytes)
            need(data.blocks == -(-longest // 32), "another number of blocks holds the longest record")
        contest.cells = [obj(cell, "label units") for cell in items(own.cells, 100000)]
        for cell in contest.cells:
            label_of(cell.label), [text_of(path, 1024) for path in items(cell.units, 100000)]
        labels_differ(contest.cells, "cell")
        return contest

    def style(self, plain, extra):
        plain, own = obj(plain, "label contests"), obj(extra, "weight names")
        self.names(own.names)
        contests = sorted(number(i, 1, len(self.contests)) for i in items(plain.contests, 1000))
        need(contests, "a ballot style without contest")
        different(contests, "a contest")
        weight = number(own.weight, 1, 1000000)
        return SimpleNamespace(label=label_of(plain.label), contests=contests, weight=weight)

    def tree(self, units, prefix, depth):
        self.counted_units += len(items(units, 100000))
        need(self.counted_units <= 100000 and (not units or depth <= 16), "too many units")
        units = [obj(unit, "label names styles units") for unit in units]
        labels_differ([SimpleNamespace(label=label_of(unit.label)) for unit in units], "unit")
        for unit in units:
            path, styles = prefix + unit.label, [text_of(style) for style in items(unit.styles, 10000)]
            need("/" not in unit.label and len(path.encode()) <= 1024, f"the path {path!r}")
            self.names(unit.names)
            self.tree(unit.units, f"{path}/", depth + 1)
            need(bool(styles) != bool(unit.units), f"unit {path!r} does not either report or have units below it")
            need(set(styles) <= set(self.styles), f"unit {path!r} has an unknown style")
            different(styles, "a style of a unit")
            if styles:
                self.units[path] = styles
        need(prefix or self.units, "there is no unit")

    def cells_cover(self, contest):
        """A51: the cells are disjoint and cover exactly the units that vote on the contest."""
        wanted = {p for p, styles in self.units.items() if any(contest.index in self.styles[s].contests for s in styles)}
        found = [path for cell in contest.cells for path in cell.units]
        different(found, "a unit of a cell")
        need(set(found) == wanted and all(cell.units for cell in contest.cells), "cells do not cover the units")

    def cell_of(self, contest, unit):
        """The cell of a unit, None where it does not vote on the contest."""
        return next((cell for cell in self.contests[contest - 1].cells if unit in cell.units), None)

    def declarations(self):
        found, keys = self.extensions, []
        need(set(found) <= {"index", "context", "round0", "cells", "board", "roll"}, "an unknown extension")
        self.index_key = None
        for name in ("index", "context", "round0", "cells"):
            if name in found and name != "index":
                need(obj(found[name], "key").key is None, f"{name} has no key")
            elif name in found:
                self.index_key = hexadecimal(obj(found[name], "key").key, 32)
                need(good_key(self.index_key), "the key of the index is none")
                keys.append(self.index_key)
        many = self.minimum > 1 or any(len(contest.cells) > 1 for contest in self.contests)
        need("cells" in found or not many, "cells are not declared")
        self.board, self.roll = found.get("board"), found.get("roll")
        if self.roll is not None:
            self.check_roll(keys)
        if self.board is not None:
            self.check_board(keys)
        different(keys, "a key")

    def declared_key(self, thing, origin, keys):
        """A key with the proof, over the salt, that whoever lists it has its secret (A55)."""
        key, proof = hexadecimal(thing.key, 32), hexadecimal(thing.possession, 64)
        need(signed(key, proof, b"possession", self.salt, origin.encode(), key), f"the key of {origin!r} is not proven")
        keys.append(key)

    def check_roll(self, keys):
        roll = obj(self.roll, "key possession second slots root parts iterations")
        self.declared_key(roll, "credential authority", keys)
        if roll.second is not None:
            self.declared_key(obj(roll.second, "key possession"), "second credential authority", keys)
        need(number(roll.parts, 1, 2) == 1 + (roll.second is not None), "two parts without two authorities")
        number(roll.slots, 1, 10**8), hexadecimal(roll.root, 32)
        number(roll.iterations, 1 if self.test else 1000, 10**7)
        need(self.board is not None, "a roll without a board")
        need(not (self.chaining or self.decrypted or self.opening), "the roll excludes what is declared")

    def check_board(self, keys):
        board = obj(self.board, "key possession origin closes merge_delay witnesses units devices")
        need("context" in self.extensions and not self.chaining, "the board excludes what is declared")
        need(is_moment(text_of(board.closes)) and board.closes >= "1970", "the end of voting is no moment")
        number(board.merge_delay, 1, 30 * 86400)
        policy = text_of(board.witnesses, 65536)
        need(not policy or policy.endswith("\n"), "the policy does not end with a line break")
        need(not any(unicodedata.category(c) == "Cc" for c in policy.replace("\n", "").replace("\t", "")), "the policy")
        need(set(entries(board.units, 100000)) == set(self.units), "the logs are not those of the reporting units")
        logs = [obj(log, "origin key possession") for log in board.units.values()]
        for log in [board, *logs]:
            shown_text(text_of(log.origin))
            need(len(log.origin.encode()) <= 256 and not re.search(r"[+\s]", log.origin), "an origin")
            need(unicodedata.is_normalized("NFC", log.origin), "an origin")
            self.declared_key(log, log.origin, keys)
        different([log.origin for log in [board, *logs]], "an origin")
        labels_differ([SimpleNamespace(label=label_of(name)) for name in entries(board.devices, 100000)], "device")
        for name, device in board.devices.items():
            self.declared_key(obj(device, "key possession"), f"device {name}", keys)
        need(bool(board.devices) == (self.roll is None), "devices beside a roll, or nobody who signs")

    def largest_ballot(self, width):
        """No frame of a ballot is longer (record-format.md, "Segments")."""
        size = 16384 + width
        for contest in self.contests:
            size += 512 + 128 * (contest.limit + 1)
            size += sum(512 + 2 * width + 128 * (option.limit + 1) for option in contest.options)
            size += 640 + width + 32 * contest.data.blocks if contest.data else 0
        return min(size, FRAME_LIMIT)


def is_moment(text):
    """2026-06-30T20:00:00Z"""
    try:
        return bool(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", text, re.ASCII) and datetime.fromisoformat(text))
    except ValueError:
        return False


def says_overvote(contest, plain):
    """Whether contest data says overvote; None if it is no record of the contest (manifest.md, "Contest data")."""
    reader = Reader(plain, 0)

    def short():
        return int.from_bytes(reader.take(2), "big")

    try:
        need(len(plain) == 32 * contest.data.blocks and reader.take(1) == b"\x01", "another form")
        status = reader.take(1)[0]
        marks = [short() for _ in range(short())]
        texts = [reader.take(short()).decode() for _ in range(short())]
        need(status <= 3 and (status == 2) == bool(marks) and not any(plain[reader.at :]), "status or padding")
        over = len(marks) == len(contest.votes) and (
            sum(marks) > contest.limit or any(m > o.limit for m, o in zip(marks, contest.votes))
        )
        need(not marks or over, "marks that are no overvote")
        need(len(texts) <= contest.data.write_ins and (not texts or texts[-1]), "write-ins")
        for text in texts:
            need(len(text.encode()) <= contest.data.write_in_bytes, "a write-in is too long")
            need(not any(unicodedata.category(c) in ("Cc", "Cs", "Zl", "Zp") for c in text), "a write-in")
    except (Malformed, UnicodeDecodeError):
        return None
    return status == 2


# --- setup: verifications 1 to 4, E.8, E.9, E.15, E.16, E.18, E.19 --------------------------------------------


class Verifier:
    """One verification of one record. What a check found is used no further: behind it stand computed values."""

    def __init__(self, path, stage="final", expect=None, zero=False, groups=GROUPS):
        self.folder, self.r, self.asked = Folder(path), Report(stage), stage
        self.expect, self.zero, self.groups = expect, zero, groups
        self.group = self.manifest = self.setting = self.fingerprint = self.keys = self.head = None
        self.width, self.sealed, self.unproven, self.counts = 0, False, False, Counter()

    def reaches(self, stage):
        return STAGES.index(stage) <= STAGES.index(self.r.stage)

    def run(self):
        r = self.r
        r.not_applicable(r.later(self.asked), f"only stage {self.asked} was asked for")
        r.not_applicable(PRE_ENCRYPTED, "the record has no pre-encrypted ballots")
        self.raw = self.file("manifest.json")
        self.parameters = self.file("parameters.msgpack", "ParametersFile")
        self.check_manifest()
        self.check_parameters()
        self.read_files()
        self.check_declarations()
        self.check_keys()
        self.check_guardians()
        self.check_index()
        if self.reaches("voting") and self.keys is not None:
            Ballots(self).run()
        elif self.reaches("voting"):
            known = self.manifest is not None and self.manifest.board is None
            after = set(r.later("setup")) - set(PRE_ENCRYPTED) - set(BOARD if known else ())
            r.skip(after, "parameters, manifest or keys are not known")

    def file(self, name, kind=None):
        """The bytes or the value of a file; E.16 where there is none."""
        self.r.count("E.16")
        if not self.folder.has(name):
            return self.r.fail("E.16", name, "the file is missing")
        try:
            data = self.folder.read(name, LIMITS[name])
            return decode(kind, data, self.width) if kind else data
        except Malformed as error:
            return self.r.fail("E.16", name, str(error))

    def check_manifest(self):
        r = self.r
        if self.raw is None:
            return r.skip(["E.15"], "the manifest cannot be read")
        r.count("E.15")
        try:
            self.manifest = Manifest(self.raw)
        except Malformed as error:
            return r.fail("E.15", "manifest.json", str(error))
        # A record whose declared index says an earlier stage is not that far.
        sealed = [sealed for _, _, sealed in self.folder.indexes()][-1:]
        try:
            newest = decode("Index", sealed[0].index) if self.manifest.index_key and any(sealed) else None
        except Malformed:
            return None  # E.10 names it
        if newest and STAGES.index(newest.stage) < STAGES.index(r.stage):
            beyond = set(r.later(newest.stage)) - set(r.later(r.stage)) - set(PRE_ENCRYPTED)
            r.skip(beyond, f"the record is sealed at stage {newest.stage}")
            r.stage = newest.stage
        return None

    def check_parameters(self):
        """Verification 1. H_P and H_B are computed from the named group and the manifest's bytes."""
        r, stated, where = self.r, self.parameters, "parameters.msgpack"
        if stated is None:
            return r.skip(ids("1.ABCDEF"), f"{where} cannot be read")
        group = self.group = self.groups.get(stated.group)
        self.width = group.width if group else len(stated.p)
        r.count("1.A")
        version = group.version if group else "v2.1.0"
        if stated.version != version:
            r.fail("1.A", where, "another version", version, stated.version)
        for check, name, place in (("1.B", "p", 0), ("1.C", "q", 1), ("1.D", "g", 2)):
            if group:
                r.compare(check, f"{where}, {name}", group.stated[place], getattr(stated, name))
            else:
                r.fail(check, where, f"the group {stated.group!r} is not a published one")
        n, k = stated.guardians, stated.quorum
        if group and k > n:
            r.fail("E.16", where, "the quorum is above the number of guardians")
        if not group or k > n:
            return r.skip(ids("1.EF"), "group or numbers of guardians are impossible")
        parameter_hash = H(group.version.encode().ljust(32, b"\0"), 0x00, group.hashed, u32(n), u32(k))  # (4)
        r.compare("1.E", where, parameter_hash, stated.parameter_hash)
        if self.raw is None:
            return r.skip(["1.F"], "the manifest cannot be read")
        base_hash = H(parameter_hash, 0x01, sized(self.raw))  # (5)
        r.compare("1.F", where, base_hash, stated.base_hash)
        self.setting = SimpleNamespace(n=n, k=k, parameter_hash=parameter_hash, base_hash=base_hash)
        return None

    def read_files(self):
        self.guardians = self.joint = self.devices = self.tally = self.decryption = None
        if self.parameters is None:
            return
        self.guardians = self.file("guardians.msgpack", "GuardianRecords")
        self.joint = self.file("keys.msgpack", "JointKeys")
        if self.reaches("voting"):
            self.devices = self.file("devices.msgpack", "DevicesFile")
            if self.manifest and self.manifest.board and self.folder.has("checkpoints.msgpack"):
                self.file("checkpoints.msgpack", "CheckpointsFile")
        if self.reaches("final"):
            self.tally = self.file("tally.msgpack", "PublishedTally")
            self.decryption = self.file("decryption.msgpack", "DecryptionFile")
            for name in ("result.json", "result.csv"):
                self.r.count("E.16")
                if not self.folder.has(name):
                    self.r.fail("E.16", name, "the file is missing")

    def check_declarations(self):
        """What is declared is there (E.15, A60), and what is there was declared (E.16)."""
        r, manifest, has = self.r, self.manifest, self.folder.has
        if manifest is None:
            return r.skip(BOARD, "the manifest cannot be read")
        r.count("E.15", len(manifest.extensions))
        missing = []
        if manifest.index_key and not self.folder.indexes():
            missing.append("index")
        if "round0" in manifest.extensions and self.guardians is not None and not self.guardians.round0:
            missing.append("round0")
        missing += ["roll"] if manifest.roll and not has("roll") else []
        for name in ("log", "checkpoints.msgpack"):
            missing += [name] if manifest.board and self.reaches("voting") and not has(name) else []
        for name in missing:
            r.fail("E.15", name, "the manifest declares it, and it is not there")
        for name in (() if manifest.roll else ("roll",)) + (() if manifest.board else ("log", "aside", "checkpoints.msgpack")):
            if has(name):
                r.fail("E.16", name, "the manifest declares no such thing")
        # Boards and rolls are not checked by this program.
        none = BOARD if not manifest.board else ids("E.22 E.29") if not manifest.roll else []
        r.not_applicable(none, "the manifest declares none")
        if manifest.board and not manifest.board["witnesses"]:
            none = [*none, "E.25"]
            r.not_applicable(["E.25"], "the manifest names no witnesses")
        return r.skip(set(BOARD) - set(none), "this program does not check boards and rolls")

    def product(self, keys):
        """The product of encoded values, members or not; None for none of them, or one out of range."""
        values = [self.group.read(key) for key in keys]
        if not values or None in values:
            return None
        result = self.group.one
        for value in values:
            result = self.group.times(result, value)
        return result

    def check_keys(self):
        """Verifications 3 and 4, E.19."""
        r, group, joint, records = self.r, self.group, self.joint, self.guardians
        if self.setting is None:
            return r.skip(ids("3.AB 4.A E.19"), "the parameters are not known")
        keys = [None, None]
        if records is None:
            r.skip(ids("3.AB"), "guardians.msgpack cannot be read")
        else:
            keys[0] = self.product([key for record in records.guardians for key in record.vote_commitments[:1]])
            keys[1] = self.product([key for record in records.guardians for key in record.data_commitments[:1]])
        if joint is None:
            r.skip(ids("3.AB 4.A"), "keys.msgpack cannot be read")
        else:
            for place, (check, stated) in enumerate((("3.A", joint.vote_key), ("3.B", joint.data_key))):
                if keys[place] is None:
                    r.skip([check], "the product cannot be computed")
                    keys[place] = group.read(stated)  # the published key takes its place
                else:
                    r.compare(check, "keys.msgpack", group.bytes(keys[place]), stated)
        if None in keys:
            return r.skip(ids("4.A E.19"), "a joint key cannot be computed")
        vote_key, data_key = map(group.bytes, keys)
        computed = self.fingerprint = H(self.setting.base_hash, 0x14, vote_key, data_key)  # (30)
        if joint is not None:
            r.compare("4.A", "keys.msgpack", computed, joint.extended_hash)
        if self.expect is None:
            r.not_applicable(["E.19"], "no fingerprint was expected")
        else:
            r.compare("E.19", "the record", computed, bytes.fromhex(self.expect))
        if self.manifest and all(map(group.member, keys)):
            self.keys = keys
        return None

    def check_guardians(self):
        """Verification 2, E.8, E.9, E.18."""
        r, group, records = self.r, self.group, self.guardians
        if self.setting is None or records is None:
            return r.skip(ids("2.ABC E.8 E.9 E.18"), "parameters or guardians are not known")
        n, k, base = self.setting.n, self.setting.k, self.setting.base_hash
        if [record.index for record in records.guardians] != list(range(1, n + 1)):
            r.fail("E.16", "guardians.msgpack", "there is not one record for each guardian, in order")
        proven = []
        for record in records.guardians:
            if self.check_guardian(record):
                proven.append(record)
        if len(proven) < len(records.guardians):
            r.skip(ids("2.C E.9"), "keys are not in the subgroup (2.A)")
        # E.18
        keys = [key for g in records.guardians for key in (*g.vote_commitments, *g.data_commitments, g.communication_key)]
        r.count("E.18", len(keys) + 2)
        if len(set(keys)) < len(keys) or group.bytes(group.one) in keys:
            r.fail("E.18", "guardians.msgpack", "a key stands there twice, or is the identity")
        vote = self.product([key for record in records.guardians for key in record.vote_commitments[:1]])
        data = self.product([key for record in records.guardians for key in record.data_commitments[:1]])
        if group.one in (vote, data):
            r.fail("E.18", "guardians.msgpack", "a joint key is the identity")
        # E.8: H_G (27)
        if vote is None or data is None:
            r.skip(["E.8"], "the joint keys cannot be computed")
        else:
            parts = [group.bytes(vote), group.bytes(data)]
            for field in ("vote_commitments", "data_commitments"):
                parts += [key for record in records.guardians for key in getattr(record, field)]
            parts += [record.communication_key for record in records.guardians]
            computed = H(base, 0x13, *parts)
            r.count("E.8", n)
            if records.confirmations != [computed] * n:
                r.fail("E.8", "guardians.msgpack", "not every guardian confirmed this record", computed.hex())
        # E.9 (decisions/ceremony-round0.md)
        if self.manifest is None:
            return r.skip(["E.9"], "the manifest, which declares round 0, cannot be read")
        if "round0" not in self.manifest.extensions:
            return r.not_applicable(["E.9"], "the manifest does not declare round 0")
        if not records.round0:
            return r.skip(["E.9"], "round 0 is declared and missing (E.15)")
        if len(records.round0) != n:
            r.fail("E.9", "guardians.msgpack", "there is not one commitment per guardian")
        for record, commitment in zip(records.guardians, records.round0):
            proofs = [p.challenge + b"".join(p.responses) for p in (record.vote_proof, record.data_proof, record.binding_proof)]
            computed = tagged("evote/v1/ceremony/round0", base, *self.keys_of(record), *proofs)
            r.compare("E.9", f"guardian {record.index}", computed, commitment)
        for record in proven:
            r.count("E.9")
            keys, proof = [*record.vote_commitments, *record.data_commitments, record.communication_key], record.binding_proof
            small = all(int.from_bytes(v, "big") < group.q for v in proof.responses)
            shaped = len(keys) == len(proof.responses) == 2 * k + 1 and len(record.vote_commitments) == k
            if not (shaped and small and 1 <= record.index <= n and self.grouped(
                proof, keys, lambda h, r=record: tagged("evote/v1/ceremony/binding", base, *self.keys_of(r), b"".join(h))
            )):
                r.fail("E.9", f"guardian {record.index}", "the binding proof does not hold")
        return None

    def keys_of(self, record):
        vote, data = b"".join(record.vote_commitments), b"".join(record.data_commitments)
        return u32(record.index), vote, data, record.communication_key

    def grouped(self, proof, keys, hashed):
        """A grouped Schnorr proof: h_j = g^v_j X_j^c for every key X_j, and c is the hash over them (2.1 to 2.4)."""
        group, c = self.group, int.from_bytes(proof.challenge, "big")
        commitments = []
        for key, response in zip(keys, proof.responses, strict=True):
            first = group.power(group.g, int.from_bytes(response, "big") % group.q)
            commitments.append(group.bytes(group.times(first, group.power(group.read(key), c % group.q))))
        return c == group.to_q(hashed(commitments))

    def check_guardian(self, record):
        """Verification 2 of one guardian; whether all its keys are members."""
        r, group, k, where = self.r, self.group, self.setting.k, f"guardian {record.index}"
        known = 1 <= record.index <= self.setting.n
        if not known:
            r.fail("2.C", where, "the index is none")
        good = {}
        for name in ("vote_commitments", "data_commitments", "communication_key"):
            keys = getattr(record, name) if name != "communication_key" else [record.communication_key]
            values = [group.read(key) for key in keys]
            r.count("2.A", len(keys))
            good[name] = None not in values and all(map(group.member, values)) and len(keys) in (k, 1 if name[0] == "c" else k)
            if not good[name]:
                r.fail("2.A", f"{where}, {name}", "not k members of the subgroup")
        for name, label, proof in (("vote", b"pk_vote", record.vote_proof), ("data", b"pk_data", record.data_proof)):
            r.count("2.B", len(proof.responses))
            r.count("2.C")
            keys = [*getattr(record, f"{name}_commitments"), record.communication_key]
            if len(proof.responses) != k + 1 or any(int.from_bytes(v, "big") >= group.q for v in proof.responses):
                r.fail("2.B", where, "not k + 1 responses below q")
            if known and good[f"{name}_commitments"] and good["communication_key"] and len(proof.responses) == k + 1:
                hashed = lambda h, label=label, keys=keys: H(  # noqa: E731
                    self.setting.parameter_hash, 0x10, label, u32(record.index), *keys, *h
                )  # (11), (13)
                if not self.grouped(proof, keys, hashed):
                    r.fail("2.C", f"{where}, {name}", "the proof does not answer its challenge")
        return all(good.values())

    # --- E.10 (record-format.md, "Growth") --------------------------------------------------------------------

    def check_index(self):
        r, manifest, files, indexes = self.r, self.manifest, self.folder.files(), self.folder.indexes()
        opened = []
        for _, _, sealed in indexes:
            try:
                opened.append(decode("Index", sealed.index) if sealed else None)
            except Malformed:
                opened.append(None)
        self.head = opened[-1].head if opened and opened[-1] else None
        self.digest_source = indexes[-1][1] if indexes else b""
        declared = False
        if manifest is None or self.fingerprint is None:
            r.skip(["E.10"], "the manifest or H_E is not known")
        elif manifest.index_key is None:
            r.not_applicable(["E.10"], "the manifest declares no signed index")
        elif not indexes:
            r.skip(["E.10"], "the index is declared and missing (E.15)")
        else:
            declared = True
            r.count("E.10", sum(kind_of(path) != "hint" for path, _ in files))
        for path, regular in files:
            if not regular or kind_of(path) is None:
                r.fail("E.10" if declared else "E.16", ascii(path), "this has no place in a record")
        if declared:
            self.check_publications(indexes, opened)
            present = {path for path, regular in files if regular and kind_of(path) in ("single", "segment")}
            self.check_contents(present, [index for index in opened if index])
            self.sealed = r.status("E.10") == "PASS"

    def check_publications(self, indexes, opened):
        """Every index by itself and after the one before it."""
        for number, ((path, _, sealed), index) in enumerate(zip(indexes, opened), 1):
            if number_of(path, "index", "msgpack") != number:
                opened[number - 1 :] = []  # what follows is not looked at
                return self.r.fail("E.10", path, "an index before it is missing")
            if index is None:
                self.r.fail("E.10", path, "the index does not decode")
                continue
            try:
                origin = b"record"
                proof = signed(self.manifest.index_key, sealed.signature, b"index", self.fingerprint, origin, sealed.index)
                need(proof, "the signature does not hold")
                need(index.sequence == number and index.fingerprint == self.fingerprint, "another number or election")
                before = sha256(indexes[number - 2][1]) if number > 1 else None
                need(index.previous == before, "the hash of the index before is another")
                self.index_form(index)
                if number > 1 and opened[number - 2]:
                    self.growth(opened[number - 2], index)
            except Malformed as error:
                self.r.fail("E.10", path, str(error))
        return None

    def index_form(self, index):
        paths = [entry.path for entry in index.files]
        need(is_moment(index.date) and paths == sorted(set(paths)), "the date is none, or files are not in order")
        need(all(kind_of(path) in ("single", "segment") for path in paths), "a path has no place in an index")
        need(set(NEEDED[index.stage]) <= set(paths), "a file of the stage is missing")
        for path in paths:
            before = number_of(path) - 1
            need(before < 1 or f"{path.split('/')[0]}/{before:06}.seg" in paths, "a segment is missing")
        need(index.head is None if index.stage == "setup" else index.head or index.stage != "final", "the closing head")

    def growth(self, old, new):
        """What was sealed stays (the table under "Growth")."""
        need(STAGES.index(old.stage) <= STAGES.index(new.stage) and old.date <= new.date, "stage or date goes back")
        need(old.head is None or new.head == old.head, "the closing head changes")
        was, now = ({entry.path: entry for entry in index.files} for index in (old, new))
        for path, entry in was.items():
            need(path in now, f"{path} is no longer listed")
            folder, then = path.split("/")[0], now[path]
            if kind_of(path) == "single":
                need(then == entry or (path == "devices.msgpack" and old.head is None), f"{path} has changed")
                continue
            need(then.size > entry.size or then == entry, f"what was sealed of {path} has changed")
            follows = f"{folder}/{number_of(path) + 1:06}.seg" in was
            fixed = folder == "roll" or (old.head and folder in ("ballots", "log", "aside"))
            need(then.size == entry.size or not (follows or fixed), f"{path} grew")
        for path in set(now) - set(was):
            folder = path.split("/")[0] if "/" in path else ""
            fixed = folder == "roll" or (old.head and folder in ("ballots", "log", "aside"))
            need(not fixed, f"{path} was added")

    def check_contents(self, present, opened):
        """Every file against the newest index, and every sealed prefix of a segment."""
        newest = {entry.path: entry for entry in opened[-1].files} if opened else {}
        wanted = list(newest.values())
        wanted += [entry for index in opened[:-1] for entry in index.files if kind_of(entry.path) == "segment"]
        for entry in wanted:
            if kind_of(entry.path) not in ("single", "segment"):
                continue  # a fault of form, and never opened
            if entry.path not in present:
                self.r.fail("E.10", entry.path, "the file is missing")
                continue
            data = self.folder.read(entry.path)
            if entry.path in newest and len(data) != newest[entry.path].size:
                self.r.fail("E.10", entry.path, "the file does not have its sealed length")
            elif len(data) >= entry.size and sha256(data[: entry.size]) != entry.digest:
                self.r.fail("E.10", entry.path, "the bytes are not those that were sealed", entry.digest.hex())
        for path in (present - set(newest)) if opened else ():
            self.r.fail("E.10", path, "the newest index does not seal the file")


# --- ballots, tally, decryption ---------------------------------------------------------------------------------


class Ballots:
    """One pass over the ballots, then what speaks of all of them."""

    def __init__(self, verifier):
        self.v, self.r, self.group, self.manifest = verifier, verifier.r, verifier.group, verifier.manifest
        self.extended, self.keys = verifier.fingerprint, verifier.keys
        self.identifiers, self.nonces, self.leaves = Counter(), Counter(), []
        self.sums, self.classes, self.submitted = {}, {}, set()  # by contest index and label of the cell
        self.torn = False

    def run(self):
        v, r = self.v, self.r
        self.final = v.reaches("final")
        self.set_up_devices()
        if self.final:
            self.read_beside()
        limit = self.manifest.largest_ballot(self.group.width)
        frames, fault = v.folder.frames("ballots", limit)
        for position, frame in enumerate(frames):
            self.leaves.append(sha256(b"\0" + tagged("evote/v1/submitted", self.extended, frame)))
            try:
                self.ballot(decode("SubmittedBallot", frame, self.group.width))
            except Malformed as error:
                self.broken(f"ballots, frame {position}", str(error))
        if fault:
            self.broken("ballots", fault)
        if self.manifest.board:
            self.read_aside(limit)
        for check, seen in (("5.A", self.identifiers), ("E.6", self.nonces)):
            for value, times in seen.items():
                if times > 1:
                    r.fail(check, "ballots", f"{value.hex()[:64]} stands there {times} times")
        self.finish_devices()
        if self.final:
            self.check_head(fault)
            self.check_sums()
            self.check_tally()
            self.check_decryption()
            self.finish_openings()
            self.finish_data()
            self.check_results()
        if not self.torn:
            self.explain()

    def broken(self, where, message):
        """E.2: what should be a ballot is none, and may have been cast, challenged, or made by any device."""
        self.r.count("E.2")
        self.r.fail("E.2", where, message)
        self.r.skip([*ON_CAST, *ON_SHAPED, *ON_ALL, "11.D"], "a ballot cannot be read (E.2)")
        self.torn = True

    def read_aside(self, limit):
        """Ballots aside take part in 5.A and E.6; whether they are rightly there is the board's."""
        frames, fault = self.v.folder.frames("aside", limit)
        for position, frame in enumerate(frames):
            try:
                self.note(decode("SubmittedBallot", frame, self.group.width).ballot)
            except Malformed as error:
                self.r.count("E.2")
                self.r.fail("E.2", f"aside, frame {position}", str(error))
        if fault:
            self.r.count("E.2")
            self.r.fail("E.2", "aside", fault)

    def note(self, ballot):
        """5.A and E.6: the identifier, and every g^nonce."""
        values = [ballot.nonce.c0]
        for contest in ballot.contests:
            values += [selection.alpha for selection in contest.selections]
            values += [contest.data.c0] if contest.data else []
        self.identifiers[ballot.identifier] += 1
        self.nonces.update(values)
        self.r.count("5.A")
        self.r.count("E.6", len(values))

    def ballot(self, submitted):
        v, r, ballot, cast = self.v, self.r, submitted.ballot, submitted.state == "cast"
        self.note(ballot)
        v.counts.update(["ballots", submitted.state])
        v.counts["selections"] += sum(len(contest.selections) for contest in ballot.contests)
        where = f"ballot {ballot.identifier.hex()[:16]}"
        key = H(self.extended, 0x20, ballot.identifier)  # H_I (32); the key of every hash is computed
        r.compare("5.B", where, key, ballot.identifier_hash)
        contests = self.shape(where, ballot)
        if contests is None:
            r.skip(ON_SHAPED + (ON_CAST if cast else []), "a ballot does not have the shape of its style (E.2)")
        else:
            self.examine(where, key, contests, submitted)
        self.see_device(where, ballot)
        if self.final:
            self.add_up(ballot, cast)
            self.count_result(ballot, cast)
            if cast:
                self.see_data(where, key, ballot, contests)
            else:
                self.see_opening(where, key, ballot, contests)

    def shape(self, where, ballot):
        """E.2: exactly the contests of a style of the unit, each with its fields; proofs and data of their sizes."""
        self.r.count("E.2")
        try:
            need(ballot.style in self.manifest.units.get(ballot.unit, ()), "the unit has no such style")
            contests = [self.manifest.contests[i - 1] for i in self.manifest.styles[ballot.style].contests]
            need([c.index for c in contests] == [c.contest for c in ballot.contests], "not the contests of the style")
            for contest, stated in zip(contests, ballot.contests, strict=True):
                need([o.index for o in contest.options] == [s.option for s in stated.selections], "not the fields")
                for option, selection in zip(contest.options, stated.selections, strict=True):
                    need(len(selection.proof) == option.limit + 1, "a range proof of another size")
                need(len(stated.limit_proof) == contest.limit + 1, "a limit proof of another size")
                need((contest.data is None) == (stated.data is None), "contest data where there is none, or none")
                need(not contest.data or len(stated.data.c1) == 32 * contest.data.blocks, "data of another length")
            need(len(ballot.nonce.c1) == 32, "a ballot nonce of another length")
        except Malformed as error:
            return self.r.fail("E.2", where, str(error))
        return contests

    def examine(self, where, key, contests, submitted):
        """Everything on one ballot of the right shape."""
        r, ballot = self.r, submitted.ballot
        r.count("E.3")
        if ballot.weight != self.manifest.styles[ballot.style].weight:
            r.fail("E.3", where, "the weight is not the style's")
        if submitted.context:  # E.1
            name, context = submitted.context.pseudonym, submitted.context
            who = b"NONE" if name is None else b"SOME" + name
            named = ballot.unit.encode(), ballot.style.encode(), who, context.randomness
            r.compare("E.1", where, tagged("evote/v1/context", self.extended, *named), ballot.identifier)
            if name is not None and not self.manifest.roll:
                r.fail("E.1", where, "a pseudonym, and the election has no roll")
        self.schnorr("E.4", where, ballot.nonce, lambda a: H(key, 0x23, a, ballot.nonce.c0, ballot.nonce.c1))  # (38)
        hashes = []
        for contest, stated in zip(contests, ballot.contests, strict=True):
            index, data = u32(contest.index), stated.data
            if data:  # (69)
                self.schnorr("E.5", where, data, lambda a, i=index, d=data: H(key, 0x27, i, a, d.c0, d.c1))
            if submitted.state == "cast":
                self.votes(f"{where}, contest {contest.label!r}", key, contest, stated)
            hashes.append(self.contest_hash(key, stated, [(s.alpha, s.beta) for s in stated.selections]))
            r.compare("8.A", where, hashes[-1], stated.contest_hash)
        r.compare("8.B", where, H(key, 0x29, *hashes, ballot.chaining_field), ballot.confirmation_code)  # (71)
        if not self.manifest.chaining:  # (73)
            r.compare("8.D", where, bytes(4) + self.device_hash(ballot.device), ballot.chaining_field)

    def contest_hash(self, key, stated, pairs):
        """(70)"""
        data = [stated.data.c0, stated.data.c1, stated.data.c2.challenge, stated.data.c2.response] if stated.data else []
        return H(key, 0x28, u32(stated.contest), *(part for pair in pairs for part in pair), *data)

    def device_hash(self, device):
        return H(self.extended, 0x2A, sized(device.encode()))  # (72)

    def schnorr(self, check, where, sealed, hashed):
        """The proof of the nonce of a hashed ElGamal ciphertext; the nonce 0 would hide nothing."""
        group = self.group
        self.r.count(check)
        x, c, w = group.read(sealed.c0), *(int.from_bytes(n, "big") for n in (sealed.c2.challenge, sealed.c2.response))
        good = x not in (None, group.one) and group.member(x) and max(c, w) < group.q
        a = group.bytes(group.times(group.power(group.g, w), group.power(x, c))) if good else b""
        if not good or group.to_q(hashed(a)) != c:
            self.r.fail(check, where, "the proof does not hold")

    def ranged(self, names, where, proof):
        """Challenges and responses of a proof, modulo q; those of q and more are findings."""
        pairs = []
        for pair in proof:
            numbers = [int.from_bytes(part, "big") for part in (pair.challenge, pair.response)]
            for check, number in zip(names, numbers, strict=True):
                self.r.count(check)
                if number >= self.group.q:
                    self.r.fail(check, where, "a number of q or more")
            pairs.append([number % self.group.q for number in numbers])
        return pairs

    def disjunction(self, alpha, beta, pairs, *statement):
        """a_j = g^v_j alpha^c_j, b_j = K^(v_j - j c_j) beta^c_j, and the challenges add up to the hash (59), (62)."""
        group, parts = self.group, []
        for j, (c, v) in enumerate(pairs):
            parts.append(group.bytes(group.times(group.power(group.g, v), group.power(alpha, c))))
            parts.append(group.bytes(group.times(group.power(self.keys[0], (v - j * c) % group.q), group.power(beta, c))))
        return sum(c for c, _ in pairs) % group.q == group.to_q(H(*statement, *parts))

    def votes(self, where, key, contest, stated):
        """Verification 6 for every field, 7 for the product of those that count (specification-slips.md, 7)."""
        r, group, product, outside = self.r, self.group, (self.group.one, self.group.one), False
        for option, selection in zip(contest.options, stated.selections, strict=True):
            r.count("6.A"), r.count("7.A")
            pairs = self.ranged(("6.B", "6.C"), where, selection.proof)
            alpha, beta = group.read(selection.alpha), group.read(selection.beta)
            if alpha is not None and beta is not None:
                r.count("E.7"), r.count("6.D")
                if alpha == group.one:
                    r.fail("E.7", where, "an identity ciphertext")
            if alpha is None or beta is None or not (group.member(alpha) and group.member(beta)):
                outside = True
                r.fail("6.A", where, f"option {option.label!r} is not in the subgroup")
                continue
            place = u32(contest.index), u32(option.index)
            if not self.disjunction(alpha, beta, pairs, key, 0x24, *place, selection.alpha, selection.beta):
                r.fail("6.D", where, f"option {option.label!r}: the proof does not answer its challenge")
            if option.kind == "option":
                product = group.times(product[0], alpha), group.times(product[1], beta)
        pairs = self.ranged(("7.B", "7.C"), where, stated.limit_proof)
        if outside:
            r.fail("7.A", where, "a selection is not in the subgroup")
            return r.skip(ids("6.D 7.D E.7"), "a selection is not in the subgroup (6.A)")
        r.count("7.D")
        if not self.disjunction(*product, pairs, key, 0x24, u32(contest.index), *map(group.bytes, product)):
            r.fail("7.D", where, "the proof does not answer its challenge")
        return None

    # --- 8.C, 8.E to 8.G, and the devices of E.13 -------------------------------------------------------------

    def set_up_devices(self):
        """Device records against computed values; the lists of codes for the ballots to come."""
        v, r, chained = self.v, self.r, self.manifest.chaining
        if chained:
            r.not_applicable(["8.D"], "the manifest declares chaining mode 1")
        else:
            r.not_applicable(ids("8.EFG"), "the manifest declares no chaining")
        self.devices = None if v.devices is None else {}
        if v.devices is None:
            return r.skip(ids("8.CEFG E.13") if chained else ids("8.C E.13"), "devices.msgpack cannot be read")
        for record in v.devices.devices:
            where, hashed = f"device {record.device!r}", self.device_hash(record.device)
            r.compare("8.C", where, hashed, record.device_hash)
            r.count("E.13")
            if record.device in self.devices:
                r.fail("E.13", where, "the device is listed twice")
                continue
            initial = u32(1) + hashed  # (75)
            start = H(self.extended, 0x29, initial)  # (74)
            places = {}
            for place, code in enumerate(record.codes):
                places.setdefault(code, []).append(place)
            self.devices[record.device] = SimpleNamespace(codes=[start, *record.codes], places=places)
            if not chained and record.initial_field is not None:
                r.fail("E.16", where, "a chain, and the manifest declares none")
            elif chained and record.initial_field is not None:
                last = record.codes[-1] if record.codes else start
                closing = u32(1) + H(self.extended, 0x2B, last, initial)  # (78)
                r.compare("8.F", where, initial, record.initial_field)
                r.compare("8.F", where, start, record.initial_hash)
                r.compare("8.G", where, closing, record.closing_field)
                r.compare("8.G", where, H(self.extended, 0x29, closing), record.closing_hash)  # (77)
            elif chained and self.final:
                r.fail("8.F", where, "the chain is not published")
                r.fail("8.G", where, "the chain is not published")
            elif chained:
                r.not_applicable(ids("8.FG"), "chains are published when they are closed")
        return None

    def see_device(self, where, ballot):
        if self.devices is None:
            return
        self.r.count("E.13")
        device = self.devices.get(ballot.device)
        places = device.places.get(ballot.confirmation_code) if device else None
        if not places:
            self.r.fail("E.13", where, "its device does not list it")
            if self.manifest.chaining:
                self.r.skip(["8.E"], "a ballot is not in the list of its device (E.13)")
            return
        before = device.codes[places.pop(0)]
        if self.manifest.chaining:  # (76)
            self.r.compare("8.E", where, u32(1) + before, ballot.chaining_field)

    def finish_devices(self):
        if self.torn:
            self.r.skip(["E.13"], "a ballot that cannot be read (E.2) may be of any device")
        elif self.final:  # before, a device may list ballots whose voters have not decided yet
            for name, device in (self.devices or {}).items():
                if any(device.places.values()):
                    self.r.fail("E.13", f"device {name!r}", "the device lists ballots that are not there")

    # --- 9, 11.D, E.11, E.12 ----------------------------------------------------------------------------------

    def add_up(self, ballot, cast):
        """The products of 9: every cast ballot, members or not, to its weight; None for a value out of range."""
        group = self.group
        for stated in ballot.contests:
            known = stated.contest <= len(self.manifest.contests)
            cell = self.manifest.cell_of(stated.contest, ballot.unit) if known else None
            if cell is None:
                continue
            place = stated.contest, cell.label
            self.submitted.add(place)
            if not cast:
                continue
            self.classes.setdefault(place, Counter())[ballot.weight] += 1
            sums = self.sums.setdefault(place, {})
            for selection in stated.selections:
                held = sums.get(selection.option, (group.one, group.one))
                pair = group.read(selection.alpha), group.read(selection.beta)
                if held is not None and None not in pair:
                    powers = (group.power(value, ballot.weight) for value in pair)
                    sums[selection.option] = tuple(group.times(a, b) for a, b in zip(held, powers, strict=True))
                else:
                    sums[selection.option] = None

    def check_head(self, fault):
        """E.11"""
        if fault:
            return self.r.skip(["E.11"], "the ballots cannot be read to their end (E.2)")
        self.computed_head = SimpleNamespace(size=len(self.leaves), root=merkle_root(self.leaves))
        heads = [self.v.tally.head if self.v.tally else None] + ([self.v.head] if self.manifest.index_key else [])
        for stated in heads:
            if stated is None:
                self.r.skip(["E.11"], "a head cannot be read, or there is none")
                continue
            self.r.count("E.11")
            if stated != self.computed_head:
                self.r.fail("E.11", "tally or newest index", "the closing head is not that of the ballots")
        return None

    def check_sums(self):
        """9.A, 9.B"""
        r, group, tally = self.r, self.group, self.v.tally
        if tally is None or self.torn:
            return r.skip(ids("9.AB"), "the tally, or a ballot that may have been cast, cannot be read")
        for contest in self.manifest.contests:
            for cell in contest.cells:
                where = f"contest {contest.label!r}, cell {cell.label!r}"
                found = [one for one in tally.cells if (one.contest, one.cell) == (contest.label, cell.label)]
                if not found:
                    r.skip(ids("9.AB"), "the tally lacks a cell (E.12)")
                for option in contest.options if found else ():
                    pair = self.sums.get((contest.index, cell.label), {}).get(option.index, (group.one, group.one))
                    for one in found:
                        fields = {field.option: field for field in one.fields}
                        if option.label not in fields or pair is None:
                            r.skip(ids("9.AB"), "the tally lacks a field (E.12), or a value is out of range (6.A)")
                            continue
                        r.compare("9.A", where, group.bytes(pair[0]), fields[option.label].alpha)
                        r.compare("9.B", where, group.bytes(pair[1]), fields[option.label].beta)
        return None

    def reason(self, place):
        """Why a cell is withheld, in the words of decisions/withheld-cells.md; "" if it is not."""
        classes, least = self.classes.get(place, Counter()), self.manifest.minimum
        total = sum(classes.values())

        def ballots(number):
            return "1 ballot is" if number == 1 else f"{number} ballots are"

        if 0 < total < least:
            return f"{ballots(total)} counted, and fewer than {least} are not decrypted together"
        for weight, number in sorted(classes.items()):
            if number < least:
                return (
                    f"{ballots(number)} of weight {weight} counted, and fewer than {least} of one weight "
                    "are not decrypted together"
                )
        return ""

    def check_tally(self):
        """E.12"""
        r, tally, decryption, contests = self.r, self.v.tally, self.v.decryption, self.manifest.contests
        wanted = [(contest.label, cell.label) for contest in contests for cell in contest.cells]
        labels = {contest.label: [option.label for option in contest.options] for contest in contests}
        if tally is None or decryption is None or self.torn:
            r.skip(["E.12"], "tally, decryption or a ballot cannot be read")
        if tally is not None:
            r.count("E.12", len(wanted))
            if [(cell.contest, cell.cell) for cell in tally.cells] != wanted:
                r.fail("E.12", "tally.msgpack", "not the cells of the manifest, once and in order")
            last = {(cell.contest, cell.cell): cell for cell in tally.cells}
            for contest in contests:
                for cell in contest.cells:
                    found, classes = last.get((contest.label, cell.label)), self.classes.get((contest.index, cell.label), {})
                    if found and [field.option for field in found.fields] != labels[contest.label]:
                        r.fail("E.12", "tally.msgpack", "not the fields of the contest, once and in order")
                    counted = sum(classes.values()), sum(weight * number for weight, number in classes.items())
                    if found and not self.torn and (found.ballots, found.weight) != counted:
                        r.fail("E.12", "tally.msgpack", "other numbers of ballots or weights", counted)
        if decryption is None:
            return
        cells, held = ([(c.contest, c.cell) for c in part] for part in (decryption.cells, decryption.withheld))
        for found, known in ((cells, [key for key in cells if key[0] in labels]), (held, held)):
            if known != [key for key in wanted if key in found]:
                r.fail("E.12", "decryption.msgpack", "not cells of the manifest, once and in order")
        for cell in decryption.cells:
            known = [field.option for field in cell.fields if field.option in labels.get(cell.contest, ())]
            if known != [label for label in labels.get(cell.contest, ()) if label in known]:
                r.fail("E.12", "decryption.msgpack", "not fields of the contest, once and in order")
        reasons = {(cell.contest, cell.cell): cell.reason for cell in decryption.withheld}
        for contest in contests:
            for cell in contest.cells:
                r.count("E.12")
                key, place = (contest.label, cell.label), (contest.index, cell.label)
                reason, voted = self.reason(place), place in self.submitted
                wrong = key in cells and key in reasons
                if not self.torn:
                    wrong |= bool(reason) and key in cells or key in reasons and reasons[key] != reason
                    wrong |= key not in cells and key not in reasons and not voted
                if wrong:
                    r.fail("E.12", f"contest {key[0]!r}, cell {key[1]!r}", "not decrypted or withheld as it must be", reason)

    # --- 10, 11, E.21 -----------------------------------------------------------------------------------------

    def check_decryption(self):
        v, r, group, decryption = self.v, self.r, self.group, self.v.decryption
        if decryption is None:
            return r.skip(ids("10.ABC 11.ABCD E.21"), "decryption.msgpack cannot be read")
        r.count("E.21")
        present = decryption.guardians
        if present != sorted(set(present)) or len(present) < v.setting.k or any(i > v.setting.n for i in present):
            r.fail("E.21", "decryption.msgpack", "not a quorum, in order and each once")
        if v.tally is None:
            r.skip(ids("10.ABC"), "tally.msgpack cannot be read")
        sums = {}
        for cell in v.tally.cells if v.tally else ():
            for field in cell.fields:
                sums.setdefault((cell.contest, cell.cell, field.option), field)
        contests = {contest.label: contest for contest in self.manifest.contests}
        for cell in decryption.cells:
            where = f"contest {cell.contest!r}, cell {cell.cell!r}"
            r.count("11.A")
            if cell.contest not in contests:
                r.fail("11.A", where, "the manifest has no such contest")
                continue
            options = {option.label: option for option in contests[cell.contest].options}
            for field in cell.fields:
                r.count("11.B")
                if field.option not in options:
                    r.fail("11.B", where, f"the contest has no option {field.option!r}")
                    continue
                summed = sums.get((cell.contest, cell.cell, field.option))
                pair = [group.read(summed.alpha), group.read(summed.beta)] if summed else [None]
                if None in pair or not all(map(group.member, pair)):
                    r.skip(ids("10.ABC"), f"{where}: no sum (E.12), or none in the subgroup (6.A or 9)")
                    continue
                place = u32(contests[cell.contest].index), u32(options[field.option].index)
                self.decrypted(where, place, pair, field)
            r.count("11.C", len(options))
            if set(options) - {field.option for field in cell.fields}:
                r.fail("11.C", where, "an option is missing")
        reasons = {(cell.contest, cell.cell): cell.reason for cell in decryption.withheld}
        for index, label in sorted(self.submitted):
            key = self.manifest.contests[index - 1].label, label
            r.count("11.D")
            if any((cell.contest, cell.cell) == key for cell in decryption.cells):
                continue
            if key in reasons:
                r.skip(["11.D"], f"contest {key[0]!r}, cell {key[1]!r} is withheld: {reasons[key]}")
            else:
                r.fail("11.D", f"contest {key[0]!r}, cell {key[1]!r}", "neither decrypted nor withheld")
        return None

    def same_exponent(self, base, image, key, challenge, response, hashed):
        """a = g^v key^c, b = base^v image^c, and c is the hash over them (10.2, 10.3; 12.1, 12.2)."""
        group = self.group
        a = group.times(group.power(group.g, response), group.power(key, challenge))
        b = group.times(group.power(base, response), group.power(image, challenge))
        return challenge == group.to_q(hashed(group.bytes(a), group.bytes(b)))

    def decrypted(self, where, place, pair, field):
        """Verification 10 (decisions/decrypted-values.md)."""
        r, group, where = self.r, self.group, f"{where}, option {field.option!r}"
        for check in ids("10.ABC"):
            r.count(check)
        response, challenge = int.from_bytes(field.response, "big"), int.from_bytes(field.challenge, "big")
        if response >= group.q:
            r.fail("10.A", where, "a response of q or more")
        if group.bytes(group.power(self.keys[0], field.count % group.q)) != field.power:
            r.fail("10.C", where, "T is not K^t")
        power = group.read(field.power)
        if challenge >= group.q or power is None or not group.member(power):
            return r.fail("10.B", where, "the challenge is no number of Z_q, or T no member")
        m = group.times(pair[1], group.inverse(power))  # 10.1
        stated = *place, *map(group.bytes, pair)
        if not self.same_exponent(
            pair[0], m, self.keys[0], challenge, response % group.q,
            lambda a, b: H(self.extended, 0x31, *stated, a, b, group.bytes(m)),  # (90)
        ):
            r.fail("10.B", where, "the proof does not answer its challenge")
        return None

    # --- 12, E.20; 13, 14 and the openings of E.13 --------------------------------------------------------------

    def read_beside(self):
        """Openings by identifier, and decrypted contest data in its order."""
        r, folder, width = self.r, self.v.folder, self.group.width
        self.openings, self.data, self.data_faults = {}, [], []
        self.taken, self.ordered, self.at, self.waiting, self.spare = -1, True, 0, {}, []
        frames, fault = folder.frames("openings")
        for position, frame in enumerate(frames):
            try:
                opened = decode("OpenedBallot", frame, width)
                need(opened.identifier not in self.openings, "the ballot is opened a second time")
                self.openings[opened.identifier] = opened
            except Malformed as error:
                r.fail("E.13", f"openings, frame {position}", str(error))
        if fault:
            r.fail("E.13", "openings", fault)
        frames, fault = folder.frames("data")
        for position, frame in enumerate(frames):
            try:
                self.data.append((position, decode("DecryptedData", frame, width)))
            except Malformed as error:
                self.data_faults.append(f"data, frame {position}: {error}")
        self.data_faults += [fault] if fault else []
        for fault in self.data_faults:
            r.fail("E.20", "data", fault)
        if not self.manifest.decrypted:
            r.not_applicable(ids("12.ABC E.20"), "the manifest does not have contest data decrypted")
        self.result = SimpleNamespace(units={u: [0, 0] for u in self.manifest.units}, data={}, fault="", at=0)
        if self.data_faults and self.manifest.decrypted:
            self.result.fault = "the contest data does not decode (E.20)"

    def pad(self, key, index, alpha, beta, size):
        """The key stream of contest data: (65), (66)."""
        secret, place = H(key, 0x26, u32(index), alpha, beta), u32(index)
        label = b"data_enc_keys\0contest_data" + place
        blocks = range(1, size // 32 + 1)
        return b"".join(hmac.digest(secret, u32(i) + label + u32(8 * size), "sha256") for i in blocks)

    def take(self, wanted):
        """The frame of contest data for a ballot and contest: at most 64 frames ahead, at most 64 held."""
        found = self.waiting.pop(wanted, None)
        for _ in range(64):
            if found or self.at == len(self.data):
                break
            position, value = self.data[self.at]
            self.at += 1
            here = value.identifier, value.contest
            if here == wanted:
                found = position, value
            elif here in self.waiting:
                self.spare.append(position)
            else:
                if len(self.waiting) == 64:
                    self.spare.append(self.waiting.pop(next(iter(self.waiting)))[0])
                self.waiting[here] = position, value
        if found:
            self.ordered, self.taken = self.ordered and found[0] > self.taken, found[0]
        return found[1] if found else None

    def see_data(self, where, key, ballot, contests):
        for stated in ballot.contests if self.manifest.decrypted else ():
            if not stated.data or stated.contest > len(self.manifest.contests):
                continue
            contest = self.manifest.contests[stated.contest - 1]
            self.r.count("E.20")
            data = self.take((ballot.identifier, contest.label))
            if data is None:
                self.r.fail("E.20", where, f"the data of {contest.label!r} is not decrypted")
                self.r.skip(ids("12.ABC"), "contest data is missing (E.20)")
            elif contests is None:
                self.r.skip(ids("12.ABC"), "a ballot does not have the shape of its style (E.2)")
            else:
                self.opened_data(where, key, contest, stated.data, data)

    def opened_data(self, where, key, contest, sealed, data):
        """Verification 12."""
        r, group = self.r, self.group
        for check in ids("12.ABC"):
            r.count(check)
        response, challenge = int.from_bytes(data.response, "big"), int.from_bytes(data.challenge, "big")
        if response >= group.q:
            r.fail("12.A", where, "a response of q or more")
        if xor(sealed.c1, self.pad(key, contest.index, sealed.c0, data.beta, len(sealed.c1))) != data.plaintext:
            r.fail("12.C", where, "the contest data does not decrypt to what is stated")
        base, beta = group.read(sealed.c0), group.read(data.beta)
        fields = u32(contest.index), sealed.c0, sealed.c1, sealed.c2.challenge, sealed.c2.response
        if None in (base, beta) or not group.member(base) or not group.member(beta) or not self.same_exponent(
            base, beta, self.keys[1], challenge, response % group.q,
            lambda a, b: H(key, 0x33, *fields, a, b, data.beta),  # (101)
        ):
            r.fail("12.B", where, "the proof does not answer its challenge, or beta is no member")

    def finish_data(self):
        r = self.r
        spare = self.spare + [position for position, _ in (*self.waiting.values(), *self.data[self.at :])]
        if self.torn and self.manifest.decrypted:
            return r.skip(ids("12.ABC") + (["E.20"] if spare else []), "a ballot cannot be read (E.2)")
        for position in spare:
            r.fail("E.20", f"data, frame {position}", "no contest data of a cast ballot is left for it")
        if not self.ordered:
            r.fail("E.20", "data", "the data does not stand in the order of the ballots")
        if self.v.counts["ballots"] and not r.looked["E.20"]:
            r.not_applicable(ids("12.ABC E.20"), "no cast ballot carries contest data")
        return None

    def see_opening(self, where, key, ballot, contests):
        self.r.count("E.13")
        opened = self.openings.pop(ballot.identifier, None)
        if opened is None:
            self.r.fail("E.13", where, "the challenged ballot is not opened")
        if opened is None or contests is None:
            self.r.skip(ON_OPENINGS, "a challenged ballot is not opened (E.13) or not of its shape (E.2)")
        else:
            self.opening(where, key, ballot, contests, opened)

    def opening(self, where, key, ballot, contests, opened):
        """Verifications 13 and 14. What is not opened enters the hashes as it was encrypted."""
        r, group, shown = self.r, self.group, {contest.contest: contest for contest in opened.contests}
        r.count("14.A", len(shown)), r.count("14.B", len(contests)), r.count("13.B")
        if set(shown) - {contest.label for contest in contests}:
            r.fail("14.A", where, "a contest that the style does not have")
        hashes = []
        for contest, stated in zip(contests, ballot.contests, strict=True):
            if contest.label not in shown:
                r.fail("14.B", where, f"contest {contest.label!r} is not opened")
                hashes.append(stated.contest_hash)
                continue
            values = {selection.option: selection for selection in shown[contest.label].selections}
            r.count("14.C", len(values)), r.count("14.D", len(contest.options)), r.count("14.F")
            if set(values) - {option.label for option in contest.options}:
                r.fail("14.C", where, "an option that the contest does not have")
            pairs, total = [], 0
            for option, selection in zip(contest.options, stated.selections, strict=True):
                pairs.append((selection.alpha, selection.beta))
                one = values.get(option.label)
                if one is None:
                    r.fail("14.D", where, f"option {option.label!r} is not opened")
                    continue
                r.count("14.E")
                if one.value > option.limit:
                    r.fail("14.E", where, f"{one.value} for {option.label!r} is above its limit")
                total += one.value if option.kind == "option" else 0
                nonce = int.from_bytes(one.nonce, "big")
                if nonce >= group.q:
                    r.fail("13.B", where, "a nonce of q or more")
                    continue
                beta = group.power(self.keys[0], (one.value + nonce) % group.q)
                pairs[-1] = group.bytes(group.power(group.g, nonce)), group.bytes(beta)  # 13.1, 13.2
            if total > contest.limit:
                r.fail("14.F", where, f"{total} votes in contest {contest.label!r}")
            self.opening_data(where, key, contest, stated.data, shown[contest.label].data)
            hashes.append(self.contest_hash(key, stated, pairs))
        if H(key, 0x29, *hashes, ballot.chaining_field) != ballot.confirmation_code:
            r.fail("13.B", where, "what was opened does not give the confirmation code")

    def opening_data(self, where, key, contest, sealed, shown):
        """13.A"""
        if not sealed and not shown:
            return
        group, good = self.group, False
        self.r.count("13.A")
        nonce = int.from_bytes(shown.nonce, "big") if sealed and shown else group.q
        if nonce < group.q:
            alpha, beta = (group.bytes(group.power(base, nonce)) for base in (group.g, self.keys[1]))
            plain = xor(sealed.c1, self.pad(key, contest.index, alpha, beta, len(sealed.c1)))
            good = alpha == sealed.c0 and plain == shown.plaintext
        if not good:
            self.r.fail("13.A", where, f"the data of {contest.label!r} is not what was encrypted")

    def finish_openings(self):
        if self.torn:
            self.r.skip([*ON_OPENINGS, "E.13"], "a ballot that may have been challenged cannot be read (E.2)")
        else:
            for identifier in self.openings:
                self.r.fail("E.13", f"opening of {identifier.hex()[:16]}", "there is no such challenged ballot")

    # --- E.14 (record-format.md, "Result") --------------------------------------------------------------------

    def count_result(self, ballot, cast):
        """Ballots by unit, and what their contest data says, in the order of the ballots."""
        result = self.result
        if result.fault:
            return
        if ballot.unit not in result.units:
            result.fault = "a ballot of no unit"
            return
        result.units[ballot.unit][not cast] += 1
        for stated in ballot.contests if cast and self.manifest.decrypted else ():
            data = self.data[result.at][1] if result.at < len(self.data) else None
            if data is None or data.identifier != ballot.identifier:
                return
            contest = self.manifest.contests[stated.contest - 1] if stated.contest <= len(self.manifest.contests) else None
            if contest is None or contest.label == data.contest:
                cell = contest and self.manifest.cell_of(contest.index, ballot.unit)
                if not cell or not contest.data:
                    result.fault = "contest data of a contest that has none"
                    return
                over, held = says_overvote(contest, data.plaintext), result.data.setdefault((contest.index, cell.label), [0, 0])
                held[0] += over is not None
                held[1] += ballot.weight if over else 0
                result.at += 1

    def check_results(self):
        v, r = self.v, self.r
        try:
            need(v.tally and v.decryption, "tally or decryption cannot be read")
            need(not self.torn and not self.result.fault, self.result.fault or "a ballot cannot be read (E.2)")
            need(not self.manifest.decrypted or self.result.at == len(self.data), "data in another order (E.20)")
            result = self.compute_result()
        except Malformed as error:
            return r.skip(["E.14"], str(error))
        lines = [csv_line(COLUMNS), *(csv_line([self.manifest.label, "yes" if self.manifest.test else "no", *row]) for row in rows(result))]
        made = {"result.json": json.dumps(result, ensure_ascii=False, indent=1) + "\n", "result.csv": "".join(lines)}
        for name, text in made.items():
            if not v.folder.has(name):
                r.skip(["E.14"], f"{name} is missing (E.16)")
                continue
            r.count("E.14")
            try:
                need(v.folder.read(name, LIMITS[name]) == text.encode(), "the file does not say what was decrypted")
            except Malformed as error:
                r.fail("E.14", name, str(error))
        return None

    def compute_result(self):
        tally, decryption, contests = self.v.tally, self.v.decryption, []
        parts = []
        for cells in (tally.cells, decryption.cells, decryption.withheld):
            parts.append({(cell.contest, cell.cell): cell for cell in cells})
            need(len(parts[-1]) == len(cells), "a cell stands there twice")
        for contest in self.manifest.contests:
            cells = []
            for cell in contest.cells:
                sums, opened, held = (part.pop((contest.label, cell.label), None) for part in parts)
                need(sums and (opened is None) != (held is None), "a cell is missing, or both decrypted and withheld")
                over = None
                if self.manifest.decrypted and contest.data:
                    readable, weight = self.result.data.get((contest.index, cell.label), (0, 0))
                    over = weight if readable == sums.ballots else None
                cells.append({
                    "cell": cell.label, "units": cell.units, "ballots": sums.ballots, "weight": sums.weight,
                    "withheld": held.reason if held else None,
                    "counts": self.cell_counts(contest, sums.weight, opened, over) if opened else None,
                })
            shown = [cell for cell in cells if cell["counts"]]
            overs = [cell["counts"]["overvotes"] for cell in shown]
            adding = {key: Counter() for key in ("votes", "facts")}
            for cell in shown:
                adding["votes"].update({one["option"]: one["votes"] for one in cell["counts"]["votes"]})
                adding["facts"].update({one["option"]: one["count"] for one in cell["counts"]["facts"]})
            unused = sum(cell["counts"]["unused"] for cell in shown)
            over = sum(overs) if overs and None not in overs else None
            contests.append({
                "contest": contest.label, "limit": contest.limit, "cells": cells,
                "total": {
                    "complete": len(shown) == len(cells), "cells": len(shown), "withheld": len(cells) - len(shown),
                    "ballots": sum(cell["ballots"] for cell in shown), "weight": sum(cell["weight"] for cell in shown),
                    "counts": figures(contest, adding["votes"] + Counter(), adding["facts"], unused, over),
                },
            })
        need(not any(parts), "a cell that the manifest does not have")
        units = self.result.units
        both = [{"cast": cast, "challenged": challenged} for cast, challenged in units.values()]
        return {
            "format": 1, "election": self.manifest.label, "test": self.manifest.test,
            "fingerprint": self.extended.hex(), "guardians": decryption.guardians,
            "ballots": {name: sum(one[name] for one in both) for name in ("cast", "challenged")},
            "units": [{"unit": unit, **one} for unit, one in zip(units, both, strict=True)],
            "contests": contests,
        }

    def cell_counts(self, contest, weight, opened, over):
        labels = [option.label for option in contest.options]
        need([field.option for field in opened.fields] == labels, "not the fields of the contest")
        counts = {field.option: field.count for field in opened.fields}
        for fact in contest.facts:
            over = counts[fact.label] if fact.kind == "overvote" else over
        unused = contest.limit * weight - sum(counts[option.label] for option in contest.votes)
        need(unused >= 0, "more votes than the ballots can have")
        return figures(contest, counts, counts, unused, over)

    def explain(self):
        """Why checks had nothing to look at, where the record, or the caller, shows it."""
        v, r = self.v, self.r
        if not v.counts["ballots"]:
            if v.zero or (v.sealed and v.head is not None and v.head.size == 0 and v.head.root == sha256(b"")):
                self.nothing([*ON_CAST, *ON_SHAPED, *ON_ALL, *ON_OPENINGS, *ids("8.CEFG E.2 11.D")], "there is no ballot")
            return
        if not v.counts["cast"]:
            self.nothing(ON_CAST, "no ballot was cast")
        if not v.counts["challenged"]:
            self.nothing(ON_OPENINGS, "no ballot was challenged")
        self.nothing(["E.5"], "no ballot has contest data")
        self.nothing(["13.A"], "no challenged ballot has contest data")

    def nothing(self, checks, reason):
        self.r.not_applicable([check for check in checks if not self.r.looked[check]], reason)


def figures(contest, votes, facts, unused, over):
    under = None if over is None or unused < contest.limit * over else unused - contest.limit * over
    return {
        "votes": [{"option": o.label, "votes": votes[o.label]} for o in contest.votes],
        "facts": [{"option": o.label, "kind": o.kind, "count": facts[o.label], "proved": False} for o in contest.facts],
        "unused": unused, "overvotes": over, "undervotes": under,
    }


COLUMNS = ("election", "test", "level", "units", "contest", "cell", "measure", "option", "count")


def csv_line(fields):
    line = []
    for field in map(str, fields):
        if field.startswith(("=", "+", "-", "@", "\t", "\r")) and not field.lstrip("-").isdigit():
            field = "'" + field
        line.append('"' + field.replace('"', '""') + '"' if re.search('[,"\r\n]', field) else field)
    return ",".join(line) + "\r\n"


def rows(result):
    def counted(place, counts):
        for one in counts["votes"]:
            yield *place, "votes", one["option"], one["votes"]
        for one in counts["facts"]:
            yield *place, f"{one['kind']} (not proved)", one["option"], one["count"]
        for name in ("unused", "overvotes", "undervotes"):
            yield *place, name, "", "" if counts[name] is None else counts[name]

    yield "election", "", "", "", "fingerprint", result["fingerprint"], ""
    for one in [result["ballots"], *result["units"]]:
        for name in ("cast", "challenged"):
            yield "unit" if "unit" in one else "election", one.get("unit", ""), "", "", name, "", one[name]
    for contest in result["contests"]:
        for cell in contest["cells"]:
            place = "cell", " + ".join(cell["units"]), contest["contest"], cell["cell"]
            yield *place, "ballots", "", cell["ballots"]
            yield *place, "weight", "", cell["weight"]
            if cell["withheld"] is not None:
                yield *place, "withheld", cell["withheld"], ""
            yield from counted(place, cell["counts"]) if cell["counts"] else ()
        place, total = ("contest", "", contest["contest"], ""), contest["total"]
        for name, key in (("cells", "cells"), ("withheld cells", "withheld"), ("ballots", "ballots"), ("weight", "weight")):
            yield *place, name, "", total[key]
        yield from counted(place, total["counts"])


# --- the program ------------------------------------------------------------------------------------------------


def verify(path, stage="final", expect=None, zero=False, groups=GROUPS):
    """The report on a record as a dictionary; raises NoRecord if there is none."""
    verifier = Verifier(path, stage, expect and expect.strip().lower(), zero, groups)
    verifier.run()
    report, group = verifier.r, verifier.parameters and verifier.parameters.group
    return {
        "tool": {"name": "reference_verifier", "version": "1"},
        "subject": {
            "digest": sha256(verifier.digest_source).hex() if verifier.sealed else "",
            "fingerprint": verifier.fingerprint.hex() if verifier.fingerprint else "",
            "expected": verifier.expect,
            "group": group or "",
            "profile": "" if group == "electionguard-4096" else "not the standard 2.1 set",
            "election": verifier.manifest.label if verifier.manifest else "",
            "stage": stage,
            "test": bool(verifier.manifest and verifier.manifest.test),
        },
        "format": "evote record 1",
        "verdict": report.verdict(),
        "counts": dict(verifier.counts),
        "checks": report.checks(),
    }


def main():
    parser = argparse.ArgumentParser(description="Check a published election record.")
    parser.add_argument("record")
    parser.add_argument("--stage", choices=STAGES, default="final")
    parser.add_argument("--expect", metavar="FINGERPRINT")
    parser.add_argument("--zero-ballots", action="store_true")
    parser.add_argument("--json", metavar="FILE")
    options = parser.parse_args()
    if options.expect and not re.fullmatch("[0-9a-f]{64}", options.expect.strip().lower()):
        parser.error("a fingerprint has 64 hexadecimal digits")
    try:
        report = verify(options.record, options.stage, options.expect, options.zero_ballots)
    except (NoRecord, OSError) as error:
        parser.error(str(error))
    if options.json == "-":
        print(json.dumps(report, indent=1))
    elif options.json:
        with open(options.json, "w") as stream:
            json.dump(report, stream, indent=1)
    if options.json != "-":
        for check in report["checks"]:
            print(f"{check['id']:5} {check['status']:14} {check['count']:7} {check['note']}")
            for finding in check["findings"]:
                print(f"      {finding['where']}: {finding['message']}")
        print(f"fingerprint {report['subject']['fingerprint']}", report["subject"]["profile"])
        print(report["verdict"])
    sys.exit({"PASS": 0, "FAIL": 1, "INCOMPLETE": 3}[report["verdict"]])


if __name__ == "__main__":
    main()
