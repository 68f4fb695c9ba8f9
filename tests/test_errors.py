"""The exception tree: who is at fault, what it says, and that it survives a process border."""

from __future__ import annotations

import pickle

import pytest

from evote.errors import (
    BlameError,
    CeremonyError,
    DecodeError,
    DecryptionError,
    DiscreteLogError,
    EvoteError,
    RefusedError,
    StorageError,
    VerificationError,
)
from evote.groups import MembershipError

EXAMPLES = [
    DecodeError("the text is too long", "contests[2].label"),
    DecodeError("not msgpack"),
    VerificationError("not equal", check="6.D", where="ballots[0]", expected="AB", computed="CD"),
    MembershipError("the value is not in the subgroup of order q", check="6.A", where="alpha"),
    CeremonyError("a share does not match", (3, 1)),
    DecryptionError("a response does not open its commitment", (2,)),
    DiscreteLogError(1000),
    RefusedError("the ballot was challenged"),
    StorageError("the disk is full; free some space and start again"),
]


@pytest.mark.parametrize("error", EXAMPLES, ids=lambda error: type(error).__name__)
def test_every_error_is_an_evote_error_and_no_callers_mistake(error: EvoteError) -> None:
    assert isinstance(error, EvoteError)
    assert not isinstance(error, ValueError | TypeError | OSError)


@pytest.mark.parametrize("error", EXAMPLES, ids=lambda error: type(error).__name__)
def test_an_error_raised_in_a_worker_arrives_whole(error: EvoteError) -> None:
    arrived = pickle.loads(pickle.dumps(error))
    assert type(arrived) is type(error)
    assert str(arrived) == str(error)
    assert vars(arrived) == vars(error)


def test_the_faults_are_kept_apart() -> None:
    kinds = [DecodeError, VerificationError, CeremonyError, DecryptionError]
    kinds += [DiscreteLogError, RefusedError, StorageError]
    for kind in kinds:
        assert [other for other in kinds if issubclass(kind, other)] == [kind]


def test_a_message_begins_with_the_place() -> None:
    assert str(DecodeError("too long", "a.b")) == "a.b: too long"
    assert str(DecodeError("too long")) == "too long"
    assert str(VerificationError("false")) == "false"
    assert str(VerificationError("false", check="6.D")) == "6.D: false"
    assert str(VerificationError("false", check="6.D", where="x[1]")) == "6.D x[1]: false"


def test_both_sides_of_a_difference_are_carried() -> None:
    error = VerificationError("differ", expected="01", computed="02")
    assert (error.expected, error.computed, error.check, error.where) == ("01", "02", "", "")


def test_culprits_are_sorted_and_named_once() -> None:
    for kind in (CeremonyError, DecryptionError):
        error = kind("they differ", (4, 2, 4))
        assert isinstance(error, BlameError)
        assert error.culprits == (2, 4)


def test_a_discrete_log_error_names_its_bound() -> None:
    error = DiscreteLogError(77)
    assert error.bound == 77
    assert "77" in str(error)
