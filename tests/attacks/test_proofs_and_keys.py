"""Attacks on proofs, groups, keys and decryptions, each carried out and stopped (A1 to A20, A36 to A49)."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import gmpy2
import pytest

from evote.ballots import hashes
from evote.ballots.device import Device
from evote.ballots.encrypt import encrypt
from evote.ballots.examine import examine
from evote.ballots.hints import BallotHint
from evote.ballots.values import ProofPair, Selection, SubmittedBallot
from evote.ceremony import check_binding, verify_guardian_record
from evote.codec import encode
from evote.elgamal import DiscreteLog
from evote.errors import DecodeError, DecryptionError, DiscreteLogError, VerificationError
from evote.groups import MembershipError, Profile, named
from evote.groups.modp import ModPGroup
from evote.groups.p256 import scalar_of
from evote.manifest import Parameters, parameter_base_hash
from evote.record import RecordReader, load_election
from evote.signing import VerifyKey
from evote.testing.elections import Kit
from evote.testing.forge import Cheat, Forge
from evote.testing.groups import toy
from evote.verifier import verify_record
from tests.attacks.kit import (
    assert_record_fails,
    failing,
    kit,
    vote,
    with_contest,
    with_selection,
)
from tests.ballots import test_batch as batched
from tests.ballots import test_encrypt as encryption
from tests.ballots.chunks import hint, honest
from tests.ceremony import test_blame as ceremonies
from tests.ceremony.support import Ceremony, make_setting, records_in
from tests.decryption import test_blame as decryptions
from tests.decryption import test_check as checks
from tests.decryption import test_request as requests
from tests.groups import test_curve as curves
from tests.groups import test_modp as scalars
from tests.proofs import test_batch_attacks as batches
from tests.proofs.batching import METHODS
from tests.signing.points import NON_CANONICAL, SMALL_ORDER


def number(data: bytes) -> int:
    return int.from_bytes(data, "big")


def wide(value: int) -> bytes:
    """An element of the toy group as bytes."""
    return value.to_bytes(kit().group.element_bytes, "big")


def scalar(value: int) -> bytes:
    return (value % kit().q).to_bytes(32, "big")


# --- Fiat and Shamir ---------------------------------------------------------------------------------


def test_A01_a_ciphertext_chosen_after_its_challenge_proves_nothing() -> None:
    """The prover fixes commitments, learns the challenge, and solves for a ciphertext of a huge vote."""
    made, forge = kit(), kit().forge
    p, q, g, key_power = made.p, made.q, forge.g, forge.vote_key
    submitted = vote()
    key, honest = submitted.ballot.identifier_hash, submitted.ballot.contests[0].selections[0]
    nonce, d = 7, None
    while d is None:
        a0, a1, gap0, gap1 = (forge.rng.below(q) for _ in range(4))
        commitments = [
            wide(pow(g, a0, p)),
            wide(pow(key_power, a0 + gap0, p)),
            wide(pow(g, a1, p)),
            wide(pow(key_power, a1 + gap1, p)),
        ]
        # If the ciphertext were not hashed, this would be the challenge of every ciphertext.
        c = hashes.selection_challenge(made.group, key, 1, 1, honest.alpha, honest.beta, commitments).value
        # With beta = K^(nonce + d): gap0 = c0 d, gap1 = c1 (d - 1), c0 + c1 = c; a quadratic in d.
        middle = (c + gap0 + gap1) % q
        root = _root((middle * middle - 4 * c * gap0) % q, q)
        d = None if root is None else (middle + root) * pow(2 * c, -1, q) % q
        d = None if d in (0, 1) else d
    c0, c1 = gap0 * pow(d, -1, q) % q, gap1 * pow(d - 1, -1, q) % q
    assert (c0 + c1) % q == c and d > 1000, "the forgery encrypts a number that is no vote"
    alpha, beta = wide(pow(g, nonce, p)), wide(pow(key_power, (nonce + d) % q, p))
    proof = tuple(ProofPair(scalar(ci), scalar(ai - ci * nonce)) for ai, ci in ((a0, c0), (a1, c1)))
    forged = Selection(1, alpha, beta, proof)
    assert failing(with_selection(submitted, lambda _: forged)) == {"6.D", "7.D"}


def _root(value: int, q: int) -> int | None:
    """A square root modulo the prime q = 3 (mod 4) or found by trying the general algorithm; or None."""
    if gmpy2.legendre(value, q) != 1:
        return None
    if q % 4 == 3:
        return pow(value, (q + 1) // 4, q)
    odd, twos = q - 1, 0
    while odd % 2 == 0:
        odd, twos = odd // 2, twos + 1
    stranger = next(z for z in range(2, 1000) if gmpy2.legendre(z, q) == -1)
    c, root, rest, left = pow(stranger, odd, q), pow(value, (odd + 1) // 2, q), pow(value, odd, q), twos
    while rest != 1:
        step = next(i for i in range(1, left) if pow(rest, 1 << i, q) == 1)
        factor = pow(c, 1 << (left - step - 1), q)
        root, c = root * factor % q, factor * factor % q
        rest, left = rest * c % q, step
    return root


def test_A02_a_proof_made_for_another_generator_is_worth_nothing() -> None:
    """The prover picks the generator: a ballot made with g^5 under otherwise equal parameters."""
    made = kit()
    size = made.group.element_bytes
    other = ModPGroup(made.group.name, Profile.TOY, p=made.p, q=made.q, g=pow(made.forge.g, 5, made.p))
    assert other.parameter_bytes()[: size + 32] == made.group.parameter_bytes()[: size + 32]
    stated = [parameter_base_hash(Parameters(group, 3, 2)) for group in (made.group, other)]
    assert stated[0] != stated[1], "H_P keys everything that follows"
    forge = Forge(made.election, "another generator")
    forge.g = pow(forge.g, 5, made.p)
    submitted, _ = forge.ballot("North", "all", {"Mayor": {"Ada": 1}})
    # alpha = g^(5 nonce) while beta = K^(nonce): the proof holds for the other generator only.
    assert failing(submitted) >= {"6.D", "7.D", "E.4"}


def test_A03_proofs_do_not_move_between_elections_contests_options_or_ballots() -> None:
    """Mix and match: an honest proof with its ciphertext is filed in every other place."""
    one, two = vote(), vote()
    first, second = one.ballot.contests[0].selections[:2]
    moved = with_contest(
        one,
        lambda contest: replace(
            contest,
            selections=(replace(second, option=1), replace(first, option=2), *contest.selections[2:]),
        ),
    )
    assert failing(moved) == {"6.D"}, "the product and its proof stay the same"
    copied = with_contest(two, lambda _: one.ballot.contests[0])
    assert failing(copied) == {"6.D", "7.D"}
    twin = Kit({**TWIN, "label": "Another"}, seed="attacks twin")
    home = Kit(TWIN, seed="attacks twin")
    assert twin.vote_secret == home.vote_secret, "the very same keys in two elections"
    replayed = home.vote("North", {"Mayor": {"Ada": 1}})
    found = {finding.check for finding in examine(twin.election, replayed).findings}
    assert found >= {"5.B", "6.D", "7.D", "8.A", "8.B", "E.1", "E.4"}


TWIN = {
    "label": "One",
    "test": True,
    "minimum_cell": 1,
    "contests": [{"label": "Mayor", "options": ["Ada", "Grace"]}],
    "units": ["North"],
}


def test_A04_a_random_challenge_with_matching_responses_is_no_proof() -> None:
    """Whoever draws challenge and response first gets commitments that fit, and never the hash."""
    forge = kit().forge

    def edit(selection: Selection) -> Selection:
        drawn = tuple(
            ProofPair(scalar(forge.rng.below(kit().q)), scalar(forge.rng.below(kit().q)))
            for _ in selection.proof
        )
        return replace(selection, proof=drawn)

    assert failing(with_selection(vote(), edit)) == {"6.D"}
    record = records_in(_opened())[2]
    proof = replace(record.vote_proof, challenge=scalar(forge.rng.below(kit().q)))
    with pytest.raises(VerificationError) as caught:
        verify_guardian_record(make_setting(), replace(record, vote_proof=proof))
    assert caught.value.check == "2.C"


def _opened() -> Ceremony:
    ceremony = Ceremony(make_setting())
    ceremony.open_records()
    return ceremony


# --- groups, members, encodings ----------------------------------------------------------------------


def test_A07_a_generator_that_nobody_can_explain_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The generator of a published set is replaced by a power of it whose logarithm the author knows."""
    assert_record_fails("another g", tmp_path)
    from evote.groups import params

    # The set is regenerated from its formula and compared with its published fingerprint.
    published = params._SETS["electionguard-3072"]
    monkeypatch.setattr(params, "_loaded", {})
    monkeypatch.setattr(params.gmpy2, "powmod", lambda base, exponent, p: pow(base, exponent * 5, p))
    monkeypatch.setitem(params._SETS, "electionguard-3072", published)
    with pytest.raises(ValueError, match="fingerprint"):
        named("electionguard-3072")


