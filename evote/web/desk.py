"""The box of one unit behind HTTP: a bounded line of ballots in front of it, and who keeps it running.

The box works in threads. Of each unit so many ballots wait or are at work at once; those beyond are told when
to come again, and the box's own log says how many they were (R16). A keeper in a thread of its own writes
those counts down, says every minute that the box lives, signs heads, and gives verdicts that are due.

Rules: a receipt leaves when the box returned it, so that it is durable; a client that went away changes
nothing about that: the ballot is admitted, and coming again gives the same receipt.
"""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import Executor
from functools import partial
from typing import Final

from evote.board.admission import AdmissionReceipt
from evote.errors import EvoteError
from evote.storage.box import BallotBox
from evote.storage.box_refusals import BoxRefusal
from evote.storage.box_setting import BoxSetting
from evote.web.logview import UnitLogView
from evote.web.pressure import BusyError, Gate

TICK: Final = 60.0
"""Seconds between two signs of life."""
VERDICTS: Final = 64
"""Ballots that get their verdicts between two looks at what else is due."""
PAUSE: Final = 1.0
"""Seconds between two looks of the keeper."""

_log = logging.getLogger(__name__)


class Desk:
    """The box of unit ``number``.

    ``later`` leaves verdicts to the keeper. ``head_seconds`` lie between two signed heads, at most the merge
    delay (``ValueError`` otherwise).
    """

    def __init__(
        self,
        number: int,
        setting: BoxSetting,
        box: BallotBox,
        work: Executor,
        *,
        queue: int,
        later: bool = False,
        head_seconds: float | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.number, self.setting, self.box = number, setting, box
        self.gate = Gate("queue", queue)
        self.view = UnitLogView(box)
        self.later = later
        self.head_seconds = setting.merge_delay / 4 if head_seconds is None else head_seconds
        if not 0 < self.head_seconds <= setting.merge_delay:
            raise ValueError(f"heads come at least every {setting.merge_delay} s, the declared merge delay")
        self._work, self._clock = work, clock
        self._refused: Counter[BoxRefusal] = Counter()
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._keeper: threading.Thread | None = None
        self._ticked = self._signed = -float("inf")

    async def admit(self, data: bytes, *, challenge: bool) -> AdmissionReceipt:
        """The box's receipt.

        Raises what the box raises, and :class:`BusyError` when too many wait, which is counted in the log.
        """
        act = self.box.challenge if challenge else self.box.admit
        try:
            with self.gate.enter():
                loop = asyncio.get_running_loop()
                return await loop.run_in_executor(self._work, partial(act, data))
        except BusyError:
            self.refuse(BoxRefusal.QUEUE_FULL)
            raise

    def refuse(self, refusal: BoxRefusal) -> None:
        """Count what was refused here; the keeper tells the box."""
        with self._lock:
            self._refused[refusal] += 1

    # --- the keeper --------------------------------------------------------------------------------

    def start(self) -> None:
        """Begin to keep the box; a head is shown at once if there is one."""
        self.view.refresh()
        self._keeper = threading.Thread(target=self._keep, name=f"keeper of unit {self.number}", daemon=True)
        self._keeper.start()

    def stop(self) -> None:
        """End keeping; what was counted is with the box."""
        self._stop.set()
        if self._keeper is not None:
            self._keeper.join()
            self._keeper = None
        self.look()

    def look(self) -> bool:
        """Do what is due now; whether more waits. Errors of box and disk are logged, and tried again."""
        more = False
        for duty in (self._count, self._tick, self._verify, self._sign):
            try:
                more = duty() or more
            except EvoteError as error:
                _log.error("unit %d: %s", self.number, type(error).__name__)
        return more

    def _keep(self) -> None:
        more = False
        while not self._stop.wait(0.0 if more else PAUSE):
            more = self.look()

    def _count(self) -> bool:
        with self._lock:
            counted, self._refused = self._refused, Counter()
        for refusal, count in counted.items():
            self.box.count_refused(refusal, count)
        return False

    def _tick(self) -> bool:
        if self.box.fault is None and self._clock() - self._ticked >= TICK:
            self._ticked = self._clock()
            self.box.tick()
        return False

    def _verify(self) -> bool:
        """Some verdicts; not all at once, so that heads are signed in time."""
        if not self.later or self.box.fault is not None or self._stop.is_set():
            return False
        return bool(self.box.verify_pending(most=VERDICTS))

    def _sign(self) -> bool:
        if self.box.fault is None and self._clock() - self._signed >= self.head_seconds:
            self._signed = self._clock()
            self.box.head()
        self.view.refresh()
        return False
