"""The result: its shape, and that it is what was decrypted ("Election result").

Homomorphic questions and lists: ``g^count = beta / F`` for every count, which needs no search because
the count is stated. Non-homomorphic questions: the vector of small integers that ``beta / F`` stands for,
ballot by ballot in the order of the last shuffle. How such vectors are counted (Condorcet-Schulze,
majority judgement, single transferable vote) is no part of the archive.
"""

from __future__ import annotations

from collections.abc import Sequence

from evote.groups import Element
from evote.interop.belenios1 import texts
from evote.interop.belenios1.decryption import Ciphertexts
from evote.interop.belenios1.election import Election, Kind, Question
from evote.interop.belenios1.texts import members
from evote.interop.belenios1.values import exactly, shaped
from evote.manifest.strict_json import Node
from evote.report import ReportBuilder

MAX_INTEGER = 255
"""Largest integer of a vector."""

Row = Sequence[int | list[int]]
"""Counts slot by slot, or vectors ballot by ballot."""


def read_result(raw: bytes, election: Election, rows: Ciphertexts) -> list[Row]:
    """What the result states, question by question; raises :class:`~evote.errors.DecodeError`."""
    nodes = exactly(members(texts.read_compact(raw), ("result",))["result"], len(election.questions))
    return [
        _row(node, question, len(row))
        for node, question, row in zip(nodes, election.questions, rows, strict=True)
    ]


def _row(node: Node, question: Question, count: int) -> Row:
    if question.kind is not Kind.NON_HOMOMORPHIC:
        return shaped(node, question.shape, texts.weight)
    length = len(question.answers[0])
    return [
        [each.integer(0, MAX_INTEGER) for each in exactly(vector, length)] for vector in exactly(node, count)
    ]


def check_result(
    election: Election,
    stated: Sequence[Row],
    rows: Ciphertexts,
    factors: Sequence[Sequence[Element]],
    report: ReportBuilder,
) -> None:
    """RESULT.2 and RESULT.3."""
    group = election.group
    for number, (question, row, ciphertexts, each) in enumerate(
        zip(election.questions, stated, rows, factors, strict=True), start=1
    ):
        plain = [
            group.multiply(beta, group.invert(factor))
            for (_, beta), factor in zip(ciphertexts, each, strict=True)
        ]
        sealed = question.kind is Kind.NON_HOMOMORPHIC
        if sealed and not group.encoding:
            report.skip("RESULT.3", f"the group {group.name} has no encoding of vectors")
            continue
        check = "RESULT.3" if sealed else "RESULT.2"
        for slot, (value, found) in enumerate(zip(row, plain, strict=True), start=1):
            report.count(check)
            where = f"result, question {number}, {'ballot' if sealed else 'answer'} {slot}"
            if isinstance(value, list):
                if (vector := group.integers(found, len(value))) != value:
                    report.fail(check, where, "another vector was decrypted", expected=vector, computed=value)
            elif group.power(group.generator, group.scalar(value)) != found:
                report.fail(check, where, "another count was decrypted", computed=value)
