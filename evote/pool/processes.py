"""Processes of this machine as an executor."""

from __future__ import annotations

import multiprocessing
import os
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
    executor = ProcessPoolExecutor(count, mp_context=multiprocessing.get_context("spawn"))
    try:
        yield executor
    finally:
        executor.shutdown(wait=True, cancel_futures=True)


def available_cores() -> int:
    """The cores that this process may run on."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


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
