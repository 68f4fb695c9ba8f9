"""The exception tree, by who is at fault.

============================  =====================================================================
class                         fault
============================  =====================================================================
:class:`DecodeError`          the bytes: truncated, not canonical, out of form
:class:`VerificationError`    the statement: well formed, and false
:class:`CeremonyError`        a guardian in key generation; ``culprits`` names who
:class:`DecryptionError`      a guardian in decryption; ``culprits`` names who
:class:`DiscreteLogError`     no exponent within the proven bound exists
:class:`RefusedError`         nobody: a rule forbids the step (a second cast, an overlapping cell)
:class:`StorageError`         the machine: disk full, file absent, wrong passphrase
:class:`WorkerError`          a worker of a bulk operation that ended, or answered what it was not asked
============================  =====================================================================

A caller's mistake is a plain ``ValueError`` or ``TypeError``. Messages never hold a secret value.
Every error survives pickling whole, because workers raise in one process what another reports.
"""

from __future__ import annotations


class EvoteError(Exception):
    """Base of every error that evote raises on purpose."""


class DecodeError(EvoteError):
    """Bytes that are not the one canonical form of a value.

    ``where`` is the path of the field inside the value (``contests[2].selections[0].alpha``).
    """

    def __init__(self, message: str, where: str = "") -> None:
        self.message = message
        self.where = where
        super().__init__(f"{where}: {message}" if where else message)

    def __reduce__(self) -> tuple[type[DecodeError], tuple[str, str]]:
        return type(self), (self.message, self.where)


class VerificationError(EvoteError):
    """A well-formed statement that does not hold.

    ``check`` is the number of the check with its letter (``6.D``), ``where`` the path of the value.
    Of the two sides that differ, ``expected`` is what has to stand there, by a rule or as computed from
    everything else, and ``computed`` what was found instead; both are text, never a secret.
    """

    def __init__(
        self, message: str, *, check: str = "", where: str = "", expected: str = "", computed: str = ""
    ) -> None:
        self.message = message
        self.check = check
        self.where = where
        self.expected = expected
        self.computed = computed
        head = " ".join(part for part in (check, where) if part)
        super().__init__(f"{head}: {message}" if head else message)


class BlameError(EvoteError):
    """A protocol step that failed by the fault of named guardians (``culprits``, sorted indices)."""

    def __init__(self, message: str, culprits: tuple[int, ...]) -> None:
        self.message = message
        self.culprits = tuple(sorted(set(culprits)))
        super().__init__(message)

    def __reduce__(self) -> tuple[type[BlameError], tuple[str, tuple[int, ...]]]:
        return type(self), (self.message, self.culprits)


class CeremonyError(BlameError):
    """Key generation failed; it starts again without, or after talking to, the culprits."""


class DecryptionError(BlameError):
    """A decryption session failed; the others may open a new session if k of them remain."""


class DiscreteLogError(EvoteError):
    """No exponent from 0 to ``bound`` gives the element: the plaintext is not a possible count."""

    def __init__(self, bound: int) -> None:
        self.bound = bound
        super().__init__(f"no count from 0 to {bound} decrypts this value")

    def __reduce__(self) -> tuple[type[DiscreteLogError], tuple[int]]:
        return type(self), (self.bound,)


class RefusedError(EvoteError):
    """A rule forbids the step; nothing was changed."""


class StorageError(EvoteError):
    """The machine could not do it (missing file, full disk, wrong passphrase); the text says what to do."""


class WorkerError(EvoteError):
    """A worker of a bulk operation was lost or gave a wrong answer; nothing of its part was counted."""
