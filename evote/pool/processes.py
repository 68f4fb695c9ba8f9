"""Processes of this machine as an executor."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import contextmanager

_UNKNOWN_CAPACITY = 4


@contextmanager
def processes(workers: int) -> Iterator[Executor | None]:
    """An executor of so many processes for the length of a block; None, work done here, for one.

    ``workers`` is 0 for one per core that this program may use, else 1 to 1024. Workers start from a
    fresh interpreter, so that nothing of this one, secrets included, is copied into them.
    """
    if not 0 <= workers <= 1024:
        raise ValueError("there are 1 to 1024 workers, or 0 for one per core")
    count = workers or available_cores()
    if count == 1:
        yield None
        return
    context = multiprocessing.get_context("spawn")
    executor = ProcessPoolExecutor(count, mp_context=context, initializer=_leave_interrupts)
    with _interrupts_left_alone():
        for _ in range(count):  # each starts a worker, for none of them has finished anything yet
            executor.submit(_leave_interrupts)
    try:
        yield executor
    finally:
        executor.shutdown(wait=True, cancel_futures=True)


def available_cores() -> int:
    """The cores that this process may run on."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _leave_interrupts() -> None:
    """What an interrupt on the terminal means for a worker: its coordinator decides, and ends it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


@contextmanager
def _interrupts_left_alone() -> Iterator[None]:
    """For these milliseconds; processes that are started meanwhile begin that way, and say nothing."""
    if threading.current_thread() is not threading.main_thread():
        yield  # only the main thread may say so; workers then do it as their first work
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, signal.SIG_DFL if before is None else before)


def capacity(executor: Executor | None) -> int:
    """How many tasks an executor works on at once; 1 for None, 4 where the executor does not say.

    An executor says so with an attribute ``workers``; those of the standard library are known.
    """
    if executor is None:
        return 1
    for name in ("workers", "_max_workers"):
        value = getattr(executor, name, None)
        if isinstance(value, int) and value > 0:
            return value
    return _UNKNOWN_CAPACITY
