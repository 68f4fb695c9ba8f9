"""A second verifier of election records, to be read in an evening and trusted for what it says.

It needs Python 3.11 and its standard library, shares no line with the package evote, and follows the pages beside
it (record-format.md, manifest.md, verification-table.md, decisions/) and the ElectionGuard Design Specification
2.1.0, whose sections and equations the comments cite. It holds the whole record in memory and does one power after
the other: plain and slow, so that a reader can follow every step. Where one statement of a check is enough to fail
it, the first false one is told.

    python reference_verifier.py RECORD [--stage setup|voting|final] [--expect FINGERPRINT] [--json FILE]

Verifications 1 to 19 and evote's own checks on ballots are made. Those on boards and rolls (E.17, E.22 to E.33), unit
returns (E.34 to E.42), provisional results and requests (E.60 to E.69) are NOT_CHECKED where there are any. Exit code
0: all passed. 1: a check failed. 3: something could not be checked. 2: there is no record. Order: hashes, groups,
signatures, values, files, manifest, report, checks, result.
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
from contextlib import contextmanager
from datetime import datetime
from types import SimpleNamespace

STAGES = ("setup", "voting", "final")

class Malformed(Exception):
    """A statement that is false, or bytes that are not the one form of what they should be."""

class NoRecord(Exception):
    """The folder cannot be used as a record at all."""

def need(condition, message):
    if not condition: raise Malformed(message)

# --- hashes (section 5; record-format.md, "Hashes") -----------------------------------------------------------

def num(data): return int.from_bytes(data, "big")
def u32(number): return number.to_bytes(4, "big")
def sized(data): return u32(len(data)) + data
def sha256(data): return hashlib.sha256(data).digest()

def H(key, byte, *parts):
    """H(B0; B1): HMAC-SHA-256, B1 a domain byte and fields of fixed length (5.1)."""
    return hmac.digest(key, bytes([byte]) + b"".join(parts), "sha256")

def tagged(tag, *fields):
    """evote's own hashes: SHA-256 of tag and fields, each behind its length."""
    return sha256(sized(tag.encode()) + u32(len(fields)) + b"".join(map(sized, fields)))

def merkle_root(leaves):
    """The tree hash of RFC 9162, 2.1.1, over leaf hashes."""
    if len(leaves) < 2: return leaves[0] if leaves else sha256(b"")
    split = 1 << (len(leaves) - 1).bit_length() - 1
    return sha256(b"\x01" + merkle_root(leaves[:split]) + merkle_root(leaves[split:]))

def xor(left, right): return bytes(a ^ b for a, b in zip(left, right, strict=True))

# --- groups (3.1.1; decisions/p256.md) ------------------------------------------------------------------------

class Group:
    """read: a value in range or None. member: whether it is in the subgroup of order q. times, power, inverse,
    bytes. stated: p, q, g as parameters.msgpack has them. hashed: the parameters as they enter H_P (4)."""

    def members(self, *encoded):
        """The values, if all are in range and in the subgroup; else None."""
        values = [self.read(data) for data in encoded]
        return values if all(value is not None and self.member(value) for value in values) else None

    def product(self, *encoded):
        """The product of values that need not be members; None for none of them, or one out of range."""
        values, result = [self.read(data) for data in encoded], self.one
        for value in values: result = None if None in (result, value) else self.times(result, value)
        return result if values else None

    def commit(self, x, e, y, f):
        """x^e y^f as bytes: how every commitment of a proof is computed again."""
        return self.bytes(self.times(self.power(x, e % self.q), self.power(y, f % self.q)))

