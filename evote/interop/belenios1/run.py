"""One verification of an archive: every file in its order, every check, one report.

The order of the work is that of the archive: container, chain, setup, ballots, tally, shuffles, shares,
result. At each file shape comes first, then decoding, then proofs. What could not be read makes the
checks that need it NOT_CHECKED, and never a success; an archive that ends before its result is
INCOMPLETE, unless no more was asked for.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from evote.elgamal import PublicKey
from evote.errors import DecodeError, VerificationError
from evote.groups import Element, MembershipError
from evote.hashing import sha256
from evote.interop.belenios1.archive import Archive
from evote.interop.belenios1.ballots import BallotBox
from evote.interop.belenios1.checks import CHECKS, FAMILIES, beyond, of_family
from evote.interop.belenios1.credentials import (
    Credentials,
    check_certificate,
    check_members,
    read_credentials,
)
from evote.interop.belenios1.decryption import Decryption
from evote.interop.belenios1.election import Description, Election, Kind, known_group, read_election
from evote.interop.belenios1.events import Chain, Step
from evote.interop.belenios1.events import Kind as Event
from evote.interop.belenios1.groups import named
from evote.interop.belenios1.result import Row, check_result, read_result
from evote.interop.belenios1.shuffles import check_shuffle, read_shuffle
from evote.interop.belenios1.summary import result_summary
from evote.interop.belenios1.tally import EncryptedTally, check_tally, final_rows, read_tally, sealed_rows
from evote.interop.belenios1.trustees import Item, check_trustees, read_trustees
from evote.interop.belenios1.values import Pair, Reader, member
from evote.interop.contract import Request
from evote.record.values import Stage
from evote.report import (
    Report,
    ReportBuilder,
    Status,
    Subject,
    Work,
    shown,
)

FORMAT_NAME: Final = "Belenios archive, protocol 1"

NOT_STANDARD: Final = "a group of Belenios, not the standard set of ElectionGuard 2.1"

Rows = tuple[tuple[tuple[Element, Element], ...], ...]


def verify(path: Path, request: Request) -> Report:
    """Check everything in the archive that protocol 1 lets one check.

    ``request.expect`` is the SHA-256 of the election, in hexadecimal digits. Raises
    :class:`~evote.errors.StorageError` where the machine cannot read; what is wrong with the archive is
    in the report.
    """
    return _Run(path, request).report_of_all()


class _Run:
    def __init__(self, path: Path, request: Request) -> None:
        self._path = path
        self._request = request
        self.report = ReportBuilder(CHECKS, format_name=FORMAT_NAME, families=FAMILIES)
        for name in ("ballots", "selections", "shares"):
            self.report.add(name, 0)
        self._description: Description | None = None
        self._election: Election | None = None
        self._items: tuple[Item, ...] | None = None
        self._keys: list[list[Element]] | None = None
        self._credentials: Credentials | None = None
        self._box: BallotBox | None = None
        self._tally: EncryptedTally | None = None
        self._shuffled: Sequence[Sequence[Pair]] | None = None
        self._unshuffled = False
        self._decryption: Decryption | None = None
        self._stated: list[Row] | None = None

    # --- the archive -----------------------------------------------------------------------------

    def report_of_all(self) -> Report:
        chain = Chain(self.report, self._step)
        with Archive(self._path) as archive:
            self.report.count("ARCHIVE.1")
            try:
                for entry in archive.entries():
                    self.report.count_all({"ARCHIVE.1": 1, "ARCHIVE.2": 1})
                    digest = sha256(entry.body).hex()
                    if digest != entry.digest:
                        message = "the file is not named after its bytes"
                        self.report.fail(
                            "ARCHIVE.2", entry.where, message, expected=entry.digest, computed=digest
                        )
                    chain.take(entry, digest)
                    if self._request.progress is not None:
                        self._request.progress("archive", archive.done, archive.size)
            except DecodeError as error:
                self.report.fail("ARCHIVE.1", error.where or "archive", str(error))
                archive.rest()
            chain.end()
            self._end(chain.last)
            self.report.subject = self._subject(archive.digest)
        return self.report.build()

    def _step(self, step: Step) -> None:
        where = f"event {step.height} ({step.kind.value})"
        if step.kind is Event.SETUP:
            self._setup(step)
        elif self._election is None:
            return  # ELECTION.1 or ELECTION.2 says why, and the end skips what follows
        elif step.kind is Event.BALLOT and self._box is not None:
            self._box.take(step.payload, step.hash, f"ballot {step.height}")
        elif step.kind is Event.ENCRYPTED_TALLY:
            self._encrypted_tally(step, self._election, where)
        elif step.kind is Event.SHUFFLE:
            self._shuffle(step, self._election, where)
        elif step.kind is Event.PARTIAL_DECRYPTION:
            self._share(step, self._election, where)
        elif step.kind is Event.RESULT:
            self._result(step, self._election, where)

    # --- the setup -------------------------------------------------------------------------------

    def _setup(self, step: Step) -> None:
        report = self.report
        raw = step.named["election"]
        report.count("ELECTION.1")
        try:
            description = read_election(raw, sha256(raw))
        except DecodeError as error:
            report.fail("ELECTION.1", "election", str(error))
            return
        self._description = description
        self._compare_fingerprint(description)
        election = self._group_and_key(description)
        if election is None:
            return
        self._election = election
        self._read_trustees(step.named["trustees"], election)
        self._read_credentials(step, election)
        self._box = BallotBox(election, self._credentials, report)

    def _compare_fingerprint(self, description: Description) -> None:
        expected = self._request.expect
        if expected is None:
            self.report.not_applicable("ELECTION.3", "no fingerprint is known from elsewhere")
            return
        self.report.compare(
            "ELECTION.3",
            "election",
            "the archive is of another election",
            expected=bytes.fromhex(expected),
            computed=description.digest,
        )

    def _group_and_key(self, description: Description) -> Election | None:
        report = self.report
        report.count("ELECTION.2")
        if not known_group(description.group):
            report.fail(
                "ELECTION.2",
                "group",
                "the group is not one of protocol 1",
                computed=shown(description.group, 40),
            )
            return None
        group = named(description.group)
        reader = Reader(group)
        try:
            key = member(group, reader.element(description.public_key))
        except DecodeError as error:
            report.fail("ELECTION.1", "public_key", error.message)
            return None
        except MembershipError as error:
            report.fail("ELECTION.2", "public_key", error.message)
            return None
        if key == group.identity:
            report.fail("ELECTION.2", "public_key", "the key is 1, under which nothing is secret")
        return Election(description, group, reader, PublicKey.of(key), str(description.public_key.value))

    def _read_trustees(self, raw: bytes, election: Election) -> None:
        self.report.count("TRUSTEES.1")
        try:
            self._items = read_trustees(raw, election.reader)
        except DecodeError as error:
            self.report.fail("TRUSTEES.1", f"trustees{error.where}", error.message)
            self.report.skip(of_family("TRUSTEES"), "the trustees could not be read")
            return
        self.report.add("trustees", sum(len(item.keys) for item in self._items))
        self._keys = check_trustees(election, self._items, self.report)

    def _read_credentials(self, step: Step, election: Election) -> None:
        report, raw = self.report, step.named["credentials"]
        report.count("CREDENTIALS.1")
        try:
            credentials, claimed = read_credentials(raw, election.reader)
        except DecodeError as error:
            report.fail("CREDENTIALS.1", f"credentials{error.where}", error.message)
            report.skip(of_family("CREDENTIALS"), "the credentials could not be read")
            return
        self._credentials = credentials
        report.add("credentials", len(claimed))
        check_members(election.group, credentials, claimed, report)
        certificate = step.named.get("credentials_certificate")
        check_certificate(election, certificate, sha256(raw).hex(), len(claimed), report)

    # --- the tally -------------------------------------------------------------------------------

    def _encrypted_tally(self, step: Step, election: Election, where: str) -> None:
        report = self.report
        report.count("TALLY.1")
        try:
            tally = read_tally(step.payload, step.named["encrypted_tally"], election)
        except DecodeError as error:
            report.fail("TALLY.1", where, str(error))
            return
        self._tally = tally
        if self._credentials is None or self._box is None:
            report.skip(("TALLY.2", "TALLY.3"), "the list of credentials is not known")
            return
        check_tally(election, tally, self._box, self._credentials, report)

    def _shuffle(self, step: Step, election: Election, where: str) -> None:
        report, tally = self.report, self._tally
        if tally is None:
            return
        before = self._shuffled if self._shuffled is not None else sealed_rows(election, tally)
        report.count("SHUFFLES.1")
        try:
            shuffle = read_shuffle(step.named["payload"], [len(row) for row in before], election.reader)
        except DecodeError as error:
            report.fail("SHUFFLES.1", where, str(error))
            self._unshuffled = True
            return
        rows = zip(before, shuffle.ciphertexts, shuffle.proofs, strict=True)
        for number, (old, new, proof) in enumerate(rows, start=1):
            report.count("SHUFFLES.2")
            try:
                check_shuffle(election, old, new, proof)
            except VerificationError as error:
                report.fail("SHUFFLES.2", f"{where}, question {number}", error.message)
        report.add("shuffles")
        self._shuffled = shuffle.ciphertexts

    # --- decryption and result -------------------------------------------------------------------

    def _open_decryption(self, election: Election) -> Decryption | None:
        """What collects the shares, once the tally is known to consist of members."""
        if self._decryption is not None or self._tally is None or self._items is None or self._keys is None:
            return self._decryption
        if self._unshuffled:
            return None
        rows = []
        try:
            for row in final_rows(election, self._tally, self._shuffled):
                rows.append([(member(election.group, p.alpha), member(election.group, p.beta)) for p in row])
        except MembershipError as error:
            self.report.fail("TALLY.1", "encrypted tally", error.message)
            self._tally = None
            return None
        self._decryption = Decryption(election, self._items, self._keys, rows, self.report)
        return self._decryption

    def _share(self, step: Step, election: Election, where: str) -> None:
        decryption = self._open_decryption(election)
        if decryption is not None:
            decryption.take(step.payload, step.named["payload"], where)

    def _result(self, step: Step, election: Election, where: str) -> None:
        report, decryption = self.report, self._open_decryption(election)
        if decryption is None:
            return
        report.count("RESULT.1")
        try:
            self._stated = read_result(step.payload, election, decryption.rows)
        except DecodeError as error:
            report.fail("RESULT.1", where, str(error))
        factors = decryption.combined()
        if factors is None or self._stated is None:
            reason = "the result" if self._stated is None else "enough valid partial decryptions"
            report.skip(("RESULT.2", "RESULT.3"), f"{reason} could not be read")
            return
        check_result(election, self._stated, decryption.rows, factors, report)

    # --- the end ---------------------------------------------------------------------------------

    def _end(self, last: Event | None) -> None:
        """What was not looked at, and why."""
        report, asked = self.report, self._request.stage
        if asked is not Stage.FINAL:
            report.not_applicable(beyond(asked), f"this was checked as far as stage {asked.value!r} only")
        if self._election is None:
            setup = ("ELECTION.2", "ELECTION.3") if self._description is None else ()
            families = ("TRUSTEES", "CREDENTIALS", "BALLOTS", "TALLY", "SHUFFLES", "DECRYPTIONS", "RESULT")
            report.skip([*setup, *self._within(of_family(*families))], "the election is not known")
            return
        if self._box is not None and self._box.complete and not report.counted("ballots"):
            self._no_ballots()
        self._kinds(self._election)
        late = self._missing("TALLY", "SHUFFLES", "DECRYPTIONS", "RESULT")
        if last is not Event.RESULT:
            ends = f"the archive ends with event {last.value}" if last else "the archive has no event"
            report.skip(late, f"{ends}, before the result")
        elif self._decryption is None:
            reason = "the encrypted tally, a shuffle or the keys of the trustees could not be read"
            report.skip(late, reason)
        if self._stated is not None and self._items is not None and self._tally is not None:
            shares = report.counted("shares")
            report.summary = result_summary(self._election, self._items, self._tally, self._stated, shares)

    def _within(self, identifiers: Sequence[str]) -> list[str]:
        """Those of the checks that belong to the stage that was asked for."""
        later = set(beyond(self._request.stage))
        return [identifier for identifier in identifiers if identifier not in later]

    def _missing(self, *families: str) -> list[str]:
        """Those of the checks that looked at nothing, and do not say why yet."""
        report = self.report
        return [
            identifier
            for identifier in self._within(of_family(*families))
            if not report.looked(identifier) and report.status(identifier) is not Status.NOT_APPLICABLE
        ]

    def _no_ballots(self) -> None:
        ballots = of_family("BALLOTS")
        if self._request.zero_ballots_expected:
            self.report.not_applicable(ballots, "the election has no ballots, as expected")
        else:
            self.report.skip(ballots, "the archive has no ballots")

    def _kinds(self, election: Election) -> None:
        """Checks of kinds of questions that the election does not have."""
        report = self.report
        kinds = {question.kind for question in election.questions}
        if Kind.HOMOMORPHIC not in kinds and Kind.LISTS not in kinds:
            reason = "the election has non-homomorphic questions only"
            report.not_applicable(("BALLOTS.7", "BALLOTS.8", "RESULT.2"), reason)
        if not any(question.blank for question in election.questions):
            report.not_applicable("BALLOTS.9", "no question allows a blank vote")
        if Kind.LISTS not in kinds:
            report.not_applicable(("BALLOTS.10", "BALLOTS.11"), "the election has no question of lists")
        if Kind.NON_HOMOMORPHIC not in kinds:
            reason = "the election has no non-homomorphic question"
            report.not_applicable(("BALLOTS.12", "SHUFFLES.1", "SHUFFLES.2", "RESULT.3"), reason)
        elif self._shuffled is None and self._decryption is not None:
            # Without one, every answer is decrypted beside the credential that gave it.
            report.skip(("SHUFFLES.1", "SHUFFLES.2"), "there is no shuffle: answers were decrypted as cast")

    def _subject(self, digest: bytes) -> Subject:
        description, election = self._description, self._election
        if description is not None:
            self.report.warn(
                f"Belenios shows the fingerprint of this election as {description.fingerprint} "
                f"(election {description.uuid})."
            )
        if election is not None:
            self.report.work = Work("plain", "gmpy2", 0, self.report.counted("ballots"))
        return Subject(
            digest=digest.hex(),
            fingerprint="" if description is None else description.digest.hex(),
            group="" if description is None else shown(description.group),
            profile="" if election is None else NOT_STANDARD,
            expected=self._request.expect,
            election="" if description is None else shown(description.name),
            stage=self._request.stage.value,
        )
