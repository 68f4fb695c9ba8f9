"""Answers to questions of lists: one list, and candidates of it only ("Lists answers").

Each list has a slot of its own, the first, and one per candidate; every slot encrypts 0 or 1. Exactly one
list is chosen; candidates of a list are chosen only with it; and at least one candidate is chosen.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from evote.errors import VerificationError
from evote.groups import Claimed, Element, Scalar
from evote.interop.belenios1 import hashes
from evote.interop.belenios1.answers import Ciphertexts, ProofCheck
from evote.interop.belenios1.election import Election, Question
from evote.interop.belenios1.statements import encrypts, encrypts_one_of, is_nonzero
from evote.interop.belenios1.texts import members
from evote.interop.belenios1.values import Pair, Reader, exactly, shaped
from evote.manifest.strict_json import Node
from evote.proofs.relation import Disjunction, DisjunctionProof, RelationProof
from evote.proofs.verify import verify
from evote.report import ReportBuilder


@dataclass(frozen=True, slots=True)
class ListsAnswer:
    """An answer of the right shape; nothing of it is verified. ``choices`` are all slots in order."""

    question: Question
    choices: tuple[Pair, ...]
    individual: tuple[DisjunctionProof, ...]
    overall: RelationProof
    lists: tuple[DisjunctionProof, ...]
    nonzero_commitment: Claimed
    nonzero_text: str
    nonzero_challenge: Scalar
    nonzero_responses: tuple[Scalar, Scalar]


def read_lists_answer(node: Node, question: Question, reader: Reader) -> ListsAnswer:
    """The answer, if it has exactly the shape of its question; raises :class:`DecodeError`."""
    fields = members(node, ("choices", "individual_proofs", "overall_proof", "list_proofs", "nonzero_proof"))
    shape = question.shape
    nonzero = members(fields["nonzero_proof"], ("commitment", "challenge", "response"))
    first, second = exactly(nonzero["response"], 2)
    return ListsAnswer(
        question,
        tuple(shaped(fields["choices"], shape, reader.pair)),
        tuple(shaped(fields["individual_proofs"], shape, lambda each: reader.disjunction(each, 2))),
        reader.proof(fields["overall_proof"]),
        tuple(reader.disjunction(each, 2) for each in exactly(fields["list_proofs"], len(question.answers))),
        reader.element(nonzero["commitment"]),
        str(nonzero["commitment"].value),
        reader.scalar(nonzero["challenge"]),
        (reader.scalar(first), reader.scalar(second)),
    )


def check_lists(
    election: Election, answer: ListsAnswer, context: str, where: str, report: ReportBuilder
) -> Ciphertexts | None:
    """All proofs of the answer; None unless all its ciphertexts are in the group. ``context`` is S0."""
    check = ProofCheck(election, context, where, report)
    held = check.bits(answer.choices, answer.individual)
    if held is None:
        return None
    group, key = election.group, election.key
    lists = _by_list(held, answer.question)
    whole = hashes.answer_context(context, answer.choices)
    alpha = group.product(each[0][0] for each in lists)
    beta = group.product(each[0][1] for each in lists)
    report.count("BALLOTS.8")
    prefix = hashes.interval(whole, f"{group.text_of(alpha.encode())},{group.text_of(beta.encode())}")
    one = encrypts_one_of(key, alpha, beta, (1,))
    check.disjunction("BALLOTS.8", one, DisjunctionProof((answer.overall,)), prefix, where)
    candidates = []
    for number, (slots, proof) in enumerate(zip(lists, answer.lists, strict=True), start=1):
        own = _product(election, slots[1:])
        candidates.append(own)
        report.count("BALLOTS.10")
        either = Disjunction((encrypts(key, *slots[0], 1), encrypts(key, *own, 0)))
        check.disjunction(
            "BALLOTS.10", either, proof, hashes.list_or_nothing(whole), f"{where}, list {number}"
        )
    _check_nonzero(election, answer, _product(election, candidates), whole, where, report)
    return held


def _check_nonzero(
    election: Election,
    answer: ListsAnswer,
    total: tuple[Element, Element],
    context: str,
    where: str,
    report: ReportBuilder,
) -> None:
    group = election.group
    report.count("BALLOTS.11")
    if answer.nonzero_commitment == group.identity:
        report.fail("BALLOTS.11", where, "the commitment is 1, which is what 0 gives")
        return
    statement = is_nonzero(election.key, *total, answer.nonzero_commitment)
    proof = RelationProof(answer.nonzero_challenge, answer.nonzero_responses)
    prefix = f"{hashes.nonzero(context)}{answer.nonzero_text},"
    try:
        verify(group, statement, proof, hashes.challenge(group, prefix))
    except VerificationError as error:
        report.fail("BALLOTS.11", where, error.message, expected=error.expected, computed=error.computed)


def _product(election: Election, pairs: Sequence[tuple[Element, Element]]) -> tuple[Element, Element]:

    group = election.group
    return group.product(alpha for alpha, _ in pairs), group.product(beta for _, beta in pairs)


def _by_list(held: Ciphertexts, question: Question) -> list[Ciphertexts]:
    found, start = [], 0
    for answers in question.answers:
        found.append(held[start : start + len(answers)])
        start += len(answers)
    return found
