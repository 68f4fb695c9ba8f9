"""Many proofs at once: all their equations in one random linear combination.

Verifications 2, 6, 7, 10 and 12 and the Schnorr proofs of ballot data all ask whether
``prod base^v * prod image^c`` is the commitment that was hashed. Where the commitments are given, all
these equations are raised to random weights and multiplied, and one product of powers decides them
together with the membership of every image and every commitment. ``specs/batch-verification.md`` proves
that a chunk with a false equation or a non-member is accepted with probability at most
:attr:`Batch.error`, which is 2^-128 for the published groups and 128 bits.

Rules:

* Every equation has a weight of its own (e). Weights are drawn by :meth:`Batch.decide`, when everything
  that it decides is fixed.
* Fixed bases (g, K) collapse to one exponent each, modulo q. A claimed image gets ``s + q t``, where s is
  what the equations ask modulo q, and t a weight of its own: it is in the subgroup only by this decision.
  Images that are equal share t, and what the equations ask of them adds up.
* A commitment gets its equation's weight and nothing else.
* Every image and every commitment is tested for its part of order 2, by its Jacobi symbol or by subset
  products (:meth:`~evote.groups.Group.combination_by_subsets`).

What is not here, and is never replaced by it: canonical decoding, the challenge as hash of statement
and commitments, the sum of a disjunction's challenges, and ranges of numbers in other forms than
:class:`~evote.groups.Scalar`. In a toy group with small factors of p - 1 the bound is weaker, and
:attr:`Batch.error` says what it is.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import Final, Literal

from evote.elgamal import PublicKey
from evote.groups import Claimed, Element, FixedBase, Group, Profile
from evote.proofs.relation import Disjunction, DisjunctionProof, LinearRelation, RelationProof
from evote.proofs.weights import FRESH_BITS, DerivedWeights, FreshWeights, Weights

__all__ = ["Accepted", "Batch", "DerivedWeights", "FreshWeights", "Method", "Weights"]

Method = Literal["auto", "jacobi", "subsets"]

SUBSET_POWERS_IN_SYMBOLS: Final = 43
"""One q-th power costs as much as so many Jacobi symbols (4096 bits: 1.17 ms and 27 us)."""

_Pair = tuple[int, int]


class Accepted:
    """The decision that a batch holds, and the members that it showed."""

    __slots__ = ("_members",)

    def __init__(self, members: dict[bytes, Element]) -> None:
        self._members = members

    def element(self, value: Claimed) -> Element:
        """An image of the batch as a member; an element stays what it is. ``KeyError`` for anything else."""
        if isinstance(value, Element):
            return value
        member = self._members.get(value.encode())
        if member is None or member.group is not value.group:
            raise KeyError("this decision says nothing about that value")
        return member


class _Ranges:
    """Ranges 0..R of one product of ciphertexts; g, K, alphas and betas are places among the terms."""

    __slots__ = ("alphas", "betas", "generator", "key", "pairs")

    def __init__(
        self, generator: int, key: int, alphas: list[int], betas: list[int], pairs: tuple[_Pair, ...]
    ) -> None:
        self.generator = generator
        self.key = key
        self.alphas = alphas
        self.betas = betas
        self.pairs = pairs


_Equation = list[tuple[int, int]]
"""``commitment = prod term^exponent``: places among the terms, and exponents."""


class Batch:
    """Collects statements with their proofs and commitments; :meth:`decide` decides them all at once.

    ``weights`` have at least 128 bits outside toy groups. ``method`` is the test of parts of small
    order: ``jacobi`` looks at every value, ``subsets`` takes one q-th power per bit of a weight, ``auto``
    the cheaper one for the number of values. Memory: references to what is added, and while deciding at
    most 2^16 products. ``ValueError`` for anything that cannot be asked; then nothing is added.
    """

    def __init__(self, group: Group, weights: Weights, *, method: Method = "auto") -> None:
        if method not in ("auto", "jacobi", "subsets"):
            raise ValueError(f"{method!r} is no method; there are auto, jacobi and subsets")
        if weights.bits < FRESH_BITS and group.profile is not Profile.TOY:
            raise ValueError(f"a weight has at least {FRESH_BITS} bits")
        self._group = group
        self._weights = weights
        self._method = method
        self._statements: list[_Ranges | _Equation] = []
        # Images by their bytes (whoever chooses values can make Python's hashes of integers collide),
        # known elements by identity: looking at every key's bytes again would cost more than it saves.
        self._places: dict[bytes | int, int] = {}
        self._terms: list[Claimed] = []
        self._commitments: list[Claimed] = []
        self._decided = False

    def __len__(self) -> int:
        """The number of equations."""
        return len(self._commitments)

    @property
    def by_subsets(self) -> bool:
        """Whether subset products stand in for Jacobi symbols, as things are."""
        if self._method != "auto":
            return self._method == "subsets"
        values = len(self._terms) + len(self._commitments)
        return values > self._weights.bits * SUBSET_POWERS_IN_SYMBOLS

    @property
    def error(self) -> Fraction:
        """At most so probably a chunk with a false equation or a non-member is accepted."""
        return self._group.admission_error(self._weights.bits, by_subsets=self.by_subsets)

    # --- what is to be decided ---------------------------------------------------------------------

    def add_range(
        self,
        key: PublicKey,
        alphas: Sequence[Claimed],
        betas: Sequence[Claimed],
        pairs: Sequence[_Pair],
        commitments: Sequence[Claimed],
    ) -> None:
        """The product of ``(alphas, betas)`` encrypts one of 0..R under ``key`` (6.1, 6.2; 7.1 to 7.4).

        One ciphertext for a selection, all counted ones for a contest limit. ``pairs`` are
        (c_j, v_j) for j = 0..R with ``0 <= c_j, v_j < q``; ``commitments`` are a_0, b_0, a_1, b_1, ...
        Decided is ``a_j = g^v_j * alpha^c_j`` and ``b_j = K^(v_j - j c_j) * beta^c_j``.
        """
        self._open()
        held = tuple((c, v) for c, v in pairs)
        if not alphas or len(alphas) != len(betas):
            raise ValueError("a product has one beta per alpha, and at least one of each")
        if not held or len(commitments) != 2 * len(held):
            raise ValueError("a range has two commitments per value")
        self._check_scalars(held)
        self._check_values((key.base, *alphas, *betas, *commitments))
        self._statements.append(
            _Ranges(
                self._place(self._group.generator),
                self._place(key.base),
                [self._place(alpha) for alpha in alphas],
                [self._place(beta) for beta in betas],
                held,
            )
        )
        self._commitments.extend(commitments)

    def add_schnorr(self, base: Element, image: Claimed, pair: _Pair, commitment: Claimed) -> None:
        """``commitment = base^v * image^c`` for ``pair`` = (c, v), ``0 <= c, v < q``."""
        self._open()
        challenge, response = pair
        self._check_scalars((pair,))
        self._check_elements((base,))
        self._check_values((image, commitment))
        self._statements.append([(self._place(base), response), (self._place(image), challenge)])
        self._commitments.append(commitment)

    def add(
        self,
        statement: LinearRelation | Disjunction,
        proof: RelationProof | DisjunctionProof,
        commitments: Sequence[Claimed],
    ) -> None:
        """Any statement of :mod:`evote.proofs.relation`: one commitment per equation, branch after branch."""
        self._open()
        relations = statement.branches if isinstance(statement, Disjunction) else (statement,)
        proofs = proof.branches if isinstance(proof, DisjunctionProof) else (proof,)
        if [len(each.responses) for each in proofs] != [relation.scalars for relation in relations]:
            raise ValueError("a proof has one response per secret of its statement")
        if len(commitments) != sum(len(relation.equations) for relation in relations):
            raise ValueError("there is one commitment per equation")
        self._check_values(commitments)
        for relation, each in zip(relations, proofs, strict=True):
            if any(scalar.order != self._group.order for scalar in (each.challenge, *each.responses)):
                raise TypeError(f"not a proof in group {self._group.name}")
            for equation in relation.equations:
                self._check_values([image for image, _ in equation.image])
                self._check_elements([base for _, base in equation.terms])
        for relation, each in zip(relations, proofs, strict=True):
            for equation in relation.equations:
                powers = [(self._place(base), each.responses[index].value) for index, base in equation.terms]
                for image, coefficient in equation.image:
                    powers.append((self._place(image), coefficient * each.challenge.value))
                self._statements.append(powers)
        self._commitments.extend(commitments)

    # --- the decision ------------------------------------------------------------------------------

    def decide(self) -> Accepted | None:
        """Everything holds and every image and commitment is a member, or (None) something does not.

        Draws the weights: for the equations in the order in which they were added (of a range a_0, b_0,
        a_1, ...), then for the images in the order in which they first came. ``ValueError`` for a second
        call, and where there is nothing to decide.
        """
        self._open()
        if not self._statements:
            raise ValueError("there is nothing to decide")
        self._decided = True
        group, order = self._group, self._group.order
        weights = [self._weights.draw() for _ in self._commitments]
        asked = self._asked(iter(weights))
        # prod commitment^e * prod image^(q t - asked) * prod element^-asked = prod fixed^asked
        images: list[Claimed] = []
        exponents: list[int] = []
        others, powers = list(self._commitments), weights
        expected = group.identity
        for term, exponent in zip(self._terms, asked, strict=True):
            if isinstance(term, FixedBase):
                expected = group.multiply(expected, group.power(term, group.scalar(exponent)))
            elif isinstance(term, Element):
                others.append(term)
                powers.append(-exponent % order)
            else:
                images.append(term)
                exponents.append(-exponent)
        members = group.admit(
            images,
            exponents,
            others,
            powers,
            expected,
            draw=self._weights.draw,
            bits=self._weights.bits,
            by_subsets=self.by_subsets,
        )
        if members is None:
            return None
        return Accepted({member.encode(): member for member in members})

    def _asked(self, weights: Iterator[int]) -> list[int]:
        """Per term, the sum of what the equations ask of it, each times its weight; not reduced."""
        asked = [0] * len(self._terms)
        for statement in self._statements:
            if isinstance(statement, _Ranges):
                g = k = alpha = beta = 0
                for j, (c, v) in enumerate(statement.pairs):
                    e, f = next(weights), next(weights)
                    g += e * v
                    k += f * (v - j * c)
                    alpha += e * c
                    beta += f * c
                asked[statement.generator] += g
                asked[statement.key] += k
                for place in statement.alphas:
                    asked[place] += alpha
                for place in statement.betas:
                    asked[place] += beta
            else:
                e = next(weights)
                for place, exponent in statement:
                    asked[place] += e * exponent
        return asked

    # --- inside ------------------------------------------------------------------------------------

    def _open(self) -> None:
        if self._decided:
            raise ValueError("this batch has been decided")

    def _place(self, value: Claimed) -> int:
        """The place of a term; equal images share one."""
        key = id(value) if isinstance(value, Element) else value.encode()
        place = self._places.setdefault(key, len(self._terms))
        if place == len(self._terms):
            self._terms.append(value)
        return place

    def _check_scalars(self, pairs: Sequence[_Pair]) -> None:
        order = self._group.order
        for pair in pairs:
            for number in pair:
                if type(number) is not int:
                    raise TypeError("challenges and responses are plain integers here")
                if not 0 <= number < order:
                    raise ValueError("challenges and responses lie between 0 and the group order")

    def _check_values(self, values: Sequence[Claimed]) -> None:
        group = self._group
        for value in values:
            if not isinstance(value, Claimed) or value.group is not group:
                raise TypeError(f"not a value of group {group.name}")

    def _check_elements(self, values: Sequence[Element]) -> None:
        self._check_values(values)
        if not all(isinstance(value, Element) for value in values):
            raise TypeError("a base is a member before anything is decided")
