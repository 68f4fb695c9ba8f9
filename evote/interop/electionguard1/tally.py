"""TALLY, RESULT and RECOVERY.6: the encrypted sums, what was decrypted, and the counts.

All cast ballots enter the products, also those with findings: which ballots are counted is a matter of the
record, and whether each is right is said by other checks. An option that is on no cast ballot has the pair
(1, 1). What was decrypted is compared with the computed products.
"""

from __future__ import annotations

from collections.abc import Iterable

from evote.interop.electionguard1.decryption import SUMS, check_option
from evote.interop.electionguard1.keys import Keys, lagrange
from evote.interop.electionguard1.layout import text_of
from evote.interop.electionguard1.run import Run
from evote.interop.electionguard1.statements import Claim
from evote.interop.electionguard1.stretch import Sums
from evote.interop.electionguard1.values import Decrypted, Guardian, ManifestContest, Pair, SummedContest


def sums_of(keys: Keys, sums: Sums) -> dict[tuple[str, str], Pair | None]:
    """The pair of every option of the manifest, as computed; None where it cannot be had."""
    found: dict[tuple[str, str], Pair | None] = {}
    for contest in keys.manifest.contests.values():
        for option in contest.options:
            key = (contest.label, option.label)
            values = sums.get(key, (b"\x01", b"\x01"))
            found[key] = (
                None if values is None else Pair(*(text_of(int.from_bytes(each, "big")) for each in values))
            )
    return found


def check_tally(
    run: Run, keys: Keys, sums: dict[tuple[str, str], Pair | None], tally: dict[str, SummedContest]
) -> None:
    """TALLY.1 and TALLY.2."""
    report = run.report
    report.count("TALLY.1")
    contests = keys.manifest.contests
    if set(tally) != set(contests):
        _list(run, "TALLY.1", "encrypted_tally.json", contests, tally)
    for label, summed in tally.items():
        if label not in contests:
            continue
        described, where = contests[label], f"encrypted tally, contest {label!r}"
        options = {each.label: each for each in described.options}
        if (summed.order, summed.description) != (described.order, described.hash):
            report.fail("TALLY.1", where, "number or description hash of the contest is another")
        if set(summed.options) != set(options):
            _list(run, "TALLY.1", where, options, summed.options)
        for name, option in summed.options.items():
            if name not in options:
                continue
            place = f"{where}, option {name!r}"
            if (option.order, option.description) != (options[name].order, options[name].hash):
                report.fail("TALLY.1", place, "number or description hash of the option is another")
            _check_sum(run, sums[label, name], option.pair, place)


def _check_sum(run: Run, wanted: Pair | None, stated: Pair, where: str) -> None:
    if wanted is None:
        run.skip(("TALLY.2",), f"{where}: a selection is not in the group (SELECTIONS.1)")
        return
    run.report.count("TALLY.2", 2)
    for part, mine, other in (("alpha", wanted.pad, stated.pad), ("beta", wanted.data, stated.data)):
        if mine != other:
            message = f"{part} is not the product over the cast ballots"
            run.report.fail("TALLY.2", where, message, expected=mine, computed=other)


def check_result(
    run: Run, keys: Keys, sums: dict[tuple[str, str], Pair | None], result: Decrypted
) -> list[list[Claim]]:
    """RESULT, SHARES and RECOVERY of the tally; equations are returned, option by option."""
    report, claims = run.report, []
    report.count("RESULT.1")
    contests = keys.manifest.contests
    if set(result.contests) != set(contests):
        _list(run, "RESULT.1", "tally.json", contests, result.contests)
    for label, options in result.contests.items():
        if label not in contests:
            continue
        where = f"tally, contest {label!r}"
        names = _names(contests[label])
        if set(options) != set(names):
            _list(run, "RESULT.1", where, names, options)
        for name, option in options.items():
            if name not in names:
                continue
            place = f"{where}, option {name!r}"
            wanted = sums[label, name]
            if wanted is None:
                run.skip(("RESULT.2",), f"{place}: the sum is not known")
            else:
                report.count("RESULT.2")
                if option.pair != wanted:
                    report.fail(
                        "RESULT.2", place, "another ciphertext was decrypted than the sum of the ballots"
                    )
            claims.append(check_option(keys, report, option, SUMS, place))
    return claims


def check_coefficients(run: Run, guardians: list[Guardian], quorum: int) -> frozenset[str]:
    """RECOVERY.6; the guardians of the record that coefficients are published for."""
    report, stated = run.report, run.coefficients or {}
    numbers = {each.label: each.number for each in guardians}
    known = {name: text for name, text in stated.items() if name in numbers}
    report.count("RECOVERY.6", 1 + len(known))
    if len(known) != len(stated) or len(known) < quorum:
        report.fail(
            "RECOVERY.6",
            "coefficients.json",
            "the coefficients are not those of a quorum of guardians",
            expected=f"{quorum} or more of {', '.join(sorted(numbers))}",
            computed=", ".join(sorted(stated)),
        )
    for name, text in known.items():
        wanted = text_of(lagrange(run.group.order, numbers[name], [numbers[other] for other in known]))
        if text != wanted:
            message = f"the coefficient of guardian {name!r} is another"
            report.fail("RECOVERY.6", "coefficients.json", message, expected=wanted, computed=text)
    return frozenset(known)


def _names(contest: ManifestContest) -> list[str]:
    return [each.label for each in contest.options]


def _list(run: Run, check: str, where: str, wanted: Iterable[str], stated: Iterable[str]) -> None:
    message = "contests or options are not those of the manifest"
    run.report.fail(
        check, where, message, expected=", ".join(sorted(wanted)), computed=", ".join(sorted(stated))
    )
