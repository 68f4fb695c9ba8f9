"""A secret leaves its box by ``reveal()`` and by no other road."""

from __future__ import annotations

import copy
import dataclasses
import json
import logging
import pickle
import pprint
import traceback
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from evote.secret import Secret

PLANTED = 271828182845904523536
SECRET = Secret(PLANTED)


@dataclass(frozen=True, slots=True)
class Holder:
    share: Secret[int]
    name: str = "guardian 1"


def test_reveal_gives_the_very_value() -> None:
    value = [1, 2]
    assert Secret(value).reveal() is value
    assert Secret(None).reveal() is None


@pytest.mark.parametrize(
    "show",
    [
        repr, str, format, ascii, pprint.pformat,
        lambda secret: f"{secret}", lambda secret: f"{secret!r}", lambda secret: f"{secret:>40}",
        lambda secret: "%s %r" % (secret, secret),  # noqa: UP031
        lambda secret: "{}".format(secret),  # noqa: UP032
        lambda secret: repr([secret]), lambda secret: repr({"share": secret}),
        lambda secret: repr(Holder(secret)), lambda secret: str(ValueError(secret)),
    ],
)  # fmt: skip
def test_no_way_of_printing_shows_it(show: Callable[[object], str]) -> None:
    shown = show(SECRET)
    assert "<secret>" in shown
    assert str(PLANTED) not in shown
    assert hex(PLANTED)[2:] not in shown


def test_it_does_not_reach_a_log_or_a_traceback(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        logging.getLogger("test").warning("share %s of %r", SECRET, Holder(SECRET))
    held = Holder(SECRET)
    try:
        raise RuntimeError(held)
    except RuntimeError as error:
        trace = "".join(traceback.TracebackException.from_exception(error, capture_locals=True).format())
    assert str(PLANTED) not in caplog.text
    assert "held = Holder(share=<secret>" in trace
    assert str(PLANTED) not in trace


@pytest.mark.parametrize(
    "leak",
    [
        bytes, int, float, list, tuple, len, iter, hash, bool, sorted, vars, dict,
        json.dumps, pickle.dumps, copy.copy, copy.deepcopy,
        lambda secret: secret == secret, lambda secret: secret != secret, lambda secret: secret < secret,
        lambda secret: secret == PLANTED, lambda secret: secret == Secret(PLANTED),
        lambda secret: secret + 1, lambda secret: secret[0], lambda secret: {secret: 1},
        lambda secret: not secret,
        lambda secret: [pickle.dumps(secret, protocol) for protocol in range(6)],
        lambda secret: pickle.dumps(Holder(secret)), lambda secret: copy.deepcopy(Holder(secret)),
        lambda secret: dataclasses.asdict(Holder(secret)), lambda secret: Holder(secret) == Holder(Secret(1)),
        lambda secret: hash(Holder(secret)),
    ],
)  # fmt: skip
def test_it_is_not_converted_compared_copied_or_stored(leak: Callable[[object], object]) -> None:
    with pytest.raises(TypeError) as caught:
        leak(SECRET)
    assert str(PLANTED) not in str(caught.value)


def test_membership_in_a_list_does_not_compare_secrets() -> None:
    with pytest.raises(TypeError):
        assert Secret(1) in [Secret(1)]


def test_its_value_is_no_attribute_and_none_can_be_added() -> None:
    assert not hasattr(SECRET, "value")
    assert not hasattr(SECRET, "__dict__")
    with pytest.raises(AttributeError):
        SECRET.note = "found"  # type: ignore[attr-defined]