def test_A09_a_group_that_is_too_small_never_passes(tmp_path: Path) -> None:
    """An election on a toy group is published as if it were one: everything else in it holds."""
    made = kit()
    made.restart()
    vote()
    directory = made.write(made.publish(), tmp_path / "record")
    report = verify_record(directory)
    assert set(report.failed) >= {"1.B", "1.C", "1.D"} and report.exit_code == 1
    with pytest.raises(DecodeError):
        load_election(RecordReader(directory))
    with pytest.raises(ValueError, match="known"):
        named(toy().name)
    p, q, g = made.p, made.q, made.forge.g
    for wrong in ((p + 2, q, g), (p, q + 2, g), (p, q, 1), (p, q, p - 1), (p, q, 2)):
        with pytest.raises(ValueError, match="group wrong"):
            ModPGroup("wrong", Profile.TOY, p=wrong[0], q=wrong[1], g=wrong[2])


def test_A10_no_road_leads_around_the_membership_check(tmp_path: Path) -> None:
    """In every place of an element: a sign, a component of other order, p - 1, zero, p and more."""
    made, p, q = kit(), kit().p, kit().q
    # A device grinds its proofs so that every equation holds for p - alpha as well.
    assert failing(vote(Cheat(flip=frozenset({("Mayor", "Ada")})))) == {"6.A", "7.A"}
    component = pow(3, 2 * q, p)
    strangers: list[Callable[[int], int]] = [
        lambda x: p - x,
        lambda x: x * component % p,
        lambda x: p - 1,
        lambda x: 0,
        lambda x: p,
        lambda x: x + p if x + p < 256**made.group.element_bytes else p,
    ]
    submitted = vote()
    for stranger in strangers:
        for name in ("alpha", "beta"):
            first = submitted.ballot.contests[0].selections[0]
            strange = replace(first, **{name: wide(stranger(number(getattr(first, name))))})
            assert failing(with_selection(submitted, lambda _, s=strange: s)) >= {"6.A", "7.A"}
        sealed = submitted.ballot.nonce
        nonce = replace(sealed, c0=wide(stranger(number(sealed.c0))))
        assert "E.4" in failing(replace(submitted, ballot=replace(submitted.ballot, nonce=nonce)))
        record = made.records.guardians[0]
        for place in ("vote_commitments", "data_commitments"):
            keys = (wide(stranger(number(getattr(record, place)[0]))), *getattr(record, place)[1:])
            with pytest.raises(VerificationError) as caught:
                verify_guardian_record(made.setting, replace(record, **{place: keys}))
            assert caught.value.check == "2.A"
        key = wide(stranger(number(record.communication_key)))
        with pytest.raises(VerificationError) as caught:
            verify_guardian_record(made.setting, replace(record, communication_key=key))
        assert caught.value.check == "2.A"
    for name in ("decrypted T", "negated"):
        power = checks.case().field.power
        data = (checks.case().closed.kit.p - number(power)).to_bytes(len(power), "big")
        assert checks.case().field_failed(power=data) == {"10.B", "10.C"}, name


