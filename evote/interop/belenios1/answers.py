"""Answers to homomorphic questions: their shape, and the proofs that they are allowed ("Answers").

Every ciphertext encrypts 0 or 1, and their sum lies between the question's bounds. With a blank vote,
slot 0 says "blank", and two more proofs say that a ballot is blank or has choices, and that it is blank or
its choices are of an allowed number. How many ciphertexts and proofs there are follows from the question
and is looked at before anything else.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from evote.errors import VerificationError
from evote.groups import Claimed, Element, MembershipError
from evote.interop.belenios1 import hashes
from evote.interop.belenios1.election import Election, Question
from evote.interop.belenios1.statements import encrypts, encrypts_one_of
from evote.interop.belenios1.texts import members
from evote.interop.belenios1.values import Pair, Reader, exactly, member, shaped
from evote.manifest.strict_json import Node
from evote.proofs.relation import Disjunction, DisjunctionProof
from evote.proofs.verify import verify_disjunction
from evote.report import ReportBuilder

Ciphertexts = tuple[tuple[Element, Element], ...]
"""The ciphertexts of an answer, all in the group, one after the other."""


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer to a homomorphic question, of the right shape; nothing of it is verified."""

    question: Question
    choices: tuple[Pair, ...]
    individual: tuple[DisjunctionProof, ...]
    overall: DisjunctionProof
    blank: DisjunctionProof | None


def read_answer(node: Node, question: Question, reader: Reader) -> Answer:
    """The answer, if it has exactly the shape of its question; raises :class:`DecodeError`."""
    slots = len(question.answers[0]) + question.blank
    required = ["choices", "individual_proofs", "overall_proof"]
    if question.blank:
        required.append("blank_proof")
    fields = members(node, required)
    return Answer(
        question,
        tuple(shaped(fields["choices"], slots, reader.pair)),
        tuple(reader.disjunction(each, 2) for each in exactly(fields["individual_proofs"], slots)),
        reader.disjunction(fields["overall_proof"], question.high - question.low + 1 + question.blank),
        reader.disjunction(fields["blank_proof"], 2) if question.blank else None,
    )


class ProofCheck:
    """Checks the proofs of one answer, and names what is wrong."""

    __slots__ = ("_context", "_election", "_report", "_where")

    def __init__(self, election: Election, context: str, where: str, report: ReportBuilder) -> None:
        self._election = election
        self._context = context
        """S0."""
        self._where = where
        self._report = report

    def bits(self, choices: Sequence[Pair], proofs: Sequence[DisjunctionProof]) -> Ciphertexts | None:
        """BALLOTS.6 and BALLOTS.7 for each ciphertext; None unless all of them are in the group."""
        report, key = self._report, self._election.key
        found: list[tuple[Element, Element]] = []
        report.count("BALLOTS.6", len(choices))
        report.count("BALLOTS.7", len(choices))
        for number, (pair, proof) in enumerate(zip(choices, proofs, strict=True), start=1):
            statement = encrypts_one_of(key, pair.alpha, pair.beta, (0, 1))
            prefix = hashes.interval(self._context, pair.text)
            where = f"{self._where}, choice {number}"
            members_found = self.disjunction("BALLOTS.7", statement, proof, prefix, where)
            if members_found is None:
                element = self.members(pair, where)
                if element is not None:
                    found.append(element)
            else:
                found.append((members_found[pair.alpha], members_found[pair.beta]))
        return tuple(found) if len(found) == len(choices) else None

    def answer(self, answer: Answer) -> Ciphertexts | None:
        """All proofs of a homomorphic answer; None unless all its ciphertexts are in the group."""
        held = self.bits(answer.choices, answer.individual)
        if held is None:
            return None
        question, key, group = answer.question, self._election.key, self._election.group
        counted = held[1:] if question.blank else held
        alpha = group.product(each for each, _ in counted)
        beta = group.product(each for _, each in counted)
        sums = encrypts_one_of(key, alpha, beta, range(question.low, question.high + 1))
        context = hashes.answer_context(self._context, answer.choices)
        self._report.count("BALLOTS.8")
        if answer.blank is None:
            text = f"{group.text_of(alpha.encode())},{group.text_of(beta.encode())}"
            prefix = hashes.interval(context, text)
            self.disjunction("BALLOTS.8", sums, answer.overall, prefix, self._where)
            return held
        first = held[0]
        prefix = hashes.blank_overall(context)
        either = Disjunction((encrypts(key, *first, 1), *sums.branches))
        self.disjunction("BALLOTS.8", either, answer.overall, prefix, self._where)
        self._report.count("BALLOTS.9")
        prefix = hashes.blank(context)
        either = Disjunction((encrypts(key, *first, 0), encrypts(key, alpha, beta, 0)))
        self.disjunction("BALLOTS.9", either, answer.blank, prefix, self._where)
        return held

    def disjunction(
        self, check: str, statement: Disjunction, proof: DisjunctionProof, prefix: str, where: str
    ) -> dict[Claimed, Element] | None:
        """The members that the proof showed; None, with a finding of ``check``, if it does not hold.

        A ciphertext outside the group is no finding here; the caller looks at it by itself.
        """
        group = self._election.group
        try:
            return verify_disjunction(group, statement, proof, hashes.challenge(group, prefix))
        except MembershipError:
            return None
        except VerificationError as error:
            self._report.fail(check, where, error.message, expected=error.expected, computed=error.computed)
            return None

    def members(self, pair: Pair, where: str) -> tuple[Element, Element] | None:
        """The ciphertext in the group; None, with a finding of BALLOTS.6."""
        group = self._election.group
        try:
            return member(group, pair.alpha), member(group, pair.beta)
        except MembershipError as error:
            self._report.fail("BALLOTS.6", where, error.message)
            return None
