"""Ballots: shape, then signature, then the proofs of every answer ("Ballots", "Signatures").

A ballot must be the one compact form of its value, so that its hash is the hash of what it says. It
names the election by identifier and fingerprint, carries a listed credential, and is signed by it; the
signature covers the hash of the ballot without the signature. The last ballot of each credential counts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from evote.errors import DecodeError
from evote.interop.belenios1 import hashes, texts
from evote.interop.belenios1.answers import Answer, Ciphertexts, ProofCheck, read_answer
from evote.interop.belenios1.credentials import Credentials
from evote.interop.belenios1.election import Election, Kind, Question
from evote.interop.belenios1.lists import ListsAnswer, check_lists, read_lists_answer
from evote.interop.belenios1.statements import holds
from evote.interop.belenios1.texts import members
from evote.interop.belenios1.values import Pair, Reader, exactly
from evote.manifest.strict_json import Node
from evote.proofs.relation import RelationProof
from evote.report import ReportBuilder


@dataclass(frozen=True, slots=True)
class SealedAnswer:
    """An answer to a non-homomorphic question: one ciphertext, and that its sender knows the nonce."""

    choice: Pair
    proof: RelationProof


AnyAnswer = Answer | ListsAnswer | SealedAnswer


@dataclass(frozen=True, slots=True)
class Ballot:
    """A ballot of the right shape; nothing of it is verified."""

    election_uuid: str
    election_hash: str
    credential: str
    answers: tuple[AnyAnswer, ...]
    signed_hash: str
    """The hash that the signature covers, as the ballot states it."""
    own_hash: str
    """The hash of the ballot without its signature."""
    signature: RelationProof


def read_ballot(raw: bytes, election: Election) -> Ballot:
    """The ballot of these bytes; raises :class:`DecodeError` unless it has the shape of the questions."""
    node = texts.read_compact(raw)
    names = ("election_uuid", "election_hash", "credential", "answers")
    fields = members(node, (*names, "signature"))
    signature = members(fields["signature"], ("hash", "proof"))
    reader = election.reader
    reader.element(fields["credential"])
    answers = exactly(fields["answers"], len(election.questions))
    unsigned = texts.compact({name: fields[name].value for name in names})
    return Ballot(
        fields["election_uuid"].text(64),
        fields["election_hash"].text(64),
        str(fields["credential"].value),
        tuple(
            _answer(answer, question, reader)
            for answer, question in zip(answers, election.questions, strict=True)
        ),
        signature["hash"].text(64),
        texts.b64(unsigned),
        reader.proof(signature["proof"]),
    )


def _answer(node: Node, question: Question, reader: Reader) -> AnyAnswer:
    if question.kind is Kind.HOMOMORPHIC:
        return read_answer(node, question, reader)
    if question.kind is Kind.LISTS:
        return read_lists_answer(node, question, reader)
    fields = members(node, ("choices", "proof"))
    return SealedAnswer(reader.pair(fields["choices"]), reader.proof(fields["proof"]))


class BallotBox:
    """Checks ballots one by one and keeps what is counted: the last of each listed credential."""

    def __init__(self, election: Election, credentials: Credentials | None, report: ReportBuilder) -> None:
        self._election = election
        self._credentials = credentials
        self._report = report
        self._seen: set[str] = set()
        self._last: dict[str, tuple[Ciphertexts, ...]] = {}
        self.complete = True
        """Whether every ballot of a listed credential could be read, down to its ciphertexts."""

    def take(self, raw: bytes, digest: str, where: str) -> None:
        """Check the next ballot, whose SHA-256 is ``digest``."""
        report = self._report
        report.add("ballots")
        report.count_all({"BALLOTS.1": 1, "BALLOTS.4": 1})
        if digest in self._seen:
            report.fail("BALLOTS.4", where, "the same ballot stands in the archive before", computed=digest)
        self._seen.add(digest)
        try:
            ballot = read_ballot(raw, self._election)
        except DecodeError as error:
            report.fail("BALLOTS.1", where, str(error))
            self.complete = False
            return
        self._check_election(ballot, where)
        listed = self._check_credential(ballot, where)
        self._check_signature(ballot, where, listed)
        held = self._check_answers(ballot, where)
        if held is None:
            self.complete = False
        elif listed:
            self._last[ballot.credential] = held

    @property
    def counted(self) -> Mapping[str, tuple[Ciphertexts, ...]]:
        """By credential: the ciphertexts of the last ballot, question by question."""
        return self._last

    def _check_election(self, ballot: Ballot, where: str) -> None:
        description = self._election.description
        self._report.count("BALLOTS.2")
        for what, expected, found in (
            ("identifier", description.uuid, ballot.election_uuid),
            ("fingerprint", description.fingerprint, ballot.election_hash),
        ):
            if expected != found:
                message = f"the ballot is for an election with another {what}"
                self._report.fail("BALLOTS.2", where, message, expected=expected, computed=found)

    def _check_credential(self, ballot: Ballot, where: str) -> bool:
        """Whether the credential may vote."""
        report = self._report
        if self._credentials is None:
            report.skip("BALLOTS.3", "the list of credentials is not known")
            return False
        report.count("BALLOTS.3")
        if ballot.credential not in self._credentials.weights:
            report.fail("BALLOTS.3", where, "the credential is not listed", computed=ballot.credential)
            return False
        return True

    def _check_signature(self, ballot: Ballot, where: str, listed: bool) -> None:
        report, group = self._report, self._election.group
        report.count("BALLOTS.5")
        if ballot.own_hash != ballot.signed_hash:
            report.fail(
                "BALLOTS.5",
                where,
                "the signature is for other bytes than the ballot's",
                expected=ballot.own_hash,
                computed=ballot.signed_hash,
            )
            return
        key = self._credentials.elements.get(ballot.credential) if self._credentials else None
        if listed and key is None:
            return  # not in the group: CREDENTIALS.2 names it
        prefix = hashes.ballot_signature(ballot.signed_hash)
        if not holds(group, key or group.read(ballot.credential), prefix, ballot.signature):
            report.fail("BALLOTS.5", where, "the ballot is not signed by its credential")

    def _check_answers(self, ballot: Ballot, where: str) -> tuple[Ciphertexts, ...] | None:
        election, report = self._election, self._report
        context = hashes.ballot_context(election.fingerprint, ballot.credential)
        found: list[Ciphertexts] = []
        for number, answer in enumerate(ballot.answers, start=1):
            place = f"{where}, answer {number}"
            held: Ciphertexts | None
            if isinstance(answer, Answer):
                report.add("selections", len(answer.choices))
                held = ProofCheck(election, context, place, report).answer(answer)
            elif isinstance(answer, ListsAnswer):
                report.add("selections", len(answer.choices))
                held = check_lists(election, answer, context, place, report)
            else:
                report.add("selections")
                held = self._check_sealed(answer, context, place)
            if held is not None:
                found.append(held)
        return tuple(found) if len(found) == len(ballot.answers) else None

    def _check_sealed(self, answer: SealedAnswer, context: str, where: str) -> Ciphertexts | None:
        election, report, pair = self._election, self._report, answer.choice
        report.count_all({"BALLOTS.6": 1, "BALLOTS.12": 1})
        element = ProofCheck(election, context, where, report).members(pair, where)
        if element is None:
            return None
        prefix = hashes.encryption(context, election.key_text, pair.text)
        if not holds(election.group, element[0], prefix, answer.proof):
            report.fail("BALLOTS.12", where, "the proof of knowledge does not hold")
        return (element,)
