"""Verifications 8 to 11, and F.4, F.5: the encrypted sums, and what they were decrypted to.

8 compares the published sums with the products over all cast ballots. The decrypted tally repeats the
sums: what it repeats must be the published sum or the product (F.5), and 9 and 10 speak of that. So a
ballot too many or too few fails 8 and leaves open whether the sums were decrypted rightly. An option on no
cast ballot has no product: the programs then publish an encryption of zero under a nonce of its own, so
that its count must be 0.
"""

from __future__ import annotations

from collections.abc import Sequence

from evote.errors import DecodeError, VerificationError
from evote.groups import Element
from evote.interop.electionguard2.ballots import Seen
from evote.interop.electionguard2.checks import COUNTED_DATA as DATA_CHECKS
from evote.interop.electionguard2.decryption import COUNTED_DATA, TALLY, check_data, check_decryption
from evote.interop.electionguard2.layout import DECRYPTED
from evote.interop.electionguard2.layout import TALLY as TALLY_FILE
from evote.interop.electionguard2.run import Keys, Run, twice
from evote.interop.electionguard2.values import (
    Decrypted,
    DecryptedContest,
    DecryptedOption,
    EncryptedTally,
    Pair,
)

Sums = dict[tuple[str, str], tuple[Pair, ...]]
"""(A, B) of each option, by contest and option: as computed, then as published, where they are known."""

_UNREAD = "a ballot cannot be read, and it may have been cast"


def check_tally(run: Run, keys: Keys, seen: Seen, tally: EncryptedTally) -> Sums:
    """8, F.2 and F.4; the sums."""
    run.names_election(tally.election, TALLY_FILE)
    published: dict[tuple[str, str], Pair] = {}
    for summed in tally.contests:
        published.update(((summed.label, option), pair) for option, pair in summed.options)
        if summed.ballots:
            _check_ballots(run, seen, summed.label, summed.ballots, TALLY_FILE)
    _check_labels(run, keys, tally)
    _check_cast(run, seen, tally.cast)
    if seen.unread:
        run.skip(("8.A", "8.B"), _UNREAD)
        return {name: (pair,) for name, pair in published.items()}
    sums: Sums = {}
    for contest in keys.manifest.contests.values():
        for option, _ in contest.options:
            name = contest.label, option
            stated = published.get(name)
            found = _check_sum(run, seen, name, stated), stated
            sums[name] = tuple(pair for pair in found if pair is not None)
    return sums


def _check_sum(run: Run, seen: Seen, name: tuple[str, str], stated: Pair | None) -> Pair | None:
    """8 for one option; its product over the cast ballots, if there is one."""
    report = run.report
    where = f"contest {name[0]!r}, option {name[1]!r}"
    held = seen.sums.get(name)
    report.count("8.A")
    report.count("8.B")
    if held is None:
        return None
    if held.broken or held.pair is None:
        run.skip(("8.A", "8.B"), f"{where}: a ballot holds what is no element (5.A)")
        return None
    computed = Pair(held.pair[0].encode(), held.pair[1].encode())
    if stated is None:
        report.fail("8.A", where, "the sum is missing")
        return computed
    for check, left, right in (
        ("8.A", computed.alpha, stated.alpha),
        ("8.B", computed.beta, stated.beta),
    ):
        if left != right:
            message = "the sum is not the product over the cast ballots"
            report.fail(check, where, message, expected=left.hex(), computed=right.hex())
    return computed


def _check_labels(run: Run, keys: Keys, tally: EncryptedTally) -> None:
    """8.A: there is no sum of something that the manifest does not have, and none twice."""
    for label in twice([contest.label for contest in tally.contests]):
        run.report.fail("8.A", TALLY_FILE, f"contest {label!r} stands there twice")
    for contest in tally.contests:
        described = keys.manifest.contests.get(contest.label)
        known = set() if described is None else {option for option, _ in described.options}
        labels = [option for option, _ in contest.options]
        for label in [*twice(labels), *(label for label in labels if label not in known)]:
            run.report.fail(
                "8.A",
                f"{TALLY_FILE}, contest {contest.label!r}",
                f"option {label!r} is not in the manifest, or stands there twice",
            )


