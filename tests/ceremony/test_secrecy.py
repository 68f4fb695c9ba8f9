"""Secrets stay where they belong: powers without tables, redacted values, nothing loaded by verifiers."""

from __future__ import annotations

import copy
import pickle
import subprocess
import sys
from collections.abc import Sequence

import pytest

from evote.ceremony import GuardianRecords, JointKeys, run_local
from evote.codec import encode
from evote.errors import RefusedError
from evote.groups import Claimed, Element, Profile, Scalar
from evote.groups.modp import ModPGroup
from evote.randomness import SYSTEM, Randomness
from evote.secret import Secret
from evote.testing.groups import toy
from tests.ceremony.support import Ceremony, make_setting


class Counting(ModPGroup):
    """A group that notes every scalar it draws and every exponent by the road it took."""

    def __init__(self) -> None:
        base = toy()
        assert isinstance(base, ModPGroup)
        super().__init__(
            "counting",
            Profile.TOY,
            p=base.modulus,
            q=base.order,
            g=int.from_bytes(base.generator.encode(), "big"),
        )
        self.drawn: list[int] = []
        self.public: list[int] = []
        self.secret: list[int] = []

    def random_scalar(self, rng: Randomness = SYSTEM) -> Scalar:
        scalar = super().random_scalar(rng)
        self.drawn.append(scalar.value)
        return scalar

    def power(self, base: Element, exponent: Scalar) -> Element:
        self.public.append(exponent.value)
        return super().power(base, exponent)

    def powers(self, base: Element, exponents: Sequence[Scalar]) -> list[Element]:
        self.public.extend(exponent.value for exponent in exponents)
        return super().powers(base, exponents)

    def powers_of_claimed(self, base: Claimed, exponents: Sequence[Scalar]) -> tuple[list[Element], Element]:
        self.public.extend(exponent.value for exponent in exponents)
        return super().powers_of_claimed(base, exponents)

    def power_secret(self, base: Element, exponent: Secret[Scalar]) -> Element:
        self.secret.append(exponent.reveal().value)
        return super().power_secret(base, exponent)


def test_no_secret_exponent_takes_the_road_of_public_ones() -> None:
    n, k = 3, 2
    group = Counting()
    _, _, shares = run_local(make_setting(n, k, group=group))
    # Per guardian: 2k + 1 secrets, as many nonces of the binding proof, k + 1 of both others; per
    # share its nonce and the nonce of its proof.
    per_guardian = (2 * k + 1) * 2 + 2 * (k + 1)
    assert len(group.drawn) == len(set(group.drawn)) == n * per_guardian + n * (n - 1) * 2
    assert set(group.drawn) <= set(group.secret)
    assert set(group.public).isdisjoint(group.secret)
    assert group.public  # the checks did take the public road
    kept = {value.reveal().value for share in shares for value in (share.vote_share, share.data_share)}
    assert kept.isdisjoint(group.public)
    # Each drawn scalar once for its power, the nonce of a share twice (alpha and beta), and for each
    # share the receiver's beta and the two checks 28 and 29.
    assert len(group.secret) == len(group.drawn) + n * (n - 1) * (1 + 1 + 2)


def every_secret_of(ceremony: Ceremony) -> set[bytes]:
    """The secret scalars in all memories, encoded."""
    found: set[bytes] = set()
    for state in ceremony.states.values():
        memory = state._held[0].reveal()
        for name in ("vote", "data"):
            found.update(getattr(memory, name, ()))
        for name in ("communication", "own_vote_share", "own_data_share", "vote_share", "data_share"):
            if hasattr(memory, name):
                found.add(getattr(memory, name))
    return found


def test_no_message_and_no_published_value_holds_a_secret() -> None:
    ceremony = Ceremony(make_setting())
    secrets = every_secret_of(ceremony)
    sent = bytearray()
    for _ in range(3):
        for box in ceremony.mail.values():
            for message in box.values():
                sent += encode(message)
        ceremony.step()
        secrets |= every_secret_of(ceremony)
    for box in ceremony.mail.values():
        for message in box.values():
            sent += encode(message)
    # Per guardian five secrets, two shares kept for itself, two sums.
    assert len(secrets) == 3 * (5 + 2 + 2)
    for secret in secrets:
        # In the toy group a scalar has 8 significant bytes; they may occur nowhere.
        assert secret[-8:] not in sent


def test_a_state_shows_and_copies_nothing() -> None:
    ceremony = Ceremony(make_setting())
    for step in range(4):
        if step:
            ceremony.step()
        secrets = every_secret_of(ceremony)
        assert len(secrets) >= 6
        for state in ceremony.states.values():
            shown = f"{state!r} {state} {state._held!r} {state._held[0].reveal()!r}"
            for secret in secrets:
                assert str(int.from_bytes(secret, "big")) not in shown
                assert secret.hex().lstrip("0") not in shown
                assert repr(secret)[2:-1] not in shown
            with pytest.raises(TypeError):
                pickle.dumps(state)
            with pytest.raises(TypeError):
                copy.deepcopy(state)


def test_a_shallow_copy_of_a_state_answers_no_second_time() -> None:
    ceremony = Ceremony(make_setting())
    state = ceremony.states[1]
    twin = copy.copy(state)
    state.receive(ceremony.mail[1].values())
    with pytest.raises(RefusedError, match="has answered"):
        twin.receive(ceremony.mail[1].values())


def test_a_kept_share_prints_no_secret_and_is_not_pickled() -> None:
    _, _, shares = run_local(make_setting())
    for share in shares:
        for value in (share.vote_share, share.data_share):
            assert str(value.reveal().value) not in repr(share)
            assert value.reveal().encode().hex() not in repr(share)
        with pytest.raises(TypeError):
            pickle.dumps(share)


def test_public_values_have_no_field_for_a_secret() -> None:
    assert GuardianRecords.__slots__ == ("guardians", "round0", "confirmations")
    assert JointKeys.__slots__ == ("vote_key", "data_key", "extended_hash")


def test_the_public_part_loads_nothing_that_proves_or_holds_secrets() -> None:
    parts = ("guardian", "keys", "keyshare", "memory", "shares", "local")
    names = ["evote.proofs.prove", "evote.secret", "evote.testing"]
    names += [f"evote.ceremony.{part}" for part in parts]
    program = (
        "import sys, evote.ceremony\n"
        f"loaded = [name for name in {names!r} if name in sys.modules]\n"
        "if loaded: raise SystemExit(repr(loaded))\n"
        "evote.ceremony.run_local\n"
        "if 'evote.ceremony.guardian' not in sys.modules: raise SystemExit('not loaded when asked for')\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


def test_every_public_name_exists_and_no_other_is_invented() -> None:
    import evote.ceremony as package

    for name in package.__all__:
        assert getattr(package, name) is not None
    assert sorted(package.__all__) == dir(package)
    with pytest.raises(AttributeError):
        package.something_else  # noqa: B018