def test_A11_the_identity_and_zero_hide_nothing_and_are_refused() -> None:
    """alpha = 1, a nonce of zero, a key of one, an all-zero proof: each in the place it would help."""
    p, key = kit().p, kit().forge.vote_key
    assert failing(vote(Cheat(fixed_nonces={("Mayor", "Ada"): 0}))) == {"E.7"}
    assert failing(vote(Cheat(sealed_with=0))) == {"E.4"}
    zero = ProofPair(bytes(32), bytes(32))
    nothing = with_selection(vote(), lambda s: replace(s, proof=(zero,) * len(s.proof)))
    assert failing(nothing) == {"6.D"}
    one = with_selection(vote(), lambda s: Selection(1, wide(1), wide(key), (zero,) * len(s.proof)))
    assert failing(one) == {"6.D", "7.D", "E.7"}
    ceremonies.test_keys_that_cancel_each_other_stop_the_ceremony()
    assert wide(1) == kit().group.identity.encode() and p > 1


def test_A12_points_of_small_order_and_second_encodings_are_no_keys() -> None:
    """A key of small order verifies signatures of nobody; a second encoding makes one key two."""
    for encoded in (*SMALL_ORDER.values(), *NON_CANONICAL.values()):
        with pytest.raises(DecodeError):
            VerifyKey(encoded)
    group = kit().group
    for data in (wide(kit().p), wide(0), b"\x01" + wide(5)):
        with pytest.raises(DecodeError):
            group.decode(data)
    p256 = named("p256")
    good = p256.generator.encode()
    prime = 2**256 - 2**224 + 2**192 + 2**96 - 1
    for data in (
        b"\x04" + good[1:],
        b"\x02" + prime.to_bytes(32, "big"),
        good + b"\x00",
        b"\x02" + b"\xff" * 32,
    ):
        with pytest.raises(DecodeError):
            p256.decode(data)


