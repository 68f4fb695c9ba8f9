"""What may be said of one offered file of returns: a named verdict each, with its exit code.

A verdict is what programs and people act on, so that a forged return and a torn copy
never look the same. Which verdict a file gets is decided where the fault is seen; the names, what they
mean and how a command ends with them stand here and in ``specs/unit-returns.md``.
"""

from __future__ import annotations

import enum

from evote.errors import VerificationError


class ReturnVerdict(enum.Enum):
    """What became of one file."""

    # taken
    GOOD = "good"
    """Well formed, authentic, taken."""
    DUPLICATE = "duplicate"
    """The same bytes were here already; they count once."""
    CLOCK_SKEWED = "clock-skewed"
    """Taken, and the moment that it states cannot be right."""
    UNKNOWN_ROSTER = "unknown-roster"
    """Kept and not counted: it names a version of the roster that is not here."""
    # not taken: copy it again
    PARTIAL = "partial"
    """A beginning of a file, or one whose bytes are not those that its front states."""
    # not taken: not for this election or tree
    NOT_A_RETURN = "not-a-return"
    """Not a file of this format at all."""
    UNKNOWN_FORMAT = "unknown-format"
    """A format version that this program does not know."""
    UNKNOWN_UNIT = "unknown-unit"
    """The unit it names is not in the tree."""
    UNKNOWN_SCHEME = "unknown-scheme"
    """A key of a signature scheme that this program was not given."""
    FOREIGN_ELECTION = "foreign-election"
    """Signed for another election."""
    # not taken: false
    OVERSIZED = "oversized"
    """Larger than it states, or than any file may be."""
    MALFORMED = "malformed"
    """Complete bytes that are not the one form of a value."""
    NEGATIVE = "negative"
    """A count below zero."""
    WRONG_UNIT = "wrong-unit"
    """The front, the log or the place in the tree is another unit's."""
    WRONG_KIND = "wrong-kind"
    """BALLOTS where the manifest says OPEN, or the other way round."""
    WRONG_SHAPE = "wrong-shape"
    """Not exactly the styles, contests and fields of the unit, or no elements of the group."""
    NEIGHBOURS_KEY = "neighbours-key"
    """Signed with the key of another unit, or of the authority."""
    FORGED = "forged"
    """Signed with no key of the roster that it names."""
    NOT_COSIGNED = "not-cosigned"
    """A correction without a valid signature of the unit above."""
    LATE_CORRECTION = "late-correction"
    """A correction that was made or cosigned after the end of corrections."""
    SKEWED_CORRECTION = "skewed-correction"
    """A correction with a moment before the end of voting, or cosigned before it was made."""
    BAD_ROSTER = "bad-roster"
    """A version of the roster that the authority signed and that breaks a rule."""
    # decided when all files are seen together
    STALE = "stale"
    """Signed with a key that the roster has replaced, and not among the returns that it keeps."""
    SUPERSEDED = "superseded"
    """An older version; a later one, linked to it, counts."""
    RE_SIGNED = "re-signed"
    """One statement under two signatures: two files for one version, so a conflict."""
    CONFLICT = "conflict"
    """Versions that contradict each other, and no resolution."""

    @property
    def exit_code(self) -> int:
        """How a command ends that met this verdict: 0, 1 false, 2 unusable, 3 incomplete."""
        return _EXITS.get(self, 1)

    @property
    def taken(self) -> bool:
        """Whether a file with this verdict at intake enters the merged file."""
        return self in _TAKEN


_EXITS = {
    ReturnVerdict.GOOD: 0,
    ReturnVerdict.DUPLICATE: 0,
    ReturnVerdict.CLOCK_SKEWED: 0,
    ReturnVerdict.SUPERSEDED: 0,
    ReturnVerdict.UNKNOWN_ROSTER: 3,
    ReturnVerdict.PARTIAL: 3,
    ReturnVerdict.UNKNOWN_UNIT: 3,
    ReturnVerdict.UNKNOWN_SCHEME: 3,
    ReturnVerdict.NOT_A_RETURN: 2,
    ReturnVerdict.UNKNOWN_FORMAT: 2,
}
_TAKEN = frozenset(
    {ReturnVerdict.GOOD, ReturnVerdict.DUPLICATE, ReturnVerdict.CLOCK_SKEWED, ReturnVerdict.UNKNOWN_ROSTER}
)


class ReturnError(VerificationError):
    """A file of returns that is not taken: ``verdict`` names the fault, ``unit`` whose file it claims to be.

    ``check`` is the verdict's name. ``unit`` is empty where the file does not get so far.
    """

    def __init__(
        self, verdict: ReturnVerdict, message: str, *, unit: str = "", expected: str = "", computed: str = ""
    ) -> None:
        self.verdict = verdict
        self.unit = unit
        super().__init__(message, check=verdict.value, where=unit, expected=expected, computed=computed)

    def __reduce__(self) -> tuple[object, ...]:
        return _restored, (self.verdict, self.message, self.unit, self.expected, self.computed)

    def of_unit(self, unit: str) -> ReturnError:
        """The same, with the unit where it was not known."""
        return _restored(self.verdict, self.message, self.unit or unit, self.expected, self.computed)


def _restored(verdict: ReturnVerdict, message: str, unit: str, expected: str, computed: str) -> ReturnError:
    return ReturnError(verdict, message, unit=unit, expected=expected, computed=computed)
