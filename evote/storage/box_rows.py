"""Several rows in one statement, for whichever database: a group of ballots becomes few statements.

A statement costs a database as much as a row, and Python lets other threads run at every one; a group
that is written row by row costs more in that than in writing. Statements come in few sizes, powers of
two, so that a database prepares each once and keeps it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from evote.storage.box_database import Values

MOST_ROWS = 64
"""In one statement."""
MOST_BYTES = 8 * 1024 * 1024
"""Of data in one statement of more than one row, about."""


def inserts(into: str, rows: Sequence[Values], conflict: str = "") -> Iterator[tuple[str, list[object]]]:
    """Statements with their values that insert ``rows`` in their order.

    ``into`` is a table with the names of its columns, ``conflict`` what stands behind the values. Rows have
    one length each.
    """
    at = 0
    while at < len(rows):
        size = min(MOST_ROWS, 1 << (len(rows) - at).bit_length() - 1)
        while size > 1 and _bytes(rows[at : at + size]) > MOST_BYTES:
            size //= 2
        marks = f"({', '.join('?' * len(rows[at]))})"
        values = ", ".join([marks] * size)
        statement = f"INSERT INTO {into} VALUES {values} {conflict}"  # noqa: S608 - texts of this package
        yield statement, [value for row in rows[at : at + size] for value in row]
        at += size


def parts(rows: Sequence[Values]) -> Iterator[Sequence[Values]]:
    """The rows in their order, in parts of :data:`MOST_BYTES` at most unless one row alone has more."""
    begin = held = 0
    for at, row in enumerate(rows):
        size = _bytes((row,))
        if held + size > MOST_BYTES and at > begin:
            yield rows[begin:at]
            begin, held = at, 0
        held += size
    if begin < len(rows):
        yield rows[begin:]


def padded(members: Sequence[object]) -> list[object]:
    """The members (at least one), the last of them repeated until there are a power of two."""
    missing = (1 << (len(members) - 1).bit_length()) - len(members)
    return [*members, *[members[-1]] * missing]


def _bytes(rows: Sequence[Values]) -> int:
    return sum(len(value) for row in rows for value in row if isinstance(value, bytes))
