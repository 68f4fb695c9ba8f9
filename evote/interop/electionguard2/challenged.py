"""Verifications 12 to 14, and F.5, F.6, F.9: a challenged ballot and its decryption.

The decryption is compared with the ballot right after the ballot was checked, so that its members are at
hand and nothing is kept. A name in the record never becomes a path: the file of a decryption is looked up
among the names that the folder has.
"""

from __future__ import annotations

from collections.abc import Iterable

from evote.interop.electionguard2.ballots import Members
from evote.interop.electionguard2.decryption import BALLOT, CHALLENGED_DATA, check_data, check_decryption
from evote.interop.electionguard2.layout import CHALLENGED, MAX_BALLOT_BYTES
from evote.interop.electionguard2.run import Keys, Run, parsed, twice
from evote.interop.electionguard2.values import Ballot, Contest, Decrypted, DecryptedContest

_DATA = ("14.A", "14.B", "F.9")


class Decryptions:
    """The decryptions of challenged ballots that a record has, each taken once."""

    __slots__ = ("_taken", "names")

    def __init__(self, names: list[str]) -> None:
        self.names = names
        self._taken: set[str] = set()

    def take(self, ballot: str) -> str | None:
        """The name of the file for a ballot; None if there is none left."""
        name = f"dballot-{ballot.replace(' ', '_')}.json"
        if name not in self.names or name in self._taken:
            return None
        self._taken.add(name)
        return name

    @property
    def taken(self) -> list[str]:
        """The files that were taken."""
        return sorted(self._taken)

    def take_all(self, names: Iterable[str]) -> None:
        """Files that were taken elsewhere."""
        self._taken.update(names)

    @property
    def left(self) -> list[str]:
        """The files of no challenged ballot."""
        return [name for name in self.names if name not in self._taken]


def check_challenged(
    run: Run, keys: Keys, decryptions: Decryptions, ballot: Ballot, members: Members
) -> None:
    """12, 13, 14, F.2, F.5, F.6 and F.9 for one challenged ballot."""
    report = run.report
    report.count("F.6")
    name = decryptions.take(ballot.label)
    where = f"ballot {ballot.label!r}"
    if name is None:
        report.fail("F.6", where, "the challenged ballot is not decrypted")
        return
    path = f"{CHALLENGED}/{name}"
    found = parsed(run, path, MAX_BALLOT_BYTES, run.reader.decrypted)
    if found is None:
        run.skip(("12.A", "12.B", "13.A", "13.B", "13.C", "13.D", "13.E", "13.F", *_DATA, "F.5", "F.6"), path)
        return
    decrypted = found[1]
    run.names_election(decrypted.election, path)
    if decrypted.label != ballot.label:
        report.fail("F.6", path, "it is another ballot's", expected=ballot.label, computed=decrypted.label)
    _check_contests(run, keys, ballot, members, decrypted, where)


def _check_contests(
    run: Run, keys: Keys, ballot: Ballot, members: Members, decrypted: Decrypted, where: str
) -> None:
    report = run.report
    labels = [contest.label for contest in decrypted.contests]
    for label in twice(labels):
        report.fail("13.D", where, f"contest {label!r} stands there twice")
    submitted = {contest.label: contest for contest in ballot.contests}
    for label in submitted:
        report.count("F.6")
        if label not in labels:
            report.fail("F.6", where, f"contest {label!r} is not decrypted")
    for contest in decrypted.contests:
        place = f"{where}, contest {contest.label!r}"
        report.count("13.D")
        if contest.label not in keys.manifest.contests:
            report.fail("13.D", place, "the manifest has no such contest")
        elif contest.label not in submitted:
            report.fail("F.6", place, "the ballot has no such contest")
        else:
            _check_contest(run, keys, submitted[contest.label], members, contest, place)


def _check_contest(
    run: Run, keys: Keys, submitted: Contest, members: Members, contest: DecryptedContest, where: str
) -> None:
    report = run.report
    described = keys.manifest.contests[contest.label]
    known = [label for label, _ in described.options]
    pairs = {selection.label: selection.pair for selection in submitted.selections}
    there = [option.label for option in contest.options]
    for label in twice(there):
        report.fail("13.E", where, f"option {label!r} stands there twice")
    for label in known:
        report.count("13.F")
        if label not in there:
            report.fail("13.F", where, f"option {label!r} is missing")
    total = 0
    for option in contest.options:
        place = f"{where}, option {option.label!r}"
        report.count("13.E")
        if option.label not in known:
            report.fail("13.E", place, "the contest has no such option")
            continue
        total += option.count
        report.count("13.B")
        if option.count > described.option_limit:
            report.fail(
                "13.B", place, "more than allowed", expected=described.option_limit, computed=option.count
            )
        report.count("F.5")
        if pairs.get(option.label) != option.pair:
            report.fail("F.5", place, "what was decrypted is not what stands on the ballot")
        sides = members.get((contest.label, option.label))
        if sides is None:
            run.skip(("12.A", "12.B", "13.A"), f"{place} is not in the subgroup (5.A)")
            continue
        check_decryption(run, keys, sides, option, BALLOT, place)
    report.count("13.C")
    if total > described.limit:
        report.fail("13.C", where, "more votes than allowed", expected=described.limit, computed=total)
    _check_data(run, keys, submitted, contest, where)


def _check_data(run: Run, keys: Keys, submitted: Contest, contest: DecryptedContest, where: str) -> None:
    if contest.data is None:
        run.skip(_DATA, f"{where}: its contest data is not opened")
        return
    run.report.count("F.5")
    if contest.data.sealed != submitted.data:
        run.report.fail(
            "F.5", f"{where}, contest data", "what was decrypted is not what stands on the ballot"
        )
    check_data(run, keys, contest.label, contest.data, CHALLENGED_DATA, f"{where}, contest data")


def check_left(run: Run, decryptions: Decryptions, *, unread: int) -> None:
    """F.6: no file decrypts a ballot that was not challenged."""
    if unread:
        run.skip(("F.6",), "a ballot cannot be read, and it may have been challenged")
        return
    for name in decryptions.left:
        run.report.fail("F.6", f"{CHALLENGED}/{name}", "no challenged ballot of the record has this name")
