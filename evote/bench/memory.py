"""Peak memory of a command, as the operating system counted it.

The command is not started from this process but from a small interpreter of its own: on Linux the
largest resident size that is reported for a child includes that of the process which started it,
until the child's program is loaded, so a large measuring process would be counted as the child.
What remains is that a figure is never below the roughly 10 MB of that interpreter.

Where the command starts processes of its own, the figure is that of the largest of them, not the sum.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from evote.bench.subject import WrongResultError
from evote.errors import StorageError

_LAUNCHER = """
import os, sys
quiet = [(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)]
child = os.posix_spawn(sys.argv[1], sys.argv[2:], os.environ, file_actions=quiet)
_, status, usage = os.wait4(child, 0)
print(os.waitstatus_to_exitcode(status), usage.ru_maxrss, usage.ru_utime + usage.ru_stime)
"""

_UNIT = 1 if sys.platform == "darwin" else 1024
"""Bytes in one unit of ``ru_maxrss``."""


@dataclass(frozen=True, slots=True)
class Peak:
    """Largest resident memory in bytes, and the processor seconds that the command took."""

    memory: int
    cpu: float


def peak(command: Sequence[str], *, environment: Mapping[str, str] | None = None) -> Peak:
    """Run a command to its end, its output dropped, and return its peak.

    ``environment`` replaces that of this process. Raises ValueError for a program that is not
    there, :class:`WrongResultError` for one that fails (with the last line of its errors), and
    :class:`evote.errors.StorageError` on a system that does not count.
    """
    if not (hasattr(os, "wait4") and hasattr(os, "posix_spawn")):
        raise StorageError("this system does not report the peak memory of a process")
    program = shutil.which(command[0]) if command else None
    if program is None:
        raise ValueError(f"no such program: {command[0] if command else '(empty command)'}")
    launched = subprocess.run(
        [sys.executable, "-I", "-S", "-c", _LAUNCHER, program, *command],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        env=dict(environment) if environment is not None else None,
        check=False,
    )
    said = launched.stderr.strip().splitlines()[-1:] or ["it printed no error"]
    if launched.returncode != 0:
        raise WrongResultError(f"{command[0]} could not be started: {said[0]}")
    status, size, seconds = launched.stdout.split()
    if status != "0":
        raise WrongResultError(f"{command[0]} ended with status {status}: {said[0]}")
    return Peak(int(size) * _UNIT, float(seconds))
