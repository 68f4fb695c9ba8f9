"""Shuffles of non-homomorphic answers: each is a permutation with new encryptions ("Shuffle algorithms").

The proof is that of CHVote 1.3.2 (Haenni, Koenig, Locher, Dubuis; after Wikstroem): commitments to a
permutation, a chain of commitments, and one linear relation over all of them. Its responses are
``s = w + c x``, so that the proof engine, whose sign is the other one, is given the challenge -c; the
commitments that it computes must be the published t. Generators nobody knows the logarithms of come from
hashes of their numbers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from evote.errors import VerificationError
from evote.groups import Claimed, Element, Scalar
from evote.hashing import sha256
from evote.interop.belenios1 import hashes, texts
from evote.interop.belenios1.election import Election
from evote.interop.belenios1.groups import TextGroup
from evote.interop.belenios1.texts import members
from evote.interop.belenios1.values import Pair, Reader, exactly, member
from evote.manifest.strict_json import Node
from evote.proofs.relation import Equation, LinearRelation, RelationProof, recompute


@dataclass(frozen=True, slots=True)
class ShuffleProof:
    """One proof: t (t1, t2, t3, t41, t42 and the chain's), s (four and two per value), c and c-hat."""

    fixed: tuple[Claimed, ...]
    chain: tuple[Claimed, ...]
    responses: tuple[Scalar, ...]
    chain_responses: tuple[Scalar, ...]
    value_responses: tuple[Scalar, ...]
    permutation: tuple[Claimed, ...]
    links: tuple[Claimed, ...]


@dataclass(frozen=True, slots=True)
class Shuffle:
    """The ciphertexts after a shuffle, per question, each with its proof."""

    ciphertexts: tuple[tuple[Pair, ...], ...]
    proofs: tuple[ShuffleProof, ...]


def read_shuffle(raw: bytes, lengths: Sequence[int], reader: Reader) -> Shuffle:
    """The shuffle of rows of these lengths; raises :class:`~evote.errors.DecodeError`."""
    fields = members(texts.read_compact(raw), ("ciphertexts", "proofs"))
    rows = exactly(fields["ciphertexts"], len(lengths))
    proofs = exactly(fields["proofs"], len(lengths))
    return Shuffle(
        tuple(
            tuple(reader.pair(each) for each in exactly(row, length))
            for row, length in zip(rows, lengths, strict=True)
        ),
        tuple(_proof(proof, length, reader) for proof, length in zip(proofs, lengths, strict=True)),
    )


def _proof(node: Node, length: int, reader: Reader) -> ShuffleProof:
    t, s, permutation, links = exactly(node, 4)
    t1, t2, t3, t4, chain = exactly(t, 5)
    t41, t42 = exactly(t4, 2)
    s1, s2, s3, s4, chain_responses, value_responses = exactly(s, 6)

    def elements(nodes: Sequence[Node]) -> tuple[Claimed, ...]:
        return tuple(reader.element(each) for each in nodes)

    def scalars(nodes: Sequence[Node]) -> tuple[Scalar, ...]:
        return tuple(reader.scalar(each) for each in nodes)

    return ShuffleProof(
        elements((t1, t2, t3, t41, t42)),
        elements(exactly(chain, length)),
        scalars((s1, s2, s3, s4)),
        scalars(exactly(chain_responses, length)),
        scalars(exactly(value_responses, length)),
        elements(exactly(permutation, length)),
        elements(exactly(links, length)),
    )


def check_shuffle(
    election: Election, before: Sequence[Pair], after: Sequence[Pair], proof: ShuffleProof
) -> None:
    """``after`` is a shuffle of ``before``; raises :class:`~evote.errors.VerificationError`."""
    group = election.group
    count = len(before)
    pairs_before, pairs_after = _members(group, before), _members(group, after)
    for value in (*proof.fixed, *proof.chain):
        member(group, value)
    permutation = [member(group, value) for value in proof.permutation]
    links = [member(group, value) for value in proof.links]
    start = _generator(group, -1)
    bases = [_generator(group, number) for number in range(count)]
    if len({start, *bases}) != count + 1:
        raise VerificationError("two of the shuffle's generators are equal")

    statement_text = _texts(before) + _texts(after) + _elements(group, permutation)
    seed = sha256(f"shuffle-challenges|{election.fingerprint}|{statement_text}".encode()).hex()
    powers = [
        hashes.number(group, seed + sha256(str(number).encode("ascii")).hex()) for number in range(count)
    ]
    commitments_text = _elements(group, (*proof.fixed, *proof.chain))
    challenge = hashes.number(
        group,
        f"shuffle-challenge|{election.fingerprint}|{commitments_text}{statement_text}"
        f"{_elements(group, links)}{election.key_text}",
    )

    total = group.scalar(1)
    for power in powers:
        total = total * power
    summed = group.multiply(group.product(permutation), group.invert(group.product(bases)))
    closed = group.multiply(links[-1] if links else start, group.invert(group.power(start, total)))
    raised = [
        group.product(map(group.power, column, powers))
        for column in (permutation, [beta for _, beta in pairs_before], [alpha for alpha, _ in pairs_before])
    ]
    generator, key = group.generator, election.key.base
    inverse, inverse_key = group.invert(generator), group.invert(key)
    first = 4 + count  # where the responses of the permuted challenges begin

    def with_values(image: Element, index: int, base: Element, column: Sequence[Element]) -> Equation:
        terms = [(index, base), *((first + place, each) for place, each in enumerate(column))]
        return Equation(((image, 1),), tuple(terms))

    equations = [
        Equation(((summed, 1),), ((0, generator),)),
        Equation(((closed, 1),), ((1, generator),)),
        with_values(raised[0], 2, generator, bases),
        with_values(raised[1], 3, inverse_key, [beta for _, beta in pairs_after]),
        with_values(raised[2], 3, inverse, [alpha for alpha, _ in pairs_after]),
    ]
    for number, link in enumerate(links):
        previous = links[number - 1] if number else start
        equations.append(Equation(((link, 1),), ((4 + number, generator), (first + number, previous))))
    relation = LinearRelation(4 + 2 * count, tuple(equations))
    responses = (*proof.responses, *proof.chain_responses, *proof.value_responses)
    found = recompute(group, (relation,), (RelationProof(-challenge, responses),))
    if list(found) != [*proof.fixed, *proof.chain]:
        raise VerificationError("the proof of the shuffle does not hold")


def _members(group: TextGroup, pairs: Sequence[Pair]) -> list[tuple[Element, Element]]:
    return [(member(group, pair.alpha), member(group, pair.beta)) for pair in pairs]


def _generator(group: TextGroup, number: int) -> Element:
    """The generator of that number ("GetGenerator")."""
    found = member(group, group.generator_of(sha256(f"ggen|{number}".encode("ascii"))))
    if found in (group.identity, group.generator):
        raise VerificationError("a hash gives a generator whose logarithm is known")
    return found


def _texts(pairs: Sequence[Pair]) -> str:
    return "".join(f"{pair.text}," for pair in pairs)


def _elements(group: TextGroup, values: Sequence[Claimed]) -> str:
    return "".join(f"{group.text_of(value.encode())}," for value in values)
