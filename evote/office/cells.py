r"""What stands in one cell of a table of cast vote records: the marks of one ballot in one contest.

Marks are separated by ``|``; white space around them does not count, and an empty cell has none.

===================  ==============================================================
mark                 means
===================  ==============================================================
``Ada``              1 for the option Ada
``Ada=2``            2 for it, where an option takes more than 1
``write-in: Dee``    the name that was written in, in the order of the cell
===================  ==============================================================

What a mark says as a whole, if there is an option called that, comes first. Inside a label ``\|`` stands
for ``|`` and ``\\`` for ``\``. Too many marks are no error here: they are an overvote, which is encrypted as
such (specification section 3.3.5).
"""

from __future__ import annotations

from evote.ballots import PlaintextContest
from evote.manifest import MAX_MARK, Contest

SEPARATOR = "|"
WRITE_IN = "write-in:"

_MARK_DIGITS = len(str(MAX_MARK))


def read_cell(contest: Contest, cell: str) -> PlaintextContest:
    """The marks of a cell; raises ``ValueError`` that quotes what is not understood."""
    marks: dict[str, int] = {}
    write_ins: list[str] = []
    if not cell.strip():
        return PlaintextContest()
    options = {option.label for option in contest.options}
    for part in split_cell(cell):
        mark = part.strip()
        label, equals, digits = (text.strip() for text in mark.rpartition("="))
        if mark in options:
            label, value = mark, 1
        elif equals and label in options:
            value = _number(contest, label, digits)
        elif mark.lower().startswith(WRITE_IN):
            write_ins.append(mark[len(WRITE_IN) :].strip())
            continue
        elif not mark:
            raise ValueError(f"contest {contest.label!r}: there is an empty mark beside {SEPARATOR!r}")
        else:
            raise ValueError(f"contest {contest.label!r} has no option {mark[:80]!r}")
        if label in marks:
            raise ValueError(
                f"contest {contest.label!r}: {label!r} is marked twice; write {label}=2 if that counts 2"
            )
        marks[label] = value
    return PlaintextContest(marks, tuple(write_ins))


def split_cell(cell: str) -> list[str]:
    r"""The cell between its separators, ``\|`` and ``\\`` read as what they stand for."""
    parts = [""]
    letters = iter(range(len(cell)))
    for at in letters:
        letter = cell[at]
        if letter == "\\" and cell[at + 1 : at + 2] in ("\\", SEPARATOR):
            parts[-1] += cell[at + 1]
            next(letters)
        elif letter == SEPARATOR:
            parts.append("")
        else:
            parts[-1] += letter
    return parts


def _number(contest: Contest, label: str, digits: str) -> int:
    if not (digits.isascii() and digits.isdigit() and len(digits) <= _MARK_DIGITS):
        raise ValueError(f"contest {contest.label!r}: {digits[:20]!r} beside {label!r} is no number of marks")
    return int(digits)
