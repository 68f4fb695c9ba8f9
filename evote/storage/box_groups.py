"""Group commit: callers that come while others are at work share the next round.

Whoever finds nobody at work goes at once; who comes meanwhile waits, and when a round is over the first
of those who wait takes all that have gathered into the next one. There is no thread of the box itself, so
nothing has to be stopped. A caller sleeps once and is woken once, whatever its question needs; dozens of
threads that worked side by side would take the interpreter from one another all the time.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

from evote.errors import StorageError

Ask = TypeVar("Ask")
Answer = TypeVar("Answer")


class _Ticket(Generic[Ask, Answer]):
    """One caller's place: answered, or called up to lead a group."""

    __slots__ = ("answer", "ask", "asleep", "error", "group")

    def __init__(self, ask: Ask) -> None:
        self.ask = ask
        self.answer: list[Answer] = []
        self.error: BaseException | None = None
        self.group: list[_Ticket[Ask, Answer]] = []
        self.asleep = threading.Lock()
        """Held until the caller is answered or called up; lighter than an event."""
        self.asleep.acquire()


class GroupCommit(Generic[Ask, Answer]):
    """Runs ``work`` on groups of at most ``most`` questions, at most ``at_once`` groups at a time.

    ``work`` gives one answer per question in their order; what it raises, every caller of the group gets.
    """

    def __init__(
        self, work: Callable[[Sequence[Ask]], Sequence[Answer]], most: int, at_once: int = 1
    ) -> None:
        self._work = work
        self._most = most
        self._at_once = at_once
        self._mutex = threading.Lock()
        # Nobody waits while there is room for one more leader.
        self._leaders = 0
        self._waiting: deque[_Ticket[Ask, Answer]] = deque()

    def __call__(self, ask: Ask) -> Answer:
        """The answer to ``ask``."""
        ticket: _Ticket[Ask, Answer] = _Ticket(ask)
        with self._mutex:
            if self._leaders < self._at_once:
                self._leaders += 1
                ticket.group = [ticket]
            else:
                self._waiting.append(ticket)
        if not ticket.group:
            self._sleep(ticket)
        if ticket.group:
            try:
                self._run(ticket)
            finally:
                self._hand_over()
        if ticket.error is not None:
            raise ticket.error
        return ticket.answer[0]

    def _sleep(self, ticket: _Ticket[Ask, Answer]) -> None:
        try:
            ticket.asleep.acquire()
        except BaseException:  # interrupted: others must not wait for a leader that is gone
            with self._mutex:
                waits = ticket in self._waiting
                if waits:
                    self._waiting.remove(ticket)
            if ticket.group:
                self._fail(ticket, _interrupted())
                self._hand_over()
            raise

    def _run(self, leader: _Ticket[Ask, Answer]) -> None:
        group = leader.group
        try:
            answers = self._work([ticket.ask for ticket in group])
            if len(answers) != len(group):
                raise RuntimeError("a group of questions has one answer each")
        except Exception as error:  # noqa: BLE001 - every caller of the group raises it
            self._fail(leader, error)
            leader.error = error
            return
        except BaseException:  # an interruption is for the thread that it came to
            self._fail(leader, _interrupted())
            raise
        for ticket, answer in zip(group, answers, strict=True):
            ticket.answer.append(answer)
            if ticket is not leader:
                ticket.asleep.release()

    def _fail(self, leader: _Ticket[Ask, Answer], error: BaseException) -> None:
        for ticket in leader.group:
            if ticket is not leader:
                ticket.error = error
                ticket.asleep.release()

    def _hand_over(self) -> None:
        with self._mutex:
            if not self._waiting:
                self._leaders -= 1
                return
            group = [self._waiting.popleft() for _ in range(min(self._most, len(self._waiting)))]
            group[0].group = group
        group[0].asleep.release()


def _interrupted() -> StorageError:
    return StorageError("the ballot box was interrupted; send the same again")
