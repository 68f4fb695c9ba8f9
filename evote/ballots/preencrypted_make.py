"""The ballot encrypting tool: ballots for printing, encrypted before anybody chooses (section 4.2).

A :class:`Sheet` has what is printed (short codes by option, confirmation code) and what the recording
device needs later (context and ballot nonce). Rules: id_B, its random bytes and the ballot nonce are drawn
here (A63); the context names unit and style, and explicitly nobody; a ballot on which two vectors of a
contest have one short code is thrown away before its code enters the chain of the tool.
"""

from __future__ import annotations

from dataclasses import dataclass

from evote.ballots import hashes
from evote.ballots import preencrypted_hashes as pre_hashes
from evote.ballots.device import Device
from evote.ballots.encrypt import Encryptor
from evote.ballots.preencrypted_vectors import ContestVectors, derive
from evote.ballots.values import ContextOpening, EncryptedBallot, EncryptedContest
from evote.errors import RefusedError
from evote.hashing import tagged
from evote.randomness import SYSTEM, Randomness
from evote.secret import Secret

MAX_DRAWS = 1000
"""How often a ballot is made again because of its short codes."""


@dataclass(frozen=True, slots=True)
class PrintedRow:
    """One line beside a box: the option's label, None for a null vote, and the short code."""

    option: str | None
    short_code: str


@dataclass(frozen=True, slots=True)
class PrintedContest:
    """One question as printed."""

    contest: str
    rows: tuple[PrintedRow, ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """A pre-encrypted ballot that nobody has marked yet.

    ``ballot`` is what is published of it if it stays uncast: its contests have hashes and no selections.
    ``printed`` links short codes to options and is as confidential as a marked ballot.
    """

    ballot: EncryptedBallot
    context: ContextOpening
    nonce: Secret[bytes]
    printed: tuple[PrintedContest, ...]

    @property
    def code(self) -> str:
        """The confirmation code, as 64 hexadecimal digits."""
        return self.ballot.confirmation_code.hex().upper()


def make_sheet(device: Device, unit: str, style: str) -> Sheet:
    """Make one ballot on an encrypting tool, whose chain moves on by one.

    Raises ``ValueError`` for a device that is no declared tool, an unknown unit or one without the style,
    a style that is not pre-encrypted, and :class:`RefusedError` if no ballot with different short codes
    is found, or the tool is closed.
    """
    return _make_sheet(device, unit, style, SYSTEM)


def _make_sheet(device: Device, unit: str, style: str, rng: Randomness) -> Sheet:
    election, manifest = device.election, device.election.manifest
    if not manifest.pre_encrypts(device.information):
        raise ValueError(f"{device.information!r} is no tool that pre-encrypts ballots of this election")
    if not manifest.takes_ballots(unit) or style not in manifest.unit(unit).styles:
        raise ValueError(f"unit {unit!r} has no ballot style {style!r}")
    for _ in range(MAX_DRAWS):
        context = ContextOpening(None, rng.token(32))
        identifier = hashes.context_identifier(election.extended_hash, unit, style, None, context.randomness)
        key = hashes.identifier_hash(election.extended_hash, identifier)
        nonce = Secret(tagged("evote/v1/ballot-nonce", rng.token(32), device.secret.reveal(), identifier))
        contests = derive(election, style, key, nonce)
        if not any(contest.collides for contest in contests):
            break
    else:
        raise RefusedError(f"no ballot with different short codes in {MAX_DRAWS} draws; choose longer codes")
    sealed, _ = Encryptor(election, key, nonce, rng).ballot_nonce()
    hashed = [pre_hashes.contest_hash(key, each.contest.index, each.hashes) for each in contests]
    with device.lock:  # one ballot after the other takes its place in the chain
        field = device.next_field()
        code = pre_hashes.confirmation_code(key, hashed, field)
        ballot = EncryptedBallot(
            identifier,
            key,
            unit,
            style,
            manifest.style(style).weight,
            device.information,
            tuple(
                EncryptedContest(each.contest.index, (), (), None, contest_hash)
                for each, contest_hash in zip(contests, hashed, strict=True)
            ),
            sealed,
            field,
            code,
        )
        device.advance(code)
    return Sheet(ballot, context, nonce, tuple(_printed(contest) for contest in contests))


def _printed(contest: ContestVectors) -> PrintedContest:
    rows = tuple(PrintedRow(vector.option, vector.short_code) for vector in contest.vectors)
    return PrintedContest(contest.contest.label, rows)