def _check_cast(run: Run, seen: Seen, cast: Sequence[str]) -> None:
    """F.4: the ballots of which the tally says it was made."""
    if seen.unread:
        run.skip(("F.4",), _UNREAD)
        return
    report = run.report
    report.count("F.4", max(len(cast), len(seen.cast)))
    for label in twice(cast):
        report.fail("F.4", TALLY_FILE, f"ballot {label!r} was counted twice")
    for label in sorted(set(cast) - set(seen.cast)):
        report.fail("F.4", TALLY_FILE, f"ballot {label!r} was counted, and is no cast ballot of the record")
    for label in sorted(set(seen.cast) - set(cast)):
        report.fail("F.4", TALLY_FILE, f"ballot {label!r} was cast, and not counted")


def _check_ballots(run: Run, seen: Seen, contest: str, stated: int, name: str) -> None:
    """F.4: the number of ballots with a contest, where a tally says one."""
    counted = seen.cast_contests.get(contest, 0)
    if not seen.unread and stated != counted:
        run.report.fail(
            "F.4",
            f"{name}, contest {contest!r}",
            "the number of ballots is wrong",
            expected=counted,
            computed=stated,
        )


# --- decryption --------------------------------------------------------------------------------------


def check_result(run: Run, keys: Keys, seen: Seen, sums: Sums, decrypted: Decrypted) -> None:
    """9, 10, 11, F.2 and F.5 on ``tally.json``."""
    report = run.report
    run.names_election(decrypted.election, DECRYPTED)
    for label in twice([contest.label for contest in decrypted.contests]):
        report.fail("10.B", DECRYPTED, f"contest {label!r} stands there twice")
    opened = 0
    for number, contest in enumerate(decrypted.contests, 1):
        _check_contest(run, keys, seen, sums, contest)
        if contest.data is not None:
            opened += 1
            where = f"contest {contest.label!r}, contest data"
            check_data(run, keys, contest.label, contest.data, COUNTED_DATA, where)
        run.tell("decryptions", number, len(decrypted.contests))
    if not opened:
        report.not_applicable(DATA_CHECKS, "the record opens contest data of challenged ballots only")
    there = {contest.label for contest in decrypted.contests}
    for label in seen.voted:
        report.count("10.E")
        if label not in there:
            report.fail("10.E", f"contest {label!r}", "it was voted on, and is not decrypted")
    if seen.unread:
        run.skip(("10.E",), _UNREAD)


def _check_contest(run: Run, keys: Keys, seen: Seen, sums: Sums, contest: DecryptedContest) -> None:
    report = run.report
    where = f"contest {contest.label!r}"
    report.count("10.B")
    described = keys.manifest.contests.get(contest.label)
    if described is None:
        report.fail("10.B", where, "the manifest has no such contest")
        return
    if contest.ballots:
        _check_ballots(run, seen, contest.label, contest.ballots, DECRYPTED)
    known = [label for label, _ in described.options]
    there = [option.label for option in contest.options]
    for label in twice(there):
        report.fail("10.C", where, f"option {label!r} stands there twice")
    for label in known:
        report.count("10.D")
        if label not in there:
            report.fail("10.D", where, f"option {label!r} is missing")
    for option in contest.options:
        place = f"{where}, option {option.label!r}"
        report.count("10.C")
        if option.label not in known:
            report.fail("10.C", place, "the contest has no such option")
            continue
        run.report.add("decrypted")
        _check_option(run, keys, seen, sums, contest.label, option, place)


def _check_option(
    run: Run, keys: Keys, seen: Seen, sums: Sums, contest: str, option: DecryptedOption, where: str
) -> None:
    report = run.report
    name = contest, option.label
    if not seen.unread and name not in seen.sums and option.count:
        message = "there is a count, and no cast ballot has the option"
        report.fail("8.A", where, message, expected=0, computed=option.count)
    known = sums.get(name, ())
    if not known:
        run.skip(("9.A", "9.B", "10.A", "F.5"), f"{where}: there is no encrypted sum of it (8)")
        return
    report.count("F.5")
    pair = option.pair
    if pair not in known:
        report.fail("F.5", where, "what was decrypted is not the encrypted sum")
        pair = known[0]
    sides = _member(keys, pair.alpha), _member(keys, pair.beta)
    if sides[0] is None or sides[1] is None:
        run.skip(("9.A", "9.B", "10.A"), f"{where}: the encrypted sum is not in the subgroup (5.A or 8)")
        return
    check_decryption(run, keys, (sides[0], sides[1]), option, TALLY, where)


def _member(keys: Keys, data: bytes) -> Element | None:
    try:
        return keys.group.decode(data)
    except (DecodeError, VerificationError):
        return None