# --- votes and weights -------------------------------------------------------------------------------

MINUS_ONE = toy().order - 1
"""The vote against a candidate, as a number of Z_q: forged proofs are made for the integer, not its class."""


@pytest.mark.parametrize(
    ("values", "fails"),
    [
        ([2, 0, 0], {"6.D", "7.D"}),
        ([1, 1, 0], {"7.D"}),
        ([-1, 1, 0], {"6.D"}),
        ([1000, -1000, 0], {"6.D"}),
        ([MINUS_ONE, 1, 0], {"6.D", "7.D"}),
    ],
)
def test_A13_a_value_outside_its_range_has_no_proof(values: list[int], fails: set[str]) -> None:
    """Two votes, a negative one, a pair that cancels in the sum, q - 1: with the best proof there is."""
    assert failing(vote(Cheat(values={"Mayor": values}))) == fails


def test_A14_a_count_is_searched_within_a_bound_that_is_tested_first() -> None:
    """A tally that would run for ever: a sum beyond what can be searched, and a power that is no count."""
    requests.test_a_count_beyond_the_bounded_search_is_refused_before_anything_is_decrypted()
    key = kit().election.vote_key.base
    group = kit().group
    with pytest.raises(DiscreteLogError):
        DiscreteLog(key, 1000).find(group.power(key, group.scalar(1001)))
    with pytest.raises(DiscreteLogError):
        DiscreteLog(key, 10**6).find(group.power(key, group.scalar(-1 % kit().q)))


def test_A15_a_weight_that_is_not_the_rolls_is_refused() -> None:
    """A device gives its voter two votes, or none: the ballot is otherwise in order."""
    for weight in (0, 2, 1_000_000):
        assert failing(vote(Cheat(weight=weight))) == {"E.3"}


# --- ceremony ----------------------------------------------------------------------------------------


def test_A16_a_guardian_that_waits_for_the_others_cannot_choose_the_joint_key() -> None:
    """The last guardian sees all keys and answers with what makes their product g; or replays old proofs."""
    ceremonies.test_a_rushing_guardian_cannot_fit_its_key_to_those_of_the_others()
    ceremonies.test_a_rushing_guardian_with_a_sound_record_made_late_is_named()
    # The same n, k and group: the proofs of 2.1 hold in both elections, the binding proof in one.
    setting, other = make_setting(), make_setting(manifest=b"another election")
    record = records_in(_opened())[2]
    check_binding(setting, record)
    verify_guardian_record(other, record)
    with pytest.raises(VerificationError, match="challenge"):
        check_binding(other, record)


def test_A17_whoever_deviates_in_the_ceremony_is_named_and_nobody_else() -> None:
    """Messages that are missing, double, in another's name or of index 0, and shares that do not fit."""
    for round_number in range(4):
        ceremonies.test_a_missing_message_names_who_owes_it(round_number)
        ceremonies.test_a_second_message_names_its_sender_even_if_it_is_the_same(round_number)
        ceremonies.test_a_message_of_nobody_names_the_index_it_bears(round_number, 0)
        ceremonies.test_a_message_in_ones_own_name_blames_no_guardian(round_number)
    ceremonies.test_no_message_has_index_0_on_the_wire()
    ceremonies.test_two_guardians_that_share_a_secret_are_both_named_by_others_and_each_by_the_other()
    ceremonies.test_a_bad_share_names_its_sender_to_the_one_who_got_it()


