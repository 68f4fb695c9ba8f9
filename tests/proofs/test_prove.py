"""The prover: what it spends, what it draws, and that neither depends on what is proven."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from evote.elgamal import PublicKey, encrypt
from evote.errors import VerificationError
from evote.groups import Element, Scalar
from evote.proofs.prove import Exponents, commit, prove, prove_disjunction, respond
from evote.proofs.range_prover import prove_range
from evote.proofs.ranges import range_statement
from evote.proofs.relation import Disjunction, knowledge, same_exponent
from evote.proofs.verify import verify, verify_disjunction
from evote.randomness import uniform_below
from evote.secret import Secret
from evote.testing.randomness import SeededRandomness
from tests.counting import CountingGroup, random_element
from tests.proofs.setting import GROUP, KEY, challenge_over, claimed, encrypted, range_challenge


class CountingRandomness:
    """A seeded source that writes down what it was asked for."""

    def __init__(self, seed: str) -> None:
        self._source = SeededRandomness(seed)
        self.asked: list[int] = []

    def token(self, size: int) -> bytes:
        return self._source.token(size)

    def below(self, bound: int) -> int:
        self.asked.append(bound)
        return uniform_below(self.token, bound)


# --- cost ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("limit", range(6))
def test_encryption_and_proof_cost_the_same_for_every_value(limit: int) -> None:
    group = CountingGroup()
    key = PublicKey.of(random_element(group))
    for value in range(limit + 1):
        rng = CountingRandomness("cost")
        nonce = group.random_scalar(rng)
        group.spent()
        ciphertext = encrypt(key, value, nonce)
        challenge = range_challenge(ciphertext.alpha, ciphertext.beta)
        made = prove_range(key, ciphertext, value, Secret(nonce), limit, challenge, rng=rng)
        assert group.spent() == {"fixed": 2 + 2 * (limit + 1)}
        assert len(made.commitments) == 2 * (limit + 1)
        assert rng.asked == [group.order] * (1 + 2 * (limit + 1))


def test_one_selection_costs_six_table_powers() -> None:
    group = CountingGroup()
    key = PublicKey.of(random_element(group))
    group.spent()
    nonce = group.random_scalar()
    ciphertext = encrypt(key, 1, nonce)
    challenge = range_challenge(ciphertext.alpha, ciphertext.beta)
    prove_range(key, ciphertext, 1, Secret(nonce), 1, challenge)
    assert group.spent() == {"fixed": 6}


@pytest.mark.parametrize("limit", range(6))
def test_verification_costs_two_shared_passes_and_table_powers(limit: int) -> None:
    group = CountingGroup()
    key = PublicKey.of(random_element(group))
    nonce = group.random_scalar()
    ciphertext = encrypt(key, 0, nonce)
    challenge = range_challenge(ciphertext.alpha, ciphertext.beta)
    proof = prove_range(key, ciphertext, 0, Secret(nonce), limit, challenge).proof
    alpha, beta = claimed(ciphertext.alpha), claimed(ciphertext.beta)
    group.spent()
    verify_disjunction(group, range_statement(key, alpha, beta, limit), proof, challenge)
    # One pass each for alpha and beta, in which their powers and their membership share the squarings.
    branches = limit + 1
    assert group.spent() == {"fixed": 2 * branches, "passes": 2, "shared": 2 * branches}


def test_a_failing_verification_costs_no_more() -> None:
    group = CountingGroup()
    relation = knowledge((group.generator, claimed(random_element(group))))
    witness = [Secret(group.random_scalar())]
    proof = prove(group, relation, witness, challenge_over(group=group), exponents=Exponents.EPHEMERAL).proof
    group.spent()
    with pytest.raises(VerificationError, match="challenge"):
        verify(group, relation, proof, challenge_over(group=group))
    assert group.spent() == {"fixed": 1, "passes": 1, "shared": 1}


@pytest.mark.parametrize("count", [1, 2, 5])
def test_long_term_secrets_meet_neither_table_nor_variable_time(count: int) -> None:
    group = CountingGroup()
    witness = [Secret(group.random_scalar()) for _ in range(count)]
    g = group.generator
    grouped = knowledge(*((g, group.power_secret(g, secret)) for secret in witness))
    bases = [group.generator, *(random_element(group) for _ in range(count))]
    equal = same_exponent(*((base, group.power_secret(base, witness[0])) for base in bases))
    challenge = challenge_over(group=group)
    group.spent()
    prove(group, grouped, witness, challenge, exponents=Exponents.LONG_TERM)
    assert group.spent() == {"secret": count}
    nonces, _ = commit(group, equal, exponents=Exponents.LONG_TERM)
    assert group.spent() == {"secret": count + 1}
    respond(nonces, witness[:1], group.scalar(5))
    assert group.spent() == {}


@pytest.mark.parametrize("count", [1, 2, 5])
def test_secrets_of_one_ballot_use_the_tables(count: int) -> None:
    group = CountingGroup()
    key = PublicKey.of(random_element(group))
    witness = [Secret(group.random_scalar()) for _ in range(count)]
    grouped = knowledge(*((key.base, group.power(key.base, secret.reveal())) for secret in witness))
    group.spent()
    prove(group, grouped, witness, challenge_over(group=group), exponents=Exponents.EPHEMERAL)
    assert group.spent() == {"fixed": count}


def test_what_an_exponent_is_must_be_said() -> None:
    relation = knowledge((GROUP.generator, KEY.base))
    with pytest.raises(TypeError, match="exponents"):
        prove(GROUP, relation, [Secret(GROUP.scalar(1))], challenge_over())  # type: ignore[call-arg]
    with pytest.raises(TypeError, match="exponents"):
        commit(GROUP, relation)  # type: ignore[call-arg]


# --- what is drawn -------------------------------------------------------------------------------


def test_nonces_are_fresh_and_travel_in_a_box() -> None:
    relation = knowledge((GROUP.generator, KEY.base), (KEY.base, KEY.base))
    drawn = [commit(GROUP, relation, exponents=Exponents.LONG_TERM) for _ in range(20)]
    values = [scalar.value for nonces, _ in drawn for scalar in nonces.reveal()]
    assert len(set(values)) == 40
    assert "Scalar" not in repr(drawn[0][0])
    for nonces, commitments in drawn:
        first, second = nonces.reveal()
        assert commitments == (GROUP.power(GROUP.generator, first), GROUP.power(KEY.base, second))


def test_every_commitment_of_a_range_proof_is_fresh() -> None:
    ciphertext, nonce = encrypted(1)
    challenge = range_challenge(ciphertext.alpha, ciphertext.beta)
    made = [prove_range(KEY, ciphertext, 1, nonce, 2, challenge) for _ in range(10)]
    commitments = [element for proof in made for element in proof.commitments]
    assert len(set(commitments)) == len(commitments)
    numbers = [branch.challenge for proof in made for branch in proof.proof.branches]
    numbers += [branch.responses[0] for proof in made for branch in proof.proof.branches]
    assert len(set(numbers)) == len(numbers)


def test_one_stream_of_randomness_gives_one_proof() -> None:
    ciphertext, nonce = encrypted(1)
    challenge = range_challenge(ciphertext.alpha, ciphertext.beta)
    first, second, other = (
        prove_range(KEY, ciphertext, 1, nonce, 1, challenge, rng=SeededRandomness(seed))
        for seed in ("one", "one", "two")
    )
    assert first == second
    assert first.commitments != other.commitments


def test_proofs_of_different_values_look_alike() -> None:
    """The same stream: the branch that holds is answered last, the others keep what was drawn."""
    for value in (0, 1):
        ciphertext, nonce = encrypted(value)
        challenge = range_challenge(ciphertext.alpha, ciphertext.beta)
        made = prove_range(KEY, ciphertext, value, nonce, 1, challenge, rng=SeededRandomness("alike"))
        source = SeededRandomness("alike")
        drawn = [(GROUP.random_scalar(source), GROUP.random_scalar(source)) for _ in range(2)]
        for branch, (_, share) in enumerate(drawn):
            assert (made.proof.branches[branch].challenge == share) == (branch != value)
        total = GROUP.scalar(sum(branch.challenge.value for branch in made.proof.branches))
        assert total == challenge([element.encode() for element in made.commitments])


def test_the_challenge_function_is_asked_once_with_all_commitments() -> None:
    ciphertext, nonce = encrypted(1)
    asked: list[list[bytes]] = []

    def spy(commitments: Sequence[bytes]) -> Scalar:
        asked.append([*commitments])
        return GROUP.scalar(5)

    made = prove_range(KEY, ciphertext, 1, nonce, 3, spy)
    assert asked == [[element.encode() for element in made.commitments]]


# --- the caller's mistakes -----------------------------------------------------------------------


def disjunction() -> tuple[Disjunction, Secret[Scalar], list[Element]]:
    ciphertext, nonce = encrypted(1)
    statement = range_statement(KEY, ciphertext.alpha, ciphertext.beta, 1)
    return statement, nonce, [ciphertext.alpha, ciphertext.beta]


@pytest.mark.parametrize("true_branch", [-2, -1, 2, 100])
def test_the_branch_that_holds_is_one_of_the_statement(true_branch: int) -> None:
    statement, nonce, images = disjunction()
    defects = [((), ((KEY.base, 1),)), ((), ((KEY.base, 0),))]
    with pytest.raises(ValueError, match="branch that holds"):
        prove_disjunction(GROUP, statement, true_branch, (nonce,), defects, challenge_over(*images))


@pytest.mark.parametrize("count", [0, 1, 3])
def test_there_is_one_defect_per_branch(count: int) -> None:
    statement, nonce, images = disjunction()
    with pytest.raises(ValueError):
        prove_disjunction(GROUP, statement, 0, (nonce,), [((), ())] * count, challenge_over(*images))


def test_there_is_one_defect_per_equation() -> None:
    statement, nonce, images = disjunction()
    with pytest.raises(ValueError):
        prove_disjunction(GROUP, statement, 0, (nonce,), [((),)] * 2, challenge_over(*images))


@pytest.mark.parametrize("count", [0, 2])
def test_there_is_one_witness_per_secret(count: int) -> None:
    witness = [Secret(GROUP.scalar(3))] * count
    relation = knowledge((GROUP.generator, KEY.base))
    with pytest.raises(ValueError):
        prove(GROUP, relation, witness, challenge_over(), exponents=Exponents.EPHEMERAL)
    statement, _, images = disjunction()
    defects = [((), ((KEY.base, 1),)), ((), ((KEY.base, 0),))]
    with pytest.raises(ValueError):
        prove_disjunction(GROUP, statement, 1, witness, defects, challenge_over(*images))
