"""The receipt as a text: what a voter keeps in a file.

::

    evote receipt v1
    election <H_E>
    unit <path>
    style <label>
    decision cast | challenge
    voter <pseudonym, or its stand-in>
    ballot <ballot hash>
    previous <hash of the slot's ballot before, zeros for none>
    admitted <moment>                     the promise: all three lines or none
    deadline <moment>
    signature <base 64>
    consistency <hash>                    the proof: both lines and both parts below, or nothing of it
    closing yes | no

    <tlog-proof of the ballot's leaf in the unit's log>

    <tlog-proof of that head's leaf in the election's log>

Hashes are 64 lower-case hexadecimal digits; a line has one space, and whatever follows it is the value.
Rules: one receipt has one text; the length depends on unit and style, on the decision, and, with a
proof, on the place in the log, and on nothing else.
"""

from __future__ import annotations

from typing import Final

from evote.board.lines import decode64, encode64
from evote.board.proof import LogProof
from evote.board.receipt import MAX_RECEIPT_BYTES, Ballot, Inclusion, Promise, Receipt
from evote.errors import DecodeError
from evote.hashing import DIGEST_BYTES
from evote.signing import SIGNATURE_BYTES

HEADER: Final = "evote receipt v1"

_DECISIONS: Final = {"cast": False, "challenge": True}
_ANSWERS: Final = {"no": False, "yes": True}
_PROOF_BLOCKS: Final = 3
"""A proof is a path, the three lines of a checkpoint, and signatures, with an empty line between."""


def write_text(receipt: Receipt) -> bytes:
    """The text of a receipt. Raises ``ValueError`` for one that is longer than 64 kB."""
    ballot, promise, inclusion = receipt.ballot, receipt.promise, receipt.inclusion
    lines = [
        HEADER,
        f"election {receipt.fingerprint.hex()}",
        f"unit {ballot.unit}",
        f"style {ballot.style}",
        f"decision {_word(_DECISIONS, ballot.challenged)}",
        f"voter {ballot.voter.hex()}",
        f"ballot {ballot.ballot.hex()}",
        f"previous {ballot.previous.hex()}",
    ]
    if promise is not None:
        lines += [
            f"admitted {promise.time}",
            f"deadline {promise.deadline}",
            f"signature {encode64(promise.signature)}",
        ]
    if inclusion is not None:
        closing = _word(_ANSWERS, inclusion.closing)
        lines += [f"consistency {inclusion.consistency.hex()}", f"closing {closing}"]
    parts = ["\n".join(lines).encode("utf-8") + b"\n"]
    if inclusion is not None:
        parts += [inclusion.leaf.encode(), inclusion.head.encode()]
    text = b"\n".join(parts)
    if len(text) > MAX_RECEIPT_BYTES:
        raise ValueError(f"a receipt has at most {MAX_RECEIPT_BYTES} bytes")
    return text


def read_text(data: bytes) -> Receipt:
    """The receipt of a text; :class:`DecodeError` for anything else than its one form."""
    if len(data) > MAX_RECEIPT_BYTES:
        raise DecodeError(f"{len(data)} bytes are more than a receipt has", "receipt")
    try:
        head, *blocks = data.decode("utf-8").split("\n\n")
    except UnicodeDecodeError:
        raise DecodeError("a receipt is UTF-8 text", "receipt") from None
    proofs = ["\n\n".join(blocks[at : at + _PROOF_BLOCKS]) for at in range(0, len(blocks), _PROOF_BLOCKS)]
    if len(proofs) not in (0, 2):
        raise DecodeError("a receipt has two proofs or none", "receipt")
    if proofs:  # the newlines that splitting took away
        head, proofs[0] = f"{head}\n", f"{proofs[0]}\n"
    lines = _Lines(head)
    try:
        receipt = _receipt(lines, [proof.encode("utf-8") for proof in proofs])
    except ValueError as error:
        raise DecodeError(str(error), "receipt") from None
    if write_text(receipt) != data:
        raise DecodeError("this is not the one form of a receipt", "receipt")
    return receipt


def _receipt(lines: _Lines, proofs: list[bytes]) -> Receipt:
    fingerprint = lines.digest("election")
    ballot = Ballot(
        lines.text("unit"),
        lines.text("style"),
        lines.choice("decision", _DECISIONS),
        lines.digest("voter"),
        lines.digest("ballot"),
        lines.digest("previous"),
    )
    promise, inclusion = None, None
    if lines.next_is("admitted"):
        promise = Promise(
            lines.text("admitted"),
            lines.text("deadline"),
            decode64(lines.text("signature"), "signature", SIGNATURE_BYTES),
        )
    if proofs:
        consistency, closing = lines.digest("consistency"), lines.choice("closing", _ANSWERS)
        inclusion = Inclusion(LogProof.parse(proofs[0]), consistency, closing, LogProof.parse(proofs[1]))
    return Receipt(fingerprint, ballot, promise, inclusion)


class _Lines:
    """The lines of the head, read in their order."""

    def __init__(self, head: str) -> None:
        if not head.endswith("\n"):
            raise DecodeError("the last line does not end with a newline", "receipt")
        self._lines = head[:-1].split("\n")
        if self._lines.pop(0) != HEADER:
            raise DecodeError(f"a receipt starts with the line {HEADER!r}", "receipt")

    def next_is(self, name: str) -> bool:
        return bool(self._lines) and self._lines[0].startswith(f"{name} ")

    def text(self, name: str) -> str:
        if not self.next_is(name):
            raise DecodeError(f"the line {name!r} is absent or not in its place", "receipt")
        return self._lines.pop(0).removeprefix(f"{name} ")

    def digest(self, name: str) -> bytes:
        text = self.text(name)
        if len(text) != 2 * DIGEST_BYTES or not set(text) <= set("0123456789abcdef"):
            raise DecodeError("64 lower-case hexadecimal digits are wanted here", name)
        return bytes.fromhex(text)

    def choice(self, name: str, words: dict[str, bool]) -> bool:
        text = self.text(name)
        if text not in words:
            raise DecodeError(f"one of {', '.join(words)} is wanted here", name)
        return words[text]


def _word(words: dict[str, bool], wanted: bool) -> str:
    return next(word for word, value in words.items() if value is wanted)
