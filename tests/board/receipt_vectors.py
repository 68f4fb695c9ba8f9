"""Makes ``vectors/receipts.json`` from the text of ``specs/receipts.md``; the same bytes every time.

Nothing of the package's leaves, trees, notes, signatures or receipts is used here; manifest, roll and
keys are those of a seeded election. ``python -m tests.board.receipt_vectors`` in the repository root
writes it again.
"""

from __future__ import annotations

import base64
import datetime
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import msgpack
from Crypto.Signature import eddsa

from evote.manifest import VERSION
from tests.board.receipts import ELECTORATE
from tests.board.vectors import tagged
from tests.manifest.vectors import FOLDER, SCHEMA, text
from tests.merkle.reference import leaf, mth, path, proof

NAME = "receipts.json"
H_E = ELECTORATE.election.extended_hash
LOG = "logs.example/election"
WITNESSES = ("w1.example/a", "w2.example/b", "w3.example/c")
ZERO = bytes(32)
CLOSES = 1_782_849_600  # 2026-06-30T20:00:00Z
VOTED, DELAY = CLOSES - 3600, 600
DUE, PUBLISHED = VOTED + DELAY, CLOSES + 300
BASE45 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"

Case = dict[str, Any]


def origin(unit: str) -> str:
    return f"{LOG}/{unit}"


def seed(name: str) -> bytes:
    """Of a log, by its origin, or of a witness."""
    if name in WITNESSES:
        return hashlib.sha256(name.encode()).digest()
    keys = ELECTORATE.authorities
    signer = keys.log if name == LOG else keys.units[name.removeprefix(f"{LOG}/")]
    return signer.seed().reveal()


def sign(name: str, message: bytes) -> bytes:
    return eddsa.new(eddsa.import_private_key(seed(name)), "rfc8032").sign(message)


