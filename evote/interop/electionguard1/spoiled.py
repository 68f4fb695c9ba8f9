"""SPOILED: a spoiled ballot beside its decryption."""

from __future__ import annotations

from collections.abc import Mapping

from evote.interop.electionguard1.decryption import SPOILED, allowed, check_option
from evote.interop.electionguard1.keys import Keys
from evote.interop.electionguard1.statements import Claim
from evote.interop.electionguard1.values import Ballot, Contest, Decrypted, DecryptedOption
from evote.report import ReportBuilder


def check_spoiled(
    keys: Keys, report: ReportBuilder, ballot: Ballot, decrypted: Decrypted, where: str
) -> list[list[Claim]]:
    """Everything about the decryption of a ballot but equations, which are returned, option by option."""
    claims: list[list[Claim]] = []
    if decrypted.label != ballot.label:
        message = "it is another ballot's"
        report.fail("SPOILED.1", where, message, expected=ballot.label, computed=decrypted.label)
    submitted = {contest.label: contest for contest in ballot.contests}
    if set(submitted) != set(decrypted.contests):
        _list(report, where, "the contests are not those of the ballot", submitted, decrypted.contests)
    for label, options in decrypted.contests.items():
        if label in submitted:
            place = f"{where}, contest {label!r}"
            claims += _check_contest(keys, report, submitted[label], options, place)
    return claims


def _check_contest(
    keys: Keys, report: ReportBuilder, contest: Contest, options: dict[str, DecryptedOption], where: str
) -> list[list[Claim]]:
    submitted = {each.label: each.pair for each in contest.selections if not each.placeholder}
    if set(submitted) != set(options):
        _list(report, where, "the options are not those of the contest", submitted, options)
    claims = []
    for name, option in options.items():
        if name not in submitted:
            continue
        place = f"{where}, option {name!r}"
        report.count("SPOILED.2")
        if option.pair != submitted[name]:
            report.fail("SPOILED.2", place, "another ciphertext was decrypted than that of the ballot")
        claims.append(check_option(keys, report, option, SPOILED, place))
    described = keys.manifest.contests.get(contest.label)
    if described is not None:
        report.count("SPOILED.5")
        if not allowed({name: option.count for name, option in options.items()}, described.limit):
            report.fail("SPOILED.5", where, "the votes are not 0 and 1, and at most the limit")
    return claims


def _list(
    report: ReportBuilder,
    where: str,
    message: str,
    wanted: Mapping[str, object],
    stated: Mapping[str, object],
) -> None:
    report.fail(
        "SPOILED.1", where, message, expected=", ".join(sorted(wanted)), computed=", ".join(sorted(stated))
    )
