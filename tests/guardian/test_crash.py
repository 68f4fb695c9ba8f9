"""A52 under crashes: whatever stops a guardian between two steps on its disk, one u_i answers once."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from evote.codec import decode, encode
from evote.decryption import Openings, Responses, commit
from evote.errors import EvoteError, RefusedError
from evote.guardian import Exchange, call_session, finish_session
from evote.guardian.exchange import from_guardian
from evote.guardian.plan import request_of
from tests.guardian.places import Place, place

MEMBERS = (1, 2, 3)
DURABLE = ("replace", "fsync", "unlink")
"""What brings something to the disk: every one of these calls is a place to stop at."""


class Crash(BaseException):
    """The machine stops."""


@contextmanager
def stopping_at(step: int) -> Iterator[Callable[[], int]]:
    """Stop at the given durable operation, counted from 1; the function tells how many there were."""
    patch = pytest.MonkeyPatch()
    count = 0

    def counted(original: Callable[..., object]) -> Callable[..., object]:
        def operation(*arguments: object, **options: object) -> object:
            nonlocal count
            count += 1
            if count == step:
                raise Crash
            if count > step:  # a machine that stopped does nothing more, cleaning up included
                raise Crash
            return original(*arguments, **options)

        return operation

    for name in DURABLE:
        patch.setattr(os, name, counted(getattr(os, name)))
    try:
        yield lambda: count
    finally:
        patch.undo()


def answers(exchange: Path, here: Place) -> set[bytes]:
    """The answers of guardian 1 in an exchange folder."""
    path = exchange / "session-1" / from_guardian("responses", 1)
    return {path.read_bytes()} if path.exists() else set()


def openings(exchange: Path, here: Place) -> Openings | None:
    path = exchange / "session-1" / from_guardian("openings", 1)
    if not path.exists():
        return None
    return decode(Openings, path.read_bytes(), element_bytes=here.kit.group.element_bytes)


def advance_until_done(here: Place, exchange: Path) -> str:
    """Guardian 1 after a restart, again and again; the refusal, if there is one."""
    for _ in range(4):
        try:
            if here.guardian(1).decrypt(here.record, exchange).finished:
                return ""
        except RefusedError as error:
            return str(error)
    return "waiting"


class Rival:
    """Somebody who plays guardians 2 and 3 in a copy of the session, with other commitments."""

    def __init__(self, here: Place, exchange: Path) -> None:
        self._here = here
        self.exchange = exchange
        (exchange / "session-1").mkdir(parents=True)
        shutil.copy(here.exchange / "session-1" / "plan.msgpack", exchange / "session-1")
        self._session = Exchange(exchange, here.kit.group.element_bytes).session(1)
        from evote.guardian import read_plan

        request = request_of(here.record, read_plan(Exchange(exchange, here.kit.group.element_bytes), 1))
        self._states = []
        self._commitments = []
        for index in (2, 3):
            state, message = commit(here.kit.shares[index - 1], request)
            self._session.send(from_guardian("commitments", index), message)
            self._states.append(state)
            self._commitments.append(message)

    def open(self) -> None:
        from evote.decryption import Commitments

        name = from_guardian("commitments", 1)
        if not self._session.has(name):
            return
        own = self._session.get(Commitments, name)
        for index, state in zip((2, 3), self._states, strict=True):
            _, message = state.open([own, *self._commitments])
            self._session.send(from_guardian("openings", index), message)


def ready(here: Place) -> None:
    """Guardians 2 and 3 have committed; everything else depends on guardian 1."""
    call_session(here.record, here.messages(), MEMBERS)
    for index in (2, 3):
        here.guardian(index).decrypt(here.record, here.exchange)
    here.guardian(1)


def go_on(here: Place) -> None:
    for index in (2, 3):
        try:
            here.guardian(index).decrypt(here.record, here.exchange)
        except EvoteError as error:
            assert "new session" in str(error)


def drive(here: Place, step: int) -> tuple[int, set[bytes], set[bytes], str]:
    """Stop guardian 1 at a durable operation, restart it, let a rival try, and see what came out."""
    ready(here)
    with stopping_at(step) as counted:
        try:
            here.guardian(1).decrypt(here.record, here.exchange)
            go_on_quietly(here, counted)
            here.guardian(1).decrypt(here.record, here.exchange)
        except Crash:
            pass
        total = counted()
    rival = Rival(here, here.root / "rival")
    advance_until_done(here, rival.exchange)
    rival.open()
    advance_until_done(here, rival.exchange)
    go_on(here)
    refusal = advance_until_done(here, here.exchange)
    return total, answers(here.exchange, here), answers(rival.exchange, here), refusal


def go_on_quietly(here: Place, counted: Callable[[], int]) -> None:
    """The others do their part; their machines do not stop."""
    patch = pytest.MonkeyPatch()
    for name in DURABLE:
        patch.setattr(os, name, ORIGINALS[name])
    try:
        go_on(here)
    finally:
        patch.undo()


ORIGINALS = {name: getattr(os, name) for name in DURABLE}


@pytest.mark.slow
def test_no_crash_lets_one_nonce_answer_twice(tmp_path: Path) -> None:
    outcomes: list[tuple[int, int, str]] = []
    step = 0
    while True:
        step += 1
        here = place(tmp_path / str(step))
        total, mine, theirs, refusal = drive(here, step)
        seen = mine | theirs
        sent = {
            encode(message).hex()
            for message in (openings(here.exchange, here), openings(here.root / "rival", here))
            if message is not None
        }
        # One set of openings (so one u_i) per session, and one answer to it at most, whoever asks.
        assert len(sent) <= 1
        assert len(seen) <= 1
        outcomes.append((step, len(seen), refusal))
        if total < step:
            break
        shutil.rmtree(here.root)
    assert len(outcomes) > 12
    # Without a crash the session ends well; with one inside the last steps it is lost, and says so.
    assert outcomes[-1][1] == 1
    lost = [refusal for _, count, refusal in outcomes if not count]
    assert lost and all("new session" in refusal or "not those for which" in refusal for refusal in lost)


def test_a_session_lost_in_a_crash_is_held_again_under_another_number(tmp_path: Path) -> None:
    here = place(tmp_path)
    ready(here)
    here.guardian(1).decrypt(here.record, here.exchange)
    go_on(here)
    from evote.guardian import session as module

    def stop(*_: object, **__: object) -> None:
        raise Crash

    patch = pytest.MonkeyPatch()
    patch.setattr(module.Keep, "destroy", stop)
    with pytest.raises(Crash):
        here.guardian(1).decrypt(here.record, here.exchange)
    patch.undo()
    with pytest.raises(RefusedError, match="new session"):
        here.guardian(1).decrypt(here.record, here.exchange)
    assert not list((here.root / "guardian-1").rglob("*.sealed")) or not list(
        (here.root / "guardian-1" / "sessions").rglob("state.sealed")
    )
    plan = call_session(here.record, here.messages(), MEMBERS)
    assert plan.session == 2
    for _ in range(4):
        here.advance(MEMBERS)
    decryption = finish_session(here.record, here.messages(), 2)
    assert [part.count for part in decryption.cells[0].fields] == [2, 1, 0]


def test_the_ledger_is_written_before_the_openings_leave(tmp_path: Path) -> None:
    """A crash between the two leaves an entry and no opening, never an opening without an entry."""
    here = place(tmp_path)
    ready(here)
    ledger = here.root / "guardian-1" / "ledger.log"
    from evote.guardian.exchange import Exchange as Messages

    seen: list[tuple[str, bool]] = []
    put = Messages.put

    def watching(self: Messages, name: str, data: bytes) -> None:
        seen.append((name, ledger.stat().st_size > 0))
        put(self, name, data)

    patch = pytest.MonkeyPatch()
    patch.setattr(Messages, "put", watching)
    here.guardian(1).decrypt(here.record, here.exchange)
    patch.undo()
    assert seen == [("commitments/guardian-1.msgpack", False), ("openings/guardian-1.msgpack", True)]


def test_a_full_disk_stops_a_round_and_loses_nothing_before_the_answer(tmp_path: Path) -> None:
    here = place(tmp_path)
    ready(here)

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    from evote.errors import StorageError

    patch = pytest.MonkeyPatch()
    patch.setattr(os, "replace", full)
    with pytest.raises(StorageError, match="disk is full"):
        here.guardian(1).decrypt(here.record, here.exchange)
    patch.undo()
    assert advance_until_done(here, here.exchange) == "waiting"
    go_on(here)
    assert advance_until_done(here, here.exchange) == ""
    answer = here.exchange / "session-1" / from_guardian("responses", 1)
    decode(Responses, answer.read_bytes(), element_bytes=here.kit.group.element_bytes)
