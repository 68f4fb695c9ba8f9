"""Encrypted shares against their definition, and every way in which one can be wrong."""

from __future__ import annotations

from dataclasses import replace

import pytest

from evote.ceremony import ShareMessage, VerifiedGuardian, verify_guardian_record
from evote.ceremony.keys import GuardianSecrets, draw_secrets, evaluate, make_record
from evote.ceremony.shares import open_share, seal_share
from evote.codec import decode, encode
from evote.errors import DecodeError, VerificationError
from evote.groups import Scalar
from evote.secret import Secret
from evote.testing.randomness import SeededRandomness
from tests.ceremony import oracle
from tests.ceremony.support import flipped, make_setting

SETTING = make_setting(3, 3)
GROUP = SETTING.group
Q = GROUP.order
P: int = GROUP.modulus  # type: ignore[attr-defined]
WIDTH = GROUP.element_bytes
RNG = SeededRandomness("shares")


def guardian(index: int) -> tuple[GuardianSecrets, VerifiedGuardian]:
    secrets = draw_secrets(SETTING, RNG)
    return secrets, verify_guardian_record(SETTING, make_record(SETTING, index, secrets, RNG))


SENDER_SECRETS, SENDER = guardian(1)
RECEIVER_SECRETS, RECEIVER = guardian(2)
THIRD_SECRETS, THIRD = guardian(3)


def sealed(vote: Secret[Scalar] | None = None, data: Secret[Scalar] | None = None) -> ShareMessage:
    return seal_share(
        SETTING,
        1,
        RECEIVER,
        evaluate(SENDER_SECRETS.vote, 2) if vote is None else vote,
        evaluate(SENDER_SECRETS.data, 2) if data is None else data,
        RNG,
    )


def opened(message: ShareMessage) -> tuple[Scalar, Scalar]:
    vote, data = open_share(SETTING, message, SENDER, RECEIVER, RECEIVER_SECRETS.communication)
    return vote.reveal(), data.reveal()


def test_a_polynomial_is_evaluated_as_defined() -> None:
    for length in (1, 2, 5):
        coefficients = [GROUP.random_scalar(RNG) for _ in range(length)]
        for point in (0, 1, 2, 1000):
            expected = oracle.polynomial([coefficient.value for coefficient in coefficients], point, Q)
            assert evaluate([Secret(one) for one in coefficients], point).reveal().value == expected


def test_the_receiver_gets_both_values_of_the_sender() -> None:
    expected = tuple(
        oracle.polynomial([coefficient.reveal().value for coefficient in coefficients], 2, Q)
        for coefficients in (SENDER_SECRETS.vote, SENDER_SECRETS.data)
    )
    vote, data = opened(sealed())
    assert (vote.value, data.value) == expected
    assert vote != data


def test_a_share_is_encrypted_as_equations_15_to_22_define_it() -> None:
    message = sealed()
    zeta = RECEIVER_SECRETS.communication.reveal().value
    alpha = oracle.as_int(message.c0)
    beta = oracle.big(pow(alpha, zeta, P), WIDTH)
    kappa = RECEIVER.record.communication_key
    stream = oracle.share_keys(SETTING.parameter_hash, 1, 2, kappa, message.c0, beta)
    plain = bytes(left ^ right for left, right in zip(message.c1, stream, strict=True))
    assert [oracle.as_int(plain[:32]), oracle.as_int(plain[32:])] == [
        value.value for value in opened(message)
    ]
    challenge, response = oracle.as_int(message.proof.challenge), oracle.as_int(message.proof.response)
    g = oracle.as_int(GROUP.generator.encode())
    gamma = oracle.big(pow(g, response, P) * pow(alpha, challenge, P) % P, WIDTH)
    expected = oracle.share_challenge(Q, SETTING.parameter_hash, 1, 2, gamma, message.c0, message.c1)
    assert challenge == expected


def test_the_share_check_is_the_one_of_equations_28_and_29() -> None:
    g = oracle.as_int(GROUP.generator.encode())
    vote, data = opened(sealed())
    for share, keys in ((vote, SENDER.record.vote_commitments), (data, SENDER.record.data_commitments)):
        product = 1
        for power, key in enumerate(keys):
            product = product * pow(oracle.as_int(key), 2**power, P) % P
        assert pow(g, share.value, P) == product


def test_two_encryptions_of_one_share_have_nothing_in_common() -> None:
    first, second = sealed(), sealed()
    assert first.c0 != second.c0
    assert first.c1 != second.c1
    assert opened(first) == opened(second)