def test_A48_guardians_that_were_shown_different_keys_do_not_confirm() -> None:
    """One guardian sends other coefficients to one receiver, or commits differently before two of them."""
    ceremonies.test_different_records_for_different_receivers_name_their_sender()
    ceremonies.test_a_commitment_that_differs_between_receivers_names_its_sender_and_says_what_was_seen()
    ceremonies.test_a_different_guardian_hash_names_its_sender()
    record = records_in(_opened())[2]
    for setting in (make_setting(4), make_setting(quorum=3)):
        with pytest.raises(VerificationError):
            verify_guardian_record(setting, record)
    with pytest.raises(VerificationError) as caught:
        verify_guardian_record(make_setting(), replace(record, index=3))
    assert caught.value.check == "2.C"


# --- decryption --------------------------------------------------------------------------------------


def test_A08_a_count_that_is_not_in_the_sum_cannot_be_proven() -> None:
    """The office announces one vote more: T is that of the claimed count, the proof is simulated."""
    case = checks.case()
    closed, forge = case.closed.kit, case.closed.kit.forge
    group, p, q = closed.group, closed.p, closed.q
    claimed = case.field.count + 1
    power = pow(forge.vote_key, claimed, p)
    combined = number(case.beta.encode()) * pow(power, -1, p) % p
    wanted, response = forge.rng.below(q), forge.rng.below(q)
    a = pow(forge.g, response, p) * pow(forge.vote_key, wanted, p) % p
    b = pow(number(case.alpha.encode()), response, p) * pow(combined, wanted, p) % p
    hashed = checks.tally_challenge(
        group,
        closed.election.extended_hash,
        2,
        3,
        case.alpha.encode(),
        case.beta.encode(),
        wide(a),
        wide(b),
        wide(combined),
    )
    for challenge in (wanted, hashed.value):
        stated = {
            "power": wide(power),
            "count": claimed,
            "challenge": challenge.to_bytes(32, "big"),
            "response": response.to_bytes(32, "big"),
        }
        assert case.field_failed(**stated) == {"10.B"}
    assert case.field_failed(count=claimed) == {"10.C"}


def test_A18_a_wrong_partial_decryption_names_its_guardian_and_stops_nobody() -> None:
    """One guardian answers for another element, two spoil each other's sum, one answers twice."""
    decryptions.test_a_wrong_partial_decryption_names_its_guardian_when_it_is_combined(decryptions.FieldSum)
    decryptions.test_errors_that_cancel_in_the_sum_are_still_blamed_on_both()
    closed = decryptions.small(5, 3)
    for members in ((1, 3, 3), (1, 3), (0, 1, 3), (1, 3, 6)):
        with pytest.raises(ValueError, match="guardian|quorum"):
            closed.request(members)
    session = decryptions.begin()
    session.open()
    session.respond()
    session.responses.append(session.responses[0])
    with pytest.raises(DecryptionError, match="more than one") as caught:
        session.combine()
    assert caught.value.culprits == (1,)


def test_A42_a_factor_outside_the_challenge_and_a_plaintext_that_is_no_count_are_refused() -> None:
    """The prover solves for the factor after its commitments; or states bits that the power does not have."""
    case = checks.case()
    closed, forge, p, q = case.closed.kit, case.closed.kit.forge, case.closed.kit.p, case.closed.kit.q
    alpha, beta = case.alpha.encode(), case.beta.encode()
    # Guardians that work together know s. They commit, take the challenge, and solve for M.
    u, drawn = forge.rng.below(q), forge.rng.below(q)
    a, b = pow(forge.g, u, p), pow(forge.g, drawn, p)
    honest = number(beta) * pow(number(case.field.power), -1, p) % p
    challenge = checks.tally_challenge(
        closed.group, closed.election.extended_hash, 2, 3, alpha, beta, wide(a), wide(b), wide(honest)
    ).value
    response = (u - challenge * closed.vote_secret) % q
    rest = b * pow(pow(number(alpha), response, p), -1, p) % p
    combined = pow(rest, pow(challenge, -1, q), p)
    power = number(beta) * pow(combined, -1, p) % p
    stated = {
        "power": wide(power),
        "challenge": challenge.to_bytes(32, "big"),
        "response": response.to_bytes(32, "big"),
    }
    assert case.field_failed(**stated) == {"10.B", "10.C"}
    # The same statement in a second form: the count plus q, one bit beyond the encoding.
    assert case.field_failed(count=case.field.count + 2**20) == {"10.C"}
    checks.test_a_factor_chosen_after_the_challenge_is_refused()