class Integers(Group):
    """The subgroup of order q of the integers modulo p."""
    version, one = "v2.1.0", 1

    def __init__(self, p, q, g):
        self.p, self.q, self.g, self.width = p, q, g, (p.bit_length() + 7) // 8
        self.stated = self.bytes(p), q.to_bytes((q.bit_length() + 7) // 8, "big"), self.bytes(g)
        self.hashed = self.bytes(p) + q.to_bytes(32, "big") + self.bytes(g)

    @classmethod
    def published(cls, bits, delta):
        """p = 2^b - 2^(b-256) + 2^256 (floor(2^(b-512) ln 2) + delta) + 2^256 - 1, q = 2^256 - 189, g = 2^r."""
        more = bits - 512 + 64  # ln 2 is the sum of 1 / (k 2^k); 64 bits more than needed
        ln2 = sum((1 << (more - k)) // k for k in range(1, more + 1)) >> 64
        p, q = 2**bits - 2 ** (bits - 256) + 2**256 * (ln2 + delta) + 2**256 - 1, 2**256 - 189
        return cls(p, q, pow(2, (p - 1) // q, p))

    def bytes(self, x): return x.to_bytes(self.width, "big")
    def read(self, data): return num(data) if 0 < num(data) < self.p else None
    def member(self, x): return pow(x, self.q, self.p) == 1
    def times(self, x, y): return x * y % self.p
    def power(self, x, exponent): return pow(x, exponent, self.p)
    def inverse(self, x): return pow(x, -1, self.p)

    def to_q(self, digest):
        """H_q: a hash as a number modulo q (5.4)."""
        return num(digest) % self.q

class P256(Group):
    """The curve y^2 = x^3 - 3x + b of FIPS 186, written as the integers are; () is the point at infinity."""
    version, one, width = "evote-p256-v1", (), 33
    p = 2**256 - 2**224 + 2**192 + 2**96 - 1
    q = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
    b = 0x5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B
    g = (0x6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296,
         0x4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5)

    def __init__(self):
        self.stated = self.p.to_bytes(32, "big"), self.q.to_bytes(32, "big"), self.bytes(self.g)
        self.hashed = b"".join(x.to_bytes(32, "big") for x in (self.p - 3, self.b, self.p, *self.g, 1))

    def bytes(self, point): return bytes([2 + point[1] % 2]) + point[0].to_bytes(32, "big") if point else b"\xff" * 33

    def read(self, data):
        x, p = num(data[1:]), self.p
        square = x**3 - 3 * x + self.b
        y = pow(square, (p + 1) // 4, p)
        if data == b"\xff" * 33: return ()
        return None if data[0] not in (2, 3) or x >= p or (y * y - square) % p else (x, (y, p - y)[(y ^ data[0]) & 1])

    def member(self, point):
        return True  # the curve has prime order

    def times(self, one, two):
        if not one or not two: return one or two
        (x, y), (u, v), p = one, two, self.p
        if x == u and (y + v) % p == 0: return ()
        slope = (3 * x * x - 3) * pow(2 * y, -1, p) if x == u else (v - y) * pow(u - x, -1, p)
        w = (slope * slope - x - u) % p
        return w, (slope * (x - w) - y) % p

    def power(self, point, exponent):
        result = ()
        for bit in f"{exponent:b}":
            result = self.times(result, result)
            result = self.times(result, point) if bit == "1" else result
        return result

    def inverse(self, point): return (point[0], self.p - point[1]) if point else ()

    def to_q(self, digest):
        """hash_to_field of RFC 9380: 48 bytes of expand_message_xmd with SHA-256, modulo the order."""
        tag = b"evote-v1-P256_XMD:SHA-256_SCALAR\x20"
        first = sha256(bytes(64) + digest + b"\x00\x30\x00" + tag)
        one = sha256(first + b"\x01" + tag)
        return num((one + sha256(xor(first, one) + b"\x02" + tag))[:48]) % self.q

DELTA_4096 = 287975203778583638958138611533602521491887169409704874643524560756486080635197037903
DELTA_3072 = 298707407953437995876300625370749906325322663598036756391867662926569213935809577593
GROUPS = {"electionguard-4096": Integers.published(4096, DELTA_4096),
          "electionguard-3072": Integers.published(3072, DELTA_3072), "p256": P256()}

# --- Ed25519 by the strict rule (RFC 8032; decisions/ed25519-rule.md) -------------------------------------------

FIELD, SUBGROUP = 2**255 - 19, 2**252 + 27742317777372353535851937790883648493
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
    x, y = (part * pow(point[2], -1, FIELD) % FIELD for part in point[:2])
    return (y | (x & 1) << 255).to_bytes(32, "little")

def ed_point(data):
    """The point of an encoding, None if it is none (5.1.3)."""
    y, sign = int.from_bytes(data, "little") % 2**255, data[-1] >> 7
    square = (y * y - 1) * pow(CURVE_D * y * y + 1, -1, FIELD) % FIELD
    x = pow(square, (FIELD + 3) // 8, FIELD)
    x = x if (x * x - square) % FIELD == 0 else x * pow(2, (FIELD - 1) // 4, FIELD) % FIELD
    if y >= FIELD or (x * x - square) % FIELD or (x == 0 and sign): return None
    x = x if x % 2 == sign else FIELD - x
    return x, y, 1, x * y % FIELD

ED_ONE = ed_bytes((0, 1, 1, 0))
ED_BASE = ed_point((4 * pow(5, -1, FIELD) % FIELD).to_bytes(32, "little"))

def good_key(key):
    """Rules 1 to 3: a point of order L."""
    point = ed_point(key)
    return point is not None and key != ED_ONE and ed_bytes(ed_power(point, SUBGROUP)) == ED_ONE

def signed(key, signature, *fields):
    """A signature in a role of evote: role, election, origin and message."""
    return ed25519(key, signature, sized(b"evote/v1/signature") + u32(4) + b"".join(map(sized, fields)))

def ed25519(key, signature, data):
    """Rules 4 to 7."""
    r, s = signature[:32], int.from_bytes(signature[32:], "little")
    canonical = int.from_bytes(r, "little") % 2**255 < FIELD and r != ED_ONE
    if len(signature) != 64 or not good_key(key) or s >= SUBGROUP or not canonical: return False
    x, y, _, t = ed_point(key)
    k = int.from_bytes(hashlib.sha512(r + key + data).digest(), "little") % SUBGROUP
    return ed_bytes(ed_add(ed_power(ED_BASE, s), ed_power((FIELD - x, y, 1, FIELD - t), k))) == r

# --- values: MessagePack with one form per value (record-format.md, "Values") -----------------------------------
# tN: text of at most N bytes. bN: at most N bytes. =N: exactly N bytes. e: an element. A-B: an integer. [N x: a list
# of at most N. ?x: x or nil. +x: x, or left out at the end. a|b: one of these words. Anything else names a value.

VALUES = {
    "ParametersFile": "version t256, group t256, p b1024, q b32, g b1024, guardians 1-1000, quorum 1-1000, "
    "parameter_hash =32, base_hash =32",
    "GuardianRecords": "guardians [1000 GuardianRecord, round0 [1000 =32, confirmations [1000 =32",
    "GuardianRecord": "index 1-INDEX, vote_commitments [1000 e, data_commitments [1000 e, communication_key e, "
    "vote_proof GroupedProof, data_proof GroupedProof, binding_proof GroupedProof",
    "GroupedProof": "challenge =32, responses [2001 =32",
    "JointKeys": "vote_key e, data_key e, extended_hash =32",
    "DevicesFile": "devices [ DeviceRecord",
    "DeviceRecord": "device t4096, device_hash =32, codes [ =32, initial_field ?=36, initial_hash ?=32, "
    "closing_field ?=36, closing_hash ?=32",
    "SubmittedBallot": "state cast|challenged, ballot EncryptedBallot, context ?ContextOpening, pre +PreEncryption",
    "PreEncryption": "contests [1000 PreContest",
    "PreContest": "contest 1-INDEX, hashes [2000 =32, vectors [2000 PreVector",
    "PreVector": "place 0-1999, short_code t256, selections [1000 Selection",
    "EncryptedBallot": "identifier =32, identifier_hash =32, unit t1024, style t256, weight 1-1000000, "
    "device t4096, contests [1000 EncryptedContest, nonce HashedCiphertext, chaining_field =36, confirmation_code =32",
    "EncryptedContest": "contest 1-INDEX, selections [1000 Selection, limit_proof [1001 ProofPair, "
    "data ?HashedCiphertext, contest_hash =32",
    "Selection": "option 1-INDEX, alpha e, beta e, proof [1001 ProofPair",
    "ProofPair": "challenge =32, response =32",
    "HashedCiphertext": "c0 e, c1 b32768, c2 ProofPair",
    "ContextOpening": "pseudonym ?=32, randomness =32",
    "CheckpointsFile": "closing [ ClosingNote, counted [ CountedLog",
    "ClosingNote": "log 0-100000, note b65536",
    "CountedLog": "origin t256, size 0-COUNT, root =32, ballots 0-COUNT, digest =32",
    "PublishedTally": "head ClosingHead, cells [ TalliedCell",
    "ClosingHead": "size 0-COUNT, root =32",
    "TalliedCell": "contest t256, cell t256, ballots 0-COUNT, weight 0-COUNT, fields [1000 TalliedField",
    "TalliedField": "option t256, alpha e, beta e",
    "DecryptionFile": "guardians [ 1-1000, cells [ DecryptedCell, withheld [ WithheldCell",
    "DecryptedCell": "contest t256, cell t256, fields [1000 DecryptedField",
    "DecryptedField": "option t256, power e, count 0-COUNT, challenge =32, response =32",
    "WithheldCell": "contest t256, cell t256, reason t4096",
    "OpenedBallot": "identifier =32, contests [1000 OpenedContest, pre +[1000 OpenedPreContest",
    "OpenedPreContest": "contest t256, vectors [2000 OpenedVector",
    "OpenedVector": "option ?t256, short_code t256, nonces [1000 =32",
    "OpenedContest": "contest t256, selections [1000 OpenedSelection, data ?OpenedData",
    "OpenedSelection": "option t256, value 0-INDEX, nonce =32",
    "OpenedData": "plaintext b32768, nonce =32",
    "DecryptedData": "identifier =32, contest t256, beta e, challenge =32, response =32, plaintext b32768",
    "SealedProvisional": "result b67104768, signature =64",
    "ProvisionalResult": "format 1-1, sequence 1-999999, previous ?=32, date t4096, fingerprint =32, closings 0-COUNT, "
    "units [100000 UnitHead, replaced [ UnitChange, discrepancies [ UnitChange, guardians [1000 1-1000, "
    "tally [ TalliedCell, cells [ DecryptedCell, withheld [ WithheldCell",
    "UnitHead": "unit t1024, head ClosingHead",
    "UnitChange": "unit t1024, old ClosingHead, new ClosingHead, reason t4096",
    "SealedIndex": "index b16777216, signature =64",
    "Index": "format 1-1, sequence 1-999999, previous ?=32, stage setup|voting|final, date t4096, fingerprint =32, "
    "head ?ClosingHead, files [ IndexEntry",
    "IndexEntry": "path t1024, size 0-COUNT, digest =32",
}
VALUES = {k: v.replace("INDEX", f"{2**31 - 1}").replace("COUNT", f"{2**53 - 1}") for k, v in VALUES.items()}
# Kind: first tag that holds a length itself, how many do, and the tags of lengths in 1, 2, 4 and 8 bytes, each with
# the least length that may be written so.
SIZES = {
    "text": (0xA0, 32, {0xD9: (1, 32), 0xDA: (2, 256), 0xDB: (4, 65536)}),
    "bytes": (0x00, 0, {0xC4: (1, 0), 0xC5: (2, 256), 0xC6: (4, 65536)}),
    "list": (0x90, 16, {0xDC: (2, 16), 0xDD: (4, 65536)}),
    "map": (0x80, 16, {0xDE: (2, 16), 0xDF: (4, 65536)}),
    "integer": (0x00, 128, {0xCC: (1, 128), 0xCD: (2, 256), 0xCE: (4, 65536), 0xCF: (8, 2**32)}),
}

class Reader:
    def __init__(self, data, width): self.data, self.at, self.width = data, 0, width

    def take(self, size):
        need(self.at + size <= len(self.data), "the bytes end too early")
        self.at += size
        return self.data[self.at - size : self.at]

    def size(self, kind):
        """A length, or a number, in its shortest form."""
        (first, room, wide), tag = SIZES[kind], self.take(1)[0]
        if first <= tag < first + room: return tag - first
        need(tag in wide, f"a {kind} is wanted here")
        number = num(self.take(wide[tag][0]))
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
        if form in VALUES: return self.record(form)
        if form[0] == "?":
            nil = self.data[self.at : self.at + 1] == b"\xc0"
            return (self.take(1) and None) if nil else self.value(form[1:])
        if form[0] == "[":
            most, inner = form[1:].split(" ", 1)
            size = self.size("list")
            need(not most or size <= int(most), "the list is too long")
            return [self.value(inner) for _ in range(size)]
        if form[0] == "t": return self.text(int(form[1:]))
        if form[0] in "b=e" and "|" not in form:
            size, limit = self.size("bytes"), self.width if form == "e" else int(form[1:])
            need(size <= limit if form[0] == "b" else size == limit, "the byte string has another length")
            return self.take(size)
        if "|" in form:
            word = self.text(256)
            need(word in form.split("|"), f"one of {form} is wanted here")
            return word
        (low, high), number = map(int, form.split("-")), self.size("integer")
        need(low <= number <= high, f"the number is not between {low} and {high}")
        return number

    def record(self, name):
        fields = [field.split(" ", 1) for field in VALUES[name].split(", ")]
        size, (last, form) = self.size("map"), fields[-1]
        need(size == len(fields) or (size == len(fields) - 1 and form[0] == "+"), "another number of fields")
        value = SimpleNamespace(**{last: None})
        for field, form in fields[:size]:
            need(self.text(256) == field, f"the field {field} is not in its place")
            setattr(value, field, self.value(form.lstrip("+")))
        if name == "SubmittedBallot":
            need((value.state == "cast") == (value.context is not None), "cast ballots open their context, no others")
        if name == "DeviceRecord":
            chain = value.initial_field, value.initial_hash, value.closing_field, value.closing_hash
            need(len({part is None for part in chain}) == 1, "a chain is there as a whole or not at all")
        if name in ("OpenedBallot", "OpenedContest"):
            things = [*value.contests, *(value.pre or ())] if name == "OpenedBallot" else value.selections
            differ((getattr(thing, "option", None) or thing.contest for thing in things), "an opened thing")
        if name == "OpenedPreContest":
            differ((one.option for one in value.vectors if one.option is not None), "an option")
        return value

def differ(values, what):
    values = list(values)
    need(len(set(values)) == len(values), f"{what} stands twice")

def decode(name, data, width=0):
    reader = Reader(data, width)
    value = reader.record(name)
    need(reader.at == len(data), "bytes are left over")
    return value

# --- files (record-format.md, "Layout" and "Segments") ----------------------------------------------------------

MIB = 1024 * 1024
NEEDED = {"setup": ["manifest.json", "parameters.msgpack", "guardians.msgpack", "keys.msgpack"]}
NEEDED["voting"] = [*NEEDED["setup"], "devices.msgpack"]
NEEDED["final"] = [*NEEDED["voting"], "tally.msgpack", "decryption.msgpack", "result.json", "result.csv"]
GROWING = ("devices.msgpack", "checkpoints.msgpack")
LIMITS = dict.fromkeys([*NEEDED["final"], "checkpoints.msgpack", "returns.json"], 256 * MIB)
LIMITS |= {"manifest.json": 16 * MIB, "parameters.msgpack": 16384, "keys.msgpack": 16384}

SEGMENTED = "ballots|roll|log|aside|openings|data|closings|provisional|requests|returns"

def number_of(path, folders=SEGMENTED, ending="seg"):
    found = re.fullmatch(rf"({folders})/([0-9]{{6}})\.{ending}", path, re.ASCII)
    return int(found[2]) if found else 0

def kind_of(path):
    if number_of(path, "hints") or re.fullmatch(r"hints/\.[0-9]{6}\.seg\.[0-9a-f]{16}\.partial", path, re.ASCII):
        return "hint"
    index = number_of(path, "index", "msgpack") and "index"
    return "single" if path in LIMITS else "segment" if number_of(path) else index

class Folder:
    """The record's folder. Links are never followed: what would need one cannot be read."""

    def __init__(self, path):
        self.path = path
        if not os.path.isdir(path) or not self.has("manifest.json"):
            raise NoRecord(f"{path} is no folder with a manifest.json")

    def place(self, name):
        place = os.path.join(self.path, name)
        if os.path.dirname(name) and os.path.islink(os.path.dirname(place)):
            raise NoRecord(f"the folder of {name} is a link")
        return place

    def has(self, name): return os.path.lexists(self.place(name))

    def read(self, name, limit=None):
        found = os.lstat(self.place(name))
        if not stat.S_ISREG(found.st_mode): raise NoRecord(f"{name} is no file")
        need(limit is None or found.st_size <= limit, f"{name} is longer than {limit} bytes")
        with open(self.place(name), "rb") as stream: return stream.read()

    def files(self):
        """Path and whether it is a regular file, for everything that is no folder; links are not entered."""
        found = []
        for top, folders, names in os.walk(self.path):
            prefix = os.path.relpath(top, self.path).replace(os.sep, "/") + "/"
            for name in names + [name for name in folders if os.path.islink(os.path.join(top, name))]:
                regular = stat.S_ISREG(os.lstat(os.path.join(top, name)).st_mode)
                found.append(((prefix + name).removeprefix("./"), regular))
        return sorted(found)

    def numbered(self, folder, ending="seg"):
        """The paths of segments or indexes, in order."""
        place = os.path.dirname(self.place(f"{folder}/x"))
        paths = [f"{folder}/{name}" for name in sorted(os.listdir(place))] if os.path.lexists(place) else []
        return [path for path in paths if number_of(path, folder, ending)]

    def frames(self, folder, limit=64 * MIB):
        """All frames of a folder, and why they cannot be followed further (None if they can)."""
        found, paths = [], self.numbered(folder)
        if [number_of(path) for path in paths] != list(range(1, len(paths) + 1)):
            return [], f"{folder}: a segment is missing"
        for path in paths:
            data, at = self.read(path), 0
            if not data and path != paths[-1]: return found, f"{path} is empty, and another follows"
            while at < len(data):
                size = num(data[at : at + 4])
                if not 0 < size <= min(limit, len(data) - at - 4): return found, f"{path} at byte {at}: no whole frame"
                found.append(data[at + 4 : at + 4 + size])
                at += 4 + size
        return found, None

    def indexes(self):
        """Path, bytes, sealed value and index of every index file; None for what does not decode."""
        found = []
        for path in self.numbered("index", "msgpack"):
            data, sealed, index = b"", None, None
            try:
                data = self.read(path, 16 * MIB + 1024)
                sealed = decode("SealedIndex", data)
                index = decode("Index", sealed.index)
            except Malformed:
                pass  # whoever needs it says so
            found.append((path, data, sealed, index))
        return found

# --- the manifest (manifest.md): form, then rules; the first that is broken is told -----------------------------

def strict_json(raw):
    """JSON that no two readers understand differently."""
    def members(pairs):
        need(len(dict(pairs)) == len(pairs), "a member stands twice in one object")
        return dict(pairs)

    def integer(digits):
        need(re.fullmatch("-?[0-9]{1,16}", digits) and digits != "-0" and abs(int(digits)) < 2**53, "no integer")
        return int(digits)

    try:
        need(len(raw) <= 16 * MIB and raw[:1] == b"{" and raw[-1:] == b"}", "no object, or too long")
        text, depth = raw.decode(), 0
        for bracket in re.findall(r'"(?:[^"\\]|\\.)*+"?|[][{}]', text, re.DOTALL):
            depth += (bracket in ("[", "{")) - (bracket in ("]", "}"))
            need(depth <= 64, "nested too deeply")
        numbers = {"parse_int": integer, "parse_float": integer, "parse_constant": integer}
        value = json.loads(text, object_pairs_hook=members, **numbers)
        json.dumps(value, ensure_ascii=False).encode()  # no half of a surrogate pair
    except ValueError as error:
        raise Malformed(f"this is no JSON: {error}") from None
    return value

# Each of these gives a function that takes a value of a form, or refuses it.

def integer(low=0, high=2**31 - 1):
    return lambda v: (need(type(v) is int and low <= v <= high, f"no integer from {low} to {high}"), v)[1]

def text(most=4096): return lambda v: (need(type(v) is str and len(v.encode()) <= most, "no text, or too long"), v)[1]

def some(form, most):
    return lambda v: [need(type(v) is list and len(v) <= most, "no list, or too long"), [form(x) for x in v]][1]

def each(form, most=100000):
    return lambda v: [need(type(v) is dict and len(v) <= most, "no object"), {k: form(x) for k, x in v.items()}][1]

def flag(v):
    need(type(v) is bool, "neither true nor false")
    return v

def digits(size):
    def read(v):
        need(type(v) is str and re.fullmatch(f"[0-9a-f]{{{2 * size}}}", v), f"not {2 * size} digits")
        return bytes.fromhex(v)
    return read

def has(**forms):
    """An object with exactly these members; a form in a list belongs to a member that may be absent."""
    def read(v):
        wanted = {name for name, form in forms.items() if type(form) is not list}
        need(type(v) is dict and wanted <= set(v) <= set(forms), "other members, or no object")
        return SimpleNamespace(**{k: (f[0] if type(f) is list else f)(v[k]) for k, f in forms.items() if k in v})
    return read

def readable(v, most=4096):
    """What people read: nothing in it is invisible, turns the direction, or breaks the line."""
    need(text(most)(v) and v == v.strip(), f"{v!r} is empty, or has white space at an end")
    for letter in v:
        kind = unicodedata.category(letter)
        hidden = letter in "\u115f\u1160\u2800\u3164\uffa0" or (kind == "Cf" and letter not in VISIBLE)
        need(kind not in ("Cc", "Cs", "Zl", "Zp") and not hidden, f"{v!r} holds something that does not show")
    return v

VISIBLE = "\u200c\u200d\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd"

def label(v):
    plain = unicodedata.is_normalized("NFC", readable(v, 256)) and not re.search("[\u00a0\u202f]|\\s\\s", v)
    need(plain, f"the label {v!r} is not plain")
    return v

def labels_differ(labels):
    """Joiners and variation selectors do not show, so they make no difference."""
    differ((re.sub("[\u200c\u200d\ufe00-\ufe0f\U000e0100-\U000e01ef]", "", v) for v in labels), "a label")

def is_moment(v):
    try:
        form = re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", v, re.ASCII)
        return bool(form and datetime.fromisoformat(v))
    except ValueError:
        return False

PROVEN = {"key": digits(32), "possession": digits(64)}
LOG = has(origin=readable, **PROVEN)
BOARD = has(origin=readable, closes=text(), merge_delay=integer(1, 30 * 86400), witnesses=text(65536), units=each(LOG),
            devices=each(has(**PROVEN)), **PROVEN)
ROLL = has(second=lambda v: v and has(**PROVEN)(v), slots=integer(1, 10**8), root=digits(32), parts=integer(1, 2),
           iterations=integer(1, 10**7), schemes=[some(label, 16)], **PROVEN)
REQUESTED = has(origin=readable, witnesses=text(65536), **PROVEN)
RETURN = has(kind=lambda v: need(v in (None, "OPEN", "BALLOTS"), "another kind of unit") or v, **PROVEN)
RETURNS = has(correct_until=text(), units=each(RETURN), **PROVEN)
TRIMMINGS = ["hex-2", "hex-4", "letter-digit", "digit-letter", "number-0", "number-1", "number-100", "number-101"]
SHEETS = has(trimming=lambda v: need(v in TRIMMINGS, "no trimming function") or v,
             styles=some(text(), 10000), tools=some(text(), 100000))
KEYLESS = has(key=lambda v: need(v is None, "this extension has no key"))
EXTENSIONS = {"index": has(key=digits(32)), "context": KEYLESS, "round0": KEYLESS, "cells": KEYLESS, "board": BOARD,
              "roll": ROLL, "returns": RETURNS, "preencrypted": SHEETS, "requests": REQUESTED}

class Manifest:
    """What the election is. Everything here has passed every rule, or Malformed was raised."""

    def __init__(self, raw):
        names, data = each(readable, 100), has(
            write_ins=integer(0, 100), write_in_bytes=integer(0, 4096), blocks=integer(0, 1024))
        limit = [lambda v: v if v == "CONTEST_LIMIT" else integer(1, 1000)(v)]
        plain_contest = has(label=label, selection_limit=[integer(1, 1000)],
                            options=some(has(label=label, selection_limit=limit), 1000))
        cell = has(label=label, units=some(text(1024), 100000))
        own_contest = has(names=names, options=some(has(kind=text(), names=names), 1000), cells=some(cell, 100000),
                          contest_data=lambda v: None if v is None else data(v))
        unit = has(label=label, names=names, styles=some(text(), 10000), units=lambda v: some(unit, 100000)(v))
        own = has(
            format=integer(1, 1), test=flag, salt=digits(32), languages=some(text(), 100), names=names,
            chaining=integer(0, 1), minimum_cell=integer(1), decrypt_contest_data=flag, guardian_opening=flag,
            contests=some(own_contest, 1000), units=some(unit, 100000), extensions=each(lambda v: v, 100),
            ballot_styles=some(has(weight=integer(1, 1000000), names=names), 10000))
        style = has(label=label, contests=some(integer(1, 1000), 1000))
        top = has(label=label, contests=some(plain_contest, 1000), ballot_styles=some(style, 10000), evote=own)(
            strict_json(raw))
        own = self.own = top.evote
        self.label, self.contests, self.names = top.label, [], [own.names]
        self.styles, self.units, self.paths = {one.label: one for one in top.ballot_styles}, {}, {}
        need(own.minimum_cell >= 10 or own.test, "a small minimum in an election that is no test")
        need(len(top.contests) == len(own.contests) > 0, "contests without their parallel list")
        need(len(top.ballot_styles) == len(own.ballot_styles), "styles without their parallel list")
        for index, (contest, extra) in enumerate(zip(top.contests, own.contests), 1):
            self.contest(index, contest, extra)
        for style, extra in zip(top.ballot_styles, own.ballot_styles):
            style.weight = extra.weight
            style.contests.sort()
            differ(style.contests, "a contest of a style")
            need(style.contests and style.contests[-1] <= len(self.contests), "no contest, or one that is not there")
            self.names.append(extra.names)
        labels_differ(contest.label for contest in self.contests)
        labels_differ(style.label for style in top.ballot_styles)
        self.tree(own.units, "", 1)
        need({s for styles in self.units.values() for s in styles} == set(self.styles), "a style of no unit, or none")
        used = {index for style in self.styles.values() for index in style.contests}
        need(used == set(range(1, len(self.contests) + 1)), "a contest on no style")
        need(set(own.extensions) <= set(EXTENSIONS), "an unknown extension")
        self.declared = {name: EXTENSIONS[name](value) for name, value in own.extensions.items()}
        roster = self.declared["returns"].units if "returns" in self.declared else {}
        self.units = {path: styles for path, styles in self.units.items()  # those in which ballots are cast
                      if path not in roster or roster[path].kind != "OPEN"}
        for contest in self.contests:  # A51: cells are disjoint and cover exactly the units that vote on the contest
            voting = {path for path, styles in self.units.items()
                      if any(contest.index in self.styles[one].contests for one in styles)}
            covered = [path for cell in contest.cells for path in cell.units]
            differ(covered, "a unit of a cell")
            need(set(covered) == voting and all(cell.units for cell in contest.cells), "cells do not cover the units")
            labels_differ(cell.label for cell in contest.cells)
        differ(own.languages, "a language")
        for language in own.languages:
            need(re.fullmatch("[a-z]{2,3}(-[A-Za-z0-9]{2,8}){0,4}", language, re.ASCII), f"{language!r} is no language")
        need(all(not one or set(one) == set(own.languages) for one in self.names), "names in other languages")
        self.extensions()

    def contest(self, index, contest, extra):
        contest.index, contest.data, contest.cells = index, extra.contest_data, extra.cells
        contest.limit = getattr(contest, "selection_limit", 1)
        need(len(contest.options) == len(extra.options), "options without their parallel list")
        for place, (option, more) in enumerate(zip(contest.options, extra.options), 1):
            stated = getattr(option, "selection_limit", 1)
            option.index, option.kind = place, more.kind
            option.limit = contest.limit if stated == "CONTEST_LIMIT" else stated
            self.names.append(more.names)
        labels_differ(option.label for option in contest.options)
        contest.votes = [option for option in contest.options if option.kind == "option"]
        contest.facts = contest.options[len(contest.votes) :]
        differ((fact.kind for fact in contest.facts), "a kind of field")
        kinds = {"overvote": 1, "undervote": 1, "undervote_difference": contest.limit, "null_vote": 1}
        need(all(kinds.get(fact.kind) == fact.limit for fact in contest.facts), "a field of another kind or limit")
        need(all(option.limit <= contest.limit for option in contest.votes), "an option limit above the contest's")
        need(0 < contest.limit <= sum(option.limit for option in contest.votes), "the contest limit exceeds the sum")
        if contest.data:
            ins, most = contest.data.write_ins, contest.data.write_in_bytes
            need((ins == 0) == (most == 0), "write-ins without length, or the reverse")
            longest = 6 + 2 * len(contest.votes) + ins * (2 + most)
            need(contest.data.blocks == -(-longest // 32), "another number of blocks holds the longest record")
        self.names.append(extra.names)
        self.contests.append(contest)

    def tree(self, units, prefix, depth):
        need(len(self.paths) + len(units) <= 100000 and depth <= 16 and (units or prefix), "too many units, or none")
        labels_differ(unit.label for unit in units)
        for unit in units:
            path = prefix + unit.label
            need("/" not in unit.label and len(path.encode()) <= 1024, f"the path {path!r}")
            need(bool(unit.styles) != bool(unit.units), f"unit {path!r} must either report or have units below it")
            need(set(unit.styles) <= set(self.styles), f"unit {path!r} has an unknown style")
            differ(unit.styles, "a style of a unit")
            self.names.append(unit.names)
            self.paths[path] = bool(unit.styles)
            if unit.styles: self.units[path] = unit.styles
            else: self.tree(unit.units, f"{path}/", depth + 1)

    def extensions(self):
        own, keys = self.own, []
        found = self.declared
        board, roll, returns, self.index_key = found.get("board"), found.get("roll"), found.get("returns"), None
        if "index" in found:
            self.index_key = found["index"].key
            keys.append(self.index_key)
            need(good_key(self.index_key), "the key of the index is none")
        many = own.minimum_cell > 1 or any(len(contest.cells) > 1 for contest in self.contests)
        need("cells" in found or not many, "cells are not declared")
        proven = []  # keys with the proof, over the salt, that whoever lists them has the secret (A55)
        if roll:
            proven += [("credential authority", roll)]
            proven += [("second credential authority", roll.second)] if roll.second else []
            need(roll.parts == 1 + bool(roll.second), "two parts exactly with two authorities")
            need(own.test or roll.iterations >= 1000, "too few rounds")
            labels_differ(["ed25519", *getattr(roll, "schemes", ())])
            need(board and not (own.chaining or own.decrypt_contest_data or own.guardian_opening), "roll excludes it")
        if board:
            need("context" in found and not own.chaining, "the board excludes what is declared")
            need(is_moment(board.closes) and board.closes >= "1970", "the end of voting is no moment")
            need(set(board.units) == set(self.units), "the logs are not those of the reporting units")
            labels_differ(map(label, board.devices))
            proven += [(f"device {name}", device) for name, device in board.devices.items()]
            need(bool(board.devices) != bool(roll), "devices beside a roll, or nobody who signs")
        signing = [one for one in (board, found.get("requests")) if one]
        for one in signing:
            rest = re.sub("[\n\t]", "", one.witnesses)
            need(one.witnesses[-1:] in ("", "\n") and "Cc" not in map(unicodedata.category, rest), "the policy")
        logs = [*signing, *(board.units.values() if board else ())]
        for log in logs:
            short = len(log.origin.encode()) <= 256 and unicodedata.is_normalized("NFC", log.origin)
            need(short and not re.search(r"[+\s]", log.origin), "an origin is no name of a key")
        differ((log.origin for log in logs), "an origin")
        proven += [(log.origin, log) for log in logs]
        if returns:
            kinds = {path: one.kind is not None for path, one in returns.units.items()}
            need(kinds == self.paths, "the roster does not have every unit, with a kind exactly where it reports")
            need(board or not any(one.kind == "BALLOTS" for one in returns.units.values()), "ballots without a board")
            moment = is_moment(returns.correct_until) and returns.correct_until >= "1970"
            need(moment and (not board or returns.correct_until > board.closes), "the end of corrections")
            proven += [("roster authority", returns)]
            proven += [(f"unit {path}", one) for path, one in returns.units.items()]
        self.pre = pre = found.get("preencrypted")
        if pre:
            need("context" in found and not roll and not own.guardian_opening, "pre-encryption excludes it")
            named = all(0 < len(tool.encode()) <= 1024 for tool in pre.tools)
            need(pre.tools and pre.styles and named, "tools, styles")
            differ(pre.tools, "a tool")
            differ(pre.styles, "a style")
            need(set(pre.styles) <= set(self.styles), "a style that is not there")
            for style in pre.styles:
                contests = [self.contests[index - 1] for index in self.styles[style].contests]
                need(sum(len(one.options) * vectors_of(one) for one in contests) <= 16384, "too many encryptions")
                for one in contests:
                    need(all(o.kind == "option" and o.limit == 1 for o in one.options), "fields, or R above 1")
                    codes = 65536 if pre.trimming == "hex-4" else 256
                    need(vectors_of(one) * (vectors_of(one) - 1) <= 8 * codes, "too few short codes")
        for origin, one in proven:
            holds = signed(one.key, one.possession, b"possession", own.salt, origin.encode(), one.key)
            need(holds, f"the key of {origin!r} is not proven")
            keys.append(one.key)
        differ(keys, "a key")

    def cell_of(self, contest, unit):
        """The cell of a unit for the index of a contest, None where it does not vote on it."""
        cells = self.contests[contest - 1].cells if contest <= len(self.contests) else ()
        return next((cell for cell in cells if unit in cell.units), None)

    def largest_ballot(self, width):
        """No frame of a ballot is longer (record-format.md, "Segments")."""
        size = 16384 + width
        for contest in self.contests:
            size += 512 + 128 * (contest.limit + 1)
            size += sum(512 + 2 * width + 128 * (option.limit + 1) for option in contest.options)
            size += 640 + width + 32 * contest.data.blocks if contest.data else 0
        styles = self.pre.styles if self.pre else ()
        for index in {index for style in styles for index in self.styles[style].contests}:
            contest = self.contests[index - 1]
            fields = sum(512 + 2 * width + 128 * (option.limit + 1) for option in contest.options)
            size += 512 + vectors_of(contest) * (512 + fields)
        return min(size, 64 * MIB)

# --- the checks (verification-table.md) and the report ------------------------------------------------------------

CHECKS = {  # the stage from which on there is something to check
    "setup": "1.ABCDEF 2.ABC 3.AB 4.A E.8 E.9 E.10 E.15 E.16 E.18 E.19 E.22",
    "voting": "5.AB 6.ABCD 7.ABCD 8.ABCDEFG 15.A 16.ABCDEFGH 17.A E.1 E.2 E.3 E.4 E.5 E.6 E.7 E.13 E.17 E.23 "
    " E.24 E.25 E.26 E.27 E.28 E.29 E.30 E.31 E.32 E.33 E.34 E.35 E.38 E.39 E.40 "
    " E.60 E.61 E.62 E.63 E.64 E.65 E.66 E.67 E.68 E.69 E.80",
    "final": "9.AB 10.ABC 11.ABCD 12.ABC 13.AB 14.ABCDEF 18.A 19.ABCD E.11 E.12 E.14 E.20 E.21 E.36 E.37 E.41 E.42"}

def ids(names):
    """ "6.AB E.10" is 6.A, 6.B, E.10."""
    pairs = [name.split(".") for name in names.split()]
    return [f"{family}.{one}" for family, all_ in pairs for one in ([all_] if all_.isdigit() else all_)]

STAGE_OF = {check: stage for stage, names in CHECKS.items() for check in ids(names)}
ORDER = sorted(STAGE_OF, key=lambda c: (99 if c[0] == "E" else int(c.split(".")[0]), len(c), c))
PRE_ENCRYPTED = ids("15.A 16.ABCDEFGH 17.A 18.A 19.ABCD E.80")
BOARDS = ids("E.17 E.22 E.23 E.24 E.25 E.26 E.27 E.28 E.29 E.30 E.31 E.32 E.33")
RETURNED = [f"E.{number}" for number in range(34, 43)]
PROVISIONAL, REQUESTS = [f"E.{number}" for number in range(60, 67)], ids("E.67 E.68 E.69")
LACKING = {*BOARDS, *RETURNED, *PROVISIONAL, *REQUESTS}  # what this program does not check
ON_CAST, ON_SHAPED, ON_ALL = ids("6.ABCD 7.ABCD E.1 E.7"), ids("E.3 E.4 E.5"), ids("5.AB E.6 E.13")
ON_ORDINARY, ON_PRE, UNCAST = ids("8.ABD"), ids("15.A 16.ABCE 17.A E.80"), ids("18.A 19.ABCD")
OPENINGS = ids("13.AB 14.ABCDEF")

def later(stage): return {check for check in ORDER if STAGES.index(STAGE_OF[check]) > STAGES.index(stage)}

class Report:
    """A finding outweighs a reason not to check, and that outweighs "not applicable"; a check that looked at nothing,
    and nobody said why, is NOT_CHECKED."""

    def __init__(self, stage):
        self.stage = stage  # how far the record is checked: what was asked for, or less
        self.looked, self.findings, self.skipped, self.inapplicable = Counter(), {}, {}, {}

    def check(self, check, good, where):
        """One statement."""
        self.looked[check] += 1
        if not good: self.findings.setdefault(check, []).append(where)
        return good

    def skip(self, checks, reason):
        """Something that these checks need could not be had; checks of a later stage are passed over."""
        for check in set(checks) - later(self.stage): self.skipped.setdefault(check, reason)

    def not_applicable(self, checks, reason):
        for check in checks: self.inapplicable.setdefault(check, reason)

    @contextmanager
    def holds(self, check, where):
        """Statements made with need(): the first that is false is the finding."""
        try:
            self.looked[check] += 1
            yield
        except Malformed as error:
            self.findings.setdefault(check, []).append(f"{where}: {error}")

    def status(self, check):
        known = (self.findings, "FAIL"), (self.skipped, "NOT_CHECKED"), (self.inapplicable, "NOT_APPLICABLE")
        said = [status for table, status in known if check in table]
        return said[0] if said else "PASS" if self.looked[check] else "NOT_CHECKED"

class Verifier(Report):
    """One verification of one record. Behind a check that fails stand computed values, not the published ones."""

    def __init__(self, path, stage="final", expect=None, zero=False, groups=GROUPS):
        super().__init__(stage)
        self.folder, self.asked, self.expect, self.zero, self.groups = Folder(path), stage, expect, zero, groups
        self.group = self.manifest = self.setting = self.fingerprint = self.keys = self.guardians = self.joint = None
        self.parameters = self.devices = self.tally = self.decryption = None
        self.width, self.sealed, self.torn, self.counts = 0, False, False, Counter()

    def reaches(self, stage): return STAGES.index(stage) <= STAGES.index(self.stage)

    def run(self):
        self.not_applicable(later(self.asked), f"only stage {self.asked} was asked for")
        self.raw = self.file("manifest.json")
        self.parameters = self.file("parameters.msgpack", "ParametersFile")
        self.indexes = self.folder.indexes()
        self.check_manifest()
        self.undeclared = [] if self.manifest and self.manifest.pre else PRE_ENCRYPTED
        self.not_applicable(self.undeclared, "the manifest declares no pre-encrypted ballots")
        self.check_parameters()
        self.read_files()
        self.check_declarations()
        self.check_keys()
        self.check_guardians()
        self.check_index()
        if self.reaches("voting") and self.keys: self.run_ballots()
        elif self.reaches("voting"):
            declared = self.manifest.declared if self.manifest else ("board", "returns")
            none = set(self.undeclared + ([] if "board" in declared else BOARDS))
            none |= set(() if "returns" in declared else RETURNED)
            self.skip(later("setup") - none, "parameters, manifest or keys are not known")

    def file(self, name, kind=None):
        """The bytes or the value of a file; E.16 where there is none."""
        with self.holds("E.16", name):
            need(self.folder.has(name), "the file is missing")
            data = self.folder.read(name, LIMITS[name])
            return decode(kind, data, self.width) if kind else data

    def check_manifest(self):
        if self.raw is None: return self.skip(["E.15"], "the manifest cannot be read")
        with self.holds("E.15", "manifest.json"):
            self.manifest = Manifest(self.raw)
            newest = self.indexes[-1][3] if self.manifest.index_key and self.indexes else None
            if newest and STAGES.index(newest.stage) < STAGES.index(self.stage):  # it is not that far
                beyond = later(newest.stage) - later(self.stage) - set(() if self.manifest.pre else PRE_ENCRYPTED)
                self.skip(beyond, f"the record is sealed at stage {newest.stage}")
                self.stage = newest.stage

    def check_parameters(self):
        """Verification 1."""
        stated, where = self.parameters, "parameters.msgpack"
        if stated is None: return self.skip(ids("1.ABCDEF"), f"{where} cannot be read")
        group = self.group = self.groups.get(stated.group)
        self.width, n, k = group.width if group else len(stated.p), stated.guardians, stated.quorum
        self.check("1.A", stated.version == (group or Integers).version, f"version {stated.version!r}")
        for check, published, name in zip(ids("1.BCD"), group.stated if group else "???", "pqg", strict=True):
            self.check(check, getattr(stated, name) == published, f"{name} is not that of group {stated.group!r}")
        if not group or not self.check("E.16", k <= n, "the quorum is above the number of guardians"):
            return self.skip(ids("1.EF"), "group or numbers of guardians are impossible")
        parameter_hash = H(group.version.encode().ljust(32, b"\0"), 0x00, group.hashed, u32(n), u32(k))  # (4)
        self.check("1.E", parameter_hash == stated.parameter_hash, "H_P")
        if self.raw is None: return self.skip(["1.F"], "the manifest cannot be read")
        base_hash = H(parameter_hash, 0x01, sized(self.raw))  # (5)
        self.check("1.F", base_hash == stated.base_hash, "H_B")
        self.setting = SimpleNamespace(n=n, k=k, parameter_hash=parameter_hash, base_hash=base_hash)

    def read_files(self):
        if self.parameters is None: return
        self.guardians = self.file("guardians.msgpack", "GuardianRecords")
        self.joint = self.file("keys.msgpack", "JointKeys")
        if self.reaches("voting"):
            self.devices = self.file("devices.msgpack", "DevicesFile")
            if self.manifest and "board" in self.manifest.declared and self.folder.has("checkpoints.msgpack"):
                self.file("checkpoints.msgpack", "CheckpointsFile")
        if self.reaches("final"):
            self.tally = self.file("tally.msgpack", "PublishedTally")
            self.decryption = self.file("decryption.msgpack", "DecryptionFile")
            for name in ("result.json", "result.csv"): self.check("E.16", self.folder.has(name), f"{name} is missing")

    def check_declarations(self):
        """What is declared is there (E.15, A60), and what is there was declared (E.16)."""
        if self.manifest is None: return self.skip(BOARDS + RETURNED, "the manifest cannot be read")
        found, has = self.manifest.declared, self.folder.has
        board, roll, returns, index = (name in found for name in ("board", "roll", "returns", "index"))
        self.check("E.15", self.indexes or "index" not in found, "the index is declared and missing")
        no_round = "round0" in found and self.guardians and not self.guardians.round0
        self.check("E.15", not no_round, "round 0 is declared and missing")
        for name, declared, stage in (("roll", roll, "setup"), ("log", board, "voting"),
                                      ("checkpoints.msgpack", board, "voting"), ("returns", returns, "final")):
            if declared and self.reaches(stage): self.check("E.15", has(name), f"{name} is declared and missing")
        for name, declared in (("roll", roll), ("log", board), ("aside", board), ("checkpoints.msgpack", board),
                               ("returns", returns), ("returns.json", returns), ("requests", "requests" in found),
                               ("closings", index), ("provisional", index)):
            self.check("E.16", declared or not has(name), f"{name} is there and not declared")
        if not returns: self.not_applicable(RETURNED, "the manifest declares no unit returns")
        none = BOARDS if not board else ids("E.22 E.29") if not roll else ()
        self.not_applicable(none, "the manifest declares none")
        self.skip(set(BOARDS) - set(none), "this program does not check boards and rolls")

    def joint_keys(self):
        records = self.guardians.guardians if self.guardians else ()
        return [self.group.product(*(key for record in records for key in getattr(record, name)[:1]))
                for name in ("vote_commitments", "data_commitments")]

    def check_keys(self):
        """Verifications 3 and 4, E.19."""
        group, stated = self.group, self.joint
        if self.setting is None: return self.skip(ids("3.AB 4.A E.19"), "the parameters are not known")
        keys = self.joint_keys()
        published = (stated.vote_key, stated.data_key) if stated else (None, None)
        for place, check in enumerate(ids("3.AB")):
            if stated is None or keys[place] is None:
                self.skip([check], "the key, or the product, is not known")
                keys[place] = group.read(published[place]) if stated and keys[place] is None else keys[place]
            else: self.check(check, group.bytes(keys[place]) == published[place], "the joint key is not the product")
        if stated is None: self.skip(["4.A"], "keys.msgpack cannot be read")
        if None in keys: return self.skip(ids("4.A E.19"), "a joint key cannot be computed")
        self.fingerprint = H(self.setting.base_hash, 0x14, *map(group.bytes, keys))  # H_E (30)
        if stated: self.check("4.A", self.fingerprint == stated.extended_hash, "H_E")
        if self.expect: self.check("E.19", self.fingerprint.hex() == self.expect, "this is another election")
        else: self.not_applicable(["E.19"], "no fingerprint was expected")
        self.keys = keys if self.manifest and all(map(group.member, keys)) else None

    def check_guardians(self):
        """Verification 2, E.8, E.9, E.18."""
        group, records = self.group, self.guardians
        if self.setting is None or records is None:
            return self.skip(ids("2.ABC E.8 E.9 E.18"), "parameters or guardians are not known")
        n, base, listed = self.setting.n, self.setting.base_hash, records.guardians
        self.check("E.16", [one.index for one in listed] == list(range(1, n + 1)), "not the records of 1 to n")
        proven = [record for record in listed if self.check_guardian(record)]
        if len(proven) < len(listed): self.skip(ids("2.C E.9"), "keys are not in the subgroup (2.A)")
        keys, joint = [key for one in listed for key in all_keys(one)], self.joint_keys()
        self.check("E.18", len(set(keys)) == len(keys) and group.bytes(group.one) not in keys, "a key twice, or 1")
        self.check("E.18", group.one not in joint, "a joint key is the identity")
        if None in joint: self.skip(["E.8"], "the joint keys cannot be computed")
        else:  # H_G (27)
            parts = [key for one in listed for key in one.vote_commitments]
            parts += [key for one in listed for key in one.data_commitments] + [one.communication_key for one in listed]
            confirmed = [H(base, 0x13, *map(group.bytes, joint), *parts)] * n
            self.check("E.8", records.confirmations == confirmed, "not every guardian confirmed these records")
        if self.manifest is None: return self.skip(["E.9"], "the manifest, which declares round 0, cannot be read")
        if "round0" not in self.manifest.declared:
            return self.not_applicable(["E.9"], "the manifest does not declare round 0")
        if not records.round0: return self.skip(["E.9"], "round 0 is declared and missing (E.15)")
        self.check("E.9", len(records.round0) == n, "there is not one commitment per guardian")
        for one, commitment in zip(listed, records.round0):  # decisions/ceremony-round0.md
            stated = b"".join(one.vote_commitments), b"".join(one.data_commitments), one.communication_key
            proofs = [proof.challenge + b"".join(proof.responses)
                      for proof in (one.vote_proof, one.data_proof, one.binding_proof)]
            computed = tagged("evote/v1/ceremony/round0", base, u32(one.index), *stated, *proofs)
            self.check("E.9", computed == commitment, f"guardian {one.index} had committed to something else")
        for one in proven:
            stated = b"".join(one.vote_commitments), b"".join(one.data_commitments), one.communication_key
            start = "evote/v1/ceremony/binding", base, u32(one.index), *stated
            shaped = 1 <= one.index <= n and all(num(v) < group.q for v in one.binding_proof.responses)
            hashed = lambda h, s=start: tagged(*s, b"".join(h))  # noqa: E731
            holds = shaped and self.grouped(one.binding_proof, all_keys(one), hashed)
            self.check("E.9", holds, f"the binding proof of guardian {one.index}")

    def grouped(self, proof, keys, hashed):
        """A grouped Schnorr proof: h_j = g^v_j X_j^c for every key X_j, and c is the hash over them (2.1 to 2.4)."""
        group, c = self.group, num(proof.challenge)
        pairs = list(zip(keys, proof.responses))
        commitments = [group.commit(group.g, num(v), group.read(key), c) for key, v in pairs]
        return len(pairs) == len(keys) == len(proof.responses) and c == group.to_q(hashed(commitments))

    def check_guardian(self, one):
        """Verification 2 of one guardian; whether all its keys are members."""
        group, k, where, good = self.group, self.setting.k, f"guardian {one.index}", {}
        known = self.check("2.C", 1 <= one.index <= self.setting.n, f"{where}: no such index")
        for name, keys, size in (("vote", one.vote_commitments, k), ("data", one.data_commitments, k),
                                 ("own", [one.communication_key], 1)):
            good[name] = len(keys) == size and group.members(*keys) is not None
            self.check("2.A", good[name], f"{where}: the {name} keys are not k members of the subgroup")
        for name, keys, proof in (("vote", one.vote_commitments, one.vote_proof),
                                  ("data", one.data_commitments, one.data_proof)):
            sized_, start = len(proof.responses) == k + 1, (self.setting.parameter_hash, 0x10, b"pk_" + name.encode())
            small = all(num(v) < group.q for v in proof.responses)
            self.check("2.B", sized_ and small, f"{where}: not k + 1 responses below q")
            if known and good[name] and good["own"] and sized_:  # (11), (13)
                keys = [*keys, one.communication_key]
                start = *start, u32(one.index), *keys
                holds = self.grouped(proof, keys, lambda h, s=start: H(*s, *h))
                self.check("2.C", holds, f"{where}: the {name} proof does not answer its challenge")
        return all(good.values())

    # --- E.10 (record-format.md, "Growth") ------------------------------------------------------------------------

    def check_index(self):
        manifest, files, check = self.manifest, self.folder.files(), "E.16"
        self.head = self.indexes[-1][3].head if self.indexes and self.indexes[-1][3] else None
        if manifest is None or self.fingerprint is None: self.skip(["E.10"], "the manifest or H_E is not known")
        elif manifest.index_key is None: self.not_applicable(["E.10"], "the manifest declares no signed index")
        elif not self.indexes: self.skip(["E.10"], "the index is declared and missing (E.15)")
        else:
            check = "E.10"
            with self.holds("E.10", "index"):
                for number, (path, _, sealed, index) in enumerate(self.indexes, 1):
                    need(number_of(path, "index", "msgpack") == number and index, f"{path}: none, or one is missing")
                    fields = b"index", self.fingerprint, b"record", sealed.index
                    need(signed(manifest.index_key, sealed.signature, *fields), f"{path}: the signature")
                    need(index.sequence == number and index.fingerprint == self.fingerprint, f"{path}: election")
                    before = sha256(self.indexes[number - 2][1]) if number > 1 else None
                    need(index.previous == before, f"{path}: the hash of the index before")
                    index_form(index)
                    if number > 1: growth(self.indexes[number - 2][3], index)
                regular = {path for path, regular in files if regular and kind_of(path) in ("single", "segment")}
                self.check_contents(regular, [index for _, _, _, index in self.indexes])
        for path, regular in files: self.check(check, regular and kind_of(path), f"{path!a} has no place in a record")
        self.sealed = self.status("E.10") == "PASS"

    def check_contents(self, present, opened):
        """Every file against the newest index, and every sealed prefix of a segment."""
        newest = {entry.path: entry for entry in opened[-1].files}
        need(present <= set(newest), f"not sealed: {sorted(present - set(newest))[:3]}")
        for entry in [entry for index in opened for entry in index.files]:
            if kind_of(entry.path) == "segment" or entry == newest.get(entry.path):
                need(entry.path in present, f"{entry.path} is missing")
                data = self.folder.read(entry.path)
                need(len(data) == newest[entry.path].size, f"the length of {entry.path}")
                need(sha256(data[: entry.size]) == entry.digest, f"the bytes of {entry.path}")

def all_keys(record): return [*record.vote_commitments, *record.data_commitments, record.communication_key]

def index_form(index):
    paths = [entry.path for entry in index.files]
    need(is_moment(index.date) and paths == sorted(set(paths)), "the date is none, or files are not in order")
    need(all(kind_of(path) in ("single", "segment") for path in paths), "a path has no place in an index")
    need(set(NEEDED[index.stage]) <= set(paths), "a file of the stage is missing")
    for path in paths:
        before = number_of(path) - 1
        need(before < 1 or f"{path.split('/')[0]}/{before:06}.seg" in paths, "a segment is missing")
    need(index.head is None if index.stage == "setup" else index.head or index.stage != "final", "the closing head")

def growth(old, new):
    """What was sealed stays (the table under "Growth")."""
    need(STAGES.index(old.stage) <= STAGES.index(new.stage) and old.date <= new.date, "stage or date goes back")
    need(old.head is None or new.head == old.head, "the closing head changes")
    was, now = ({entry.path: entry for entry in index.files} for index in (old, new))
    for path in {*was, *now}:
        folder, then = path.split("/")[0], now.get(path)
        fixed = folder == "roll" or (old.head and folder in ("ballots", "log", "aside"))
        if path not in was: need(not fixed or "/" not in path, f"{path} was added")
        elif kind_of(path) == "single":
            free = path == "returns.json" or (path in GROWING and not old.head)
            need(then and (then == was[path] or free), f"{path} has changed")
        else:
            need(then and (then.size > was[path].size or then == was[path]), f"what was sealed of {path} has changed")
            follows = f"{folder}/{number_of(path) + 1:06}.seg" in was
            need(then.size == was[path].size or not (follows or fixed), f"{path} grew")

# --- ballots, tally, decryption: verifications 5 to 14 -----------------------------------------------------------

class Ballots(Verifier):
    """One pass over the ballots, then what speaks of all of them."""

    def run_ballots(self):
        manifest, width = self.manifest, self.group.width
        self.final, self.chained, limit = self.reaches("final"), manifest.own.chaining, manifest.largest_ballot(width)
        self.identifiers, self.nonces, leaves = Counter(), Counter(), []
        self.sums, self.classes, self.submitted = {}, {}, set()  # by index of the contest and label of the cell
        self.read_devices()
        if self.final: self.read_beside()
        frames, fault = self.folder.frames("ballots", limit)
        for position, frame in enumerate(frames):
            leaves.append(sha256(b"\0" + tagged("evote/v1/submitted", self.fingerprint, frame)))
            with self.holds("E.2", f"ballots, frame {position}"):
                self.ballot(decode("SubmittedBallot", frame, width))
                continue
            self.torn = True
        if fault: self.torn = self.check("E.2", False, fault) or True
        if self.torn:  # it may have been cast, challenged, or made by any device
            checks = [*ON_CAST, *ON_SHAPED, *ON_ORDINARY, *ON_ALL, "11.D"] + (ON_PRE if manifest.pre else [])
            self.skip(checks, "a ballot cannot be read (E.2)")
        if "board" in manifest.declared:  # ballots aside take part in 5.A and E.6; the rest is the board's
            frames, broken = self.folder.frames("aside", limit)
            for position, frame in enumerate(frames):
                with self.holds("E.2", f"aside, frame {position}"):
                    self.note(decode("SubmittedBallot", frame, width))
            if broken: self.check("E.2", False, broken)
        for check, seen in (("5.A", self.identifiers), ("E.6", self.nonces)):
            for value in [value for value, times in seen.items() if times > 1]:
                self.check(check, False, f"{value.hex()[:64]} stands there more than once")
        for name, device in (self.listed or {}).items():  # before the end, voters may not have decided yet
            if self.final and not self.torn:
                self.check("E.13", not any(device.places.values()), f"device {name!r} lists others too")
        if self.final:
            self.check_head(fault, SimpleNamespace(size=len(leaves), root=merkle_root(leaves)))
            self.check_sums()
            self.check_cells()
            self.check_decryption()
            self.finish_beside()
            self.check_results()
        self.pass_over_returns()
        self.pass_over_requests(self.pass_over_provisional())
        if not self.torn: self.explain()

    # --- E.34 to E.42, E.60 to E.69: what is there and not checked, and what is not there ---------------------------

    def pass_over_returns(self):
        if "returns" not in self.manifest.declared: return
        if self.folder.has("returns"):
            fault = self.folder.frames("returns")[1]
            kinds = {one.kind for one in self.manifest.declared["returns"].units.values()}
            none = [] if fault or "BALLOTS" in kinds else ids("E.38 E.39 E.40")
            self.not_applicable(none, "no unit reports totals of ballots")
            self.skip(set(RETURNED) - set(none), "this program does not check unit returns")
        elif self.final: self.skip(RETURNED, "unit returns are declared and missing (E.15)")
        else: self.not_applicable(RETURNED, "no unit has reported yet")

    def pass_over_provisional(self):
        """Whether a cell was decrypted before the end; None where that cannot be read."""
        results, none, lacking = [], [], "this program does not check provisional results"
        if not any(map(self.folder.has, ("closings", "provisional"))): none = PROVISIONAL
        try:
            frames, fault = self.folder.frames("provisional")
            need(not fault, fault)
            for frame in frames:
                sealed = decode("SealedProvisional", frame)
                results.append(decode("ProvisionalResult", sealed.result, self.group.width))
            if not results: none = none or ids("E.60 E.62 E.63 E.64 E.65 E.66")
            elif len(results) == 1: none = ids("E.62") if self.final else ids("E.62 E.65")
            if not any(one.tally or one.cells or one.withheld for one in results): none = none + ids("E.63 E.64 E.66")
        except Malformed as error:
            results, lacking = None, f"provisional: {error}"
        self.not_applicable(none, "nothing of the kind was published before the end")
        self.skip(set(PROVISIONAL) - set(none), lacking)
        return None if results is None else any(one.cells for one in results)

    def pass_over_requests(self, early):
        """early: whether a cell was decrypted before the end."""
        if "requests" not in self.manifest.declared:
            return self.not_applicable(REQUESTS, "the manifest declares no log of requests")
        there = self.folder.has("requests")
        if there: reason = "this program does not check the log of requests"
        elif self.final or early:
            self.check("E.15", False, "the log of requests is declared and missing")
            reason = "the log of requests is declared and missing (E.15)"
        else: return self.not_applicable(REQUESTS, "nothing was decrypted yet")
        none = [] if self.final or early is not False or not there else ["E.69"]
        self.not_applicable(none, "nothing was decrypted")
        self.skip(set(REQUESTS) - set(none), reason)

    def explain(self):
        """Why checks had nothing to look at, where the record, or the caller, shows it."""
        def nothing(checks, reason): self.not_applicable([check for check in checks if not self.looked[check]], reason)

        if not self.counts["ballots"]:
            empty = SimpleNamespace(size=0, root=sha256(b""))
            if self.zero or (self.sealed and self.head == empty):
                nothing([*ON_CAST, *ON_SHAPED, *ON_ORDINARY, *ON_ALL, *OPENINGS, *PRE_ENCRYPTED], "nobody voted")
                nothing(ids("8.CEFG 11.D 12.ABC E.2 E.20"), "nobody voted")
            return
        if not self.counts["cast"]: nothing(ON_CAST, "no ballot was cast")
        if self.counts["challenged"] == self.counts["uncast"]: nothing(OPENINGS, "no ballot was challenged")
        if self.manifest.pre:
            if self.counts["pre"] == self.counts["ballots"]: nothing(ids("8.ABCDEFG"), "every ballot is pre-encrypted")
            if not self.counts["pre"]: nothing([*ON_PRE, *ids("16.DFGH")], "no ballot is pre-encrypted")
            if not self.counts["uncast"]: nothing(UNCAST, "no pre-encrypted ballot is left uncast")
            nothing(["15.A"], "no contest of a cast pre-encrypted ballot has a limit above 1")
        nothing(["E.5", "13.A"], "no ballot has contest data")

    def note(self, submitted):
        """5.A and E.6: the identifier, and every g^nonce."""
        ballot = submitted.ballot
        values = [ballot.nonce.c0]
        vectors = [vector for one in (submitted.pre.contests if submitted.pre else ()) for vector in one.vectors]
        values += [one.alpha for vector in vectors for one in vector.selections]
        for contest in ballot.contests:
            values += [one.alpha for one in contest.selections] + ([contest.data.c0] if contest.data else [])
        self.identifiers[ballot.identifier] += 1
        self.nonces.update(values)
        self.check("5.A", True, "")
        self.check("E.6", True, "")

    def ballot(self, submitted):
        ballot, cast = submitted.ballot, submitted.state == "cast"
        pre = bool(submitted.pre) or self.is_tool(ballot.device)
        self.note(submitted)
        self.counts.update(["ballots", submitted.state, *(["pre"] if pre else []),
                            *(["uncast"] if pre and not cast else [])])
        where, key = f"ballot {ballot.identifier.hex()[:16]}", H(self.fingerprint, 0x20, ballot.identifier)
        self.check("5.B", key == ballot.identifier_hash, where)  # H_I (32); every hash takes the computed one
        contests = None
        with self.holds("E.2", where): contests = self.shape(submitted)
        own = ON_ORDINARY if not pre else ON_PRE if self.manifest.pre else []
        if contests: self.examine(where, key, contests, submitted)
        else: self.skip(ON_SHAPED + own + (ON_CAST if cast else []), "a ballot is not of its style's shape (E.2)")
        self.see_device(where, ballot)
        if self.final:
            self.add_up(ballot, cast)
            self.count_result(ballot, cast)
            if cast: self.see_data(where, key, ballot, contests)
            else: (self.see_sheet if pre else self.see_opening)(where, key, submitted, contests)

    def is_tool(self, device):
        """Whether a device makes pre-encrypted ballots, and no others."""
        return bool(self.manifest.pre) and device in self.manifest.pre.tools

    def shape(self, submitted):
        """E.2: exactly the contests of a style of the unit, each with its fields; proofs and data of their sizes."""
        ballot, pre = submitted.ballot, submitted.pre
        need(ballot.style in self.manifest.units.get(ballot.unit, ()), "the unit has no such style")
        contests = [self.manifest.contests[index - 1] for index in self.manifest.styles[ballot.style].contests]
        need([one.index for one in contests] == [one.contest for one in ballot.contests], "not the style's contests")
        need(bool(pre) == self.is_tool(ballot.device), "pre-encrypted, and not of a tool; or of a tool, and not so")
        need(not pre or ballot.style in self.manifest.pre.styles, "the style is not made so")
        need(not pre or [one.contest for one in pre.contests] == [one.index for one in contests], "vectors of others")
        for contest, one in zip(contests, pre.contests if pre else ()): vectors_shape(contest, one, submitted.state)
        for contest, stated in zip(contests, ballot.contests):
            fields = [(option.index, option.limit + 1) for option in contest.options]
            if pre and submitted.state != "cast":
                need(not (stated.selections or stated.limit_proof or stated.data), "votes on an uncast ballot")
                continue
            need(fields == [(one.option, len(one.proof)) for one in stated.selections], "fields or proofs")
            need(len(stated.limit_proof) == contest.limit + 1, "a limit proof of another size")
            size = 32 * contest.data.blocks if contest.data and not pre else None
            need(size == (len(stated.data.c1) if stated.data else None), "contest data of another length")
        need(len(ballot.nonce.c1) == 32, "a ballot nonce of another length")
        return contests

    def examine(self, where, key, contests, submitted):
        """Everything on one ballot of the right shape."""
        ballot, context, hashes = submitted.ballot, submitted.context, []
        self.check("E.3", ballot.weight == self.manifest.styles[ballot.style].weight, where)
        if context:  # decisions/ballots.md, "context"
            who = b"NONE" if context.pseudonym is None else b"SOME" + context.pseudonym
            fields = ballot.unit.encode(), ballot.style.encode(), who, context.randomness
            self.check("E.1", ballot.identifier == tagged("evote/v1/context", self.fingerprint, *fields), where)
            self.check("E.1", who == b"NONE" or "roll" in self.manifest.declared, f"{where}: a pseudonym, no roll")
            self.check("E.1", who == b"NONE" or not submitted.pre, f"{where}: a pseudonym on a ballot for nobody")
        self.schnorr("E.4", where, ballot.nonce, key, 0x23)  # (38)
        for contest, stated in zip(contests, ballot.contests):
            if stated.data:
                self.schnorr("E.5", where, stated.data, key, 0x27, u32(contest.index))  # (69)
            if context: self.votes(f"{where}, contest {contest.label!r}", key, contest, stated)
            if submitted.pre: continue
            hashes.append(contest_hash(key, stated, [(one.alpha, one.beta) for one in stated.selections]))
            self.check("8.A", hashes[-1] == stated.contest_hash, where)
        if submitted.pre: return self.examine_sheet(where, key, contests, submitted)
        self.check("8.B", H(key, 0x29, *hashes, ballot.chaining_field) == ballot.confirmation_code, where)  # (71)
        if not self.chained:  # (73)
            self.check("8.D", ballot.chaining_field == u32(0) + self.device_hash(ballot.device), where)

    def examine_sheet(self, where, key, contests, submitted):
        """Verifications 15 to 17 and E.80; 6 for the vectors beside the votes."""
        ballot, hashes = submitted.ballot, []
        for contest, stated, one in zip(contests, ballot.contests, submitted.pre.contests):
            place = f"{where}, contest {contest.label!r}"
            for vector in one.vectors:
                shown = vector.selections or stated.selections
                psi = H(key, 0x40, *(part for each in shown for part in (each.alpha, each.beta)))  # (113), (114)
                self.check("16.A", psi == one.hashes[vector.place], place)
                self.check("17.A", vector.short_code == self.short_code(one.hashes[vector.place]), place)
                for option, each in zip(contest.options, vector.selections if submitted.context else ()):
                    self.vote(place, key, contest, option, each)
            for at, each in enumerate(stated.selections if contest.limit > 1 else ()):  # 15.A
                sides = [[getattr(vector.selections[at], side) for vector in one.vectors] for side in ("alpha", "beta")]
                product = [None if found is None else self.group.bytes(found)
                           for found in (self.group.product(*side) for side in sides)]
                self.check("15.A", product == [each.alpha, each.beta], place)
            hashes.append(H(key, 0x41, u32(contest.index), *one.hashes))  # (115)
            self.check("16.B", hashes[-1] == stated.contest_hash and one.hashes == sorted(set(one.hashes)), place)
            differing = {self.short_code(psi) for psi in one.hashes}
            self.check("E.80", len(differing) == len(one.hashes), place)
        self.check("16.C", H(key, 0x42, *hashes, ballot.chaining_field) == ballot.confirmation_code, where)  # (116)
        if not self.chained:
            self.check("16.E", ballot.chaining_field == u32(0) + self.device_hash(ballot.device), where)

    def short_code(self, psi):
        """Omega_1 to Omega_8 (section 4.6)."""
        name, last, letters = self.manifest.pre.trimming, psi[-1], "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
        if name.startswith("hex"): return psi[-int(name[-1]) // 2 :].hex().upper()
        if name.startswith("number"): return str(last + int(name.split("-")[1]))
        return f"{letters[last // 10]}{last % 10}" if name == "letter-digit" else f"{last // 26}{letters[last % 26]}"

    def schnorr(self, check, where, sealed, *start):
        """The proof of the nonce of a hashed ElGamal ciphertext; the nonce 0 would hide nothing."""
        group, c, v = self.group, num(sealed.c2.challenge), num(sealed.c2.response)
        base = group.members(sealed.c0)
        good = base and base != [group.one] and max(c, v) < group.q
        commitment = group.commit(group.g, v, base[0], c) if good else b""
        self.check(check, good and c == group.to_q(H(*start, commitment, sealed.c0, sealed.c1)), where)

    def ranged(self, checks, where, proof):
        """Challenges and responses of a proof, modulo q; those of q and more are findings."""
        pairs = [(num(pair.challenge), num(pair.response)) for pair in proof]
        for check, numbers in zip(checks, zip(*pairs)): self.check(check, max(numbers) < self.group.q, where)
        return pairs

    def disjunction(self, alpha, beta, pairs, *start):
        """a_j = g^v_j alpha^c_j, b_j = K^(v_j - j c_j) beta^c_j, and the challenges add up to the hash (59), (62)."""
        group, parts = self.group, []
        for j, (c, v) in enumerate(pairs):
            parts += [group.commit(group.g, v, alpha, c), group.commit(self.keys[0], v - j * c, beta, c)]
        return sum(c for c, _ in pairs) % group.q == group.to_q(H(*start, *parts))

    def votes(self, where, key, contest, stated):
        """Verification 6 for every field, 7 for the product of those that count."""
        group, product, outside = self.group, (self.group.one, self.group.one), False
        for option, one in zip(contest.options, stated.selections):
            pair = self.vote(where, key, contest, option, one)
            if not pair:
                outside = True
                continue
            if option.kind == "option": product = group.times(product[0], pair[0]), group.times(product[1], pair[1])
        pairs = self.ranged(ids("7.BC"), where, stated.limit_proof)
        if not self.check("7.A", not outside, f"{where}: a selection is not in the subgroup"):
            return self.skip(ids("6.D 7.D E.7"), "a selection is not in the subgroup (6.A)")
        start = key, 0x24, u32(contest.index), *map(group.bytes, product)
        self.check("7.D", self.disjunction(*product, pairs, *start), where)

    def vote(self, where, key, contest, option, one):
        """Verification 6 for one field; the pair as members, or nothing."""
        group, place = self.group, f"{where}, option {option.label!r}"
        pairs = self.ranged(ids("6.BC"), place, one.proof)
        if None not in map(group.read, (one.alpha, one.beta)):
            self.check("E.7", group.read(one.alpha) != group.one, place)
        pair = group.members(one.alpha, one.beta)
        if not self.check("6.A", pair, f"{place} is not in the subgroup"):
            return self.skip(ids("6.D 7.D E.7"), "a selection is not in the subgroup (6.A)")
        start = key, 0x24, u32(contest.index), u32(option.index), one.alpha, one.beta
        self.check("6.D", self.disjunction(*pair, pairs, *start), place)
        return pair

    # --- 8.C, 8.E to 8.G, 16.D, 16.F to 16.H, and the devices of E.13 ----------------------------------------------

    def device_hash(self, device):
        return H(self.fingerprint, 0x43 if self.is_tool(device) else 0x2A, sized(device.encode()))  # (119), (72)

    def read_devices(self):
        """Device records against computed values; the lists of codes for the ballots to come."""
        chain, every = ids("8.EFG 16.FGH"), ids("8.C 16.D E.13")
        self.not_applicable(ids("8.D 16.E") if self.chained else chain, "the manifest declares the other chaining mode")
        self.listed = None if self.devices is None else {}
        if self.devices is None:
            every = set(every + (chain if self.chained else [])) - set(self.undeclared)
            return self.skip(every, "devices.msgpack cannot be read")
        for one in self.devices.devices:
            where, hashed, tool = f"device {one.device!r}", self.device_hash(one.device), self.is_tool(one.device)
            own, starts, closes = ids("16.DGH") if tool else ids("8.CFG")
            end, inner = (0x42, 0x44) if tool else (0x29, 0x2B)
            self.check(own, hashed == one.device_hash, where)
            if not self.check("E.13", one.device not in self.listed, f"{where} is listed twice"): continue
            initial = u32(1) + hashed  # (75)
            start, places = H(self.fingerprint, end, initial), {}  # (74), (117)
            for place, code in enumerate(one.codes): places.setdefault(code, []).append(place)
            self.listed[one.device] = SimpleNamespace(before=[start, *one.codes], places=places)
            closing = u32(1) + H(self.fingerprint, inner, one.codes[-1] if one.codes else start, initial)  # (78), (120)
            if not self.chained: self.check("E.16", one.initial_field is None, f"{where}: an undeclared chain")
            elif one.initial_field is not None or self.final:
                self.check(starts, (one.initial_field, one.initial_hash) == (initial, start), where)
                closed = closing, H(self.fingerprint, end, closing)  # (77), (118)
                self.check(closes, (one.closing_field, one.closing_hash) == closed, where)
            else: self.not_applicable([starts, closes], "chains are published when they are closed")

    def see_device(self, where, ballot):
        if self.listed is None: return
        link = "16.F" if self.is_tool(ballot.device) else "8.E"
        device = self.listed.get(ballot.device)
        places = device.places.get(ballot.confirmation_code) if device else None
        if not self.check("E.13", places, f"{where}: its device does not list it"):
            return self.skip([link] if self.chained else [], "a ballot is not in the list of its device (E.13)")
        before = device.before[places.pop(0)]
        if self.chained:
            self.check(link, ballot.chaining_field == u32(1) + before, where)  # (76)

    # --- 9, 10, 11, E.11, E.12, E.21 ----------------------------------------------------------------------------------

    def add_up(self, ballot, cast):
        """The products of 9: every cast ballot, members or not, to its weight; None for a value out of range."""
        group = self.group
        for stated in ballot.contests:
            cell = self.manifest.cell_of(stated.contest, ballot.unit)
            if cell is None: continue
            place = stated.contest, cell.label
            self.submitted.add(place)
            if cast: self.classes.setdefault(place, Counter())[ballot.weight] += 1
            for one in stated.selections if cast else ():
                pair = group.read(one.alpha), group.read(one.beta)
                held = self.sums.get((*place, one.option), (group.one, group.one))
                spoiled = held is None or None in pair
                self.sums[(*place, one.option)] = None if spoiled else tuple(
                    group.times(before, group.power(value, ballot.weight)) for before, value in zip(held, pair))

    def check_head(self, fault, computed):
        """E.11"""
        heads = [self.tally and self.tally.head] + ([self.head] if self.manifest.index_key else [])
        if fault or None in heads: self.skip(["E.11"], "the ballots (E.2) or a head cannot be read")
        for stated in heads:
            if stated and not fault:
                self.check("E.11", stated == computed, "the closing head is not that of the ballots")

    def check_sums(self):
        """9.A, 9.B"""
        group, reason = self.group, "a cell or field is missing (E.12), or a value is out of range (6.A)"
        if self.tally is None or self.torn:
            return self.skip(ids("9.AB"), "the tally, or a ballot that may have been cast, cannot be read")
        for contest, cell in self.cells():
            found = [one for one in self.tally.cells if (one.contest, one.cell) == (contest.label, cell.label)]
            for option in contest.options:
                computed = self.sums.get((contest.index, cell.label, option.index), (group.one, group.one))
                fields = [{field.option: field for field in one.fields}.get(option.label) for one in found]
                if computed is None or None in fields or not fields: self.skip(ids("9.AB"), reason)
                for one in fields if computed else ():
                    for check, value, stated in zip(ids("9.AB"), computed, (one.alpha, one.beta) if one else ()):
                        self.check(check, group.bytes(value) == stated, f"{contest.label!r}, {cell.label!r}")

    def cells(self): return [(contest, cell) for contest in self.manifest.contests for cell in contest.cells]

    def reason(self, classes):
        """Why a cell is withheld, in the words of decisions/withheld-cells.md; "" if it is not."""
        least = self.manifest.own.minimum_cell
        of_weights = [(classes[weight], f" of weight {weight}") for weight in sorted(classes)]
        for number, weight in [(sum(classes.values()), ""), *of_weights]:
            if 0 < number < least:
                many = "1 ballot is" if number == 1 else f"{number} ballots are"
                same = " of one weight" if weight else ""
                return f"{many}{weight} counted, and fewer than {least}{same} are not decrypted together"
        return ""

    def check_cells(self):
        """E.12"""
        tally, decryption, wanted = self.tally, self.decryption, [(c.label, cell.label) for c, cell in self.cells()]
        labels = {contest.label: [option.label for option in contest.options] for contest in self.manifest.contests}
        if tally is None or decryption is None or self.torn:
            self.skip(["E.12"], "tally, decryption or a ballot cannot be read")
        with self.holds("E.12", "tally"):
            counted = {}
            for contest, cell in self.cells():
                classes = self.classes.get((contest.index, cell.label), {})
                counted[contest.label, cell.label] = sum(classes.values()), sum(w * n for w, n in classes.items())
            for one in tally.cells if tally else ():
                key, fields = (one.contest, one.cell), [field.option for field in one.fields]
                need(key in counted and fields == labels[one.contest], f"{key}: not the cells, or not the fields")
                need(self.torn or counted[key] == (one.ballots, one.weight), f"{key}: ballots or weight")
            need(not tally or [(one.contest, one.cell) for one in tally.cells] == wanted, "not the cells in order")
        with self.holds("E.12", "decryption"):
            cells = [(one.contest, one.cell) for one in decryption.cells] if decryption else ()
            reasons = {(one.contest, one.cell): one.reason for one in decryption.withheld} if decryption else {}
            held = [(one.contest, one.cell) for one in decryption.withheld] if decryption else []
            known = [key for key in cells if key[0] in labels]  # other contests are 11.A's
            need(known == [key for key in wanted if key in cells], "not cells of the manifest, once and in order")
            need(held == [key for key in wanted if key in held], "not cells of the manifest, once and in order")
            for one in decryption.cells if decryption else ():
                options = labels.get(one.contest, ())
                found = [field.option for field in one.fields if field.option in options]
                need(found == [label for label in options if label in found], "not fields once and in order")
            for contest, cell in self.cells() if decryption else ():
                key, place = (contest.label, cell.label), (contest.index, cell.label)
                reason = self.reason(self.classes.get(place, {}))
                need(key not in cells or key not in reasons, f"{key} is decrypted and withheld")
                need(self.torn or not (reason and key in cells), f"{key} may not be decrypted: {reason}")
                need(self.torn or reasons.get(key, reason) == reason, f"{key} is not withheld for this reason")
                there = key in cells or key in reasons or place in self.submitted
                need(self.torn or there, f"{key} is neither decrypted nor withheld")

    def check_decryption(self):
        """10, 11, E.21"""
        group, decryption, sums = self.group, self.decryption, {}
        if decryption is None: return self.skip(ids("10.ABC 11.ABCD E.21"), "decryption.msgpack cannot be read")
        present, k, n = decryption.guardians, self.setting.k, self.setting.n
        quorum = present == sorted(set(present)) and len(present) >= k and all(one <= n for one in present)
        self.check("E.21", quorum, "not a quorum of guardians, in order and each once")
        if self.tally is None: self.skip(ids("10.ABC"), "tally.msgpack cannot be read")
        for cell in self.tally.cells if self.tally else ():
            for field in cell.fields:
                sums.setdefault((cell.contest, cell.cell, field.option), (field.alpha, field.beta))
        contests = {contest.label: contest for contest in self.manifest.contests}
        for cell in decryption.cells:
            where = f"contest {cell.contest!r}, cell {cell.cell!r}"
            if not self.check("11.A", cell.contest in contests, where): continue
            options = {option.label: option.index for option in contests[cell.contest].options}
            for field in cell.fields:
                if not self.check("11.B", field.option in options, f"{where}, option {field.option!r}"): continue
                stated = sums.get((cell.contest, cell.cell, field.option))
                pair = group.members(*stated) if stated else None
                if pair is None: self.skip(ids("10.ABC"), f"{where}: no sum (E.12), or none in the subgroup (6.A or 9)")
                else:
                    place = u32(contests[cell.contest].index), u32(options[field.option])
                    self.decrypted(f"{where}, option {field.option!r}", place, stated, pair, field)
            self.check("11.C", set(options) <= {field.option for field in cell.fields}, where)
        cells = {(cell.contest, cell.cell) for cell in decryption.cells}
        reasons = {(cell.contest, cell.cell): cell.reason for cell in decryption.withheld}
        for index, label in sorted(self.submitted):
            key = self.manifest.contests[index - 1].label, label
            if key in reasons and key not in cells: self.skip(["11.D"], f"{key} is withheld: {reasons[key]}")
            else: self.check("11.D", key in cells, f"{key} is neither decrypted nor withheld")

    def same_exponent(self, key, base, image, c, v, *start):
        """a = g^v key^c, b = base^v image^c, and c is the hash that ends with a, b, image (10.2, 10.3; 12.1, 12.2)."""
        group = self.group
        parts = group.commit(group.g, v, key, c), group.commit(base, v, image, c), group.bytes(image)
        return c == group.to_q(H(*start, *parts))

    def decrypted(self, where, place, stated, pair, field):
        """Verification 10 (decisions/decrypted-values.md)."""
        group, c, v, key = self.group, num(field.challenge), num(field.response), self.keys[0]
        self.check("10.A", v < group.q, where)
        self.check("10.C", group.bytes(group.power(key, field.count % group.q)) == field.power, f"{where}: T, t")
        power, start = group.members(field.power), (self.fingerprint, 0x31, *place, *stated)
        m = group.times(pair[1], group.inverse(power[0])) if power else None  # 10.1
        self.check("10.B", power and self.same_exponent(key, pair[0], m, c, v, *start), where)  # (90)

    # --- 12, E.20; 13, 14 and the openings of E.13 --------------------------------------------------------------------

    def read_beside(self):
        """Openings by identifier, and decrypted contest data in its order."""
        self.openings, self.data, width = {}, [], self.group.width
        self.at, self.taken, self.ordered, self.waiting, self.spare = 0, -1, True, {}, []
        for folder, check in (("openings", "E.13"), ("data", "E.20")):
            frames, fault = self.folder.frames(folder)
            self.torn_data = bool(fault)
            for position, frame in enumerate(frames):
                try:
                    if folder == "data":
                        self.data.append((position, decode("DecryptedData", frame, width)))
                        continue
                    opened = decode("OpenedBallot", frame, width)
                    need(opened.identifier not in self.openings, "the ballot is opened a second time")
                    self.openings[opened.identifier] = opened
                except Malformed as error:
                    self.torn_data = not self.check(check, False, f"{folder}, frame {position}: {error}")
            if fault: self.check(check, False, fault)
        self.decrypts = self.manifest.own.decrypt_contest_data
        if not self.decrypts:
            self.not_applicable(ids("12.ABC E.20"), "the manifest does not have contest data decrypted")
        self.units, self.overvotes, self.next = {unit: [0, 0] for unit in self.manifest.units}, {}, 0
        self.fault = "the contest data does not decode (E.20)" if self.torn_data and self.decrypts else ""

    def take(self, wanted):
        """The frame of contest data for a ballot and contest: at most 64 frames ahead, at most 64 held."""
        found = self.waiting.pop(wanted, None)
        for position, value in self.data[self.at : self.at + 64] if not found else ():
            self.at, here = self.at + 1, (value.identifier, value.contest)
            if here == wanted:
                found = position, value
                break
            if here in self.waiting: self.spare.append(position)
            elif len(self.waiting) == 64: self.spare.append(self.waiting.pop(next(iter(self.waiting)))[0])
            self.waiting.setdefault(here, (position, value))
        if found: self.ordered, self.taken = self.ordered and found[0] > self.taken, found[0]
        return found and found[1]

    def see_data(self, where, key, ballot, contests):
        """E.20 and verification 12 of one cast ballot."""
        group = self.group
        for stated in ballot.contests if self.decrypts else ():
            if not stated.data or stated.contest > len(self.manifest.contests): continue
            contest, sealed = self.manifest.contests[stated.contest - 1], stated.data
            data = self.take((ballot.identifier, contest.label))
            if not self.check("E.20", data, f"{where}: the data of {contest.label!r} is not decrypted") or not contests:
                self.skip(ids("12.ABC"), "contest data is missing (E.20), or a ballot has another shape (E.2)")
                continue
            self.check("12.A", num(data.response) < group.q, where)
            plain = xor(sealed.c1, pad(key, contest.index, sealed.c0, data.beta, len(sealed.c1)))
            self.check("12.C", plain == data.plaintext, where)
            pair, start = group.members(sealed.c0, data.beta), (key, 0x33, u32(contest.index), *parts_of(sealed))
            numbers = num(data.challenge), num(data.response)
            self.check("12.B", pair and self.same_exponent(self.keys[1], *pair, *numbers, *start), where)  # (101)

    def finish_beside(self):
        for identifier in () if self.torn else self.openings:
            self.check("E.13", False, f"{identifier.hex()[:16]} is opened, and no such ballot was challenged")
        spare = self.spare + [position for position, _ in (*self.waiting.values(), *self.data[self.at :])]
        unopened = OPENINGS + (UNCAST if self.manifest.pre else [])
        if self.torn: self.skip(unopened, "a ballot that may have been challenged cannot be read (E.2)")
        if self.torn and self.decrypts:
            return self.skip(ids("12.ABC") + (["E.20"] if spare else []), "a ballot cannot be read (E.2)")
        for position in spare: self.check("E.20", False, f"data, frame {position}: it belongs to no cast ballot")
        if not self.ordered: self.check("E.20", False, "the data does not stand in the order of the ballots")
        if self.counts["ballots"] and not self.looked["E.20"]:
            self.not_applicable(ids("12.ABC E.20"), "no cast ballot carries contest data")

    def see_sheet(self, where, key, submitted, contests):
        """Verifications 18 and 19 of an uncast ballot; what is not opened enters the hashes as the ballot has it."""
        ballot, hashes, good = submitted.ballot, [], True
        opened, q = self.openings.pop(ballot.identifier, None), self.group.q
        if not self.check("E.13", opened, f"{where}: the sheet is not opened") or not contests:
            unknown = UNCAST if self.is_tool(ballot.device) else OPENINGS
            return self.skip(unknown, "not opened (E.13), or no shape (E.2)")
        shown = {one.contest: one for one in opened.pre or ()}
        labels = {*shown, *(one.contest for one in opened.contests)}
        self.check("19.A", labels <= {contest.label for contest in contests}, where)
        for contest, stated, one in zip(contests, ballot.contests, submitted.pre.contests):
            place = f"{where}, contest {contest.label!r}"
            names = {option.label: option.index for option in contest.options}
            if not self.check("19.B", contest.label in shown, place):
                hashes.append(stated.contest_hash)
                continue
            vectors = shown[contest.label].vectors
            nulls = [vector for vector in vectors if vector.option is None]
            given = {vector.option for vector in vectors} - {None}
            self.check("19.C", given <= set(names) and len(nulls) <= contest.limit, place)
            self.check("19.D", given >= set(names) and len(nulls) >= contest.limit, place)
            found = []
            for vector in [one for one in vectors if one.option in names] + nulls[: contest.limit]:
                numbers, position = [num(nonce) for nonce in vector.nonces], names.get(vector.option, 0)
                if len(numbers) != len(names) or max(numbers) >= q:
                    good = False
                    found.append(bytes(32))
                    continue
                sides = []
                for option, nonce in zip(contest.options, numbers):  # 18.1, 18.2
                    value = (nonce + (option.index == position)) % q
                    sides += [self.group.power(self.group.g, nonce), self.group.power(self.keys[0], value)]
                psi = H(key, 0x40, *map(self.group.bytes, sides))  # 18.3
                found.append(psi)
                if psi in one.hashes: self.check("17.A", vector.short_code == self.short_code(psi), place)
            missing = vectors_of(contest) - len(found)
            found += [psi for psi in one.hashes if psi not in found][:missing]
            hashes.append(H(key, 0x41, u32(contest.index), *sorted(found)))  # 18.4
        code = H(key, 0x42, *hashes, ballot.chaining_field)
        self.check("18.A", good and code == ballot.confirmation_code, where)

    def see_opening(self, where, key, submitted, contests):
        """Verifications 13 and 14 of a challenged ballot. What is not opened enters the hashes as it was encrypted."""
        ballot = submitted.ballot
        group, opened = self.group, self.openings.pop(ballot.identifier, None)
        if not self.check("E.13", opened, f"{where}: the challenged ballot is not opened") or not contests:
            return self.skip(OPENINGS, "a challenged ballot is not opened (E.13), or not of its shape (E.2)")
        shown, hashes, nonces = {contest.contest: contest for contest in opened.contests}, [], True
        self.check("14.A", set(shown) <= {contest.label for contest in contests} and not opened.pre, where)
        for contest, stated in zip(contests, ballot.contests):
            place = f"{where}, contest {contest.label!r}"
            if not self.check("14.B", contest.label in shown, place):
                hashes.append(stated.contest_hash)
                continue
            values = {one.option: one for one in shown[contest.label].selections}
            self.check("14.C", set(values) <= {option.label for option in contest.options}, place)
            pairs, total = [], 0
            for option, selection in zip(contest.options, stated.selections):
                pairs.append((selection.alpha, selection.beta))
                one = values.get(option.label)
                if self.check("14.D", one, place):
                    self.check("14.E", one.value <= option.limit, place)
                    total += one.value if option.kind == "option" else 0
                    nonces = nonces and num(one.nonce) < group.q
                    alpha, beta = num(one.nonce) % group.q, (one.value + num(one.nonce)) % group.q  # 13.1, 13.2
                    pairs[-1] = group.bytes(group.power(group.g, alpha)), group.bytes(group.power(self.keys[0], beta))
            self.check("14.F", total <= contest.limit, place)
            sealed, data = stated.data, shown[contest.label].data
            if sealed or data:
                nonce = num(data.nonce) if sealed and data else group.q
                alpha, beta = (group.bytes(group.power(base, nonce % group.q)) for base in (group.g, self.keys[1]))
                good = nonce < group.q and alpha == sealed.c0
                plain = good and xor(sealed.c1, pad(key, contest.index, alpha, beta, len(sealed.c1)))
                self.check("13.A", good and plain == data.plaintext, place)
            hashes.append(contest_hash(key, stated, pairs))
        code = H(key, 0x29, *hashes, ballot.chaining_field)
        self.check("13.B", nonces and code == ballot.confirmation_code, where)

    # --- E.14 (record-format.md, "Result") ----------------------------------------------------------------------------

    def count_result(self, ballot, cast):
        """Ballots by unit, and what their contest data says, in the order of the ballots."""
        if self.fault or ballot.unit not in self.units:
            self.fault = self.fault or "a ballot of no unit"
            return
        self.units[ballot.unit][not cast] += 1
        for stated in ballot.contests if cast and self.decrypts else ():
            data = self.data[self.next][1] if self.next < len(self.data) else None
            if data is None or data.identifier != ballot.identifier: return
            known = stated.contest <= len(self.manifest.contests)
            contest = self.manifest.contests[stated.contest - 1] if known else None
            if known and contest.label != data.contest: continue
            cell = self.manifest.cell_of(stated.contest, ballot.unit)
            if not cell or not contest.data:
                self.fault = "contest data of a contest that has none"
                return
            over = says_overvote(contest, data.plaintext)
            held = self.overvotes.setdefault((contest.label, cell.label), [0, 0])
            held[0] += over is not None
            held[1] += ballot.weight * bool(over)
            self.next += 1

    def check_results(self):
        try:
            need(self.tally and self.decryption, "tally or decryption cannot be read")
            need(not self.torn and not self.fault, self.fault or "a ballot cannot be read (E.2)")
            need(not self.decrypts or self.next == len(self.data), "data in another order (E.20)")
            result = self.result()
        except Malformed as error:
            return self.skip(["E.14"], f"there is no whole result: {error}")
        start = self.manifest.label, "yes" if self.manifest.own.test else "no"
        lines = [csv_line(COLUMNS)] + [csv_line((*start, *row)) for row in rows(result)]
        made = ("result.json", json.dumps(result, ensure_ascii=False, indent=1) + "\n"), ("result.csv", "".join(lines))
        for name, content in made:
            if not self.folder.has(name):
                self.skip(["E.14"], f"{name} is missing (E.16)")
                continue
            with self.holds("E.14", name):
                need(self.folder.read(name, LIMITS[name]) == content.encode(), "it does not say what was decrypted")

    def result(self):
        parts, contests = [], []
        for cells in (self.tally.cells, self.decryption.cells, self.decryption.withheld):
            differ(((cell.contest, cell.cell) for cell in cells), "a cell")
            parts.append({(cell.contest, cell.cell): cell for cell in cells})
        for contest in self.manifest.contests:
            cells = []
            for cell in contest.cells:
                key = contest.label, cell.label
                sums, opened, held = (part.pop(key, None) for part in parts)
                need(sums and (opened is None) != (held is None), f"{key} is missing, or decrypted and withheld")
                readable, over = self.overvotes.get(key, (0, 0))
                over = over if self.decrypts and contest.data and readable == sums.ballots else None
                counts = None
                if opened:
                    votes = {field.option: field.count for field in opened.fields}
                    in_order = [field.option for field in opened.fields] == [option.label for option in contest.options]
                    need(in_order, "not the fields of the contest")
                    over = next((votes[fact.label] for fact in contest.facts if fact.kind == "overvote"), over)
                    unused = contest.limit * sums.weight - sum(votes[option.label] for option in contest.votes)
                    need(unused >= 0, "more votes than the ballots can have")
                    counts = figures(contest, votes, unused, over)
                cells.append({"cell": cell.label, "units": cell.units, "ballots": sums.ballots, "weight": sums.weight,
                              "withheld": held.reason if held else None, "counts": counts})
            shown = [cell for cell in cells if cell["counts"]]
            votes, overs = Counter(), [cell["counts"]["overvotes"] for cell in shown]
            for cell in shown:
                votes.update({one["option"]: one["votes"] for one in cell["counts"]["votes"]})
                votes.update({one["option"]: one["count"] for one in cell["counts"]["facts"]})
            unused = sum(cell["counts"]["unused"] for cell in shown)
            over = sum(overs) if overs and None not in overs else None
            total = {"complete": len(shown) == len(cells), "cells": len(shown), "withheld": len(cells) - len(shown)}
            total |= {name: sum(cell[name] for cell in shown) for name in ("ballots", "weight")}
            total["counts"] = figures(contest, votes, unused, over)
            contests.append({"contest": contest.label, "limit": contest.limit, "cells": cells, "total": total})
        need(not any(parts), "a cell that the manifest does not have")
        cast, challenged = (sum(both[place] for both in self.units.values()) for place in (0, 1))
        units = [{"unit": unit, "cast": both[0], "challenged": both[1]} for unit, both in self.units.items()]
        return {"format": 1, "election": self.manifest.label, "test": self.manifest.own.test,
                "fingerprint": self.fingerprint.hex(), "guardians": self.decryption.guardians,
                "ballots": {"cast": cast, "challenged": challenged}, "units": units, "contests": contests}

def parts_of(sealed): return [sealed.c0, sealed.c1, sealed.c2.challenge, sealed.c2.response] if sealed else []

def vectors_of(contest):
    """One per option, and as many null votes as the limit."""
    return len(contest.options) + contest.limit

def vectors_shape(contest, one, state):
    """E.2 for the vectors of a contest: L chosen ones with proofs beside their product, or all of them."""
    cast, places, total = state == "cast", [vector.place for vector in one.vectors], vectors_of(contest)
    need(len(one.hashes) == total and len(places) == (contest.limit if cast else total), "hashes or vectors")
    need(places == sorted(set(places)) and places[-1] < total, "the places of vectors")
    for vector in one.vectors:
        fields = [(option.index, (option.limit + 1) * cast) for option in contest.options]
        wanted = [] if cast and contest.limit == 1 else fields
        need([(each.option, len(each.proof)) for each in vector.selections] == wanted, "the fields of a vector")

def contest_hash(key, stated, pairs):
    """(70)"""
    return H(key, 0x28, u32(stated.contest), *(part for pair in pairs for part in pair), *parts_of(stated.data))

def pad(key, index, alpha, beta, size):
    """The key stream of contest data: (65), (66)."""
    secret, label = H(key, 0x26, u32(index), alpha, beta), b"data_enc_keys\0contest_data" + u32(index)
    # H puts the first byte of the counter, which is 0, before the rest.
    return b"".join(H(secret, 0, u32(i)[1:] + label + u32(8 * size)) for i in range(1, size // 32 + 1))

def says_overvote(contest, plain):
    """Whether contest data says overvote; None if it is no record of the contest (manifest.md, "Contest data")."""
    reader = Reader(plain, 0)
    try:
        need(len(plain) == 32 * contest.data.blocks and reader.take(1) == b"\x01", "another form")
        status = reader.take(1)[0]
        marks = [num(reader.take(2)) for _ in range(num(reader.take(2)))]
        texts = [reader.take(num(reader.take(2))).decode() for _ in range(num(reader.take(2)))]
        need(status <= 3 and (status == 2) == bool(marks) and not any(plain[reader.at :]), "status or padding")
        high = sum(marks) > contest.limit or any(m > option.limit for m, option in zip(marks, contest.votes))
        need(not marks or (high and len(marks) == len(contest.votes)), "marks that are no overvote")
        need(len(texts) <= contest.data.write_ins and (not texts or texts[-1]), "write-ins")
        for one in texts:
            plain_text = not {"Cc", "Cs", "Zl", "Zp"} & set(map(unicodedata.category, one))
            need(len(one.encode()) <= contest.data.write_in_bytes and plain_text, "a write-in")
    except (Malformed, UnicodeDecodeError):
        return None
    return status == 2

def figures(contest, counts, unused, over):
    under = None if over is None or unused < contest.limit * over else unused - contest.limit * over
    facts = [{"option": one.label, "kind": one.kind, "count": counts[one.label], "proved": False}
             for one in contest.facts]
    return {"votes": [{"option": one.label, "votes": counts[one.label]} for one in contest.votes], "facts": facts,
            "unused": unused, "overvotes": over, "undervotes": under}

COLUMNS = ("election", "test", "level", "units", "contest", "cell", "measure", "option", "count")

def csv_line(fields):
    line = []
    for field in map(str, fields):
        formula = field.startswith(("=", "+", "-", "@", "\t", "\r")) and not field.lstrip("-").isdigit()
        field = "'" + field if formula else field
        line.append('"' + field.replace('"', '""') + '"' if re.search('[,"\r\n]', field) else field)
    return ",".join(line) + "\r\n"

def rows(result):
    def counted(place, counts):
        for one in counts["votes"]: yield *place, "votes", one["option"], one["votes"]
        for one in counts["facts"]: yield *place, f"{one['kind']} (not proved)", one["option"], one["count"]
        for name in ("unused", "overvotes", "undervotes"):
            yield *place, name, "", "" if counts[name] is None else counts[name]

    yield "election", "", "", "", "fingerprint", result["fingerprint"], ""
    for level, one in [("election", result["ballots"]), *(("unit", unit) for unit in result["units"])]:
        for name in ("cast", "challenged"): yield level, one.get("unit", ""), "", "", name, "", one[name]
    for contest in result["contests"]:
        for cell in contest["cells"]:
            place = "cell", " + ".join(cell["units"]), contest["contest"], cell["cell"]
            yield *place, "ballots", "", cell["ballots"]
            yield *place, "weight", "", cell["weight"]
            if cell["withheld"] is not None: yield *place, "withheld", cell["withheld"], ""
            yield from counted(place, cell["counts"]) if cell["counts"] else ()
        place, total = ("contest", "", contest["contest"], ""), contest["total"]
        for name in ("cells", "withheld", "ballots", "weight"):
            yield *place, "withheld cells" if name == "withheld" else name, "", total[name]
        yield from counted(place, total["counts"])

# --- the program --------------------------------------------------------------------------------------------------

def verify(path, stage="final", expect=None, zero=False, groups=GROUPS):
    """The report on a record as a dictionary; raises NoRecord if there is none."""
    run = Ballots(path, stage, expect and expect.strip().lower(), zero, groups)
    run.run()
    checks = [{"id": check, "status": run.status(check), "count": run.looked[check],
               "findings": [{"where": where} for where in run.findings.get(check, [])[:100]],
               "note": run.skipped.get(check) or run.inapplicable.get(check, "")} for check in ORDER]
    found = {check["status"] for check in checks}
    verdict = "FAIL" if "FAIL" in found else "INCOMPLETE" if "NOT_CHECKED" in found else "PASS"
    fingerprint = run.fingerprint.hex() if run.fingerprint else ""
    group = run.parameters.group if run.parameters else ""
    profile = "" if group == "electionguard-4096" else "not the standard 2.1 set"
    return {"tool": {"name": "reference_verifier", "version": "1"}, "format": "evote record 1", "verdict": verdict,
            "subject": {"fingerprint": fingerprint, "expected": run.expect, "group": group, "profile": profile,
                        "stage": stage}, "counts": dict(run.counts), "checks": checks}

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
    if options.json:
        with open(1 if options.json == "-" else options.json, "w", closefd=options.json != "-") as stream:
            json.dump(report, stream, indent=1)
    if options.json != "-":
        for check in report["checks"]:
            print(f"{check['id']:5} {check['status']:14} {check['count']:7} {check['note']}")
            for finding in check["findings"]: print(f"      {finding['where']}")
        print("{group} {profile}\nfingerprint {fingerprint}".format_map(report["subject"]), report["verdict"], sep="\n")
    sys.exit({"PASS": 0, "FAIL": 1, "INCOMPLETE": 3}[report["verdict"]])

if __name__ == "__main__": main()
