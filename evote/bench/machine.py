"""Facts about the machine and the programs on it, without which a time says little."""

from __future__ import annotations

import os
import platform
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import gmpy2

from evote import __version__

CPUINFO = Path("/proc/cpuinfo")


@dataclass(frozen=True, slots=True)
class Machine:
    """Where a run was made.

    ``cores`` are those of the machine, ``usable_cores`` those this process may run on; ``load`` is
    the average number of runnable processes in the last minute, None where the system does not say;
    ``versions`` those of the programs that take part in every run.
    """

    cpu: str
    cores: int
    usable_cores: int
    load: float | None
    system: str
    versions: Mapping[str, str]


def machine() -> Machine:
    """The facts of this machine, now."""
    return Machine(
        cpu=cpu_model(),
        cores=os.cpu_count() or 1,
        usable_cores=_usable_cores(),
        load=_load(),
        system=f"{platform.system()} {platform.release()} {platform.machine()}",
        versions={
            "evote": __version__,
            "python": f"{platform.python_implementation()} {platform.python_version()}",
            "gmpy2": gmpy2.version(),
            "gmp": gmpy2.mp_version(),
        },
    )


def cpu_model(cpuinfo: Path = CPUINFO) -> str:
    """The processor's name: from ``cpuinfo`` where it is there and says so, else from the platform."""
    if cpuinfo.is_file():
        for line in cpuinfo.read_text(encoding="utf-8", errors="replace").splitlines():
            field, _, value = line.partition(":")
            if field.strip() == "model name" and value.strip():
                return value.strip()
    return platform.processor() or f"unnamed {platform.machine()}"


def _usable_cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _load() -> float | None:
    try:
        return round(os.getloadavg()[0], 2)
    except (AttributeError, OSError):
        return None
