"""What a ballot box asks of a database: serialised writing, consistent reading, nothing else.

Two databases answer, :mod:`evote.storage.box_sqlite` and :mod:`evote.storage.box_postgres`, with one
text for every statement: ``?`` stands for a value, ``{blob}`` for the type of bytes.

Rules:

- Writing transactions of one box exclude each other, also among processes: whoever writes sees all
  that was written before. When a writing transaction has ended without an error it is on the disk.
- An error in it takes everything back. Only the commit itself can leave open what happened; the
  box asks again afterwards.
- What a database says becomes a :class:`StorageError` whose sentence says what to do.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol, TypeAlias

Row: TypeAlias = tuple[Any, ...]
Values: TypeAlias = Sequence[object]


class Session(Protocol):
    """An open transaction."""

    def rows(self, statement: str, values: Values = ()) -> list[Row]:
        """All rows of a question."""

    def among(self, statement: str, members: Sequence[object]) -> list[Row]:
        """All rows of a question whose one ``{among}`` is a test for being one of ``members``."""

    def stream(self, statement: str, values: Values = ()) -> Iterator[Row]:
        """The rows of a question, a few at a time."""

    def change(self, statement: str, values: Values = ()) -> int:
        """Run a statement; the number of rows that it changed."""

    def insert(self, into: str, rows: Sequence[Values], conflict: str = "") -> None:
        """Insert rows into ``into``, a table and its columns; ``conflict`` may follow the values.

        No two of the rows may meet in a conflict with one another.
        """

    def many(self, statement: str, rows: Sequence[Values]) -> None:
        """Run a statement once for every row."""


class Database(Protocol):
    """A database in which one box lives."""

    name: str
    """For messages; without passwords."""

    def exists(self) -> bool:
        """Whether a box was made here."""

    def make(self, statements: Sequence[str]) -> AbstractContextManager[Session]:
        """A writing transaction that first runs ``statements``, unless a box was made here meanwhile."""

    def writing(self) -> AbstractContextManager[Session]:
        """A transaction that nobody else writes beside."""

    def reading(self) -> AbstractContextManager[Session]:
        """A transaction that sees one state and changes nothing."""

    def close(self) -> None:
        """End every connection; closing twice does nothing."""


class ConnectionLostError(Exception):
    """The database went away inside a transaction: what happened to it is open."""