def key_id(name: str, kind: int) -> bytes:
    key = eddsa.import_private_key(seed(name)).public_key().export_key(format="raw")
    assert isinstance(key, bytes)
    return hashlib.sha256(name.encode() + b"\n" + bytes((kind,)) + key).digest()[:4]


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def moment(seconds: int) -> str:
    return datetime.datetime.fromtimestamp(seconds, datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def number(value: int, size: int) -> bytes:
    return value.to_bytes(size, "big")


# --- leaves ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Vote:
    """A ballot; ``voter`` is a slot's pseudonym, or a stand-in."""

    name: str
    place: int
    previous: bytes = ZERO
    challenged: bool = False

    @property
    def unit(self) -> str:
        return ELECTORATE.voters[self.place].unit

    @property
    def hash(self) -> bytes:
        return hashlib.sha256(f"vectors/receipts/{self.name}".encode()).digest()

    @property
    def voter(self) -> bytes:
        pseudonym = ELECTORATE.voters[self.place].holder.pseudonym
        blind = hashlib.sha256(b"blind " + self.hash).digest()
        return tagged("evote/v1/blinded", pseudonym, blind) if self.challenged else pseudonym

    def entry(self) -> tuple[str, dict[str, Any]]:
        if self.challenged:
            return "challenge", {"style": "plain", "blinded": self.voter, "ballot": self.hash}
        parts = {"style": "plain", "pseudonym": self.voter, "ballot": self.hash, "previous": self.previous}
        return "cast", {**parts, "device": "", "signatures": [bytes(64)]}


Entry = tuple[str, dict[str, Any]]


def verdict(vote: Vote, check: str = "") -> Entry:
    reason = "a proof does not hold" if check else ""
    return "verdict", {"ballot": vote.hash, "accepted": not check, "check": check, "reason": reason}


def leaf_data(unit: str, entry: Entry) -> bytes:
    """``unit`` is empty for the election's log."""
    kind, parts = entry
    values = [value for name, value in parts.items() if name not in ("device", "signatures")]
    if kind == "unit-head":
        values[3] = tagged("evote/v1/consistency", *values[3])
    fields = [
        value
        if isinstance(value, bytes)
        else bytes((value,))
        if isinstance(value, bool) or (kind == "closing" and isinstance(value, int))
        else str(value).encode()
        for value in values
    ]
    where = origin(unit) if unit else LOG
    return tagged(f"evote/v1/leaf/{kind}", H_E, where.encode(), unit.encode(), *fields)


# --- logs --------------------------------------------------------------------------------------------


def head(name: str, leaves: Sequence[bytes], witnesses: Sequence[str] = (), time: int = 0) -> str:
    """A signed checkpoint with cosignatures."""
    checkpoint = f"{name}\n{len(leaves)}\n{b64(mth(leaves))}\n"
    lines = [f"— {name} {b64(key_id(name, 1) + sign(name, checkpoint.encode()))}"]
    for witness in witnesses:
        message = f"cosignature/v1\ntime {time}\n{checkpoint}".encode()
        stamped = number(time, 8) + sign(witness, message)
        lines.append(f"— {witness} {b64(key_id(witness, 4) + stamped)}")
    return checkpoint + "\n" + "".join(f"{line}\n" for line in lines)


@dataclass
class Logs:
    """Unit logs and the election's log as they grow."""

    units: dict[str, list[Entry]] = field(default_factory=lambda: {"North": [], "South": []})
    heads: list[Entry] = field(default_factory=list)
    notes: dict[str, str] = field(default_factory=dict)
    top: str = ""

    def leaves(self, unit: str) -> list[bytes]:
        return [leaf(leaf_data(unit, entry)) for entry in (self.units[unit] if unit else self.heads)]

    def publish(self, unit: str, closing: bool = False) -> None:
        leaves = self.leaves(unit)
        sizes = [entry["size"] for _, entry in self.heads if entry["unit"] == unit]
        extends = proof(max(sizes), leaves) if sizes else []
        self.notes[unit] = head(origin(unit), leaves)
        parts = {"unit": unit, "size": len(leaves), "root": mth(leaves), "proof": list(extends)}
        self.heads.append(("unit-head", {**parts, "closing": closing}))

    def witness(self, time: int, witnesses: Sequence[str] = WITNESSES) -> Logs:
        self.top = head(LOG, self.leaves(""), witnesses, time)
        return self

    def close(self) -> Logs:
        for unit in self.units:
            ends = [("closing", {"phase": phase, "time": moment(CLOSES)}) for phase in (1, 2)]
            self.units[unit] += ends
            self.publish(unit, closing=True)
        return self.witness(PUBLISHED)


A, B, C = Vote("a", 0), Vote("b", 1), Vote("c", 2, challenged=True)
A2, S, ABSENT = Vote("a2", 0, A.hash), Vote("s", 3), Vote("absent", 2)


def voting(second: Entry | None = None) -> Logs:
    logs = Logs()
    logs.units["South"] += [S.entry(), verdict(S)]
    logs.publish("South")
    logs.units["North"] += [A.entry(), second or verdict(A), B.entry(), verdict(B, "6.D")]
    logs.publish("North")
    logs.units["North"] += [C.entry(), verdict(C), A2.entry(), verdict(A2)]
    logs.publish("North")
    return logs.witness(DUE - 60)


VOTING, CLOSED, OTHER = voting(), voting().close(), voting(verdict(S)).close()
BROKEN = voting()
BROKEN.units["North"].append(A.entry())
BROKEN.close()


# --- receipts ----------------------------------------------------------------------------------------


def admission(vote: Vote, time: int = VOTED, deadline: int | None = None) -> dict[str, Any]:
    due = min(time, CLOSES) + DELAY if deadline is None else deadline
    where = origin(vote.unit)
    data = leaf_data(vote.unit, vote.entry())
    parts = {"format": 1, "fingerprint": H_E, "origin": where, "leaf": data}
    return {**parts, "time": moment(time), "deadline": moment(due)}


def signature(promise: dict[str, Any], unit: str = "North") -> bytes:
    """Over role, H_E, origin and the promise in MessagePack."""
    message = msgpack.packb(promise, use_bin_type=True)
    signed = [b"evote/v1/signature", b"receipt", promise["fingerprint"], promise["origin"].encode(), message]
    pieces = [number(len(part), 4) + part for part in signed]
    return sign(origin(unit), pieces[0] + number(4, 4) + b"".join(pieces[1:]))


def log_proof(leaves: Sequence[bytes], index: int, note: str) -> str:
    return "\n".join(["c2sp.org/tlog-proof@v1", f"index {index}", *map(b64, path(index, leaves)), "", note])


def receipt(
    vote: Vote,
    logs: Logs | None = None,
    *,
    time: int = VOTED,
    deadline: int | None = None,
    promise: bool = True,
) -> str:
    lines = [
        "evote receipt v1",
        f"election {H_E.hex()}",
        f"unit {vote.unit}",
        "style plain",
        f"decision {'challenge' if vote.challenged else 'cast'}",
        f"voter {vote.voter.hex()}",
        f"ballot {vote.hash.hex()}",
        f"previous {vote.previous.hex()}",
    ]
    if promise:
        made = admission(vote, time, deadline)
        signed = b64(signature(made, vote.unit))
        lines += [f"admitted {made['time']}", f"deadline {made['deadline']}", f"signature {signed}"]
    if logs is None:
        return "\n".join([*lines, ""])
    index = logs.units[vote.unit].index(vote.entry())
    place = max(at for at, (_, entry) in enumerate(logs.heads) if entry["unit"] == vote.unit)
    last = logs.heads[place][1]
    hashed = tagged("evote/v1/consistency", *last["proof"])
    lines += [f"consistency {hashed.hex()}", f"closing {'yes' if last['closing'] else 'no'}"]
    first = log_proof(logs.leaves(vote.unit), index, logs.notes[vote.unit])
    return "\n".join([*lines, "", first, log_proof(logs.leaves(""), place, logs.top)])


def compact(vote: Vote, logs: Logs | None = None) -> bytes:
    """The promise, and the proof where there are logs."""
    made = admission(vote)
    kind = vote.challenged + 2
    tail = b""
    if logs is not None:
        index = logs.units[vote.unit].index(vote.entry())
        place = max(at for at, (_, entry) in enumerate(logs.heads) if entry["unit"] == vote.unit)
        last = logs.heads[place][1]
        kind += 4 + 8 * last["closing"]
        tail = tagged("evote/v1/consistency", *last["proof"])
        for leaves, at, note in (
            (logs.leaves(vote.unit), index, logs.notes[vote.unit]),
            (logs.leaves(""), place, logs.top),
        ):
            log, *witnesses = (
                base64.b64decode(line.split()[-1]) for line in note.splitlines() if line.startswith("—")
            )
            body = number(at, 8) + number(len(leaves), 8) + mth(leaves) + b"".join(path(at, leaves))
            packed = b"\x01" + body + log + b"".join(sorted(witnesses))
            tail += number(len(packed), 2) + packed
    units = ("North", "South")
    return b"".join(
        (
            b"EVR1" + bytes((kind,)) + H_E,
            number(units.index(vote.unit) + 1, 4) + number(1, 4),
            vote.voter + vote.hash + vote.previous,
            number(VOTED, 8) + number(DUE, 8) + signature(made, vote.unit),
            tail,
        )
    )


def letters(data: bytes) -> str:
    out = "EVR1:"
    for at in range(0, len(data), 2):
        pair = data[at : at + 2]
        value = int.from_bytes(pair, "big")
        digits = [value % 45, value // 45 % 45, value // 2025]
        out += "".join(BASE45[digit] for digit in digits[: len(pair) + 1])
    return out


# --- cases -------------------------------------------------------------------------------------------


def _hex(data: bytes) -> str:
    return data.hex().upper()


def _case(name: str, comment: str, given: Case, expect: Any, base: str = "", *flags: str) -> Case:
    made = {"id": name, "comment": comment, "flags": ["evote extension", *flags], "input": given}
    return {**made, "expect": expect} | ({"base_id": base} if base else {})


def _log(logs: Logs, unit: str = "North") -> dict[str, Any]:
    def listed(entries: Sequence[Entry]) -> list[dict[str, str]]:
        return [
            {"kind": kind, "body": _hex(msgpack.packb(parts, use_bin_type=True))} for kind, parts in entries
        ]

    heads = {"head": logs.notes[unit], "checkpoint": logs.top}
    return {"entries": listed(logs.units[unit]), "election": listed(logs.heads), **heads}


def _leaves() -> dict[str, Any]:
    cases = []
    for vote, comment in ((A, "a first vote"), (A2, "a revote"), (C, "a challenge"), (S, "another unit")):
        given = {
            "origin": origin(vote.unit),
            "unit": vote.unit,
            "style": "plain",
            "challenged": vote.challenged,
            "voter": _hex(vote.voter),
            "ballot": _hex(vote.hash),
            "previous": _hex(vote.previous),
        }
        expect = _hex(leaf_data(vote.unit, vote.entry()))
        cases.append(_case(f"leaf-{vote.name}", comment, given, expect))
    return {"params": {"kind": "leaf", "fingerprint": _hex(H_E)}, "cases": cases}


def _found(word: str, vote: Vote | None = None, index: int | None = None, **more: Any) -> dict[str, Any]:
    data = None if vote is None else _hex(leaf_data(vote.unit, vote.entry()))
    found = {"verdict": word, "leaf": data, "index": index, "final": False, "due": None, "witnessed": None}
    return {**found, "superseded_by": None, "check": "", **more}


def _checks() -> dict[str, Any]:
    due, seen, shown = moment(DUE), moment(PUBLISHED), {"due": moment(DUE), "witnessed": moment(PUBLISHED)}
    cases: list[Case] = []

    def add(
        name: str,
        comment: str,
        made: str,
        expect: dict[str, Any],
        *,
        at: int | None = CLOSES,
        checkpoints: Sequence[str] = (),
        log: Logs | None = None,
        base: str = "",
    ) -> None:
        given = {
            "receipt": made,
            "at": None if at is None else moment(at),
            "checkpoints": list(checkpoints),
            "log": None if log is None else _log(log),
        }
        cases.append(_case(f"check-{name}", comment, given, expect, base and f"check-{base}"))

    final = receipt(A, CLOSED)
    logged = _found("LOGGED", A, 0, final=True, **shown)
    add("logged", "both proofs, counting not checked", final, logged)
    during = _found("LOGGED", A, 0, due=due, witnessed=moment(DUE - 60))
    add("logged-voting", "both proofs, before the end", receipt(A, VOTING), during)
    bare = receipt(A, CLOSED, promise=False)
    add("logged-bare", "without the promise", bare, {**logged, "due": None}, base="logged")
    for vote, index, word, more in (
        (A, 0, "SUPERSEDED", {"superseded_by": 6}),
        (A2, 6, "COUNTED", {}),
        (B, 2, "REJECTED", {"check": "6.D"}),
        (C, 4, "CHALLENGED", {}),
    ):
        found = _found(word, vote, index, final=True, **shown, **more)
        add(word.lower(), f"the closed log says {word}", receipt(vote, CLOSED), found, log=CLOSED)
        add(f"{word.lower()}-promise", "the promise alone, and the log", receipt(vote), found, log=CLOSED)
    early = _found("NOT YET DUE", A, due=due)
    add("due", "the last second", receipt(A), early, at=DUE)
    add(
        "broken", "a second later", receipt(A), {**early, "verdict": "BROKEN PROMISE"}, at=DUE + 1, base="due"
    )
    add("no-clock", "no time is known", receipt(A), early, at=None)
    late = head(LOG, VOTING.leaves(""), WITNESSES[:2], DUE + 1)
    broken = _found("BROKEN PROMISE", A, due=due, witnessed=moment(DUE + 1))
    add("witnesses-say", "two of three witnesses say so", receipt(A), broken, at=None, checkpoints=[late])
    lone = head(LOG, VOTING.leaves(""), WITNESSES[:1], DUE + 1)
    add(
        "one-witness",
        "one of three is no quorum",
        receipt(A),
        early,
        at=None,
        checkpoints=[lone],
        base="no-clock",
    )
    long = receipt(A, deadline=DUE + 1)
    add("too-long", "longer than the merge delay", long, {**early, "verdict": "BROKEN PROMISE"}, at=VOTED)
    absent = _found("NOT INCLUDED", ABSENT, final=True, **shown)
    add("not-included", "the closed log lacks it", receipt(ABSENT), absent, at=VOTED, log=CLOSED)
    split = _found("SPLIT VIEW", A, due=due, witnessed=seen)
    add("split-checkpoint", "another head of the size", final, split, checkpoints=[OTHER.top], base="logged")
    add(
        "split-unit",
        "the same for the unit's log",
        final,
        split,
        checkpoints=[OTHER.notes["North"]],
        base="logged",
    )
    add("split-log", "another history", receipt(A, VOTING), split, log=OTHER, base="logged-voting")
    invalid = _found("INVALID", A, 0, final=True, **shown)
    add("invalid", "a ballot stands on the log twice", receipt(A, BROKEN), invalid, log=BROKEN)
    lines = final.split("\n")
    other = receipt(B, CLOSED).split("\n")
    few = receipt(A, voting().close().witness(PUBLISHED, WITNESSES[:1]))
    for name, comment, changed in (
        ("voter", "another voter", [*lines[:5], other[5], *lines[6:]]),
        ("ballot", "another ballot", [*lines[:6], other[6], *lines[7:]]),
        ("previous", "another previous ballot", [*lines[:7], f"previous {A.hash.hex()}", *lines[8:]]),
        ("deadline", "another deadline", [*lines[:9], f"deadline {moment(DUE - 1)}", *lines[10:]]),
        ("signature", "the signature of another receipt", [*lines[:10], other[10], *lines[11:]]),
        ("consistency", "another consistency proof", [*lines[:11], f"consistency {'00' * 32}", *lines[12:]]),
        ("closing", "not said to be the end", [*lines[:12], "closing no", *lines[13:]]),
        ("index", "the next place", final.replace("index 0", "index 1").split("\n")),
        ("few-witnesses", "one witness of three", few.split("\n")),
    ):
        vote = {"voter": None, "ballot": None, "previous": None}.get(name, A)
        data = None if vote is None else _hex(leaf_data(A.unit, A.entry()))
        if vote is None:
            parts = dict(A.entry()[1])
            parts["pseudonym" if name == "voter" else name] = bytes.fromhex(
                changed[{"voter": 5, "ballot": 6, "previous": 7}[name]].split()[1]
            )
            data = _hex(leaf_data(A.unit, ("cast", parts)))
        add(f"forged-{name}", comment, "\n".join(changed), {**_found("FORGED"), "leaf": data}, base="logged")
    params = {
        "kind": "check",
        "manifest": ELECTORATE.manifest.raw.decode(),
        "fingerprint": _hex(H_E),
        "roll": [_hex(frame) for frame in ELECTORATE.frames],
    }
    return {"params": params, "cases": cases}


def _compact() -> dict[str, Any]:
    cases = []
    for vote, logs, comment in (
        (A, None, "a promise"),
        (C, None, "of a challenge"),
        (A2, CLOSED, "the whole"),
    ):
        packed = compact(vote, logs)
        expect = {"compact": _hex(packed), "letters": letters(packed)}
        name = f"compact-{vote.name}{'' if logs is None else '-final'}"
        cases.append(_case(name, comment, {"receipt": receipt(vote, logs)}, expect))
    whole = receipt(A, CLOSED)
    short = "wrong length"
    for name, comment, changed, flag in (
        ("cut", "without its last newline", receipt(A)[:-1], short),
        ("more", "a newline more", receipt(A) + "\n", short),
        (
            "capitals",
            "a hash in capitals",
            receipt(A).replace(A.hash.hex(), A.hash.hex().upper()),
            "non-canonical encoding",
        ),
        ("one-proof", "one proof of two", whole[: whole.rindex("\nc2sp")], short),
        (
            "order",
            "two lines swapped",
            receipt(A).replace("unit North\nstyle plain", "style plain\nunit North"),
            "swapped",
        ),
        ("nothing", "neither promise nor proof", receipt(A, promise=False), short),
    ):
        cases.append(_case(f"text-{name}", comment, {"receipt": changed}, "decode", "compact-a", flag))
    params = {
        "kind": "form",
        "manifest": ELECTORATE.manifest.raw.decode(),
        "fingerprint": _hex(H_E),
    }
    return {"params": params, "cases": cases}


def _answers() -> dict[str, Any]:
    cases: list[Case] = []

    def add(name: str, comment: str, answer: dict[str, Any], signed: bytes, now: int = VOTED) -> None:
        packed = _hex(msgpack.packb({"admission": answer, "signature": signed}, use_bin_type=True))
        given = {"own": receipt(A), "answer": packed, "now": moment(now)}
        good = not cases
        made = _case(
            f"answer-{name}", comment, given, "accept" if good else "verify", "" if good else "answer-good"
        )
        cases.append(made)

    good = admission(A)
    add("good", "the promise of this ballot", good, signature(good))
    other = admission(B)
    add("other-ballot", "the receipt of another ballot", other, signature(other))
    south = {**good, "origin": origin("South")}
    add("other-unit", "of another unit's log", south, signature(south, "South"))
    foreign = {**good, "fingerprint": ZERO}
    add("other-election", "of another election", foreign, signature(foreign))
    add("other-key", "signed by another log", good, signature(good, "South"))
    late = admission(A, deadline=DUE + 1)
    add("late", "a second more than the merge delay", late, signature(late))
    end = admission(A, CLOSES + 1, CLOSES + DELAY + 1)
    add("after-end", "more than the merge delay after the end", end, signature(end), CLOSES + 1)
    ahead = admission(A, VOTED + 601)
    add("ahead", "the box's clock is 601 seconds ahead", ahead, signature(ahead))
    params = {"kind": "answer", "manifest": ELECTORATE.manifest.raw.decode(), "fingerprint": _hex(H_E)}
    return {"params": params, "cases": cases}


def document() -> dict[str, Any]:
    """The file."""
    return {
        "schema": SCHEMA,
        "source": "tests/board/receipt_vectors.py",
        "spec": f"ElectionGuard Design Specification {VERSION}, beside it: receipts (specs/receipts.md)",
        "notes": [
            "specs/receipts.md says what is checked, in which order. The manifest and the roll are those "
            "of a seeded election on a toy group; the ballots are hashes that nobody encrypted.",
            "check: `receipt` is the text of a receipt; `at` is now, or null where only witnesses are "
            "believed; `log` has the entries of the log of North, those of the election's log, and both "
            "heads. What comes out are the verdict and the facts beside it.",
            "form: the receipt as compact bytes and as the letters of a printed code.",
            "answer: `own` is the ballot of the device, as its receipt would say it; `answer` is what "
            "the box sent, in MessagePack.",
        ],
        "groups": [_leaves(), _checks(), _compact(), _answers()],
    }


def write() -> None:
    """Writes the file."""
    (FOLDER / NAME).write_text(text(document()), encoding="utf-8")


if __name__ == "__main__":
    write()
