"""The receipt in few bytes, and as letters for a printed code.

The reader has the manifest, so names and origins are left out; what a compact proof leaves out, stands in
:mod:`evote.board.proof`. Numbers are big-endian::

    "EVR1" || kind (1 byte) || H_E (32 bytes) || number of the unit (4 bytes) || of the style (4 bytes)
           || voter (32 bytes) || ballot hash (32 bytes) || previous (32 bytes)
           || [ time (8 bytes) || deadline (8 bytes) || signature (64 bytes) ]
           || [ consistency hash (32 bytes) || length (2 bytes) || compact proof of the leaf
              || length (2 bytes) || compact proof of the unit's head ]

``kind`` is the sum of 1 for a challenge, 2 for a promise, 4 for a proof, 8 if the proof is that of the
closing head. Units count from 1 in the order of the manifest, styles by their index.

In a QR code the bytes are written in base 45 (RFC 9285) behind ``EVR1:``, whose letters such a code packs
densely and every reader gives back unchanged.

Rules: one receipt has one form; the form of a promise has 221 bytes, whatever was voted, cast or
challenged, the first time or again.
"""

from __future__ import annotations

from typing import Final

from evote.board.note import NoteKey
from evote.board.proof import LogProof
from evote.board.receipt import MAX_RECEIPT_BYTES, Ballot, Inclusion, Promise, Receipt
from evote.board.receipt_setting import ReceiptSetting
from evote.errors import DecodeError
from evote.hashing import DIGEST_BYTES
from evote.manifest.moments import moment_of, seconds_of
from evote.signing import SIGNATURE_BYTES

MAGIC: Final = b"EVR1"
PREFIX: Final = "EVR1:"
"""Starts the letters of a printed code."""

CHALLENGED, PROMISED, PROVEN, CLOSING = 1, 2, 4, 8

_DIGITS: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"


def pack(setting: ReceiptSetting, receipt: Receipt) -> bytes:
    """The compact form.

    Raises ``ValueError`` for a receipt of another election or unit, and for what has no compact form, and
    :class:`~evote.errors.VerificationError` for signatures in its proofs that are not those of the keys.
    """
    ballot, promise, inclusion = receipt.ballot, receipt.promise, receipt.inclusion
    kind = CHALLENGED * ballot.challenged + PROMISED * (promise is not None)
    if inclusion is not None:
        kind += PROVEN + CLOSING * inclusion.closing
    parts = [
        MAGIC,
        bytes((kind,)),
        receipt.fingerprint,
        setting.unit_number(ballot.unit).to_bytes(4, "big"),
        setting.manifest.style(ballot.style).index.to_bytes(4, "big"),
        ballot.voter,
        ballot.ballot,
        ballot.previous,
    ]
    if promise is not None:
        parts += [seconds_of(moment).to_bytes(8, "big") for moment in (promise.time, promise.deadline)]
        parts.append(promise.signature)
    if inclusion is not None:
        parts.append(inclusion.consistency)
        parts.append(_sized(inclusion.leaf.pack(setting.unit_log(ballot.unit))))
        parts.append(_sized(inclusion.head.pack(setting.log, setting.policy.keys)))
    return b"".join(parts)


def unpack(setting: ReceiptSetting, data: bytes) -> Receipt:
    """The receipt of a compact form; :class:`DecodeError` for anything else than the one form."""
    source = _Bytes(data)
    if source.take(len(MAGIC), "form") != MAGIC:
        raise DecodeError("this is no compact receipt of a known form", "form")
    (kind,) = source.take(1, "kind")
    if kind > 15 or (kind & CLOSING and not kind & PROVEN):
        raise DecodeError(f"there is no kind {kind} of receipt", "kind")
    fingerprint = source.take(DIGEST_BYTES, "election")
    units, styles = setting.manifest.ballot_units(), setting.manifest.styles
    unit = units[source.number(4, "unit", 1, len(units)) - 1].path
    style = styles[source.number(4, "style", 1, len(styles)) - 1].label
    voter, ballot, previous = (source.take(DIGEST_BYTES, name) for name in ("voter", "ballot", "previous"))
    try:
        made = Ballot(unit, style, bool(kind & CHALLENGED), voter, ballot, previous)
        promise = _promise(source) if kind & PROMISED else None
        inclusion = None
        if kind & PROVEN:
            keys = setting.unit_log(unit), setting.log
            inclusion = _inclusion(source, bool(kind & CLOSING), *keys, setting.policy.keys)
        source.end()
        return Receipt(fingerprint, made, promise, inclusion)
    except ValueError as error:
        raise DecodeError(str(error), "receipt") from None


def letters(data: bytes) -> str:
    """A compact form as it stands in a QR code: ``EVR1:`` and base 45 (RFC 9285)."""
    out = [PREFIX]
    for at in range(0, len(data), 2):
        pair = data[at : at + 2]
        number = int.from_bytes(pair, "big")
        for _ in range(len(pair) + 1):
            number, digit = divmod(number, 45)
            out.append(_DIGITS[digit])
    return "".join(out)


def read_letters(text: str) -> bytes:
    """The bytes that :func:`letters` wrote so; :class:`DecodeError` for anything else."""
    if not text.startswith(PREFIX):
        raise DecodeError(f"a printed receipt starts with {PREFIX}", "receipt")
    digits = text.removeprefix(PREFIX)
    if len(digits) > MAX_RECEIPT_BYTES or len(digits) % 3 == 1:
        raise DecodeError("letters are missing, or there are too many", "receipt")
    out = bytearray()
    for at in range(0, len(digits), 3):
        group = digits[at : at + 3]
        number = 0
        for letter in reversed(group):
            value = _DIGITS.find(letter)
            if value < 0:
                raise DecodeError(f"the letter {letter!r} has no place in a printed receipt", "receipt")
            number = 45 * number + value
        size = len(group) - 1
        if number >= 256**size:
            raise DecodeError("these letters stand for no bytes", "receipt")
        out += number.to_bytes(size, "big")
    return bytes(out)


def _sized(proof: bytes) -> bytes:
    if len(proof) > MAX_RECEIPT_BYTES - 1:
        raise ValueError("the proof is too long for a compact receipt")
    return len(proof).to_bytes(2, "big") + proof


def _promise(source: _Bytes) -> Promise:
    time, deadline = (moment_of(source.number(8, name)) for name in ("admitted", "deadline"))
    return Promise(time, deadline, source.take(SIGNATURE_BYTES, "signature"))


def _inclusion(
    source: _Bytes, closing: bool, unit: NoteKey, log: NoteKey, witnesses: tuple[NoteKey, ...]
) -> Inclusion:
    consistency = source.take(DIGEST_BYTES, "consistency")
    leaf = LogProof.unpack(source.take(source.number(2, "proof"), "proof"), unit)
    head = LogProof.unpack(source.take(source.number(2, "proof"), "proof"), log, witnesses)
    return Inclusion(leaf, consistency, closing, head)


class _Bytes:
    """Compact bytes, read from the front."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def take(self, size: int, where: str) -> bytes:
        taken = self._data[self._at : self._at + size]
        if len(taken) < size:
            raise DecodeError("the receipt ends too early", where)
        self._at += size
        return taken

    def number(self, size: int, where: str, low: int = 0, high: int | None = None) -> int:
        value = int.from_bytes(self.take(size, where), "big")
        if value < low or (high is not None and value > high):
            raise DecodeError(f"{value} is not the number of a {where}", where)
        return value

    def end(self) -> None:
        if self._at != len(self._data):
            raise DecodeError("something follows the receipt", "receipt")