def wrong_proofs() -> list[ShareMessage]:
    message = sealed()
    other = sealed()
    proof = message.proof
    value = oracle.as_int(message.c0)
    return [
        replace(message, c0=other.c0),
        replace(message, c1=other.c1),
        replace(message, c1=flipped(message.c1)),
        replace(message, proof=other.proof),
        replace(message, proof=replace(proof, challenge=flipped(proof.challenge))),
        replace(message, proof=replace(proof, response=flipped(proof.response))),
        replace(message, proof=replace(proof, challenge=b"\xff" * 32)),
        replace(message, proof=replace(proof, response=b"\xff" * 32)),
        replace(message, c0=bytes(WIDTH)),
        replace(message, c0=oracle.big(P, WIDTH)),
        replace(message, c0=oracle.big(P - value, WIDTH)),
        replace(message, c0=oracle.big(P - 1, WIDTH)),
        replace(message, c0=GROUP.identity.encode()),
        replace(message, c0=message.c0 + b"\x00"),
    ]


@pytest.mark.parametrize("message", wrong_proofs())
def test_a_share_whose_proof_does_not_hold_is_refused_before_it_is_decrypted(
    message: ShareMessage, monkeypatch: pytest.MonkeyPatch
) -> None:
    def decrypts(*arguments: object) -> bytes:
        raise AssertionError("the share was decrypted")

    monkeypatch.setattr("evote.ceremony.shares.share_key", decrypts)
    with pytest.raises(VerificationError, match="proof of the encryption"):
        opened(message)


def test_a_proof_of_another_pair_of_guardians_does_not_hold() -> None:
    message = sealed()
    with pytest.raises(VerificationError, match="proof of the encryption"):
        open_share(SETTING, message, SENDER, THIRD, THIRD_SECRETS.communication)
    with pytest.raises(VerificationError, match="proof of the encryption"):
        open_share(SETTING, message, THIRD, RECEIVER, RECEIVER_SECRETS.communication)


@pytest.mark.parametrize("which", ["vote", "data"])
def test_a_share_that_does_not_fit_the_keys_is_refused(which: str) -> None:
    right = evaluate(getattr(SENDER_SECRETS, which), 2).reveal()
    wrong = [right + GROUP.scalar(1), GROUP.scalar(0), evaluate(getattr(SENDER_SECRETS, which), 3).reveal()]
    for value in wrong:
        with pytest.raises(VerificationError, match="does not fit") as caught:
            opened(sealed(**{which: Secret(value)}))
        assert ("P^" in caught.value.where) == (which == "data")


def test_swapped_shares_are_refused() -> None:
    with pytest.raises(VerificationError, match="does not fit"):
        opened(sealed(evaluate(SENDER_SECRETS.data, 2), evaluate(SENDER_SECRETS.vote, 2)))


@pytest.mark.parametrize("which", ["vote", "data"])
def test_a_share_of_q_or_more_is_refused_though_it_is_right_modulo_q(which: str) -> None:
    right = evaluate(getattr(SENDER_SECRETS, which), 2).reveal()
    larger = Scalar(right.value + Q, 2 * Q)  # encodes like a scalar of a larger group
    with pytest.raises(VerificationError, match="below q"):
        opened(sealed(**{which: Secret(larger)}))


def test_a_refusal_says_nothing_of_the_share() -> None:
    right = evaluate(SENDER_SECRETS.vote, 2).reveal()
    wrong = right + GROUP.scalar(1)
    with pytest.raises(VerificationError) as caught:
        opened(sealed(Secret(wrong)))
    for value in (right.value, wrong.value):
        for form in (str(value), f"{value:x}", f"{value:X}"):
            assert form not in f"{caught.value!r} {caught.value} {vars(caught.value)}"


def test_share_messages_round_trip_and_nothing_else_decodes() -> None:
    message = sealed()
    data = encode(message)
    assert decode(ShareMessage, data, element_bytes=WIDTH) == message
    for wrong in (data[:-1], data + b"\x00", data[:40], b""):
        with pytest.raises(DecodeError):
            decode(ShareMessage, wrong, element_bytes=WIDTH)
    for name in (b"sender", b"receiver"):
        at = data.index(name) + len(name)
        with pytest.raises(DecodeError, match="between 1 and"):
            decode(ShareMessage, data[:at] + b"\x00" + data[at + 1 :], element_bytes=WIDTH)
    for width in (WIDTH - 1, WIDTH + 1, 512):
        with pytest.raises(DecodeError, match="c0"):
            decode(ShareMessage, data, element_bytes=width)
    with pytest.raises(ValueError, match="c1|64"):
        encode(replace(message, c1=message.c1[:-1]))
