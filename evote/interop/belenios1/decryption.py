"""Partial decryptions: whose each is, that it is right, and what all of them together decrypt.

("Partial decryptions", "Election result".) Trustees are numbered from 1 as they stand in the list, each
member of a threshold group by itself. Every factor has a proof that it is ``alpha^x`` for the secret x of
its trustee. An ordinary trustee must be there; of a threshold group the first t + 1 valid ones are
combined, with Lagrange coefficients at their places in the group. A share that does not hold is a
finding even where enough others do.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from evote.errors import DecodeError, VerificationError
from evote.groups import Claimed, Element, Scalar
from evote.interop.belenios1 import hashes, texts
from evote.interop.belenios1.election import Election, Kind
from evote.interop.belenios1.texts import members
from evote.interop.belenios1.trustees import MAX_TRUSTEES, Item
from evote.interop.belenios1.values import Shape, exactly, shaped
from evote.proofs.relation import RelationProof, same_exponent
from evote.proofs.verify import verify
from evote.report import ReportBuilder

Ciphertexts = Sequence[Sequence[tuple[Element, Element]]]
"""What is decrypted, question by question."""


@dataclass(frozen=True, slots=True)
class Share:
    """A partial decryption of the right shape; factors and proofs question by question."""

    owner: int
    factors: tuple[tuple[Claimed, ...], ...]
    proofs: tuple[tuple[RelationProof, ...], ...]


def read_share(payload: bytes, raw: bytes, election: Election, rows: Ciphertexts) -> Share:
    """The share of its two files; raises :class:`DecodeError`."""
    owner = members(texts.read_compact(payload), ("owner", "payload"))["owner"].integer(1, MAX_TRUSTEES)
    fields = members(texts.read_compact(raw), ("decryption_factors", "decryption_proofs"))
    shapes: list[Shape] = [
        len(row) if question.kind is Kind.NON_HOMOMORPHIC else question.shape
        for question, row in zip(election.questions, rows, strict=True)
    ]
    count, reader = len(shapes), election.reader
    factors = exactly(fields["decryption_factors"], count)
    proofs = exactly(fields["decryption_proofs"], count)
    return Share(
        owner,
        tuple(
            tuple(shaped(node, shape, reader.element)) for node, shape in zip(factors, shapes, strict=True)
        ),
        tuple(tuple(shaped(node, shape, reader.proof)) for node, shape in zip(proofs, shapes, strict=True)),
    )


@dataclass(slots=True)
class Decryption:
    """Collects the shares of one tally; ``keys`` are the trustees' keys, item by item."""

    election: Election
    items: Sequence[Item]
    keys: Sequence[Sequence[Element]]
    rows: Ciphertexts
    report: ReportBuilder
    _seen: set[int] = field(default_factory=set)
    _valid: dict[int, list[list[Element]]] = field(default_factory=dict)

    def take(self, payload: bytes, raw: bytes, where: str) -> None:
        """The next share: DECRYPTIONS.1 and DECRYPTIONS.2."""
        report = self.report
        report.count("DECRYPTIONS.1")
        try:
            share = read_share(payload, raw, self.election, self.rows)
        except DecodeError as error:
            report.fail("DECRYPTIONS.1", where, str(error))
            return
        flat = [key for keys in self.keys for key in keys]
        if share.owner > len(flat):
            report.fail(
                "DECRYPTIONS.1",
                where,
                "there is no such trustee",
                expected=f"1 to {len(flat)}",
                computed=share.owner,
            )
            return
        if share.owner in self._seen:
            message = "the trustee's partial decryption stands in the archive before"
            report.fail("DECRYPTIONS.1", where, message, computed=share.owner)
            return
        self._seen.add(share.owner)
        report.add("shares")
        factors = self._check(share, flat[share.owner - 1], f"{where}, trustee {share.owner}")
        if factors is not None:
            self._valid[share.owner] = factors

    def _check(self, share: Share, key: Element, where: str) -> list[list[Element]] | None:
        election, group, report = self.election, self.election.group, self.report
        key_text = group.text_of(key.encode())
        challenge = hashes.challenge(group, hashes.partial_decryption(election.fingerprint, key_text))
        sound = True
        found: list[list[Element]] = []
        for number, (row, factors, proofs) in enumerate(
            zip(self.rows, share.factors, share.proofs, strict=True), start=1
        ):
            elements: list[Element] = []
            for slot, ((alpha, _), factor, proof) in enumerate(
                zip(row, factors, proofs, strict=True), start=1
            ):
                report.count("DECRYPTIONS.2")
                statement = same_exponent((group.generator, key), (alpha, factor))
                try:
                    elements.append(_element(factor, verify(group, statement, proof, challenge)))
                except VerificationError as error:
                    sound = False
                    report.fail(
                        "DECRYPTIONS.2",
                        f"{where}, question {number}, factor {slot}",
                        error.message,
                        expected=error.expected,
                        computed=error.computed,
                    )
            found.append(elements)
        return found if sound else None

    def combined(self) -> list[list[Element]] | None:
        """DECRYPTIONS.3: the factors of all items together, by question; None if some are missing."""
        group, report = self.election.group, self.report
        chosen: list[tuple[Scalar, list[list[Element]]]] = []
        before, enough = 0, True
        for number, item in enumerate(self.items, start=1):
            report.count("DECRYPTIONS.3")
            places = [place for place in range(1, len(item.keys) + 1) if before + place in self._valid][
                : item.needed
            ]
            seen = sum(before + place in self._seen for place in range(1, len(item.keys) + 1))
            if len(places) < item.needed:
                enough = False
                if seen < item.needed:
                    report.fail(
                        "DECRYPTIONS.3",
                        f"trustees item {number}",
                        "too few trustees took part",
                        expected=item.needed,
                        computed=seen,
                    )
            for place in places:
                weight = lagrange(group.order, places, place) if item.threshold else 1
                chosen.append((group.scalar(weight), self._valid[before + place]))
            before += len(item.keys)
        if not enough:
            return None
        return [
            [
                group.product(
                    factors[question][slot]
                    if weight.value == 1
                    else group.power(factors[question][slot], weight)
                    for weight, factors in chosen
                )
                for slot in range(len(row))
            ]
            for question, row in enumerate(self.rows)
        ]


def lagrange(order: int, places: Sequence[int], place: int) -> int:
    """The coefficient of ``place`` for the value at 0: the product of k / (k - place) over the others."""
    numerator = denominator = 1
    for other in places:
        if other != place:
            numerator = numerator * other % order
            denominator = denominator * (other - place) % order
    return numerator * pow(denominator, -1, order) % order


def _element(value: Claimed, shown: dict[Claimed, Element]) -> Element:
    return value if isinstance(value, Element) else shown[value]
