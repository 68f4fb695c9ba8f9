"""Group commit: callers that come while a transaction runs share the next one.

Whoever finds nobody at work takes what has gathered, runs it as one transaction and wakes the others;
if more has gathered meanwhile, the first of those who wait goes on. There is no thread of the box
itself, so nothing has to be stopped.
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
    """One caller's place: answered, or called up to lead."""

    __slots__ = ("answer", "ask", "error", "leads", "woken")

    def __init__(self, ask: Ask) -> None:
        self.ask = ask
        self.answer: list[Answer] = []
        self.error: BaseException | None = None
        self.leads = False
        self.woken = threading.Event()

    @property
    def done(self) -> bool:
        return bool(self.answer) or self.error is not None


class GroupCommit(Generic[Ask, Answer]):
    """Runs ``work`` on groups of at most ``most`` questions, one group at a time.

    ``work`` gives one answer per question in their order; what it raises, every caller of the group gets.
    """

    def __init__(self, work: Callable[[Sequence[Ask]], Sequence[Answer]], most: int) -> None:
        self._work = work
        self._most = most
        self._mutex = threading.Lock()
        self._waiting: deque[_Ticket[Ask, Answer]] = deque()
        self._led = False

    def __call__(self, ask: Ask) -> Answer:
        """The answer to ``ask``."""
        ticket: _Ticket[Ask, Answer] = _Ticket(ask)
        with self._mutex:
            self._waiting.append(ticket)
            if not self._led:
                self._led = ticket.leads = True
        if not ticket.leads:
            ticket.woken.wait()
        while not ticket.done:  # a leader may have to work through earlier callers first
            self._run()
        if ticket.leads:
            self._hand_over()
        if ticket.error is not None:
            raise ticket.error
        return ticket.answer[0]

    def _run(self) -> None:
        with self._mutex:
            group = [self._waiting.popleft() for _ in range(min(self._most, len(self._waiting)))]
        answers: Sequence[Answer] = ()
        failure: BaseException | None = None
        try:
            answers = self._work([ticket.ask for ticket in group])
            if len(answers) != len(group):
                raise RuntimeError("a group of questions has one answer each")
        except BaseException as error:  # noqa: BLE001 - every caller of the group raises it
            failure = error
        for place, ticket in enumerate(group):
            if failure is None:
                ticket.answer.append(answers[place])
            elif isinstance(failure, Exception) or ticket.leads:
                ticket.error = failure
            else:  # an interruption is for the thread that it came to
                ticket.error = StorageError("the ballot box was interrupted; send the same again")
            ticket.woken.set()

    def _hand_over(self) -> None:
        with self._mutex:
            if self._waiting:
                self._waiting[0].leads = True
                self._waiting[0].woken.set()
            else:
                self._led = False
