"""What the checks of one verification share, and the parsing of proofs that all of them need.

Rules: what the verifier computed stands here, not what the record states, so that a wrong value fails the
check that speaks of it and the rest goes on with the right one; what could not be had is None, and the
checks that need it say so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from evote.elgamal import PublicKey
from evote.errors import DecodeError
from evote.groups import Claimed, Element, Group, MembershipError, Scalar
from evote.hashing import sha256
from evote.interop.contract import Request
from evote.interop.electionguard2.checks import later_than
from evote.interop.electionguard2.layout import Layout
from evote.interop.electionguard2.profile import Profile
from evote.interop.electionguard2.read_ballots import BallotReader
from evote.interop.electionguard2.read_results import ResultReader
from evote.interop.electionguard2.read_setup import SetupReader
from evote.interop.electionguard2.values import Config, Initialized, Manifest, Proof
from evote.record.folder import Folder
from evote.report import ReportBuilder

T = TypeVar("T")

CHALLENGE_BYTES = 32


@dataclass(frozen=True, slots=True)
class Keys:
    """What every ballot and every decryption is checked with: K and H_E, as computed."""

    profile: Profile
    manifest: Manifest
    public: PublicKey
    encoded: bytes
    extended: bytes

    @property
    def group(self) -> Group:
        return self.profile.group


class Reader(SetupReader, BallotReader, ResultReader):
    """Reads every file of a record whose layout is known."""

    __slots__ = ()


@dataclass(slots=True)
class Run:
    """One verification of one record, while it runs."""

    folder: Folder
    report: ReportBuilder
    request: Request
    digests: list[bytes] = field(default_factory=list)
    """Names and SHA-256 of the files that were read, in the order of reading."""

    layout: Layout | None = None
    profile: Profile | None = None
    config: Config | None = None
    initialized: Initialized | None = None
    manifest: Manifest | None = None
    manifest_raw: bytes | None = None
    parameter_hash: bytes | None = None
    base_hash: bytes | None = None
    keys: Keys | None = None

    @property
    def reader(self) -> Reader:
        """The reader of the record's layout, which is known from here on."""
        if self.layout is None:
            raise ValueError("the layout is not known")
        return Reader(self.layout)

    def tell(self, what: str, done: int, total: int = 0) -> None:
        """Report progress, if anybody listens."""
        if self.request.progress is not None:
            self.request.progress(what, done, total)

    def skip(self, identifiers: Iterable[str], reason: str) -> None:
        """Something that these checks need could not be had; those of a later stage are passed over."""
        later = later_than(self.request.stage)
        self.report.skip([each for each in identifiers if each not in later], reason)

    def names_election(self, election: bytes, where: str) -> None:
        """F.2: a file states the extended base hash of the election that it belongs to."""
        if self.keys is not None:
            self.report.compare(
                "F.2", where, "it belongs to another election", expected=self.keys.extended, computed=election
            )


# --- proofs ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Letters:
    """The checks that speak of a proof: range of challenges (None where none does) and of responses."""

    challenge: str | None
    response: str


def scalars(run: Run, group: Group, proof: Proof, letters: Letters, where: str) -> tuple[Scalar, Scalar]:
    """Challenge and response of a proof; one out of range is a finding, and goes on modulo q."""
    report = run.report
    if letters.challenge is not None:
        report.count(letters.challenge)
        if len(proof.challenge) != CHALLENGE_BYTES:
            report.fail(letters.challenge, where, f"a challenge has 32 bytes, not {len(proof.challenge)}")
    report.count(letters.response)
    response = int.from_bytes(proof.response, "big")
    if len(proof.response) != CHALLENGE_BYTES or response >= group.order:
        report.fail(letters.response, where, "the response is not a number below q in 32 bytes")
    return group.scalar(int.from_bytes(proof.challenge, "big")), group.scalar(response)


def claimed(run: Run, group: Group, data: bytes, check: str, where: str) -> Claimed | None:
    """A value whose form is that of an element; None, with a finding of ``check``, if it is not."""
    try:
        return group.claim(data)
    except DecodeError as error:
        run.report.fail(check, where, error.message)
        return None


def member(run: Run, value: Claimed, check: str, where: str) -> Element | None:
    """The value as an element; None, with a finding of ``check``, if it is outside the subgroup."""
    if isinstance(value, Element):
        return value
    try:
        return value.group.powers_of_claimed(value, ())[1]
    except MembershipError as error:
        run.report.fail(check, where, error.message)
        return None


def parsed(run: Run, name: str, limit: int, read: Callable[[bytes], T]) -> tuple[bytes, T] | None:
    """The bytes of a file and its value; None, with a finding of F.1, if it cannot be had."""
    run.report.count("F.1")
    if not run.folder.exists(name):
        run.report.fail("F.1", name, "the file is missing")
        return None
    try:
        raw = run.folder.read(name, limit)
        run.digests += [name.encode("utf-8", "surrogateescape"), sha256(raw)]
        return raw, read(raw)
    except DecodeError as error:
        where = f"{name}: {error.where}" if error.where and error.where != name else name
        run.report.fail("F.1", where, error.message)
        return None


def twice(labels: Sequence[str]) -> list[str]:
    """The labels that occur more than once, each once."""
    seen: set[str] = set()
    found: dict[str, None] = {}
    for label in labels:
        if label in seen:
            found[label] = None
        seen.add(label)
    return list(found)
