"""The encrypted tally: read, and made again from the counted ballots ("Tally").

Homomorphic questions and lists: the product of the counted ciphertexts, each to the power of its weight.
Non-homomorphic questions: the list of the counted ciphertexts, whose order is the software's and shows
nothing; it is compared as a multiset, and weights must be 1.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from evote.groups import Element
from evote.interop.belenios1 import texts
from evote.interop.belenios1.ballots import BallotBox
from evote.interop.belenios1.credentials import Credentials
from evote.interop.belenios1.election import Election, Kind, Question
from evote.interop.belenios1.texts import MAX_MEMBERS, members
from evote.interop.belenios1.values import Pair, Reader, exactly, shaped
from evote.manifest.strict_json import Node
from evote.report import ReportBuilder

Row = tuple[tuple[Element, Element], ...]
"""The ciphertexts of one question, all in the group, one after the other."""

MAX_SEALED = 1_000_000
"""Most ciphertexts of a non-homomorphic question."""


class EncryptedTally:
    """A tally of the right shape, whose members are not known to be in the group."""

    __slots__ = ("ballots", "questions", "weight")

    def __init__(self, ballots: int, weight: int, questions: tuple[tuple[Pair, ...], ...]) -> None:
        self.ballots = ballots
        self.weight = weight
        self.questions = questions


def read_tally(payload: bytes, raw: bytes, election: Election) -> EncryptedTally:
    """The tally of its two files; raises :class:`DecodeError`."""
    fields = members(texts.read_compact(payload), ("num_tallied", "total_weight", "encrypted_tally"))
    rows = exactly(texts.read_compact(raw), len(election.questions))
    return EncryptedTally(
        fields["num_tallied"].integer(0, MAX_MEMBERS),
        texts.weight(fields["total_weight"]),
        tuple(
            _row(node, question, election.reader)
            for node, question in zip(rows, election.questions, strict=True)
        ),
    )


def _row(node: Node, question: Question, reader: Reader) -> tuple[Pair, ...]:
    if question.kind is Kind.NON_HOMOMORPHIC:
        return tuple(reader.pair(item) for item in node.items(MAX_SEALED))
    return tuple(shaped(node, question.shape, reader.pair))


def check_tally(
    election: Election,
    tally: EncryptedTally,
    box: BallotBox,
    credentials: Credentials,
    report: ReportBuilder,
) -> None:
    """TALLY.2 and TALLY.3."""
    counted = box.counted
    weights = [credentials.weights[credential] for credential in counted]
    if not box.complete:
        reason = "not every ballot could be read, so that nobody knows which ones count"
        report.skip(("TALLY.2", "TALLY.3"), reason)
        return
    for what, expected, found in (
        ("number of ballots", len(counted), tally.ballots),
        ("sum of weights", sum(weights), tally.weight),
    ):
        report.count("TALLY.2")
        if expected != found:
            report.fail("TALLY.2", "tally", f"the {what} is wrong", expected=expected, computed=found)
    for place, (question, stated) in enumerate(zip(election.questions, tally.questions, strict=True)):
        where = f"tally, question {place + 1}"
        rows = [answers[place] for answers in counted.values()]
        if question.kind is Kind.NON_HOMOMORPHIC:
            _compare_sealed(rows, stated, weights, where, report)
        else:
            _compare_sums(election, rows, stated, weights, where, report)


def _compare_sums(
    election: Election,
    rows: Sequence[Row],
    stated: Sequence[Pair],
    weights: Sequence[int],
    where: str,
    report: ReportBuilder,
) -> None:
    group = election.group
    scalars = [group.scalar(weight) for weight in weights]
    for slot, pair in enumerate(stated):
        report.count("TALLY.3")
        for side, found in ((0, pair.alpha), (1, pair.beta)):
            product = group.product(
                row[slot][side] if scalar.value == 1 else group.power(row[slot][side], scalar)
                for row, scalar in zip(rows, scalars, strict=True)
            )
            if product != found:
                report.fail(
                    "TALLY.3",
                    f"{where}, {'alpha' if side == 0 else 'beta'} {slot + 1}",
                    "the sum is not that of the counted ballots",
                    expected=product.encode().hex(),
                    computed=found.encode().hex(),
                )


def _compare_sealed(
    rows: Sequence[Row], stated: Sequence[Pair], weights: Sequence[int], where: str, report: ReportBuilder
) -> None:
    report.count("TALLY.3", len(stated))
    if any(weight != 1 for weight in weights):
        report.fail("TALLY.3", where, "a non-homomorphic question cannot have weights other than 1")
    expected = Counter((row[0][0].encode(), row[0][1].encode()) for row in rows)
    found = Counter((pair.alpha.encode(), pair.beta.encode()) for pair in stated)
    if expected != found:
        missing, added = (expected - found).total(), (found - expected).total()
        report.fail(
            "TALLY.3",
            where,
            "the list is not that of the counted ballots",
            expected=f"{len(rows)} ciphertexts",
            computed=f"{missing} missing, {added} of no ballot",
        )


def final_rows(
    election: Election, tally: EncryptedTally, shuffled: Sequence[Sequence[Pair]] | None
) -> tuple[tuple[Pair, ...], ...]:
    """What is decrypted: the tally, with the rows of non-homomorphic questions as last shuffled."""
    if shuffled is None:
        return tally.questions
    rows = iter(shuffled)
    return tuple(
        tuple(next(rows)) if question.kind is Kind.NON_HOMOMORPHIC else row
        for question, row in zip(election.questions, tally.questions, strict=True)
    )


def sealed_rows(election: Election, tally: EncryptedTally) -> list[tuple[Pair, ...]]:
    """The rows of non-homomorphic questions, which are shuffled."""
    return [
        row
        for question, row in zip(election.questions, tally.questions, strict=True)
        if question.kind is Kind.NON_HOMOMORPHIC
    ]