# --- randomness and secrets --------------------------------------------------------------------------


def test_A19_a_nonce_that_repeats_is_found_and_nonces_reach_their_whole_range(tmp_path: Path) -> None:
    """A stuck generator makes two ballots with one nonce; a short one never reaches the top of the range."""
    assert_record_fails("one encryption nonce on two ballots", tmp_path)
    assert_record_fails("a_nonce_used_twice_on_one_ballot", tmp_path)
    encryption.test_one_bad_draw_of_randomness_does_not_repeat_the_ballot_nonce(kit())
    scalars.test_random_scalars_reach_both_ends_and_are_uniform()


def test_A20_the_nonce_of_a_ballot_is_in_nothing_that_leaves_the_device() -> None:
    """A collector of ballots, logs and crash dumps looks for the number that opens a ballot."""
    prepared = encrypt(Device(kit().election, "booth"), encryption.CHOICES[1])
    nonce = prepared.pending()[2]
    forms = _forms(nonce.reveal())
    shown = f"{prepared!r} {prepared.pending()!r} {vars(prepared)!r} {nonce} {nonce:>40}".encode()
    with pytest.raises(TypeError):
        pickle.dumps(prepared)
    with pytest.raises(TypeError):
        pickle.dumps(nonce)
    submitted: SubmittedBallot = prepared.cast()
    for haystack in (shown, encode(submitted), repr(submitted).encode(), pickle.dumps(submitted)):
        assert not any(form in haystack for form in forms)


def _forms(secret: bytes) -> tuple[bytes, ...]:
    return secret, secret.hex().encode(), secret.hex().upper().encode(), str(number(secret)).encode()


# --- batches -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", METHODS)
def test_A36_errors_that_cancel_under_equal_weights_are_found(method: batches.Method) -> None:
    """Two false equations whose errors cancel: within a proof, across branches, across ballots."""
    batches.test_errors_that_cancel_with_equal_weights_are_found(method)
    ballots = honest(kit(), 12)
    hints: list[BallotHint | None] = [hint(kit(), submitted) for submitted in ballots]
    batched.test_responses_that_are_off_by_opposite_amounts_do_not_cancel(kit(), (ballots, hints))


def test_A39_hashes_become_scalars_without_a_bias() -> None:
    """An order far from a power of two: a digest reduced modulo it would favour small numbers."""
    for message, size, digest in (
        (b"", 32, "68a985b87eb6b46952128911f2a4412bbc302a9d759667f87f7a21d803f07235"),
        (b"abc", 32, "d8ccab23b5985ccea865c6c97b6e5b8350e794e603b4b97902f53a8a0d605615"),
    ):
        curves.test_messages_are_expanded_as_the_rfc_shows(message, size, digest)
    p256 = named("p256")
    digest_bytes = b"\xff" * 32
    assert p256.scalar_from_digest(digest_bytes).value != number(digest_bytes) % p256.order
    # RFC 9380: 48 bytes for 256 bits, so the bias is 2^-128; one block of the expansion is not enough.
    wide_value = number(curves.expand_message(digest_bytes, b"tag", 48))
    assert scalar_of(digest_bytes, b"tag") == wide_value % p256.order
    for name in ("electionguard-4096", "electionguard-3072"):
        assert 2**256 - named(name).order < 2**136, "q lies within 2^-120 of a power of two"


@pytest.mark.parametrize("method", METHODS)
def test_A49_a_sign_or_another_small_component_never_passes_a_batch(method: batches.Method) -> None:
    """p - x in one place, in two of one proof and on two ballots; a stranger compensated elsewhere."""
    for position in range(6):
        batches.test_one_flipped_sign_is_found(position, method)
    for pair in ((0, 1), (2, 3), (3, 5)):
        batches.test_two_flipped_signs_in_one_proof_are_found(pair, method)
        batches.test_two_flipped_signs_on_two_ballots_are_found(pair, method)
    batches.test_a_stranger_hidden_in_alpha_and_compensated_in_the_commitments_is_found(1, method)
    with pytest.raises(MembershipError):
        kit().group.decode(wide(kit().p - 1))
