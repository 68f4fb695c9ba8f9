"""The package on every case: one module per file, found by the file's name.

Each module has ``FILE`` and ``run(params, **input)``, whose result is compared with ``expect`` and
``checks``. An input that ``run`` has no parameter for is an error, and so is a kind of group that
it does not know.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from evote.errors import VerificationError
from tests.vectors.form import outcome


@dataclass(frozen=True)
class Result:
    """What the package says: a value, or accept, decode, verify, misuse; and the checks that failed."""

    expect: Any
    checks: tuple[str, ...] = ()


Runner = Callable[..., Result]
Kinds = dict[str, Runner]
"""What runs the cases of each kind of group."""


def refused(run: Callable[[], object]) -> Result:
    """The outcome of a call, with the check that a :class:`VerificationError` names."""
    found: list[str] = []

    def watched() -> None:
        try:
            run()
        except VerificationError as error:
            if error.check:
                found.append(error.check)
            raise

    return Result(outcome(watched), tuple(found))


def findings(found: Iterable[VerificationError]) -> Result:
    """Accept without findings; otherwise the set of checks that failed."""
    checks = {finding.check for finding in found}
    return Result("verify" if checks else "accept", tuple(sorted(checks)))
